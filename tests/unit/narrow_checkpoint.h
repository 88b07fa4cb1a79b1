/* SPDX-License-Identifier: MIT
 *
 * narrow_checkpoint.h - writes a checkpoint of a narrow Inception v3 as Keras does, whole or with a
 * chosen fault.
 *
 * Every weight of convolution i is i + 1, so that a swap shows. Batch normalisation i has the
 * variance 3.999, hence the standard deviation 2, mean 4 and beta i.
 */
#ifndef GN_TESTS_NARROW_CHECKPOINT_H
#define GN_TESTS_NARROW_CHECKPOINT_H

#include "bundle_writer.h"
#include "cnn/inception_v3.h"

enum { NARROW_DIVISOR = 16, NARROW_SIDE = 75, NARROW_CHANNELS = 3 };

struct narrow_checkpoint {
    bool thin;           /* one filter in every convolution */
    bool nameless;       /* no names in the object graph */
    bool as_list;        /* keys "variables/K" */
    int first_number;    /* of the names: 94 when the program had built another network before */
    int swapped;         /* conv whose name is exchanged with the next one's; -1 none */
    const char *omitted; /* key (its beginning) that is left out */
    bool omitted_by_all; /* the object graph does not know it either */
    const char *spoilt;  /* key (its beginning) whose first value is `value` */
    float value;
};

struct narrow_writer {
    const struct narrow_checkpoint *how;
    struct bundle_writer *bundle;
    int n_variables;
};

static inline void narrow_variable(struct narrow_writer *writer, int place, const char *layer,
                                   const char *part, int rank, const size_t *shape, float value)
{
    const struct narrow_checkpoint *how = writer->how;
    char key[160], name[96];
    size_t n = 1;
    for (int i = 0; i < rank; i++)
        n *= shape[i];
    if (how->as_list)
        snprintf(key, sizeof key, "variables/%d/.ATTRIBUTES/VARIABLE_VALUE", writer->n_variables++);
    else
        snprintf(key, sizeof key, "layer_with_weights-%d/%s/.ATTRIBUTES/VARIABLE_VALUE", place,
                 part);
    snprintf(name, sizeof name, "%s/%s", layer, part);
    bool omitted = how->omitted != NULL && strncmp(key, how->omitted, strlen(how->omitted)) == 0;
    if (!omitted || !how->omitted_by_all)
        bundle_name(writer->bundle, key, how->nameless ? "" : name);
    if (omitted)
        return;
    float *values = malloc(n * sizeof *values);
    for (size_t i = 0; i < n; i++)
        values[i] = value;
    if (how->spoilt != NULL && strncmp(key, how->spoilt, strlen(how->spoilt)) == 0)
        values[0] = how->value;
    bundle_add_floats(writer->bundle, key, rank, shape, place % writer->bundle->n_shards, values);
    free(values);
}

static inline void narrow_name(char name[64], const char *stem, int number)
{
    if (number == 0)
        snprintf(name, 64, "%s", stem);
    else
        snprintf(name, 64, "%s_%d", stem, number);
}

/* Writes PREFIX.index and two shards. */
static inline void write_narrow(const char *prefix, const struct narrow_checkpoint *how)
{
    static struct gn_inception net;
    int widths[GN_INCEPTION_CONVS], convs[GN_INCEPTION_CONVS], norms[GN_INCEPTION_CONVS];
    const int image[3] = {NARROW_SIDE, NARROW_SIDE, NARROW_CHANNELS};
    gn_error_t err = {0};
    gn_inception_widths(NARROW_DIVISOR, widths);
    for (int i = 0; i < GN_INCEPTION_CONVS && how->thin; i++)
        widths[i] = 1;
    if (gn_inception_build(&net, image, widths, &err) != GN_OK)
        abort();
    gn_inception_places(&net, convs, norms);
    struct narrow_writer writer = {how, bundle_begin(prefix, 2), 0};
    for (int place = 0; place < 2 * GN_INCEPTION_CONVS; place++) {
        for (int i = 0; i < GN_INCEPTION_CONVS; i++) {
            const struct gn_inception_layer *layer = &net.layers[net.convs[i]];
            const size_t out = (size_t)layer->channels;
            const size_t shape[4] = {(size_t)layer->kernel_rows, (size_t)layer->kernel_columns,
                                     (size_t)gn_inception_input_channels(&net, net.convs[i]), out};
            int number = i == how->swapped ? i + 1 : i == how->swapped + 1 ? i - 1 : i;
            char name[64];
            if (how->swapped < 0)
                number = i;
            if (convs[i] == place) {
                narrow_name(name, "conv2d", number + how->first_number);
                narrow_variable(&writer, place, name, "kernel", 4, shape, (float)(i + 1));
            } else if (norms[i] == place) {
                narrow_name(name, "batch_normalization", i + how->first_number);
                narrow_variable(&writer, place, name, "beta", 1, &out, (float)i);
                narrow_variable(&writer, place, name, "moving_mean", 1, &out, 4);
                narrow_variable(&writer, place, name, "moving_variance", 1, &out, 3.999F);
            }
        }
    }
    const size_t dense[2] = {(size_t)net.layers[net.n_layers - 3].channels, 3};
    narrow_variable(&writer, 188, "classification", "kernel", 2, dense, 0.5F);
    narrow_variable(&writer, 188, "classification", "bias", 1, &dense[1], -1);
    bundle_end(writer.bundle);
}

#endif

/* SPDX-License-Identifier: MIT
 *
 * random_model.c - draws the weights layer by layer, in Keras' order of creation.
 */
#include "cnn/random_model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "cnn/import_description.h"
#include "cnn/inception_v3.h"
#include "cnn/model_writer.h"

enum { TENSORS = 2 * GN_INCEPTION_CONVS + 2, DENSE = 2 * GN_INCEPTION_CONVS };

/* Second moments, as measured on rectified random maps: neighbours are alike. */
static const double MAX_POOL_GAIN = 2.5, AVG_POOL_GAIN = 0.65;
static const double LOGIT_DEVIATION = 2;
static const double LARGEST_BIAS = 0.1;

struct draft {
    struct gn_inception net;
    double moments[GN_INCEPTION_LAYERS]; /* mean square of each layer's output */
    char names[TENSORS][48];
    struct gn_weights_entry entries[TENSORS];
    float *values[TENSORS];
    struct gn_mt64 rng;
};

/* Rows (or columns) of a kernel that lie inside the map, on average over the map. */
static double live_taps(int size, int kernel, bool same)
{
    int total = 0, before = (kernel - 1) / 2;
    if (!same)
        return kernel;
    for (int at = 0; at < size; at++)
        for (int tap = at - before; tap < at - before + kernel; tap++)
            total += tap >= 0 && tap < size;
    return (double)total / size;
}

static double input_moment(const struct draft *draft, const struct gn_inception_layer *layer)
{
    return layer->inputs[0] < 0 ? 1 : draft->moments[layer->inputs[0]];
}

static double concat_moment(const struct draft *draft, const struct gn_inception_layer *layer)
{
    double sum = 0;
    for (int i = 0; i < layer->n_inputs; i++)
        sum += draft->moments[layer->inputs[i]] * draft->net.layers[layer->inputs[i]].channels;
    return sum / layer->channels;
}

static void draw(struct gn_mt64 *rng, float *values, size_t n, double largest)
{
    for (size_t i = 0; i < n; i++)
        values[i] = (float)((2 * gn_mt64_uniform(rng) - 1) * largest);
}

/* Kernel and bias of a layer: uniform, the kernel with the given variance. */
static int draw_layer(struct draft *draft, int at, const char *layer, int rank,
                      const size_t shape[4], double variance, gn_error_t *err)
{
    size_t units = shape[rank - 1], n = 1;
    for (int i = 0; i < rank; i++)
        n *= shape[i];
    draft->values[at] = malloc(n * sizeof(float));
    draft->values[at + 1] = malloc(units * sizeof(float));
    if (draft->values[at] == NULL || draft->values[at + 1] == NULL)
        return gn_fail_memory(err, "the weights of a model");
    draw(&draft->rng, draft->values[at], n, sqrt(3 * variance));
    draw(&draft->rng, draft->values[at + 1], units, LARGEST_BIAS);
    for (int i = 0; i < 2; i++) {
        snprintf(draft->names[at + i], sizeof draft->names[at + i], "%s.%s", layer,
                 i == 0 ? "weight" : "bias");
        draft->entries[at + i] = (struct gn_weights_entry){
            draft->names[at + i], i == 0 ? rank : 1, {units}, draft->values[at + i]};
    }
    memcpy(draft->entries[at].shape, shape, (size_t)rank * sizeof *shape);
    return GN_OK;
}

static int draw_conv(struct draft *draft, int index, gn_error_t *err)
{
    const struct gn_inception_layer *layer = &draft->net.layers[index];
    int in = gn_inception_input_channels(&draft->net, index);
    double taps = live_taps(layer->height, layer->kernel_rows, layer->same) *
                  live_taps(layer->width, layer->kernel_columns, layer->same) * in;
    const size_t shape[4] = {(size_t)layer->kernel_rows, (size_t)layer->kernel_columns, (size_t)in,
                             (size_t)layer->channels};
    double variance = 2 / (taps * input_moment(draft, layer)); /* half is cut off by the ReLU */
    draft->moments[index] = 1;
    return draw_layer(draft, 2 * layer->conv, layer->name, 4, shape, variance, err);
}

static int draw_weights(struct draft *draft, gn_error_t *err)
{
    int rc = GN_OK;
    for (int i = 0; rc == GN_OK && i < draft->net.n_layers; i++) {
        const struct gn_inception_layer *layer = &draft->net.layers[i];
        double moment = input_moment(draft, layer);
        size_t shape[4] = {(size_t)gn_inception_input_channels(&draft->net, i),
                           GN_INCEPTION_CLASSES};
        if (layer->op == GN_INCEPTION_CONV)
            rc = draw_conv(draft, i, err);
        else if (layer->op == GN_INCEPTION_MAX_POOL)
            draft->moments[i] = moment * MAX_POOL_GAIN;
        else if (layer->op == GN_INCEPTION_AVG_POOL || layer->op == GN_INCEPTION_GLOBAL_POOL)
            draft->moments[i] = moment * AVG_POOL_GAIN;
        else if (layer->op == GN_INCEPTION_CONCAT)
            draft->moments[i] = concat_moment(draft, layer);
        else if (layer->op == GN_INCEPTION_DENSE)
            rc = draw_layer(draft, DENSE, layer->name, 2, shape,
                            LOGIT_DEVIATION * LOGIT_DEVIATION / ((double)shape[0] * moment), err);
    }
    return rc;
}

static int write_draft(const struct draft *draft, const struct gn_import_options *options,
                       int divisor, uint64_t seed, const char *output, gn_error_t *err)
{
    struct gn_import_description description = {0};
    struct gn_import_options chosen = *options;
    const int *shape = options->shape;
    const int *channels =
        options->n_channels == shape[2] ? options->channels : gn_import_default_channels(shape[2]);
    if (chosen.preset == NULL && channels != NULL)
        chosen.preset = gn_import_preset_of_images(shape, channels);
    if (chosen.preset == NULL)
        chosen.preset = "wgs";
    if (chosen.name == NULL)
        chosen.name = divisor == 1 ? "random-inception-v3" : "random-narrow-inception-v3";
    int rc = gn_import_describe(&description, &chosen, output, NULL, shape[2], err);
    if (rc == GN_OK) {
        json_t *origin = json_pack("{s:s, s:i, s:I}", "kind", "random", "width_divisor", divisor,
                                   "seed", (json_int_t)seed);
        json_t *json = gn_import_json(&description, gn_inception_json(&draft->net), origin);
        rc = json == NULL ? gn_fail_memory(err, "the description of a model")
                          : gn_model_write(output, json, draft->entries, TENSORS, err);
        json_decref(json);
    }
    gn_import_description_clear(&description);
    return rc;
}

int gn_random_model_write(const struct gn_import_options *options, int divisor, uint64_t seed,
                          const char *output, gn_error_t *err)
{
    int widths[GN_INCEPTION_CONVS];
    struct draft *draft = calloc(1, sizeof *draft);
    if (draft == NULL)
        return gn_fail_memory(err, "the weights of a model");
    gn_mt64_seed(&draft->rng, seed);
    gn_inception_widths(divisor, widths);
    int rc = gn_inception_build(&draft->net, options->shape, widths, err);
    if (rc == GN_OK)
        rc = draw_weights(draft, err);
    if (rc == GN_OK)
        rc = write_draft(draft, options, divisor, seed, output, err);
    for (int i = 0; i < TENSORS; i++)
        free(draft->values[i]);
    free(draft);
    return rc;
}

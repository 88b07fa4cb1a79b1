/* SPDX-License-Identifier: MIT
 *
 * tensorflow_inception.c - binding first (which layer is which), then shapes, then values.
 */
#include "cnn/tensorflow_inception.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { MAX_WIDTH = 1 << 16 };
static const double EPSILON = 0.001; /* of the batch normalisation */

/* ---- binding ---- */

static int compare_numbers(const void *a, const void *b)
{
    const struct gn_tensorflow_layer *left = *(const struct gn_tensorflow_layer *const *)a;
    const struct gn_tensorflow_layer *right = *(const struct gn_tensorflow_layer *const *)b;
    return left->number < right->number ? -1 : left->number > right->number;
}

/* The layers of one kind, in the checkpoint's order. There must be as many as the network has. */
static int take(const struct gn_tensorflow_layers *layers, enum gn_tensorflow_kind kind,
                const struct gn_tensorflow_layer **taken)
{
    int n = 0;
    for (size_t i = 0; i < layers->n && n < GN_INCEPTION_CONVS; i++)
        if (layers->list[i].kind == kind)
            taken[n++] = &layers->list[i];
    return n;
}

/* Sorts by the numbers in the names; false when they are not names of one numbered series. */
static bool sort_by_name(const struct gn_tensorflow_layer **list, int n)
{
    for (int i = 0; i < n; i++)
        if (list[i]->number < 0 || list[i]->stem_length != list[0]->stem_length ||
            memcmp(list[i]->name, list[0]->name, (size_t)list[0]->stem_length) != 0)
            return false;
    qsort(list, (size_t)n, sizeof *list, compare_numbers);
    for (int i = 1; i < n; i++)
        if (list[i]->number == list[i - 1]->number)
            return false;
    return true;
}

/* Puts the layer with the i-th place at i; false when one is not there. */
static bool sort_by_place(const struct gn_tensorflow_layer **list, const int *places)
{
    const struct gn_tensorflow_layer *sorted[GN_INCEPTION_CONVS] = {NULL};
    for (int i = 0; i < GN_INCEPTION_CONVS; i++)
        for (int k = 0; k < GN_INCEPTION_CONVS && sorted[i] == NULL; k++)
            if (list[k]->place == places[i])
                sorted[i] = list[k];
    for (int i = 0; i < GN_INCEPTION_CONVS; i++)
        if (sorted[i] == NULL)
            return false;
    memcpy(list, sorted, sizeof sorted);
    return true;
}

/* Brings one kind of layers into the order of creation. */
static int settle(const struct gn_tensorflow_layer **list, const int *places, gn_error_t *err)
{
    if (!sort_by_name(list, GN_INCEPTION_CONVS)) {
        if (sort_by_place(list, places))
            return GN_OK;
        return gn_fail(err, GN_E_DATA,
                       "neither the names nor the places of the layers ('%s' and others) are "
                       "those of Keras' Inception v3: export the model from Keras",
                       list[0]->group);
    }
    for (int i = 0; i < GN_INCEPTION_CONVS; i++)
        if (list[i]->place >= 0 && list[i]->place != places[i])
            return gn_fail(err, GN_E_DATA,
                           "'%s' is '%s' by its name, but in Keras' Inception v3 that layer is "
                           "number %d: the checkpoint's layers are in a wrong order",
                           list[i]->group, list[i]->name, places[i]);
    return GN_OK;
}

/* Names the first absent one of the places that the network has. */
static int fail_missing(const struct gn_tensorflow_layers *layers, const int *norm_places,
                        gn_error_t *err)
{
    bool found[GN_INCEPTION_WEIGHTED] = {false};
    bool is_norm[GN_INCEPTION_WEIGHTED] = {false};
    for (size_t i = 0; i < layers->n; i++)
        if (layers->list[i].place_is_exact && layers->list[i].place < GN_INCEPTION_WEIGHTED)
            found[layers->list[i].place] = true;
    for (int i = 0; i < GN_INCEPTION_CONVS; i++)
        is_norm[norm_places[i]] = true;
    for (int place = 0; place < GN_INCEPTION_WEIGHTED; place++)
        if (layers->n > 0 && layers->list[0].place_is_exact && !found[place])
            return gn_fail(err, GN_E_DATA,
                           "the variable 'layer_with_weights-%d/%s' is missing from the "
                           "checkpoint: it is damaged or cut, fetch or export it again",
                           place, is_norm[place] ? "beta" : "kernel");
    return gn_fail(err, GN_E_DATA,
                   "%d convolutions, %d batch normalisations and %d dense layers are not "
                   "DeepVariant's Inception v3, which has %d, %d and 1",
                   layers->n_kinds[GN_TENSORFLOW_CONV], layers->n_kinds[GN_TENSORFLOW_NORM],
                   layers->n_kinds[GN_TENSORFLOW_DENSE], GN_INCEPTION_CONVS, GN_INCEPTION_CONVS);
}

int gn_inception_bind(struct gn_bound_inception *bound, const struct gn_tensorflow_layers *layers,
                      gn_error_t *err)
{
    struct gn_inception net;
    int widths[GN_INCEPTION_CONVS], convs[GN_INCEPTION_CONVS], norms[GN_INCEPTION_CONVS];
    const int smallest[3] = {GN_INCEPTION_MIN_SIDE, GN_INCEPTION_MIN_SIDE, 1};
    gn_inception_widths(1, widths);
    int rc = gn_inception_build(&net, smallest, widths, err);
    if (rc != GN_OK)
        return rc;
    gn_inception_places(&net, convs, norms);
    if (layers->n_kinds[GN_TENSORFLOW_CONV] != GN_INCEPTION_CONVS ||
        layers->n_kinds[GN_TENSORFLOW_NORM] != GN_INCEPTION_CONVS ||
        layers->n_kinds[GN_TENSORFLOW_DENSE] != 1)
        return fail_missing(layers, norms, err);
    take(layers, GN_TENSORFLOW_CONV, bound->convs);
    take(layers, GN_TENSORFLOW_NORM, bound->norms);
    for (size_t i = 0; i < layers->n; i++)
        if (layers->list[i].kind == GN_TENSORFLOW_DENSE)
            bound->dense = &layers->list[i];
    rc = settle(bound->convs, convs, err);
    return rc == GN_OK ? settle(bound->norms, norms, err) : rc;
}

int gn_inception_bound_channels(const struct gn_bound_inception *bound)
{
    size_t channels = bound->convs[0]->parts[GN_TENSORFLOW_KERNEL]->shape[2];
    return channels > MAX_WIDTH ? 0 : (int)channels;
}

/* ---- shapes ---- */

static int check_shape(const struct gn_bundle_tensor *tensor, int rank, const size_t *shape,
                       gn_error_t *err)
{
    char wanted[128] = "", found[192] = "";
    if (tensor == NULL ||
        (tensor->rank == rank && memcmp(tensor->shape, shape, (size_t)rank * sizeof *shape) == 0))
        return GN_OK;
    for (int i = 0, n = 0; i < rank; i++)
        n +=
            snprintf(wanted + n, sizeof wanted - (size_t)n, "%s%zu", i == 0 ? "" : " x ", shape[i]);
    for (int i = 0, n = 0; i < tensor->rank; i++)
        n += snprintf(found + n, sizeof found - (size_t)n, "%s%zu", i == 0 ? "" : " x ",
                      tensor->shape[i]);
    return gn_fail(err, GN_E_DATA,
                   "'%s' has the shape [%s] instead of [%s]: it is not "
                   "DeepVariant's Inception v3, or damaged",
                   tensor->key, found, wanted);
}

static int check_vectors(const struct gn_tensorflow_layer *layer, size_t n, gn_error_t *err)
{
    for (int part = GN_TENSORFLOW_BIAS; part < GN_TENSORFLOW_PARTS; part++) {
        int rc = check_shape(layer->parts[part], 1, &n, err);
        if (rc != GN_OK)
            return rc;
    }
    return GN_OK;
}

static int read_widths(const struct gn_bound_inception *bound, int widths[GN_INCEPTION_CONVS],
                       gn_error_t *err)
{
    for (int i = 0; i < GN_INCEPTION_CONVS; i++) {
        const struct gn_bundle_tensor *kernel = bound->convs[i]->parts[GN_TENSORFLOW_KERNEL];
        if (kernel->shape[3] < 1 || kernel->shape[3] > MAX_WIDTH)
            return gn_fail(err, GN_E_DATA, "'%s' has %zu filters: 1 to %d are possible",
                           kernel->key, kernel->shape[3], MAX_WIDTH);
        widths[i] = (int)kernel->shape[3];
    }
    return GN_OK;
}

int gn_inception_check(const struct gn_bound_inception *bound, const int shape[3],
                       struct gn_inception *net, gn_error_t *err)
{
    int widths[GN_INCEPTION_CONVS];
    int rc = read_widths(bound, widths, err);
    if (rc == GN_OK)
        rc = gn_inception_build(net, shape, widths, err);
    for (int i = 0; rc == GN_OK && i < GN_INCEPTION_CONVS; i++) {
        const struct gn_inception_layer *layer = &net->layers[net->convs[i]];
        const size_t kernel[4] = {(size_t)layer->kernel_rows, (size_t)layer->kernel_columns,
                                  (size_t)gn_inception_input_channels(net, net->convs[i]),
                                  (size_t)layer->channels};
        rc = check_shape(bound->convs[i]->parts[GN_TENSORFLOW_KERNEL], 4, kernel, err);
        if (rc == GN_OK)
            rc = check_vectors(bound->convs[i], kernel[3], err);
        if (rc == GN_OK)
            rc = check_vectors(bound->norms[i], kernel[3], err);
    }
    if (rc != GN_OK)
        return rc;
    const size_t dense[2] = {(size_t)net->layers[net->n_layers - 3].channels, GN_INCEPTION_CLASSES};
    rc = check_shape(bound->dense->parts[GN_TENSORFLOW_KERNEL], 2, dense, err);
    return rc == GN_OK ? check_vectors(bound->dense, GN_INCEPTION_CLASSES, err) : rc;
}

/* ---- values ---- */

/* Reads a tensor whose values must be finite; malloc'ed. A NULL tensor gives `absent` n times. */
static float *read_values(const gn_tensor_bundle_t *bundle, const struct gn_bundle_tensor *tensor,
                          size_t n, float absent, gn_error_t *err)
{
    float *values = malloc(n * sizeof *values);
    if (values == NULL) {
        gn_fail_memory(err, "the weights of a model");
        return NULL;
    }
    for (size_t i = 0; tensor == NULL && i < n; i++)
        values[i] = absent;
    if (tensor == NULL)
        return values;
    if (gn_tensor_bundle_read_floats(bundle, tensor, values, err) != GN_OK)
        goto fail;
    for (size_t i = 0; i < n; i++)
        if (!isfinite(values[i])) {
            gn_fail(err, GN_E_DATA,
                    "'%s': value %zu is not a finite number: the training went wrong or the file "
                    "is damaged, take another checkpoint",
                    tensor->key, i);
            goto fail;
        }
    return values;
fail:
    free(values);
    return NULL;
}

/* What a batch normalisation does to each filter: times scale, plus offset. */
struct affine {
    double *scale, *offset;
};

static int read_norm(const gn_tensor_bundle_t *bundle, const struct gn_tensorflow_layer *norm,
                     size_t n, struct affine *affine, gn_error_t *err)
{
    static const float absent[GN_TENSORFLOW_PARTS] = {[GN_TENSORFLOW_GAMMA] = 1};
    float *values[GN_TENSORFLOW_PARTS] = {NULL};
    int rc = GN_OK;
    affine->scale = malloc(n * sizeof *affine->scale);
    affine->offset = malloc(n * sizeof *affine->offset);
    if (affine->scale == NULL || affine->offset == NULL)
        rc = gn_fail_memory(err, "the weights of a model");
    for (int part = GN_TENSORFLOW_BETA; rc == GN_OK && part < GN_TENSORFLOW_PARTS; part++) {
        values[part] = read_values(bundle, norm->parts[part], n, absent[part], err);
        rc = values[part] == NULL ? err->code : GN_OK;
    }
    for (size_t i = 0; rc == GN_OK && i < n; i++) {
        double variance = (double)values[GN_TENSORFLOW_VARIANCE][i];
        if (variance < 0)
            rc = gn_fail(err, GN_E_DATA,
                         "'%s': value %zu is negative (%g), which no variance is: the file is "
                         "damaged, fetch it again",
                         norm->parts[GN_TENSORFLOW_VARIANCE]->key, i, variance);
        double scale = (double)values[GN_TENSORFLOW_GAMMA][i] / sqrt(variance + EPSILON);
        affine->scale[i] = scale;
        affine->offset[i] =
            (double)values[GN_TENSORFLOW_BETA][i] - (double)values[GN_TENSORFLOW_MEAN][i] * scale;
    }
    for (int part = 0; part < GN_TENSORFLOW_PARTS; part++)
        free(values[part]);
    return rc;
}

/* Stores a kernel and a bias as the next two entries. */
static void put_entries(struct gn_inception_weights *weights, int at, const char *layer,
                        const struct gn_bundle_tensor *kernel)
{
    for (int i = 0; i < 2; i++) {
        struct gn_weights_entry *entry = &weights->entries[at + i];
        snprintf(weights->names[at + i], sizeof weights->names[at + i], "%s.%s", layer,
                 i == 0 ? "weight" : "bias");
        *entry = (struct gn_weights_entry){weights->names[at + i],
                                           i == 0 ? kernel->rank : 1,
                                           {kernel->shape[kernel->rank - 1]},
                                           weights->values[at + i]};
        if (i == 0)
            memcpy(entry->shape, kernel->shape, (size_t)kernel->rank * sizeof *kernel->shape);
    }
}

static int read_layer(const gn_tensor_bundle_t *bundle, const struct gn_tensorflow_layer *layer,
                      const char *name, struct gn_inception_weights *weights, int at,
                      gn_error_t *err)
{
    const struct gn_bundle_tensor *kernel = layer->parts[GN_TENSORFLOW_KERNEL];
    weights->values[at] = read_values(bundle, kernel, kernel->count, 0, err);
    if (weights->values[at] != NULL)
        weights->values[at + 1] = read_values(bundle, layer->parts[GN_TENSORFLOW_BIAS],
                                              kernel->shape[kernel->rank - 1], 0, err);
    if (weights->values[at] == NULL || weights->values[at + 1] == NULL)
        return err->code;
    put_entries(weights, at, name, kernel);
    return GN_OK;
}

static int fold_conv(const struct gn_bound_inception *bound, const gn_tensor_bundle_t *bundle,
                     const struct gn_inception_layer *layer, struct gn_inception_weights *weights,
                     gn_error_t *err)
{
    struct affine affine = {NULL, NULL};
    const struct gn_tensorflow_layer *conv = bound->convs[layer->conv];
    size_t n = (size_t)layer->channels;
    int at = 2 * layer->conv;
    int rc = read_layer(bundle, conv, layer->name, weights, at, err);
    if (rc == GN_OK)
        rc = read_norm(bundle, bound->norms[layer->conv], n, &affine, err);
    if (rc == GN_OK) {
        float *kernel = weights->values[at], *bias = weights->values[at + 1];
        size_t taps = conv->parts[GN_TENSORFLOW_KERNEL]->count / n;
        for (size_t t = 0; t < taps; t++)
            for (size_t i = 0; i < n; i++)
                kernel[t * n + i] = (float)((double)kernel[t * n + i] * affine.scale[i]);
        for (size_t i = 0; i < n; i++)
            bias[i] = (float)((double)bias[i] * affine.scale[i] + affine.offset[i]);
    }
    free(affine.scale);
    free(affine.offset);
    return rc;
}

int gn_inception_fold(const struct gn_bound_inception *bound, const gn_tensor_bundle_t *bundle,
                      const struct gn_inception *net, struct gn_inception_weights *weights,
                      gn_error_t *err)
{
    int rc = GN_OK;
    for (int i = 0; rc == GN_OK && i < GN_INCEPTION_CONVS; i++)
        rc = fold_conv(bound, bundle, &net->layers[net->convs[i]], weights, err);
    if (rc != GN_OK)
        return rc;
    return read_layer(bundle, bound->dense, net->layers[net->n_layers - 2].name, weights,
                      2 * GN_INCEPTION_CONVS, err);
}

void gn_inception_weights_clear(struct gn_inception_weights *weights)
{
    for (int i = 0; i < GN_INCEPTION_TENSORS; i++)
        free(weights->values[i]);
    *weights = (struct gn_inception_weights){0};
}

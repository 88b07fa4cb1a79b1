/* SPDX-License-Identifier: MIT
 *
 * pack.c - weights from the file's order into the order that the kernels read.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cnn/graph.h"

enum { NAME_SIZE = 256 };

/* Finds "<layer>.<part>" and checks its number of elements and its last dimension. */
static int find_part(const gn_safetensors_t *file, const char *layer, const char *part,
                     const size_t expected[2], struct gn_safetensor *out, gn_error_t *err)
{
    char name[NAME_SIZE];
    snprintf(name, sizeof name, "%s.%s", layer, part);
    int rc = gn_safetensors_find(file, name, out, err);
    if (rc != GN_OK)
        return rc;
    if (out->rank < 1 || out->shape[out->rank - 1] != expected[1] ||
        out->count != expected[0] * expected[1])
        return gn_fail(
            err, GN_E_DATA,
            "tensor '%s' has %zu elements, model.json asks for %zu x %zu: the two files of "
            "the model do not belong together",
            name, out->count, expected[0], expected[1]);
    return GN_OK;
}

/* A NaN or an infinity would spread to every image. */
static int check_finite(const struct gn_safetensor *tensor, const char *layer, const char *part,
                        gn_error_t *err)
{
    for (size_t i = 0; i < tensor->count; i++)
        if (!isfinite(gn_safetensor_value(tensor, i)))
            return gn_fail(err, GN_E_DATA,
                           "tensor '%s.%s' has a value that is no finite number: the model is "
                           "damaged, fetch it again",
                           layer, part);
    return GN_OK;
}

static int pack_layer(struct gn_graph *graph, struct gn_layer *layer, const gn_safetensors_t *file,
                      gn_error_t *err)
{
    const struct gn_tensor *input = &graph->tensors[layer->inputs[0]];
    const struct gn_tensor *output = &graph->tensors[layer->output];
    size_t rows = (size_t)layer->kernel_height * layer->kernel_width * input->channels;
    size_t channels = output->channels;
    size_t blocks = (channels + GN_WEIGHT_BLOCK - 1) / GN_WEIGHT_BLOCK;
    struct gn_safetensor weight, bias;
    int rc = find_part(file, output->name, "weight", (size_t[2]){rows, channels}, &weight, err);
    if (rc == GN_OK)
        rc = find_part(file, output->name, "bias", (size_t[2]){1, channels}, &bias, err);
    if (rc != GN_OK)
        return rc;
    rc = check_finite(&weight, output->name, "weight", err);
    if (rc == GN_OK)
        rc = check_finite(&bias, output->name, "bias", err);
    if (rc != GN_OK)
        return rc;
    layer->weights = gn_aligned_zeros(blocks * rows * GN_WEIGHT_BLOCK * sizeof(float));
    layer->bias = gn_aligned_zeros(blocks * GN_WEIGHT_BLOCK * sizeof(float));
    if (layer->weights == NULL || layer->bias == NULL)
        return gn_fail_memory(err, "the weights of the model");
    for (size_t c = 0; c < channels; c++) {
        float *block = layer->weights + c / GN_WEIGHT_BLOCK * rows * GN_WEIGHT_BLOCK;
        layer->bias[c] = gn_safetensor_value(&bias, c);
        for (size_t r = 0; r < rows; r++)
            block[r * GN_WEIGHT_BLOCK + c % GN_WEIGHT_BLOCK] =
                gn_safetensor_value(&weight, r * channels + c);
    }
    return GN_OK;
}

int gn_graph_pack_weights(struct gn_graph *graph, const gn_safetensors_t *file, gn_error_t *err)
{
    for (int i = 0; i < graph->n_layers; i++) {
        struct gn_layer *layer = &graph->layers[i];
        if (layer->op != GN_LAYER_CONV2D && layer->op != GN_LAYER_DENSE)
            continue;
        int rc = pack_layer(graph, layer, file, err);
        if (rc != GN_OK)
            return rc;
    }
    return GN_OK;
}

/* SPDX-License-Identifier: MIT
 *
 * constants.c - where weights and maps of the empty image lie, and weights from the graph's order into that of the steps.
 */
#include "cnn/cuda/constants.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cnn/bf16.h"
#include "cnn/cuda/outline.h"
#include "cnn/float16.h"

enum { ALIGNMENT = 256 };

static const float BF16_TOP = 0x1.fep127F; /* the largest finite number */

int gn_cuda_stored_channels(const struct gn_cuda_layout *layout, const struct gn_graph *graph,
                            int tensor)
{
    const int unit = layout->channel_unit;
    return (graph->tensors[tensor].channels + unit - 1) / unit * unit;
}

static int64_t reserve(struct gn_cuda_layout *layout, size_t size)
{
    const size_t at = layout->size;
    layout->size += (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return (int64_t)at;
}

static bool has_weights(const struct gn_layer *layer)
{
    return layer->op == GN_LAYER_CONV2D || layer->op == GN_LAYER_DENSE;
}

static void lay_out_weights(struct gn_cuda_layout *layout, const struct gn_graph *graph,
                            const struct gn_cuda_outline *outline)
{
    const size_t number = gn_device_type_size(layout->type);
    for (int i = 0; i < graph->n_layers; i++) {
        const struct gn_layer *layer = &graph->layers[i];
        const size_t taps = (size_t)layer->kernel_height * (size_t)layer->kernel_width;
        const size_t outputs = (size_t)gn_cuda_stored_channels(layout, graph, layer->output);
        layout->weights[i] = layout->bias[i] = GN_CUDA_NO_PLACE;
        if (i == outline->classifier) {
            const size_t features =
                (size_t)gn_cuda_stored_channels(layout, graph, outline->features);
            layout->weights[i] = reserve(layout, 3 * features * sizeof(float));
            layout->bias[i] = reserve(layout, 3 * sizeof(float));
        } else if (has_weights(layer) && outline->roles[layer->output].n_readers > 0) {
            const size_t inputs = (size_t)gn_cuda_stored_channels(layout, graph, layer->inputs[0]);
            layout->weights[i] = reserve(layout, outputs * taps * inputs * number);
            layout->bias[i] = reserve(layout, outputs * sizeof(float));
        }
    }
}

static void lay_out_empty_maps(struct gn_cuda_layout *layout, const struct gn_graph *graph,
                               const struct gn_cuda_outline *outline)
{
    for (int t = 0; t < graph->n_tensors; t++)
        layout->empty[t] = GN_CUDA_NO_PLACE;
    for (int t = 0; t < graph->n_tensors; t++) {
        const int end = gn_cuda_chain_end(outline, graph, t);
        if (end < 0)
            continue;
        const struct gn_tensor *map = &graph->tensors[end];
        const size_t pixels = (size_t)map->height * (size_t)map->width;
        const size_t channels = (size_t)gn_cuda_stored_channels(layout, graph, end);
        layout->empty[end] = reserve(layout, pixels * channels * gn_device_type_size(layout->type));
    }
}

int gn_cuda_layout_make(struct gn_cuda_layout *layout, const struct gn_graph *graph,
                        enum gn_device_type type, int channel_unit, gn_error_t *err)
{
    struct gn_cuda_outline outline = {0};
    *layout = (struct gn_cuda_layout){
        .type = type,
        .channel_unit = channel_unit,
        .weights = calloc((size_t)graph->n_layers, sizeof(int64_t)),
        .bias = calloc((size_t)graph->n_layers, sizeof(int64_t)),
        .empty = calloc((size_t)graph->n_tensors, sizeof(int64_t)),
        .n_layers = graph->n_layers,
        .n_tensors = graph->n_tensors,
    };
    if (layout->weights == NULL || layout->bias == NULL || layout->empty == NULL)
        return gn_fail_memory(err, "the weights of the network");
    int rc = gn_cuda_outline_make(&outline, graph, err);
    if (rc == GN_OK) {
        lay_out_weights(layout, graph, &outline);
        lay_out_empty_maps(layout, graph, &outline);
    }
    gn_cuda_outline_clear(&outline);
    return rc;
}

void gn_cuda_layout_clear(struct gn_cuda_layout *layout)
{
    free(layout->weights);
    free(layout->bias);
    free(layout->empty);
    *layout = (struct gn_cuda_layout){0};
}

/* Weights of a layer on their way into the block. */
struct packing {
    const struct gn_layer *layer;
    enum gn_device_type type; /* of the weights: float32 for the logits */
    size_t inputs, outputs;   /* channels that the layer has */
    size_t stored_inputs;
    unsigned char *weights, *bias;
};

static float largest_of(enum gn_device_type type)
{
    return type == GN_DEVICE_FLOAT32   ? INFINITY
           : type == GN_DEVICE_FLOAT16 ? GN_FLOAT16_TOP
                                       : BF16_TOP;
}

static void store(unsigned char *to, size_t index, enum gn_device_type type, float value)
{
    if (type == GN_DEVICE_FLOAT32) {
        memcpy(to + index * sizeof value, &value, sizeof value);
        return;
    }
    const uint16_t half = type == GN_DEVICE_FLOAT16 ? gn_to_float16(value) : gn_to_bf16(value);
    memcpy(to + index * sizeof half, &half, sizeof half);
}

/* From blocks of 16 outputs to outputs one after the other. False when a weight is beyond the type's range. */
static bool pack(const struct packing *packing)
{
    const size_t taps =
        (size_t)packing->layer->kernel_height * (size_t)packing->layer->kernel_width;
    const float largest = largest_of(packing->type);
    for (size_t c = 0; c < packing->outputs; c++) {
        const float *from = packing->layer->weights +
                            c / GN_WEIGHT_BLOCK * taps * packing->inputs * GN_WEIGHT_BLOCK +
                            c % GN_WEIGHT_BLOCK;
        for (size_t tap = 0; tap < taps; tap++)
            for (size_t k = 0; k < packing->inputs; k++) {
                const float weight = from[(tap * packing->inputs + k) * GN_WEIGHT_BLOCK];
                if (fabsf(weight) > largest)
                    return false;
                store(packing->weights, (c * taps + tap) * packing->stored_inputs + k,
                      packing->type, weight);
            }
        store(packing->bias, c, GN_DEVICE_FLOAT32, packing->layer->bias[c]);
    }
    return true;
}

static int pack_layer(const struct gn_cuda_layout *layout, const struct gn_graph *graph,
                      const struct gn_cuda_outline *outline, int index, unsigned char *block,
                      gn_error_t *err)
{
    static const char *const names[] = {"float32", "float16", "bf16"};
    const struct gn_layer *layer = &graph->layers[index];
    /* a mean over the map does not change its channels */
    const int input = index == outline->classifier ? outline->features : layer->inputs[0];
    const struct packing packing = {
        .layer = layer,
        .type = index == outline->classifier ? GN_DEVICE_FLOAT32 : layout->type,
        .inputs = (size_t)graph->tensors[input].channels,
        .outputs = (size_t)graph->tensors[layer->output].channels,
        .stored_inputs = (size_t)gn_cuda_stored_channels(layout, graph, input),
        .weights = block + layout->weights[index],
        .bias = block + layout->bias[index],
    };
    if (pack(&packing))
        return GN_OK;
    return gn_fail(err, GN_E_UNAVAILABLE,
                   "layer '%s' has a weight beyond the range of %s: use --precision float32",
                   graph->tensors[layer->output].name, names[layout->type]);
}

unsigned char *gn_cuda_constants_make(const struct gn_cuda_layout *layout,
                                      const struct gn_graph *graph, gn_error_t *err)
{
    struct gn_cuda_outline outline = {0};
    unsigned char *block = calloc(layout->size, 1); /* channels that only pad keep zeros */
    if (block == NULL) {
        gn_fail_memory(err, "the weights of the network");
        return NULL;
    }
    int rc = gn_cuda_outline_make(&outline, graph, err);
    for (int i = 0; i < graph->n_layers && rc == GN_OK; i++)
        if (layout->weights[i] != GN_CUDA_NO_PLACE)
            rc = pack_layer(layout, graph, &outline, i, block, err);
    gn_cuda_outline_clear(&outline);
    if (rc == GN_OK)
        return block;
    free(block);
    return NULL;
}

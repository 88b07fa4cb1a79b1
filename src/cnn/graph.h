/* SPDX-License-Identifier: MIT
 *
 * graph.h - the network inside a model: tensors and the layers that compute them, in order of
 * execution.
 *
 * Read by the back ends (cnn/cpu) and filled by graph_json.c (shapes) and pack.c (weights). Callers
 * of inference need only model.h and infer.h. Activations are height x width x channels, channel
 * fastest.
 */
#ifndef GN_CNN_GRAPH_H
#define GN_CNN_GRAPH_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "cnn/safetensors.h"

enum gn_layer_op {
    GN_LAYER_CONV2D,
    GN_LAYER_MAX_POOL,
    GN_LAYER_AVG_POOL, /* cells outside the map are left out of the count */
    GN_LAYER_CONCAT,   /* along the channels */
    GN_LAYER_CROP,     /* a rectangle of rows and columns, all channels */
    GN_LAYER_GLOBAL_AVG_POOL,
    GN_LAYER_DENSE, /* of a 1 x 1 map; runs as a 1 x 1 convolution */
    GN_LAYER_SOFTMAX,
};

enum { GN_WEIGHT_BLOCK = 16 }; /* output channels that are stored side by side */

struct gn_tensor {
    char *name; /* of the layer that makes it; "image" is tensor 0 */
    int height, width, channels;
};

struct gn_layer {
    enum gn_layer_op op;
    int *inputs; /* tensor numbers */
    int n_inputs;
    int output; /* tensor number */
    int kernel_height, kernel_width, stride_height, stride_width;
    int pad_top, pad_left; /* rows and columns of zeros before the map (TensorFlow's SAME rule) */
    int crop_top, crop_left;
    bool relu;
    /* Of conv2d and dense, 64-byte aligned: weights[block][kernel row][kernel column][input
     * channel][16 output channels], zero beyond the last channel; bias[block][16]. */
    float *weights, *bias;
};

struct gn_graph {
    struct gn_tensor *tensors;
    int n_tensors;
    struct gn_layer *layers; /* layer i makes tensor i + 1 */
    int n_layers;
};

/// Builds the graph of an input shape and a JSON list of layers and checks every shape. `what` (a
/// path) starts messages. The last layer must be a softmax over three classes. The graph starts
/// zeroed; gn_graph_clear() also after a failure.
int gn_graph_from_json(struct gn_graph *graph, const int image_shape[3], const json_t *layers,
                       const char *what, gn_error_t *err);

/// Copies the weights "<layer>.weight" ([kh][kw][in][out]; dense: [in][out]) and "<layer>.bias"
/// ([out]) into the layers.
int gn_graph_pack_weights(struct gn_graph *graph, const gn_safetensors_t *file, gn_error_t *err);

/// Frees everything the graph owns.
void gn_graph_clear(struct gn_graph *graph);

/// The graph of a loaded model; belongs to the model.
struct gn_model;
const struct gn_graph *gn_model_graph(const struct gn_model *model);

#endif

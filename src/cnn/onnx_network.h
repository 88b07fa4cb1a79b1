/* SPDX-License-Identifier: MIT
 *
 * onnx_network.h - the network that the operators of an ONNX graph build up, node by node: named
 * values, and layers of our kinds (models/README.md).
 *
 * A value is a constant or a map of one of our layers, seen through an order of axes: transposing
 * and reshaping change the view, not the map. Layers keep scale and offset of their outputs apart
 * from their kernels, so that batch normalisation folds without loss. Everything lives in the
 * file's arena.
 */
#ifndef GN_CNN_ONNX_NETWORK_H
#define GN_CNN_ONNX_NETWORK_H

#include <jansson.h>

#include "cnn/model_writer.h"
#include "cnn/onnx_file.h"

enum gn_onnx_axis {
    GN_ONNX_BATCH,
    GN_ONNX_ROW,
    GN_ONNX_COLUMN,
    GN_ONNX_CHANNEL,
    GN_ONNX_SINGLE, /* of one element, added by the graph */
};

enum gn_onnx_op {
    GN_ONNX_CONV,
    GN_ONNX_MAX_POOL,
    GN_ONNX_AVG_POOL,
    GN_ONNX_CONCAT,
    GN_ONNX_GLOBAL_POOL,
    GN_ONNX_DENSE,
    GN_ONNX_SOFTMAX,
};

enum { GN_ONNX_IMAGE = -1 };

/// What a name of the graph stands for.
struct gn_onnx_value {
    const char *name;
    bool is_defined;
    int uses;                     /* inputs of nodes, and the graph's output */
    const Onnx__Tensor *constant; /* NULL: a map */
    int layer;                    /* that makes the map, or GN_ONNX_IMAGE */
    int rank;                     /* of the view */
    enum gn_onnx_axis axes[GN_ONNX_MAX_RANK];
    int height, width, channels; /* of the map */
    double scale, offset;        /* image: what the graph has made of its pixels */
    bool is_byte;                /* image: still of unsigned bytes */
    int padding[4];              /* zeros top, left, bottom, right for the next convolution */
};

struct gn_onnx_layer {
    enum gn_onnx_op op;
    char name[32];
    int *inputs, n_inputs; /* layers */
    int kernel[2], stride[2];
    bool same, relu;
    int in_channels, channels;
    struct gn_onnx_tensor weights; /* conv: [out][in][rows][columns]; dense: [in][out] */
    bool is_transposed;            /* dense: [out][in] */
    double *scale, *offset;        /* conv and dense: of each output channel */
};

struct gn_onnx_network {
    const struct gn_onnx_file *file;
    struct gn_onnx_value **slots; /* by name */
    size_t n_slots;               /* a power of two */
    struct gn_onnx_layer *layers;
    int n_layers;
    struct gn_onnx_value *image;
    const char *output; /* name of the graph's output */
};

/// Finds input and output of the graph, and gives every name a value; constants are defined.
/** @param net  starts zeroed
    @return     GN_OK; GN_E_DATA: not one input and one output, axes whose sizes are open; GN_E_MEMORY */
GN_MUST_CHECK
int gn_onnx_network_start(struct gn_onnx_network *net, const struct gn_onnx_file *file,
                          gn_error_t *err);

/// The value of a name; NULL when no node and no input has it.
struct gn_onnx_value *gn_onnx_find_value(const struct gn_onnx_network *net, const char *name);

/// A new layer with room for n inputs, and for scale 1 and offset 0 of n_scaled output channels.
/** @return it belongs to the network; NULL with GN_E_MEMORY */
GN_MUST_CHECK
struct gn_onnx_layer *gn_onnx_add_layer(struct gn_onnx_network *net, enum gn_onnx_op op,
                                        int n_inputs, int n_scaled, gn_error_t *err);

/// The list "layers" of model.json; NULL when out of memory.
json_t *gn_onnx_layers_json(const struct gn_onnx_network *net);

/// Kernels and biases in our order of axes, scaled in double.
/** @param n  receives the number of entries
    @return   in the file's arena; NULL with GN_E_MEMORY */
GN_MUST_CHECK
struct gn_weights_entry *gn_onnx_weights(const struct gn_onnx_network *net, size_t *n,
                                         gn_error_t *err);

#endif

/* SPDX-License-Identifier: MIT
 *
 * inception_v3.h - the network of DeepVariant: Keras' InceptionV3 without its top, global average
 * pooling and a dense softmax over three classes (spec 90.2).
 *
 * Knows the layers, their names in Keras' order of creation and their place in a checkpoint; knows
 * nothing of files and of weights' values. Widths (filters of each convolution) are parameters, so
 * that narrow networks of the same topology can be made for tests.
 */
#ifndef GN_CNN_INCEPTION_V3_H
#define GN_CNN_INCEPTION_V3_H

#include <jansson.h>
#include <stdbool.h>

#include "base/error.h"

enum {
    GN_INCEPTION_CONVS = 94,
    GN_INCEPTION_LAYERS =
        94 + 4 + 9 + 15 + 3, /* convolutions, max and average pools, concats, end */
    GN_INCEPTION_MIN_SIDE = 75,
    GN_INCEPTION_CLASSES = 3,
    GN_INCEPTION_WEIGHTED = 2 * GN_INCEPTION_CONVS + 1, /* layers of a checkpoint */
};

enum gn_inception_op {
    GN_INCEPTION_CONV,
    GN_INCEPTION_MAX_POOL,
    GN_INCEPTION_AVG_POOL,
    GN_INCEPTION_CONCAT,
    GN_INCEPTION_GLOBAL_POOL,
    GN_INCEPTION_DENSE,
    GN_INCEPTION_SOFTMAX,
};

struct gn_inception_layer {
    enum gn_inception_op op;
    char name[32];           /* "conv2d_17": 17 is the number in Keras' order of creation */
    int inputs[4], n_inputs; /* layers; -1 is the image */
    int kernel_rows, kernel_columns, stride;
    bool same;                   /* padding */
    int conv;                    /* number of the convolution, -1 for other layers */
    int height, width, channels; /* of the output */
};

struct gn_inception {
    int shape[3]; /* height, width, channels of the image */
    struct gn_inception_layer layers[GN_INCEPTION_LAYERS];
    int n_layers;
    int convs[GN_INCEPTION_CONVS]; /* the layer of each convolution */
};

/// The filters of each convolution, in order of creation: Keras' numbers divided by `divisor` (1,
/// 2, 4, 8 or 16, which divide all of them).
void gn_inception_widths(int divisor, int widths[GN_INCEPTION_CONVS]);

/// Builds the network.
/** @param shape  height, width, channels; both sides at least 75
    @return       GN_OK, GN_E_USAGE (the image is too small) */
GN_MUST_CHECK
int gn_inception_build(struct gn_inception *net, const int shape[3],
                       const int widths[GN_INCEPTION_CONVS], gn_error_t *err);

/// Channels that go into a layer.
int gn_inception_input_channels(const struct gn_inception *net, int layer);

/// The place (N of "layer_with_weights-N") of each convolution and of its batch normalisation in a
/// checkpoint: by decreasing depth, then by the depth-first walk from the output (spec 90.3). The
/// dense layer is the last, 188.
void gn_inception_places(const struct gn_inception *net, int conv_places[GN_INCEPTION_CONVS],
                         int norm_places[GN_INCEPTION_CONVS]);

/// The list "layers" of model.json (models/README.md). NULL when out of memory.
json_t *gn_inception_json(const struct gn_inception *net);

#endif

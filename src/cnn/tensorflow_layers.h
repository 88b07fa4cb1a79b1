/* SPDX-License-Identifier: MIT
 *
 * tensorflow_layers.h - a checkpoint's variables, grouped into the layers that own them.
 *
 * A layer is known by two things: its name ("conv2d_5", from the object graph or saved_model.pb), whose number is the
 * order of creation, and its place in the model (N of "layer_with_weights-N"), which is not. What
 * the layers are for is not known here.
 */
#ifndef GN_CNN_TENSORFLOW_LAYERS_H
#define GN_CNN_TENSORFLOW_LAYERS_H

#include <stdbool.h>

#include "cnn/saved_model.h"
#include "io/object_graph.h"
#include "io/tensor_bundle.h"

enum gn_tensorflow_part {
    GN_TENSORFLOW_KERNEL,
    GN_TENSORFLOW_BIAS,
    GN_TENSORFLOW_BETA,
    GN_TENSORFLOW_GAMMA,
    GN_TENSORFLOW_MEAN,
    GN_TENSORFLOW_VARIANCE,
    GN_TENSORFLOW_PARTS,
};

enum gn_tensorflow_kind { GN_TENSORFLOW_CONV, GN_TENSORFLOW_NORM, GN_TENSORFLOW_DENSE };

enum { GN_TENSORFLOW_MAX_LAYERS = 1024, GN_TENSORFLOW_MAX_NAME = 128 };

struct gn_tensorflow_layer {
    enum gn_tensorflow_kind kind;
    char group[GN_TENSORFLOW_MAX_NAME]; /* the layer's part of the keys, for messages */
    char name[GN_TENSORFLOW_MAX_NAME];  /* "conv2d_5"; "" when the graph has none */
    int stem_length;                    /* of the name without its number */
    int number;                         /* 5; 0 for "conv2d"; -1 without a name */
    int place;           /* in the model's list of layers with weights, from 0; -1 when unknown */
    bool place_is_exact; /* a "layer_with_weights-N": absent layers leave a gap */
    const struct gn_bundle_tensor *parts[GN_TENSORFLOW_PARTS]; /* NULL: the layer has none */
};

struct gn_tensorflow_layers {
    struct gn_tensorflow_layer *list; /* in the order of their places where these are known */
    size_t n;
    int n_kinds[3];
};

/// What a checkpoint consists of.
struct gn_tensorflow_files {
    gn_tensor_bundle_t *bundle;
    gn_object_graph_t *graph;
    gn_saved_model_t *saved_model; /* NULL for a checkpoint that is not inside a SavedModel */
};

/// Groups the variables; optimizers and metrics are left out. The tensors belong to the bundle.
/** @return GN_OK, GN_E_DATA (a variable of a layer is missing, a layer of an unknown kind: named),
            GN_E_MEMORY; gn_tensorflow_layers_clear() also after a failure */
GN_MUST_CHECK
int gn_tensorflow_layers_read(struct gn_tensorflow_layers *layers,
                              const struct gn_tensorflow_files *files, gn_error_t *err);
void gn_tensorflow_layers_clear(struct gn_tensorflow_layers *layers);

/// The name of a part in the keys of checkpoints: "moving_mean".
const char *gn_tensorflow_part_name(enum gn_tensorflow_part part);

#endif

/* SPDX-License-Identifier: MIT
 *
 * tensorflow_inception.h - a checkpoint's layers -> Inception v3 with folded weights.
 *
 * Binds variables by the names that Keras gave the layers in order of creation and checks that the
 * places agree: many layers have equal shapes, so that a swap of two would go unnoticed otherwise
 * (spec 90.3, 91.6).
 */
#ifndef GN_CNN_TENSORFLOW_INCEPTION_H
#define GN_CNN_TENSORFLOW_INCEPTION_H

#include "cnn/inception_v3.h"
#include "cnn/model_writer.h"
#include "cnn/tensorflow_layers.h"

enum { GN_INCEPTION_TENSORS = 2 * GN_INCEPTION_CONVS + 2 };

/// The layers of a checkpoint in the network's order.
struct gn_bound_inception {
    const struct gn_tensorflow_layer *convs[GN_INCEPTION_CONVS], *norms[GN_INCEPTION_CONVS], *dense;
};

/// The weights of the network, ready to be written.
struct gn_inception_weights {
    struct gn_weights_entry entries[GN_INCEPTION_TENSORS];
    char names[GN_INCEPTION_TENSORS][48];
    float *values[GN_INCEPTION_TENSORS];
};

/// Finds each layer of the network among the checkpoint's.
/** @return  GN_OK; GN_E_DATA: a layer is missing (named), too many, or name and place disagree */
GN_MUST_CHECK
int gn_inception_bind(struct gn_bound_inception *bound, const struct gn_tensorflow_layers *layers,
                      gn_error_t *err);

/// Channels of the images: those of the first kernel. 0 when it has no good shape.
int gn_inception_bound_channels(const struct gn_bound_inception *bound);

/// Builds the network with the widths of the kernels and checks every variable's shape.
/** @return GN_OK, GN_E_DATA (names the variable), GN_E_USAGE (images too small) */
GN_MUST_CHECK
int gn_inception_check(const struct gn_bound_inception *bound, const int shape[3],
                       struct gn_inception *net, gn_error_t *err);

/// Reads the variables and folds the batch normalisation into kernels and biases, in double.
/** @param weights  starts zeroed; gn_inception_weights_clear() also after a failure
    @return         GN_OK; GN_E_DATA: CRC, a value that is not finite, a negative variance (named);
                    GN_E_IO, GN_E_MEMORY */
GN_MUST_CHECK
int gn_inception_fold(const struct gn_bound_inception *bound, const gn_tensor_bundle_t *bundle,
                      const struct gn_inception *net, struct gn_inception_weights *weights,
                      gn_error_t *err);
void gn_inception_weights_clear(struct gn_inception_weights *weights);

#endif

/* SPDX-License-Identifier: MIT
 *
 * constants.h - what programs read and never write: weights, biases, and maps of the empty image, in one block that all
 * plans of a number type share.
 */
#ifndef GN_CNN_CUDA_CONSTANTS_H
#define GN_CNN_CUDA_CONSTANTS_H

#include "cnn/cuda/device.h"
#include "cnn/graph.h"

enum { GN_CUDA_NO_PLACE = -1 };

/// Where things lie: bytes from the start of the block, each part 256-byte aligned.
struct gn_cuda_layout {
    enum gn_device_type type;
    int channel_unit;        /* stored channels of a tensor are a multiple of it; 1: as they are */
    int64_t *weights, *bias; /* per layer; GN_CUDA_NO_PLACE where it has none */
    int64_t *
        empty; /* per tensor: its map of the empty image (height x width x stored channels), else GN_CUDA_NO_PLACE */
    int n_layers, n_tensors;
    size_t size;
};

/// Lays out the constants of a graph: the weights of device.h's steps, and a map for each tensor at which a chain of layers that
/// leads away from the image ends (one input each, one reader each, convolutions and pools only).
/** The layout starts zeroed; gn_cuda_layout_clear() also after a failure: GN_E_MEMORY, GN_E_UNAVAILABLE (the logits are not
    made by a dense layer without ReLU). Layers that do not lead to the logits have no place. Thread-safe. */
GN_MUST_CHECK
int gn_cuda_layout_make(struct gn_cuda_layout *layout, const struct gn_graph *graph,
                        enum gn_device_type type, int channel_unit, gn_error_t *err);
void gn_cuda_layout_clear(struct gn_cuda_layout *layout);

/// Channels of a tensor as stored: rounded up to the channel unit.
int gn_cuda_stored_channels(const struct gn_cuda_layout *layout, const struct gn_graph *graph,
                            int tensor);

/// The block in host memory (malloc'ed; layout->size bytes), weights and biases filled, maps zero. NULL: GN_E_MEMORY, or
/// GN_E_UNAVAILABLE (a weight beyond the type's range: the message names layer and type).
GN_MUST_CHECK
unsigned char *gn_cuda_constants_make(const struct gn_cuda_layout *layout,
                                      const struct gn_graph *graph, gn_error_t *err);

#endif

/* SPDX-License-Identifier: MIT
 *
 * outline.h - what a graph's tensors mean for a device: which are loaded from the image, which are needed at all, and the
 * chains of layers that lead away from the image.
 *
 * Read by constants.c and plan*.c, which must agree on it.
 */
#ifndef GN_CNN_CUDA_OUTLINE_H
#define GN_CNN_CUDA_OUTLINE_H

#include <stdbool.h>

#include "base/error.h"
#include "cnn/graph.h"

struct gn_cuda_role {
    bool is_loaded;          /* the image or a crop of it: a load makes it */
    int crop_top, crop_left; /* where in the image, if loaded */
    int n_readers;           /* reads by layers that lead to the logits; 0: not needed */
    int reader;              /* the first layer that reads it */
};

struct gn_cuda_outline {
    struct gn_cuda_role *roles; /* per tensor */
    int classifier;             /* the last dense layer */
    int features;               /* what it reads: the map before its global average pool */
};

/// Makes the outline of a graph. It starts zeroed; gn_cuda_outline_clear() also after a failure.
/** @return GN_OK, GN_E_MEMORY, GN_E_UNAVAILABLE (the logits are not made by a dense layer without ReLU). Thread-safe. */
GN_MUST_CHECK
int gn_cuda_outline_make(struct gn_cuda_outline *outline, const struct gn_graph *graph,
                         gn_error_t *err);
void gn_cuda_outline_clear(struct gn_cuda_outline *outline);

/// The tensor that follows in a chain: of the convolution or pool that alone reads `tensor`; -1: the chain ends (or begins and
/// ends) here.
int gn_cuda_chain_next(const struct gn_cuda_outline *outline, const struct gn_graph *graph,
                       int tensor);

/// The end of the chain that a loaded tensor begins; -1: there is none.
int gn_cuda_chain_end(const struct gn_cuda_outline *outline, const struct gn_graph *graph,
                      int tensor);

#endif

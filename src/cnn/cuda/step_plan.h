/* SPDX-License-Identifier: MIT
 *
 * step_plan.h - a network as steps for a device: which launch computes what, from where.
 *
 * Concatenations cost nothing: what they join is written into slices of one map. A crop of the image is part of loading it.
 * Rows that no read reaches are left out at the start of the network: with `rows` filled rows only as much of the image is
 * loaded as they influence, down to the end of each chain of layers that leads away from the image; there the rest is put in
 * from the map of the empty image, so that the results are those of the whole image.
 *
 * Knows nothing of devices but device.h's steps. Immutable once made.
 */
#ifndef GN_CNN_CUDA_STEP_PLAN_H
#define GN_CNN_CUDA_STEP_PLAN_H

#include "cnn/cuda/constants.h"
#include "cnn/cuda/device.h"
#include "cnn/graph.h"

struct gn_cuda_plan_options {
    int batch; /* images */
    int rows;  /* filled rows at most; the image's height: compute all */
};

struct gn_cuda_plan {
    struct gn_device_step *steps;
    int n_steps;
    struct gn_cuda_plan_options options;
    size_t activations_size; /* bytes of a lane */
    bool is_cut;             /* false: the plan is that of the whole image */
};

/// Makes a plan. It starts zeroed; gn_cuda_plan_clear() also after a failure.
/** @param layout  of the same graph; says the number type and where weights lie
    @return        GN_OK, GN_E_UNAVAILABLE (a layer that the steps cannot express, slices that are no multiple of the channel
   unit: the message names the layer and says --device cpu), GN_E_MEMORY. Thread-safe. */
GN_MUST_CHECK
int gn_cuda_plan_make(struct gn_cuda_plan *plan, const struct gn_graph *graph,
                      const struct gn_cuda_layout *layout,
                      const struct gn_cuda_plan_options *options, gn_error_t *err);
void gn_cuda_plan_clear(struct gn_cuda_plan *plan);

/// The step of a plan of all rows after which a tensor of the graph is complete in memory, and its map; -1: there is none, as for
/// concatenations (several steps make them), the image and the logits.
/// A program of the steps up to it leaves the tensor readable.
int gn_cuda_plan_find(const struct gn_cuda_plan *plan, const struct gn_graph *graph, int tensor,
                      struct gn_device_map *map);

#endif

/* SPDX-License-Identifier: MIT
 *
 * network_plans.h - what is computed of a model on every device: the number types, the groups of images, and a plan for each.
 */
#ifndef GN_CNN_CUDA_NETWORK_PLANS_H
#define GN_CNN_CUDA_NETWORK_PLANS_H

#include <stdbool.h>
#include <stddef.h>

#include "cnn/cuda/constants.h"
#include "cnn/cuda/step_plan.h"
#include "cnn/cuda/row_groups.h"
#include "cnn/infer.h"

enum { GN_CUDA_PLANS = GN_ROW_GROUPS + 1 };

struct gn_cuda_plans {
    const struct gn_graph *graph;
    enum gn_precision precision; /* of the fast plans; never AUTO */
    struct gn_cuda_layout fast;  /* constants of that type */
    struct gn_cuda_layout
        float32; /* those of the exact plan, unless `fast` is of float32; else zeroed */
    struct gn_row_groups groups;
    /* One for each group, and after them the exact one, which computes all rows in float32. */
    struct gn_cuda_plan plans[GN_CUDA_PLANS];
    int n;         /* plans: groups.n, or one more */
    bool is_exact; /* there is an exact plan: number groups.n */
    size_t image_size;
    size_t activations_size; /* of the plan that needs most */
};

/// Chooses number type and groups; gn_cuda_plans_set_batch() makes the plans.
/** The struct starts zeroed; gn_cuda_plans_clear() also after a failure.
    @param channel_unit  of the driver, for 2-byte numbers
    @return              GN_OK, GN_E_UNAVAILABLE (a type or a layer that a GPU cannot do), GN_E_MEMORY. Thread-safe. */
GN_MUST_CHECK
int gn_cuda_plans_make(struct gn_cuda_plans *plans, const gn_model_t *model,
                       const struct gn_network_options *options, int channel_unit, gn_error_t *err);
void gn_cuda_plans_clear(struct gn_cuda_plans *plans);

/// Makes the plans, or makes them anew, for batches of so many images; on failure there are none.
GN_MUST_CHECK
int gn_cuda_plans_set_batch(struct gn_cuda_plans *plans, int batch, gn_error_t *err);

/// Images of a batch of a plan (the exact one's are smaller).
int gn_cuda_plans_batch(const struct gn_cuda_plans *plans, int number);

/// The layout of a plan's constants.
const struct gn_cuda_layout *gn_cuda_plans_layout(const struct gn_cuda_plans *plans, int number);

#endif

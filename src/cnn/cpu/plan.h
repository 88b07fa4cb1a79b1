/* SPDX-License-Identifier: MIT
 *
 * plan.h - where the tensors of a graph lie in one worker's memory, and what its layers need beyond
 * the graph.
 *
 * Inputs of a concat are computed in place, inside the concat's own memory; a crop is a view of its
 * input. Nothing here computes (engine.c does).
 */
#ifndef GN_CNN_CPU_PLAN_H
#define GN_CNN_CPU_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "cnn/cpu/pool.h"
#include "cnn/graph.h"

/// One layer's addresses.
struct gn_cpu_step {
    int taps, run;    /* of a convolution, see gn_conv_job */
    int32_t *offsets; /* [pixels][taps] */
    bool *copy;       /* of a concat: inputs that could not be computed in place */
};

struct gn_cpu_plan {
    const struct gn_graph *graph;
    struct gn_map *maps;       /* one per tensor */
    struct gn_cpu_step *steps; /* one per layer */
    float *memory;             /* all activations of one image, 64-byte aligned */
    size_t memory_size;        /* floats */
    float *zeros;              /* as many as the longest run */
};

/// Plans a graph. The plan starts zeroed; gn_cpu_plan_clear() also after a failure (GN_E_MEMORY,
/// GN_E_DATA).
int gn_cpu_plan_make(struct gn_cpu_plan *plan, const struct gn_graph *graph, gn_error_t *err);
void gn_cpu_plan_clear(struct gn_cpu_plan *plan);

#endif

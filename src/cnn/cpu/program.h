/* SPDX-License-Identifier: MIT
 *
 * program.h - a network made ready for one number type and instruction set: plan, packed weights
 * and what the empty image leaves in every tensor. Immutable; shared by all workers.
 */
#ifndef GN_CNN_CPU_PROGRAM_H
#define GN_CNN_CPU_PROGRAM_H

#include "cnn/cpu/plan.h"
#include "cnn/cpu/pool.h"
#include "cnn/cpu/weights.h"

struct gn_program {
    struct gn_cpu_plan plan;
    const struct gn_pools *pools;
    struct gn_packed *packed; /* per step; of convolutions */
    char *empty;              /* the empty image's tensors */
    size_t *empty_offsets;    /* per tensor: where in `empty` */
    bool empty_cut;           /* an output of the empty image was cut at the type's top */
};

/// Makes a program of a graph whose weights are loaded (the graph must outlive it). Starts zeroed;
/// gn_program_clear() also after a failure (those of gn_cpu_plan_make()).
int gn_program_make(struct gn_program *program, const struct gn_graph *graph,
                    const struct gn_cpu_plan_options *options, enum gn_isa isa, gn_error_t *err);
void gn_program_clear(struct gn_program *program);

#endif

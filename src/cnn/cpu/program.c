/* SPDX-License-Identifier: MIT
 *
 * program.c - making a network ready to run.
 */
#include "cnn/cpu/program.h"

#include <stdlib.h>

#include "cnn/cpu/worker.h"

static int pack_steps(struct gn_program *program, enum gn_isa isa, gn_error_t *err)
{
    program->packed = calloc((size_t)program->plan.n_steps, sizeof *program->packed);
    if (program->packed == NULL)
        return gn_fail_memory(err, "the weights of the network");
    for (int i = 0; i < program->plan.n_steps; i++) {
        if (program->plan.steps[i].kind != GN_STEP_CONV)
            continue;
        int rc =
            gn_packed_make(&program->packed[i], &program->plan, &program->plan.steps[i], isa, err);
        if (rc != GN_OK)
            return rc;
    }
    return GN_OK;
}

/* Runs the empty image where every tensor keeps its memory, and keeps that memory. */
static int remember_empty_image(struct gn_program *program,
                                const struct gn_cpu_plan_options *options, gn_error_t *err)
{
    const struct gn_graph *graph = program->plan.graph;
    const struct gn_tensor *image = &graph->tensors[0];
    struct gn_cpu_plan_options kept = *options;
    struct gn_program alone = {.pools = program->pools, .packed = program->packed};
    struct gn_worker worker = {0};
    float logits[1][3], probabilities[1][3];
    const uint8_t *zeros = NULL;
    kept.reuse_memory = false;
    kept.capacity = 1;
    int rc = gn_cpu_plan_make(&alone.plan, graph, &kept, err);
    if (rc != GN_OK || (rc = gn_worker_make(&worker, &alone, NULL, err)) != GN_OK)
        goto out;
    zeros = calloc((size_t)image->height * (size_t)image->width, (size_t)image->channels);
    program->empty_offsets = malloc((size_t)graph->n_tensors * sizeof *program->empty_offsets);
    if (zeros == NULL || program->empty_offsets == NULL) {
        rc = gn_fail_memory(err, "the weights of the network");
        goto out;
    }
    gn_worker_run(&worker, &zeros, &image->height, 1, logits, probabilities);
    for (int t = 0; t < graph->n_tensors; t++)
        program->empty_offsets[t] = alone.plan.places[t].offset;
    program->empty = worker.memory;
    program->empty_cut = worker.cut[0];
    worker.owns_memory = false;
out:
    free((void *)(uintptr_t)zeros);
    gn_worker_clear(&worker);
    gn_cpu_plan_clear(&alone.plan);
    return rc;
}

int gn_program_make(struct gn_program *program, const struct gn_graph *graph,
                    const struct gn_cpu_plan_options *options, enum gn_isa isa, gn_error_t *err)
{
    program->pools = gn_pools_of(isa);
    int rc = gn_cpu_plan_make(&program->plan, graph, options, err);
    if (rc == GN_OK)
        rc = pack_steps(program, isa, err);
    return rc == GN_OK ? remember_empty_image(program, options, err) : rc;
}

void gn_program_clear(struct gn_program *program)
{
    for (int i = 0; program->packed != NULL && i < program->plan.n_steps; i++)
        gn_packed_clear(&program->packed[i]);
    free(program->packed);
    free(program->empty);
    free(program->empty_offsets);
    gn_cpu_plan_clear(&program->plan);
    *program = (struct gn_program){0};
}

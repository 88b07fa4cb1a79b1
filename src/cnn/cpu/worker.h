/* SPDX-License-Identifier: MIT
 *
 * worker.h - one thread's state of computation: memory for activations, and the walk over the steps
 * of a program.
 */
#ifndef GN_CNN_CPU_WORKER_H
#define GN_CNN_CPU_WORKER_H

#include "cnn/cpu/convolve.h"
#include "cnn/cpu/program.h"

struct gn_worker {
    const struct gn_program *program;
    char *memory;
    bool owns_memory;
    int *rows; /* [tensor][capacity]: rows that may differ from the empty image's */
    bool cut[GN_PLAN_CAPACITY]; /* of the last run: an output was cut at the type's top */
    struct gn_convolve_room room;
    struct gn_map inputs[GN_PLAN_CAPACITY], outputs[GN_PLAN_CAPACITY];
    double *seconds; /* per layer, NULL: not measured; not owned */
};

/// Starts zeroed; gn_worker_clear() also after a failure (GN_E_MEMORY). `memory` (64-byte aligned,
/// plan.memory_size bytes) may be shared by programs that do not run at the same time; NULL: the
/// worker allocates it.
int gn_worker_make(struct gn_worker *worker, const struct gn_program *program, char *memory,
                   gn_error_t *err);
void gn_worker_clear(struct gn_worker *worker);

/// Classifies n <= plan.capacity images. rows[i]: rows of image i that may hold something else than
/// zero bytes. logits and probabilities: n triples.
void gn_worker_run(struct gn_worker *worker, const uint8_t *const *images, const int *rows, int n,
                   float (*logits)[3], float (*probabilities)[3]);

/// Largest value of every tensor over the first n images of the last run; the worker's plan must not
/// reuse memory. Raises maxima[tensor].
void gn_worker_raise_maxima(const struct gn_worker *worker, int n, float *maxima);

#endif

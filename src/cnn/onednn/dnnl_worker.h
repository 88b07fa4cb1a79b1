/* SPDX-License-Identifier: MIT
 *
 * dnnl_worker.h - one thread's run of a program.
 */
#ifndef GN_CNN_ONEDNN_DNNL_WORKER_H
#define GN_CNN_ONEDNN_DNNL_WORKER_H

#include <stdint.h>

#include "cnn/onednn/dnnl_program.h"

enum { GN_DNNL_MOST_ARGUMENTS = 5 };

struct gn_dnnl_call {
    dnnl_exec_arg_t arguments[GN_DNNL_MOST_ARGUMENTS];
    int n;
};

struct gn_dnnl_worker {
    const struct gn_dnnl_program *program;
    char *memory;
    dnnl_stream_t stream;
    struct gn_dnnl_call *calls; /* per layer */
    double *seconds;            /* per layer, or NULL: not measured; the owner's */
};

/// Makes a worker in memory of program->memory_size bytes (aligned to GN_DNNL_LINE) that the caller
/// owns. The worker starts zeroed; gn_dnnl_worker_clear() also after a failure.
int gn_dnnl_worker_make(struct gn_dnnl_worker *worker, const struct gn_dnnl_program *program,
                        dnnl_engine_t engine, char *memory, gn_error_t *err);
void gn_dnnl_worker_clear(struct gn_dnnl_worker *worker);

/// Classifies n <= program->capacity images.
int gn_dnnl_worker_run(struct gn_dnnl_worker *worker, const uint8_t *const *images, int n,
                       float (*logits)[3], float (*probabilities)[3], gn_error_t *err);

#endif

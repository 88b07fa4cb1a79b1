/* SPDX-License-Identifier: MIT
 *
 * backend.h - what a back end of inference must supply. infer.c calls it; nobody else does.
 */
#ifndef GN_CNN_BACKEND_H
#define GN_CNN_BACKEND_H

#include <stdint.h>

#include "cnn/model.h"

/// One table a back end (cnn/cpu, cnn/cuda). The contracts are those of infer.h.
struct gn_backend {
    const char *(*name)(const void *state);
    void *(*create)(const gn_model_t *model, int max_batch, gn_error_t *err);
    int (*run)(void *state, const uint8_t *images, size_t n, float (*probabilities)[3],
               gn_error_t *err);
    void (*destroy)(void *state);
};

extern const struct gn_backend gn_backend_cpu;

#endif

/* SPDX-License-Identifier: MIT
 *
 * backend.h - what a back end of inference must supply. infer.c calls it; nobody else does.
 */
#ifndef GN_CNN_BACKEND_H
#define GN_CNN_BACKEND_H

#include <stdint.h>

#include "cnn/infer.h"

/// One table a back end (cnn/cpu, cnn/onednn, cnn/cuda). The contracts are those of infer.h.
struct gn_backend {
    void *(*create_network)(const gn_model_t *model, const struct gn_network_options *options,
                            gn_error_t *err);
    void (*destroy_network)(void *network);
    enum gn_precision (*precision)(const void *network);
    const char *(*describe)(const void *network);
    const char *(*warning)(const void *network); /* NULL: there never is one */
    double (*busy_share)(const void *network);   /* NULL: no devices */
    void *(*create_worker)(const void *network, gn_error_t *err);
    void (*destroy_worker)(void *worker);
    int (*run)(void *worker, const uint8_t *images, size_t n, float (*logits)[3],
               float (*probabilities)[3], gn_error_t *err);
    int (*time_layers)(void *worker, bool on, gn_error_t *err);
    double (*layer_seconds)(const void *worker, int layer);
    struct gn_infer_counts (*counts)(const void *worker);
};

extern const struct gn_backend gn_backend_cpu;
extern const struct gn_backend gn_backend_onednn; /* only in builds with GN_ONEDNN */
extern const struct gn_backend gn_backend_cuda;

#endif

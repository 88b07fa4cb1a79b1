/* SPDX-License-Identifier: MIT
 *
 * engine.h - the CPU back end with its choices exposed, for tests and measurements. Callers use
 * infer.h.
 */
#ifndef GN_CNN_CPU_ENGINE_H
#define GN_CNN_CPU_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

#include "cnn/cpu/conv.h"
#include "cnn/model.h"

typedef struct gn_cpu_engine gn_cpu_engine_t;

/// @param isa              must be available
/// @param skip_empty_rows  compute only the rows that an image's reads reach (the same bits,
/// sooner)
GN_MUST_CHECK
gn_cpu_engine_t *gn_cpu_engine_create(const gn_model_t *model, enum gn_isa isa,
                                      bool skip_empty_rows, gn_error_t *err);
void gn_cpu_engine_destroy(gn_cpu_engine_t *engine);

/// As gn_infer_run(); cannot fail.
void gn_cpu_engine_run(gn_cpu_engine_t *engine, const uint8_t *images, size_t n,
                       float (*probabilities)[3]);

#endif

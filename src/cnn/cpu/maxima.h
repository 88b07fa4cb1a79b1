/* SPDX-License-Identifier: MIT
 *
 * maxima.h - the largest value of every tensor of a network over some images, in float32.
 */
#ifndef GN_CNN_CPU_MAXIMA_H
#define GN_CNN_CPU_MAXIMA_H

#include <stddef.h>
#include <stdint.h>

#include "cnn/model.h"

/// Raises maxima[tensor of gn_model_graph()] by n images (as of gn_infer_run()). The empty image
/// counts too. GN_E_MEMORY. Thread-safe for distinct maxima.
GN_MUST_CHECK
int gn_cpu_maxima(const gn_model_t *model, const uint8_t *images, size_t n, float *maxima,
                  gn_error_t *err);

#endif

/* SPDX-License-Identifier: MIT
 *
 * layer_timer.h - the time of each layer on a device.
 *
 * Images are computed step by step on a lane of the timer's own, apart from the queue, whose lanes could not wait after each step
 * without slowing down everybody. All are computed with the plan of all rows. A device always computes whole batches: the
 * seconds are those of ceil(n / batch) batches, so bring multiples of the batch.
 */
#ifndef GN_CNN_CUDA_LAYER_TIMER_H
#define GN_CNN_CUDA_LAYER_TIMER_H

#include "cnn/cuda/cuda_network.h"

typedef struct gn_layer_timer gn_layer_timer_t;

/// Opens a lane on the network's first device; NULL: GN_E_MEMORY. Thread-safe; the timer is one thread's.
GN_MUST_CHECK
gn_layer_timer_t *gn_layer_timer_create(const struct gn_cuda_network *network, gn_error_t *err);
void gn_layer_timer_destroy(gn_layer_timer_t *timer); /* NULL is fine */

/// Computes n images and adds their seconds; GN_OK or the device's failure.
GN_MUST_CHECK
int gn_layer_timer_run(gn_layer_timer_t *timer, const uint8_t *images, size_t n, gn_error_t *err);

/// Seconds of a layer so far; 0 for one that no step is booked on.
double gn_layer_timer_seconds(const gn_layer_timer_t *timer, int layer);

#endif

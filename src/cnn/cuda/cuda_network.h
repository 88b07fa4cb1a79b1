/* SPDX-License-Identifier: MIT
 *
 * cuda_network.h - a model on one or several devices, ready for workers. Made on any driver: tests pass one of plain loops.
 */
#ifndef GN_CNN_CUDA_CUDA_NETWORK_H
#define GN_CNN_CUDA_CUDA_NETWORK_H

#include "cnn/cuda/choose_devices.h"
#include "cnn/cuda/image_queue.h"
#include "cnn/cuda/lane_thread.h"
#include "cnn/cuda/loaded_device.h"
#include "cnn/cuda/network_plans.h"

/// Immutable once made, but for the queue and the devices' clocks.
struct gn_cuda_network {
    const struct gn_device_driver *driver;
    struct gn_cuda_plans plans;
    int height;
    size_t row_size, image_size; /* bytes of an image */
    int batch, wanted_batch;     /* images of a run; before memory was found short */
    struct gn_device_info chosen[GN_CUDA_MAX_DEVICES];
    struct gn_loaded_device *devices; /* n_devices, as chosen */
    int n_devices;
    gn_image_queue_t *queue;
    struct gn_lane_thread *lanes;
    int n_lanes;  /* whose threads run */
    double start; /* when it was ready; gn_steady_seconds() */
    char description[512], warning[512];
};

/// Makes a model ready on a driver's devices.
/** @param driver   its functions are called until the network is freed
    @param options  as in infer.h; never NULL
    @return         to be freed with gn_cuda_network_destroy(); NULL with err: GN_E_USAGE (devices, batch), GN_E_UNAVAILABLE
   (devices, number types, layers), GN_E_MEMORY */
GN_MUST_CHECK
struct gn_cuda_network *gn_cuda_network_create(const struct gn_device_driver *driver,
                                               const gn_model_t *model,
                                               const struct gn_network_options *options,
                                               gn_error_t *err);
void gn_cuda_network_destroy(struct gn_cuda_network *network);

#endif

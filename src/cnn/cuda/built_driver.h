/* SPDX-License-Identifier: MIT
 *
 * built_driver.h - the driver of this build, if it has one.
 */
#ifndef GN_CNN_CUDA_BUILT_DRIVER_H
#define GN_CNN_CUDA_BUILT_DRIVER_H

#include "cnn/cuda/device.h"

/// The driver that `make CUDA=1` builds in. NULL in other builds: GN_E_UNAVAILABLE, how to get one. Thread-safe.
const struct gn_device_driver *gn_cuda_driver(gn_error_t *err);

#endif

/* SPDX-License-Identifier: MIT
 *
 * choose_devices.h - from what the user asks for ("0,1") to devices that can be used.
 */
#ifndef GN_CNN_CUDA_CHOOSE_DEVICES_H
#define GN_CNN_CUDA_CHOOSE_DEVICES_H

#include "cnn/cuda/device.h"

enum { GN_CUDA_MAX_DEVICES = 64 };

/// Whether a text may name devices: numbers separated by commas, each once, or "all". Thread-safe.
bool gn_cuda_names_devices(const char *text);

/// The devices to compute on.
/** @param asked   numbers separated by commas, each once, or "all": all usable ones; NULL: the first usable one
    @param chosen  receives at most GN_CUDA_MAX_DEVICES, in the order asked for
    @return        GN_OK with *n >= 1; GN_E_USAGE (the text is neither), GN_E_UNAVAILABLE (no such device, or why it cannot be
   used). Thread-safe. */
GN_MUST_CHECK
int gn_cuda_choose_devices(const struct gn_device_driver *driver, const char *asked,
                           struct gn_device_info *chosen, int *n, gn_error_t *err);

#endif

/* SPDX-License-Identifier: MIT
 *
 * devices.h - which GPUs there are, and what would drive them: what the command line shows.
 *
 * Needs no CUDA headers and works in every build; one without CUDA says how to get it.
 */
#ifndef GN_CNN_DEVICES_H
#define GN_CNN_DEVICES_H

#include <stddef.h>

#include "base/error.h"
#include "cnn/cuda/device.h"

/// Lists the GPUs, unusable ones with their reason included.
/** @param infos  receives at most `max` of them, in the order of their numbers
    @param n      receives how many were filled in; 0 is possible
    @return       GN_OK, or GN_E_UNAVAILABLE with *n = 0 (no driver, no GPU visible, a build without
   CUDA: err says what to do). Thread-safe. */
GN_MUST_CHECK
int gn_devices_list(struct gn_device_info *infos, int max, int *n, gn_error_t *err);

/// Versions of driver, runtime and libraries in one line, as "CUDA runtime 13.0, driver 13.0, cuDNN 9.19, cuBLASLt 13.0".
/** In a build without CUDA: GN_E_UNAVAILABLE, and the text says how to get one. The text is cut to `size` bytes, its final
    zero included. Thread-safe. */
int gn_devices_describe(char *text, size_t size);

#endif

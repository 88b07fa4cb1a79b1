/* SPDX-License-Identifier: MIT
 *
 * loaded_device.h - an opened device and what a network has on it: constants, programs and lanes.
 */
#ifndef GN_CNN_CUDA_LOADED_DEVICE_H
#define GN_CNN_CUDA_LOADED_DEVICE_H

#include "cnn/cuda/busy_clock.h"
#include "cnn/cuda/device.h"
#include "cnn/cuda/network_plans.h"

/* While one lane computes, the other one's images and results are copied. */
enum { GN_CUDA_LANES = 2 };

struct gn_loaded_device {
    const struct gn_device_driver *driver;
    struct gn_device_info info; /* before it was opened */
    gn_device_t *device;
    void *constants;         /* of the fast plans */
    void *float32_constants; /* of the exact plan, unless they are the same; else NULL */
    gn_device_program_t *programs[GN_CUDA_PLANS]; /* by the plans' numbers */
    gn_device_lane_t *lanes[GN_CUDA_LANES];
    struct gn_busy_clock clock;
    pthread_mutex_t lock; /* held while lanes are opened and closed beside those that run */
};

/// The constants of a network in host memory.
struct gn_host_constants {
    unsigned char
        *fast; /* of the fast plans; their maps of the empty image are each device's own */
    unsigned char *float32; /* of plans->float32; NULL where there are none */
};

/// Opens a device.
/** @param loaded  starts zeroed; gn_loaded_device_close() also after a failure
    @return        GN_OK, GN_E_UNAVAILABLE, GN_E_MEMORY */
GN_MUST_CHECK
int gn_loaded_device_open(struct gn_loaded_device *loaded, const struct gn_device_driver *driver,
                          const struct gn_device_info *info, gn_error_t *err);

/// Takes everything off a device, closes it and leaves the struct zeroed. No lane may be running.
void gn_loaded_device_close(struct gn_loaded_device *loaded);

/// Whether constants and lanes of some plans leave a fifth of the free memory to the work space of programs: GN_OK, else
/// GN_E_MEMORY.
GN_MUST_CHECK
int gn_loaded_device_check_memory(const struct gn_loaded_device *loaded,
                                  const struct gn_cuda_plans *plans, gn_error_t *err);

/// Puts the plans on a device: constants, with the maps of the empty image as this device computes them, lanes and programs.
/** @param constants  borrowed; maps are written into them
    @return           GN_OK, GN_E_UNAVAILABLE, or GN_E_MEMORY: plans of a smaller batch may fit */
GN_MUST_CHECK
int gn_loaded_device_fill(struct gn_loaded_device *loaded, const struct gn_cuda_plans *plans,
                          const struct gn_host_constants *constants, gn_error_t *err);

/// Opens one more lane that can run all programs; NULL: GN_E_MEMORY. Thread-safe, as is closing it.
GN_MUST_CHECK
gn_device_lane_t *gn_loaded_device_open_lane(struct gn_loaded_device *loaded,
                                             const struct gn_cuda_plans *plans, gn_error_t *err);
void gn_loaded_device_close_lane(struct gn_loaded_device *loaded, gn_device_lane_t *lane);

#endif

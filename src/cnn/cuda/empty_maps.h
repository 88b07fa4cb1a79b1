/* SPDX-License-Identifier: MIT
 *
 * empty_maps.h - computes, on a device, the maps of the empty image that cut plans are put together with.
 */
#ifndef GN_CNN_CUDA_EMPTY_MAPS_H
#define GN_CNN_CUDA_EMPTY_MAPS_H

#include "cnn/cuda/constants.h"
#include "cnn/cuda/device.h"
#include "cnn/cuda/step_plan.h"

/// Fills the maps of the empty image in a block of constants (from gn_cuda_constants_make()), which is uploaded for that, as a
/// device computes them in the way of the programs to come.
/** @param whole      the plan of all rows, of the batch that programs will have
    @param tf32       as programs will have it
    @param constants  in host memory; what was uploaded from it before has no maps
    @return           GN_OK, or what the driver fails with. One thread at a time for a device. */
GN_MUST_CHECK
int gn_cuda_fill_empty_maps(const struct gn_device_driver *driver, gn_device_t *device,
                            const struct gn_graph *graph, const struct gn_cuda_layout *layout,
                            const struct gn_cuda_plan *whole, bool tf32, unsigned char *constants,
                            gn_error_t *err);

#endif

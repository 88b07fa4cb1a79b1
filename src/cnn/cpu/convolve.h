/* SPDX-License-Identifier: MIT
 *
 * convolve.h - one convolution of a few images: which outputs form a tile, in what order.
 *
 * Cuts the outputs into tiles for the kernel (tile.h). Neither the cutting nor the images beside
 * an image can change a result.
 */
#ifndef GN_CNN_CPU_CONVOLVE_H
#define GN_CNN_CPU_CONVOLVE_H

#include "cnn/cpu/map.h"
#include "cnn/cpu/plan.h"
#include "cnn/cpu/weights.h"

/// Room that a worker keeps from call to call.
struct gn_convolve_room {
    struct gn_output_pixel *pixels;
    const void **starts;
    int32_t *taps;
    size_t n_pixels; /* that `pixels` can hold */
};

struct gn_convolution {
    const struct gn_cpu_step *step;
    const struct gn_packed *packed;
    const struct gn_map *inputs, *outputs; /* [images]; rows [0, rows) of outputs are computed */
    int images;
    bool relu;
    bool *cut; /* [images]: set when an output was cut at the type's top */
};

/// Makes room for any convolution of a plan.
int gn_convolve_room_make(struct gn_convolve_room *room, const struct gn_cpu_plan *plan,
                          gn_error_t *err);
void gn_convolve_room_clear(struct gn_convolve_room *room);

/// Computes. The room belongs to one thread.
void gn_convolve(const struct gn_convolution *conv, struct gn_convolve_room *room);

#endif

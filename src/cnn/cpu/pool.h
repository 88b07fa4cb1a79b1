/* SPDX-License-Identifier: MIT
 *
 * pool.h - the layers that are neither convolutions nor softmax: pooling and copying, in a fixed
 * order of operations.
 *
 * Maps are of one image; rows [0, output->rows) are computed.
 */
#ifndef GN_CNN_CPU_POOL_H
#define GN_CNN_CPU_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cnn/cpu/map.h"
#include "cnn/cpu/tile.h"

/// A window that slides over a map.
struct gn_window {
    int height, width, stride_height, stride_width, pad_top, pad_left;
};

/// What follows a mean: bias (one a channel) and ReLU of the convolution that the mean moved behind.
struct gn_mean_finish {
    const float *bias; /* NULL: the mean alone */
    bool relu;
};

/// The functions, compiled for one instruction set; all sets give the same bits.
struct gn_pools {
    /// Maximum of each window, cells outside the map ignored. Input and output are of one type.
    void (*max_pool)(const struct gn_map *input, const struct gn_map *output,
                     const struct gn_window *window);

    /// Mean of each window over the cells inside the map: the sum in row-major order times the
    /// inverse of their number, plus bias, ReLU, rounded to the output's type. True when an output was cut at
    /// its type's top.
    bool (*avg_pool)(const struct gn_map *input, const struct gn_map *output,
                     const struct gn_window *window, const struct gn_mean_finish *finish);

    /// Mean of the whole map (a 1 x 1 float32 output): the sum in row-major order, divided by the
    /// number of cells, times the unit.
    void (*global_avg_pool)(const struct gn_map *input, const struct gn_map *output);

    /// Copies rows [first, end) of a map to another, from its channel `channel` on; integers become
    /// float32 where the output is.
    void (*copy_rows)(const struct gn_map *input, const struct gn_map *output, int channel,
                      int first, int end);

    /// The bytes of an image's first `rows` rows as a map's elements: float32 and bfloat16 as
    /// (x - 128) / 128, which is exact; integers as they are.
    void (*load_image)(const uint8_t *image, const struct gn_map *map, int rows);
};

extern const struct gn_pools gn_pools_portable, gn_pools_avx2, gn_pools_avx512;

/// The functions for an instruction set, which must be available. Static storage.
const struct gn_pools *gn_pools_of(enum gn_isa isa);

#endif

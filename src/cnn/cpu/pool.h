/* SPDX-License-Identifier: MIT
 *
 * pool.h - the layers that are not convolutions: pooling and softmax, in a fixed order of
 * operations.
 *
 * Plain additions and comparisons, so the compiler's choice of instructions cannot change a bit.
 */
#ifndef GN_CNN_CPU_POOL_H
#define GN_CNN_CPU_POOL_H

#include <stddef.h>

/// A map in memory: element (y, x, c) is data[y * row_stride + x * pixel_stride + c].
struct gn_map {
    float *data;
    size_t row_stride, pixel_stride; /* floats */
    int height, width, channels;
};

/// A window that slides over a map.
struct gn_window {
    int height, width, stride_height, stride_width, pad_top, pad_left;
};

/// Maximum of each window, cells outside the map ignored; output rows [0, rows).
void gn_max_pool(const struct gn_map *input, const struct gn_map *output,
                 const struct gn_window *window, int rows);

/// Mean of each window over the cells inside the map: the sum in row-major order, divided by their
/// number.
void gn_avg_pool(const struct gn_map *input, const struct gn_map *output,
                 const struct gn_window *window, int rows);

/// Mean of the whole map (a 1 x 1 output): the sum in row-major order, divided by the number of
/// cells.
void gn_global_avg_pool(const struct gn_map *input, const struct gn_map *output);

#endif

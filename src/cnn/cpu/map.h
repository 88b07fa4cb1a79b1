/* SPDX-License-Identifier: MIT
 *
 * map.h - how a layer's step sees a tensor of one image in memory.
 *
 * Rows that no read of the image reaches are those of the empty image: they are not computed, and
 * not copied either; whoever reads a row asks gn_map_row() where it lies.
 */
#ifndef GN_CNN_CPU_MAP_H
#define GN_CNN_CPU_MAP_H

#include <stddef.h>

enum gn_element { GN_FLOAT32, GN_INT16, GN_BF16, GN_UINT8 };

struct gn_map {
    char *live;        /* rows [0, rows) of this image */
    const char *empty; /* the other rows: the empty image's */
    int rows;
    size_t row_stride, pixel_stride; /* bytes */
    int height, width, channels;
    enum gn_element element;
    float unit; /* of integers: the value of 1 */
};

/* Bytes of an element. */
static inline size_t gn_element_size(enum gn_element element)
{
    return element == GN_FLOAT32 ? 4 : element == GN_UINT8 ? 1 : 2;
}

static inline const char *gn_map_row(const struct gn_map *map, int y)
{
    return (y < map->rows ? map->live : map->empty) + (size_t)y * map->row_stride;
}

static inline char *gn_map_pixel(const struct gn_map *map, int y, int x)
{
    return map->live + (size_t)y * map->row_stride + (size_t)x * map->pixel_stride;
}

#endif

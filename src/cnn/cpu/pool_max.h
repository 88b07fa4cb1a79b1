/* SPDX-License-Identifier: MIT
 *
 * pool_max.h - the maximum of 16 channels of a window, once for each type of element.
 *
 * Included by pool.c only, which defines ELEMENT and the function's name MAX_STRIP before each
 * include; both are undefined again at the end.
 */
#ifndef GN_CNN_CPU_POOL_MAX_H
#define GN_CNN_CPU_POOL_MAX_H

#include "cnn/cpu/map.h"

/// A rectangle of cells.
struct gn_cells {
    const struct gn_map *map;
    int y0, y1, x0, x1;
};

#endif

/* Maximum of the n channels from c on (n = 16 in all but the last strip). */
static void MAX_STRIP(const struct gn_cells *cells, int c, int n, ELEMENT *to)
{
    ELEMENT best[STRIP], next[STRIP];
    for (int y = cells->y0; y < cells->y1; y++) {
        const char *row = gn_map_row(cells->map, y);
        for (int x = cells->x0; x < cells->x1; x++) {
            const ELEMENT *from =
                (const ELEMENT *)(const void *)(row + (size_t)x * cells->map->pixel_stride) + c;
            if (y == cells->y0 && x == cells->x0) {
                memcpy(best, from, (size_t)n * sizeof *best);
                continue;
            }
            if (n == STRIP) {
                for (int i = 0; i < STRIP; i++)
                    next[i] = from[i] > best[i] ? from[i] : best[i];
                memcpy(best, next, sizeof best);
                continue;
            }
            for (int i = 0; i < n; i++)
                best[i] = from[i] > best[i] ? from[i] : best[i];
        }
    }
    memcpy(to, best, (size_t)n * sizeof *best);
}

#undef ELEMENT
#undef MAX_STRIP

/* SPDX-License-Identifier: MIT
 *
 * pool.c - pooling.
 */
#include "cnn/cpu/pool.h"

#include <string.h>

/* Four channels in one register; 16 channels are pooled together. GCC's and Clang's vectors of any
 * machine. */
typedef float quad __attribute__((vector_size(16)));
typedef int quad_mask __attribute__((vector_size(16)));

enum { QUAD = 4, QUADS = 4, STRIP = QUAD * QUADS };

/* The part of a window that lies inside the map. */
struct span {
    int y0, y1, x0, x1;
};

static struct span clip(const struct gn_map *input, const struct gn_window *window, int y, int x)
{
    int top = y * window->stride_height - window->pad_top;
    int left = x * window->stride_width - window->pad_left;
    int bottom = top + window->height, right = left + window->width;
    return (struct span){top < 0 ? 0 : top, bottom > input->height ? input->height : bottom,
                         left < 0 ? 0 : left, right > input->width ? input->width : right};
}

static const float *cell(const struct gn_map *map, int y, int x)
{
    return map->data + (size_t)y * map->row_stride + (size_t)x * map->pixel_stride;
}

static inline quad quad_load(const float *from)
{
    quad to;
    memcpy(&to, from, sizeof to);
    return to;
}

static inline quad quad_max(quad a, quad b)
{
    quad_mask greater = a > b;
    return (quad)(((quad_mask)a & greater) | ((quad_mask)b & ~greater));
}

/* Maximum of 16 channels of a window, from c on. */
static inline void max_strip(const struct gn_map *input, struct span span, int c, float *output)
{
    quad best[QUADS];
    for (int q = 0; q < QUADS; q++)
        best[q] = quad_load(cell(input, span.y0, span.x0) + c + q * QUAD);
    for (int y = span.y0; y < span.y1; y++)
        for (int x = span.x0; x < span.x1; x++)
#pragma GCC unroll 4
            for (int q = 0; q < QUADS; q++)
                best[q] = quad_max(best[q], quad_load(cell(input, y, x) + c + q * QUAD));
    memcpy(output + c, best, sizeof best);
}

/* Mean of 16 channels of a window, from c on. */
static inline void mean_strip(const struct gn_map *input, struct span span, int c, float *output)
{
    quad sum[QUADS] = {{0}};
    float cells = (float)((span.y1 - span.y0) * (span.x1 - span.x0));
    for (int y = span.y0; y < span.y1; y++)
        for (int x = span.x0; x < span.x1; x++)
#pragma GCC unroll 4
            for (int q = 0; q < QUADS; q++)
                sum[q] += quad_load(cell(input, y, x) + c + q * QUAD);
    for (int q = 0; q < QUADS; q++)
        sum[q] /= cells;
    memcpy(output + c, sum, sizeof sum);
}

/* The same for one channel. */
static float max_channel(const struct gn_map *input, struct span span, int c)
{
    float best = cell(input, span.y0, span.x0)[c];
    for (int y = span.y0; y < span.y1; y++)
        for (int x = span.x0; x < span.x1; x++)
            best = best > cell(input, y, x)[c] ? best : cell(input, y, x)[c];
    return best;
}

static float mean_channel(const struct gn_map *input, struct span span, int c)
{
    float sum = 0.0F;
    for (int y = span.y0; y < span.y1; y++)
        for (int x = span.x0; x < span.x1; x++)
            sum += cell(input, y, x)[c];
    return sum / (float)((span.y1 - span.y0) * (span.x1 - span.x0));
}

void gn_max_pool(const struct gn_map *input, const struct gn_map *output,
                 const struct gn_window *window, int rows)
{
    for (int y = 0; y < rows; y++)
        for (int x = 0; x < output->width; x++) {
            struct span span = clip(input, window, y, x);
            float *to =
                output->data + (size_t)y * output->row_stride + (size_t)x * output->pixel_stride;
            int c = 0;
            for (; c + STRIP <= output->channels; c += STRIP)
                max_strip(input, span, c, to);
            for (; c < output->channels; c++)
                to[c] = max_channel(input, span, c);
        }
}

void gn_avg_pool(const struct gn_map *input, const struct gn_map *output,
                 const struct gn_window *window, int rows)
{
    for (int y = 0; y < rows; y++)
        for (int x = 0; x < output->width; x++) {
            struct span span = clip(input, window, y, x);
            float *to =
                output->data + (size_t)y * output->row_stride + (size_t)x * output->pixel_stride;
            int c = 0;
            for (; c + STRIP <= output->channels; c += STRIP)
                mean_strip(input, span, c, to);
            for (; c < output->channels; c++)
                to[c] = mean_channel(input, span, c);
        }
}

void gn_global_avg_pool(const struct gn_map *input, const struct gn_map *output)
{
    struct gn_window whole = {
        .height = input->height, .width = input->width, .stride_height = 1, .stride_width = 1};
    gn_avg_pool(input, output, &whole, 1);
}

/* SPDX-License-Identifier: MIT
 *
 * pool.c - pooling and softmax.
 */
#include "cnn/cpu/pool.h"

#include <math.h>
#include <string.h>

enum { STRIP = 16 }; /* channels that are pooled together, in registers */

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

/* Maximum of n <= STRIP channels from c on. With n a constant where inlined, a register each. */
__attribute__((always_inline)) static inline void
max_strip(const struct gn_map *input, struct span span, int c, const int n, float *output)
{
    float best[STRIP];
    memcpy(best, cell(input, span.y0, span.x0) + c, sizeof(float) * (size_t)n);
    for (int y = span.y0; y < span.y1; y++)
        for (int x = span.x0; x < span.x1; x++) {
            const float *from = cell(input, y, x) + c;
            for (int i = 0; i < n; i++)
                best[i] = best[i] > from[i] ? best[i] : from[i];
        }
    memcpy(output + c, best, sizeof(float) * (size_t)n);
}

/* Mean of n <= STRIP channels from c on. */
__attribute__((always_inline)) static inline void
mean_strip(const struct gn_map *input, struct span span, int c, const int n, float *output)
{
    float sum[STRIP] = {0};
    float cells = (float)((span.y1 - span.y0) * (span.x1 - span.x0));
    for (int y = span.y0; y < span.y1; y++)
        for (int x = span.x0; x < span.x1; x++) {
            const float *from = cell(input, y, x) + c;
            for (int i = 0; i < n; i++)
                sum[i] += from[i];
        }
    for (int i = 0; i < n; i++)
        output[c + i] = sum[i] / cells;
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
                max_strip(input, span, c, STRIP, to);
            if (c < output->channels)
                max_strip(input, span, c, output->channels - c, to);
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
                mean_strip(input, span, c, STRIP, to);
            if (c < output->channels)
                mean_strip(input, span, c, output->channels - c, to);
        }
}

void gn_global_avg_pool(const struct gn_map *input, const struct gn_map *output)
{
    struct gn_window whole = {
        .height = input->height, .width = input->width, .stride_height = 1, .stride_width = 1};
    gn_avg_pool(input, output, &whole, 1);
}

/* e^x for x <= 0: x = k ln 2 + r, Taylor's series of e^r (|r| <= 0.35; 14 terms reach double
 * precision), times 2^k. */
static double exponential(double x)
{
    static const double LN2_HIGH = 0x1.62e42feep-1, LN2_LOW = 0x1.a39ef35793c76p-33;
    static const double INVERSE_LN2 = 0x1.71547652b82fep+0;
    enum { TERMS = 14 };
    if (x < -700.0)
        return 0.0;
    double k = floor(x * INVERSE_LN2 + 0.5);
    double r = (x - k * LN2_HIGH) - k * LN2_LOW;
    double sum = 1.0;
    for (int i = TERMS; i >= 1; i--)
        sum = 1.0 + sum * r / i;
    return ldexp(sum, (int)k);
}

void gn_softmax(const float *logits, int n, float *probabilities)
{
    float top = logits[0];
    for (int i = 1; i < n; i++)
        top = logits[i] > top ? logits[i] : top;
    double sum = 0.0;
    for (int i = 0; i < n; i++)
        sum += exponential((double)logits[i] - top);
    for (int i = 0; i < n; i++)
        probabilities[i] = (float)(exponential((double)logits[i] - top) / sum);
}

/* SPDX-License-Identifier: MIT
 *
 * pool_loops.h - pooling and copying, written once and compiled for each instruction set.
 *
 * The including file defines POOLS, the name of its table. Only comparisons, additions,
 * multiplications and divisions of float32, never fused: all instruction sets give the same bits.
 */
#include <string.h>

#include "cnn/bf16.h"
#include "cnn/cpu/pool.h"
#include "cnn/cpu/tile.h"

enum { STRIP = 16 }; /* channels that go through together */

/* GCC's and Clang's vectors of any machine: one register of AVX-512, four of SSE2. */
typedef float floats __attribute__((vector_size(64)));
typedef int32_t float_mask __attribute__((vector_size(64)));
typedef int16_t shorts __attribute__((vector_size(32)));
typedef uint8_t octets __attribute__((vector_size(16)));

/* The part of a window that lies inside the map. */
struct cells {
    const struct gn_map *map;
    int y0, y1, x0, x1;
};

static struct cells clip(const struct gn_map *input, const struct gn_window *window, int y, int x)
{
    int top = y * window->stride_height - window->pad_top;
    int left = x * window->stride_width - window->pad_left;
    int bottom = top + window->height, right = left + window->width;
    return (struct cells){.map = input,
                          .y0 = top < 0 ? 0 : top,
                          .y1 = bottom > input->height ? input->height : bottom,
                          .x0 = left < 0 ? 0 : left,
                          .x1 = right > input->width ? input->width : right};
}

/* n <= 16 elements of `size` bytes from channel c on, the rest of the strip as it was. */
static inline void load(void *strip, const char *pixel, int c, int n, size_t size)
{
    if (n == STRIP)
        memcpy(strip, pixel + (size_t)c * size, STRIP * size);
    else
        memcpy(strip, pixel + (size_t)c * size, (size_t)n * size);
}

static inline void store(char *pixel, const void *strip, int c, int n, size_t size)
{
    if (n == STRIP)
        memcpy(pixel + (size_t)c * size, strip, STRIP * size);
    else
        memcpy(pixel + (size_t)c * size, strip, (size_t)n * size);
}

static inline void max_floats(const struct cells *cells, int c, int n, char *to)
{
    floats best = {0}, next = {0};
    load(&best, gn_map_row(cells->map, cells->y0) + (size_t)cells->x0 * cells->map->pixel_stride, c,
         n, sizeof(float));
    for (int y = cells->y0; y < cells->y1; y++) {
        const char *row = gn_map_row(cells->map, y);
        for (int x = cells->x0; x < cells->x1; x++) {
            load(&next, row + (size_t)x * cells->map->pixel_stride, c, n, sizeof(float));
            float_mask greater = next > best;
            best = (floats)(((float_mask)next & greater) | ((float_mask)best & ~greater));
        }
    }
    store(to, &best, c, n, sizeof(float));
}

/* Also bfloat16, which is never negative here and so ordered as integers are. */
static inline void max_shorts(const struct cells *cells, int c, int n, char *to)
{
    shorts best = {0}, next = {0};
    for (int y = cells->y0; y < cells->y1; y++) {
        const char *row = gn_map_row(cells->map, y);
        for (int x = cells->x0; x < cells->x1; x++) {
            load(&next, row + (size_t)x * cells->map->pixel_stride, c, n, sizeof(int16_t));
            shorts greater = next > best; /* no value is below the zeros that `best` starts with */
            best = (next & greater) | (best & ~greater);
        }
    }
    store(to, &best, c, n, sizeof(int16_t));
}

static inline void max_octets(const struct cells *cells, int c, int n, char *to)
{
    octets best = {0}, next = {0};
    for (int y = cells->y0; y < cells->y1; y++) {
        const char *row = gn_map_row(cells->map, y);
        for (int x = cells->x0; x < cells->x1; x++) {
            load(&next, row + (size_t)x * cells->map->pixel_stride, c, n, sizeof(uint8_t));
            octets greater = (octets)(next > best);
            best = (next & greater) | (best & ~greater);
        }
    }
    store(to, &best, c, n, sizeof(uint8_t));
}

static void max_pool(const struct gn_map *input, const struct gn_map *output,
                     const struct gn_window *window)
{
    for (int y = 0; y < output->rows; y++)
        for (int x = 0; x < output->width; x++) {
            struct cells cells = clip(input, window, y, x);
            char *to = gn_map_pixel(output, y, x);
            for (int c = 0; c < output->channels; c += STRIP) {
                int n = output->channels - c < STRIP ? output->channels - c : STRIP;
                if (output->element == GN_FLOAT32)
                    max_floats(&cells, c, n, to);
                else if (output->element == GN_UINT8)
                    max_octets(&cells, c, n, to);
                else
                    max_shorts(&cells, c, n, to);
            }
        }
}

/* n <= 16 elements from channel c on as float32, integers in units; the rest of the strip is 0. */
static inline void load_floats(const char *pixel, enum gn_element element, int c, int n,
                               floats *strip)
{
    float values[STRIP] = {0};
    int16_t shorts_of[STRIP] = {0};
    uint8_t octets_of[STRIP] = {0};
    switch (element) {
    case GN_FLOAT32:
        if (n == STRIP) {
            memcpy(strip, pixel + (size_t)c * sizeof(float), sizeof *strip);
            return;
        }
        load(values, pixel, c, n, sizeof(float));
        break;
    case GN_INT16:
        load(shorts_of, pixel, c, n, sizeof(int16_t));
        for (int i = 0; i < STRIP; i++)
            values[i] = (float)shorts_of[i];
        break;
    case GN_BF16:
        load(shorts_of, pixel, c, n, sizeof(int16_t));
        for (int i = 0; i < STRIP; i++)
            values[i] = gn_from_bf16((uint16_t)shorts_of[i]);
        break;
    case GN_UINT8:
        load(octets_of, pixel, c, n, sizeof(uint8_t));
        for (int i = 0; i < STRIP; i++)
            values[i] = (float)octets_of[i];
        break;
    }
    memcpy(strip, values, sizeof values);
}

static inline void select_floats(floats *to, const float_mask *mask, const floats *otherwise)
{
    *to = (floats)(((float_mask)*to & *mask) | ((float_mask)*otherwise & ~*mask));
}

/* Rounds to nearest even and cuts to 0 ... top; lanes of *cut are set where the top was passed. */
static inline void to_integers(const floats *strip, float top, shorts *integers, float_mask *cut)
{
    const float to_whole = 0x1.8p23F; /* float32 has no fraction bits from here on */
    const floats zeros = {0}, most = zeros + top, far = zeros + 2 * top;
    floats whole = *strip;
    float_mask inside = whole > zeros;
    select_floats(&whole, &inside, &zeros);
    inside = whole < far;
    select_floats(&whole, &inside, &far);
    whole = (whole + to_whole) - to_whole;
    inside = whole <= most;
    *cut |= ~inside;
    select_floats(&whole, &inside, &most);
    *integers = __builtin_convertvector(whole, shorts);
}

static inline void store_floats(const floats *strip, const struct gn_map *map, int c, int n,
                                char *pixel, float_mask *cut)
{
    float values[STRIP];
    shorts integers;
    octets bytes;
    switch (map->element) {
    case GN_FLOAT32:
        store(pixel, strip, c, n, sizeof(float));
        break;
    case GN_BF16:
        memcpy(values, strip, sizeof values);
        for (int i = 0; i < STRIP; i++)
            integers[i] = (int16_t)gn_to_bf16(values[i]);
        store(pixel, &integers, c, n, sizeof(int16_t));
        break;
    case GN_INT16:
        to_integers(strip, (float)GN_INT16_TOP, &integers, cut);
        store(pixel, &integers, c, n, sizeof(int16_t));
        break;
    case GN_UINT8:
        to_integers(strip, (float)GN_INT8_TOP, &integers, cut);
        bytes = __builtin_convertvector(integers, octets);
        store(pixel, &bytes, c, n, sizeof(uint8_t));
        break;
    }
}

static inline void sum_cells(const struct cells *cells, int c, int n, floats *total)
{
    floats sum = {0};
    for (int y = cells->y0; y < cells->y1; y++) {
        const char *row = gn_map_row(cells->map, y);
        for (int x = cells->x0; x < cells->x1; x++) {
            floats next;
            load_floats(row + (size_t)x * cells->map->pixel_stride, cells->map->element, c, n,
                        &next);
            sum += next;
        }
    }
    *total = sum;
}

static inline void add_bias(floats *strip, const float *bias, int n, bool relu)
{
    floats add = {0}, zeros = {0};
    load(&add, (const char *)bias, 0, n, sizeof(float));
    *strip += add;
    float_mask positive = *strip > zeros;
    if (relu)
        *strip = (floats)((float_mask)*strip & positive);
}

static bool any_lane(const float_mask *mask)
{
    int32_t any = 0;
    for (int i = 0; i < STRIP; i++)
        any |= (*mask)[i];
    return any != 0;
}

static bool avg_pool(const struct gn_map *input, const struct gn_map *output,
                     const struct gn_window *window, const struct gn_mean_finish *finish)
{
    /* The sums of a convolution are in real units. */
    const float unit = input->element == output->element ? 1.0F : 1.0F / output->unit;
    float_mask cut = {0};
    for (int y = 0; y < output->rows; y++)
        for (int x = 0; x < output->width; x++) {
            const struct cells cells = clip(input, window, y, x);
            const float part = 1.0F / (float)((cells.y1 - cells.y0) * (cells.x1 - cells.x0));
            for (int c = 0; c < output->channels; c += STRIP) {
                const int n = output->channels - c < STRIP ? output->channels - c : STRIP;
                floats strip;
                sum_cells(&cells, c, n, &strip);
                strip *= part;
                if (finish->bias != NULL)
                    add_bias(&strip, finish->bias + c, n, finish->relu);
                strip *= unit;
                store_floats(&strip, output, c, n, gn_map_pixel(output, y, x), &cut);
            }
        }
    return any_lane(&cut);
}

static void global_avg_pool(const struct gn_map *input, const struct gn_map *output)
{
    const struct cells all = {input, 0, input->height, 0, input->width};
    const float count = (float)(input->height * input->width);
    float_mask cut = {0}; /* never: the output is float32 */
    for (int c = 0; c < output->channels; c += STRIP) {
        int n = output->channels - c < STRIP ? output->channels - c : STRIP;
        floats strip;
        sum_cells(&all, c, n, &strip);
        strip = strip / count * input->unit;
        store_floats(&strip, output, c, n, output->live, &cut);
    }
}

static void copy_rows(const struct gn_map *input, const struct gn_map *output, int channel,
                      int first, int end)
{
    size_t element = gn_element_size(output->element);
    float_mask cut = {0}; /* never: what is not copied as it is becomes float32 */
    for (int y = first; y < end; y++) {
        const char *from = gn_map_row(input, y);
        for (int x = 0; x < input->width; x++, from += input->pixel_stride) {
            char *to = gn_map_pixel(output, y, x) + (size_t)channel * element;
            if (input->element == output->element) {
                memcpy(to, from, (size_t)input->channels * element);
                continue;
            }
            for (int c = 0; c < input->channels; c += STRIP) {
                int n = input->channels - c < STRIP ? input->channels - c : STRIP;
                floats strip;
                load_floats(from, input->element, c, n, &strip);
                strip *= input->unit;
                store_floats(&strip, output, c, n, to, &cut);
            }
        }
    }
}

static void load_image(const uint8_t *image, const struct gn_map *map, int rows)
{
    const size_t n = (size_t)rows * (size_t)map->width * (size_t)map->channels;
    float *float_to = (float *)(void *)map->live;
    uint16_t *short_to = (uint16_t *)(void *)map->live;
    switch (map->element) {
    case GN_FLOAT32:
        for (size_t i = 0; i < n; i++)
            float_to[i] = ((float)image[i] - 128.0F) / 128.0F;
        break;
    case GN_INT16:
        for (size_t i = 0; i < n; i++)
            short_to[i] = image[i];
        break;
    case GN_BF16:
        for (size_t i = 0; i < n; i++)
            short_to[i] = gn_to_bf16(((float)image[i] - 128.0F) / 128.0F);
        break;
    case GN_UINT8:
        memcpy(map->live, image, n);
        break;
    }
}

const struct gn_pools POOLS = {max_pool, avg_pool, global_avg_pool, copy_rows, load_image};

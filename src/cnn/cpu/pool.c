/* SPDX-License-Identifier: MIT
 *
 * pool.c - pooling and copying.
 */
#include "cnn/cpu/pool.h"

#include <string.h>

#include "cnn/cpu/tile.h"

enum { QUAD = 4, STRIP = 16, QUADS = STRIP / QUAD };

/* Four channels in one register; 16 channels go through together. GCC's and Clang's vectors of any
 * machine. */
typedef float quad __attribute__((vector_size(16)));

#define ELEMENT   float
#define MAX_STRIP max_strip_float32
#include "cnn/cpu/pool_max.h"
#define ELEMENT   int16_t
#define MAX_STRIP max_strip_int16
#include "cnn/cpu/pool_max.h"
#define ELEMENT   uint8_t
#define MAX_STRIP max_strip_uint8
#include "cnn/cpu/pool_max.h"

/* The part of a window that lies inside the map. */
static struct gn_cells clip(const struct gn_map *input, const struct gn_window *window, int y,
                            int x)
{
    int top = y * window->stride_height - window->pad_top;
    int left = x * window->stride_width - window->pad_left;
    int bottom = top + window->height, right = left + window->width;
    return (struct gn_cells){.map = input,
                             .y0 = top < 0 ? 0 : top,
                             .y1 = bottom > input->height ? input->height : bottom,
                             .x0 = left < 0 ? 0 : left,
                             .x1 = right > input->width ? input->width : right};
}

void gn_max_pool(const struct gn_map *input, const struct gn_map *output,
                 const struct gn_window *window)
{
    for (int y = 0; y < output->rows; y++)
        for (int x = 0; x < output->width; x++) {
            struct gn_cells cells = clip(input, window, y, x);
            char *to = gn_map_pixel(output, y, x);
            for (int c = 0; c < output->channels; c += STRIP) {
                int n = output->channels - c < STRIP ? output->channels - c : STRIP;
                switch (output->element) {
                case GN_FLOAT32:
                    max_strip_float32(&cells, c, n, (float *)(void *)to + c);
                    break;
                case GN_INT16:
                case GN_BF16: /* never negative here, so ordered as integers are */
                    max_strip_int16(&cells, c, n, (int16_t *)(void *)to + c);
                    break;
                case GN_UINT8:
                    max_strip_uint8(&cells, c, n, (uint8_t *)to + c);
                    break;
                }
            }
        }
}

static float from_bf16(uint16_t half)
{
    uint32_t bits = (uint32_t)half << 16;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static uint16_t to_bf16(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    bits += 0x7fffU + (bits >> 16 & 1);
    return (uint16_t)(bits >> 16);
}

/* n <= 16 elements from channel c on as float32, integers in units; the rest of the strip is 0. */
static inline void load_strip(const char *pixel, enum gn_element element, int c, int n,
                              quad strip[QUADS])
{
    float values[STRIP] = {0};
    switch (element) {
    case GN_FLOAT32:
        if (n == STRIP)
            memcpy(values, pixel + (size_t)c * sizeof(float), sizeof values);
        else
            memcpy(values, pixel + (size_t)c * sizeof(float), (size_t)n * sizeof(float));
        break;
    case GN_INT16:
        for (int i = 0; i < n; i++)
            values[i] = (float)((const int16_t *)(const void *)pixel)[c + i];
        break;
    case GN_BF16:
        for (int i = 0; i < n; i++)
            values[i] = from_bf16(((const uint16_t *)(const void *)pixel)[c + i]);
        break;
    case GN_UINT8:
        for (int i = 0; i < n; i++)
            values[i] = (float)((const uint8_t *)pixel)[c + i];
        break;
    }
    memcpy(strip, values, sizeof values);
}

/* Rounds to nearest even and cuts at the top; true when it had to. */
static bool store_integers(const float *values, int n, float top, enum gn_element element, char *to)
{
    static const float TO_WHOLE = 0x1.8p23F; /* float32 has no fraction bits from here on */
    bool cut = false;
    for (int i = 0; i < n; i++) {
        float whole = values[i] > 2 * top ? 2 * top : values[i] < 0.0F ? 0.0F : values[i];
        whole = (whole + TO_WHOLE) - TO_WHOLE;
        cut = cut || whole > top;
        whole = whole > top ? top : whole;
        if (element == GN_INT16)
            ((int16_t *)(void *)to)[i] = (int16_t)whole;
        else
            ((uint8_t *)to)[i] = (uint8_t)whole;
    }
    return cut;
}

static bool store_strip(const quad strip[QUADS], const struct gn_map *map, int c, int n,
                        char *pixel)
{
    float values[STRIP];
    memcpy(values, strip, sizeof values);
    switch (map->element) {
    case GN_FLOAT32:
        memcpy(pixel + (size_t)c * sizeof(float), values, (size_t)n * sizeof(float));
        return false;
    case GN_BF16:
        for (int i = 0; i < n; i++)
            ((uint16_t *)(void *)pixel)[c + i] = to_bf16(values[i]);
        return false;
    case GN_INT16:
        return store_integers(values, n, GN_INT16_TOP, GN_INT16,
                              pixel + (size_t)c * sizeof(int16_t));
    case GN_UINT8:
        return store_integers(values, n, GN_INT8_TOP, GN_UINT8, pixel + c);
    }
    return false;
}

static inline void sum_strip(const struct gn_cells *cells, int c, int n, quad sum[QUADS])
{
    memset(sum, 0, sizeof(quad) * QUADS);
    for (int y = cells->y0; y < cells->y1; y++) {
        const char *row = gn_map_row(cells->map, y);
        for (int x = cells->x0; x < cells->x1; x++) {
            quad strip[QUADS];
            load_strip(row + (size_t)x * cells->map->pixel_stride, cells->map->element, c, n,
                       strip);
            for (int q = 0; q < QUADS; q++)
                sum[q] += strip[q];
        }
    }
}

static inline void add_bias(quad strip[QUADS], const float *bias, int n, bool relu)
{
    float add[STRIP] = {0}, values[STRIP];
    memcpy(add, bias, (size_t)n * sizeof(float));
    memcpy(values, strip, sizeof values);
    for (int i = 0; i < STRIP; i++) {
        values[i] += add[i];
        values[i] = relu && !(values[i] > 0.0F) ? 0.0F : values[i];
    }
    memcpy(strip, values, sizeof values);
}

/* Of an integer output behind a convolution: its float32 sums are in real units. */
static void to_units(quad strip[QUADS], float unit)
{
    for (int q = 0; q < QUADS; q++)
        strip[q] /= unit;
}

bool gn_avg_pool(const struct gn_map *input, const struct gn_map *output,
                 const struct gn_window *window, const struct gn_mean_finish *finish)
{
    bool cut = false;
    for (int y = 0; y < output->rows; y++)
        for (int x = 0; x < output->width; x++) {
            struct gn_cells cells = clip(input, window, y, x);
            float count = (float)((cells.y1 - cells.y0) * (cells.x1 - cells.x0));
            for (int c = 0; c < output->channels; c += STRIP) {
                int n = output->channels - c < STRIP ? output->channels - c : STRIP;
                quad strip[QUADS];
                sum_strip(&cells, c, n, strip);
                for (int q = 0; q < QUADS; q++)
                    strip[q] /= count;
                if (finish->bias != NULL)
                    add_bias(strip, finish->bias + c, n, finish->relu);
                if (input->element != output->element)
                    to_units(strip, output->unit);
                cut = store_strip(strip, output, c, n, gn_map_pixel(output, y, x)) || cut;
            }
        }
    return cut;
}

void gn_global_avg_pool(const struct gn_map *input, const struct gn_map *output)
{
    struct gn_cells all = {input, 0, input->height, 0, input->width};
    float count = (float)(input->height * input->width);
    for (int c = 0; c < output->channels; c += STRIP) {
        int n = output->channels - c < STRIP ? output->channels - c : STRIP;
        quad strip[QUADS];
        sum_strip(&all, c, n, strip);
        for (int q = 0; q < QUADS; q++)
            strip[q] = strip[q] / count * input->unit;
        store_strip(strip, output, c, n, output->live);
    }
}

void gn_copy_rows(const struct gn_map *input, const struct gn_map *output, int channel, int first,
                  int end)
{
    size_t element = gn_element_size(output->element);
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
                quad strip[QUADS];
                load_strip(from, input->element, c, n, strip);
                for (int q = 0; q < QUADS; q++)
                    strip[q] *= input->unit;
                store_strip(strip, output, c, n, to);
            }
        }
    }
}

void gn_load_image(const uint8_t *image, const struct gn_map *map, int rows)
{
    size_t n = (size_t)rows * (size_t)map->width * (size_t)map->channels;
    if (map->element == GN_UINT8) {
        memcpy(map->live, image, n);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        float value = ((float)image[i] - 128.0F) / 128.0F;
        if (map->element == GN_FLOAT32)
            ((float *)(void *)map->live)[i] = value;
        else if (map->element == GN_BF16)
            ((uint16_t *)(void *)map->live)[i] = to_bf16(value);
        else
            ((int16_t *)(void *)map->live)[i] = image[i];
    }
}

/* SPDX-License-Identifier: MIT
 *
 * tile_portable.c - the tile kernels in plain C: for machines that have nothing better, and the
 * reference of the others.
 *
 * fmaf() rounds once by the standard, in hardware or not, so the bits equal those of the vector
 * kernels. On x86-64 it is a library call and slow.
 */
#include <math.h>
#include <string.h>

#include "cnn/cpu/kernels.h"

enum { PIXELS = 4 };

/* Where the weights of a tap's word start: 16 words, one an output channel. */
static const void *weights_of(const struct gn_tile *tile, int tap, int word)
{
    size_t row = (size_t)tap * (size_t)tile->words + (size_t)word;
    return (const char *)tile->weights + row * GN_BLOCK * sizeof(int32_t);
}

static void sum_float32(const struct gn_tile *tile, int pixel, float sums[GN_BLOCK])
{
    memcpy(sums, tile->bias, GN_BLOCK * sizeof *sums);
    for (int i = 0; i < tile->n_taps; i++) {
        const float *inputs = tile->starts[tile->taps[i] * PIXELS + pixel];
        for (int k = 0; k < tile->words; k++) {
            const float *weights = weights_of(tile, tile->taps[i], k);
            for (int c = 0; c < GN_BLOCK; c++)
                sums[c] = fmaf(inputs[k], weights[c], sums[c]);
        }
    }
}

static uint32_t tile_float32(const struct gn_tile *tile)
{
    for (int p = 0; p < tile->pixels; p++) {
        float sums[GN_BLOCK];
        sum_float32(tile, p, sums);
        for (int c = 0; c < GN_BLOCK && tile->store == GN_STORE_RELU; c++)
            sums[c] = sums[c] > 0.0F ? sums[c] : 0.0F;
        memcpy(tile->outputs[p], sums, (size_t)tile->channels * sizeof *sums);
    }
    return 0;
}

/* Sums are unsigned here: they wrap around as the vector kernels' do. */
static void sum_int16(const struct gn_tile *tile, int pixel, uint32_t sums[GN_BLOCK])
{
    for (int i = 0; i < tile->n_taps; i++) {
        const int16_t *inputs = tile->starts[tile->taps[i] * PIXELS + pixel];
        for (int k = 0; k < tile->words; k++, inputs += 2) {
            const int16_t *weights = weights_of(tile, tile->taps[i], k);
            for (int c = 0; c < GN_BLOCK; c++)
                sums[c] += (uint32_t)(inputs[0] * weights[2 * c]) +
                           (uint32_t)(inputs[1] * weights[2 * c + 1]);
        }
    }
}

static void sum_int8(const struct gn_tile *tile, int pixel, uint32_t sums[GN_BLOCK])
{
    for (int i = 0; i < tile->n_taps; i++) {
        const uint8_t *inputs = tile->starts[tile->taps[i] * PIXELS + pixel];
        for (int k = 0; k < tile->words; k++, inputs += 4) {
            const int8_t *weights = weights_of(tile, tile->taps[i], k);
            for (int c = 0; c < GN_BLOCK; c++, weights += 4)
                sums[c] += (uint32_t)(inputs[0] * weights[0] + inputs[1] * weights[1] +
                                      inputs[2] * weights[2] + inputs[3] * weights[3]);
        }
    }
}

/* Rounds a result to an integer in 0 ... top and stores it as int16 or uint8; true when it was cut.
 * Cutting goes first, since no integer holds every float; top is odd, so that what rounds beyond it
 * is at least top + 0.5. */
static bool store_integer(float result, int top, void *outputs, int channel)
{
    float kept = result > 0.0F ? result : 0.0F;
    long integer = lrintf(kept < (float)top ? kept : (float)top);
    if (top == GN_INT8_TOP)
        ((uint8_t *)outputs)[channel] = (uint8_t)integer;
    else
        ((int16_t *)outputs)[channel] = (int16_t)integer;
    return result >= (float)top + 0.5F;
}

static bool store_sums(const struct gn_tile *tile, const uint32_t sums[GN_BLOCK], int top,
                       void *outputs)
{
    bool cut = false;
    for (int c = 0; c < tile->channels; c++) {
        float result = fmaf((float)(int32_t)sums[c], tile->scale[c], tile->bias[c]);
        if (tile->store == GN_STORE_RAW)
            ((float *)outputs)[c] = result;
        else if (store_integer(result, top, outputs, c))
            cut = true;
    }
    return cut;
}

static uint32_t tile_int16(const struct gn_tile *tile)
{
    uint32_t cut = 0;
    for (int p = 0; p < tile->pixels; p++) {
        uint32_t sums[GN_BLOCK] = {0};
        sum_int16(tile, p, sums);
        cut |= (uint32_t)store_sums(tile, sums, GN_INT16_TOP, tile->outputs[p]) << p;
    }
    return cut;
}

static uint32_t tile_int8(const struct gn_tile *tile)
{
    uint32_t cut = 0;
    for (int p = 0; p < tile->pixels; p++) {
        uint32_t sums[GN_BLOCK] = {0};
        sum_int8(tile, p, sums);
        cut |= (uint32_t)store_sums(tile, sums, GN_INT8_TOP, tile->outputs[p]) << p;
    }
    return cut;
}

const struct gn_kernels gn_kernels_float32_portable = {PIXELS, 1, {tile_float32}};
const struct gn_kernels gn_kernels_int16_portable = {PIXELS, 1, {tile_int16}};
const struct gn_kernels gn_kernels_int8_portable = {PIXELS, 1, {tile_int8}};

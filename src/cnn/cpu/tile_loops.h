/* SPDX-License-Identifier: MIT
 *
 * tile_loops.h - the loops of a tile kernel, written once and compiled for each type and
 * instruction set.
 *
 * The including file defines, before the include: the types `lanes` (LANES 32-bit sums), `words`
 * (LANES 32-bit words of weights or of one input, repeated), `floats` (LANES results) and `element`
 * (what is stored); the constants LANES (divides 16), PIXELS, BLOCKS and GROUP; and the functions
 *
 *   lanes lanes_start(const float *bias)                   the sums before the first product
 *   words words_load(const void *weights)                  LANES words, aligned
 *   words words_fill(const void *input)                    one word, aligned to an element only
 *   lanes lanes_dot(lanes sum, words x, words w)           sum + x * w
 *   floats lanes_result(lanes sum, const float *scale, const float *bias)
 *   void floats_store(float *to, floats x)
 *   floats floats_max(floats a, floats b)
 *   bool floats_beyond(floats x)                           any that is cut as an element
 *   uint32_t elements_store(element *to, const floats *x)  16 after the ReLU; bits: which were cut
 *   void group_store(element *const *to, const floats *x)  the same for GROUP pixels, none is cut
 *
 * After it, tile_1(), tile_2() and tile_3() are the kernels of so many blocks, up to BLOCKS.
 *
 * A tile keeps PIXELS x blocks x 16 sums in registers; for every word of the taps it loads the
 * weights of all blocks and multiplies them with PIXELS words of input. The order of loops is ours;
 * the idea (implicit GEMM with outputs side by side) is common to oneDNN, XNNPACK and others.
 */
#ifndef GN_CNN_CPU_TILE_LOOPS_H
#define GN_CNN_CPU_TILE_LOOPS_H

#include <string.h>

#include "cnn/cpu/tile.h"

enum { VECTORS = GN_BLOCK / LANES, WORD_BYTES = 4, ROW_BYTES = GN_BLOCK * WORD_BYTES };

_Static_assert((int)PIXELS <= (int)GN_TILE_MAX_PIXELS && 24 % PIXELS == 0, "see tile.h");
_Static_assert((int)BLOCKS <= (int)GN_TILE_MAX_BLOCKS, "see tile.h");

/* Multiplies and adds into sums[pixel][block, vector]; `blocks` is a constant in the caller. */
__attribute__((always_inline)) static inline void
accumulate(const struct gn_tile *tile, const int blocks, lanes sums[PIXELS][BLOCKS * VECTORS])
{
    const size_t words_of_tap = (size_t)tile->words;
    const size_t block_stride = tile->block_stride;
#pragma GCC unroll 16
    for (int p = 0; p < PIXELS; p++)
#pragma GCC unroll 8
        for (int v = 0; v < blocks * VECTORS; v++)
            sums[p][v] = lanes_start(tile->bias + v * LANES);
    for (int i = 0; i < tile->n_taps; i++) {
        const size_t tap = (size_t)tile->taps[i];
        const char *weights = (const char *)tile->weights + tap * words_of_tap * ROW_BYTES;
        const char *inputs[PIXELS];
#pragma GCC unroll 16
        for (int p = 0; p < PIXELS; p++)
            inputs[p] = tile->starts[tap * PIXELS + (size_t)p];
        for (size_t k = 0; k < words_of_tap; k++, weights += ROW_BYTES) {
            __asm__("" : "+r"(k)); /* one index, not a pointer to step for each pixel */
            words w[BLOCKS * VECTORS];
#pragma GCC unroll 8
            for (int v = 0; v < blocks * VECTORS; v++)
                w[v] = words_load(weights + (size_t)(v / VECTORS) * block_stride +
                                  v % VECTORS * LANES * WORD_BYTES);
#pragma GCC unroll 16
            for (int p = 0; p < PIXELS; p++) {
                words x = words_fill(inputs[p] + k * WORD_BYTES);
#pragma GCC unroll 8
                for (int v = 0; v < blocks * VECTORS; v++)
                    sums[p][v] = lanes_dot(sums[p][v], x, w[v]);
            }
        }
    }
}

/* Stores the first n of a block's 16 outputs; returns which of them were cut. */
static inline uint32_t store_block(const floats *results, int n, enum gn_tile_store store,
                                   char *output)
{
    if (store == GN_STORE_RELU) {
        element whole[GN_BLOCK];
        if (n >= GN_BLOCK)
            return elements_store((element *)output, results);
        uint32_t cut = elements_store(whole, results);
        memcpy(output, whole, sizeof(element) * (size_t)n);
        return cut & ((1U << n) - 1);
    }
    float whole[GN_BLOCK];
    for (int v = 0; v < VECTORS; v++)
        floats_store(n >= GN_BLOCK ? (float *)output + v * LANES : whole + v * LANES, results[v]);
    if (n < GN_BLOCK)
        memcpy(output, whole, sizeof(float) * (size_t)n);
    return 0;
}

static inline uint32_t store_tile(const struct gn_tile *tile, const int blocks,
                                  lanes sums[PIXELS][BLOCKS * VECTORS])
{
    const size_t size = tile->store == GN_STORE_RELU ? sizeof(element) : sizeof(float);
    uint32_t cut = 0;
    for (int p = 0; p < tile->pixels; p++)
        for (int b = 0, n = tile->channels; b < blocks && n > 0; b++, n -= GN_BLOCK) {
            floats results[VECTORS];
            for (int v = 0; v < VECTORS; v++)
                results[v] =
                    lanes_result(sums[p][b * VECTORS + v], tile->scale + b * GN_BLOCK + v * LANES,
                                 tile->bias + b * GN_BLOCK + v * LANES);
            char *output = (char *)tile->outputs[p] + (size_t)b * GN_BLOCK * size;
            if (store_block(results, n, tile->store, output) != 0)
                cut |= 1U << p;
        }
    return cut;
}

/* Stores a tile of which no pixel and no channel is left out, straight from the registers, without
 * looking at each output whether it is cut: false when one is, and all have to be stored again. */
__attribute__((always_inline)) static inline bool
store_whole(const struct gn_tile *tile, const int blocks, lanes sums[PIXELS][BLOCKS * VECTORS])
{
    floats largest[BLOCKS * VECTORS];
#pragma GCC unroll 16
    for (int p = 0; p < PIXELS; p += GROUP)
#pragma GCC unroll 8
        for (int b = 0; b < blocks; b++) {
            floats results[GROUP * VECTORS];
            element *to[GROUP];
#pragma GCC unroll 8
            for (int g = 0; g < GROUP; g++) {
                to[g] = (element *)tile->outputs[p + g] + b * GN_BLOCK;
#pragma GCC unroll 8
                for (int v = 0; v < VECTORS; v++) {
                    const int w = b * VECTORS + v;
                    const floats result = lanes_result(sums[p + g][w], tile->scale + w * LANES,
                                                       tile->bias + w * LANES);
                    largest[w] = p + g == 0 ? result : floats_max(largest[w], result);
                    results[g * VECTORS + v] = result;
                }
            }
            group_store(to, results);
        }
#pragma GCC unroll 8
    for (int w = 1; w < blocks * VECTORS; w++)
        largest[0] = floats_max(largest[0], largest[w]);
    return !floats_beyond(largest[0]);
}

__attribute__((always_inline)) static inline void
store_whole_raw(const struct gn_tile *tile, const int blocks, lanes sums[PIXELS][BLOCKS * VECTORS])
{
#pragma GCC unroll 16
    for (int p = 0; p < PIXELS; p++)
#pragma GCC unroll 8
        for (int w = 0; w < blocks * VECTORS; w++)
            floats_store((float *)tile->outputs[p] + w * LANES,
                         lanes_result(sums[p][w], tile->scale + w * LANES, tile->bias + w * LANES));
}

/* A tile that is stored in part, and one with outputs that are cut, goes through memory, `kept`:
 * indexed by a variable, the sums would not stay in registers while they are added up. */
__attribute__((always_inline)) static inline uint32_t tile_of(const struct gn_tile *tile,
                                                              const int blocks)
{
    bool is_whole = tile->pixels == PIXELS && tile->channels == blocks * GN_BLOCK;
    for (;; is_whole = false) {
        lanes sums[PIXELS][BLOCKS * VECTORS], kept[PIXELS][BLOCKS * VECTORS];
        accumulate(tile, blocks, sums);
        if (is_whole && tile->store == GN_STORE_RELU) {
            if (store_whole(tile, blocks, sums))
                return 0;
            continue; /* rare, therefore from the start */
        }
        if (is_whole) {
            store_whole_raw(tile, blocks, sums);
            return 0;
        }
#pragma GCC unroll 16
        for (int p = 0; p < PIXELS; p++)
#pragma GCC unroll 8
            for (int v = 0; v < blocks * VECTORS; v++)
                kept[p][v] = sums[p][v];
        return store_tile(tile, blocks, kept);
    }
}

static inline uint32_t tile_1(const struct gn_tile *tile)
{
    return tile_of(tile, 1);
}

static inline uint32_t tile_2(const struct gn_tile *tile)
{
    return tile_of(tile, BLOCKS < 2 ? BLOCKS : 2);
}

static inline uint32_t tile_3(const struct gn_tile *tile)
{
    return tile_of(tile, BLOCKS < 3 ? BLOCKS : 3);
}

#endif

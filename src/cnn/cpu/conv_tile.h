/* SPDX-License-Identifier: MIT
 *
 * conv_tile.h - the convolution kernel, written once and compiled once per instruction set.
 *
 * The including file defines, before the include: the type `lanes` (LANES floats), the constants
 * LANES (divides 16), PIXELS (output pixels of a register tile) and BLOCKS (blocks of 16 output
 * channels of a tile), and the functions lanes_load, lanes_store, lanes_fill, lanes_fma(x, w, sum)
 * and lanes_relu. After it, convolve() is the kernel.
 *
 * A tile keeps PIXELS x BLOCKS x 16 sums in registers; for every input it loads the weights of 16 *
 * BLOCKS outputs and multiplies them with PIXELS inputs. This order of loops is ours; the idea
 * (implicit GEMM with the outputs side by side) is common to oneDNN, XNNPACK and others.
 */
#ifndef GN_CNN_CPU_CONV_TILE_H
#define GN_CNN_CPU_CONV_TILE_H

#include <string.h>

#include "cnn/cpu/conv.h"

enum { BLOCK = 16, VECTORS = BLOCK / LANES };

/* Where each tap of each of the tile's pixels starts: starts[tap][pixel]. Pixels past the end repeat the last one. */
static inline void gather(const struct gn_conv_job *job, int first, const float **starts)
{
    for (int p = 0; p < PIXELS; p++) {
        int pixel = first + p < job->pixels ? first + p : job->pixels - 1;
        const int32_t *offsets = job->offsets + (size_t)pixel * job->taps;
        for (int tap = 0; tap < job->taps; tap++)
            starts[tap * PIXELS + p] = offsets[tap] < 0 ? job->zeros : job->input + offsets[tap];
    }
}

/* Computes one tile, of `blocks` (a constant where this is inlined) blocks of outputs from `block` on:
 * tile[pixel][BLOCKS * 16]. */
__attribute__((always_inline)) static inline void accumulate(const struct gn_conv_job *job,
                                                             const float *const *starts, int block,
                                                             const int blocks, float *tile)
{
    const size_t block_size = (size_t)job->taps * job->run * BLOCK;
    const float *weights = job->weights + block * block_size;
    const float *bias = job->bias + block * BLOCK;
    lanes sums[PIXELS][BLOCKS * VECTORS];
#pragma GCC unroll 16
    for (int p = 0; p < PIXELS; p++)
#pragma GCC unroll 8
        for (int v = 0; v < blocks * VECTORS; v++)
            sums[p][v] = lanes_load(bias + v * LANES);
    for (int tap = 0; tap < job->taps; tap++) {
        const float *inputs[PIXELS];
#pragma GCC unroll 16
        for (int p = 0; p < PIXELS; p++)
            inputs[p] = starts[tap * PIXELS + p];
        for (int k = 0; k < job->run; k++, weights += BLOCK) {
            lanes w[BLOCKS * VECTORS];
#pragma GCC unroll 8
            for (int v = 0; v < blocks * VECTORS; v++)
                w[v] = lanes_load(weights + v / VECTORS * block_size + v % VECTORS * LANES);
#pragma GCC unroll 16
            for (int p = 0; p < PIXELS; p++) {
                lanes x = lanes_fill(inputs[p][k]);
#pragma GCC unroll 8
                for (int v = 0; v < blocks * VECTORS; v++)
                    sums[p][v] = lanes_fma(x, w[v], sums[p][v]);
            }
        }
    }
#pragma GCC unroll 16
    for (int p = 0; p < PIXELS; p++)
#pragma GCC unroll 8
        for (int v = 0; v < blocks * VECTORS; v++)
            lanes_store(tile + p * BLOCKS * BLOCK + v * LANES, sums[p][v]);
}

/* Functions of their own: inlined into the loops over tiles, the sums no longer all stay in registers. */
__attribute__((noinline)) static void
accumulate_wide(const struct gn_conv_job *job, const float *const *starts, int block, float *tile)
{
    accumulate(job, starts, block, BLOCKS, tile);
}

__attribute__((noinline)) static void
accumulate_single(const struct gn_conv_job *job, const float *const *starts, int block, float *tile)
{
    accumulate(job, starts, block, 1, tile);
}

/* Stores a block of 16 sums as outputs: all of them, or the n first. */
static inline void store_block(const float *sums, int n, bool relu, float *output)
{
    float buffer[BLOCK];
    float *to = n < BLOCK ? buffer : output;
    for (int v = 0; v < VECTORS; v++) {
        lanes x = lanes_load(sums + v * LANES);
        lanes_store(to + v * LANES, relu ? lanes_relu(x) : x);
    }
    if (n < BLOCK)
        memcpy(output, buffer, sizeof(float) * (size_t)n);
}

static inline void store_tile(const struct gn_conv_job *job, int first, int block, int blocks,
                              const float *tile)
{
    const int pixels = job->pixels - first < PIXELS ? job->pixels - first : PIXELS;
    float *output = job->output + first * job->output_stride + block * BLOCK;
    for (int p = 0; p < pixels; p++)
        for (int b = 0; b < blocks; b++)
            store_block(tile + (p * BLOCKS + b) * BLOCK, job->channels - (block + b) * BLOCK,
                        job->relu, output + p * job->output_stride + b * BLOCK);
}

static inline void convolve(const struct gn_conv_job *job)
{
    const float *starts[GN_CONV_MAX_TAPS * PIXELS];
    _Alignas(64) float tile[PIXELS * BLOCKS * BLOCK];
    const int blocks = (job->channels + BLOCK - 1) / BLOCK;
    for (int first = 0; first < job->pixels; first += PIXELS) {
        int block = 0;
        gather(job, first, starts);
        for (; block + BLOCKS <= blocks; block += BLOCKS) {
            accumulate_wide(job, starts, block, tile);
            store_tile(job, first, block, BLOCKS, tile);
        }
        for (; block < blocks; block++) {
            accumulate_single(job, starts, block, tile);
            store_tile(job, first, block, 1, tile);
        }
    }
}

#endif

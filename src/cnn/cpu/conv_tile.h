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

/* Where each tap of each pixel of the tile starts: starts[tap][pixel]. Pixels past the end repeat
 * the last one. */
static inline void gather(const struct gn_conv_job *job, int first, const float **starts)
{
    for (int p = 0; p < PIXELS; p++) {
        int pixel = first + p < job->pixels ? first + p : job->pixels - 1;
        const int32_t *offsets = job->offsets + (size_t)pixel * job->taps;
        for (int tap = 0; tap < job->taps; tap++)
            starts[tap * PIXELS + p] = offsets[tap] < 0 ? job->zeros : job->input + offsets[tap];
    }
}

/* Stores 16 sums of one pixel: all of them, or the n first. */
static inline void store_block(float *output, const lanes *sums, int n)
{
    if (n >= BLOCK) {
        for (int v = 0; v < VECTORS; v++)
            lanes_store(output + v * LANES, sums[v]);
        return;
    }
    float buffer[BLOCK];
    for (int v = 0; v < VECTORS; v++)
        lanes_store(buffer + v * LANES, sums[v]);
    memcpy(output, buffer, sizeof(float) * (size_t)n);
}

/* One tile: PIXELS pixels, `blocks` (a constant where inlined) blocks of outputs from `block` on.
 */
__attribute__((always_inline)) static inline void run_tile(const struct gn_conv_job *job,
                                                           const float *const *starts, int first,
                                                           int block, const int blocks)
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
    const int valid = job->pixels - first < PIXELS ? job->pixels - first : PIXELS;
    float *output = job->output + first * job->output_stride + block * BLOCK;
#pragma GCC unroll 16
    for (int p = 0; p < PIXELS; p++) {
#pragma GCC unroll 8
        for (int v = 0; v < blocks * VECTORS; v++)
            if (job->relu)
                sums[p][v] = lanes_relu(sums[p][v]);
        if (p < valid)
#pragma GCC unroll 4
            for (int b = 0; b < blocks; b++)
                store_block(output + p * job->output_stride + b * BLOCK, &sums[p][b * VECTORS],
                            job->channels - (block + b) * BLOCK);
    }
}

static inline void convolve(const struct gn_conv_job *job)
{
    const float *starts[GN_CONV_MAX_TAPS * PIXELS];
    const int blocks = (job->channels + BLOCK - 1) / BLOCK;
    for (int first = 0; first < job->pixels; first += PIXELS) {
        gather(job, first, starts);
        int block = 0;
        for (; block + BLOCKS <= blocks; block += BLOCKS)
            run_tile(job, starts, first, block, BLOCKS);
        for (; block < blocks; block++)
            run_tile(job, starts, first, block, 1);
    }
}

#endif

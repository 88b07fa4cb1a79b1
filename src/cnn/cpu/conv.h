/* SPDX-License-Identifier: MIT
 *
 * conv.h - one convolution of one map, as the kernels see it, and the choice of the kernel.
 *
 * A kernel knows pointers and lengths only: no graph, no images. Every kernel computes each output
 * as one chain of fused multiply-adds, bias first, then kernel row, kernel column and input channel
 * in ascending order. Hence the results of all kernels are equal in every bit.
 */
#ifndef GN_CNN_CPU_CONV_H
#define GN_CNN_CPU_CONV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cnn/cpu/tile.h"

enum { GN_CONV_MAX_TAPS = 256 };

/// A convolution as a list of taps per output pixel; a tap is a run of consecutive inputs.
struct gn_conv_job {
    const float *input;
    const int32_t *offsets; /* [pixels][taps]: where in input a tap starts, -1 for padding */
    const float *zeros;     /* `run` zeros, read for padding */
    int taps, run;          /* taps <= GN_CONV_MAX_TAPS; floats per tap */
    const float *weights;   /* [blocks][taps][run][16], 64-byte aligned */
    const float *bias;      /* [blocks][16], 64-byte aligned */
    float *output;          /* [pixels][output_stride] */
    size_t output_stride;   /* floats from one pixel to the next */
    int channels;           /* outputs per pixel; the rest of the last block is not stored */
    int pixels;
    bool relu; /* max(x, 0) */
};

typedef void gn_conv_kernel(const struct gn_conv_job *job);

gn_conv_kernel gn_conv_portable, gn_conv_avx2, gn_conv_avx512;

/// The kernel of an instruction set that is available.
gn_conv_kernel *gn_conv_kernel_of(enum gn_isa isa);

#endif

/* SPDX-License-Identifier: MIT
 *
 * conv_portable.c - the convolution kernel in plain C.
 *
 * fmaf() rounds once by the standard, in hardware or not, so the bits equal those of the vector
 * kernels. On x86-64 it is a library call and slow: this kernel is for machines that have nothing
 * better, and the reference of the others.
 */
#include <math.h>

#include "cnn/cpu/conv.h"

typedef struct {
    float x[16];
} lanes;

enum { LANES = 16, PIXELS = 2, BLOCKS = 1 };

static inline lanes lanes_load(const float *from)
{
    lanes to;
    for (int i = 0; i < LANES; i++)
        to.x[i] = from[i];
    return to;
}

static inline void lanes_store(float *to, lanes from)
{
    for (int i = 0; i < LANES; i++)
        to[i] = from.x[i];
}

static inline lanes lanes_fill(float x)
{
    lanes to;
    for (int i = 0; i < LANES; i++)
        to.x[i] = x;
    return to;
}

static inline lanes lanes_fma(lanes x, lanes w, lanes sum)
{
    for (int i = 0; i < LANES; i++)
        sum.x[i] = fmaf(x.x[i], w.x[i], sum.x[i]);
    return sum;
}

static inline lanes lanes_relu(lanes from)
{
    for (int i = 0; i < LANES; i++)
        from.x[i] = from.x[i] > 0.0F ? from.x[i] : 0.0F;
    return from;
}

#include "cnn/cpu/conv_tile.h"

void gn_conv_portable(const struct gn_conv_job *job)
{
    convolve(job);
}

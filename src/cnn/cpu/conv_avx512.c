/* SPDX-License-Identifier: MIT
 *
 * conv_avx512.c - the convolution kernel for AVX-512: 12 pixels x 32 outputs in 24 registers.
 */
#include "cnn/cpu/conv.h"

#if defined(__AVX512F__)

#include <immintrin.h>

typedef __m512 lanes;

enum { LANES = 16, PIXELS = 12, BLOCKS = 2 };

static inline lanes lanes_load(const float *from)
{
    return _mm512_loadu_ps(from);
}

static inline void lanes_store(float *to, lanes x)
{
    _mm512_storeu_ps(to, x);
}

static inline lanes lanes_fill(float x)
{
    return _mm512_set1_ps(x);
}

static inline lanes lanes_fma(lanes x, lanes w, lanes sum)
{
    return _mm512_fmadd_ps(x, w, sum);
}

static inline lanes lanes_relu(lanes x)
{
    return _mm512_max_ps(x, _mm512_setzero_ps()); /* +0 for -0: the second operand wins */
}

#include "cnn/cpu/conv_tile.h"

void gn_conv_avx512(const struct gn_conv_job *job)
{
    convolve(job);
}

#else

void gn_conv_avx512(const struct gn_conv_job *job)
{
    gn_conv_portable(job);
}

#endif

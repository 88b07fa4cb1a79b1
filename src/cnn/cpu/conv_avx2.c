/* SPDX-License-Identifier: MIT
 *
 * conv_avx2.c - the convolution kernel for AVX2 with FMA: 6 pixels x 16 outputs in 12 registers.
 */
#include "cnn/cpu/conv.h"

#if defined(__AVX2__) && defined(__FMA__)

#include <immintrin.h>

typedef __m256 lanes;

enum { LANES = 8, PIXELS = 6, BLOCKS = 1 };

static inline lanes lanes_load(const float *from)
{
    return _mm256_loadu_ps(from);
}

static inline void lanes_store(float *to, lanes x)
{
    _mm256_storeu_ps(to, x);
}

static inline lanes lanes_fill(float x)
{
    return _mm256_set1_ps(x);
}

static inline lanes lanes_fma(lanes x, lanes w, lanes sum)
{
    return _mm256_fmadd_ps(x, w, sum);
}

static inline lanes lanes_relu(lanes x)
{
    return _mm256_max_ps(x, _mm256_setzero_ps()); /* +0 for -0: the second operand wins */
}

#include "cnn/cpu/conv_tile.h"

void gn_conv_avx2(const struct gn_conv_job *job)
{
    convolve(job);
}

#else

void gn_conv_avx2(const struct gn_conv_job *job)
{
    gn_conv_portable(job);
}

#endif

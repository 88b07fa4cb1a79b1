/* SPDX-License-Identifier: MIT
 *
 * tile_float32_avx2.c - float32 with AVX2 and FMA: 6 pixels x 16 outputs in 12 registers.
 */
#include "cnn/cpu/kernels.h"

#if defined(__AVX2__) && defined(__FMA__)

#include <immintrin.h>

typedef __m256 lanes;
typedef __m256 words;
typedef __m256 floats;
typedef float element;

enum { LANES = 8, PIXELS = 6, BLOCKS = 1, GROUP = 1 };

static inline lanes lanes_start(const float *bias)
{
    return _mm256_loadu_ps(bias);
}

static inline words words_load(const void *weights)
{
    return _mm256_load_ps(weights);
}

static inline words words_fill(const void *input)
{
    return _mm256_set1_ps(*(const float *)input);
}

static inline lanes lanes_dot(lanes sum, words x, words w)
{
    return _mm256_fmadd_ps(x, w, sum);
}

static inline floats lanes_result(lanes sum, const float *scale, const float *bias)
{
    (void)scale;
    (void)bias;
    return sum;
}

static inline void floats_store(float *to, floats x)
{
    _mm256_storeu_ps(to, x);
}

static inline floats floats_max(floats a, floats b)
{
    return _mm256_max_ps(a, b);
}

static inline bool floats_beyond(floats x)
{
    (void)x;
    return false;
}

static inline uint32_t elements_store(element *to, const floats *x)
{
    const __m256 zero = _mm256_setzero_ps(); /* +0 for -0: the second wins */
    _mm256_storeu_ps(to, _mm256_max_ps(x[0], zero));
    _mm256_storeu_ps(to + LANES, _mm256_max_ps(x[1], zero));
    return 0;
}

static inline void group_store(element *const *to, const floats *x)
{
    elements_store(to[0], x);
}

#include "cnn/cpu/tile_loops.h"

const struct gn_kernels gn_kernels_float32_avx2 = {PIXELS, BLOCKS, {tile_1}};

#else

const struct gn_kernels gn_kernels_float32_avx2 = {0};

#endif

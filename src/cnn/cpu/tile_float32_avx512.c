/* SPDX-License-Identifier: MIT
 *
 * tile_float32_avx512.c - float32 with AVX-512: 8 pixels x up to 48 outputs in 24 registers.
 */
#include "cnn/cpu/kernels.h"

#if defined(__AVX512F__)

#include <immintrin.h>

typedef __m512 lanes;
typedef __m512 words;
typedef __m512 floats;
typedef float element;

enum { LANES = 16, PIXELS = 8, BLOCKS = 3, GROUP = 1 };

static inline lanes lanes_start(const float *bias)
{
    return _mm512_loadu_ps(bias);
}

static inline words words_load(const void *weights)
{
    return _mm512_load_ps(weights);
}

static inline words words_fill(const void *input)
{
    return _mm512_set1_ps(*(const float *)input);
}

static inline lanes lanes_dot(lanes sum, words x, words w)
{
    return _mm512_fmadd_ps(x, w, sum);
}

static inline floats lanes_result(lanes sum, const float *scale, const float *bias)
{
    (void)scale;
    (void)bias;
    return sum;
}

static inline void floats_store(float *to, floats x)
{
    _mm512_storeu_ps(to, x);
}

static inline floats floats_max(floats a, floats b)
{
    return _mm512_max_ps(a, b);
}

static inline bool floats_beyond(floats x)
{
    (void)x;
    return false;
}

static inline uint32_t elements_store(element *to, const floats *x)
{
    _mm512_storeu_ps(to, _mm512_max_ps(*x, _mm512_setzero_ps())); /* +0 for -0: the second wins */
    return 0;
}

static inline void group_store(element *const *to, const floats *x)
{
    elements_store(to[0], x);
}

#include "cnn/cpu/tile_loops.h"

const struct gn_kernels gn_kernels_float32_avx512 = {PIXELS, BLOCKS, {tile_1, tile_2, tile_3}};

#else

const struct gn_kernels gn_kernels_float32_avx512 = {0};

#endif

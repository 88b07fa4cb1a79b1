/* SPDX-License-Identifier: MIT
 *
 * tile_bf16_avx512.c - bfloat16 with AVX-512 BF16: pairs are multiplied into float32 sums.
 */
#include "cnn/cpu/kernels.h"

#if defined(__AVX512BF16__)

#include <immintrin.h>

typedef __m512 lanes;
typedef __m512bh words;
typedef __m512 floats;
typedef uint16_t element;

enum { LANES = 16, PIXELS = 8, BLOCKS = 3, GROUP = 1 };

static inline lanes lanes_start(const float *bias)
{
    return _mm512_loadu_ps(bias);
}

static inline words words_load(const void *weights)
{
    return (words)_mm512_load_si512(weights);
}

static inline words words_fill(const void *input)
{
    int32_t word;
    __builtin_memcpy(&word, input, sizeof word);
    return (words)_mm512_set1_epi32(word);
}

static inline lanes lanes_dot(lanes sum, words x, words w)
{
    return _mm512_dpbf16_ps(sum, x, w);
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
    __m256bh rounded = _mm512_cvtneps_pbh(_mm512_max_ps(*x, _mm512_setzero_ps()));
    _mm256_storeu_si256((__m256i *)to, (__m256i)rounded);
    return 0;
}

static inline void group_store(element *const *to, const floats *x)
{
    elements_store(to[0], x);
}

#include "cnn/cpu/tile_loops.h"

const struct gn_kernels gn_kernels_bf16_avx512 = {PIXELS, BLOCKS, {tile_1, tile_2, tile_3}};

#else

const struct gn_kernels gn_kernels_bf16_avx512 = {0};

#endif

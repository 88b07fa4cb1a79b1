/* SPDX-License-Identifier: MIT
 *
 * tile_integer_avx512.h - what the AVX-512 kernels of integer types share: all but the product and
 * the packing of results. See tile_loops.h for the functions.
 */
#ifndef GN_CNN_CPU_TILE_INTEGER_AVX512_H
#define GN_CNN_CPU_TILE_INTEGER_AVX512_H

#include <immintrin.h>
#include <stdint.h>
#include <string.h>

typedef __m512i lanes;
typedef __m512i words;
typedef __m512 floats;

enum { LANES = 16, PIXELS = 8, BLOCKS = 3 };

static inline lanes lanes_start(const float *bias)
{
    (void)bias;
    return _mm512_setzero_si512();
}

static inline words words_load(const void *weights)
{
    return _mm512_load_si512(weights);
}

static inline words words_fill(const void *input)
{
    int32_t word;
    memcpy(&word, input, sizeof word);
    return _mm512_set1_epi32(word);
}

static inline floats lanes_result(lanes sum, const float *scale, const float *bias)
{
    return _mm512_fmadd_ps(_mm512_cvtepi32_ps(sum), _mm512_loadu_ps(scale), _mm512_loadu_ps(bias));
}

static inline void floats_store(float *to, floats x)
{
    _mm512_storeu_ps(to, x);
}

static inline floats floats_max(floats a, floats b)
{
    return _mm512_max_ps(a, b);
}

/* Which exceed `top` when they are rounded: top is odd, so that they are at least top + 0.5. */
static inline uint32_t beyond(floats x, float top)
{
    return _mm512_cmp_ps_mask(x, _mm512_set1_ps(top + 0.5F), _CMP_GE_OQ);
}

/* Rounds to integers in 0 ... top. Cutting goes first, since no integer holds every float. */
static inline __m512i integers_of(floats x, float top)
{
    x = _mm512_min_ps(_mm512_max_ps(x, _mm512_setzero_ps()), _mm512_set1_ps(top));
    return _mm512_cvtps_epi32(x);
}

#endif

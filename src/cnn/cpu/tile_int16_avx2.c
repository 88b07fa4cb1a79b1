/* SPDX-License-Identifier: MIT
 *
 * tile_int16_avx2.c - int16 with AVX2: multiply pairs, then add; 6 pixels x 16 outputs in 12
 * registers.
 */
#include "cnn/cpu/kernels.h"

#if defined(__AVX2__) && defined(__FMA__)

#include <immintrin.h>

typedef __m256i lanes;
typedef __m256i words;
typedef __m256 floats;
typedef int16_t element;

enum { LANES = 8, PIXELS = 6, BLOCKS = 1, GROUP = 1 };

static inline lanes lanes_start(const float *bias)
{
    (void)bias;
    return _mm256_setzero_si256();
}

static inline words words_load(const void *weights)
{
    return _mm256_load_si256(weights);
}

static inline words words_fill(const void *input)
{
    int32_t word;
    __builtin_memcpy(&word, input, sizeof word);
    return _mm256_set1_epi32(word);
}

static inline lanes lanes_dot(lanes sum, words x, words w)
{
    return _mm256_add_epi32(sum, _mm256_madd_epi16(x, w));
}

static inline floats lanes_result(lanes sum, const float *scale, const float *bias)
{
    return _mm256_fmadd_ps(_mm256_cvtepi32_ps(sum), _mm256_loadu_ps(scale), _mm256_loadu_ps(bias));
}

static inline void floats_store(float *to, floats x)
{
    _mm256_storeu_ps(to, x);
}

static inline floats floats_max(floats a, floats b)
{
    return _mm256_max_ps(a, b);
}

/* As beyond() and integers_of() of tile_integer_avx512.h. */
static inline uint32_t beyond(floats x)
{
    const __m256 limit = _mm256_set1_ps(GN_INT16_TOP + 0.5F);
    return (uint32_t)_mm256_movemask_ps(_mm256_cmp_ps(x, limit, _CMP_GE_OQ));
}

static inline bool floats_beyond(floats x)
{
    return beyond(x) != 0;
}

static inline __m256i integers_of(floats x)
{
    const __m256 top = _mm256_set1_ps(GN_INT16_TOP);
    return _mm256_cvtps_epi32(_mm256_min_ps(_mm256_max_ps(x, _mm256_setzero_ps()), top));
}

/* Packing puts the halves of its operands in turn: 0 2 1 3. */
static inline void store_packed(element *to, __m256i packed)
{
    enum { IN_ORDER = 0xd8 };
    _mm256_storeu_si256((__m256i *)to, _mm256_permute4x64_epi64(packed, IN_ORDER));
}

static inline uint32_t elements_store(element *to, const floats *x)
{
    store_packed(to, _mm256_packs_epi32(integers_of(x[0]), integers_of(x[1])));
    return beyond(x[0]) | beyond(x[1]) << LANES;
}

/* Packing cuts at zero. */
static inline void group_store(element *const *to, const floats *x)
{
    store_packed(to[0], _mm256_packus_epi32(_mm256_cvtps_epi32(x[0]), _mm256_cvtps_epi32(x[1])));
}

#include "cnn/cpu/tile_loops.h"

const struct gn_kernels gn_kernels_int16_avx2 = {PIXELS, BLOCKS, {tile_1}};

#else

const struct gn_kernels gn_kernels_int16_avx2 = {0};

#endif

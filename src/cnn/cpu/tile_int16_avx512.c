/* SPDX-License-Identifier: MIT
 *
 * tile_int16_avx512.c - int16 with AVX-512 alone: multiply pairs, then add.
 */
#include "cnn/cpu/kernels.h"

#if defined(__AVX512BW__)

#include "cnn/cpu/tile_integer_avx512.h"

typedef int16_t element;

static inline lanes lanes_dot(lanes sum, words x, words w)
{
    return _mm512_add_epi32(sum, _mm512_madd_epi16(x, w));
}

static inline uint32_t elements_store(element *to, const floats *x)
{
    uint32_t cut;
    __m512i integers = integers_of(*x, GN_INT16_TOP, &cut);
    _mm256_storeu_si256((__m256i *)to, _mm512_cvtepi32_epi16(integers));
    return cut;
}

#include "cnn/cpu/tile_loops.h"

const struct gn_kernels gn_kernels_int16_avx512 = {PIXELS, BLOCKS, {tile_1, tile_2, tile_3}};

#else

const struct gn_kernels gn_kernels_int16_avx512 = {0};

#endif

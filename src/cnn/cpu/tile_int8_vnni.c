/* SPDX-License-Identifier: MIT
 *
 * tile_int8_vnni.c - int8 with AVX-512 VNNI: uint8 inputs times int8 weights, four at a time.
 */
#include "cnn/cpu/kernels.h"

#if defined(__AVX512VNNI__)

#include "cnn/cpu/tile_integer_avx512.h"

typedef uint8_t element;

enum { GROUP = 4 };

static inline lanes lanes_dot(lanes sum, words x, words w)
{
    return _mm512_dpbusd_epi32(sum, x, w);
}

static inline bool floats_beyond(floats x)
{
    return beyond(x, GN_INT8_TOP) != 0;
}

static inline uint32_t elements_store(element *to, const floats *x)
{
    _mm_storeu_si128((__m128i *)to, _mm512_cvtepi32_epi8(integers_of(*x, GN_INT8_TOP)));
    return beyond(*x, GN_INT8_TOP);
}

/* Packing cuts at zero; the quarters of its operands, 4 bytes each in the end, come out in turn. */
static inline void group_store(element *const *to, const floats *x)
{
    const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    __m512i first = _mm512_packus_epi32(_mm512_cvtps_epi32(x[0]), _mm512_cvtps_epi32(x[1]));
    __m512i second = _mm512_packus_epi32(_mm512_cvtps_epi32(x[2]), _mm512_cvtps_epi32(x[3]));
    __m512i packed = _mm512_permutexvar_epi32(order, _mm512_packus_epi16(first, second));
    _mm_storeu_si128((__m128i *)to[0], _mm512_castsi512_si128(packed));
    _mm_storeu_si128((__m128i *)to[1], _mm512_extracti32x4_epi32(packed, 1));
    _mm_storeu_si128((__m128i *)to[2], _mm512_extracti32x4_epi32(packed, 2));
    _mm_storeu_si128((__m128i *)to[3], _mm512_extracti32x4_epi32(packed, 3));
}

#include "cnn/cpu/tile_loops.h"

const struct gn_kernels gn_kernels_int8_vnni = {PIXELS, BLOCKS, {tile_1, tile_2, tile_3}};

#else

const struct gn_kernels gn_kernels_int8_vnni = {0};

#endif

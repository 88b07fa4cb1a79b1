/* SPDX-License-Identifier: MIT
 *
 * tile_int16_vnni.c - int16 with AVX-512 VNNI: one instruction multiplies pairs and adds.
 */
#include "cnn/cpu/kernels.h"

#if defined(__AVX512VNNI__)

#include "cnn/cpu/tile_integer_avx512.h"

typedef int16_t element;

enum { GROUP = 2 };

static inline lanes lanes_dot(lanes sum, words x, words w)
{
    return _mm512_dpwssd_epi32(sum, x, w);
}

static inline bool floats_beyond(floats x)
{
    return beyond(x, GN_INT16_TOP) != 0;
}

static inline uint32_t elements_store(element *to, const floats *x)
{
    _mm256_storeu_si256((__m256i *)to, _mm512_cvtepi32_epi16(integers_of(*x, GN_INT16_TOP)));
    return beyond(*x, GN_INT16_TOP);
}

/* Packing cuts at zero, and puts the quarters of its operands in turn. */
static inline void group_store(element *const *to, const floats *x)
{
    const __m512i order = _mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7);
    __m512i turns = _mm512_packus_epi32(_mm512_cvtps_epi32(x[0]), _mm512_cvtps_epi32(x[1]));
    __m512i packed = _mm512_permutexvar_epi64(order, turns);
    _mm256_storeu_si256((__m256i *)to[0], _mm512_castsi512_si256(packed));
    _mm256_storeu_si256((__m256i *)to[1], _mm512_extracti64x4_epi64(packed, 1));
}

#include "cnn/cpu/tile_loops.h"

const struct gn_kernels gn_kernels_int16_vnni = {PIXELS, BLOCKS, {tile_1, tile_2, tile_3}};

#else

const struct gn_kernels gn_kernels_int16_vnni = {0};

#endif

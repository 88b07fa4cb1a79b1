/* SPDX-License-Identifier: MIT
 *
 * tile_int8_vnni.c - int8 with AVX-512 VNNI: uint8 inputs times int8 weights, four at a time.
 */
#include "cnn/cpu/kernels.h"

#if defined(__AVX512VNNI__)

#include "cnn/cpu/tile_integer_avx512.h"

typedef uint8_t element;

static inline lanes lanes_dot(lanes sum, words x, words w)
{
    return _mm512_dpbusd_epi32(sum, x, w);
}

static inline uint32_t elements_store(element *to, const floats *x)
{
    uint32_t cut;
    __m512i integers = integers_of(*x, GN_INT8_TOP, &cut);
    _mm_storeu_si128((__m128i *)to, _mm512_cvtepi32_epi8(integers));
    return cut;
}

#include "cnn/cpu/tile_loops.h"

const struct gn_kernels gn_kernels_int8_vnni = {PIXELS, BLOCKS, {tile_1, tile_2, tile_3}};

#else

const struct gn_kernels gn_kernels_int8_vnni = {0};

#endif

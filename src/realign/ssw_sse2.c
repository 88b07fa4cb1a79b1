/* SPDX-License-Identifier: MIT
 *
 * ssw_sse2.c - the striped score pass with 8 lanes: every x86-64 CPU has them.
 */
#ifdef __SSE2__
#include <emmintrin.h>
#include <stdint.h>

enum { LANES = 8 };

typedef __m128i vector;

static inline vector vector_splat(int16_t value)
{
    return _mm_set1_epi16(value);
}

static inline vector vector_add(vector a, vector b)
{
    return _mm_adds_epi16(a, b);
}

static inline vector vector_less(vector a, vector b)
{
    return _mm_subs_epu16(a, b);
}

static inline vector vector_max(vector a, vector b)
{
    return _mm_max_epi16(a, b);
}

/* Lanes move up by so many, zeros come in. */
static inline vector vector_shift_1(vector a)
{
    return _mm_slli_si128(a, 2);
}

static inline vector vector_shift_2(vector a)
{
    return _mm_slli_si128(a, 4);
}

static inline vector vector_shift_4(vector a)
{
    return _mm_slli_si128(a, 8);
}

static inline vector vector_shift_8(vector a)
{
    return _mm_xor_si128(a, a);
}

static inline int vector_any_greater(vector a, vector b)
{
    return _mm_movemask_epi8(_mm_cmpgt_epi16(a, b)) != 0;
}

static inline int vector_largest(vector a)
{
    a = _mm_max_epi16(a, _mm_srli_si128(a, 8));
    a = _mm_max_epi16(a, _mm_srli_si128(a, 4));
    a = _mm_max_epi16(a, _mm_srli_si128(a, 2));
    return (int16_t)_mm_extract_epi16(a, 0);
}

#include "realign/ssw_striped.h"

struct gn_ssw_end gn_ssw_pass_sse2(const struct gn_ssw_pass *pass)
{
    return striped_pass(pass);
}

int gn_ssw_sibling_sse2(const struct gn_ssw_pass *pass, struct gn_ssw_sibling sibling,
                        struct gn_ssw_trail *trail)
{
    return striped_sibling(pass, sibling, trail);
}
#else
typedef int gn_ssw_sse2_is_empty;
#endif

/* SPDX-License-Identifier: MIT
 *
 * ssw_avx2.c - the striped score pass with 16 lanes; chosen at run time.
 */
#ifdef __AVX2__
#include <immintrin.h>
#include <stdint.h>

enum { LANES = 16 };

typedef __m256i vector;

static inline vector vector_splat(int16_t value)
{
    return _mm256_set1_epi16(value);
}

static inline vector vector_add(vector a, vector b)
{
    return _mm256_adds_epi16(a, b);
}

static inline vector vector_less(vector a, vector b)
{
    return _mm256_subs_epu16(a, b);
}

static inline vector vector_max(vector a, vector b)
{
    return _mm256_max_epi16(a, b);
}

/* Lanes move up by so many, zeros come in. */
static inline vector vector_shift_8(vector a)
{
    return _mm256_permute2x128_si256(a, a, 0x08);
}

static inline vector vector_shift_1(vector a)
{
    return _mm256_alignr_epi8(a, vector_shift_8(a), 14);
}

static inline vector vector_shift_2(vector a)
{
    return _mm256_alignr_epi8(a, vector_shift_8(a), 12);
}

static inline vector vector_shift_4(vector a)
{
    return _mm256_alignr_epi8(a, vector_shift_8(a), 8);
}

static inline int vector_any_greater(vector a, vector b)
{
    return _mm256_movemask_epi8(_mm256_cmpgt_epi16(a, b)) != 0;
}

static inline int vector_largest(vector a)
{
    __m128i b = _mm_max_epi16(_mm256_castsi256_si128(a), _mm256_extracti128_si256(a, 1));
    b = _mm_max_epi16(b, _mm_srli_si128(b, 8));
    b = _mm_max_epi16(b, _mm_srli_si128(b, 4));
    b = _mm_max_epi16(b, _mm_srli_si128(b, 2));
    return (int16_t)_mm_extract_epi16(b, 0);
}

#include "realign/ssw_striped.h"

struct gn_ssw_end gn_ssw_pass_avx2(const struct gn_ssw_pass *pass)
{
    return striped_pass(pass);
}

int gn_ssw_sibling_avx2(const struct gn_ssw_pass *pass, struct gn_ssw_sibling sibling,
                        struct gn_ssw_trail *trail)
{
    return striped_sibling(pass, sibling, trail);
}
#else
typedef int gn_ssw_avx2_is_empty;
#endif

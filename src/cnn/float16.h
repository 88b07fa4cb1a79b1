/* SPDX-License-Identifier: MIT
 *
 * float16.h - half precision: 1 bit of sign, 5 of exponent, 10 of fraction. Used by the back ends.
 */
#ifndef GN_CNN_FLOAT16_H
#define GN_CNN_FLOAT16_H

#include <math.h>
#include <stdint.h>
#include <string.h>

/// The largest finite number.
static const float GN_FLOAT16_TOP = 65504.0F;

/// Rounds a finite number to nearest even; from 65520 on to infinity.
static inline uint16_t gn_to_float16(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    const uint16_t sign = (uint16_t)(bits >> 16 & 0x8000U);
    bits &= 0x7fffffffU;
    if (bits >= 0x477ff000U) /* 65520 */
        return sign | 0x7c00U;
    if (bits <
        0x38800000U) { /* 2^-14: below, steps of 2^-24, which are those of floats in [0.5, 1) */
        const float shifted = fabsf(value) + 0.5F;
        memcpy(&bits, &shifted, sizeof bits);
        return sign | (uint16_t)(bits - 0x3f000000U);
    }
    bits += 0xfffU + (bits >> 13 & 1);
    return sign | (uint16_t)((bits - 0x38000000U) >> 13); /* exponents are biased by 15, not 127 */
}

#endif

/* SPDX-License-Identifier: MIT
 *
 * bf16.h - bfloat16: the upper half of a float32. Used by the back ends.
 */
#ifndef GN_CNN_BF16_H
#define GN_CNN_BF16_H

#include <stdint.h>
#include <string.h>

/// Exact.
static inline float gn_from_bf16(uint16_t half)
{
    uint32_t bits = (uint32_t)half << 16;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/// Rounds a finite number to nearest even.
static inline uint16_t gn_to_bf16(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    bits += 0x7fffU + (bits >> 16 & 1);
    return (uint16_t)(bits >> 16);
}

#endif

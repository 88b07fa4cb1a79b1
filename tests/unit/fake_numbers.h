/* SPDX-License-Identifier: MIT
 *
 * fake_numbers.h - what the fakes of libraries compute with: rows of float32.
 */
#ifndef GN_TESTS_FAKE_NUMBERS_H
#define GN_TESTS_FAKE_NUMBERS_H

#include <stdint.h>
#include <stdlib.h>

enum { FAKE_GROUP = 4 }; /* numbers of an instruction: the tests spend their time here */

static inline float *fake_floats(int64_t n)
{
    float *made = calloc((size_t)n, sizeof *made);
    if (made == NULL)
        abort();
    return made;
}

/* Adds the n numbers of a row times a factor; n is a multiple of FAKE_GROUP. */
static inline void fake_add_scaled(float *restrict sums, const float *restrict row, float factor,
                                   int64_t n)
{
    for (int64_t i = 0; i < n; i += FAKE_GROUP)
        for (int k = 0; k < FAKE_GROUP; k++)
            sums[i + k] += factor * row[i + k];
}

#endif

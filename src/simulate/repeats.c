/* SPDX-License-Identifier: MIT
 *
 * repeats.c - one pass per unit length. The slip probabilities follow what PCR-free Illumina data
 * show: nearly none below 8 equal bases, about 1 % at 11, a few percent at 15, a quarter at 25.
 */
#include "simulate/repeats.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { LONGEST_UNIT = 4, MOST_REPEATS = 1 << 28 };

static float slip_of(int unit, int copies)
{
    static const float homopolymer[] = {
        0,       0,     0,      0,      1e-5F,  2e-5F,  5e-5F,  1e-4F, 3e-4F, 8e-4F,
        2.5e-3F, 6e-3F, 0.011F, 0.018F, 0.028F, 0.040F, 0.058F, 0.08F, 0.10F, 0.12F,
        0.145F,  0.17F, 0.19F,  0.21F,  0.23F,  0.25F,  0.27F,  0.29F, 0.30F, 0.31F};
    static const float longer[] = {0,      0,     0,       0,      5e-5F,  2e-4F,  5e-4F,
                                   1e-3F,  2e-3F, 3.5e-3F, 6e-3F,  9e-3F,  0.013F, 0.018F,
                                   0.023F, 0.03F, 0.038F,  0.046F, 0.055F, 0.065F, 0.075F};
    const float *table = unit == 1 ? homopolymer : longer;
    int last = unit == 1 ? (int)(sizeof homopolymer / sizeof *homopolymer) - 1
                         : (int)(sizeof longer / sizeof *longer) - 1;
    float slip = table[copies < last ? copies : last];
    return unit > 2 ? slip / 2 : slip;
}

/* A unit that is itself a repeat of a shorter one (AA, ACAC) belongs to that one's runs. */
static bool is_shorter_repeat(const char *unit, int length)
{
    for (int k = 1; k < length; k++)
        if (length % k == 0 && memcmp(unit, unit + k, (size_t)(length - k)) == 0)
            return true;
    return false;
}

static int add_run(struct gn_repeats *repeats, const char *bases, int64_t start0, int64_t end0,
                   int unit, gn_error_t *err)
{
    int64_t length = end0 - start0;
    if (length < (unit == 1 ? 5 : 4 * unit) || bases[start0] == 'N' ||
        is_shorter_repeat(bases + start0, unit))
        return GN_OK;
    if (length > 1000)
        length = 1000;
    struct gn_repeat *v = gn_reserve(repeats->v, &repeats->cap, repeats->n + 1, sizeof *v,
                                     MOST_REPEATS, "tandem repeats", err);
    if (v == NULL)
        return GN_E_MEMORY;
    repeats->v = v;
    v[repeats->n++] = (struct gn_repeat){.start0 = start0,
                                         .length = (int32_t)length,
                                         .unit = unit,
                                         .slip = slip_of(unit, (int)(length / unit))};
    return GN_OK;
}

static int by_start(const void *a, const void *b)
{
    const struct gn_repeat *x = a, *y = b;
    if (x->start0 != y->start0)
        return x->start0 < y->start0 ? -1 : 1;
    return x->unit - y->unit;
}

int gn_repeats_find(struct gn_repeats *repeats, const char *bases, int64_t length, gn_error_t *err)
{
    repeats->n = 0;
    for (int unit = 1; unit <= LONGEST_UNIT; unit++) {
        int64_t start0 = 0;
        for (int64_t i = unit; i <= length; i++) {
            if (i < length && bases[i] == bases[i - unit])
                continue;
            int code = add_run(repeats, bases, start0, i, unit, err);
            if (code < 0)
                return code;
            start0 = i - unit + 1;
        }
    }
    if (repeats->n > 1)
        qsort(repeats->v, repeats->n, sizeof *repeats->v, by_start);
    return GN_OK;
}

void gn_repeats_clear(struct gn_repeats *repeats)
{
    free(repeats->v);
    *repeats = (struct gn_repeats){NULL, 0, 0};
}

size_t gn_repeats_first(const struct gn_repeats *repeats, int64_t start0)
{
    size_t low = 0, high = repeats->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (repeats->v[middle].start0 < start0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

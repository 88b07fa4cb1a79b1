/* SPDX-License-Identifier: MIT
 *
 * repeats.c - one pass per unit length.
 */
#include "simulate/genome/repeats.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { LONGEST_UNIT = 4, MOST_REPEATS = 1 << 28 };

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
    v[repeats->n++] = (struct gn_repeat){.start0 = start0, .length = (int32_t)length, .unit = unit};
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

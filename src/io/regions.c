/* SPDX-License-Identifier: MIT
 *
 * regions.c - set operations on sorted interval lists.
 */
#include "io/regions.h"

#include <stdlib.h>

enum { MAX_RANGES = 1 << 26 };

void gn_ranges_clear(struct gn_ranges *ranges)
{
    free(ranges->v);
    *ranges = (struct gn_ranges){NULL, 0, 0};
}

int gn_ranges_push(struct gn_ranges *ranges, struct gn_range range, gn_error_t *err)
{
    struct gn_range *v =
        gn_reserve(ranges->v, &ranges->cap, ranges->n + 1, sizeof *v, MAX_RANGES, "regions", err);
    if (v == NULL)
        return err == NULL ? GN_E_MEMORY : err->code;
    ranges->v = v;
    v[ranges->n++] = range;
    return GN_OK;
}

static int compare_ranges(const void *a, const void *b)
{
    const struct gn_range *x = a, *y = b;
    if (x->contig != y->contig)
        return x->contig < y->contig ? -1 : 1;
    if (x->start0 != y->start0)
        return x->start0 < y->start0 ? -1 : 1;
    return (x->end0 > y->end0) - (x->end0 < y->end0);
}

void gn_ranges_normalise(struct gn_ranges *ranges)
{
    if (ranges->n == 0)
        return;
    qsort(ranges->v, ranges->n, sizeof *ranges->v, compare_ranges);
    size_t last = 0;
    for (size_t i = 1; i < ranges->n; i++) {
        struct gn_range *open = &ranges->v[last], *next = &ranges->v[i];
        if (next->contig == open->contig && next->start0 <= open->end0) {
            if (next->end0 > open->end0)
                open->end0 = next->end0;
        } else {
            ranges->v[++last] = *next;
        }
    }
    ranges->n = last + 1;
}

int gn_ranges_whole(struct gn_ranges *ranges, const struct gn_contigs *contigs, gn_error_t *err)
{
    for (int i = 0; i < contigs->n; i++)
        if (gn_ranges_push(ranges, (struct gn_range){i, 0, contigs->lengths[i]}, err) < 0)
            return GN_E_MEMORY;
    return GN_OK;
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int gn_ranges_intersect(struct gn_ranges *out, const struct gn_ranges *a, const struct gn_ranges *b,
                        gn_error_t *err)
{
    for (size_t i = 0, j = 0; i < a->n && j < b->n;) {
        const struct gn_range *x = &a->v[i], *y = &b->v[j];
        if (x->contig == y->contig) {
            struct gn_range common = {x->contig, larger(x->start0, y->start0),
                                      smaller(x->end0, y->end0)};
            if (common.start0 < common.end0 && gn_ranges_push(out, common, err) < 0)
                return GN_E_MEMORY;
        }
        if (x->contig < y->contig || (x->contig == y->contig && x->end0 <= y->end0))
            i++;
        else
            j++;
    }
    return GN_OK;
}

int gn_ranges_subtract(struct gn_ranges *out, const struct gn_ranges *a, const struct gn_ranges *b,
                       gn_error_t *err)
{
    size_t first = 0; /* ranges of b before it end before the present range of a */
    for (size_t i = 0; i < a->n; i++) {
        struct gn_range rest = a->v[i];
        while (first < b->n &&
               (b->v[first].contig < rest.contig ||
                (b->v[first].contig == rest.contig && b->v[first].end0 <= rest.start0)))
            first++;
        for (size_t j = first;
             j < b->n && b->v[j].contig == rest.contig && b->v[j].start0 < rest.end0; j++) {
            struct gn_range before = {rest.contig, rest.start0, b->v[j].start0};
            if (before.start0 < before.end0 && gn_ranges_push(out, before, err) < 0)
                return GN_E_MEMORY;
            rest.start0 = larger(rest.start0, b->v[j].end0);
        }
        if (rest.start0 < rest.end0 && gn_ranges_push(out, rest, err) < 0)
            return GN_E_MEMORY;
    }
    return GN_OK;
}

bool gn_ranges_contain(const struct gn_ranges *ranges, int contig, int64_t pos0)
{
    size_t low = 0, high = ranges->n; /* the last range that starts at or before the base */
    while (low < high) {
        size_t middle = (low + high) / 2;
        const struct gn_range *range = &ranges->v[middle];
        if (range->contig < contig || (range->contig == contig && range->start0 <= pos0))
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 && ranges->v[low - 1].contig == contig && pos0 < ranges->v[low - 1].end0;
}

int64_t gn_ranges_bases(const struct gn_ranges *ranges)
{
    int64_t total = 0;
    for (size_t i = 0; i < ranges->n; i++)
        total += ranges->v[i].end0 - ranges->v[i].start0;
    return total;
}

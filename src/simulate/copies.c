/* SPDX-License-Identifier: MIT
 *
 * copies.c - a copy is a haplotype that differs everywhere at 1-3 % instead of one in a thousand
 * bases.
 */
#include "simulate/copies.h"

#include <stdlib.h>

#include "base/memory.h"

enum { MOST_COPIES = 1 << 20, SHORTEST = 600, LONGEST = 5400 };

static int build_copy(struct gn_copy *copy, struct gn_mt64 *rng, const char *bases, gn_error_t *err)
{
    struct gn_sites sites = {NULL, 0, 0};
    struct gn_repeats repeats = {NULL, 0, 0};
    struct gn_site_rates rates = {.snv = copy->divergence * 0.9, .indel = copy->divergence * 0.1};
    /* repeats are numbered from the segment's start; shifted to the contig's numbering for the
     * sites */
    int code = gn_repeats_find(&repeats, bases + copy->start0, copy->end0 - copy->start0, err);
    for (size_t i = 0; i < repeats.n; i++)
        repeats.v[i].start0 += copy->start0;
    if (code == GN_OK)
        code = gn_sites_draw(&sites, rng, &rates, bases, &repeats, copy->start0, copy->end0, err);
    if (code == GN_OK)
        code = gn_haplotype_build(&copy->hap, bases, copy->start0, copy->end0, &sites, 0, err);
    gn_repeats_clear(&repeats);
    gn_sites_clear(&sites);
    return code;
}

static int by_start(const void *a, const void *b)
{
    const struct gn_copy *x = a, *y = b;
    if (x->start0 != y->start0)
        return x->start0 < y->start0 ? -1 : 1;
    return x->end0 < y->end0 ? -1 : x->end0 > y->end0;
}

int gn_copies_draw(struct gn_copies *copies, struct gn_mt64 *rng, double share, const char *bases,
                   int64_t start0, int64_t end0, gn_error_t *err)
{
    if (end0 - start0 < 2 * LONGEST)
        return GN_OK;
    double mean = (SHORTEST + LONGEST) / 2.0;
    int64_t n = gn_draw_rounded(rng, (double)(end0 - start0) * share / mean);
    for (int64_t i = 0; i < n; i++) {
        struct gn_copy *v = gn_reserve(copies->v, &copies->cap, copies->n + 1, sizeof *v,
                                       MOST_COPIES, "diverged copies", err);
        if (v == NULL)
            return GN_E_MEMORY;
        copies->v = v;
        int64_t length = gn_draw_between(rng, SHORTEST, LONGEST);
        struct gn_copy *copy = &v[copies->n++];
        *copy = (struct gn_copy){.start0 = gn_draw_between(rng, start0, end0 - length)};
        copy->end0 = copy->start0 + length;
        copy->divergence = 0.01 + 0.02 * gn_mt64_uniform(rng);
        copy->is_absent = gn_draw_chance(rng, 0.4);
        double u = gn_mt64_uniform(rng);
        copy->depth = copy->is_absent ? 0.15 + 0.85 * u : 0.04 + 0.35 * u;
    }
    if (copies->n > 1)
        qsort(copies->v, copies->n, sizeof *copies->v, by_start);
    for (size_t i = 0; i < copies->n; i++) {
        int code = build_copy(&copies->v[i], rng, bases, err);
        if (code < 0)
            return code;
    }
    return GN_OK;
}

void gn_copies_clear(struct gn_copies *copies)
{
    for (size_t i = 0; i < copies->n; i++)
        gn_haplotype_clear(&copies->v[i].hap);
    free(copies->v);
    *copies = (struct gn_copies){NULL, 0, 0};
}

const struct gn_copy *gn_copies_at(const struct gn_copies *copies, int64_t start0, int64_t end0)
{
    const struct gn_copy *worst = NULL;
    for (size_t i = 0; i < copies->n && copies->v[i].start0 < end0; i++) {
        const struct gn_copy *copy = &copies->v[i];
        if (copy->end0 > start0 && (worst == NULL || copy->divergence < worst->divergence))
            worst = copy;
    }
    return worst;
}

/* SPDX-License-Identifier: MIT
 *
 * copies.c - a copy is a haplotype that differs everywhere at 1-6 % instead of one in a thousand
 * bases, between flanks that belong elsewhere. Three kinds: long duplications that the reference
 * lacks, paralogs that it has, families of short elements whose members share half of their
 * differences.
 */
#include "simulate/genome/copies.h"

#include <stdlib.h>

#include "base/memory.h"

enum { MOST_COPIES = 1 << 20, SHORTEST_SPAN = 4000, MOST_MEMBERS = 4 };

/* Where copies may lie. */
struct ground {
    const char *bases;
    int64_t start0, end0;
};

/* What copies of one kind are like. */
struct kind {
    double share; /* of the bases under copies */
    int64_t shortest, longest;
    int most_members;
    double absent; /* probability that the reference lacks it */
    double depth_from, depth_to;
};

static const struct kind kinds[] = {{0.25, 1500, 8000, 1, 1.0, 0.1, 1.0},
                                    {0.40, 600, 5000, 1, 0.0, 0.04, 0.5},
                                    {0.35, 300, 6000, MOST_MEMBERS, 0.5, 0.05, 0.4}};
/* Those that mislead long reads. */
static const struct kind long_kinds[] = {{0.50, 5000, 50000, 1, 1.0, 0.1, 1.0},
                                         {0.50, 5000, 50000, 1, 0.0, 0.04, 0.5}};

static int draw_differences(struct gn_sites *sites, struct gn_mt64 *rng, double rate,
                            const struct ground *ground, const struct gn_copy *copy,
                            gn_error_t *err)
{
    struct gn_repeats repeats = {NULL, 0, 0};
    struct gn_site_rates rates = {.snv = rate * 0.9, .indel = rate * 0.1};
    /* repeats are numbered from the segment's start; shifted to the contig's numbering for the
     * sites */
    int code =
        gn_repeats_find(&repeats, ground->bases + copy->start0, copy->end0 - copy->start0, err);
    for (size_t i = 0; i < repeats.n; i++)
        repeats.v[i].start0 += copy->start0;
    if (code == GN_OK)
        code = gn_sites_draw(sites, rng, &rates, ground->bases, &repeats, copy->start0, copy->end0,
                             err);
    gn_repeats_clear(&repeats);
    return code;
}

/* Puts bases from elsewhere over own bases [from, to). */
static void replace_flank(struct gn_haplotype *hap, struct gn_mt64 *rng,
                          const struct ground *ground, int64_t from, int64_t to)
{
    int64_t source0 = gn_draw_between(rng, ground->start0, ground->end0 - (to - from));
    for (int64_t i = from; i < to; i++) {
        char base = ground->bases[source0 + i - from];
        bool is_known = base == 'A' || base == 'C' || base == 'G' || base == 'T';
        hap->bases[i] = is_known ? base : gn_draw_base(rng);
    }
}

static int build_copy(struct gn_copy *copy, struct gn_mt64 *rng, const struct gn_sites *sites,
                      const struct ground *ground, gn_error_t *err)
{
    int64_t left = copy->start0 - GN_COPY_FLANK, right = copy->end0 + GN_COPY_FLANK;
    left = left > ground->start0 ? left : ground->start0;
    right = right < ground->end0 ? right : ground->end0;
    int code = gn_haplotype_build(&copy->hap, ground->bases, left, right, sites, 0, err);
    if (code < 0)
        return code;
    struct gn_haplotype *hap = &copy->hap;
    replace_flank(hap, rng, ground, 0, copy->start0 - left);
    replace_flank(hap, rng, ground, hap->length - (right - copy->end0), hap->length);
    return gn_repeats_find(&hap->repeats, hap->bases, hap->length, err);
}

/* One member of a family: half of its differences are the family's, half its own. */
static int add_member(struct gn_copies *copies, struct gn_mt64 *rng, const struct kind *kind,
                      const struct gn_copy *family, const struct gn_sites *shared,
                      const struct ground *ground, gn_error_t *err)
{
    struct gn_copy *v = gn_reserve(copies->v, &copies->cap, copies->n + 1, sizeof *v, MOST_COPIES,
                                   "diverged copies", err);
    if (v == NULL)
        return GN_E_MEMORY;
    copies->v = v;
    struct gn_copy *copy = &v[copies->n++];
    *copy = *family;
    double u = gn_mt64_uniform(rng);
    copy->depth = kind->depth_from + (kind->depth_to - kind->depth_from) * u;
    struct gn_sites sites = {NULL, 0, 0};
    int code = draw_differences(&sites, rng, family->divergence / 2, ground, copy, err);
    if (code == GN_OK)
        code = gn_sites_merge(&sites, shared, err);
    if (code == GN_OK)
        code = build_copy(copy, rng, &sites, ground, err);
    gn_sites_clear(&sites);
    return code;
}

static int add_family(struct gn_copies *copies, struct gn_mt64 *rng, const struct kind *kind,
                      const struct ground *ground, gn_error_t *err)
{
    double u = gn_mt64_uniform(rng), v = gn_mt64_uniform(rng);
    int64_t length = kind->shortest + (int64_t)((double)(kind->longest - kind->shortest) * u * u);
    int64_t room = ground->end0 - ground->start0 - 2 * GN_COPY_FLANK;
    length = length < room ? length : room;
    struct gn_copy family = {.divergence = 0.01 + 0.05 * v * v};
    family.start0 =
        gn_draw_between(rng, ground->start0 + GN_COPY_FLANK, ground->end0 - GN_COPY_FLANK - length);
    family.end0 = family.start0 + length;
    family.is_absent = gn_draw_chance(rng, kind->absent);
    int n_members = (int)gn_draw_between(rng, 1, kind->most_members);
    struct gn_sites shared = {NULL, 0, 0};
    int code = draw_differences(&shared, rng, family.divergence / 2, ground, &family, err);
    for (int i = 0; i < n_members && code == GN_OK; i++)
        code = add_member(copies, rng, kind, &family, &shared, ground, err);
    gn_sites_clear(&shared);
    return code;
}

static int by_start(const void *a, const void *b)
{
    const struct gn_copy *x = a, *y = b;
    if (x->start0 != y->start0)
        return x->start0 < y->start0 ? -1 : 1;
    if (x->end0 != y->end0)
        return x->end0 < y->end0 ? -1 : 1;
    return x->depth < y->depth ? -1 : x->depth > y->depth;
}

static int draw_kinds(struct gn_copies *copies, struct gn_mt64 *rng, double share,
                      const struct ground *ground, const struct kind *v, size_t n_kinds,
                      gn_error_t *err)
{
    int64_t length = ground->end0 - ground->start0;
    if (length < SHORTEST_SPAN)
        return GN_OK;
    int code = GN_OK;
    for (size_t k = 0; k < n_kinds; k++) {
        double wanted = (double)length * share * v[k].share;
        double mean = (double)v[k].shortest + (double)(v[k].longest - v[k].shortest) / 3.0;
        int64_t n = gn_draw_rounded(rng, wanted / mean);
        for (int64_t i = 0; i < n && code == GN_OK; i++)
            code = add_family(copies, rng, &v[k], ground, err);
    }
    if (copies->n > 1)
        qsort(copies->v, copies->n, sizeof *copies->v, by_start);
    return code;
}

int gn_copies_draw(struct gn_copies *copies, struct gn_mt64 *rng, double share, const char *bases,
                   int64_t start0, int64_t end0, gn_error_t *err)
{
    struct ground ground = {bases, start0, end0};
    return draw_kinds(copies, rng, share, &ground, kinds, sizeof kinds / sizeof *kinds, err);
}

int gn_copies_draw_long(struct gn_copies *copies, struct gn_mt64 *rng, double share,
                        const char *bases, int64_t start0, int64_t end0, gn_error_t *err)
{
    struct ground ground = {bases, start0, end0};
    return draw_kinds(copies, rng, share, &ground, long_kinds,
                      sizeof long_kinds / sizeof *long_kinds, err);
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

double gn_copies_absent_depth(const struct gn_copies *copies, size_t i)
{
    const struct gn_copy *one = &copies->v[i];
    double depth = 0;
    for (size_t k = 0; k < copies->n && copies->v[k].start0 < one->end0; k++)
        if (copies->v[k].end0 > one->start0 && copies->v[k].is_absent)
            depth += copies->v[k].depth;
    return depth;
}

/* SPDX-License-Identifier: MIT
 *
 * hard_places.c - see hard_places.h.
 */
#include "simulate/genome/hard_places.h"

#include <stdlib.h>

#include "base/memory.h"

enum { MOST_PLACES = 1 << 24 };

/* Places per base at hardness 1. */
static const double BREAKS = 6e-6, EXTREMES = 12e-6;

static struct gn_hard_place *add(struct gn_hard_list *list, int64_t start0, int64_t end0,
                                 gn_error_t *err)
{
    struct gn_hard_place *v =
        gn_reserve(list->v, &list->cap, list->n + 1, sizeof *v, MOST_PLACES, "hard places", err);
    if (v == NULL)
        return NULL;
    list->v = v;
    v[list->n] = (struct gn_hard_place){.start0 = start0, .end0 = end0};
    return &v[list->n++];
}

/* Bases to the next place when there are `rate` of them per base. */
static int64_t draw_gap(struct gn_mt64 *rng, double rate)
{
    double gap = 2 * gn_mt64_uniform(rng) / rate;
    return gap < 1e12 ? (int64_t)gap : (int64_t)1e12;
}

/* Between shortest and longest, short ones more often. */
static int64_t draw_length(struct gn_mt64 *rng, int64_t shortest, int64_t longest)
{
    double u = gn_mt64_uniform(rng);
    return shortest + (int64_t)((double)(longest - shortest) * u * u);
}

static int draw_breaks(struct gn_hard_list *list, struct gn_mt64 *rng, double hardness,
                       int64_t start0, int64_t end0, gn_error_t *err)
{
    if (hardness <= 0)
        return GN_OK;
    for (int64_t at = start0 + draw_gap(rng, BREAKS * hardness);;
         at = list->v[list->n - 1].end0 + 1000 + draw_gap(rng, BREAKS * hardness)) {
        double u = gn_mt64_uniform(rng);
        int64_t length = u < 0.3 ? 0 : draw_length(rng, 200, 6000);
        if (at + length >= end0)
            return GN_OK;
        struct gn_hard_place *place = add(list, at, at + length, err);
        if (place == NULL)
            return GN_E_MEMORY;
        place->kind = u < 0.3   ? GN_BREAK_INSERTION
                      : u < 0.8 ? GN_BREAK_DELETION
                                : GN_BREAK_INVERSION;
        place->haplotypes = gn_draw_chance(rng, 0.3) ? 3 : (int)gn_draw_between(rng, 1, 2);
        place->source0 = gn_draw_between(rng, start0, end0 - 1);
    }
}

static int draw_extremes(struct gn_hard_list *list, struct gn_mt64 *rng, double hardness,
                         int64_t start0, int64_t end0, gn_error_t *err)
{
    if (hardness <= 0)
        return GN_OK;
    for (int64_t at = start0 + draw_gap(rng, EXTREMES * hardness);;
         at = list->v[list->n - 1].end0 + draw_gap(rng, EXTREMES * hardness)) {
        int64_t length = draw_length(rng, 400, 4000);
        if (at + length >= end0)
            return GN_OK;
        struct gn_hard_place *place = add(list, at, at + length, err);
        if (place == NULL)
            return GN_E_MEMORY;
        double u = gn_mt64_uniform(rng);
        place->depth =
            gn_draw_chance(rng, 0.6) ? 0.05 + 0.5 * u : 1.5 + 3.5 * u * u; /* desert, peak */
    }
}

static int draw_doubts(struct gn_hard_list *list, struct gn_mt64 *rng,
                       const struct gn_short_profile *profile, int64_t start0, int64_t end0,
                       gn_error_t *err)
{
    double share = profile->doubtful_share < 0.9 ? profile->doubtful_share : 0.9;
    double mean = profile->doubtful_length;
    if (share <= 0)
        return GN_OK;
    double rate = share / (1 - share) / mean;
    int64_t at = start0 + draw_gap(rng, rate);
    while (at < end0) {
        int64_t length = 1 + (int64_t)(2 * mean * gn_mt64_uniform(rng));
        if (add(list, at, at + length, err) == NULL)
            return GN_E_MEMORY;
        at += length + draw_gap(rng, rate);
    }
    return GN_OK;
}

int gn_hard_places_draw(struct gn_hard_places *places, struct gn_mt64 *rng, double hardness,
                        const struct gn_short_profile *profile, int64_t start0, int64_t end0,
                        gn_error_t *err)
{
    int code = draw_breaks(&places->breaks, rng, hardness, start0, end0, err);
    if (code == GN_OK)
        code = draw_extremes(&places->extremes, rng, hardness, start0, end0, err);
    if (code == GN_OK)
        code = draw_doubts(&places->doubts, rng, profile, start0, end0, err);
    return code;
}

void gn_hard_places_clear(struct gn_hard_places *places)
{
    free(places->breaks.v);
    free(places->extremes.v);
    free(places->doubts.v);
    *places = (struct gn_hard_places){0};
}

const struct gn_hard_place *gn_hard_list_at(const struct gn_hard_list *list, int64_t start0,
                                            int64_t end0)
{
    size_t low = 0, high = list->n; /* the first place that ends after start0, or at it */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (list->v[middle].end0 < start0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < list->n && list->v[low].start0 < end0 ? &list->v[low] : NULL;
}

void gn_break_sequence(const struct gn_hard_place *place, int64_t point0, bool is_right,
                       const char *bases, int64_t length, char *text, int n)
{
    bool at_start = point0 == place->start0;
    for (int k = 0; k < n; k++) { /* k-th base away from the breakpoint */
        int64_t at = 0;
        switch (place->kind) {
        case GN_BREAK_DELETION:
            at = is_right ? place->end0 + k : place->start0 - 1 - k;
            break;
        case GN_BREAK_INSERTION:
            at = is_right ? place->source0 + k : place->source0 + 1000 - k;
            break;
        case GN_BREAK_INVERSION: /* the other breakpoint's far side, read backward */
            at = at_start ? (is_right ? place->end0 - 1 - k : place->end0 + k)
                          : (is_right ? place->start0 - 1 - k : place->start0 + k);
            break;
        }
        char base = at >= 0 && at < length ? bases[at] : 'A';
        base = "ACGT"[gn_base_number(base)];
        text[is_right ? k : n - 1 - k] =
            place->kind == GN_BREAK_INVERSION ? gn_complement(base) : base;
    }
}

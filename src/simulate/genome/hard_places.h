/* SPDX-License-Identifier: MIT
 *
 * hard_places.h - places along a stretch of the genome where short reads mislead: breakpoints of
 * large rearrangements, deserts and peaks of coverage, stretches where aligners are in doubt.
 */
#ifndef GN_SIMULATE_GENOME_HARD_PLACES_H
#define GN_SIMULATE_GENOME_HARD_PLACES_H

#include <stddef.h>

#include "simulate/short/short_profile.h"

enum gn_break_kind { GN_BREAK_DELETION, GN_BREAK_INSERTION, GN_BREAK_INVERSION };

/// One place; which fields count depends on its list.
struct gn_hard_place {
    int64_t start0, end0;
    double depth;            /* extremes: factor of the coverage */
    enum gn_break_kind kind; /* breaks */
    int haplotypes;          /* breaks: bit h, haplotype h has it */
    int64_t source0;         /* breaks: where inserted bases come from */
};

/// By start; places of one list do not overlap.
struct gn_hard_list {
    struct gn_hard_place *v;
    size_t n, cap;
};

struct gn_hard_places {
    struct gn_hard_list breaks, extremes, doubts;
};

/// Draws the places of [start0, end0).
/** @param hardness  multiplies their number; 0 none */
GN_MUST_CHECK
int gn_hard_places_draw(struct gn_hard_places *places, struct gn_mt64 *rng, double hardness,
                        const struct gn_short_profile *profile, int64_t start0, int64_t end0,
                        gn_error_t *err);

void gn_hard_places_clear(struct gn_hard_places *places);

/// The place of the list that overlaps [start0, end0); NULL none. Logarithmic time.
const struct gn_hard_place *gn_hard_list_at(const struct gn_hard_list *list, int64_t start0,
                                            int64_t end0);

/// What a haplotype with the break shows beside its breakpoint instead of the reference.
/** @param point0    start0 or end0 of the break
    @param is_right  the bases at point0 and after it, in ascending order; else those before it
    @param bases     the whole contig of `length` bases; unknown ones come out as A
    @param text      receives n bases in reference orientation */
void gn_break_sequence(const struct gn_hard_place *place, int64_t point0, bool is_right,
                       const char *bases, int64_t length, char *text, int n);

#endif

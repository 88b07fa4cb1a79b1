/* SPDX-License-Identifier: MIT
 *
 * short_counts.h - what one read after another tells about errors: substitutions by quality and
 * context, indels by repeat, clips, reads that do not belong.
 */
#ifndef GN_SIMULATE_SHORT_SHORT_COUNTS_H
#define GN_SIMULATE_SHORT_SHORT_COUNTS_H

#include <htslib/sam.h>

#include "simulate/genome/repeats.h"
#include "simulate/short/short_places.h"
#include "simulate/short/short_profile.h"

/// A piece of the reference with its tallies. bases and variable hold `length` places; reads count
/// with the part of them that lies inside.
struct gn_counted_piece {
    int64_t start0, length;
    const char *bases;
    const uint8_t *variable;   /* 1: the sample varies there */
    struct gn_repeats repeats; /* numbered from start0 */
    uint16_t *depth[2];        /* reads by strand, */
    uint16_t *wrong[2][4];     /* and those that show this other base */
};

struct gn_short_counts {
    double bases[2][GN_SHORT_QUALITIES], wrong[2][GN_SHORT_QUALITIES]; /* by read and quality */
    double context_bases[2][GN_SHORT_CONTEXTS], context_wrong[2][GN_SHORT_CONTEXTS][4];
    double low_bases, low_unknown;                /* of quality 3 or less */
    double runs[GN_SHORT_UNITS][GN_SHORT_COPIES]; /* repeats that a read shows whole */
    double insertions[GN_SHORT_UNITS][GN_SHORT_COPIES], deletions[GN_SHORT_UNITS][GN_SHORT_COPIES];
    double slips, slip_units; /* indels in repeats, and their units together */
    double free_bases, free_insertions, free_deletions, free_indel_bases;
    double reads, clips[2], clip_lengths[GN_SHORT_CLIP_BINS]; /* clips at start, end */
    double whole_reads, foreign, foreign_bases, foreign_mismatches;
};

/// Counts a primary, mapped read with a sure place.
void gn_short_counts_add(struct gn_short_counts *counts, const struct gn_counted_piece *piece,
                         const bam1_t *record);

/// Fills the profile's rates from the counts. The strings must be there already.
void gn_short_counts_solve(const struct gn_short_counts *counts,
                           const struct gn_place_counts *places, struct gn_short_profile *profile);

#endif

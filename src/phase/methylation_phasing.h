/* SPDX-License-Identifier: MIT
 *
 * methylation_phasing.h - haplotypes of reads that direct phasing could not tell, from how methylated they are where the two
 * haplotypes differ in that (spec 70 section 8; DeepVariant 1.9's experiment, off by default).
 *
 *     reads of haplotype 1 and 2 ─► informative sites ─► votes of the other reads ─► more reads of haplotype 1 and 2
 *                    ▲                                                                        │
 *                    └──────────────────── until nothing changes, at most ten times ──────────┘
 */
#ifndef GN_PHASE_METHYLATION_PHASING_H
#define GN_PHASE_METHYLATION_PHASING_H

#include "phase/direct_phasing.h"

enum { GN_METHYLATION_LEVELS = 256 };

/// How many reads of a haplotype have each methylation level at a site. Level 0 means that nothing is known: never counted.
struct gn_methylation_histogram {
    uint32_t reads[GN_METHYLATION_LEVELS];
};

/// Two-sided p of Wilcoxon's rank-sum test that two haplotypes are methylated alike, by the normal approximation: equal
/// levels share their mean rank; neither ties nor continuity are corrected for. -1 when a haplotype has no reads.
double gn_rank_sum_p(const struct gn_methylation_histogram *first,
                     const struct gn_methylation_histogram *second);

/// Whether the two haplotypes of a site are methylated differently enough to tell reads apart.
/** At least 2 reads on either and 6 on both; means (of levels / 255) 0.25 or more apart; standard deviations (of the
    population) 0.2 or less; p below 0.05. */
bool gn_is_informative(const struct gn_methylation_histogram *first,
                       const struct gn_methylation_histogram *second);

/// Gives more reads a haplotype.
/** A read without one votes at each informative site where it has a level: for the haplotype whose mean is nearer, for the
    second when both are as near. It takes the haplotype with more votes than the other, and three or more. Reads of low
    quality count.
    Sums of levels are in double precision as upstream's; it adds them in an order that changes from run to run, this one
    from the lowest level to the highest.
    @param sites      methylated reference sites, apart from the candidates that were phased
    @param key_limit  larger than every read's key
    @param of_key     haplotypes by key, as direct phasing left them: 1, 2, or 0 when unknown; added to
    @return           GN_OK or GN_E_MEMORY */
GN_MUST_CHECK
int gn_phase_by_methylation(const struct gn_candidate_list *sites, uint32_t key_limit,
                            uint8_t *of_key, gn_arena_t *arena, gn_error_t *err);

#endif

/* SPDX-License-Identifier: MIT
 *
 * very_sensitive.h - candidates found in the reads themselves (spec 20 sections 3 and 4).
 */
#ifndef GN_CANDIDATES_VERY_SENSITIVE_H
#define GN_CANDIDATES_VERY_SENSITIVE_H

#include "candidates/candidate.h"
#include "candidates/good_alleles.h"

/// One candidate for each position of the counter that has a good allele, in order, appended to `out`; with methylation
/// calling also for each methylated reference site, whose alt is "." and whose only count is DP.
int gn_find_candidates(const struct gn_allele_counter *counter, const char *contig,
                       const struct gn_candidate_options *options, struct gn_candidate_list *out,
                       gn_arena_t *arena, gn_error_t *err);

/// Only the positions, for candidate_sweep and reference tracking: *positions (in the arena), *n of them.
int gn_find_candidate_positions(const struct gn_allele_counter *counter, const char *contig,
                                const struct gn_candidate_options *options, int64_t **positions,
                                size_t *n, gn_arena_t *arena, gn_error_t *err);

/// A position with its good alleles, and how they meet the alts of a record.
struct gn_candidate_site {
    const struct gn_allele_counter *counter;
    const struct gn_counted_position *position;
    const struct gn_good_alleles *good;
    const int32_t *counts; /* reads of each alt */
    const int16_t *alt_of; /* for each good allele, the number of its alt or -1 */
    const struct gn_candidate_options *options;
};

/// Fills DP, AD, VAF, sample, genotype, supports and context of a candidate whose ref and alts are set.
int gn_fill_candidate(struct gn_candidate *candidate, const struct gn_candidate_site *site,
                      gn_arena_t *arena, gn_error_t *err);

#endif

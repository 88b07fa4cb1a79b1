/* SPDX-License-Identifier: MIT
 *
 * match.h - which units of two sides describe the same genome, within one neighbourhood.
 *
 * Sets is_matched, is_allele_matched and, for the truth, scores; knows nothing of files, regions or counts.
 */
#ifndef GN_LABEL_MATCH_H
#define GN_LABEL_MATCH_H

#include "label/eval_unit.h"

/// Units of one neighbourhood on one contig, in any order.
struct gn_match_task {
    struct gn_eval_unit **truth, **calls;
    int n_truth, n_calls;
    bool is_cut_short; /* set when not all ways to compare them were followed */
};

typedef struct gn_matcher gn_matcher_t;

/// @param fasta  borrowed; NULL: only equal changes with equal genotypes match. One matcher per
/// thread.
GN_MUST_CHECK
gn_matcher_t *gn_matcher_create(gn_fasta_t *fasta, gn_error_t *err);
void gn_matcher_destroy(gn_matcher_t *matcher);

/// Matches the largest subsets of both sides that spell the same two haplotypes, phases being free (match_path.h); then equal
/// changes with equal genotypes among the rest; then, among what is still open, the largest subsets that spell one common
/// haplotype with one alternate allele of each (is_allele_matched).
GN_MUST_CHECK
int gn_match(gn_matcher_t *matcher, struct gn_match_task *task, gn_error_t *err);

#endif

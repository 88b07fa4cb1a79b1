/* SPDX-License-Identifier: MIT
 *
 * small_model_features.h - a candidate as the numbers that the small model looks at (spec 60
 * sections 1 and 2).
 *
 * All are integers and exact. Knows nothing of the model or of its thresholds.
 */
#ifndef GN_CANDIDATES_SMALL_MODEL_FEATURES_H
#define GN_CANDIDATES_SMALL_MODEL_FEATURES_H

#include "candidates/candidate.h"

/// Which numbers.
struct gn_small_model_view {
    int context_window;    /* positions around the site, odd or 0; candidates carry as many (51) */
    bool by_haplotype;     /* repeat the read counts for haplotypes 0, 1 and 2 (long reads) */
    const uint8_t *phases; /* haplotype of each read, by its key; NULL: all 0 */
};

/// How many numbers an example has: 19 + context_window, and 36 more by haplotype.
int gn_small_model_feature_count(const struct gn_small_model_view *view);

/// How many examples a candidate of n_alts alts gives: one for each alt and each pair of alts.
size_t gn_alt_set_count(int n_alts);

/// Lists them: {0}, {1}, ..., {0, 1}, {0, 2}, ..., {1, 2}, ...
void gn_alt_sets_list(int n_alts, struct gn_alt_set *sets);

/// The numbers of one example.
/** @param features  gn_small_model_feature_count() of them: 12 of the reads, 7 of the alleles, the
                     context, and 12 of the reads of each haplotype */
void gn_small_model_features(const struct gn_candidate *candidate, const struct gn_alt_set *set,
                             const struct gn_small_model_view *view, int32_t *features);

/// Whether the reference and all alts of the set are single bases: which threshold decides.
bool gn_alt_set_is_snp(const struct gn_variant *variant, const struct gn_alt_set *set);

#endif

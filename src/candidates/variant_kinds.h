/* SPDX-License-Identifier: MIT
 *
 * variant_kinds.h - keeps the candidates of some kinds of variants (--select-variant-types, spec 20 section 4).
 */
#ifndef GN_CANDIDATES_VARIANT_KINDS_H
#define GN_CANDIDATES_VARIANT_KINDS_H

#include "candidates/candidate.h"

/// Kinds of variants, OR-ed. A record with several alts is of the last kind alone.
enum gn_variant_kinds {
    GN_KIND_SNPS = 1,
    GN_KIND_INDELS = 2,
    GN_KIND_INSERTIONS = 4,
    GN_KIND_DELETIONS = 8,
    GN_KIND_MULTI_ALLELICS = 16,
};

/// Drops candidates that are of none of the kinds; 0 keeps all.
void gn_candidates_select(struct gn_candidate_list *candidates, unsigned kinds);

/// Drops candidates that do not start in [start0, end0).
void gn_candidates_clip(struct gn_candidate_list *candidates, int64_t start0, int64_t end0);

#endif

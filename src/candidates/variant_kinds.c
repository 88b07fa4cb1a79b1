/* SPDX-License-Identifier: MIT
 *
 * variant_kinds.c - which candidates go on.
 */
#include "candidates/variant_kinds.h"

#include <string.h>

static unsigned kinds_of(const struct gn_variant *variant)
{
    if (gn_is_reference_site(variant))
        return 0;
    size_t ref_length = strlen(variant->ref);
    bool all_single = ref_length == 1, any_longer = false, any_shorter = false,
         any_long = ref_length > 1;
    for (int i = 0; i < variant->alts.n; i++) {
        size_t length = strlen(variant->alts.v[i]);
        all_single = all_single && length == 1;
        any_long = any_long || length > 1;
        any_longer = any_longer || length > ref_length;
        any_shorter = any_shorter || length < ref_length;
    }
    if (variant->alts.n > 1)
        return GN_KIND_MULTI_ALLELICS;
    return (all_single ? GN_KIND_SNPS : 0U) | (any_long ? GN_KIND_INDELS : 0U) |
           (any_longer ? GN_KIND_INSERTIONS : 0U) | (any_shorter ? GN_KIND_DELETIONS : 0U);
}

/* Keeps candidate i of the list, `kept` being the number kept so far, or frees its record. */
static size_t keep(struct gn_candidate_list *candidates, size_t i, size_t kept, bool is_kept)
{
    if (!is_kept) {
        gn_variant_free(candidates->v[i].variant);
        return kept;
    }
    candidates->v[kept] = candidates->v[i];
    return kept + 1;
}

void gn_candidates_select(struct gn_candidate_list *candidates, unsigned kinds)
{
    size_t kept = 0;
    for (size_t i = 0; i < candidates->n; i++)
        kept = keep(candidates, i, kept,
                    kinds == 0 || (kinds_of(candidates->v[i].variant) & kinds) != 0);
    candidates->n = kept;
}

void gn_candidates_clip(struct gn_candidate_list *candidates, int64_t start0, int64_t end0)
{
    size_t kept = 0;
    for (size_t i = 0; i < candidates->n; i++) {
        int64_t pos0 = candidates->v[i].variant->start0;
        kept = keep(candidates, i, kept, pos0 >= start0 && pos0 < end0);
    }
    candidates->n = kept;
}

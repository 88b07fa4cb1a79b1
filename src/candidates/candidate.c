/* SPDX-License-Identifier: MIT
 *
 * candidate.c - the list of candidates of a partition.
 */
#include "candidates/candidate.h"

#include <string.h>

bool gn_is_reference_site(const struct gn_variant *variant)
{
    return variant->alts.n == 1 && strcmp(variant->alts.v[0], ".") == 0;
}

void gn_candidates_clear(struct gn_candidate_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        gn_variant_free(list->v[i].variant);
    *list = (struct gn_candidate_list){NULL, 0, 0};
}

struct gn_candidate *gn_candidates_push(struct gn_candidate_list *list, gn_arena_t *arena,
                                        gn_error_t *err)
{
    if (list->n == list->cap) {
        size_t cap = list->cap == 0 ? 32 : list->cap * 2;
        struct gn_candidate *grown = gn_arena_alloc(arena, cap * sizeof *grown);
        if (grown == NULL) {
            gn_fail_memory(err, "candidates of one partition");
            return NULL;
        }
        if (list->n > 0)
            memcpy(grown, list->v, list->n * sizeof *grown);
        list->v = grown;
        list->cap = cap;
    }
    struct gn_candidate *candidate = &list->v[list->n];
    *candidate = (struct gn_candidate){.variant = gn_variant_create()};
    if (candidate->variant == NULL) {
        gn_fail_memory(err, "candidates of one partition");
        return NULL;
    }
    list->n++;
    return candidate;
}

int gn_candidates_take_reference_sites(struct gn_candidate_list *list,
                                       struct gn_candidate_list *sites, gn_arena_t *arena,
                                       gn_error_t *err)
{
    *sites = (struct gn_candidate_list){
        .v = gn_arena_alloc(arena, (list->n + 1) * sizeof *sites->v), .cap = list->n + 1};
    if (sites->v == NULL)
        return gn_fail_memory(err, "candidates of one partition");
    size_t kept = 0;
    for (size_t i = 0; i < list->n; i++) {
        if (gn_is_reference_site(list->v[i].variant))
            sites->v[sites->n++] = list->v[i];
        else
            list->v[kept++] = list->v[i];
    }
    list->n = kept;
    return GN_OK;
}

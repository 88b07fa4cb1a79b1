/* SPDX-License-Identifier: MIT
 *
 * population.c - alleles are compared as sequences over the span of the candidate and all cohort records.
 */
#include "candidates/population.h"

#include <string.h>

/* The span that all alleles are spelled over. */
struct span {
    const char *ref;
    int64_t start0, end0;
};

static char *spell(const struct span *span, const struct gn_variant *variant, const char *alt,
                   gn_arena_t *arena)
{
    size_t before = (size_t)(variant->start0 - span->start0), alt_length = strlen(alt);
    int64_t end0 = variant->start0 + (int64_t)strlen(variant->ref);
    size_t after = end0 < span->end0 ? (size_t)(span->end0 - end0) : 0;
    char *haplotype = gn_arena_alloc(arena, before + alt_length + after + 1);
    if (haplotype == NULL)
        return NULL;
    memcpy(haplotype, span->ref, before);
    memcpy(haplotype + before, alt, alt_length);
    memcpy(haplotype + before + alt_length, span->ref + (end0 - span->start0), after);
    haplotype[before + alt_length + after] = '\0';
    return haplotype;
}

static int match_record(struct gn_candidate *candidate, char *const *haplotypes,
                        const struct gn_variant *record, const struct span *span, gn_arena_t *arena,
                        gn_error_t *err)
{
    for (int k = 0; k < record->alts.n && record->vaf.n == record->alts.n; k++) {
        const char *haplotype = spell(span, record, record->alts.v[k], arena);
        if (haplotype == NULL)
            return gn_fail_memory(err, "candidates of one partition");
        for (int i = 0; i < candidate->variant->alts.n; i++)
            if (strcmp(haplotype, haplotypes[i]) == 0)
                candidate->alt_frequencies[i] = (float)record->vaf.v[k];
    }
    return GN_OK;
}

int gn_find_population_frequencies(struct gn_candidate *candidate,
                                   const struct gn_variant_list *cohort, gn_fasta_t *fasta,
                                   int contig, gn_arena_t *arena, gn_error_t *err)
{
    const struct gn_variant *variant = candidate->variant;
    size_t n_alts = (size_t)variant->alts.n;
    candidate->alt_frequencies =
        gn_arena_zalloc(arena, n_alts + 1, sizeof *candidate->alt_frequencies);
    char **haplotypes = gn_arena_alloc(arena, (n_alts + 1) * sizeof *haplotypes);
    if (candidate->alt_frequencies == NULL || haplotypes == NULL)
        return gn_fail_memory(err, "candidates of one partition");
    struct span span = {NULL, variant->start0, variant->end0};
    for (size_t i = 0; i < cohort->n; i++) {
        if (cohort->v[i]->start0 < span.start0)
            span.start0 = cohort->v[i]->start0;
        if (cohort->v[i]->end0 > span.end0)
            span.end0 = cohort->v[i]->end0;
    }
    span.ref = gn_fasta_fetch(fasta, contig, span.start0, span.end0, arena, err);
    if (span.ref == NULL)
        return err == NULL ? GN_E_IO : err->code;
    for (size_t i = 0; i < n_alts; i++)
        if ((haplotypes[i] = spell(&span, variant, variant->alts.v[i], arena)) == NULL)
            return gn_fail_memory(err, "candidates of one partition");
    int ret = GN_OK;
    for (size_t i = 0; i < cohort->n && ret == GN_OK; i++)
        ret = match_record(candidate, haplotypes, cohort->v[i], &span, arena, err);
    return ret;
}

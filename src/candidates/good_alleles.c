/* SPDX-License-Identifier: MIT
 *
 * good_alleles.c - the tests of the "very sensitive caller".
 */
#include "candidates/good_alleles.h"

#include <string.h>

struct gn_candidate_options gn_candidate_options_default(void)
{
    return (struct gn_candidate_options){.vsc_min_count_snps = 2,
                                         .vsc_min_count_indels = 2,
                                         .vsc_min_fraction_snps = 0.12,
                                         .vsc_min_fraction_indels = 0.06,
                                         .vsc_min_fraction_multiplier = 1.0,
                                         .vaf_context_window_size = 51,
                                         .methylation = gn_methylation_options_default()};
}

static bool is_good(const struct gn_allele_sum *allele, int depth,
                    const struct gn_candidate_options *o)
{
    if (allele->type == GN_ALLELE_REFERENCE || allele->type == GN_ALLELE_SOFT_CLIP)
        return false;
    bool is_snp = allele->type == GN_ALLELE_SUBSTITUTION;
    if (allele->count < (is_snp ? o->vsc_min_count_snps : o->vsc_min_count_indels))
        return false;
    /* PARITY(dv-1.9): thresholds are single precision flags compared in double precision. With one sample the
     * multiplier only ever helps: the ratio is tested without it first. */
    double threshold =
        (double)(float)(is_snp ? o->vsc_min_fraction_snps : o->vsc_min_fraction_indels);
    double ratio = (double)allele->count / depth;
    double multiplier = (double)(float)o->vsc_min_fraction_multiplier;
    return ratio >= threshold || (multiplier < 1.0 && ratio >= threshold * multiplier);
}

/* The reference base, followed by the bases of the longest good deletion (the first one on ties). */
static int spell_reference(const struct gn_counted_position *position, struct gn_good_alleles *good,
                           gn_arena_t *arena, gn_error_t *err)
{
    const struct gn_allele_sum *longest = NULL;
    for (int i = 0; i < good->n; i++)
        if (good->v[i].type == GN_ALLELE_DELETION &&
            (longest == NULL || good->v[i].length > longest->length))
            longest = &good->v[i];
    good->ref_length = longest == NULL ? 1 : longest->length;
    good->ref = gn_arena_alloc(arena, good->ref_length + 1);
    if (good->ref == NULL)
        return gn_fail_memory(err, "alleles of one position");
    good->ref[0] = position->ref_base;
    if (longest != NULL)
        memcpy(good->ref + 1, longest->bases + 1, longest->length - 1);
    good->ref[good->ref_length] = '\0';
    return GN_OK;
}

int gn_find_good_alleles(const struct gn_allele_counter *counter,
                         const struct gn_counted_position *position,
                         const struct gn_candidate_options *options, struct gn_good_alleles *good,
                         gn_arena_t *arena, gn_error_t *err)
{
    *good = (struct gn_good_alleles){.v = NULL};
    if (position->n == 0 || strchr("ACGT", position->ref_base) == NULL)
        return GN_OK;
    int n = gn_sum_alleles(counter, position, &good->v, arena, err);
    if (n < 0)
        return n;
    good->depth = gn_position_depth(counter, position);
    for (int i = 0; i < n; i++)
        if (is_good(&good->v[i], good->depth, options))
            good->v[good->n++] = good->v[i];
    return good->n > 0 ? spell_reference(position, good, arena, err) : GN_OK;
}

char *gn_spell_alternate(const struct gn_good_alleles *good, const struct gn_allele_sum *allele,
                         gn_arena_t *arena)
{
    bool is_deletion = allele->type == GN_ALLELE_DELETION;
    size_t head = is_deletion ? 1 : allele->length;
    size_t skipped = is_deletion ? allele->length : 1; /* bases of ref that the allele replaces */
    size_t tail = good->ref_length > skipped ? good->ref_length - skipped : 0;
    char *alt = gn_arena_alloc(arena, head + tail + 1);
    if (alt == NULL)
        return NULL;
    memcpy(alt, allele->bases, head);
    memcpy(alt + head, good->ref + good->ref_length - tail, tail);
    alt[head + tail] = '\0';
    return alt;
}

bool gn_allele_is(const struct gn_allele *allele, const struct gn_allele_sum *sum)
{
    return allele->type == sum->type && allele->length == sum->length &&
           memcmp(allele->bases, sum->bases, sum->length) == 0;
}

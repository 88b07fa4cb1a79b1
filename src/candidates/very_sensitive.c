/* SPDX-License-Identifier: MIT
 *
 * very_sensitive.c - builds the variant record and the support lists of each candidate.
 */
#include "candidates/very_sensitive.h"

#include <stdlib.h>
#include <string.h>

#include "candidates/methylation_fields.h"

/* An alternate allele with the good allele that it spells. */
struct spelled {
    char *alt;
    int good_index;
};

static int compare_spelled(const void *a, const void *b)
{
    return strcmp(((const struct spelled *)a)->alt, ((const struct spelled *)b)->alt);
}

static int find_supports(struct gn_candidate *candidate, const struct gn_candidate_site *site,
                         gn_arena_t *arena, gn_error_t *err)
{
    candidate->supports =
        gn_arena_alloc(arena, (candidate->n_alleles + 1) * sizeof *candidate->supports);
    if (candidate->supports == NULL)
        return gn_fail_memory(err, "candidates of one partition");
    for (uint32_t i = 0; i < candidate->n_alleles; i++) {
        const struct gn_allele *allele = &candidate->alleles[i];
        candidate->supports[i] = GN_SUPPORTS_UNCALLED;
        if (allele->type == GN_ALLELE_REFERENCE)
            candidate->supports[i] = GN_SUPPORTS_REFERENCE;
        for (int k = 0; k < site->good->n; k++)
            if (gn_allele_is(allele, &site->good->v[k]) && site->alt_of[k] >= 0)
                candidate->supports[i] = site->alt_of[k];
    }
    return GN_OK;
}

static int find_context(struct gn_candidate *candidate, const struct gn_candidate_site *site,
                        gn_arena_t *arena, gn_error_t *err)
{
    const struct gn_allele_counter *counter = site->counter;
    int window = site->options->vaf_context_window_size;
    if (window == 0)
        return GN_OK;
    int64_t index = site->position - counter->positions, n = counter->end0 - counter->start0;
    int64_t from = index - window / 2 > 0 ? index - window / 2 : 0;
    int64_t to = index + window / 2 + 1 < n ? index + window / 2 + 1 : n;
    candidate->context = gn_arena_alloc(arena, (size_t)(to - from) * sizeof *candidate->context);
    if (candidate->context == NULL)
        return gn_fail_memory(err, "candidates of one partition");
    candidate->n_context = (int)(to - from);
    for (int64_t i = from; i < to; i++) {
        const struct gn_counted_position *p = &counter->positions[i];
        /* PARITY(dv-1.9): tracked reference alleles are counted twice here, once as stored alleles. */
        int64_t depth = p->ref_count + (int64_t)p->n;
        int percent = depth > 0 ? (int)(100 * (int64_t)p->n / depth) : 0;
        candidate->context[i - from] = (struct gn_position_frequency){counter->start0 + i, percent};
    }
    return GN_OK;
}

static int fill_call(struct gn_variant *variant, const struct gn_candidate_site *site,
                     gn_error_t *err)
{
    static const int32_t no_call[2] = {-1, -1};
    int depth = site->good->depth;
    variant->has_call = true;
    int ret = gn_ints_set(&variant->genotype, no_call, 2, err);
    if (ret == GN_OK)
        ret = gn_text_set(&variant->sample, site->options->sample, err);
    if (ret == GN_OK)
        ret = gn_ints_set(&variant->dp, &depth, 1, err);
    if (gn_is_reference_site(variant))
        return ret;
    if (ret == GN_OK)
        ret = gn_ints_push(&variant->ad, site->position->ref_count, err);
    for (int i = 0; i < variant->alts.n && ret == GN_OK; i++) {
        ret = gn_ints_push(&variant->ad, site->counts[i], err);
        if (ret == GN_OK)
            ret = gn_doubles_push(&variant->vaf, depth > 0 ? (double)site->counts[i] / depth : 0.0,
                                  err);
    }
    return ret;
}

int gn_fill_candidate(struct gn_candidate *candidate, const struct gn_candidate_site *site,
                      gn_arena_t *arena, gn_error_t *err)
{
    candidate->alleles = site->counter->alleles + site->position->first;
    candidate->n_alleles = site->position->n;
    int ret = fill_call(candidate->variant, site, err);
    if (ret == GN_OK)
        ret = find_supports(candidate, site, arena, err);
    return ret == GN_OK ? find_context(candidate, site, arena, err) : ret;
}

/* The record of a site: its alts in byte order. counts and alt_of follow that order. */
static int spell_record(struct gn_variant *variant, const struct gn_good_alleles *good,
                        int32_t *counts, int16_t *alt_of, gn_arena_t *arena, gn_error_t *err)
{
    struct spelled *spelled = gn_arena_alloc(arena, (size_t)good->n * sizeof *spelled);
    if (spelled == NULL)
        return gn_fail_memory(err, "candidates of one partition");
    for (int i = 0; i < good->n; i++) {
        spelled[i] = (struct spelled){gn_spell_alternate(good, &good->v[i], arena), i};
        if (spelled[i].alt == NULL)
            return gn_fail_memory(err, "candidates of one partition");
    }
    qsort(spelled, (size_t)good->n, sizeof *spelled, compare_spelled);
    int ret = gn_text_set(&variant->ref, good->ref, err);
    for (int i = 0; i < good->n && ret == GN_OK; i++) {
        counts[i] = good->v[spelled[i].good_index].count;
        alt_of[spelled[i].good_index] = (int16_t)i;
        ret = gn_texts_push(&variant->alts, spelled[i].alt, err);
    }
    return ret;
}

/* A record without an alternative. */
static int spell_reference_site(struct gn_variant *variant, char base, gn_error_t *err)
{
    const char ref[2] = {base, '\0'};
    int ret = gn_text_set(&variant->ref, ref, err);
    return ret == GN_OK ? gn_texts_push(&variant->alts, ".", err) : ret;
}

/* Fills a new candidate at a position; site comes without counts and alt_of. */
static int make_candidate(struct gn_candidate *candidate, const char *contig,
                          struct gn_candidate_site *site, gn_arena_t *arena, gn_error_t *err)
{
    const struct gn_good_alleles *good = site->good;
    int32_t *counts = gn_arena_alloc(arena, ((size_t)good->n + 1) * sizeof *counts);
    int16_t *alt_of = gn_arena_alloc(arena, ((size_t)good->n + 1) * sizeof *alt_of);
    if (counts == NULL || alt_of == NULL)
        return gn_fail_memory(err, "candidates of one partition");
    struct gn_variant *variant = candidate->variant;
    variant->start0 = site->counter->start0 + (site->position - site->counter->positions);
    variant->end0 = variant->start0 + (good->n > 0 ? (int64_t)good->ref_length : 1);
    int ret = gn_text_set(&variant->contig, contig, err);
    if (ret == GN_OK)
        ret = good->n > 0 ? spell_record(variant, good, counts, alt_of, arena, err)
                          : spell_reference_site(variant, site->position->ref_base, err);
    site->counts = counts;
    site->alt_of = alt_of;
    if (ret == GN_OK)
        ret = gn_fill_candidate(candidate, site, arena, err);
    return ret == GN_OK ? gn_fill_methylation(candidate, site, err) : ret;
}

int gn_find_candidates(const struct gn_allele_counter *counter, const char *contig,
                       const struct gn_candidate_options *options, struct gn_candidate_list *out,
                       gn_arena_t *arena, gn_error_t *err)
{
    for (int64_t i = 0; i < counter->end0 - counter->start0; i++) {
        struct gn_good_alleles good;
        struct gn_candidate_site site = {counter, &counter->positions[i], &good, NULL, NULL,
                                         options};
        int ret = gn_find_good_alleles(counter, site.position, options, &good, arena, err);
        if (ret < 0)
            return ret;
        if (good.n == 0 &&
            !gn_is_methylated_reference(counter, site.position, &options->methylation, contig))
            continue;
        struct gn_candidate *candidate = gn_candidates_push(out, arena, err);
        if (candidate == NULL)
            return GN_E_MEMORY;
        ret = make_candidate(candidate, contig, &site, arena, err);
        if (ret < 0)
            return ret;
    }
    return GN_OK;
}

int gn_find_candidate_positions(const struct gn_allele_counter *counter, const char *contig,
                                const struct gn_candidate_options *options, int64_t **positions,
                                size_t *n, gn_arena_t *arena, gn_error_t *err)
{
    int64_t length = counter->end0 - counter->start0;
    *n = 0;
    *positions = gn_arena_alloc(arena, (size_t)(length + 1) * sizeof **positions);
    if (*positions == NULL)
        return gn_fail_memory(err, "candidate positions");
    for (int64_t i = 0; i < length; i++) {
        struct gn_good_alleles good;
        int ret = gn_find_good_alleles(counter, &counter->positions[i], options, &good, arena, err);
        if (ret < 0)
            return ret;
        if (good.n > 0 || gn_is_methylated_throughout(counter, &counter->positions[i],
                                                      &options->methylation, contig))
            (*positions)[(*n)++] = counter->start0 + i;
    }
    return GN_OK;
}

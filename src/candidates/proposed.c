/* SPDX-License-Identifier: MIT
 *
 * proposed.c - matches the alleles of a record with the good alleles of its position.
 *
 * Two alleles are the same when (ref, alt) is equal after the common suffix is taken off both.
 */
#include "candidates/proposed.h"

#include <string.h>

#include "candidates/very_sensitive.h"

/* A ref/alt pair without its common suffix. */
struct trimmed {
    const char *ref, *alt;
    size_t ref_length, alt_length;
};

static struct trimmed trim(const char *ref, const char *alt)
{
    struct trimmed t = {ref, alt, strlen(ref), strlen(alt)};
    while (t.ref_length > 1 && t.alt_length > 1 && ref[t.ref_length - 1] == alt[t.alt_length - 1]) {
        t.ref_length--;
        t.alt_length--;
    }
    return t;
}

static bool same_change(struct trimmed a, struct trimmed b)
{
    return a.ref_length == b.ref_length && a.alt_length == b.alt_length &&
           memcmp(a.ref, b.ref, a.ref_length) == 0 && memcmp(a.alt, b.alt, a.alt_length) == 0;
}

/* The record's alleles, extended when a good deletion reaches further than the record. */
static int copy_alleles(struct gn_variant *variant, const struct gn_variant *proposal,
                        const struct gn_good_alleles *good, gn_arena_t *arena, gn_error_t *err)
{
    size_t length = strlen(proposal->ref);
    const char *suffix = good->n > 0 && length < good->ref_length ? good->ref + length : "";
    size_t added = strlen(suffix);
    variant->start0 = proposal->start0;
    variant->end0 = proposal->start0 + (int64_t)(length + added);
    int ret = GN_OK;
    for (int i = -1; i < proposal->alts.n && ret == GN_OK; i++) {
        const char *allele = i < 0 ? proposal->ref : proposal->alts.v[i];
        size_t n = strlen(allele);
        char *joined = gn_arena_alloc(arena, n + added + 1);
        if (joined == NULL)
            return gn_fail_memory(err, "candidates of one partition");
        memcpy(joined, allele, n);
        memcpy(joined + n, suffix, added + 1);
        ret = i < 0 ? gn_text_set(&variant->ref, joined, err)
                    : gn_texts_push(&variant->alts, joined, err);
    }
    return ret;
}

/* For each alt its reads, and for each good allele the alt whose support list it feeds.
 * PARITY(dv-1.9): the two go by different rules: counts by the trimmed pair, support by the spelling of the allele with the
 * record's suffix. Support under a spelling that is no alt of the record counts as uncalled. */
static int match_alleles(const struct gn_variant *variant, const struct gn_good_alleles *good,
                         int32_t *counts, int16_t *alt_of, gn_arena_t *arena, gn_error_t *err)
{
    size_t ref_length = strlen(variant->ref);
    const char *suffix =
        good->n > 0 && ref_length > good->ref_length ? variant->ref + good->ref_length : "";
    for (int k = 0; k < good->n; k++) {
        char *alt = gn_spell_alternate(good, &good->v[k], arena);
        size_t alt_length = alt == NULL ? 0 : strlen(alt);
        char *with_suffix =
            alt == NULL ? NULL : gn_arena_alloc(arena, alt_length + strlen(suffix) + 1);
        if (with_suffix == NULL)
            return gn_fail_memory(err, "candidates of one partition");
        memcpy(with_suffix, alt, alt_length);
        memcpy(with_suffix + alt_length, suffix, strlen(suffix) + 1);
        alt_of[k] = -1;
        for (int i = variant->alts.n - 1; i >= 0; i--) {
            if (same_change(trim(good->ref, alt), trim(variant->ref, variant->alts.v[i])))
                counts[i] = good->v[k].count;
            if (strcmp(with_suffix, variant->alts.v[i]) == 0)
                alt_of[k] = (int16_t)i;
        }
    }
    return GN_OK;
}

static int propose(const struct gn_allele_counter *counter, const char *contig,
                   const struct gn_variant *proposal, const struct gn_candidate_options *options,
                   struct gn_candidate_list *out, gn_arena_t *arena, gn_error_t *err)
{
    const struct gn_counted_position *position =
        &counter->positions[proposal->start0 - counter->start0];
    if (strchr("ACGT", position->ref_base) == NULL)
        return GN_OK;
    struct gn_good_alleles good;
    struct gn_candidate_options plain = *options;
    plain.vsc_min_fraction_multiplier = 1.0;
    int ret = gn_find_good_alleles(counter, position, &plain, &good, arena, err);
    if (ret < 0)
        return ret;
    good.depth = gn_position_depth(counter, position);
    struct gn_candidate *candidate = gn_candidates_push(out, arena, err);
    int32_t *counts = gn_arena_zalloc(arena, (size_t)proposal->alts.n + 1, sizeof *counts);
    int16_t *alt_of = gn_arena_alloc(arena, (size_t)(good.n + 1) * sizeof *alt_of);
    if (candidate == NULL || counts == NULL || alt_of == NULL)
        return gn_fail_memory(err, "candidates of one partition");
    struct gn_candidate_site site = {counter, position, &good, counts, alt_of, options};
    ret = gn_text_set(&candidate->variant->contig, contig, err);
    if (ret == GN_OK)
        ret = copy_alleles(candidate->variant, proposal, &good, arena, err);
    if (ret == GN_OK)
        ret = match_alleles(candidate->variant, &good, counts, alt_of, arena, err);
    if (ret == GN_OK)
        ret = gn_fill_candidate(candidate, &site, arena, err);
    return ret;
}

int gn_propose_candidates(const struct gn_allele_counter *counter, const char *contig,
                          const struct gn_variant_list *proposals,
                          const struct gn_candidate_options *options, struct gn_candidate_list *out,
                          gn_arena_t *arena, gn_error_t *err)
{
    for (size_t i = 0; i < proposals->n; i++) {
        const struct gn_variant *proposal = proposals->v[i];
        if (proposal->start0 < counter->start0 || proposal->start0 >= counter->end0)
            continue;
        int ret = propose(counter, contig, proposal, options, out, arena, err);
        if (ret < 0)
            return ret;
    }
    return GN_OK;
}

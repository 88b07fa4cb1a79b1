/* SPDX-License-Identifier: MIT
 *
 * small_model_features.c - counts of reads, kinds of alleles and the surroundings, in DeepVariant
 * 1.9's order. All divisions are of non-negative integers and round down.
 */
#include "candidates/small_model_features.h"

#include <string.h>

enum { READ_FEATURES = 12, ALLELE_FEATURES = 7, HAPLOTYPES = 3, ALL_HAPLOTYPES = -1 };

/* Sums over the reads of one side. */
struct tally {
    int64_t n, mapping_quality, base_quality, reverse;
};

static void add_read(struct tally *tally, const struct gn_allele *allele)
{
    tally->n++;
    tally->mapping_quality += allele->mapping_quality;
    tally->base_quality += allele->base_quality;
    tally->reverse += allele->is_reverse;
}

static int32_t quotient(int64_t sum, int64_t n)
{
    return n > 0 ? (int32_t)(sum / n) : 0;
}

static bool contains(const struct gn_alt_set *set, int alt)
{
    return alt == set->alts[0] || (set->n > 1 && alt == set->alts[1]);
}

/* Twelve numbers of the reads of a haplotype; the depth of the whole site is among them always. */
static int32_t *add_read_features(const struct gn_candidate *candidate,
                                  const struct gn_alt_set *set, const uint8_t *phases,
                                  int haplotype, int32_t *out)
{
    struct tally ref = {0}, alt = {0};
    for (uint32_t i = 0; i < candidate->n_alleles; i++) {
        const struct gn_allele *allele = &candidate->alleles[i];
        int phase = phases == NULL ? 0 : phases[allele->key];
        if (haplotype != ALL_HAPLOTYPES && phase != haplotype)
            continue;
        if (candidate->supports[i] == GN_SUPPORTS_REFERENCE)
            add_read(&ref, allele);
        else if (candidate->supports[i] >= 0 && contains(set, candidate->supports[i]))
            add_read(&alt, allele);
    }
    *out++ = (int32_t)ref.n;
    *out++ = (int32_t)alt.n;
    *out++ = (int32_t)(ref.n + alt.n);
    *out++ = (int32_t)candidate->n_alleles;
    *out++ = quotient(100 * alt.n, candidate->n_alleles);
    *out++ = quotient(100 * alt.n, ref.n + alt.n);
    *out++ = quotient(ref.mapping_quality, ref.n);
    *out++ = quotient(alt.mapping_quality, alt.n);
    *out++ = quotient(ref.base_quality, ref.n);
    *out++ = quotient(alt.base_quality, alt.n);
    *out++ = quotient(100 * ref.reverse, ref.n);
    *out++ = quotient(100 * alt.reverse, alt.n);
    return out;
}

static int32_t *add_allele_features(const struct gn_variant *variant, const struct gn_alt_set *set,
                                    int32_t *out)
{
    int64_t ref_length = (int64_t)strlen(variant->ref), longest = 0, shortest = 0;
    bool all_longer = true, all_shorter = true;
    for (int i = 0; i < set->n; i++) {
        int64_t growth = (int64_t)strlen(variant->alts.v[set->alts[i]]) - ref_length;
        all_longer = all_longer && growth > 0;
        all_shorter = all_shorter && growth < 0;
        longest = growth > longest ? growth : longest;
        shortest = growth < shortest ? growth : shortest;
    }
    *out++ = gn_alt_set_is_snp(variant, set);
    *out++ = all_longer;
    *out++ = all_shorter;
    *out++ = (int32_t)longest;
    *out++ = (int32_t)-shortest;
    *out++ = variant->alts.n > 1;
    *out++ = set->n > 1;
    return out;
}

/* Shares of non-reference reads around the site; 0 where nothing was counted. */
static int32_t *add_context(const struct gn_candidate *candidate, int window, int32_t *out)
{
    memset(out, 0, (size_t)window * sizeof *out);
    int64_t first = candidate->variant->start0 - window / 2;
    for (int i = 0; i < candidate->n_context; i++) {
        int64_t offset = candidate->context[i].pos0 - first;
        if (offset >= 0 && offset < window)
            out[offset] = candidate->context[i].percent;
    }
    return out + window;
}

int gn_small_model_feature_count(const struct gn_small_model_view *view)
{
    int of_haplotypes = view->by_haplotype ? HAPLOTYPES * READ_FEATURES : 0;
    return READ_FEATURES + ALLELE_FEATURES + view->context_window + of_haplotypes;
}

size_t gn_alt_set_count(int n_alts)
{
    return (size_t)n_alts * ((size_t)n_alts + 1) / 2;
}

void gn_alt_sets_list(int n_alts, struct gn_alt_set *sets)
{
    for (int i = 0; i < n_alts; i++)
        *sets++ = (struct gn_alt_set){.alts = {i}, .n = 1};
    for (int i = 0; i < n_alts; i++)
        for (int j = i + 1; j < n_alts; j++)
            *sets++ = (struct gn_alt_set){.alts = {i, j}, .n = 2};
}

bool gn_alt_set_is_snp(const struct gn_variant *variant, const struct gn_alt_set *set)
{
    bool is_snp = strlen(variant->ref) == 1;
    for (int i = 0; i < set->n; i++)
        is_snp = is_snp && strlen(variant->alts.v[set->alts[i]]) == 1;
    return is_snp;
}

void gn_small_model_features(const struct gn_candidate *candidate, const struct gn_alt_set *set,
                             const struct gn_small_model_view *view, int32_t *features)
{
    features = add_read_features(candidate, set, view->phases, ALL_HAPLOTYPES, features);
    features = add_allele_features(candidate->variant, set, features);
    features = add_context(candidate, view->context_window, features);
    for (int h = 0; view->by_haplotype && h < HAPLOTYPES; h++)
        features = add_read_features(candidate, set, view->phases, h, features);
}

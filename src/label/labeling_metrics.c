/* SPDX-License-Identifier: MIT
 *
 * labeling_metrics.c - counts of sites, alleles and exact matches in a group. spec 150.4.
 */
#include "label/labeling_metrics.h"

#include <string.h>

static int count_alts(const int genotype[2])
{
    return (genotype[0] > 0) + (genotype[1] > 0 && genotype[1] != genotype[0]);
}

static void add_truth(int64_t *v, const struct gn_assigned_variant *truth)
{
    int n_original = count_alts(truth->original), n_assigned = count_alts(truth->assigned);
    v[GN_METRIC_TRUTH_SITES]++;
    v[GN_METRIC_TRUTH_ALLELES] += n_original;
    v[GN_METRIC_TRUE_POSITIVE_SITES] += n_assigned > 0;
    v[GN_METRIC_FALSE_NEGATIVE_SITES] += n_assigned == 0;
    v[GN_METRIC_MULTIALLELIC_TRUTH_SITES_WITH_MISSED_ALLELES] +=
        n_original > 1 && n_assigned < n_original;
    for (int k = 0; k < 2; k++) {
        if (truth->original[k] <= 0)
            continue;
        v[GN_METRIC_TRUE_POSITIVE_ALLELES] += truth->assigned[k] > 0;
        v[GN_METRIC_FALSE_NEGATIVE_ALLELES] += truth->assigned[k] == 0;
    }
}

/* Equal as sets: neither list repeats an allele. */
static bool same_alts(const struct gn_variant *a, const struct gn_variant *b)
{
    if (a->alts.n != b->alts.n)
        return false;
    for (int i = 0; i < a->alts.n; i++) {
        int k = 0;
        while (k < b->alts.n && strcmp(a->alts.v[i], b->alts.v[k]) != 0)
            k++;
        if (k == b->alts.n)
            return false;
    }
    return true;
}

static bool same_genotype(const int a[2], const int b[2])
{
    return (a[0] == b[0] && a[1] == b[1]) || (a[0] == b[1] && a[1] == b[0]);
}

/* PARITY(dv-1.9): of several truths with one start the last one counts. */
static const struct gn_assigned_variant *find_truth(const struct gn_assigned_variant *truths, int n,
                                                    int64_t start0)
{
    for (int i = n - 1; i >= 0; i--)
        if (truths[i].variant->start0 == start0)
            return &truths[i];
    return NULL;
}

static void add_candidate(int64_t *v, const struct gn_assigned_variant *candidate,
                          const struct gn_assigned_variant *truth)
{
    if (!candidate->is_confident) {
        v[GN_METRIC_NON_CONFIDENT_CANDIDATE_SITES]++;
        return;
    }
    int n_alts = candidate->variant->alts.n, n_assigned = count_alts(candidate->assigned);
    v[GN_METRIC_CANDIDATE_SITES]++;
    v[GN_METRIC_CANDIDATE_ALLELES] += n_alts;
    v[GN_METRIC_FALSE_POSITIVE_SITES] += n_assigned == 0;
    v[GN_METRIC_FALSE_POSITIVE_ALLELES] += n_alts - n_assigned;
    if (truth == NULL) {
        v[GN_METRIC_INEXACT_POSITION_MATCHES] += n_assigned > 0;
        return;
    }
    v[GN_METRIC_EXACT_POSITION_MATCHES]++;
    if (!same_alts(candidate->variant, truth->variant))
        return;
    v[GN_METRIC_EXACT_POSITION_AND_ALLELE_MATCHES]++;
    v[GN_METRIC_EXACT_POSITION_AND_ALLELE_AND_GENOTYPE_MATCHES] +=
        same_genotype(candidate->assigned, truth->assigned);
}

void gn_labeling_metrics_add_group(struct gn_labeling_metrics *metrics,
                                   const struct gn_assigned_variant *truths, int n_truths,
                                   const struct gn_assigned_variant *candidates, int n_candidates)
{
    for (int i = 0; i < n_truths; i++)
        add_truth(metrics->v, &truths[i]);
    for (int i = 0; i < n_candidates; i++)
        add_candidate(metrics->v, &candidates[i],
                      find_truth(truths, n_truths, candidates[i].variant->start0));
}

void gn_labeling_metrics_add(struct gn_labeling_metrics *total,
                             const struct gn_labeling_metrics *part)
{
    for (int i = 0; i < GN_LABELING_METRICS; i++)
        total->v[i] += part->v[i];
}

const char *gn_labeling_metric_name(enum gn_labeling_metric metric)
{
    static const char *const names[GN_LABELING_METRICS] = {
        "n_truth_variant_sites",
        "n_truth_variant_alleles",
        "n_candidate_variant_sites",
        "n_candidate_variant_alleles",
        "n_non_confident_candidate_variant_sites",
        "n_true_positive_sites",
        "n_true_positive_alleles",
        "n_false_negative_sites",
        "n_false_negative_alleles",
        "n_false_positive_sites",
        "n_false_positive_alleles",
        "n_inexact_position_matches",
        "n_exact_position_matches",
        "n_exact_position_and_allele_matches",
        "n_exact_position_and_allele_and_genotype_matches",
        "n_truth_multiallelics_sites_with_missed_alleles",
    };
    return names[metric];
}

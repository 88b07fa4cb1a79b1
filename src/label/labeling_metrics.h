/* SPDX-License-Identifier: MIT
 *
 * labeling_metrics.h - how well candidates and truth agree in the labels of a run: DeepVariant's LabelingMetrics.
 * spec 150.4, 81.4.
 */
#ifndef GN_LABEL_LABELING_METRICS_H
#define GN_LABEL_LABELING_METRICS_H

#include "io/variant.h"

/// In the order of the message's fields.
enum gn_labeling_metric {
    GN_METRIC_TRUTH_SITES,
    GN_METRIC_TRUTH_ALLELES,
    GN_METRIC_CANDIDATE_SITES,
    GN_METRIC_CANDIDATE_ALLELES,
    GN_METRIC_NON_CONFIDENT_CANDIDATE_SITES,
    GN_METRIC_TRUE_POSITIVE_SITES,
    GN_METRIC_TRUE_POSITIVE_ALLELES,
    GN_METRIC_FALSE_NEGATIVE_SITES,
    GN_METRIC_FALSE_NEGATIVE_ALLELES,
    GN_METRIC_FALSE_POSITIVE_SITES,
    GN_METRIC_FALSE_POSITIVE_ALLELES,
    GN_METRIC_INEXACT_POSITION_MATCHES,
    GN_METRIC_EXACT_POSITION_MATCHES,
    GN_METRIC_EXACT_POSITION_AND_ALLELE_MATCHES,
    GN_METRIC_EXACT_POSITION_AND_ALLELE_AND_GENOTYPE_MATCHES,
    GN_METRIC_MULTIALLELIC_TRUTH_SITES_WITH_MISSED_ALLELES,
    GN_LABELING_METRICS,
};

/// Zeroed before the first group.
struct gn_labeling_metrics {
    int64_t v[GN_LABELING_METRICS];
};

/// A candidate or truth record of a group once genotypes are assigned. Borrowed.
struct gn_assigned_variant {
    const struct gn_variant *variant;
    int original[2]; /* of a truth: what the file says */
    int assigned[2];
    bool is_confident; /* of a candidate */
};

/// Adds one group: all that can be spellings of each other, and nothing else. Thread-safe on distinct metrics.
void gn_labeling_metrics_add_group(struct gn_labeling_metrics *metrics,
                                   const struct gn_assigned_variant *truths, int n_truths,
                                   const struct gn_assigned_variant *candidates, int n_candidates);

/// Adds the counts of another run or partition.
void gn_labeling_metrics_add(struct gn_labeling_metrics *total,
                             const struct gn_labeling_metrics *part);

/// The message's name of a metric: "n_truth_variant_sites".
const char *gn_labeling_metric_name(enum gn_labeling_metric metric);

#endif

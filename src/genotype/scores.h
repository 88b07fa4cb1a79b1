/* SPDX-License-Identifier: MIT
 *
 * scores.h - probabilities to genotype, GQ, QUAL and likelihoods (spec 110.10).
 */
#ifndef GN_GENOTYPE_SCORES_H
#define GN_GENOTYPE_SCORES_H

#include "base/error.h"

/// The genotype of one call. Alleles are numbers, first <= second.
struct gn_scores {
    int first, second; /* the most likely genotype */
    int gq;            /* phred confidence in it, at most 99 */
    double quality;    /* phred confidence that the site is not homozygous reference, rounded to 7
                          places */
};

/// GN_E_DATA when one of n probabilities is not in [0, 1].
GN_MUST_CHECK
int gn_check_probabilities(const double *probabilities, int n, gn_error_t *err);

/// Scores n >= 1 probabilities in VCF genotype order (first is homozygous reference).
struct gn_scores gn_scores_compute(const double *probabilities, int n);

/// QUAL alone: of a triple, before anything is known about other alts.
double gn_site_quality(const double *probabilities, int n);

/// log10 of a probability, floored so that no likelihood is below about -9.9.
double gn_log10_likelihood(double probability);

#endif

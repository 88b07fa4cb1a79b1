/* SPDX-License-Identifier: MIT
 *
 * scores.c - the phred arithmetic of DeepVariant 1.9's postprocess_variants, operation by
 * operation: the sums run from left to right and the roundings are Python's, because QUAL and GQ
 * are compared as text.
 */
#include "genotype/scores.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Confidence is capped below certainty, which bounds QUAL and GQ at 99. */
static const double max_confidence = 1.0 - 1.25e-10;

static double phred_of_confidence(double confidence)
{
    double capped = confidence < max_confidence ? confidence : max_confidence;
    return -10.0 * log10(1.0 - capped);
}

/* round(x, 7) of Python: the decimal expansion of the double, rounded half to even. */
static double round_to_7_places(double value)
{
    char text[64];
    snprintf(text, sizeof text, "%.7f", value);
    return strtod(text, NULL);
}

double gn_site_quality(const double *probabilities, int n)
{
    double variant = 0;
    for (int i = 1; i < n; i++)
        variant += probabilities[i];
    return round_to_7_places(phred_of_confidence(variant < 1.0 ? variant : 1.0));
}

double gn_log10_likelihood(double probability)
{
    const double min_probability = 1.0 - max_confidence;
    return log10(probability > min_probability ? probability : min_probability);
}

int gn_check_probabilities(const double *probabilities, int n, gn_error_t *err)
{
    for (int i = 0; i < n; i++)
        if (!(probabilities[i] >= 0 && probabilities[i] <= 1))
            return gn_fail(
                err, GN_E_DATA,
                "a genotype probability of %g: expected 0 to 1; was the model run to the end?",
                probabilities[i]);
    return GN_OK;
}

struct gn_scores gn_scores_compute(const double *probabilities, int n)
{
    int best = 0;
    for (int i = 1; i < n; i++)
        if (probabilities[i] > probabilities[best])
            best = i;
    int second = 0;
    while ((second + 1) * (second + 2) / 2 <= best)
        second++;
    return (struct gn_scores){
        .first = best - second * (second + 1) / 2,
        .second = second,
        .gq = (int)rint(phred_of_confidence(probabilities[best])),
        .quality = gn_site_quality(probabilities, n),
    };
}

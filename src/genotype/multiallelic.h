/* SPDX-License-Identifier: MIT
 *
 * multiallelic.h - the multi-allelic model: genotype probabilities of a site with two alternate
 * alleles from those of its three images (spec 90.7), instead of the merge by minima.
 */
#ifndef GN_GENOTYPE_MULTIALLELIC_H
#define GN_GENOTYPE_MULTIALLELIC_H

#include "cnn/mlp.h"
#include "io/messages.h"

enum { GN_MULTIALLELIC_IMAGES = 3, GN_MULTIALLELIC_GENOTYPES = 6 };

/// GN_E_MISMATCH when a perceptron does not take 9 numbers and give 6.
int gn_multiallelic_check(const gn_mlp_t *model, gn_error_t *err);

/// Runs the model.
/** @param outputs        those of the first alt's image, the second's, and that of both
    @param probabilities  of 0/0, 0/1, 1/1, 0/2, 1/2, 2/2, not normalised further
    @return               GN_OK or GN_E_MEMORY. Thread-safe. */
GN_MUST_CHECK
int gn_multiallelic_predict(const gn_mlp_t *model,
                            const struct gn_call_output *const outputs[GN_MULTIALLELIC_IMAGES],
                            double probabilities[GN_MULTIALLELIC_GENOTYPES], gn_error_t *err);

#endif

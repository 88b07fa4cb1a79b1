/* SPDX-License-Identifier: MIT
 *
 * multiallelic.c - assembles the model's nine numbers.
 */
#include "genotype/multiallelic.h"

enum { COPIES = 3, INPUTS = GN_MULTIALLELIC_IMAGES * COPIES }; /* no, one or two copies */

int gn_multiallelic_check(const gn_mlp_t *model, gn_error_t *err)
{
    if (gn_mlp_inputs(model) == INPUTS && gn_mlp_outputs(model) == GN_MULTIALLELIC_GENOTYPES)
        return GN_OK;
    return gn_fail(err, GN_E_MISMATCH,
                   "the model %s makes %d probabilities of %d numbers, a multi-allelic model %d of "
                   "%d: give another --multiallelic-model",
                   gn_mlp_texts(model)->name, gn_mlp_outputs(model), gn_mlp_inputs(model),
                   (int)GN_MULTIALLELIC_GENOTYPES, (int)INPUTS);
}

int gn_multiallelic_predict(const gn_mlp_t *model,
                            const struct gn_call_output *const outputs[GN_MULTIALLELIC_IMAGES],
                            double probabilities[GN_MULTIALLELIC_GENOTYPES], gn_error_t *err)
{
    float inputs[INPUTS], results[GN_MULTIALLELIC_GENOTYPES];
    for (int i = 0; i < GN_MULTIALLELIC_IMAGES; i++)
        for (int k = 0; k < COPIES; k++)
            inputs[i * COPIES + k] = (float)outputs[i]->probabilities[k];
    int ret = gn_mlp_run(model, inputs, 1, results, err);
    for (int g = 0; g < GN_MULTIALLELIC_GENOTYPES && ret == GN_OK; g++)
        probabilities[g] = (double)results[g];
    return ret;
}

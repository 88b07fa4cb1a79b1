/* SPDX-License-Identifier: MIT
 *
 * selftest_case.c - a network, one worker, a clock, and differences.
 */
#include "cli/selftest_case.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cnn/cpu/tile.h"
#include "cnn/decision.h"
#include "cnn/steady_clock.h"

static const double LEAST_SECONDS = 0.5; /* that a speed is measured over */

/* NaN counts as the largest difference there is. */
static void compare(const struct selftest_reference *reference, const float (*probabilities)[3],
                    struct selftest_result *result)
{
    for (size_t i = 0; i < reference->images->n; i++) {
        const float *expected = reference->probabilities[i];
        result->changed_calls += gn_best_class(expected) != gn_best_class(probabilities[i]);
        for (int c = 0; c < 3; c++) {
            double difference = fabs((double)expected[c] - (double)probabilities[i][c]);
            result->largest_difference =
                isnan(difference) ? INFINITY : fmax(result->largest_difference, difference);
        }
    }
}

/* Runs once for the result, and again until the clock has something to measure: the first run pays for whatever is made
 * on first use, so that it counts only where it is long anyway. */
static int run_and_time(gn_infer_t *infer, const struct gn_images *images,
                        float (*probabilities)[3], struct selftest_result *result, gn_error_t *err)
{
    double start = gn_steady_seconds();
    int rc = gn_infer_run(infer, images->bytes, images->n, probabilities, err);
    double seconds = gn_steady_seconds() - start;
    struct gn_infer_counts counts = gn_infer_counts(infer);
    result->recomputed = counts.recomputed;
    int runs = 1;
    if (rc == GN_OK && seconds < LEAST_SECONDS) {
        runs = 0;
        start = gn_steady_seconds();
        do {
            rc = gn_infer_run(infer, images->bytes, images->n, probabilities, err);
            seconds = gn_steady_seconds() - start;
            runs++;
        } while (rc == GN_OK && seconds < LEAST_SECONDS);
    }
    result->images_per_s = (double)images->n * runs / seconds;
    return rc;
}

static int compute(const struct selftest_reference *reference,
                   const struct gn_network_options *options, float (*probabilities)[3],
                   struct selftest_result *result, gn_error_t *err)
{
    gn_infer_t *infer = NULL;
    *result = (struct selftest_result){.images_per_s = 0};
    gn_network_t *network = gn_network_create(reference->model, options, err);
    if (network != NULL)
        infer = gn_infer_create(network, err);
    int rc = infer != NULL ? run_and_time(infer, reference->images, probabilities, result, err)
                           : err->code;
    if (rc == GN_OK) {
        const char *warning = gn_network_warning(network);
        result->precision = gn_network_precision(network);
        snprintf(result->computed_by, sizeof result->computed_by, "%s",
                 gn_network_describe(network));
        snprintf(result->warning, sizeof result->warning, "%s", warning != NULL ? warning : "");
    }
    gn_infer_destroy(infer);
    gn_network_destroy(network);
    return rc;
}

int selftest_compute_reference(struct selftest_reference *reference, gn_error_t *err)
{
    struct selftest_result result;
    const struct gn_network_options options = {
        .precision = GN_PRECISION_FLOAT32,
        .isa = gn_isa_available(GN_ISA_AVX2) ? gn_isa_name(GN_ISA_AVX2) : NULL};
    reference->probabilities = calloc(reference->images->n, sizeof *reference->probabilities);
    if (reference->probabilities == NULL)
        return gn_fail_memory(err, "probabilities");
    int rc = compute(reference, &options, reference->probabilities, &result, err);
    for (size_t i = 0; rc == GN_OK && i < reference->images->n; i++)
        reference->calls[gn_best_class(reference->probabilities[i])]++;
    snprintf(reference->computed_by, sizeof reference->computed_by, "%s", result.computed_by);
    return rc;
}

int selftest_compare(const struct selftest_reference *reference,
                     const struct gn_network_options *options, struct selftest_result *result,
                     gn_error_t *err)
{
    float(*probabilities)[3] = calloc(reference->images->n, sizeof *probabilities);
    if (probabilities == NULL)
        return gn_fail_memory(err, "probabilities");
    int rc = compute(reference, options, probabilities, result, err);
    if (rc == GN_OK)
        compare(reference, (const float(*)[3])probabilities, result);
    free(probabilities);
    return rc;
}

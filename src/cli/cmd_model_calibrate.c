/* SPDX-License-Identifier: MIT
 *
 * cmd_model_calibrate.c - `gannet model calibrate`: scales of the integer number types.
 */
#include <stdio.h>

#include "cli/model_actions.h"
#include "cnn/calibrate.h"

static void print_agreement(const char *name, const struct gn_agreement *agreement)
{
    if (!agreement->measured) {
        printf("%s: not measured: this CPU has no instructions for it\n", name);
        return;
    }
    printf("%s: %s: same call %.2f %%, same integer quality %.2f %%, largest change of a "
           "probability %.2g, computed again in float32 %.2f %%\n",
           name, agreement->passed ? "passed" : "not passed", 100 * agreement->same_call,
           100 * agreement->same_quality, agreement->largest_change, 100 * agreement->recomputed);
}

int gn_model_calibrate_action(const struct gn_model_args *args, const char *word, gn_error_t *err)
{
    struct gn_calibration result;
    const char *dir = word != NULL ? word : args->model;
    if (dir == NULL || args->examples == NULL)
        return gn_fail(err, GN_E_USAGE,
                       "model calibrate needs a model folder and --examples FILES");
    int rc = gn_calibrate(dir, args->examples, args->limit, &result, err);
    if (rc != GN_OK)
        return rc;
    printf("%s: calibrated on %d images\n", dir, result.images);
    print_agreement("int16", &result.agreement[GN_PRECISION_INT16]);
    print_agreement("int8", &result.agreement[GN_PRECISION_INT8]);
    return GN_OK;
}

/* SPDX-License-Identifier: MIT
 *
 * round_probabilities.c - the rounding of call_variants (spec 100.3).
 */
#include "cnn/round_probabilities.h"

#include <math.h>

/* PARITY(dv-1.9): all in float32, as numpy's scalars do it, although ten decimals mean nothing there. */
static float round10(float x)
{
    return rintf(x * 1e10F) / 1e10F;
}

int gn_round_probabilities(const float probabilities[3], double rounded[3], gn_error_t *err)
{
    const float *p = probabilities;
    if (!(fabs((double)p[0] + (double)p[1] + (double)p[2] - 1.0) <= 1e-6))
        return gn_fail(
            err, GN_E_DATA,
            "probabilities %g, %g and %g do not sum to 1: the model is damaged, check it "
            "with 'gannet model verify'",
            (double)p[0], (double)p[1], (double)p[2]);
    int smallest = 0;
    for (int i = 1; i < 3; i++)
        if (p[i] < p[smallest])
            smallest = i;
    float sum = 0.0F;
    for (int i = 0; i < 3; i++)
        if (i != smallest) {
            float entry = round10(p[i]);
            rounded[i] = (double)entry;
            sum += entry;
        }
    float rest = round10(1.0F - sum);
    rounded[smallest] = rest > 0.0F ? (double)rest : 0.0;
    return GN_OK;
}

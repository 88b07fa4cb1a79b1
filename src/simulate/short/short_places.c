/* SPDX-License-Identifier: MIT
 *
 * short_places.c - a mixture of binomials, fitted to at most 64 x 64 counts.
 */
#include "simulate/short/short_places.h"

#include <string.h>

enum { N_PARTS = GN_SHORT_PLACE_LEVELS + 1, ROUNDS = 200 };

void gn_place_counts_add(struct gn_place_counts *counts, int reads, int wrong)
{
    if (reads < GN_PLACE_FEWEST_READS)
        return;
    if (reads > GN_PLACE_MOST_READS) {
        wrong = wrong * GN_PLACE_MOST_READS / reads;
        reads = GN_PLACE_MOST_READS;
    }
    counts->n[reads][wrong] += 1;
}

/* P(k of n) by multiplication: no libm, so that every machine learns the same profile. */
static double binomial(int n, int k, double p)
{
    double value = 1;
    for (int i = 0; i < k; i++)
        value *= p * (double)(n - i) / (double)(i + 1);
    for (int i = 0; i < n - k; i++)
        value *= 1 - p;
    return value;
}

/* The background misreads into any of three bases; the commonest of them is counted. */
static double likelihood(int part, int n, int k, double error)
{
    if (part > 0)
        return binomial(n, k, gn_short_place_levels[part - 1]);
    return k == 0 ? binomial(n, 0, error) : 3 * binomial(n, k, error / 3);
}

static void weigh(const double weights[N_PARTS], int n, int k, double error, double parts[N_PARTS])
{
    double sum = 0;
    for (int j = 0; j < N_PARTS; j++) {
        parts[j] = weights[j] * likelihood(j, n, k, error);
        sum += parts[j];
    }
    for (int j = 0; j < N_PARTS && sum > 0; j++)
        parts[j] /= sum;
}

double gn_place_counts_solve(const struct gn_place_counts *counts, double error,
                             double place[GN_SHORT_PLACE_LEVELS])
{
    double weights[N_PARTS] = {0.99, 0.005, 0.003, 0.001, 0.0005, 0.0005};
    for (int round = 0; round < ROUNDS; round++) {
        double sums[N_PARTS] = {0}, total = 0, reads = 0, wrong = 0;
        for (int n = GN_PLACE_FEWEST_READS; n <= GN_PLACE_MOST_READS; n++)
            for (int k = 0; k <= n; k++) {
                double seen = counts->n[n][k], parts[N_PARTS];
                if (seen == 0)
                    continue;
                weigh(weights, n, k, error, parts);
                for (int j = 0; j < N_PARTS; j++)
                    sums[j] += seen * parts[j];
                total += seen;
                reads += seen * parts[0] * n;
                wrong += seen * parts[0] * k;
            }
        if (total == 0 || reads == 0)
            break;
        for (int j = 0; j < N_PARTS; j++)
            weights[j] = sums[j] / total;
        error = wrong / reads > 1e-6 ? wrong / reads : 1e-6;
    }
    memcpy(place, weights + 1, GN_SHORT_PLACE_LEVELS * sizeof *place);
    return error;
}

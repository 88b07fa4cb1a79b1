/* SPDX-License-Identifier: MIT
 *
 * short_profile.c - what is derived from a profile's numbers, and draws from it.
 */
#include "simulate/short/short_profile.h"

#include <stdlib.h>

const double gn_short_place_levels[GN_SHORT_PLACE_LEVELS] = {0.04, 0.08, 0.16, 0.32, 0.6};

static void accumulate(const double *share, double *cumulative, int n)
{
    double sum = 0;
    for (int i = 0; i < n; i++) {
        sum += share[i];
        cumulative[i] = sum;
    }
}

/* How often each quality is that of a misread base. */
static void find_mismatch_qualities(struct gn_short_profile *profile)
{
    double share[GN_SHORT_QUALITIES] = {0};
    for (int s = 0; s < profile->n_strings; s++)
        for (int r = 0; r < 2; r++)
            for (int k = 0; k < profile->read_length; k++)
                share[profile->strings[s][r][k]] += 1;
    for (int q = 0; q < GN_SHORT_QUALITIES; q++)
        share[q] *= profile->mismatch[q];
    accumulate(share, profile->mismatch_qualities, GN_SHORT_QUALITIES);
}

void gn_short_profile_finish(struct gn_short_profile *profile)
{
    accumulate(profile->inserts.share, profile->inserts.cumulative, profile->inserts.n);
    accumulate(profile->clip_length, profile->clip_cumulative, GN_SHORT_CLIP_BINS);
    accumulate(profile->clean.share, profile->clean.cumulative, GN_SHORT_MAPQS);
    accumulate(profile->doubtful.share, profile->doubtful.cumulative, GN_SHORT_MAPQS);
    find_mismatch_qualities(profile);
    for (int r = 0; r < 2; r++) {
        profile->most_context[r] = 0;
        for (int c = 0; c < GN_SHORT_CONTEXTS; c++) {
            const double *rates = profile->context[r][c];
            double sum = rates[0] + rates[1] + rates[2] + rates[3];
            if (sum > profile->most_context[r])
                profile->most_context[r] = sum;
        }
    }
}

void gn_short_profile_free(struct gn_short_profile *profile)
{
    if (profile == NULL)
        return;
    free(profile->name);
    free(profile->source);
    free(profile->description);
    free(profile->strings);
    free(profile);
}

int gn_short_profile_draw(struct gn_mt64 *rng, const double *cumulative, int n)
{
    double u = gn_mt64_uniform(rng) * cumulative[n - 1];
    int low = 0, high = n - 1;
    while (low < high) {
        int middle = low + (high - low) / 2;
        if (cumulative[middle] > u)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

void gn_short_profile_qualities(const struct gn_short_profile *profile, struct gn_mt64 *rng, int n,
                                uint8_t qualities[2][GN_SHORT_LONGEST_READ])
{
    enum { LONGEST_STRETCH = 64 };
    int n_strings = profile->n_strings, reach = 1 + n_strings / 40;
    int drawn = (int)gn_mt64_below(rng, (uint64_t)n_strings);
    for (int r = 0; r < 2; r++) {
        int current = drawn;
        int until = (int)gn_draw_between(rng, 1, LONGEST_STRETCH);
        for (int i = 0; i < n; i++) {
            int k = i * profile->read_length / n;
            if (i == until) {
                int other = drawn + (int)gn_draw_between(rng, -reach, reach);
                other = other < 0 ? 0 : other >= n_strings ? n_strings - 1 : other;
                if (profile->strings[other][r][k] == profile->strings[current][r][k])
                    current = other;
                until += (int)gn_draw_between(rng, 1, LONGEST_STRETCH);
            }
            qualities[r][i] = profile->strings[current][r][k];
        }
    }
}

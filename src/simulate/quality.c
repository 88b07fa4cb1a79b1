/* SPDX-License-Identifier: MIT
 *
 * quality.c - each read has a mood (good, fair, poor) and a place where its tail begins; single
 * bases dip below their level and dips last a few bases. Shapes were chosen after public HiSeq
 * 2x101, HiSeq 2x148 and NovaSeq 2x150 runs.
 */
#include "simulate/quality.h"

struct mood {
    double dip;     /* probability that a dip begins at a base */
    int lowered;    /* levels below the best reads */
    int tail_start; /* first base of the decaying tail; beyond the read when there is none */
    double slope;   /* levels lost per base of the tail */
    int floor;      /* lowest level of the tail */
};

static struct mood draw_mood(struct gn_mt64 *rng, bool is_second, int n)
{
    double u = gn_mt64_uniform(rng) - (is_second ? 0.02 : 0.0);
    struct mood mood = {.dip = 0.022, .lowered = 0, .tail_start = n, .slope = 0.1, .floor = 30};
    if (u < 0.035) {
        mood.dip = 0.15;
        mood.lowered = 4;
        mood.tail_start = (int)gn_draw_between(rng, n / 10, n - 1);
        mood.slope = 0.1 + 0.5 * gn_mt64_uniform(rng);
        mood.floor = gn_draw_chance(rng, 0.15) ? 2 : 8;
    } else if (u < 0.20) {
        mood.dip = 0.06;
        mood.lowered = 2;
        mood.tail_start = (int)gn_draw_between(rng, n / 2, n);
        mood.slope = 0.05 + 0.25 * gn_mt64_uniform(rng);
        mood.floor = 14;
    }
    return mood;
}

/* The level of a perfect read at base i: 33 at the start, 41 from base 15 to the middle, 35 at
 * base 150. */
static double plateau(int i, int n)
{
    if (i < 15)
        return 33.0 + 0.5 * i;
    double middle = 0.5 * n, fall = n > 120 ? 6.0 : 3.0;
    return i < middle ? 41.0 : 41.0 - fall * (i - middle) / (n - middle);
}

static void draw_levels(struct gn_mt64 *rng, bool is_second, int n, uint8_t *qualities)
{
    struct mood mood = draw_mood(rng, is_second, n);
    int dip = 0; /* levels below, of the dip that is going on */
    for (int i = 0; i < n; i++) {
        double level = plateau(i, n) - mood.lowered;
        if (i >= mood.tail_start) {
            level -= mood.slope * (i - mood.tail_start);
            if (level < mood.floor)
                level = mood.floor;
        }
        if (dip > 0 && gn_draw_chance(rng, 0.65))
            dip = 0;
        if (dip == 0 && gn_draw_chance(rng, mood.dip))
            dip = (int)gn_draw_between(rng, 5, 32);
        double u = gn_mt64_uniform(rng);
        int jitter = u < 0.6 ? 0 : u < 0.8 ? 1 : u < 0.92 ? 2 : 4;
        int quality = (int)level - dip - jitter;
        int least = mood.floor == 2 && level < 6 ? 2 : 5;
        qualities[i] = (uint8_t)(quality < least ? least : quality > 41 ? 41 : quality);
    }
}

static void draw_bins(struct gn_mt64 *rng, bool is_second, int n, const uint8_t bins[4],
                      uint8_t *qualities)
{
    struct mood mood = draw_mood(rng, is_second, n);
    int bin = 3;
    for (int i = 0; i < n; i++) {
        double worse = 0.3 + 1.4 * i / n; /* grows along the read */
        if (i >= mood.tail_start)
            worse *= 1.0 + 4.0 * mood.slope;
        double low = 0.015 * worse * mood.dip / 0.022, u = gn_mt64_uniform(rng);
        if (bin < 3)
            low += 0.1;
        if (low > 0.5)
            low = 0.5;
        bin = u < low * 0.06 ? 0 : u < low ? 1 : u < low * 1.6 ? 2 : 3;
        qualities[i] = bins[bin];
    }
}

void gn_quality_draw(struct gn_mt64 *rng, enum gn_quality_profile profile, bool is_second, int n,
                     uint8_t *qualities)
{
    static const uint8_t novaseq[4] = {2, 12, 23, 37}, recalibrated[4] = {6, 10, 20, 30};
    if (profile == GN_QUALITY_HISEQ)
        draw_levels(rng, is_second, n, qualities);
    else
        draw_bins(rng, is_second, n, profile == GN_QUALITY_NOVASEQ ? novaseq : recalibrated,
                  qualities);
}

void gn_quality_error_table(double table[64])
{
    table[0] = 1.0;
    for (int q = 1; q < 64; q++)
        table[q] = table[q - 1] * 0.79432823472428150; /* 10^-0.1 */
}

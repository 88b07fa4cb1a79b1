/* SPDX-License-Identifier: MIT
 *
 * draw.c - see draw.h; no libm, whose last bits differ between machines.
 */
#include "simulate/draw.h"

int64_t gn_draw_between(struct gn_mt64 *rng, int64_t low, int64_t high)
{
    return low + (int64_t)gn_mt64_below(rng, (uint64_t)(high - low + 1));
}

double gn_draw_normal(struct gn_mt64 *rng)
{
    double sum = -6.0;
    for (int i = 0; i < 12; i++)
        sum += gn_mt64_uniform(rng);
    return sum;
}

int gn_draw_geometric(struct gn_mt64 *rng, double p, int most)
{
    int n = 1;
    while (n < most && gn_draw_chance(rng, p))
        n++;
    return n;
}

char gn_draw_base(struct gn_mt64 *rng)
{
    return "ACGT"[gn_mt64_below(rng, 4)];
}

char gn_draw_other_base(struct gn_mt64 *rng, char base, double p_transition)
{
    static const char transition[] = "GTAC", transversions[][3] = {"CT", "AG", "CT", "AG"};
    int code = base == 'A' ? 0 : base == 'C' ? 1 : base == 'G' ? 2 : 3;
    if (gn_draw_chance(rng, p_transition))
        return transition[code];
    return transversions[code][gn_mt64_below(rng, 2)];
}

int64_t gn_draw_rounded(struct gn_mt64 *rng, double x)
{
    int64_t whole = (int64_t)x;
    return whole + gn_draw_chance(rng, x - (double)whole);
}

uint64_t gn_hash_place(uint64_t key)
{
    key += 0x9e3779b97f4a7c15ULL;
    key = (key ^ (key >> 30)) * 0xbf58476d1ce4e5b9ULL;
    key = (key ^ (key >> 27)) * 0x94d049bb133111ebULL;
    return key ^ (key >> 31);
}

char gn_complement(char base)
{
    switch (base) {
    case 'A':
        return 'T';
    case 'C':
        return 'G';
    case 'G':
        return 'C';
    case 'T':
        return 'A';
    default:
        return base;
    }
}

/* SPDX-License-Identifier: MIT
 *
 * draw.h - random draws for the simulator, made of additions, multiplications and comparisons
 * only, so that one seed gives the same genome on every machine.
 */
#ifndef GN_SIMULATE_DRAW_H
#define GN_SIMULATE_DRAW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/random.h"

/// True with probability p.
static inline bool gn_draw_chance(struct gn_mt64 *rng, double p)
{
    return gn_mt64_uniform(rng) < p;
}

/// Uniform in [low, high], both included.
int64_t gn_draw_between(struct gn_mt64 *rng, int64_t low, int64_t high);

/// Standard normal, as a sum of twelve uniforms (tails end at 6).
double gn_draw_normal(struct gn_mt64 *rng);

/// 1 + number of successes in a row with probability p each, at most `most`.
int gn_draw_geometric(struct gn_mt64 *rng, double p, int most);

/// Uniform among A, C, G, T.
char gn_draw_base(struct gn_mt64 *rng);

/// A base other than the given one; the transition (A-G, C-T) with probability p_transition.
char gn_draw_other_base(struct gn_mt64 *rng, char base, double p_transition);

/// A whole number whose expectation is x >= 0.
int64_t gn_draw_rounded(struct gn_mt64 *rng, double x);

/// A fixed 64-bit hash (splitmix64): properties of a place that must not depend on the order of
/// draws.
uint64_t gn_hash_place(uint64_t key);

/// The complement of an upper-case base; other letters stay.
char gn_complement(char base);

#endif

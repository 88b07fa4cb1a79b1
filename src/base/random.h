/* SPDX-License-Identifier: MIT
 *
 * random.h - the generators whose exact output DeepVariant's results depend on.
 *
 * numpy's RandomState (read sampling), the C++ standard library's mt19937_64 with its two
 * incompatible std::shuffle implementations (choice of pileup rows). spec 10 section 5, spec 40
 * section 7.
 */
#ifndef GN_BASE_RANDOM_H
#define GN_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/// numpy.random.RandomState(seed): 32-bit Mersenne twister, Knuth initialisation.
struct gn_numpy_random {
    uint32_t state[624];
    int next; /* index of the next word, 624 when a new block is due */
};

void gn_numpy_seed(struct gn_numpy_random *rng, uint32_t seed);
uint32_t gn_numpy_next(struct gn_numpy_random *rng);

/// RandomState.randint(0, n): uniform in [0, n), by masking and rejection; draws nothing when n
/// == 1. n >= 1.
uint32_t gn_numpy_randint(struct gn_numpy_random *rng, uint32_t n);

/// std::mt19937_64.
struct gn_mt64 {
    uint64_t state[312];
    int next;
};

void gn_mt64_seed(struct gn_mt64 *rng, uint64_t seed);
uint64_t gn_mt64_next(struct gn_mt64 *rng);

/// Uniform in [0, 1): next / 2^64, as std::uniform_real_distribution<double> gives it.
double gn_mt64_uniform(struct gn_mt64 *rng);

/// Uniform in [0, n) by Lemire's method, one draw as a rule. n >= 1. (libstdc++ >= 11)
uint64_t gn_mt64_below(struct gn_mt64 *rng, uint64_t n);

enum gn_shuffle_kind {
    GN_SHUFFLE_LIBSTDCXX, /* the public DeepVariant image is built with it: the default */
    GN_SHUFFLE_LIBCXX,    /* DeepVariant's goldens were made with it */
};

/// std::shuffle of the n indices with a fresh std::mt19937_64(seed). n < 2^32.
void gn_shuffle(uint32_t *indices, size_t n, uint64_t seed, enum gn_shuffle_kind kind);

#endif

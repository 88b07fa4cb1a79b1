/* SPDX-License-Identifier: MIT
 *
 * random.c - Mersenne twisters of 32 and 64 bits (Matsumoto and Nishimura), and the draws built on
 * them.
 */
#include "base/random.h"

void gn_numpy_seed(struct gn_numpy_random *rng, uint32_t seed)
{
    rng->state[0] = seed;
    for (uint32_t i = 1; i < 624; i++)
        rng->state[i] = 1812433253U * (rng->state[i - 1] ^ (rng->state[i - 1] >> 30)) + i;
    rng->next = 624;
}

static void numpy_refill(struct gn_numpy_random *rng)
{
    uint32_t *s = rng->state;
    for (int k = 0; k < 624; k++) {
        uint32_t y = (s[k] & 0x80000000U) | (s[(k + 1) % 624] & 0x7fffffffU);
        s[k] = s[(k + 397) % 624] ^ (y >> 1) ^ ((y & 1) ? 0x9908b0dfU : 0);
    }
    rng->next = 0;
}

uint32_t gn_numpy_next(struct gn_numpy_random *rng)
{
    if (rng->next >= 624)
        numpy_refill(rng);
    uint32_t y = rng->state[rng->next++];
    y ^= y >> 11;
    y ^= (y << 7) & 0x9d2c5680U;
    y ^= (y << 15) & 0xefc60000U;
    return y ^ (y >> 18);
}

uint32_t gn_numpy_randint(struct gn_numpy_random *rng, uint32_t n)
{
    uint32_t largest = n - 1;
    if (largest == 0)
        return 0;
    uint32_t mask = largest;
    for (int shift = 1; shift < 32; shift *= 2)
        mask |= mask >> shift;
    uint32_t value;
    do {
        value = gn_numpy_next(rng) & mask;
    } while (value > largest);
    return value;
}

void gn_mt64_seed(struct gn_mt64 *rng, uint64_t seed)
{
    rng->state[0] = seed;
    for (uint64_t i = 1; i < 312; i++)
        rng->state[i] =
            6364136223846793005ULL * (rng->state[i - 1] ^ (rng->state[i - 1] >> 62)) + i;
    rng->next = 312;
}

static void mt64_refill(struct gn_mt64 *rng)
{
    uint64_t *s = rng->state;
    for (int k = 0; k < 312; k++) {
        uint64_t y = (s[k] & 0xffffffff80000000ULL) | (s[(k + 1) % 312] & 0x7fffffffULL);
        s[k] = s[(k + 156) % 312] ^ (y >> 1) ^ ((y & 1) ? 0xb5026f5aa96619e9ULL : 0);
    }
    rng->next = 0;
}

uint64_t gn_mt64_next(struct gn_mt64 *rng)
{
    if (rng->next >= 312)
        mt64_refill(rng);
    uint64_t x = rng->state[rng->next++];
    x ^= (x >> 29) & 0x5555555555555555ULL;
    x ^= (x << 17) & 0x71d67fffeda60000ULL;
    x ^= (x << 37) & 0xfff7eee000000000ULL;
    return x ^ (x >> 43);
}

double gn_mt64_uniform(struct gn_mt64 *rng)
{
    double value = (double)gn_mt64_next(rng) / 18446744073709551616.0;
    return value < 1.0 ? value : 0x1.fffffffffffffp-1;
}

uint64_t gn_mt64_below(struct gn_mt64 *rng, uint64_t n)
{
    unsigned __int128 product = (unsigned __int128)gn_mt64_next(rng) * n;
    uint64_t low = (uint64_t)product;
    if (low < n) {
        uint64_t threshold = (0 - n) % n;
        while (low < threshold) {
            product = (unsigned __int128)gn_mt64_next(rng) * n;
            low = (uint64_t)product;
        }
    }
    return (uint64_t)(product >> 64);
}

static void swap(uint32_t *a, size_t i, size_t j)
{
    uint32_t kept = a[i];
    a[i] = a[j];
    a[j] = kept;
}

/* libstdc++ >= 11 draws one number for two swaps. */
static void shuffle_libstdcxx(uint32_t *a, size_t n, struct gn_mt64 *rng)
{
    size_t i = 1;
    if (n % 2 == 0) {
        swap(a, 1, gn_mt64_below(rng, 2));
        i = 2;
    }
    for (; i < n; i += 2) {
        uint64_t range = i + 1;
        uint64_t draw = gn_mt64_below(rng, range * (range + 1));
        swap(a, i, draw / (range + 1));
        swap(a, i + 1, draw % (range + 1));
    }
}

/* libc++ keeps the lowest ceil(log2 n) bits of a draw and rejects what is too large. */
static uint64_t libcxx_below(struct gn_mt64 *rng, uint64_t n)
{
    uint64_t mask = 1;
    while (mask < n)
        mask <<= 1;
    uint64_t value;
    do {
        value = gn_mt64_next(rng) & (mask - 1);
    } while (value >= n);
    return value;
}

static void shuffle_libcxx(uint32_t *a, size_t n, struct gn_mt64 *rng)
{
    for (size_t first = 0; first + 1 < n; first++)
        swap(a, first, first + libcxx_below(rng, n - first));
}

void gn_shuffle(uint32_t *indices, size_t n, uint64_t seed, enum gn_shuffle_kind kind)
{
    if (n < 2)
        return;
    struct gn_mt64 rng;
    gn_mt64_seed(&rng, seed);
    if (kind == GN_SHUFFLE_LIBCXX)
        shuffle_libcxx(indices, n, &rng);
    else
        shuffle_libstdcxx(indices, n, &rng);
}

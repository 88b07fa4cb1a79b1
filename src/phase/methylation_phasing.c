/* SPDX-License-Identifier: MIT
 *
 * methylation_phasing.c - the rank-sum test on counts of levels, which needs no sorting, and the rounds of voting.
 */
#include "phase/methylation_phasing.h"

#include <math.h>
#include <string.h>

enum { MOST_ROUNDS = 10, MIN_READS_OF_HAPLOTYPE = 2, MIN_READS = 6, MIN_VOTES = 3 };

static const double min_difference = 0.25, max_deviation = 0.2;
static const float max_p = 0.05F; /* PARITY(dv-1.9): in single precision */

/* Levels of the reads of haplotypes 1 and 2 at a site. */
struct site_levels {
    struct gn_methylation_histogram of[2];
};

static uint32_t count_reads(const struct gn_methylation_histogram *histogram)
{
    uint32_t n = 0;
    for (int level = 1; level < GN_METHYLATION_LEVELS; level++)
        n += histogram->reads[level];
    return n;
}

static double fraction_of(int level)
{
    return (double)level / (GN_METHYLATION_LEVELS - 1);
}

/* Mean of the levels of n reads. */
static double mean_of(const struct gn_methylation_histogram *histogram, uint32_t n)
{
    double sum = 0.0;
    for (int level = 1; level < GN_METHYLATION_LEVELS; level++)
        for (uint32_t i = 0; i < histogram->reads[level]; i++)
            sum += fraction_of(level);
    return sum / n;
}

static double deviation_of(const struct gn_methylation_histogram *histogram, uint32_t n,
                           double mean)
{
    double sum = 0.0;
    for (int level = 1; level < GN_METHYLATION_LEVELS; level++)
        for (uint32_t i = 0; i < histogram->reads[level]; i++)
            sum += (fraction_of(level) - mean) * (fraction_of(level) - mean);
    return sqrt(sum / n);
}

/* Twice the sum of the ranks of the first haplotype's reads: a whole number. */
static double twice_rank_sum(const struct gn_methylation_histogram *first,
                             const struct gn_methylation_histogram *second)
{
    uint64_t before = 0, sum = 0;
    for (int level = 1; level < GN_METHYLATION_LEVELS; level++) {
        uint64_t n = (uint64_t)first->reads[level] + second->reads[level];
        sum += first->reads[level] * (2 * before + n + 1);
        before += n;
    }
    return (double)sum;
}

double gn_rank_sum_p(const struct gn_methylation_histogram *first,
                     const struct gn_methylation_histogram *second)
{
    uint64_t n1 = count_reads(first), n2 = count_reads(second);
    if (n1 == 0 || n2 == 0)
        return -1.0;
    double pairs = (double)(n1 * n2), least = (double)(n1 * (n1 + 1)) / 2;
    double u1 = twice_rank_sum(first, second) / 2 - least, u2 = pairs - u1;
    /* PARITY(dv-1.9): the variance and its root are in single precision. */
    double deviation = (double)sqrtf((float)(n1 * n2 * (n1 + n2 + 1)) / 12.0F);
    double z = ((u1 < u2 ? u1 : u2) - pairs / 2) / deviation;
    double below = erfc(-fabs(z) / sqrt(2.0)) / 2; /* the normal distribution up to |z| */
    return 2 * (1 - below);
}

bool gn_is_informative(const struct gn_methylation_histogram *first,
                       const struct gn_methylation_histogram *second)
{
    uint32_t n1 = count_reads(first), n2 = count_reads(second);
    if (n1 < MIN_READS_OF_HAPLOTYPE || n2 < MIN_READS_OF_HAPLOTYPE || n1 + n2 < MIN_READS)
        return false;
    double mean1 = mean_of(first, n1), mean2 = mean_of(second, n2);
    if (fabs(mean1 - mean2) < min_difference || deviation_of(first, n1, mean1) > max_deviation ||
        deviation_of(second, n2, mean2) > max_deviation)
        return false;
    return gn_rank_sum_p(first, second) < (double)max_p;
}

/* Whether a stored allele of a site counts: it shows the reference, and something is known of its methylation. */
static bool has_level(const struct gn_candidate *site, uint32_t i)
{
    return site->supports[i] == GN_SUPPORTS_REFERENCE && site->alleles[i].methylation_level > 0;
}

static void collect_levels(const struct gn_candidate *site, const uint8_t *of_key,
                           struct site_levels *levels)
{
    memset(levels, 0, sizeof *levels);
    for (uint32_t i = 0; i < site->n_alleles; i++) {
        int haplotype = of_key[site->alleles[i].key];
        if (haplotype != 0 && has_level(site, i))
            levels->of[haplotype - 1].reads[site->alleles[i].methylation_level]++;
    }
}

/* Votes of the reads without a haplotype at an informative site. */
static void vote(const struct gn_candidate *site, const uint8_t *of_key,
                 const struct site_levels *levels, uint32_t (*votes)[2])
{
    double mean1 = mean_of(&levels->of[0], count_reads(&levels->of[0]));
    double mean2 = mean_of(&levels->of[1], count_reads(&levels->of[1]));
    for (uint32_t i = 0; i < site->n_alleles; i++) {
        uint32_t key = site->alleles[i].key;
        if (of_key[key] != 0 || !has_level(site, i))
            continue;
        double fraction = fraction_of(site->alleles[i].methylation_level);
        bool is_first = fabs(fraction - mean1) < fabs(fraction - mean2);
        votes[key][is_first ? 0 : 1]++;
    }
}

/* Gives a haplotype to the reads whose votes are enough; returns whether there were any. */
static bool count_votes(const uint32_t (*votes)[2], uint32_t key_limit, uint8_t *of_key)
{
    bool changed = false;
    for (uint32_t key = 0; key < key_limit; key++) {
        uint32_t one = votes[key][0], two = votes[key][1];
        uint8_t haplotype = one > two && one >= MIN_VOTES   ? 1
                            : two > one && two >= MIN_VOTES ? 2
                                                            : 0;
        if (haplotype == 0)
            continue;
        of_key[key] = haplotype;
        changed = true;
    }
    return changed;
}

int gn_phase_by_methylation(const struct gn_candidate_list *sites, uint32_t key_limit,
                            uint8_t *of_key, gn_arena_t *arena, gn_error_t *err)
{
    uint32_t(*votes)[2] = gn_arena_alloc(arena, ((size_t)key_limit + 1) * sizeof *votes);
    struct site_levels *levels = gn_arena_alloc(arena, sizeof *levels);
    if (votes == NULL || levels == NULL)
        return gn_fail_memory(err, "phasing of one partition");
    bool changed = true;
    for (int round = 0; round < MOST_ROUNDS && changed; round++) {
        memset(votes, 0, ((size_t)key_limit + 1) * sizeof *votes);
        for (size_t s = 0; s < sites->n; s++) {
            collect_levels(&sites->v[s], of_key, levels);
            if (gn_is_informative(&levels->of[0], &levels->of[1]))
                vote(&sites->v[s], of_key, levels, votes);
        }
        changed = count_votes((const uint32_t(*)[2])votes, key_limit, of_key);
    }
    return GN_OK;
}

/* SPDX-License-Identifier: MIT
 *
 * good_alleles.h - which alleles of a position have enough reads (spec 20 section 3), and how they are spelled.
 */
#ifndef GN_CANDIDATES_GOOD_ALLELES_H
#define GN_CANDIDATES_GOOD_ALLELES_H

#include "alleles/allele_counter.h"
#include "alleles/methylation.h"

/// Settings with DeepVariant's flag names and defaults (gn_candidate_options_default).
struct gn_candidate_options {
    int vsc_min_count_snps, vsc_min_count_indels;          /* 2, 2 */
    double vsc_min_fraction_snps, vsc_min_fraction_indels; /* 0.12, 0.06 */
    double vsc_min_fraction_multiplier;                    /* 1 */
    int vaf_context_window_size;                           /* 51; 0: none */
    const char *sample;                                    /* borrowed */
    struct gn_methylation_options methylation;             /* off */
};

struct gn_candidate_options gn_candidate_options_default(void);

/// The good alleles of one position and the reference allele that spans all of them.
struct gn_good_alleles {
    struct gn_allele_sum *v; /* in (bases, type) order */
    int n;
    int depth; /* DP */
    char *ref; /* reference base, extended by the longest good deletion; zero-terminated */
    size_t ref_length;
};

/// Finds them; none at positions whose reference base is not A, C, G or T.
int gn_find_good_alleles(const struct gn_allele_counter *counter,
                         const struct gn_counted_position *position,
                         const struct gn_candidate_options *options, struct gn_good_alleles *good,
                         gn_arena_t *arena, gn_error_t *err);

/// Alternate allele of a good allele against good->ref, zero-terminated, in the arena; NULL when out of memory.
char *gn_spell_alternate(const struct gn_good_alleles *good, const struct gn_allele_sum *allele,
                         gn_arena_t *arena);

/// True when a stored allele is the one that a sum counts.
bool gn_allele_is(const struct gn_allele *allele, const struct gn_allele_sum *sum);

#endif

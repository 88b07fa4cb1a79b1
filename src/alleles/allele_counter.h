/* SPDX-License-Identifier: MIT
 *
 * allele_counter.h - what each read says at each position of an interval (spec 20 section 1).
 *
 * The window selector, the candidates, the gVCF records and the small model all read it. Everything
 * lives in the arena given at creation.
 */
#ifndef GN_ALLELES_ALLELE_COUNTER_H
#define GN_ALLELES_ALLELE_COUNTER_H

#include <stddef.h>

#include "base/memory.h"
#include "reads/read.h"

enum gn_allele_type {
    GN_ALLELE_REFERENCE = 1,
    GN_ALLELE_SUBSTITUTION = 2,
    GN_ALLELE_INSERTION = 3,
    GN_ALLELE_DELETION = 4,
    GN_ALLELE_SOFT_CLIP = 5,
};

/// What one read says at one position.
struct gn_allele {
    const char *bases;       /* not terminated; indels and clips start with the anchor base */
    uint32_t length;         /* of bases */
    uint32_t read;           /* index of the read in the list given to gn_allele_counter_add() */
    uint32_t key;            /* the read's key */
    uint8_t type;            /* enum gn_allele_type */
    bool is_low_quality;     /* mean base quality below the threshold: stored, not counted */
    uint8_t mapping_quality; /* of the read */
    uint8_t base_quality;    /* mean quality of the bases, truncated, modulo 256 */
    bool is_reverse;
    uint8_t
        methylation_level; /* 5-methylcytosine in 1/255; 0: none, or not asked for (methylation.h) */
    bool is_methylated;    /* level above the threshold of methylation calling */
};

/// One position: the reference base, how many reads show it, and what the others show.
struct gn_counted_position {
    char ref_base;
    int32_t ref_count; /* reads that show the reference, low quality excluded */
    uint32_t first, n; /* alleles[first .. first + n) of the counter, by read */
};

struct gn_allele_counter {
    int contig;
    int64_t start0, end0;                  /* the interval */
    struct gn_counted_position *positions; /* end0 - start0 of them */
    struct gn_allele *alleles;             /* grouped by position */
    size_t n_alleles;
    bool has_methylation; /* some allele is methylated (methylation.h) */
};

/// Settings of a counter.
struct gn_allele_counter_options {
    int min_mapping_quality, min_base_quality;
    bool legacy; /* keep_legacy_allele_counter_behavior: a base below the quality is no allele */
    const int64_t
        *tracked; /* sorted positions at which reference alleles are stored too; NULL none */
    size_t n_tracked;
    bool
        keys_are_unique; /* false when two reads may share a key: the later one then replaces the earlier */
};

/// Where to count, and the reference there.
struct gn_interval {
    int contig;
    int64_t start0, end0;
    const char
        *ref; /* bases of [ref_start0, ref_end0), which covers the interval; borrowed, and must
                                     outlive the counter's arena contents. It should reach past every deletion of the
                                     reads: one that leaves it makes no allele */
    int64_t ref_start0, ref_end0;
};

/// Counts the reads over an interval.
/** Reads below the mapping quality are passed over. Alleles point into the reads' bases.
    @return  the counter (in the arena), or NULL with err filled (GN_E_MEMORY) */
GN_MUST_CHECK
struct gn_allele_counter *gn_count_alleles(const struct gn_interval *interval,
                                           const struct gn_read *reads, size_t n_reads,
                                           const struct gn_allele_counter_options *options,
                                           gn_arena_t *arena, gn_error_t *err);

/// Stores the reference alleles of the tracked positions of a counter made without: the same as counting anew with them.
/** @param counter  of the same interval, reads and options, those tracked apart
    @return         GN_OK or GN_E_MEMORY */
GN_MUST_CHECK
int gn_track_reference(struct gn_allele_counter *counter, const struct gn_interval *interval,
                       const struct gn_read *reads, size_t n_reads,
                       const struct gn_allele_counter_options *options, gn_arena_t *arena,
                       gn_error_t *err);

/// One distinct allele of a position with its number of reads (low quality excluded).
struct gn_allele_sum {
    const char *bases;
    uint32_t length;
    uint8_t type;
    int32_t count;
};

/// Distinct alleles of a position, ordered by (bases, type) bytewise; n of them in *sums (in the
/// arena). Returns n, or a negative status.
int gn_sum_alleles(const struct gn_allele_counter *counter,
                   const struct gn_counted_position *position, struct gn_allele_sum **sums,
                   gn_arena_t *arena, gn_error_t *err);

/// DP of a position: ref_count plus stored alleles that are neither reference nor low quality. Soft
/// clips count.
int gn_position_depth(const struct gn_allele_counter *counter,
                      const struct gn_counted_position *position);

#endif

/* SPDX-License-Identifier: MIT
 *
 * fast_pass.h - places reads on haplotypes without gaps: shared k-mers propose, a few mismatches are allowed.
 *
 * spec 30 section 5.1. It knows letters, not alignments.
 */
#ifndef GN_REALIGN_FAST_PASS_H
#define GN_REALIGN_FAST_PASS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "realign/kmer_index.h"

struct gn_fast_pass_options {
    int match, mismatch; /* scores; mismatch is a penalty, positive */
    int kmer_size, max_mismatches;
};

/// Where a read lies on a haplotype, gapless. Score 0: nowhere.
struct gn_placement {
    int score;
    int position; /* of the read's first base */
};

/// A haplotype between its flanks.
struct gn_flanked_haplotype {
    struct gn_sequence sequence; /* flanks included */
    int n_prefix, n_suffix;
    bool is_reference;
};

/// Start with {0}; gn_fast_pass_clear() frees it.
struct gn_fast_pass {
    struct gn_fast_pass_options options;
    struct gn_kmer_index index;
    const struct gn_sequence *reads;
    size_t n_reads;
    unsigned char *is_covered; /* per base of a haplotype */
    size_t is_covered_cap;
    int *last_tried; /* per read: the position tried last, -1 none */
    size_t last_tried_cap;
};

/// Indexes the reads, which must outlive the placements.
GN_MUST_CHECK
int gn_fast_pass_start(struct gn_fast_pass *pass, const struct gn_fast_pass_options *options,
                       const struct gn_sequence *reads, size_t n_reads, gn_error_t *err);

/// Places the reads on one haplotype.
/** @param placements  receives one for each read
    @param score       receives the haplotype's score, the sum over its reads; 0 when a part between its flanks that
                       shares k-mers with the reads is covered by none (then no read is placed)
    @return            GN_OK or a negative status */
GN_MUST_CHECK
int gn_fast_pass_place(struct gn_fast_pass *pass, const struct gn_flanked_haplotype *haplotype,
                       struct gn_placement *placements, int *score, gn_error_t *err);

void gn_fast_pass_clear(struct gn_fast_pass *pass);

#endif

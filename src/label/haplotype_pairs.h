/* SPDX-License-Identifier: MIT
 *
 * haplotype_pairs.h - every pair of sequences that overlapping variants with given unphased genotypes
 * can spell. spec 150.4.
 *
 * Sequences are held as hashes modulo 2^61 - 1, which can be joined like the sequences themselves.
 */
#ifndef GN_LABEL_HAPLOTYPE_PAIRS_H
#define GN_LABEL_HAPLOTYPE_PAIRS_H

#include "io/variant.h"

enum { GN_PAIRS_MOST_VARIANTS = 64, GN_PAIRS_MOST_IN_BLOCK = 12 };

/// An unordered pair of sequences; low == high when both are the same.
struct gn_hash_pair {
    uint64_t low, high;
};

/// Variants of one side of a group over a reference window.
struct gn_pairs_task {
    const struct gn_variant *variants[GN_PAIRS_MOST_VARIANTS]; /* by start */
    int n;
    int genotypes[GN_PAIRS_MOST_VARIANTS][2];
    const char *ref; /* bases [start0, end0) */
    int64_t start0, end0;
};

/// A growing list of pairs.
struct gn_hash_pairs {
    struct gn_hash_pair *v;
    size_t n, cap;
    void *scratch[2]; /* private */
    size_t scratch_cap[2];
};

/// Fills `pairs` in upstream's order; none when a stretch of overlapping variants cannot be spelled.
/** @return GN_OK; GN_E_MEMORY when more than GN_PAIRS_MOST_IN_BLOCK heterozygous variants overlap
    or more pairs arise than are allowed */
GN_MUST_CHECK
int gn_hash_pairs_fill(struct gn_hash_pairs *pairs, const struct gn_pairs_task *task,
                       gn_error_t *err);

void gn_hash_pairs_clear(struct gn_hash_pairs *pairs);

#endif

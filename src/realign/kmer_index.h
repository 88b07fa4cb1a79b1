/* SPDX-License-Identifier: MIT
 *
 * kmer_index.h - where each k-mer occurs in a list of sequences.
 *
 * k-mers match letter by letter, so N and the other ambiguity codes match themselves only.
 */
#ifndef GN_REALIGN_KMER_INDEX_H
#define GN_REALIGN_KMER_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/// A text that belongs to somebody else.
struct gn_sequence {
    const char *bases; /* not terminated */
    int length;
};

/// Walks the k-mers of a sequence. Start with sequence and k set and the rest 0.
struct gn_kmer_cursor {
    struct gn_sequence sequence;
    int k;
    int end;       /* the k-mer reached is bases[end - k .. end) */
    int n_plain;   /* letters A C G T up to here without a break */
    uint64_t code; /* the last 32 letters, two bits each */
};

/// Moves to the next k-mer, at first to the first one. Returns false when there is none.
bool gn_kmer_next(struct gn_kmer_cursor *cursor);

/// One occurrence of a k-mer.
struct gn_kmer_hit {
    uint32_t sequence; /* its number in the list */
    int32_t offset;    /* of the k-mer's first letter */
};

/// A k-mer and its occurrences: hits[first .. first + n) of the index, by sequence, then by offset.
struct gn_kmer_hits {
    const char *kmer;
    uint32_t first, n;
};

struct gn_kmer_slot;

/// Start with {0}; gn_kmer_index_clear() frees it.
struct gn_kmer_index {
    int k;
    struct gn_kmer_slot *slots; /* open addressing */
    size_t n_slots, slots_cap;
    struct gn_kmer_hits *kmers; /* the distinct ones */
    size_t n_kmers, kmers_cap;
    uint32_t *order; /* number of each k-mer of the list, as they come */
    size_t n_order, order_cap;
    struct gn_kmer_hit *hits;
    size_t hits_cap;
};

/// Indexes the k-mers (k >= 1) of n sequences longer than k, whose texts must outlive the index.
GN_MUST_CHECK
int gn_kmer_index_build(struct gn_kmer_index *index, int k, const struct gn_sequence *sequences,
                        size_t n, gn_error_t *err);

/// The occurrences of the cursor's k-mer; NULL when there is none.
const struct gn_kmer_hits *gn_kmer_index_find(const struct gn_kmer_index *index,
                                              const struct gn_kmer_cursor *cursor);

void gn_kmer_index_clear(struct gn_kmer_index *index);

#endif

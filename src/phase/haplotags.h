/* SPDX-License-Identifier: MIT
 *
 * haplotags.h - the haplotype of each read over all partitions that saw it (spec 70 section 7, merge_phased_reads).
 *
 * A read longer than a partition is phased several times. Its phase set is the first in which a partition gave it a
 * haplotype; the votes within that phase set are counted, the majority wins, a tie leaves it untagged.
 *
 * Reads are kept as 64-bit hashes of their identity, 21 to 42 bytes each. Two of n reads share a hash with the odds
 * n^2 / 2^65, and a read that was never added finds one with n / 2^64: with six million reads (a human genome at 30x)
 * one genome in a million has a pair of reads that share their votes. Nothing worse comes of it.
 *
 * Used by one thread. The result depends on the order of additions within a read only, which is the genome's.
 */
#ifndef GN_PHASE_HAPLOTAGS_H
#define GN_PHASE_HAPLOTAGS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "phase/read_identity.h"

/// Ceiling of a table by default: 2.2 GB.
#define GN_HAPLOTAGS_MOST_READS ((size_t)100000000)

struct gn_haplotag {
    int haplotype;     /* 1, 2; 0: none */
    int64_t phase_set; /* 1-based position; 0: none */
};

typedef struct gn_haplotags gn_haplotags_t;

/// An empty table of up to `most_reads` reads (0: GN_HAPLOTAGS_MOST_READS). NULL with err filled when out of memory.
GN_MUST_CHECK
gn_haplotags_t *gn_haplotags_create(size_t most_reads, gn_error_t *err);
void gn_haplotags_destroy(gn_haplotags_t *table);

/// Counts what one partition says of a read; partitions come in genome order.
/** @param read       gn_read_identity_hash() of the read
    @param haplotype  1 or 2; 0 (not phased here) is no vote and no phase set
    @param phase_set  1-based position that names the phase set, below 2^32
    @return           GN_OK; GN_E_MEMORY at the ceiling; GN_E_INTERNAL for another haplotype or phase set */
GN_MUST_CHECK
int gn_haplotags_add(gn_haplotags_t *table, uint64_t read, int haplotype, int64_t phase_set,
                     gn_error_t *err);

/// The read's final tag: {0, 0} when it has no vote or a tie.
struct gn_haplotag gn_haplotags_find(const gn_haplotags_t *table, uint64_t read);

/// Reads that have a vote.
size_t gn_haplotags_count(const gn_haplotags_t *table);

#endif

/* SPDX-License-Identifier: MIT
 *
 * phase_stitcher.h - makes phase sets of the blocks of consecutive partitions, by the reads that they share.
 *
 * A block joins the phase set with which its reads agree most, haplotypes exchanged where that is what they say; at least
 * two more reads must agree than disagree (the idea of DeepVariant's merge_phased_reads, spec 70 section 7, block by
 * block). Otherwise it begins a phase set, named by the position of its first site; a single site, which has nothing to
 * be in phase with, begins none.
 *
 * Partitions come in genome order, from one thread. Memory: the phased reads that reach into the present partition.
 */
#ifndef GN_PHASE_PHASE_STITCHER_H
#define GN_PHASE_PHASE_STITCHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "phase/phase_blocks.h"

/// What a partition says of one read.
struct gn_phase_vote {
    uint64_t read;     /* what the read is recognised by, see gn_read_identity_hash() */
    int64_t end0;      /* of its alignment, as far as the partition knows it */
    int32_t block;     /* of the partition */
    uint8_t haplotype; /* 1 or 2 in that block */
};

/// The blocks of a partition and its reads. All borrowed for the call.
struct gn_phased_partition {
    int contig;
    int64_t start0; /* of the partition itself */
    const struct gn_phase_block *blocks;
    size_t n_blocks;
    const struct gn_phase_vote *votes; /* one for each read that has a haplotype, in any order */
    size_t n_votes;
};

/// Where a block belongs.
struct gn_phase_place {
    int64_t
        phase_set; /* 1-based position of its first site; grows along a contig from set to set; 0: none */
    bool is_exchanged; /* haplotypes 1 and 2 of the block are 2 and 1 of the phase set */
};

typedef struct gn_phase_stitcher gn_phase_stitcher_t;

/// NULL with err filled when out of memory.
GN_MUST_CHECK
gn_phase_stitcher_t *gn_phase_stitcher_create(gn_error_t *err);
void gn_phase_stitcher_destroy(gn_phase_stitcher_t *stitcher);

/// Takes the next partition.
/** @param places  receives one for each block
    @return        GN_OK or GN_E_MEMORY */
GN_MUST_CHECK
int gn_phase_stitcher_push(gn_phase_stitcher_t *stitcher,
                           const struct gn_phased_partition *partition,
                           struct gn_phase_place *places, gn_error_t *err);

#endif

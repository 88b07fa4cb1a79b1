/* SPDX-License-Identifier: MIT
 *
 * phase_blocks.h - the runs of phased sites that reads really connect.
 *
 * Direct phasing gives haplotypes 1 and 2 to a whole partition, as DeepVariant's images need them. Where no read reaches
 * from one site to the next, which of the two is which is chance, and DeepVariant 1.9 does not say so. For users who read
 * PS and HP the sites are cut into blocks: a site belongs to the block before it when at least two more reads agree than
 * disagree with that. Sites close to each other count once for a read: one misplaced repeat shows as many of them.
 */
#ifndef GN_PHASE_PHASE_BLOCKS_H
#define GN_PHASE_PHASE_BLOCKS_H

#include "phase/direct_phasing.h"

/// Reads that must agree more than disagree for sites, and blocks of partitions, to belong together.
enum { GN_PHASE_MIN_AGREEMENT = 2 };

/// A block of phased sites.
struct gn_phase_block {
    int64_t first_pos0; /* of its first site */
    int n_sites;
    bool is_exchanged; /* reads say that its haplotype 1 is haplotype 2 of the block before */
};

/// The blocks of a partition, from left to right; all in the arena.
struct gn_phase_blocks {
    struct gn_phase_block *v;
    size_t n;
    int32_t *of_candidate; /* block of each candidate whose alleles may have haplotypes; -1: none */
    int32_t
        *of_key; /* block of each read by its key, the one in which it shows the most; -1: none */
    uint8_t *haplotype_of_key; /* 1 or 2 in that block; 0: none, or undecided */
};

/// Finds the blocks.
/** @param candidates  those that were phased
    @param key_limit   larger than every read's key
    @return            GN_OK or GN_E_MEMORY */
GN_MUST_CHECK
int gn_phase_blocks_find(const struct gn_candidate_list *candidates,
                         const struct gn_phasing *phasing, uint32_t key_limit,
                         struct gn_phase_blocks *blocks, gn_arena_t *arena, gn_error_t *err);

#endif

/* SPDX-License-Identifier: MIT
 *
 * phased_output.h - from the haplotypes of partitions to phase sets: `gannet call --output-phased` and --haplotagged-bam.
 *
 * Workers copy what their partition says of its reads; the consumer joins partitions into phase sets, in genome order,
 * and writes them into the records before they are genotyped.
 */
#ifndef GN_CALL_PHASED_OUTPUT_H
#define GN_CALL_PHASED_OUTPUT_H

#include "call/partition.h"
#include "phase/haplotags.h"
#include "phase/phase_stitcher.h"

/// What a partition says of its reads, without the partition. Start with {0}.
struct gn_partition_phases {
    struct gn_phase_block *blocks;
    size_t n_blocks;
    struct gn_phase_vote *votes;
    size_t n_votes;
};

/// Copies it; the partition was made with GN_PHASE_OUTPUT_BLOCKS. Nothing is copied when its reads were not phased.
GN_MUST_CHECK
int gn_partition_phases_copy(const struct gn_partition *partition,
                             struct gn_partition_phases *phases, gn_error_t *err);
void gn_partition_phases_clear(struct gn_partition_phases *phases);

/// Joins partitions, one thread, in genome order.
struct gn_phase_joiner {
    gn_phase_stitcher_t *stitcher;
    struct gn_phase_place *places; /* of the blocks of the present partition */
    size_t places_cap;
};

GN_MUST_CHECK
int gn_phase_joiner_open(struct gn_phase_joiner *joiner, gn_error_t *err);
void gn_phase_joiner_close(struct gn_phase_joiner *joiner);

/// Takes the next partition: joiner->places then holds the place of each of its blocks.
GN_MUST_CHECK
int gn_phase_joiner_push(struct gn_phase_joiner *joiner, const struct gn_range *range,
                         const struct gn_partition_phases *phases, gn_error_t *err);

/// Counts the votes of that partition.
GN_MUST_CHECK
int gn_phase_joiner_vote(const struct gn_phase_joiner *joiner,
                         const struct gn_partition_phases *phases, gn_haplotags_t *table,
                         gn_error_t *err);

/// Renames the phase of a record of that partition: PS_CONTIG "0-<block>" becomes "0-<phase set>", and haplotypes are
/// exchanged where the block's are.
GN_MUST_CHECK
int gn_phase_joiner_rename(const struct gn_phase_joiner *joiner, struct gn_variant *variant,
                           gn_error_t *err);

#endif

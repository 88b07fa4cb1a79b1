/* SPDX-License-Identifier: MIT
 *
 * partitions.h - which parts of the genome are called, and in which pieces (spec 10 sections 3 and 4).
 */
#ifndef GN_READS_PARTITIONS_H
#define GN_READS_PARTITIONS_H

#include "io/regions.h"

/// What to call.
struct gn_partition_options {
    const char *regions;          /* --regions text, NULL or "" for everything */
    const char *exclude_regions;  /* --exclude-regions text, NULL or "" for nothing */
    bool discard_non_dna_regions; /* leave out long runs of N (only without regions) */
    int64_t partition_size;       /* bp; 1000 */
};

/// The calling regions: usable contigs, intersected with regions, minus what is excluded; normal.
/** @param usable  per contig of the reference, see gn_read_source_match_contigs()
    @return        GN_OK; GN_E_MISMATCH when nothing is left */
int gn_calling_regions(const struct gn_partition_options *options, gn_fasta_t *fasta,
                       const bool *usable, struct gn_ranges *regions, gn_error_t *err);

/// Cuts regions into partitions of at most partition_size bp, counted from the start of each region.
int gn_cut_partitions(const struct gn_ranges *regions, int64_t partition_size,
                      struct gn_ranges *partitions, gn_error_t *err);

/// Keeps the partitions of one task of n.
/** @param round_robin  deal them one by one (upstream: the examples' name has "tfrecord" in it), else contiguous chunks */
void gn_take_task_partitions(struct gn_ranges *partitions, int task, int n_tasks, bool round_robin);

#endif

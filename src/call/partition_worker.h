/* SPDX-License-Identifier: MIT
 *
 * partition_worker.h - what the stages of a partition share. Internal to partition*.c.
 */
#ifndef GN_CALL_PARTITION_WORKER_H
#define GN_CALL_PARTITION_WORKER_H

#include "alleles/allele_counter.h"
#include "call/partition.h"
#include "io/vcf_query.h"

struct gn_partition_worker {
    const struct gn_partition_settings *settings;
    gn_fasta_t *fasta;
    gn_read_source_t *source;
    gn_realigner_t *realigner;
    gn_pileup_t *pileup;
    gn_vcf_query_t *proposals;
    gn_vcf_query_t **populations;
    gn_arena_t *arena;       /* of the partition */
    gn_arena_t *image_arena; /* of the candidate being drawn */
    struct gn_partition partition;
    size_t number;      /* of the partition in this process */
    uint32_t key_limit; /* larger than the key of every read */

    struct gn_read *reads; /* of the partition, realigned, in the order that images see */
    size_t n_reads;
    bool keys_are_unique;
    struct gn_read *counted; /* those that overlap the partition, as the allele counter sees them */
    size_t n_counted;
    struct gn_interval interval;         /* the partition, padded when reads are phased */
    struct gn_candidate_list methylated; /* reference sites, for methylation-aware phasing */
    struct gn_phasing phasing;
    struct gn_phase_blocks phase_blocks;
};

/// Name of the partition's contig.
const char *gn_partition_contig(const gn_partition_worker_t *worker);

/// Fetches, filters, samples and perhaps realigns the partition's reads: worker->reads.
GN_MUST_CHECK
int gn_partition_take_reads(gn_partition_worker_t *worker, bool realigns, gn_error_t *err);

/// Lists the reads to count, worker->counted, and where to count with the reference there, worker->interval.
/** @param is_padded   count on both sides of the partition too
    @param normalises  left-align the indels of the reads */
GN_MUST_CHECK
int gn_partition_prepare_counting(gn_partition_worker_t *worker, bool is_padded, bool normalises,
                                  gn_error_t *err);

/// Counts alleles over the interval.
/** @param tracks_reference  store reference alleles where there are candidates
    @return                  in the partition's arena; NULL with err filled */
GN_MUST_CHECK
struct gn_allele_counter *gn_partition_count(gn_partition_worker_t *worker, bool tracks_reference,
                                             gn_error_t *err);

/// Gives the reads their haplotypes, and the records their phases where they are wanted.
GN_MUST_CHECK
int gn_partition_phase_reads(gn_partition_worker_t *worker, gn_error_t *err);

#endif

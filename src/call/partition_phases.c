/* SPDX-License-Identifier: MIT
 *
 * partition_phases.c - the haplotypes of a partition's reads, and what its records say of them.
 */
#include "call/partition_worker.h"

#include <stdio.h>

#include "phase/methylation_phasing.h"
#include "phase/phase_info.h"

/* Names the phase set of a record: the partition, or the block that candidate i belongs to. */
static int name_phase_set(gn_partition_worker_t *worker, size_t i, gn_error_t *err)
{
    struct gn_variant *variant = worker->partition.candidates.v[i].variant;
    const struct gn_phase_blocks *blocks = worker->partition.phase_blocks;
    char name[64];
    if (blocks != NULL && blocks->of_candidate[i] < 0)
        return gn_ints_set(&variant->alt_ps, NULL, 0, err);
    if (blocks != NULL)
        snprintf(name, sizeof name, "0-%d", blocks->of_candidate[i]);
    else
        snprintf(name, sizeof name, "%d-%zu", worker->settings->task, worker->number);
    return variant->alt_ps.n > 0 ? gn_text_set(&variant->ps_contig, name, err) : GN_OK;
}

/* Notes in the records which haplotype carries each allele. */
static int name_phases(gn_partition_worker_t *worker, gn_error_t *err)
{
    struct gn_partition *partition = &worker->partition;
    int ret = gn_phase_info_fill(&partition->candidates, partition->phasing, err);
    if (ret == GN_OK && worker->settings->phase_output == GN_PHASE_OUTPUT_BLOCKS) {
        ret = gn_phase_blocks_find(&partition->candidates, partition->phasing, worker->key_limit,
                                   &worker->phase_blocks, worker->arena, err);
        partition->phase_blocks = &worker->phase_blocks;
    }
    for (size_t i = 0; i < partition->candidates.n && ret == GN_OK; i++)
        ret = name_phase_set(worker, i, err);
    return ret;
}

/* Gives the reads their haplotypes; the images sort and colour by them. */
int gn_partition_phase_reads(gn_partition_worker_t *worker, gn_error_t *err)
{
    const struct gn_partition_settings *s = worker->settings;
    struct gn_partition *partition = &worker->partition;
    for (size_t i = 0; i < worker->n_reads; i++)
        worker->reads[i].haplotype = 0;
    if (partition->candidates.n > (size_t)s->phase_max_candidates)
        return GN_OK;
    int ret = gn_phase_directly(&partition->candidates, worker->key_limit, &worker->phasing,
                                worker->arena, err);
    if (ret < 0)
        return ret;
    if (worker->methylated.n > 0)
        ret = gn_phase_by_methylation(&worker->methylated, worker->key_limit,
                                      worker->phasing.of_key, worker->arena, err);
    if (ret < 0)
        return ret;
    partition->phasing = &worker->phasing;
    for (size_t i = 0; i < worker->n_reads; i++) {
        struct gn_read *read = &worker->reads[i];
        int haplotype = worker->phasing.of_key[read->key];
        bool is_phased = haplotype != 0 &&
                         gn_read_overlaps(read, worker->interval.start0, worker->interval.end0);
        if (is_phased)
            read->haplotype = (int8_t)(s->reverse_haplotypes ? 3 - haplotype : haplotype);
    }
    return s->phase_output == GN_PHASE_OUTPUT_NONE ? GN_OK : name_phases(worker, err);
}

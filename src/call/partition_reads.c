/* SPDX-License-Identifier: MIT
 *
 * partition_reads.c - the first half of a partition: its reads, and what they say at each position.
 */
#include "call/partition_worker.h"

#include "alleles/methylation.h"
#include "alleles/normalize.h"
#include "candidates/very_sensitive.h"

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int fetch_reads(gn_partition_worker_t *worker, gn_error_t *err)
{
    const struct gn_range *range = &worker->partition.range;
    struct gn_read_list list;
    int ret = gn_read_source_fetch(worker->source, gn_partition_contig(worker), range->start0,
                                   range->end0, worker->arena, &list, err);
    worker->reads = list.v;
    worker->n_reads = list.n;
    worker->keys_are_unique = list.keys_are_unique;
    worker->partition.n_reads = list.n;
    return ret;
}

/* Long reads first, as they are; then the short ones, realigned. */
static int realign_reads(gn_partition_worker_t *worker, gn_error_t *err)
{
    const struct gn_range *range = &worker->partition.range;
    int limit = worker->settings->max_read_length_to_realign;
    size_t n = worker->n_reads, n_long = 0, n_short = 0;
    struct gn_read *result = gn_arena_alloc(worker->arena, (n + 1) * sizeof *result);
    struct gn_read *shorts = gn_arena_alloc(worker->arena, (n + 1) * sizeof *shorts);
    if (result == NULL || shorts == NULL)
        return gn_fail_memory(err, "reads of one partition");
    for (size_t i = 0; i < n; i++) {
        if (limit > 0 && gn_read_original_length(&worker->reads[i]) > limit)
            result[n_long++] = worker->reads[i];
        else
            shorts[n_short++] = worker->reads[i];
    }
    worker->reads = result;
    return gn_realign(worker->realigner, worker->fasta, range->contig, range->start0, range->end0,
                      shorts, n_short, result + n_long, worker->arena, err);
}

/* The reads to count and the reference under all of them. */
static int prepare_interval(gn_partition_worker_t *worker, bool is_padded, gn_error_t *err)
{
    const struct gn_range *range = &worker->partition.range;
    int64_t contig_length = gn_fasta_contigs(worker->fasta)->lengths[range->contig];
    int64_t padding =
        is_padded ? (range->end0 - range->start0) * GN_PHASE_PADDING_PERCENT / 100 : 0;
    struct gn_interval *interval = &worker->interval;
    *interval = (struct gn_interval){.contig = range->contig,
                                     .start0 = larger(range->start0 - padding, 0),
                                     .end0 = smaller(range->end0 + padding, contig_length)};
    int64_t first = interval->start0, last = interval->end0;
    worker->counted =
        gn_arena_alloc(worker->arena, (worker->n_reads + 1) * sizeof *worker->counted);
    if (worker->counted == NULL)
        return gn_fail_memory(err, "reads of one partition");
    for (size_t i = 0; i < worker->n_reads; i++) {
        const struct gn_read *read = &worker->reads[i];
        if (!gn_read_overlaps(read, range->start0, range->end0))
            continue;
        worker->counted[worker->n_counted++] = *read;
        first = smaller(first, read->pos0);
        last = larger(last, read->end0);
    }
    interval->ref_start0 = larger(first - 1, 0);
    interval->ref_end0 = smaller(last, contig_length);
    interval->ref = gn_fasta_fetch(worker->fasta, range->contig, interval->ref_start0,
                                   interval->ref_end0, worker->arena, err);
    return interval->ref == NULL ? err->code : GN_OK;
}

/* The window over which indels may be shifted: that of the reads, without the last base of the contig. */
static struct gn_normalize_window normalize_window(const gn_partition_worker_t *worker)
{
    const struct gn_interval *interval = &worker->interval;
    int64_t contig_length = gn_fasta_contigs(worker->fasta)->lengths[interval->contig];
    int64_t start0 = interval->start0, end0 = interval->end0;
    for (size_t i = 0; i < worker->n_counted; i++) {
        const struct gn_read *read = &worker->counted[i];
        start0 = smaller(start0, read->pos0);
        end0 = larger(end0, smaller(read->end0, contig_length - 1));
    }
    return (struct gn_normalize_window){interval->ref + (start0 - interval->ref_start0), start0,
                                        end0 - start0};
}

static int normalize_reads(gn_partition_worker_t *worker, gn_error_t *err)
{
    const struct gn_range *range = &worker->partition.range;
    struct gn_normalize_window window = normalize_window(worker);
    size_t k = 0;
    for (size_t i = 0; i < worker->n_reads && k < worker->n_counted; i++) {
        struct gn_read *read = &worker->reads[i];
        if (!gn_read_overlaps(read, range->start0, range->end0))
            continue;
        struct gn_read *counted = &worker->counted[k++];
        if (read->mapping_quality < worker->settings->read.min_mapping_quality)
            continue;
        int ret = gn_normalize_read(read, &window, counted, worker->arena, err);
        if (ret < 0)
            return ret;
        if (ret > 0)
            *read = *counted;
    }
    return GN_OK;
}

struct gn_allele_counter *gn_partition_count(gn_partition_worker_t *worker, bool tracks_reference,
                                             gn_error_t *err)
{
    const struct gn_partition_settings *s = worker->settings;
    struct gn_allele_counter_options options = {.min_mapping_quality = s->read.min_mapping_quality,
                                                .min_base_quality = s->min_base_quality,
                                                .legacy = s->legacy_allele_counter,
                                                .keys_are_unique = worker->keys_are_unique};
    struct gn_allele_counter *counter = gn_count_alleles(
        &worker->interval, worker->counted, worker->n_counted, &options, worker->arena, err);
    bool uses_methylation = gn_uses_methylation(&s->candidate.methylation);
    if (counter == NULL || (!tracks_reference && !uses_methylation))
        return counter;
    /* Reference alleles are stored only where there are candidates, but everywhere for methylation. */
    int64_t *positions;
    int ret = uses_methylation
                  ? gn_list_positions(counter, &positions, &options.n_tracked, worker->arena, err)
                  : gn_find_candidate_positions(counter, gn_partition_contig(worker), &s->candidate,
                                                &positions, &options.n_tracked, worker->arena, err);
    options.tracked = positions;
    if (ret == GN_OK && options.n_tracked > 0)
        ret = gn_track_reference(counter, &worker->interval, worker->counted, worker->n_counted,
                                 &options, worker->arena, err);
    /* PARITY(dv-1.9): candidates from a VCF know nothing of methylation. */
    if (ret == GN_OK && uses_methylation && s->proposed_variants == NULL)
        gn_mark_methylation(counter, worker->counted, &s->candidate.methylation);
    return ret == GN_OK ? counter : NULL;
}

int gn_partition_take_reads(gn_partition_worker_t *worker, bool realigns, gn_error_t *err)
{
    int ret = fetch_reads(worker, err);
    return ret == GN_OK && realigns ? realign_reads(worker, err) : ret;
}

int gn_partition_prepare_counting(gn_partition_worker_t *worker, bool is_padded, bool normalises,
                                  gn_error_t *err)
{
    int ret = prepare_interval(worker, is_padded, err);
    return ret == GN_OK && normalises ? normalize_reads(worker, err) : ret;
}

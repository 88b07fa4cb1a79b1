/* SPDX-License-Identifier: MIT
 *
 * partitions.c - calling regions and their pieces.
 */
#include "reads/partitions.h"

#include <string.h>

enum { MIN_N_RUN = 300000 /* bp */ };

static bool is_dna(char base)
{
    return base == 'A' || base == 'C' || base == 'G' || base == 'T';
}

/* Maximal run of non-DNA letters around a base. */
static int extend_run(gn_fasta_t *fasta, int contig, int64_t pos0, struct gn_range *run,
                      gn_error_t *err)
{
    int64_t length = gn_fasta_contigs(fasta)->lengths[contig];
    *run = (struct gn_range){contig, pos0, pos0 + 1};
    const char *base;
    while (run->start0 > 0) {
        if ((base = gn_fasta_peek(fasta, contig, run->start0 - 1, run->start0, err)) == NULL)
            return GN_E_DATA;
        if (is_dna(*base))
            break;
        run->start0--;
    }
    while (run->end0 < length) {
        if ((base = gn_fasta_peek(fasta, contig, run->end0, run->end0 + 1, err)) == NULL)
            return GN_E_DATA;
        if (is_dna(*base))
            break;
        run->end0++;
    }
    return GN_OK;
}

/* Any run of the minimal length holds one of the probed bases. */
static int find_n_runs(gn_fasta_t *fasta, int contig, struct gn_ranges *runs, gn_error_t *err)
{
    int64_t length = gn_fasta_contigs(fasta)->lengths[contig];
    for (int64_t pos0 = MIN_N_RUN - 1; pos0 < length; pos0 += MIN_N_RUN - 1) {
        const char *base = gn_fasta_peek(fasta, contig, pos0, pos0 + 1, err);
        if (base == NULL)
            return GN_E_DATA;
        if (is_dna(*base))
            continue;
        struct gn_range run;
        int ret = extend_run(fasta, contig, pos0, &run, err);
        if (ret == GN_OK && run.end0 - run.start0 >= MIN_N_RUN)
            ret = gn_ranges_push(runs, run, err);
        if (ret < 0)
            return ret;
        if (run.end0 > pos0)
            pos0 = run.end0 - 1;
    }
    return GN_OK;
}

static int subtract_in_place(struct gn_ranges *regions, struct gn_ranges *removed, gn_error_t *err)
{
    struct gn_ranges rest = {NULL, 0, 0};
    gn_ranges_normalise(removed);
    int ret = gn_ranges_subtract(&rest, regions, removed, err);
    gn_ranges_clear(regions);
    *regions = rest;
    return ret;
}

static int wanted_regions(const struct gn_partition_options *options,
                          const struct gn_contigs *contigs, struct gn_ranges *wanted,
                          gn_error_t *err)
{
    bool has_regions = options->regions != NULL && *options->regions != '\0';
    int ret = has_regions ? gn_ranges_parse(wanted, options->regions, contigs, err)
                          : gn_ranges_whole(wanted, contigs, err);
    gn_ranges_normalise(wanted);
    return ret;
}

static int remove_unwanted(const struct gn_partition_options *options, gn_fasta_t *fasta,
                           struct gn_ranges *regions, gn_error_t *err)
{
    const struct gn_contigs *contigs = gn_fasta_contigs(fasta);
    struct gn_ranges removed = {NULL, 0, 0};
    int ret = GN_OK;
    bool has_regions = options->regions != NULL && *options->regions != '\0';
    if (options->discard_non_dna_regions && !has_regions)
        for (int c = 0; c < contigs->n && ret == GN_OK; c++)
            ret = find_n_runs(fasta, c, &removed, err);
    if (ret == GN_OK && options->exclude_regions != NULL && *options->exclude_regions != '\0')
        ret = gn_ranges_parse(&removed, options->exclude_regions, contigs, err);
    if (ret == GN_OK && removed.n > 0)
        ret = subtract_in_place(regions, &removed, err);
    gn_ranges_clear(&removed);
    return ret;
}

int gn_calling_regions(const struct gn_partition_options *options, gn_fasta_t *fasta,
                       const bool *usable, struct gn_ranges *regions, gn_error_t *err)
{
    const struct gn_contigs *contigs = gn_fasta_contigs(fasta);
    struct gn_ranges wanted = {NULL, 0, 0}, callable = {NULL, 0, 0};
    int ret = wanted_regions(options, contigs, &wanted, err);
    for (int c = 0; c < contigs->n && ret == GN_OK; c++)
        if (usable[c])
            ret = gn_ranges_push(&callable, (struct gn_range){c, 0, contigs->lengths[c]}, err);
    if (ret == GN_OK)
        ret = gn_ranges_intersect(regions, &callable, &wanted, err);
    if (ret == GN_OK)
        ret = remove_unwanted(options, fasta, regions, err);
    if (ret == GN_OK && regions->n == 0)
        ret = gn_fail(err, GN_E_MISMATCH,
                      "no region is left to call: check --regions and --exclude-regions against "
                      "the contigs that "
                      "reads and reference share");
    gn_ranges_clear(&wanted);
    gn_ranges_clear(&callable);
    return ret;
}

int gn_cut_partitions(const struct gn_ranges *regions, int64_t partition_size,
                      struct gn_ranges *partitions, gn_error_t *err)
{
    for (size_t i = 0; i < regions->n; i++) {
        const struct gn_range *region = &regions->v[i];
        for (int64_t start0 = region->start0; start0 < region->end0; start0 += partition_size) {
            int64_t end0 =
                start0 + partition_size < region->end0 ? start0 + partition_size : region->end0;
            if (gn_ranges_push(partitions, (struct gn_range){region->contig, start0, end0}, err) <
                0)
                return GN_E_MEMORY;
        }
    }
    return GN_OK;
}

void gn_take_task_partitions(struct gn_ranges *partitions, int task, int n_tasks, bool round_robin)
{
    size_t chunk = (partitions->n + (size_t)n_tasks - 1) / (size_t)n_tasks, kept = 0;
    for (size_t i = 0; i < partitions->n; i++) {
        bool is_ours =
            round_robin ? i % (size_t)n_tasks == (size_t)task : i / chunk == (size_t)task;
        if (is_ours)
            partitions->v[kept++] = partitions->v[i];
    }
    partitions->n = kept;
}

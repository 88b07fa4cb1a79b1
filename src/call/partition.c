/* SPDX-License-Identifier: MIT
 *
 * partition.c - the stages in their order. Each has its own folder; here is only what connects them.
 *
 * PARITY(dv-1.9): upstream keeps the reads of the previous region when a region has none, so that a realigned read may
 * reach into it. That depends on the order of the regions in a process, and with it on the number of shards; here a
 * region without reads has no reads.
 */
#include "call/partition.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alleles/methylation.h"
#include "alleles/normalize.h"
#include "candidates/population.h"
#include "candidates/proposed.h"
#include "candidates/very_sensitive.h"
#include "phase/methylation_phasing.h"
#include "phase/phase_info.h"

enum { PHASE_PADDING_PERCENT = 20 }; /* of the partition, on either side */

static const size_t arena_limit = (size_t)4 << 30; /* bytes one partition may take */

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

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

struct gn_partition_settings gn_partition_settings_default(void)
{
    return (struct gn_partition_settings){.read = gn_read_options_default(),
                                          .realign_reads = true,
                                          .max_read_length_to_realign = 500,
                                          .realign = gn_realign_options_default(),
                                          .min_base_quality = 10,
                                          .candidate = gn_candidate_options_default(),
                                          .phase_max_candidates = 5000,
                                          .reference_confidence = gn_reference_options_default(),
                                          .pileup = gn_pileup_options_default(),
                                          .small_model = gn_small_model_settings_default()};
}

void gn_partition_settings_complete(struct gn_partition_settings *settings)
{
    const struct gn_pileup_options *pileup = &settings->pileup;
    struct gn_read_options *read = &settings->read;
    bool shows_haplotypes = pileup->sort_by_haplotypes || settings->reverse_haplotypes ||
                            pileup->assembly_polishing_tag > 0 ||
                            gn_pileup_has_channel(pileup, GN_CHANNEL_HAPLOTYPE);
    read->parse_haplotype_tag = shows_haplotypes && !settings->phase_reads;
    read->parse_base_modifications = gn_pileup_has_channel(pileup, GN_CHANNEL_BASE_METHYLATION) ||
                                     gn_pileup_has_channel(pileup, GN_CHANNEL_BASE_6MA) ||
                                     gn_uses_methylation(&settings->candidate.methylation);
    /* PARITY(dv-1.9): the realigner splits, so reads that it is not given stay whole. */
    int longest = settings->max_read_length_to_realign;
    read->split_skip_reads = read->split_skip_reads && settings->realign_reads;
    read->split_max_read_length = longest;
    bool realigns_long = settings->realign_reads && (longest == 0 || longest >= GN_CROP_MIN_LENGTH);
    if (settings->normalize_reads || realigns_long)
        read->crop_margin = 0;
}

struct gn_small_model_view
gn_partition_small_model_view(const struct gn_partition_settings *settings)
{
    return (struct gn_small_model_view){.context_window =
                                            settings->candidate.vaf_context_window_size,
                                        .by_haplotype = settings->phase_reads};
}

int gn_partition_settings_check(const struct gn_partition_settings *settings, gn_error_t *err)
{
    struct gn_small_model_view view = gn_partition_small_model_view(settings);
    return settings->small_model.model == NULL
               ? GN_OK
               : gn_small_model_check(settings->small_model.model, &view, err);
}

static int open_variant_files(gn_partition_worker_t *worker, gn_error_t *err)
{
    const struct gn_partition_settings *s = worker->settings;
    if (s->proposed_variants != NULL) {
        worker->proposals = gn_vcf_query_open(s->proposed_variants, err);
        if (worker->proposals == NULL)
            return GN_E_NO_INPUT;
    }
    worker->populations = calloc((size_t)s->population_vcfs.n + 1, sizeof *worker->populations);
    if (worker->populations == NULL)
        return gn_fail_memory(err, "a worker");
    for (int i = 0; i < s->population_vcfs.n; i++)
        if ((worker->populations[i] = gn_vcf_query_open(s->population_vcfs.v[i], err)) == NULL)
            return GN_E_NO_INPUT;
    return GN_OK;
}

static void clear_partition(gn_partition_worker_t *worker)
{
    gn_candidates_clear(&worker->partition.candidates);
    gn_candidates_clear(&worker->methylated);
    for (size_t i = 0; i < worker->partition.n_decided; i++)
        gn_call_output_free(worker->partition.decided[i]);
    free(worker->partition.decided);
    gn_blocks_clear(&worker->partition.blocks);
    worker->partition = (struct gn_partition){.n_reads = 0};
    worker->reads = worker->counted = NULL;
    worker->n_reads = worker->n_counted = 0;
    gn_arena_reset(worker->arena);
}

void gn_partition_worker_destroy(gn_partition_worker_t *worker)
{
    if (worker == NULL)
        return;
    if (worker->arena != NULL)
        clear_partition(worker);
    for (int i = 0; worker->populations != NULL && i < worker->settings->population_vcfs.n; i++)
        gn_vcf_query_close(worker->populations[i]);
    free(worker->populations);
    gn_vcf_query_close(worker->proposals);
    gn_pileup_destroy(worker->pileup);
    gn_realigner_destroy(worker->realigner);
    gn_read_source_close(worker->source);
    gn_fasta_close(worker->fasta);
    gn_arena_destroy(worker->arena);
    gn_arena_destroy(worker->image_arena);
    free(worker);
}

gn_partition_worker_t *gn_partition_worker_create(const struct gn_partition_settings *settings,
                                                  gn_error_t *err)
{
    gn_partition_worker_t *worker = calloc(1, sizeof *worker);
    if (worker == NULL) {
        gn_fail_memory(err, "a worker");
        return NULL;
    }
    worker->settings = settings;
    worker->arena = gn_arena_create(arena_limit);
    worker->image_arena = gn_arena_create(arena_limit);
    if (worker->arena == NULL || worker->image_arena == NULL) {
        gn_partition_worker_destroy(worker);
        gn_fail_memory(err, "a worker");
        return NULL;
    }
    bool is_open =
        (worker->fasta = gn_fasta_open(settings->reference, err)) != NULL &&
        (worker->source = gn_read_source_open(&settings->reads, settings->reference,
                                              &settings->read, err)) != NULL &&
        (worker->realigner = gn_realigner_create(&settings->realign, err)) != NULL &&
        (worker->pileup = gn_pileup_create(&settings->pileup, worker->realigner, err)) != NULL &&
        open_variant_files(worker, err) == GN_OK;
    if (!is_open) {
        gn_partition_worker_destroy(worker);
        return NULL;
    }
    return worker;
}

static const char *contig_name(const gn_partition_worker_t *worker)
{
    return gn_fasta_contigs(worker->fasta)->names[worker->partition.range.contig];
}

static int fetch_reads(gn_partition_worker_t *worker, gn_error_t *err)
{
    const struct gn_range *range = &worker->partition.range;
    struct gn_read_list list;
    int ret = gn_read_source_fetch(worker->source, contig_name(worker), range->start0, range->end0,
                                   worker->arena, &list, err);
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
    int64_t padding = is_padded ? (range->end0 - range->start0) * PHASE_PADDING_PERCENT / 100 : 0;
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

static struct gn_allele_counter *count(gn_partition_worker_t *worker, bool tracks_reference,
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
                  : gn_find_candidate_positions(counter, contig_name(worker), &s->candidate,
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

static int import_candidates(gn_partition_worker_t *worker, const struct gn_allele_counter *counter,
                             gn_error_t *err)
{
    struct gn_variant_list records = {NULL, 0, 0};
    int ret = gn_vcf_query_fetch(worker->proposals, contig_name(worker), worker->interval.start0,
                                 worker->interval.end0, &records, err);
    if (ret == GN_OK)
        ret = gn_propose_candidates(counter, contig_name(worker), &records,
                                    &worker->settings->candidate, &worker->partition.candidates,
                                    worker->arena, err);
    gn_variants_clear(&records);
    return ret;
}

static int add_population_frequencies(gn_partition_worker_t *worker, struct gn_candidate *candidate,
                                      gn_error_t *err)
{
    struct gn_variant_list cohort = {NULL, 0, 0};
    int ret = GN_OK;
    for (int i = 0; i < worker->settings->population_vcfs.n && ret == GN_OK; i++)
        ret =
            gn_vcf_query_fetch(worker->populations[i], contig_name(worker),
                               candidate->variant->start0, candidate->variant->end0, &cohort, err);
    if (ret == GN_OK)
        ret = gn_find_population_frequencies(candidate, &cohort, worker->fasta,
                                             worker->partition.range.contig, worker->arena, err);
    gn_variants_clear(&cohort);
    return ret;
}

static int find_candidates(gn_partition_worker_t *worker, struct gn_allele_counter *counter,
                           gn_error_t *err)
{
    const struct gn_partition_settings *s = worker->settings;
    if (s->proposed_variants != NULL)
        return import_candidates(worker, counter, err);
    int ret = gn_uses_methylation(&s->candidate.methylation)
                  ? gn_move_methylation_to_cytosines(counter, worker->arena, err)
                  : GN_OK;
    if (ret == GN_OK)
        ret = gn_find_candidates(counter, contig_name(worker), &s->candidate,
                                 &worker->partition.candidates, worker->arena, err);
    if (ret == GN_OK && s->candidate.methylation.enable_methylation_aware_phasing)
        ret = gn_candidates_take_reference_sites(&worker->partition.candidates, &worker->methylated,
                                                 worker->arena, err);
    return ret;
}

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
static int phase_reads(gn_partition_worker_t *worker, gn_error_t *err)
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

/* The candidates that are the partition's own, of the kinds that are wanted. */
static int select_candidates(gn_partition_worker_t *worker, gn_error_t *err)
{
    const struct gn_partition_settings *s = worker->settings;
    const struct gn_range *range = &worker->partition.range;
    struct gn_candidate_list *candidates = &worker->partition.candidates;
    gn_candidates_clip(candidates, range->start0, range->end0);
    gn_candidates_select(candidates, s->variant_kinds);
    int ret = GN_OK;
    for (size_t i = 0; i < candidates->n && s->population_vcfs.n > 0 && ret == GN_OK; i++)
        ret = add_population_frequencies(worker, &candidates->v[i], err);
    return ret;
}

static int list_all(gn_partition_worker_t *worker, gn_error_t *err)
{
    struct gn_partition *partition = &worker->partition;
    struct gn_candidate_list *candidates = &partition->candidates;
    partition->to_draw =
        gn_arena_alloc(worker->arena, (candidates->n + 1) * sizeof *partition->to_draw);
    if (partition->to_draw == NULL)
        return gn_fail_memory(err, "candidates of one partition");
    for (size_t i = 0; i < candidates->n; i++)
        partition->to_draw[i] = &candidates->v[i];
    partition->n_to_draw = candidates->n;
    return GN_OK;
}

/* Separates what the small model is sure of from what is to be drawn. */
static int ask_small_model(gn_partition_worker_t *worker, gn_error_t *err)
{
    const struct gn_partition_settings *s = worker->settings;
    struct gn_partition *partition = &worker->partition;
    if (s->small_model.model == NULL)
        return list_all(worker, err);
    struct gn_small_model_task task = {
        .settings = &s->small_model,
        .view = &partition->small_model_view,
        .candidates = &partition->candidates,
        .pileup = &s->pileup,
        .contig_length = gn_fasta_contigs(worker->fasta)->lengths[partition->range.contig]};
    struct gn_small_model_result result = {.outputs = NULL};
    int ret = gn_small_model_decide(&task, &result, worker->arena, err);
    partition->decided = result.outputs;
    partition->n_decided = result.n_outputs;
    partition->to_draw = result.undecided;
    partition->n_to_draw = result.n_undecided;
    return ret;
}

static int make_blocks(gn_partition_worker_t *worker, const struct gn_allele_counter *counter,
                       gn_error_t *err)
{
    const struct gn_partition_settings *s = worker->settings;
    if (!s->make_blocks)
        return GN_OK;
    struct gn_reference_options options = s->reference_confidence;
    for (int i = 0; s->haploid_contigs != NULL && i < s->haploid_contigs->n; i++)
        options.contig_is_haploid =
            options.contig_is_haploid || strcmp(s->haploid_contigs->v[i], contig_name(worker)) == 0;
    const struct gn_range *range = &worker->partition.range;
    return gn_reference_blocks(counter, contig_name(worker), range->start0, range->end0, &options,
                               &worker->partition.blocks, worker->arena, err);
}

static uint32_t key_limit(const gn_partition_worker_t *worker)
{
    uint32_t limit = 1;
    for (size_t i = 0; i < worker->n_reads; i++)
        if (worker->reads[i].key >= limit)
            limit = worker->reads[i].key + 1;
    return limit;
}

int gn_partition_draw(gn_partition_worker_t *worker, const struct gn_candidate *candidate,
                      struct gn_pileup_images *images, gn_error_t *err)
{
    gn_arena_reset(worker->image_arena);
    struct gn_pileup_reads reads = {worker->reads, worker->n_reads, worker->key_limit};
    int ret = gn_pileup_draw(worker->pileup, worker->fasta, worker->partition.range.contig,
                             candidate, &reads, images, worker->image_arena, err);
    return ret < 0 ? gn_error_prefix(err, "at %s:%lld", contig_name(worker),
                                     (long long)candidate->variant->start0 + 1)
                   : GN_OK;
}

static int run_stages(gn_partition_worker_t *worker, gn_error_t *err)
{
    const struct gn_partition_settings *s = worker->settings;
    int ret = fetch_reads(worker, err);
    if (ret == GN_OK && s->realign_reads)
        ret = realign_reads(worker, err);
    if (ret == GN_OK)
        ret = prepare_interval(worker, s->phase_reads, err);
    if (ret == GN_OK && s->normalize_reads)
        ret = normalize_reads(worker, err);
    if (ret < 0)
        return ret;
    struct gn_allele_counter *counter =
        count(worker, s->track_ref_reads || s->phase_reads || s->small_model.model != NULL, err);
    if (counter == NULL)
        return err->code;
    worker->partition.counted_reads = worker->counted;
    worker->partition.n_counted = worker->n_counted;
    worker->key_limit = key_limit(worker);
    ret = find_candidates(worker, counter, err);
    if (ret == GN_OK && s->phase_reads)
        ret = phase_reads(worker, err);
    worker->partition.small_model_view = gn_partition_small_model_view(s);
    worker->partition.small_model_view.phases =
        worker->partition.phasing != NULL ? worker->phasing.of_key : NULL;
    if (ret == GN_OK)
        ret = select_candidates(worker, err);
    if (ret == GN_OK)
        ret = ask_small_model(worker, err);
    return ret == GN_OK ? make_blocks(worker, counter, err) : ret;
}

static int name_partition(const gn_partition_worker_t *worker, gn_error_t *err)
{
    return gn_error_prefix(err, "in %s:%lld-%lld", contig_name(worker),
                           (long long)worker->partition.range.start0 + 1,
                           (long long)worker->partition.range.end0);
}

int gn_partition_process(gn_partition_worker_t *worker, struct gn_range range, size_t number,
                         struct gn_partition **partition, gn_error_t *err)
{
    clear_partition(worker);
    worker->number = number;
    worker->partition.range = range;
    *partition = &worker->partition;
    int ret = run_stages(worker, err);
    return ret < 0 ? name_partition(worker, err) : GN_OK;
}

int gn_partition_sweep(gn_partition_worker_t *worker, struct gn_range range,
                       const int64_t **positions, size_t *n, gn_error_t *err)
{
    clear_partition(worker);
    worker->partition.range = range;
    int64_t *found = NULL;
    int ret = fetch_reads(worker, err);
    if (ret == GN_OK)
        ret = prepare_interval(worker, false, err);
    if (ret < 0)
        return name_partition(worker, err);
    struct gn_allele_counter *counter = count(worker, false, err);
    if (counter == NULL ||
        gn_find_candidate_positions(counter, contig_name(worker), &worker->settings->candidate,
                                    &found, n, worker->arena, err) < 0)
        return name_partition(worker, err);
    *positions = found;
    return GN_OK;
}

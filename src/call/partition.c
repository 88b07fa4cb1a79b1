/* SPDX-License-Identifier: MIT
 *
 * partition.c - the stages in their order. Each has its own folder; here is only what connects them.
 *
 * PARITY(dv-1.9): upstream keeps the reads of the previous region when a region has none, so that a realigned read may
 * reach into it. That depends on the order of the regions in a process, and with it on the number of shards; here a
 * region without reads has no reads.
 */
#include "call/partition_worker.h"

#include <stdlib.h>
#include <string.h>

#include "alleles/methylation.h"
#include "candidates/population.h"
#include "candidates/proposed.h"
#include "candidates/very_sensitive.h"

static const size_t arena_limit = (size_t)4 << 30; /* bytes one partition may take */

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

const char *gn_partition_contig(const gn_partition_worker_t *worker)
{
    return gn_fasta_contigs(worker->fasta)->names[worker->partition.range.contig];
}

static int import_candidates(gn_partition_worker_t *worker, const struct gn_allele_counter *counter,
                             gn_error_t *err)
{
    struct gn_variant_list records = {NULL, 0, 0};
    int ret = gn_vcf_query_fetch(worker->proposals, gn_partition_contig(worker),
                                 worker->interval.start0, worker->interval.end0, &records, err);
    if (ret == GN_OK)
        ret = gn_propose_candidates(counter, gn_partition_contig(worker), &records,
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
            gn_vcf_query_fetch(worker->populations[i], gn_partition_contig(worker),
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
        ret = gn_find_candidates(counter, gn_partition_contig(worker), &s->candidate,
                                 &worker->partition.candidates, worker->arena, err);
    if (ret == GN_OK && s->candidate.methylation.enable_methylation_aware_phasing)
        ret = gn_candidates_take_reference_sites(&worker->partition.candidates, &worker->methylated,
                                                 worker->arena, err);
    return ret;
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
            options.contig_is_haploid ||
            strcmp(s->haploid_contigs->v[i], gn_partition_contig(worker)) == 0;
    const struct gn_range *range = &worker->partition.range;
    return gn_reference_blocks(counter, gn_partition_contig(worker), range->start0, range->end0,
                               &options, &worker->partition.blocks, worker->arena, err);
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
    return ret < 0 ? gn_error_prefix(err, "at %s:%lld", gn_partition_contig(worker),
                                     (long long)candidate->variant->start0 + 1)
                   : GN_OK;
}

static int run_stages(gn_partition_worker_t *worker, gn_error_t *err)
{
    const struct gn_partition_settings *s = worker->settings;
    int ret = gn_partition_take_reads(worker, s->realign_reads, err);
    if (ret == GN_OK)
        ret = gn_partition_prepare_counting(worker, s->phase_reads, s->normalize_reads, err);
    if (ret < 0)
        return ret;
    struct gn_allele_counter *counter = gn_partition_count(
        worker, s->track_ref_reads || s->phase_reads || s->small_model.model != NULL, err);
    if (counter == NULL)
        return err->code;
    worker->partition.counted_reads = worker->counted;
    worker->partition.n_counted = worker->n_counted;
    worker->key_limit = key_limit(worker);
    ret = find_candidates(worker, counter, err);
    if (ret == GN_OK && s->phase_reads)
        ret = gn_partition_phase_reads(worker, err);
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
    return gn_error_prefix(err, "in %s:%lld-%lld", gn_partition_contig(worker),
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
    int ret = gn_partition_take_reads(worker, false, err);
    if (ret == GN_OK)
        ret = gn_partition_prepare_counting(worker, false, false, err);
    if (ret < 0)
        return name_partition(worker, err);
    struct gn_allele_counter *counter = gn_partition_count(worker, false, err);
    if (counter == NULL || gn_find_candidate_positions(counter, gn_partition_contig(worker),
                                                       &worker->settings->candidate, &found, n,
                                                       worker->arena, err) < 0)
        return name_partition(worker, err);
    *positions = found;
    return GN_OK;
}

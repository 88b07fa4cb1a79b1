/* SPDX-License-Identifier: MIT
 *
 * make_examples.c - partitions to workers, their records to files in order.
 */
#include "call/make_examples.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ordered_pool.h"
#include "call/example.h"
#include "call/example_files.h"
#include "call/labeled.h"
#include "call/local_phases.h"
#include "call/run_info.h"
#include "io/shards.h"

/* What all workers share. */
struct stage {
    const struct gn_make_examples_options *options;
    struct gn_partition_settings settings; /* options->partition, with the sample filled in */
    struct gn_plan plan;
    struct gn_training_truth truth;
    struct gn_example_files files;
    gn_read_phase_table_t *phases; /* NULL when not wanted */
    struct gn_make_examples_counts *counts;
    int64_t bases_done, bases_total;
};

struct worker {
    struct stage *stage;
    gn_partition_worker_t *partitions;
    gn_fasta_t *fasta; /* of the labeler; NULL outside training */
};

/* The records of one partition. */
struct result {
    struct gn_record_list examples, candidates, blocks, decided, features;
    int32_t *positions; /* of the sweep */
    size_t n_positions;
    struct gn_local_phases phases;
    struct gn_make_examples_counts counts;
};

static void destroy_worker(void *argument)
{
    struct worker *worker = argument;
    gn_partition_worker_destroy(worker->partitions);
    gn_fasta_close(worker->fasta);
    free(worker);
}

static void *create_worker(void *shared, gn_error_t *err)
{
    struct stage *stage = shared;
    struct worker *worker = calloc(1, sizeof *worker);
    if (worker == NULL) {
        gn_fail_memory(err, "a worker");
        return NULL;
    }
    worker->stage = stage;
    bool needs_labels = stage->options->mode == GN_MODE_TRAINING;
    bool is_made =
        (worker->partitions = gn_partition_worker_create(&stage->settings, err)) != NULL &&
        (!needs_labels || (worker->fasta = gn_fasta_open(stage->settings.reference, err)) != NULL);
    if (!is_made) {
        destroy_worker(worker);
        return NULL;
    }
    return worker;
}

static void discard_result(void *argument)
{
    struct result *result = argument;
    gn_records_clear(&result->examples);
    gn_records_clear(&result->candidates);
    gn_records_clear(&result->blocks);
    gn_records_clear(&result->decided);
    gn_records_clear(&result->features);
    free(result->positions);
    gn_local_phases_clear(&result->phases);
    free(result);
}

static int pack_images(struct worker *worker, const struct gn_candidate *candidate,
                       const struct gn_label *label, struct result *result, gn_error_t *err)
{
    size_t n_before = result->examples.n;
    const struct stage *stage = worker->stage;
    const struct gn_pileup_options *pileup = &stage->settings.pileup;
    struct gn_pileup_images images = {NULL, 0};
    int ret = gn_partition_draw(worker->partitions, candidate, &images, err);
    if (ret < 0)
        return ret;
    ret = label == NULL
              ? gn_examples_pack(candidate->variant, &images, pileup, NULL, &result->examples, err)
              : gn_labelled_examples_pack(&stage->truth, candidate->variant, label, &images, pileup,
                                          &result->examples, result->counts.labels, err);
    int64_t type = gn_variant_type(candidate->variant),
            n = (int64_t)(result->examples.n - n_before);
    result->counts.snv_examples += type == 1 ? n : 0;
    result->counts.indel_examples += type == 2 ? n : 0;
    return ret;
}

static int pack_examples(struct worker *worker, const struct gn_partition *partition,
                         struct result *result, gn_error_t *err)
{
    int ret = GN_OK;
    for (size_t i = 0; i < partition->n_to_draw && ret == GN_OK; i++)
        ret = pack_images(worker, partition->to_draw[i], NULL, result, err);
    return ret;
}

static int pack_labelled(struct worker *worker, const struct gn_partition *partition,
                         struct result *result, gn_error_t *err)
{
    const struct stage *stage = worker->stage;
    const struct gn_make_examples_options *o = stage->options;
    struct gn_label *labels =
        gn_label_candidates(&stage->truth, worker->fasta, partition, &result->counts.labeling, err);
    if (labels == NULL)
        return err->code;
    int ret = GN_OK;
    for (size_t i = 0; i < partition->candidates.n && ret == GN_OK; i++) {
        const struct gn_candidate *candidate = &partition->candidates.v[i];
        if (!labels[i].is_confident || !gn_label_is_kept(&stage->truth, partition->range.contig,
                                                         candidate->variant, &labels[i]))
            continue;
        if (o->write_small_model_examples)
            ret = gn_labelled_features_pack(candidate, &labels[i], &partition->small_model_view,
                                            &result->features, err);
        if (ret == GN_OK && !o->skip_images)
            ret = pack_images(worker, candidate, &labels[i], result, err);
    }
    free(labels);
    return ret;
}

static int pack_candidates(const struct gn_partition *partition, struct result *result,
                           gn_error_t *err)
{
    int ret = GN_OK;
    for (size_t i = 0; i < partition->candidates.n && ret == GN_OK; i++) {
        struct gn_bytes record = {NULL, 0};
        ret =
            gn_candidate_pack(&partition->candidates.v[i], partition->counted_reads, &record, err);
        if (ret == GN_OK)
            ret = gn_records_push(&result->candidates, record, err);
    }
    return ret;
}

static int pack_decided(const struct gn_partition *partition, struct result *result,
                        gn_error_t *err)
{
    int ret = GN_OK;
    for (size_t i = 0; i < partition->n_decided && ret == GN_OK; i++) {
        struct gn_bytes record = {NULL, 0};
        ret = gn_call_output_pack(partition->decided[i], &record, err);
        if (ret == GN_OK)
            ret = gn_records_push(&result->decided, record, err);
    }
    return ret;
}

static int pack_blocks(const struct gn_partition *partition, struct result *result, gn_error_t *err)
{
    int ret = GN_OK;
    for (size_t i = 0; i < partition->blocks.n && ret == GN_OK; i++) {
        struct gn_bytes record = {NULL, 0};
        ret = gn_variant_pack(partition->blocks.v[i], &record, err);
        if (ret == GN_OK)
            ret = gn_records_push(&result->blocks, record, err);
    }
    return ret;
}

static int sweep(struct worker *worker, struct gn_range range, struct result *result,
                 gn_error_t *err)
{
    const int64_t *positions;
    size_t n;
    int ret = gn_partition_sweep(worker->partitions, range, &positions, &n, err);
    if (ret < 0)
        return ret;
    result->positions = malloc((n + 1) * sizeof *result->positions);
    if (result->positions == NULL)
        return gn_fail_memory(err, "candidate positions");
    for (size_t i = 0; i < n; i++)
        result->positions[i] = (int32_t)positions[i];
    result->n_positions = n;
    result->counts.candidates = (int64_t)n;
    return GN_OK;
}

static int process(struct worker *worker, size_t item, struct result *result, gn_error_t *err)
{
    struct gn_partition *partition;
    int ret = gn_partition_process(worker->partitions, worker->stage->plan.partitions.v[item],
                                   item + 1, &partition, err);
    if (ret == GN_OK && worker->stage->options->candidates != NULL)
        ret = pack_candidates(partition, result, err);
    if (ret == GN_OK && worker->stage->options->examples != NULL)
        ret = worker->stage->options->mode == GN_MODE_TRAINING
                  ? pack_labelled(worker, partition, result, err)
                  : pack_examples(worker, partition, result, err);
    if (ret == GN_OK)
        ret = pack_decided(partition, result, err);
    if (ret == GN_OK)
        ret = pack_blocks(partition, result, err);
    if (ret == GN_OK && worker->stage->phases != NULL)
        ret = gn_local_phases_copy(partition, &result->phases, err);
    if (ret < 0)
        return ret;
    result->counts.reads = (int64_t)partition->n_reads;
    result->counts.candidates = (int64_t)partition->candidates.n;
    result->counts.examples = (int64_t)result->examples.n;
    result->counts.small_model = (int64_t)partition->n_decided;
    result->counts.features = (int64_t)result->features.n;
    return GN_OK;
}

static int work(void *argument, size_t item, void **out, gn_error_t *err)
{
    struct worker *worker = argument;
    struct result *result = calloc(1, sizeof *result);
    if (result == NULL)
        return gn_fail_memory(err, "records of one partition");
    *out = result;
    return worker->stage->options->mode == GN_MODE_SWEEP
               ? sweep(worker, worker->stage->plan.partitions.v[item], result, err)
               : process(worker, item, result, err);
}

static void add_counts(struct gn_make_examples_counts *total,
                       const struct gn_make_examples_counts *part)
{
    total->partitions++;
    total->reads += part->reads;
    total->candidates += part->candidates;
    total->examples += part->examples;
    total->small_model += part->small_model;
    total->features += part->features;
    total->snv_examples += part->snv_examples;
    total->indel_examples += part->indel_examples;
    for (int i = 0; i < 3; i++)
        total->labels[i] += part->labels[i];
    gn_labeling_metrics_add(&total->labeling, &part->labeling);
}

/* The last partition of a calling interval is followed by another mark in the file of positions. */
static bool ends_interval(const struct stage *stage, size_t item)
{
    const struct gn_range *range = &stage->plan.partitions.v[item];
    for (size_t i = 0; i < stage->plan.regions.n; i++)
        if (stage->plan.regions.v[i].contig == range->contig &&
            stage->plan.regions.v[i].end0 == range->end0)
            return true;
    return false;
}

static int consume(void *shared, size_t item, void *argument, gn_error_t *err)
{
    struct stage *stage = shared;
    struct result *result = argument;
    struct gn_example_records records = {&result->examples, &result->candidates, &result->blocks,
                                         &result->decided, &result->features};
    int ret = gn_example_files_write(&stage->files, &records, err);
    if (ret == GN_OK && stage->options->mode == GN_MODE_SWEEP)
        ret = gn_example_files_write_positions(
            &stage->files, result->positions, result->n_positions, ends_interval(stage, item), err);
    if (ret == GN_OK && stage->phases != NULL)
        ret = gn_local_phases_write(&result->phases, stage->phases, (int64_t)item + 1, err);
    add_counts(stage->counts, &result->counts);
    discard_result(result);
    const struct gn_range *range = &stage->plan.partitions.v[item];
    stage->bases_done += range->end0 - range->start0;
    const struct gn_make_examples_options *o = stage->options;
    if (ret == GN_OK && o->progress != NULL &&
        o->progress(o->progress_context, stage->bases_done, stage->bases_total) != 0)
        ret = gn_fail(err, GN_E_CANCELLED, "stopped on request; nothing was written");
    return ret;
}

static int open_phases(struct stage *stage, gn_error_t *err)
{
    const struct gn_make_examples_options *o = stage->options;
    if (o->local_read_phasing == NULL)
        return GN_OK;
    if (!stage->settings.phase_reads)
        return gn_fail(err, GN_E_USAGE, "--output-local-read-phasing needs --phase-reads");
    char *name = gn_shard_name(o->local_read_phasing, o->task);
    if (name == NULL)
        return gn_fail_memory(err, "a file name");
    stage->phases = gn_read_phase_table_open(name, err);
    free(name);
    return stage->phases == NULL ? err->code : GN_OK;
}

static int prepare(struct stage *stage, gn_error_t *err)
{
    const struct gn_make_examples_options *o = stage->options;
    gn_partition_settings_complete(&stage->settings);
    int ret = gn_plan_make(&stage->plan, &stage->settings, &o->regions, o->sample_name, err);
    if (ret < 0)
        return ret;
    stage->settings.candidate.sample = stage->plan.sample;
    stage->settings.reference_confidence.sample = stage->plan.sample;
    stage->settings.make_blocks = o->gvcf != NULL;
    stage->settings.task = o->task;
    stage->settings.track_ref_reads |= o->write_small_model_examples;
    ret = gn_example_files_open(&stage->files, o, err);
    if (ret == GN_OK)
        ret = open_phases(stage, err);
    if (ret < 0)
        return ret;
    if (stage->files.n_shards > 1)
        gn_take_task_partitions(&stage->plan.partitions, o->task, stage->files.n_shards,
                                stage->files.round_robin);
    stage->bases_total = gn_ranges_bases(&stage->plan.partitions);
    if (o->mode == GN_MODE_TRAINING)
        ret = gn_training_truth_load(&stage->truth, o, &stage->plan, err);
    return ret;
}

int gn_make_examples(const struct gn_make_examples_options *options,
                     struct gn_make_examples_counts *counts, char **warning, gn_error_t *err)
{
    *counts = (struct gn_make_examples_counts){0};
    struct stage stage = {.options = options, .settings = options->partition, .counts = counts};
    int ret = prepare(&stage, err);
    *warning = stage.plan.warning;
    stage.plan.warning = NULL;
    if (ret == GN_OK) {
        struct gn_pool_job job = {.n_threads = options->n_threads,
                                  .n_items = stage.plan.partitions.n,
                                  .shared = &stage,
                                  .create_worker = create_worker,
                                  .destroy_worker = destroy_worker,
                                  .work = work,
                                  .consume = consume,
                                  .discard = discard_result};
        ret = gn_pool_run(&job, err);
    }
    if (ret == GN_OK)
        ret = gn_example_files_commit(&stage.files, &stage.settings.pileup, counts->examples > 0,
                                      err);
    if (ret == GN_OK && options->write_run_info)
        ret = gn_run_info_write(options->examples, options->task, options->mode == GN_MODE_TRAINING,
                                counts, err);
    if (ret == GN_OK && stage.phases != NULL) {
        ret = gn_read_phase_table_commit(stage.phases, err);
        stage.phases = NULL;
    }
    gn_read_phase_table_abort(stage.phases);
    gn_example_files_abort(&stage.files);
    gn_training_truth_clear(&stage.truth);
    gn_plan_clear(&stage.plan);
    return ret;
}

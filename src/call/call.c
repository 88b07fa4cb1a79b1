/* SPDX-License-Identifier: MIT
 *
 * call.c - workers make images and classify them; the consumer genotypes and writes.
 */
#include "call/call.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/ordered_pool.h"
#include "call/phased_output.h"
#include "cnn/infer.h"
#include "cnn/network_use.h"
#include "cnn/round_probabilities.h"
#include "phase/haplotag_writer.h"

enum {
    MAX_OUTPUTS = 1 << 22,
    MAX_STRETCH = 32,      /* partitions that fill one batch of images together */
    STRETCHES_A_THREAD = 4 /* at least, so that threads end at about the same time */
};

/* What all workers share. */
struct run {
    const struct gn_call_options *options;
    struct gn_partition_settings settings; /* with the sample and the model's image shape */
    struct gn_plan plan;
    size_t stretch; /* partitions of an item of work */
    gn_network_t *network;
    gn_calling_sink_t *sink;
    struct gn_phase_joiner joiner; /* when phase sets are wanted */
    gn_haplotags_t *haplotags;     /* when reads are to be tagged */
    gn_call_summary_t *summary;
    int64_t bases_done;
};

struct worker {
    struct run *run;
    gn_partition_worker_t *partitions;
    gn_infer_t *infer;
    uint8_t *batch;                  /* batch_size images */
    float (*probabilities)[3];       /* of the batch */
    struct gn_call_output **waiting; /* whose probabilities the batch will give */
    size_t image_size, n_waiting;
    struct gn_infer_counts counted; /* images that the summary knows */
};

/* Records of one partition. */
struct result {
    struct gn_call_output **outputs; /* one per image, and those of the small model */
    size_t n_outputs, next_output;   /* from next on they are still ours */
    size_t outputs_cap;
    struct gn_variant **blocks;
    size_t n_blocks, next_block;
    struct gn_partition_phases phases;
    int64_t reads, candidates, images;
};

/* Records of consecutive partitions: what a worker makes at a time. */
struct stretch {
    size_t first, n;
    struct result results[MAX_STRETCH];
    struct gn_infer_counts images; /* what the network did for it */
};

static void destroy_worker(void *argument)
{
    struct worker *worker = argument;
    gn_partition_worker_destroy(worker->partitions);
    gn_infer_destroy(worker->infer);
    free(worker->batch);
    free(worker->probabilities);
    free(worker->waiting);
    free(worker);
}

static void *create_worker(void *shared, gn_error_t *err)
{
    struct run *run = shared;
    struct worker *worker = calloc(1, sizeof *worker);
    if (worker == NULL) {
        gn_fail_memory(err, "a worker");
        return NULL;
    }
    size_t batch_size = (size_t)run->options->batch_size;
    worker->run = run;
    worker->image_size = gn_model_image_size(run->options->model);
    worker->batch = malloc(batch_size * worker->image_size);
    worker->probabilities = malloc(batch_size * sizeof *worker->probabilities);
    worker->waiting = malloc(batch_size * sizeof *worker->waiting);
    bool is_made =
        worker->batch != NULL && worker->probabilities != NULL && worker->waiting != NULL;
    if (!is_made)
        gn_fail_memory(err, "a batch of images: lower --batch-size");
    is_made = is_made &&
              (worker->partitions = gn_partition_worker_create(&run->settings, err)) != NULL &&
              (worker->infer = gn_infer_create(run->network, err)) != NULL;
    if (!is_made) {
        destroy_worker(worker);
        return NULL;
    }
    return worker;
}

static void free_result(struct result *result)
{
    for (size_t i = result->next_output; i < result->n_outputs; i++)
        gn_call_output_free(result->outputs[i]);
    for (size_t i = result->next_block; i < result->n_blocks; i++)
        gn_variant_free(result->blocks[i]);
    free(result->outputs);
    free(result->blocks);
    gn_partition_phases_clear(&result->phases);
}

static void discard_stretch(void *argument)
{
    struct stretch *stretch = argument;
    for (size_t i = 0; i < stretch->n; i++)
        free_result(&stretch->results[i]);
    free(stretch);
}

/* Runs the network on the images that wait. Probabilities are rounded as DeepVariant's files carry them. */
static int classify(struct worker *worker, gn_error_t *err)
{
    int ret =
        gn_infer_run(worker->infer, worker->batch, worker->n_waiting, worker->probabilities, err);
    for (size_t i = 0; i < worker->n_waiting && ret == GN_OK; i++)
        ret = gn_round_probabilities(worker->probabilities[i], worker->waiting[i]->probabilities,
                                     err);
    worker->n_waiting = 0;
    return ret;
}

static int add_image(struct worker *worker, const struct gn_variant *variant,
                     const struct gn_pileup_image *image, struct result *result, gn_error_t *err)
{
    struct gn_call_output *output = gn_call_output_create(variant, image->alts, image->n_alts, err);
    if (output == NULL)
        return GN_E_MEMORY;
    result->outputs[result->n_outputs++] = output;
    memcpy(worker->batch + worker->n_waiting * worker->image_size, image->pixels,
           worker->image_size);
    worker->waiting[worker->n_waiting++] = output;
    return worker->n_waiting == (size_t)worker->run->options->batch_size ? classify(worker, err)
                                                                         : GN_OK;
}

/* An output with its place before sorting, which decides between equals. */
struct placed_output {
    struct gn_call_output *output;
    size_t place;
};

static int compare_places(const void *a, const void *b)
{
    const struct placed_output *x = a, *y = b;
    const struct gn_variant *v = x->output->variant, *w = y->output->variant;
    if (v->start0 != w->start0)
        return v->start0 < w->start0 ? -1 : 1;
    if (v->end0 != w->end0)
        return v->end0 < w->end0 ? -1 : 1;
    return x->place < y->place ? -1 : 1;
}

static bool is_sorted(const struct result *result)
{
    for (size_t i = 1; i < result->n_outputs; i++) {
        struct placed_output before = {result->outputs[i - 1], 0}, after = {result->outputs[i], 1};
        if (compare_places(&before, &after) > 0)
            return false;
    }
    return true;
}

/* The genotyper wants its inputs sorted; images come by the small model's order, and proposed variants of one start by any
 * order of their ends. */
static int sort_outputs(struct result *result, gn_error_t *err)
{
    if (is_sorted(result))
        return GN_OK;
    struct placed_output *placed = malloc(result->n_outputs * sizeof *placed);
    if (placed == NULL)
        return gn_fail_memory(err, "calls of one partition");
    for (size_t i = 0; i < result->n_outputs; i++)
        placed[i] = (struct placed_output){result->outputs[i], i};
    qsort(placed, result->n_outputs, sizeof *placed, compare_places);
    for (size_t i = 0; i < result->n_outputs; i++)
        result->outputs[i] = placed[i].output;
    free(placed);
    return GN_OK;
}

/* Room for the outputs of one more candidate. */
static int reserve_outputs(struct result *result, size_t more, gn_error_t *err)
{
    struct gn_call_output **outputs =
        gn_reserve(result->outputs, &result->outputs_cap, result->n_outputs + more, sizeof *outputs,
                   MAX_OUTPUTS, "images of one partition", err);
    if (outputs == NULL)
        return GN_E_MEMORY;
    result->outputs = outputs;
    return GN_OK;
}

static int classify_candidate(struct worker *worker, const struct gn_candidate *candidate,
                              struct result *result, gn_error_t *err)
{
    struct gn_pileup_images images = {NULL, 0};
    int ret = gn_partition_draw(worker->partitions, candidate, &images, err);
    if (ret == GN_OK)
        ret = reserve_outputs(result, (size_t)images.n, err);
    for (int i = 0; i < images.n && ret == GN_OK; i++)
        ret = add_image(worker, candidate->variant, &images.v[i], result, err);
    return ret;
}

static int classify_partition(struct worker *worker, const struct gn_partition *partition,
                              struct result *result, gn_error_t *err)
{
    int ret = GN_OK;
    for (size_t i = 0; i < partition->n_to_draw && ret == GN_OK; i++)
        ret = classify_candidate(worker, partition->to_draw[i], result, err);
    result->images = (int64_t)result->n_outputs;
    return ret;
}

/* The answers of the small model change hands. */
static int take_decided(struct gn_partition *partition, struct result *result, gn_error_t *err)
{
    int ret = reserve_outputs(result, partition->n_decided, err);
    if (ret < 0 || partition->n_decided == 0)
        return ret;
    memcpy(result->outputs + result->n_outputs, partition->decided,
           partition->n_decided * sizeof(struct gn_call_output *));
    result->n_outputs += partition->n_decided;
    partition->n_decided = 0;
    return GN_OK;
}

/* The blocks change hands: the partition forgets them. */
static void take_blocks(struct gn_partition *partition, struct result *result)
{
    result->blocks = partition->blocks.v;
    result->n_blocks = partition->blocks.n;
    partition->blocks = (struct gn_block_list){NULL, 0, 0};
}

static int work_on_partition(struct worker *worker, size_t number, struct result *result,
                             gn_error_t *err)
{
    struct gn_partition *partition;
    int ret = gn_partition_process(worker->partitions, worker->run->plan.partitions.v[number],
                                   number + 1, &partition, err);
    if (ret == GN_OK)
        ret = classify_partition(worker, partition, result, err);
    if (ret == GN_OK)
        ret = take_decided(partition, result, err);
    if (ret == GN_OK)
        ret = sort_outputs(result, err);
    if (ret == GN_OK)
        ret = gn_partition_phases_copy(partition, &result->phases, err);
    if (ret < 0)
        return ret;
    take_blocks(partition, result);
    result->reads = (int64_t)partition->n_reads;
    result->candidates = (int64_t)partition->candidates.n;
    return GN_OK;
}

/* The network's images since the last time. */
static struct gn_infer_counts count_images(struct worker *worker)
{
    struct gn_infer_counts now = gn_infer_counts(worker->infer), more = now;
    more.images -= worker->counted.images;
    more.recomputed -= worker->counted.recomputed;
    worker->counted = now;
    return more;
}

/* Partitions of a stretch share batches of images: weights are read once for many images. */
static int work(void *argument, size_t item, void **out, gn_error_t *err)
{
    struct worker *worker = argument;
    const struct run *run = worker->run;
    size_t first = item * run->stretch, left = run->plan.partitions.n - first;
    struct stretch *stretch = calloc(1, sizeof *stretch);
    if (stretch == NULL)
        return gn_fail_memory(err, "calls of some partitions");
    *out = stretch;
    stretch->first = first;
    stretch->n = left < run->stretch ? left : run->stretch;
    worker->n_waiting = 0;
    int ret = GN_OK;
    for (size_t i = 0; i < stretch->n && ret == GN_OK; i++)
        ret = work_on_partition(worker, first + i, &stretch->results[i], err);
    if (ret == GN_OK && worker->n_waiting > 0)
        ret = classify(worker, err);
    stretch->images = count_images(worker);
    return ret;
}

/* Gives the records of a partition their phase sets. */
static int phase_result(struct run *run, const struct gn_range *range, struct result *result,
                        gn_error_t *err)
{
    if (run->settings.phase_output != GN_PHASE_OUTPUT_BLOCKS)
        return GN_OK;
    int ret = gn_phase_joiner_push(&run->joiner, range, &result->phases, err);
    if (ret == GN_OK && run->haplotags != NULL)
        ret = gn_phase_joiner_vote(&run->joiner, &result->phases, run->haplotags, err);
    for (size_t i = 0; i < result->n_outputs && ret == GN_OK; i++) {
        struct gn_variant *variant = result->outputs[i]->variant;
        ret = run->options->output_phased ? gn_phase_joiner_rename(&run->joiner, variant, err)
                                          : gn_text_set(&variant->ps_contig, NULL, err);
    }
    return ret;
}

static int push_result(struct run *run, struct result *result, gn_error_t *err)
{
    int ret = GN_OK;
    while (result->next_output < result->n_outputs && ret == GN_OK)
        ret = gn_calling_sink_push_call(run->sink, result->outputs[result->next_output++], err);
    while (result->next_block < result->n_blocks && ret == GN_OK)
        ret = gn_calling_sink_push_block(run->sink, result->blocks[result->next_block++], err);
    return ret;
}

static int consume_partition(struct run *run, size_t number, struct result *result, gn_error_t *err)
{
    const struct gn_range *range = &run->plan.partitions.v[number];
    run->summary->partitions++;
    run->summary->reads += result->reads;
    run->summary->candidates += result->candidates;
    run->summary->images += result->images;
    run->summary->small_model += (int64_t)result->n_outputs - result->images;
    int ret = phase_result(run, range, result, err);
    if (ret == GN_OK)
        ret = push_result(run, result, err);
    if (ret == GN_OK)
        ret = gn_calling_sink_advance(run->sink, range->contig, range->end0, err);
    run->bases_done += range->end0 - range->start0;
    if (ret == GN_OK && run->options->progress != NULL &&
        run->options->progress(run->options->progress_context, run->bases_done,
                               run->summary->bases) != 0)
        ret = gn_fail(err, GN_E_CANCELLED, "stopped on request; nothing was written");
    return ret;
}

static int consume(void *shared, size_t item, void *argument, gn_error_t *err)
{
    struct stretch *stretch = argument;
    struct run *run = shared;
    (void)item;
    gn_network_use_count(&stretch->images, &run->summary->network);
    int ret = GN_OK;
    for (size_t i = 0; i < stretch->n && ret == GN_OK; i++)
        ret = consume_partition(run, stretch->first + i, &stretch->results[i], err);
    discard_stretch(stretch);
    return ret;
}

void gn_call_take_shape(struct gn_pileup_options *pileup, const gn_model_t *model)
{
    const int *channels = gn_model_channels(model, &pileup->n_channels);
    for (int i = 0; i < pileup->n_channels; i++)
        pileup->channels[i] = channels[i];
    pileup->height = pileup->alt_aligned == GN_ALT_ALIGNED_ROWS ? gn_model_height(model) / 3
                                                                : gn_model_height(model);
    pileup->width = gn_model_width(model);
}

static int prepare_phasing(struct run *run, gn_error_t *err)
{
    const struct gn_call_options *o = run->options;
    if (!o->output_phased && o->haplotagged_bam == NULL)
        return GN_OK;
    if (!run->settings.phase_reads)
        return gn_fail(err, GN_E_USAGE,
                       "%s needs reads that are phased: a preset of long reads, or --phase-reads",
                       o->output_phased ? "--output-phased" : "--haplotagged-bam");
    run->settings.phase_output = GN_PHASE_OUTPUT_BLOCKS;
    if (o->haplotagged_bam != NULL && (run->haplotags = gn_haplotags_create(0, err)) == NULL)
        return GN_E_MEMORY;
    return gn_phase_joiner_open(&run->joiner, err);
}

static struct gn_haplotag_options haplotag_options(const struct run *run)
{
    const struct gn_call_options *o = run->options;
    bool is_restricted = o->regions.regions != NULL && o->regions.regions[0] != '\0';
    return (struct gn_haplotag_options){
        .inputs = &run->settings.reads,
        .output = o->haplotagged_bam,
        .reference = run->settings.reference,
        .contigs = gn_fasta_contigs(run->plan.fasta),
        .regions = is_restricted ? &run->plan.regions : NULL,
        .threads = o->n_threads,
        .tag_secondary = run->settings.read.keep_secondary_alignments,
        .tag_supplementary = run->settings.read.keep_supplementary_alignments,
        .command_line = o->command_line,
        .progress = o->progress,
        .progress_context = o->progress_context};
}

static int make_network(struct run *run, gn_error_t *err)
{
    const struct gn_call_options *o = run->options;
    struct gn_network_options network = {.precision = o->precision};
    gn_device_choice_settle(&o->device, &network, run->summary->network.why_no_gpu,
                            sizeof run->summary->network.why_no_gpu);
    run->network = gn_network_create(o->model, &network, err);
    return run->network == NULL ? err->code : GN_OK;
}

static int prepare(struct run *run, gn_error_t *err)
{
    const struct gn_call_options *o = run->options;
    gn_call_take_shape(&run->settings.pileup, o->model);
    run->settings.make_blocks = o->output.gvcf_path != NULL;
    gn_partition_settings_complete(&run->settings);
    int ret = prepare_phasing(run, err);
    if (ret == GN_OK)
        ret = gn_plan_make(&run->plan, &run->settings, &o->regions, o->sample_name, err);
    if (ret < 0)
        return ret;
    run->settings.candidate.sample = run->plan.sample;
    run->settings.reference_confidence.sample = run->plan.sample;
    run->summary->bases = gn_ranges_bases(&run->plan.regions);
    struct gn_calling_options output = o->output;
    output.has_model_id = run->settings.small_model.model != NULL;
    output.genotype.sample = run->plan.sample;
    output.genotype.haploid_contigs = run->settings.haploid_contigs;
    output.genotype.diploid_ranges = run->settings.reference_confidence.par_regions;
    ret = make_network(run, err);
    if (ret < 0)
        return ret;
    run->sink = gn_calling_sink_open(&output, run->plan.fasta, err);
    if (run->sink == NULL)
        return err->code;
    const struct gn_haplotag_options tags = haplotag_options(run);
    return run->haplotags != NULL ? gn_haplotag_check(&tags, err) : GN_OK;
}

static size_t choose_stretch(size_t partitions, int threads)
{
    size_t stretch = partitions / ((size_t)threads * STRETCHES_A_THREAD);
    return stretch < 1 ? 1 : stretch > MAX_STRETCH ? MAX_STRETCH : stretch;
}

static int finish(struct run *run, gn_error_t *err)
{
    struct gn_calling_counts counts;
    gn_calling_sink_t *sink = run->sink;
    run->sink = NULL;
    int ret = gn_calling_sink_commit(sink, &counts, err);
    if (ret < 0)
        return ret;
    run->summary->pass = counts.pass;
    run->summary->ref_call = counts.ref_call;
    run->summary->low_qual = counts.low_qual;
    run->summary->no_call = counts.no_call;
    run->summary->blocks = counts.blocks;
    const struct gn_haplotag_options tags = haplotag_options(run);
    return run->haplotags != NULL ? gn_haplotag_write(&tags, run->haplotags, NULL, err) : GN_OK;
}

int gn_call_run(const struct gn_call_options *options, gn_call_summary_t *summary, char **warning,
                gn_error_t *err)
{
    *summary = (gn_call_summary_t){0};
    struct run run = {.options = options, .settings = options->partition, .summary = summary};
    int ret = prepare(&run, err);
    *warning = run.plan.warning;
    run.plan.warning = NULL;
    if (ret == GN_OK) {
        run.stretch = choose_stretch(run.plan.partitions.n, options->n_threads);
        struct gn_pool_job job = {.n_threads = options->n_threads,
                                  .n_items =
                                      (run.plan.partitions.n + run.stretch - 1) / run.stretch,
                                  .shared = &run,
                                  .create_worker = create_worker,
                                  .destroy_worker = destroy_worker,
                                  .work = work,
                                  .consume = consume,
                                  .discard = discard_stretch};
        ret = gn_pool_run(&job, err);
    }
    if (ret == GN_OK) {
        gn_network_use_note(run.network, &summary->network);
        ret = finish(&run, err);
    }
    gn_calling_sink_abort(run.sink);
    gn_phase_joiner_close(&run.joiner);
    gn_haplotags_destroy(run.haplotags);
    gn_plan_clear(&run.plan);
    gn_network_destroy(run.network);
    return ret;
}

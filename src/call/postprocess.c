/* SPDX-License-Identifier: MIT
 *
 * postprocess.c - loads and sorts the network outputs, streams the non-variant records and feeds
 * the calling sink.
 *
 * DeepVariant cuts the genome into as many partitions as CPUs and processes each alone, so that
 * overlapping calls and gVCF blocks at a partition's border do not see each other. Here is one pass
 * whatever the number of CPUs: the result is DeepVariant's of --cpus 0, which differs from its
 * others only at such borders.
 */
#include "call/postprocess.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "call/haploid_contigs.h"
#include "call/sorted_blocks.h"
#include "call/sorted_outputs.h"
#include "io/shards.h"

/* Everything the stage has open. */
struct stage {
    const struct gn_postprocess_options *options;
    gn_fasta_t *fasta;
    const struct gn_contigs *contigs;
    struct gn_ranges regions, diploid_ranges;
    struct gn_texts haploid_contigs;
    gn_sorted_outputs_t *outputs;
    gn_sorted_blocks_t *blocks; /* NULL without gVCF */
};

static bool is_set(const char *text)
{
    return text != NULL && text[0] != '\0';
}

static int read_haploid_contigs(struct stage *stage, gn_error_t *err)
{
    int status =
        gn_texts_split(&stage->haploid_contigs, stage->options->haploid_contigs, ", \t\n", err);
    return status == GN_OK ? gn_check_haploid_contigs(&stage->haploid_contigs, stage->contigs, err)
                           : status;
}

static int read_ranges(struct stage *stage, gn_error_t *err)
{
    int status = read_haploid_contigs(stage, err);
    if (status == GN_OK && is_set(stage->options->diploid_bed))
        status = gn_ranges_read_bed(&stage->diploid_ranges, stage->options->diploid_bed,
                                    stage->contigs, err);
    if (status == GN_OK && is_set(stage->options->regions))
        status = gn_ranges_parse(&stage->regions, stage->options->regions, stage->contigs, err);
    gn_ranges_normalise(&stage->diploid_ranges);
    gn_ranges_normalise(&stage->regions);
    return status;
}

static const struct gn_ranges *wanted_regions(const struct stage *stage)
{
    return is_set(stage->options->regions) ? &stage->regions : NULL;
}

static int load_outputs(struct stage *stage, const char *name, gn_error_t *err)
{
    struct gn_texts paths = {NULL, 0};
    int status = gn_resolve_output_files(name, &paths, err);
    for (int i = 0; status == GN_OK && i < paths.n; i++)
        status = gn_sorted_outputs_load(stage->outputs, paths.v[i], err);
    gn_texts_clear(&paths);
    return status;
}

static int open_outputs(struct stage *stage, gn_error_t *err)
{
    stage->outputs = gn_sorted_outputs_create(stage->contigs, wanted_regions(stage), err);
    if (stage->outputs == NULL)
        return GN_E_MEMORY;
    int status = load_outputs(stage, stage->options->outputs, err);
    if (status == GN_OK && is_set(stage->options->small_model_outputs))
        status = load_outputs(stage, stage->options->small_model_outputs, err);
    gn_sorted_outputs_sort(stage->outputs);
    return status;
}

static int open_blocks(struct stage *stage, gn_error_t *err)
{
    struct gn_texts paths = {NULL, 0};
    gn_error_t failure = {0};
    int status = gn_shard_expand(stage->options->blocks, &paths, &failure);
    if (status == GN_OK) {
        stage->blocks = gn_sorted_blocks_open(&paths, stage->contigs, &failure);
        status = stage->blocks == NULL ? failure.code : GN_OK;
    }
    gn_texts_clear(&paths);
    if (status < 0 && err != NULL)
        *err = failure;
    return status;
}

static int open_inputs(struct stage *stage, gn_error_t *err)
{
    gn_error_t failure = {0};
    stage->fasta = gn_fasta_open(stage->options->reference, &failure);
    if (stage->fasta == NULL) {
        if (err != NULL)
            *err = failure;
        return failure.code;
    }
    stage->contigs = gn_fasta_contigs(stage->fasta);
    int status = read_ranges(stage, err);
    if (status == GN_OK)
        status = open_outputs(stage, err);
    if (status == GN_OK && is_set(stage->options->blocks))
        status = open_blocks(stage, err);
    return status;
}

static void close_inputs(struct stage *stage)
{
    gn_sorted_blocks_close(stage->blocks);
    gn_sorted_outputs_destroy(stage->outputs);
    gn_texts_clear(&stage->haploid_contigs);
    gn_ranges_clear(&stage->diploid_ranges);
    gn_ranges_clear(&stage->regions);
    gn_fasta_close(stage->fasta);
}

/* The first record that names a sample decides; --sample_name is for empty inputs. */
static const char *choose_sample(const struct stage *stage)
{
    struct gn_position start;
    const struct gn_variant *block =
        stage->blocks == NULL ? NULL : gn_sorted_blocks_peek(stage->blocks, &start);
    if (gn_sorted_outputs_sample(stage->outputs) != NULL)
        return gn_sorted_outputs_sample(stage->outputs);
    if (block != NULL && is_set(block->sample))
        return block->sample;
    return is_set(stage->options->sample) ? stage->options->sample : "default";
}

static int push_next_output(struct stage *stage, gn_calling_sink_t *sink, gn_error_t *err)
{
    struct gn_call_output *output = gn_sorted_outputs_next(stage->outputs, err);
    return output == NULL ? GN_E_MEMORY : gn_calling_sink_push_call(sink, output, err);
}

static int push_next_block(struct stage *stage, gn_calling_sink_t *sink, gn_error_t *err)
{
    struct gn_variant *block;
    int status = gn_sorted_blocks_next(stage->blocks, &block, err);
    return status < 0 ? status : gn_calling_sink_push_block(sink, block, err);
}

/* Feeds both kinds by start, so that neither waits long for the other. */
static int feed(struct stage *stage, gn_calling_sink_t *sink, gn_error_t *err)
{
    int status = GN_OK;
    while (status == GN_OK) {
        struct gn_position output_start = gn_position_end, block_start = gn_position_end;
        bool has_output = gn_sorted_outputs_peek(stage->outputs, &output_start);
        bool has_block =
            stage->blocks != NULL && gn_sorted_blocks_peek(stage->blocks, &block_start) != NULL;
        if (!has_output && !has_block)
            return GN_OK;
        bool output_first = gn_position_compare(output_start, block_start) <= 0;
        struct gn_position start = output_first ? output_start : block_start;
        status = gn_calling_sink_advance(sink, start.contig, start.pos0, err);
        if (status == GN_OK)
            status = output_first ? push_next_output(stage, sink, err)
                                  : push_next_block(stage, sink, err);
    }
    return status;
}

static int run(struct stage *stage, struct gn_calling_counts *counts, gn_error_t *err)
{
    gn_error_t failure = {0};
    struct gn_calling_options calling = stage->options->calling;
    char *sample =
        gn_strdup(choose_sample(stage)); /* the block it may come from is freed on the way */
    if (sample == NULL)
        return gn_fail_memory(err, "the sample name");
    calling.genotype.sample = sample;
    calling.genotype.haploid_contigs = &stage->haploid_contigs;
    calling.genotype.diploid_ranges =
        is_set(stage->options->diploid_bed) ? &stage->diploid_ranges : NULL;
    calling.regions = wanted_regions(stage);
    calling.has_model_id = is_set(stage->options->small_model_outputs);
    gn_calling_sink_t *sink = gn_calling_sink_open(&calling, stage->fasta, &failure);
    int status = sink == NULL ? failure.code : feed(stage, sink, &failure);
    if (status == GN_OK)
        status = gn_calling_sink_commit(sink, counts, &failure);
    else
        gn_calling_sink_abort(sink);
    free(sample);
    if (status < 0 && err != NULL)
        *err = failure;
    return status;
}

int gn_postprocess(const struct gn_postprocess_options *options, struct gn_calling_counts *counts,
                   gn_error_t *err)
{
    if (is_set(options->blocks) != is_set(options->calling.gvcf_path))
        return gn_fail(err, GN_E_USAGE,
                       "gVCF creation requires both nonvariant_site_tfrecord_path and gvcf_outfile "
                       "flags to be set.");
    struct stage stage = {.options = options};
    int status = open_inputs(&stage, err);
    if (status == GN_OK)
        status = run(&stage, counts, err);
    close_inputs(&stage);
    return status;
}

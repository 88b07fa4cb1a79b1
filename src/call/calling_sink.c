/* SPDX-License-Identifier: MIT
 *
 * calling_sink.c - chains genotyper, resolver, gVCF merge and writers, and carries frontiers from
 * one to the next.
 */
#include "call/calling_sink.h"

#include <stdlib.h>
#include <string.h>

#include "genotype/multiallelic.h"
#include "genotype/resolver.h"
#include "io/index_file.h"
#include "io/pending_file.h"
#include "vcf/gvcf_merge.h"
#include "vcf/writer.h"

struct gn_calling_sink {
    struct gn_calling_options options;
    gn_genotyper_t *genotyper;
    gn_resolver_t *resolver;
    gn_gvcf_merge_t *merge; /* NULL without gVCF */
    gn_vcf_writer_t *vcf, *gvcf;
    struct gn_calling_counts counts;
};

struct gn_calling_options gn_calling_options_default(void)
{
    return (struct gn_calling_options){.genotype = gn_genotype_options_default()};
}

static bool is_filter(const struct gn_variant *variant, const char *filter)
{
    return variant->filters.n == 1 && strcmp(variant->filters.v[0], filter) == 0;
}

static void count_variant(struct gn_calling_counts *counts, const struct gn_variant *variant)
{
    counts->pass += is_filter(variant, "PASS");
    counts->ref_call += is_filter(variant, "RefCall");
    counts->low_qual += is_filter(variant, "LowQual");
    counts->no_call += is_filter(variant, "NoCall");
}

/* Stages' outputs: each accepts for the stage behind. */

static int write_variant(void *state, struct gn_variant *variant, gn_error_t *err)
{
    gn_calling_sink_t *sink = state;
    int status = GN_OK;
    count_variant(&sink->counts, variant);
    if (!sink->options.only_pass || is_filter(variant, "PASS"))
        status = gn_vcf_write(sink->vcf, variant, err);
    gn_variant_free(variant);
    return status;
}

static int write_gvcf_record(void *state, struct gn_variant *record, gn_error_t *err)
{
    gn_calling_sink_t *sink = state;
    sink->counts.blocks += record->filters.n == 0;
    int status = gn_vcf_write(sink->gvcf, record, err);
    gn_variant_free(record);
    return status;
}

static int pass_to_merge(void *state, struct gn_variant *variant, gn_error_t *err)
{
    gn_calling_sink_t *sink = state;
    return sink->merge == NULL ? write_variant(sink, variant, err)
                               : gn_gvcf_merge_push_variant(sink->merge, variant, err);
}

static int pass_to_resolver(void *state, struct gn_variant *variant, gn_error_t *err)
{
    gn_calling_sink_t *sink = state;
    return gn_resolver_push(sink->resolver, variant, err);
}

/* Records of two files must not mix in one. */
static int check_names(const struct gn_calling_options *options, gn_error_t *err)
{
    const char *vcf = options->vcf_path, *gvcf = options->gvcf_path;
    if (gvcf == NULL ||
        (!gn_is_same_file(vcf, gvcf) && !(gn_names_stdout(vcf) && gn_names_stdout(gvcf))))
        return GN_OK;
    return gn_fail(err, GN_E_USAGE,
                   "VCF and gVCF are both to be written to '%s': give each its own name", vcf);
}

/* The model's six genotypes have no place for dropped alts. */
static int check_multiallelic_model(const struct gn_calling_options *options, gn_error_t *err)
{
    if (options->genotype.multiallelic_model == NULL)
        return GN_OK;
    if (options->genotype.pruned_alts == GN_PRUNED_IN_ALT)
        return gn_fail(err, GN_E_USAGE,
                       "debug_output_all_candidates=ALT is incompatible with the multiallelic "
                       "model. Use INFO instead.");
    return gn_multiallelic_check(options->genotype.multiallelic_model, err);
}

static int open_writers(gn_calling_sink_t *sink, gn_fasta_t *fasta, gn_error_t *err)
{
    const struct gn_calling_options *options = &sink->options;
    struct gn_vcf_header_options header = {
        .contigs = gn_fasta_contigs(fasta),
        .sample = options->genotype.sample,
        .has_model_id = options->has_model_id,
        .has_candidates = options->genotype.pruned_alts == GN_PRUNED_IN_INFO,
        .extra_lines = options->extra_header_lines,
    };
    sink->vcf = gn_vcf_writer_open(options->vcf_path, &header, err);
    if (sink->vcf == NULL)
        return GN_E_CANNOT_CREATE;
    if (options->gvcf_path == NULL)
        return GN_OK;
    sink->gvcf = gn_vcf_writer_open(options->gvcf_path, &header, err);
    if (sink->gvcf == NULL)
        return GN_E_CANNOT_CREATE;
    struct gn_gvcf_merge_options merge = {
        .fasta = fasta,
        .regions = options->regions,
        .variants = {write_variant, sink},
        .records = {write_gvcf_record, sink},
    };
    sink->merge = gn_gvcf_merge_create(&merge, err);
    return sink->merge == NULL ? GN_E_MEMORY : GN_OK;
}

gn_calling_sink_t *gn_calling_sink_open(const struct gn_calling_options *options, gn_fasta_t *fasta,
                                        gn_error_t *err)
{
    gn_calling_sink_t *sink = calloc(1, sizeof *sink);
    if (sink == NULL) {
        gn_fail_memory(err, "the calling sink");
        return NULL;
    }
    sink->options = *options;
    const struct gn_contigs *contigs = gn_fasta_contigs(fasta);
    sink->genotyper =
        gn_genotyper_create(&sink->options.genotype, contigs,
                            (struct gn_variant_consumer){pass_to_resolver, sink}, err);
    sink->resolver = gn_resolver_create(!options->keep_overlaps, contigs,
                                        (struct gn_variant_consumer){pass_to_merge, sink}, err);
    if (sink->genotyper == NULL || sink->resolver == NULL || check_names(options, err) < 0 ||
        check_multiallelic_model(options, err) < 0 || open_writers(sink, fasta, err) < 0) {
        gn_calling_sink_abort(sink);
        return NULL;
    }
    return sink;
}

int gn_calling_sink_push_call(gn_calling_sink_t *sink, struct gn_call_output *output,
                              gn_error_t *err)
{
    return gn_genotyper_push(sink->genotyper, output, err);
}

int gn_calling_sink_push_block(gn_calling_sink_t *sink, struct gn_variant *block, gn_error_t *err)
{
    if (sink->merge == NULL) {
        gn_variant_free(block);
        return gn_fail(err, GN_E_INTERNAL, "a non-variant record without a gVCF to write");
    }
    return gn_gvcf_merge_push_block(sink->merge, block, err);
}

static int advance(gn_calling_sink_t *sink, struct gn_position frontier, gn_error_t *err)
{
    int status = gn_genotyper_advance(sink->genotyper, frontier, err);
    if (status == GN_OK)
        status = gn_resolver_advance(sink->resolver, gn_genotyper_frontier(sink->genotyper), err);
    if (status == GN_OK && sink->merge != NULL)
        status =
            gn_gvcf_merge_advance_variants(sink->merge, gn_resolver_frontier(sink->resolver), err);
    if (status == GN_OK && sink->merge != NULL)
        status = gn_gvcf_merge_advance_blocks(sink->merge, frontier, err);
    return status;
}

int gn_calling_sink_advance(gn_calling_sink_t *sink, int contig, int64_t pos0, gn_error_t *err)
{
    return advance(sink, (struct gn_position){contig, pos0}, err);
}

/* Completes both outputs before either appears. */
static int publish(gn_calling_sink_t *sink, gn_error_t *err)
{
    int status = gn_vcf_writer_close(sink->vcf, err);
    if (status == GN_OK && sink->gvcf != NULL)
        status = gn_vcf_writer_close(sink->gvcf, err);
    if (status < 0)
        return status;
    gn_vcf_writer_t *vcf = sink->vcf, *gvcf = sink->gvcf;
    sink->vcf = sink->gvcf = NULL;
    status = gn_vcf_writer_commit(vcf, err);
    if (gvcf == NULL)
        return status;
    if (status == GN_OK)
        return gn_vcf_writer_commit(gvcf, err);
    gn_vcf_writer_abort(gvcf);
    return status;
}

int gn_calling_sink_commit(gn_calling_sink_t *sink, struct gn_calling_counts *counts,
                           gn_error_t *err)
{
    int status = advance(sink, gn_position_end, err);
    if (status == GN_OK)
        status = publish(sink, err);
    if (counts != NULL)
        *counts = sink->counts;
    gn_calling_sink_abort(sink);
    return status;
}

void gn_calling_sink_abort(gn_calling_sink_t *sink)
{
    if (sink == NULL)
        return;
    gn_genotyper_destroy(sink->genotyper);
    gn_resolver_destroy(sink->resolver);
    gn_gvcf_merge_destroy(sink->merge);
    gn_vcf_writer_abort(sink->vcf);
    gn_vcf_writer_abort(sink->gvcf);
    free(sink);
}

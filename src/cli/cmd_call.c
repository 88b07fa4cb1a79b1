/* SPDX-License-Identifier: MIT
 *
 * cmd_call.c - `gannet call`: from aligned reads to VCF and gVCF in one process.
 */
#include "cli/commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "call/call.h"
#include "cli/calling_flags.h"
#include "cli/default_model.h"
#include "cli/device_flags.h"
#include "cli/interrupt.h"
#include "cli/run_report.h"

struct call_args {
    struct calling_flags calling; /* first: calling_rows.def counts on it */
    const char *output_vcf, *output_gvcf, *haplotagged_bam;
    const char *model, *small_model, *multiallelic_model;
    const char *precision;
    struct device_flags device;
    int64_t threads, batch_size;
    double qual_filter, homref_min_gq, multi_allelic_qual_filter;
    bool only_keep_pass, output_phased, keep_overlaps, quiet, disable_small_model,
        use_multiallelic_model;
};

enum { NO_SMALL_MODEL = -1 }; /* the lowest threshold that can be given */
#define SMALL_MODEL_THRESHOLD "the preset's"

#define NETWORK_ARGS struct call_args

static const struct gn_option options[] = {
#include "cli/calling_rows.def"
    {GN_OPTION_GROUP, .help = "Small model"},
    {GN_OPTION_TEXT, .name = "small-model", .metavar = "DIR",
     .offset = offsetof(struct call_args, small_model),
     .help = "Small model folder [small_model in the model's folder, if there]"},
    {GN_OPTION_FLAG, .name = "disable-small-model",
     .offset = offsetof(struct call_args, disable_small_model),
     .help = "Give every candidate an image"},
#include "cli/small_model_rows.def"
    {GN_OPTION_GROUP, .help = "Output"},
    {GN_OPTION_TEXT, .letter = 'o', .name = "output-vcf", .metavar = "FILE",
     .offset = offsetof(struct call_args, output_vcf), .flags = GN_OPTION_REQUIRED,
     .help = "Variants; .gz compresses and indexes, .bcf writes BCF, - is standard output"},
    {GN_OPTION_TEXT, .letter = 'g', .name = "output-gvcf", .metavar = "FILE",
     .offset = offsetof(struct call_args, output_gvcf),
     .help = "Variants and the confidence in all other sites, for joint calling"},
    {GN_OPTION_FLAG, .name = "only-keep-pass", .offset = offsetof(struct call_args, only_keep_pass),
     .help = "Write only PASS records to the VCF (the gVCF keeps all)"},
    {GN_OPTION_FLAG, .name = "output-phased", .offset = offsetof(struct call_args, output_phased),
     .help = "Write GT with | and the phase set (PS) of heterozygous calls that the reads phase"},
    {GN_OPTION_TEXT, .name = "haplotagged-bam", .metavar = "FILE",
     .offset = offsetof(struct call_args, haplotagged_bam),
     .help = "Write the reads with their haplotype (HP) and phase set (PS): .bam or .cram"},
    {GN_OPTION_GROUP, .help = "Genotypes"},
    {GN_OPTION_TEXT, .letter = 'm', .name = "model", .metavar = "DIR",
     .offset = offsetof(struct call_args, model), .help = "Model folder [the preset's own]"},
    {GN_OPTION_REAL, .name = "qual-filter", .metavar = "PHRED",
     .offset = offsetof(struct call_args, qual_filter), .fallback = "1.0",
     .help = "Calls with a lower QUAL get FILTER LowQual"},
    {GN_OPTION_REAL, .name = "cnn-homref-call-min-gq", .metavar = "PHRED",
     .offset = offsetof(struct call_args, homref_min_gq), .fallback = "20.0",
     .help = "Reference calls with a lower GQ become ./."},
    {GN_OPTION_REAL, .name = "multi-allelic-qual-filter", .metavar = "PHRED",
     .offset = offsetof(struct call_args, multi_allelic_qual_filter), .fallback = "1.0",
     .help = "Alternate alleles of multi-allelic sites with a lower QUAL are dropped; 0 keeps all"},
    {GN_OPTION_FLAG, .name = "use-multiallelic-model",
     .offset = offsetof(struct call_args, use_multiallelic_model),
     .help = "Genotype sites with two alts with a model of their own"},
    {GN_OPTION_TEXT, .name = "multiallelic-model", .metavar = "DIR",
     .offset = offsetof(struct call_args, multiallelic_model), .help = "Use this one"},
    {GN_OPTION_FLAG, .name = "disable-haplotype-resolution",
     .offset = offsetof(struct call_args, keep_overlaps),
     .help = "Keep overlapping calls that contradict each other"},
    {GN_OPTION_GROUP, .help = "Performance"},
    {GN_OPTION_INT, .letter = '@', .name = "threads", .metavar = "INT",
     .offset = offsetof(struct call_args, threads), .fallback = "1", .min = 1, .max = 1024,
     .help = "Worker threads; the records do not depend on it"},
    {GN_OPTION_INT, .name = "batch-size", .metavar = "INT",
     .offset = offsetof(struct call_args, batch_size), .fallback = "64", .min = 1, .max = 65536,
     .help = "Images given to the network at a time; the records do not depend on it"},
#include "cli/precision_row.def"
#include "cli/device_rows.def"
    {GN_OPTION_FLAG, .letter = 'q', .name = "quiet", .offset = offsetof(struct call_args, quiet),
     .help = "No progress and no summary"},
    {GN_OPTION_END},
};

static struct gn_calling_options output_options(const struct call_args *args)
{
    struct gn_calling_options output = gn_calling_options_default();
    output.vcf_path = args->output_vcf;
    output.gvcf_path = args->output_gvcf;
    output.only_pass = args->only_keep_pass;
    output.keep_overlaps = args->keep_overlaps;
    output.genotype.min_quality = args->qual_filter;
    output.genotype.min_homref_gq = args->homref_min_gq;
    output.genotype.min_allele_quality = args->multi_allelic_qual_filter;
    /* Proposed variants may share a site without being alleles of one record. */
    output.genotype.group = strcmp(args->calling.variant_caller, "vcf_candidate_importer") != 0;
    return output;
}

/* The small model that was asked for, or the one in the model's folder where the preset uses one. */
static int load_small_model(const struct call_args *args, const char *model_folder,
                            struct gn_call_options *o, struct calling_lists *lists, gn_error_t *err)
{
    const struct calling_flags *flags = &args->calling;
    char *own = NULL;
    bool has_thresholds = flags->small_model_snp_gq_threshold >= NO_SMALL_MODEL &&
                          flags->small_model_indel_gq_threshold >= NO_SMALL_MODEL;
    if (args->disable_small_model)
        return GN_OK;
    if (args->small_model != NULL && !has_thresholds)
        return gn_fail(err, GN_E_USAGE,
                       "--preset %s has no thresholds for a small model: give "
                       "--small-model-snp-gq-threshold and --small-model-indel-gq-threshold",
                       flags->preset);
    int ret = args->small_model != NULL ? gn_text_set(&own, args->small_model, err)
              : has_thresholds          ? gn_small_model_folder(model_folder, &own, err)
                                        : GN_OK;
    if (ret == GN_OK && own != NULL)
        ret = calling_use_small_model(flags, own, &o->partition, lists, err);
    free(own);
    return ret;
}

/* What a run holds until it is over. */
struct call_inputs {
    char *model_folder;
    gn_model_t *model;
    json_t *model_flags;
    gn_mlp_t *multiallelic;
    struct calling_lists lists;
};

static void clear_inputs(struct call_inputs *inputs)
{
    free(inputs->model_folder);
    gn_model_free(inputs->model);
    json_decref(inputs->model_flags);
    gn_mlp_free(inputs->multiallelic);
}

static int call(const struct call_args *args, struct call_inputs *inputs, struct run_report *report,
                gn_error_t *err)
{
    char *warning = NULL, *command_line = run_report_command_line(report);
    gn_call_summary_t summary;
    struct gn_call_options o = {.output = output_options(args),
                                .sample_name = args->calling.sample_name,
                                .model = inputs->model,
                                .output_phased = args->output_phased,
                                .haplotagged_bam = args->haplotagged_bam,
                                .command_line = command_line,
                                .n_threads = (int)args->threads,
                                .batch_size = (int)args->batch_size};
    o.progress = run_report_progress;
    o.progress_context = report;
    report->is_quiet = args->quiet;
    int ret = gn_precision_parse(args->precision, &o.precision, err);
    if (ret == GN_OK)
        ret = device_flags_read(&args->device, &o.device, err);
    if (ret == GN_OK)
        ret = calling_flags_apply(&args->calling, &o.partition, &o.regions, &inputs->lists, err);
    if (ret == GN_OK)
        ret = calling_protect_inputs(
            &o.partition,
            (const char *[]){args->output_vcf, args->output_gvcf, args->haplotagged_bam}, 3, err);
    if (ret == GN_OK)
        ret = load_small_model(args, inputs->model_folder, &o, &inputs->lists, err);
    if (ret == GN_OK)
        ret = gn_load_multiallelic_model(args->use_multiallelic_model, args->multiallelic_model,
                                         &inputs->multiallelic, err);
    o.output.genotype.multiallelic_model = inputs->multiallelic;
    if (ret == GN_OK)
        ret = gn_call_run(&o, &summary, &warning, err);
    run_report_clear_line(report);
    if (ret == GN_OK && warning != NULL)
        fprintf(stderr, "gannet call: warning: %s\n", warning);
    if (ret == GN_OK)
        run_report_network_warning("call", &summary.network);
    if (ret == GN_OK && !args->quiet)
        run_report_summary(report, &summary);
    free(warning);
    free(command_line);
    calling_settings_clear(&o.partition, &inputs->lists);
    return ret;
}

static struct call_args call_args_of(const struct gn_preset *preset)
{
    struct gn_calling_options defaults = gn_calling_options_default();
    return (struct call_args){.calling = calling_flags_of(preset),
                              .threads = 1,
                              .batch_size = 64,
                              .precision = "auto",
                              .device = device_flags_default(),
                              .qual_filter = defaults.genotype.min_quality,
                              .homref_min_gq = defaults.genotype.min_homref_gq,
                              .multi_allelic_qual_filter = defaults.genotype.min_allele_quality};
}

static int load_model(const struct call_args *args, struct call_inputs *inputs, gn_error_t *err)
{
    const char *preset = args->calling.preset != NULL ? args->calling.preset : DEFAULT_PRESET;
    int ret = args->model != NULL ? gn_text_set(&inputs->model_folder, args->model, err)
                                  : gn_default_model(preset, &inputs->model_folder, err);
    if (ret < 0)
        return ret;
    inputs->model = gn_model_load(inputs->model_folder, err);
    return inputs->model == NULL ? err->code : GN_OK;
}

/* Preset first, then what the model carries, then what was typed. */
static int parse(int argc, char **argv, struct call_args *args, struct call_inputs *inputs,
                 gn_error_t *err)
{
    bool help;
    struct gn_preset preset;
    int ret = load_model(args, inputs, err);
    if (ret == GN_OK)
        ret = gn_preset_choose(args->calling.preset, inputs->model, &preset, err);
    if (ret < 0)
        return ret;
    *args = call_args_of(&preset);
    ret = calling_take_model_flags(&gn_cmd_call, inputs->model, args, &inputs->model_flags, err);
    if (ret == GN_OK)
        ret = gn_options_parse(&gn_cmd_call, argc, argv, args, NULL, 0, NULL, &help, err);
    args->calling.preset = preset.name;
    return ret;
}

static int run(int argc, char **argv, gn_error_t *err)
{
    struct gn_preset preset;
    struct call_inputs inputs = {.model = NULL};
    bool help = false;
    int ret = gn_preset_find(DEFAULT_PRESET, &preset, err);
    struct call_args args = call_args_of(&preset);
    struct run_report report;
    run_report_start(&report, argc, argv);
    if (ret == GN_OK)
        ret = gn_options_parse(&gn_cmd_call, argc, argv, &args, NULL, 0, NULL, &help, err);
    if (ret < 0)
        return ret;
    if (help) {
        gn_options_help(&gn_cmd_call, stdout);
        return GN_OK;
    }
    interrupt_catch();
    ret = parse(argc, argv, &args, &inputs, err);
    if (ret == GN_OK)
        ret = call(&args, &inputs, &report, err);
    clear_inputs(&inputs);
    return ret;
}

const struct gn_command gn_cmd_call = {
    .name = "call",
    .summary = "variants of aligned reads: VCF and gVCF",
    .about = "Calls germline SNVs and small indels of one sample from aligned Illumina, PacBio or "
             "Oxford Nanopore reads, as DeepVariant does: candidates in the reads, local "
             "realignment or phasing, pileup images, a convolutional network. Everything happens "
             "in memory; outputs appear when they are complete.",
    .usage = "--ref FILE --reads FILES --output-vcf FILE [options]",
    .options = options,
    .examples = "  gannet call --ref ref.fa --reads sample.bam --output-vcf out.vcf.gz \\\n"
                "      --output-gvcf out.g.vcf.gz --threads 8\n"
                "  gannet call --ref ref.fa --reads sample.cram --output-vcf out.vcf.gz \\\n"
                "      --regions chr20:10,000,000-10,100,000\n",
    .run = run,
};

/* SPDX-License-Identifier: MIT
 *
 * cmd_make_examples.c - `gannet make-examples`: DeepVariant's make_examples with its flags (spec 160.6).
 */
#include "cli/commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "call/call.h"
#include "cli/calling_flags.h"
#include "cli/interrupt.h"
#include "cli/run_report.h"
#include "cnn/model.h"

struct make_examples_args {
    struct calling_flags calling; /* first: calling_rows.def counts on it */
    const char *mode, *examples, *candidates, *gvcf, *candidate_positions;
    const char *channel_list, *checkpoint;
    const char *truth_variants, *confident_regions, *labeler;
    const char *classes_list, *class_field, *downsample_classes;
    const char *sequencing_type, *small_model, *local_read_phasing;
    int64_t task, threads, height, width;
    double downsample_fraction;
    bool deterministic_serialization, call_small_model_examples;
    bool write_small_model_examples, skip_images, write_run_info;
};

enum { MOST_CLASSES = 64 };

#define SMALL_MODEL_THRESHOLD "that of a --preset that is given, else 0"

static const struct gn_option options[] = {
#include "cli/calling_rows.def"
    {GN_OPTION_GROUP, .help = "Small model"},
    {GN_OPTION_FLAG, .name = "call-small-model-examples",
     .offset = offsetof(struct make_examples_args, call_small_model_examples),
     .help = "Write what a small model is sure of to X_call_variant_outputs.tfrecord.gz instead"},
    {GN_OPTION_TEXT, .name = "trained-small-model-path", .metavar = "DIR",
     .offset = offsetof(struct make_examples_args, small_model),
     .help = "Folder of the small model; reads that support the reference are then tracked"},
#include "cli/small_model_rows.def"
    {GN_OPTION_GROUP, .help = "What to make"},
    {GN_OPTION_CHOICE, .name = "mode", .offset = offsetof(struct make_examples_args, mode),
     .choices = "calling|training|candidate_sweep", .flags = GN_OPTION_REQUIRED,
     .help = "Images to call from, images with labels, or positions of candidates only"},
    {GN_OPTION_TEXT, .name = "examples", .metavar = "FILE",
     .offset = offsetof(struct make_examples_args, examples),
     .help = "Images: X.tfrecord.gz or shards X.tfrecord.gz@N"},
    {GN_OPTION_TEXT, .name = "candidates", .metavar = "FILE",
     .offset = offsetof(struct make_examples_args, candidates),
     .help = "Candidates with their supporting reads"},
    {GN_OPTION_TEXT, .name = "gvcf", .metavar = "FILE",
     .offset = offsetof(struct make_examples_args, gvcf),
     .help = "Non-variant records, for the gVCF of postprocess"},
    {GN_OPTION_TEXT, .name = "candidate-positions", .metavar = "FILE",
     .offset = offsetof(struct make_examples_args, candidate_positions),
     .help = "Positions, in mode candidate_sweep"},
    {GN_OPTION_TEXT, .name = "output-local-read-phasing", .metavar = "FILE",
     .offset = offsetof(struct make_examples_args, local_read_phasing),
     .help = "Haplotype of each read in each partition, as a table of text"},
    {GN_OPTION_INT, .name = "task", .metavar = "INT",
     .offset = offsetof(struct make_examples_args, task), .fallback = "0", .max = 1e6,
     .help = "Which of the N shards to make"},
    {GN_OPTION_INT, .letter = '@', .name = "threads", .metavar = "INT",
     .offset = offsetof(struct make_examples_args, threads), .fallback = "1", .min = 1, .max = 1024,
     .help = "Worker threads; the files do not depend on it"},
    {GN_OPTION_GROUP, .help = "Images"},
    {GN_OPTION_TEXT, .name = "channel-list", .metavar = "LIST",
     .offset = offsetof(struct make_examples_args, channel_list),
     .help = "Channels in order, such as BASE_CHANNELS,insert_size"},
    {GN_OPTION_TEXT, .name = "checkpoint", .metavar = "DIR",
     .offset = offsetof(struct make_examples_args, checkpoint),
     .help = "Model folder whose channels and image size to use"},
    {GN_OPTION_INT, .name = "pileup-image-height", .metavar = "INT",
     .offset = offsetof(struct make_examples_args, height), .fallback = "0", .max = 362,
     .help = "Rows, 75 to 362; 0: the model's, or 100"},
    {GN_OPTION_INT, .name = "pileup-image-width", .metavar = "INT",
     .offset = offsetof(struct make_examples_args, width), .fallback = "0", .max = 2001,
     .help = "Columns, odd; 0: the model's, or the preset's"},
    {GN_OPTION_CHOICE, .name = "sequencing-type",
     .offset = offsetof(struct make_examples_args, sequencing_type), .choices = "WGS|WES|TRIO",
     .help = "Kind of sequencing to note in the examples"},
    {GN_OPTION_FLAG, .name = "output-phase-info",
     .offset = offsetof(struct make_examples_args, calling.output_phase_info),
     .help = "Say in each record which haplotype carries each allele (ALT_PS, PS_CONTIG)"},
    {GN_OPTION_GROUP, .help = "Training"},
    {GN_OPTION_TEXT, .name = "truth-variants", .metavar = "FILE",
     .offset = offsetof(struct make_examples_args, truth_variants),
     .help = "VCF of the true variants"},
    {GN_OPTION_TEXT, .name = "confident-regions", .metavar = "FILE",
     .offset = offsetof(struct make_examples_args, confident_regions),
     .help = "BED within which the truth is complete"},
    {GN_OPTION_CHOICE, .name = "labeler-algorithm", .metavar = "NAME",
     .offset = offsetof(struct make_examples_args, labeler), .fallback = "haplotype_labeler",
     .choices = "haplotype_labeler|positional_labeler|customized_classes_labeler",
     .help = "How candidates are matched with the truth"},
    {GN_OPTION_CHOICE, .name = "labeler", .offset = offsetof(struct make_examples_args, labeler),
     .choices = "haplotype|positional|customized_classes", .help = "The same, shorter",
     .flags = GN_OPTION_HIDDEN},
    {GN_OPTION_TEXT, .name = "customized-classes-labeler-classes-list", .metavar = "LIST",
     .offset = offsetof(struct make_examples_args, classes_list),
     .help =
         "Classes of the customized classes labeler, such as ref,class1,class2: labels 0, 1, 2"},
    {GN_OPTION_TEXT, .name = "customized-classes-labeler-info-field-name", .metavar = "NAME",
     .offset = offsetof(struct make_examples_args, class_field),
     .help = "INFO field of the truth that names each record's class"},
    {GN_OPTION_TEXT, .name = "downsample-classes", .metavar = "LIST",
     .offset = offsetof(struct make_examples_args, downsample_classes),
     .help = "Keep candidates of class 0, 1, ... with these probabilities, such as 0.1,1,1; a "
             "candidate's draw depends on its place alone"},
    {GN_OPTION_FLAG, .name = "write-run-info",
     .offset = offsetof(struct make_examples_args, write_run_info),
     .help = "Write X.run_info.pbtxt: how candidates and truth agree, and the numbers of examples"},
    {GN_OPTION_FLAG, .name = "write-small-model-examples",
     .offset = offsetof(struct make_examples_args, write_small_model_examples),
     .help = "Write X_small_model.tfrecord.gz too: features and labels for a small model"},
    {GN_OPTION_FLAG, .name = "skip-pileup-image-generation",
     .offset = offsetof(struct make_examples_args, skip_images),
     .help = "Write only those: no images"},
    {GN_OPTION_REAL, .name = "downsample-fraction", .metavar = "FLOAT",
     .offset = offsetof(struct make_examples_args, downsample_fraction), .fallback = "0", .max = 1,
     .help = "Keep reads with this probability; 0 keeps all"},
    {GN_OPTION_FLAG, .name = "deterministic-serialization",
     .offset = offsetof(struct make_examples_args, deterministic_serialization),
     .flags = GN_OPTION_IGNORED | GN_OPTION_HIDDEN,
     .help = "Files are always the same byte for byte"},
    {GN_OPTION_END},
};

static int apply_images(const struct make_examples_args *args, const gn_model_t *model,
                        struct gn_pileup_options *pileup, gn_error_t *err)
{
    if (args->examples == NULL || args->skip_images)
        return GN_OK;
    int ret = GN_OK;
    if (model != NULL)
        gn_call_take_shape(pileup, model);
    if (args->channel_list != NULL) {
        ret = gn_channel_list_parse(args->channel_list, pileup->channels, GN_MAX_CHANNELS, err);
        pileup->n_channels = ret;
        if (ret > 0)
            ret = gn_pileup_add_alt_channels(pileup, err);
    } else if (model == NULL) {
        ret = gn_fail(err, GN_E_USAGE, "give --channel-list or --checkpoint: images need channels");
    }
    if (ret < 0)
        return ret;
    if (args->height > 0)
        pileup->height = (int)args->height;
    if (args->width > 0)
        pileup->width = (int)args->width;
    if (pileup->height < 75 || pileup->height > 362 || pileup->width % 2 == 0)
        return gn_fail(err, GN_E_USAGE, "images need 75 to 362 rows and an odd number of columns");
    return GN_OK;
}

/* Numbers of PileupImageOptions.SequencingType; 0 is unspecified. */
static int sequencing_type_of(const char *name)
{
    static const char *const names[] = {"WGS", "WES", "TRIO"};
    for (int i = 0; name != NULL && i < 3; i++)
        if (strcmp(name, names[i]) == 0)
            return i + 1;
    return 0;
}

static int apply_mode(const struct make_examples_args *args, struct gn_make_examples_options *o,
                      gn_error_t *err)
{
    bool proposes = strcmp(args->calling.variant_caller, "vcf_candidate_importer") == 0;
    o->mode = strcmp(args->mode, "calling") == 0    ? GN_MODE_CALLING
              : strcmp(args->mode, "training") == 0 ? GN_MODE_TRAINING
                                                    : GN_MODE_SWEEP;
    if (o->mode != GN_MODE_SWEEP && args->examples == NULL)
        return gn_fail(err, GN_E_USAGE, "--mode %s needs --examples", args->mode);
    if (o->mode == GN_MODE_SWEEP && args->candidate_positions == NULL)
        return gn_fail(err, GN_E_USAGE, "--mode candidate_sweep needs --candidate-positions");
    if (o->mode == GN_MODE_TRAINING &&
        (args->truth_variants == NULL || (args->confident_regions == NULL && !proposes)))
        return gn_fail(err, GN_E_USAGE,
                       "--mode training needs --truth-variants and --confident-regions");
    if (o->mode != GN_MODE_SWEEP && args->candidate_positions != NULL)
        return gn_fail(
            err, GN_E_USAGE,
            "--candidate-positions is an output of --mode candidate_sweep; partitions of equal "
            "numbers of candidates are not available, leave it out");
    if (args->call_small_model_examples && o->mode != GN_MODE_CALLING)
        return gn_fail(err, GN_E_USAGE, "--call-small-model-examples belongs to --mode calling");
    if (args->call_small_model_examples && args->small_model == NULL)
        return gn_fail(err, GN_E_USAGE,
                       "--call-small-model-examples needs --trained-small-model-path");
    if (args->write_small_model_examples && o->mode != GN_MODE_TRAINING)
        return gn_fail(err, GN_E_USAGE, "--write-small-model-examples belongs to --mode training");
    if (args->write_run_info && o->mode == GN_MODE_SWEEP)
        return gn_fail(err, GN_E_USAGE,
                       "--write-run-info needs --examples: not in candidate_sweep");
    if (args->skip_images && !args->write_small_model_examples)
        return gn_fail(err, GN_E_USAGE,
                       "--skip-pileup-image-generation needs --write-small-model-examples");
    if (o->mode == GN_MODE_TRAINING && args->gvcf != NULL)
        return gn_fail(err, GN_E_USAGE, "--gvcf belongs to --mode calling");
    return GN_OK;
}

/* "p0,p1,...", one for each class. */
static int parse_probabilities(const char *text, int n_classes, double *values, gn_error_t *err)
{
    int n = 0;
    const char *at = text;
    for (; n < n_classes; n++) {
        char *end;
        values[n] = strtod(at, &end);
        if (end == at || !(values[n] >= 0 && values[n] <= 1) || (*end != ',' && *end != '\0'))
            break;
        at = *end == ',' && n + 1 < n_classes ? end + 1 : end;
    }
    return n == n_classes && *at == '\0'
               ? GN_OK
               : gn_fail(err, GN_E_USAGE,
                         "--downsample-classes %s: give %d probabilities from 0 to 1, one for each "
                         "class, separated by commas",
                         text, n_classes);
}

/* How to label; `keep` has room for MOST_CLASSES. The class names of the options belong to the caller. */
static int apply_labels(const struct make_examples_args *args, struct gn_make_examples_options *o,
                        double *keep, gn_error_t *err)
{
    bool proposes = strcmp(args->calling.variant_caller, "vcf_candidate_importer") == 0;
    int n_classes = 3, ret = GN_OK;
    /* PARITY(dv-1.9): proposed variants are always labelled by position */
    o->labeler = proposes || *args->labeler == 'p' ? GN_LABELER_POSITIONAL
                 : *args->labeler == 'c'           ? GN_LABELER_CUSTOMIZED
                                                   : GN_LABELER_HAPLOTYPE;
    if (o->labeler == GN_LABELER_CUSTOMIZED) {
        if (args->classes_list == NULL || args->class_field == NULL)
            return gn_fail(err, GN_E_USAGE,
                           "the customized classes labeler needs "
                           "--customized-classes-labeler-classes-list and "
                           "--customized-classes-labeler-info-field-name");
        o->class_field = args->class_field;
        ret = gn_texts_split(&o->class_names, args->classes_list, ",", err);
        n_classes = o->class_names.n;
    }
    if (ret == GN_OK && (n_classes < 1 || n_classes > MOST_CLASSES))
        ret = gn_fail(err, GN_E_USAGE,
                      "--customized-classes-labeler-classes-list: give 1 to %d classes",
                      MOST_CLASSES);
    if (ret < 0 || args->downsample_classes == NULL)
        return ret;
    if (o->mode != GN_MODE_TRAINING)
        return gn_fail(err, GN_E_USAGE, "--downsample-classes belongs to --mode training");
    o->keep_classes = keep;
    o->n_keep_classes = n_classes;
    return parse_probabilities(args->downsample_classes, n_classes, keep, err);
}

static void print_summary(const struct make_examples_args *args,
                          const struct gn_make_examples_counts *c)
{
    fprintf(stderr,
            "gannet make-examples: %lld partitions, %lld reads, %lld candidates, %lld examples",
            (long long)c->partitions, (long long)c->reads, (long long)c->candidates,
            (long long)c->examples);
    if (strcmp(args->mode, "training") == 0)
        fprintf(stderr, " (labels 0: %lld, 1: %lld, 2: %lld)", (long long)c->labels[0],
                (long long)c->labels[1], (long long)c->labels[2]);
    if (args->write_small_model_examples)
        fprintf(stderr, ", %lld examples for the small model", (long long)c->features);
    if (args->call_small_model_examples)
        fprintf(stderr, ", %lld outputs of the small model", (long long)c->small_model);
    fputc('\n', stderr);
}

static int make(const struct make_examples_args *args, const gn_model_t *model,
                struct run_report *report, gn_error_t *err)
{
    struct calling_lists lists = {.par_regions = {NULL, 0, 0}};
    struct gn_make_examples_options o = {
        .sample_name = args->calling.sample_name,
        .examples = args->examples,
        .candidates = args->candidates,
        .gvcf = args->gvcf,
        .candidate_positions = args->candidate_positions,
        .local_read_phasing = args->local_read_phasing,
        .task = (int)args->task,
        .n_threads = args->downsample_fraction > 0 ? 1 : (int)args->threads,
        .truth_variants = args->truth_variants,
        .confident_regions = args->confident_regions,
        .write_small_model_examples = args->write_small_model_examples,
        .skip_images = args->skip_images,
        .progress = run_report_progress,
        .progress_context = report,
        .write_run_info = args->write_run_info,
    };
    /* PARITY(dv-1.9): proposed variants are the truth themselves in training. */
    struct calling_flags calling = args->calling;
    if (strcmp(calling.variant_caller, "vcf_candidate_importer") == 0 &&
        calling.proposed_variants == NULL)
        calling.proposed_variants = args->truth_variants;
    struct gn_make_examples_counts counts;
    double keep[MOST_CLASSES];
    char *warning = NULL;
    int ret = apply_mode(args, &o, err);
    if (ret == GN_OK)
        ret = apply_labels(args, &o, keep, err);
    if (ret == GN_OK)
        ret = calling_flags_apply(&calling, &o.partition, &o.regions, &lists, err);
    if (ret == GN_OK && args->call_small_model_examples)
        ret = calling_use_small_model(&calling, args->small_model, &o.partition, &lists, err);
    o.partition.read.downsample_fraction = args->downsample_fraction;
    o.partition.pileup.sequencing_type = sequencing_type_of(args->sequencing_type);
    if (ret == GN_OK)
        ret = calling_protect_inputs(&o.partition,
                                     (const char *[]){args->examples, args->candidates, args->gvcf,
                                                      args->candidate_positions,
                                                      args->local_read_phasing},
                                     5, err);
    if (ret == GN_OK)
        ret = apply_images(args, model, &o.partition.pileup, err);
    if (ret == GN_OK)
        ret = gn_make_examples(&o, &counts, &warning, err);
    run_report_clear_line(report);
    if (ret == GN_OK && warning != NULL)
        fprintf(stderr, "gannet make-examples: warning: %s\n", warning);
    if (ret == GN_OK)
        print_summary(args, &counts);
    free(warning);
    gn_texts_clear(&o.class_names);
    calling_settings_clear(&o.partition, &lists);
    return ret;
}

static struct make_examples_args make_examples_args_of(const struct gn_preset *preset)
{
    struct make_examples_args args = {
        .calling = calling_flags_of(preset), .labeler = "haplotype_labeler", .threads = 1};
    args.calling.small_model_snp_gq_threshold = args.calling.small_model_indel_gq_threshold = 0;
    return args;
}

/* Preset first, then what the model carries, then what was typed. */
static int parse(int argc, char **argv, struct make_examples_args *args, gn_model_t **model,
                 json_t **model_flags, gn_error_t *err)
{
    bool help;
    struct gn_preset preset;
    if (args->checkpoint != NULL && (*model = gn_model_load(args->checkpoint, err)) == NULL)
        return err->code;
    int ret = gn_preset_choose(args->calling.preset, *model, &preset, err);
    if (ret < 0)
        return ret;
    bool has_thresholds = args->calling.preset != NULL && preset.has_small_model;
    *args = make_examples_args_of(&preset);
    if (has_thresholds) {
        args->calling.small_model_snp_gq_threshold = preset.snp_gq_threshold;
        args->calling.small_model_indel_gq_threshold = preset.indel_gq_threshold;
    }
    if (*model != NULL)
        ret = calling_take_model_flags(&gn_cmd_make_examples, *model, args, model_flags, err);
    return ret == GN_OK ? gn_options_parse(&gn_cmd_make_examples, argc, argv, args, NULL, 0, NULL,
                                           &help, err)
                        : ret;
}

static int run(int argc, char **argv, gn_error_t *err)
{
    struct gn_preset preset;
    gn_model_t *model = NULL;
    json_t *model_flags = NULL;
    bool help = false;
    int ret = gn_preset_find(DEFAULT_PRESET, &preset, err);
    struct make_examples_args args = make_examples_args_of(&preset);
    if (ret == GN_OK)
        ret = gn_options_parse(&gn_cmd_make_examples, argc, argv, &args, NULL, 0, NULL, &help, err);
    if (ret < 0)
        return ret;
    if (help) {
        gn_options_help(&gn_cmd_make_examples, stdout);
        return GN_OK;
    }
    struct run_report report;
    run_report_start(&report, argc, argv);
    interrupt_catch();
    ret = parse(argc, argv, &args, &model, &model_flags, err);
    if (ret == GN_OK)
        ret = make(&args, model, &report, err);
    gn_model_free(model);
    json_decref(model_flags);
    return ret;
}

const struct gn_command gn_cmd_make_examples = {
    .name = "make-examples",
    .summary = "pileup images of candidate variants",
    .about =
        "Finds candidate variants in aligned reads and draws the images that the network looks "
        "at, in DeepVariant's file formats. 'gannet call' does the same in memory.",
    .usage =
        "--mode calling --ref FILE --reads FILES --examples FILE --channel-list LIST [options]",
    .options = options,
    .examples = "  gannet make-examples --mode calling --ref ref.fa --reads sample.bam \\\n"
                "      --channel-list BASE_CHANNELS,insert_size --examples ex.tfrecord.gz@8 \\\n"
                "      --gvcf gvcf.tfrecord.gz@8 --task 3\n",
    .run = run,
};

/* SPDX-License-Identifier: MIT
 *
 * cmd_call_variants.c - `gannet call-variants`: examples files in, call outputs files out.
 */
#include <stdio.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/device_flags.h"
#include "cli/run_report.h"
#include "cnn/call_examples.h"
#include "cnn/steady_clock.h"

struct call_variants_args {
    const char *examples, *outfile, *checkpoint, *precision;
    struct device_flags device;
    int64_t batch_size, threads, writer_threads, limit;
    bool include_debug_info, true_labels, allow_empty;
    const char *ignored_text;
    int64_t ignored_int;
};

#define NETWORK_ARGS struct call_variants_args

static const struct gn_option options[] = {
    {GN_OPTION_GROUP, .help = "Input and output"},
    {GN_OPTION_TEXT, .name = "examples", .metavar = "FILES",
     .offset = offsetof(struct call_variants_args, examples), .flags = GN_OPTION_REQUIRED,
     .help = "Examples of make-examples: names, X@N.gz for N files, globs, joined by commas"},
    {GN_OPTION_TEXT, .name = "checkpoint", .metavar = "DIR",
     .offset = offsetof(struct call_variants_args, checkpoint), .flags = GN_OPTION_REQUIRED,
     .help = "Model folder (model.json and its weights)"},
    {GN_OPTION_TEXT, .name = "outfile", .metavar = "FILE",
     .offset = offsetof(struct call_variants_args, outfile), .flags = GN_OPTION_REQUIRED,
     .help = "Call outputs: X.tfrecord.gz is written as X-00000-of-00001.tfrecord.gz"},
    {GN_OPTION_INT, .name = "writer-threads", .metavar = "INT",
     .offset = offsetof(struct call_variants_args, writer_threads), .fallback = "0", .min = 0,
     .max = 16, .help = "Number of output files; 0 is one"},
    {GN_OPTION_FLAG, .name = "allow-empty-examples",
     .offset = offsetof(struct call_variants_args, allow_empty), .fallback = "on",
     .help = "Write an empty output when there is no example, instead of failing"},
    {GN_OPTION_INT, .name = "limit", .metavar = "INT",
     .offset = offsetof(struct call_variants_args, limit), .fallback = "0", .min = 0, .max = 9e15,
     .help = "Call the first INT examples only; 0 is all"},
    {GN_OPTION_FLAG, .name = "include-debug-info",
     .offset = offsetof(struct call_variants_args, include_debug_info),
     .help = "Add to each output what its variant is, the call and the image"},
    {GN_OPTION_FLAG, .name = "debugging-true-label-mode",
     .offset = offsetof(struct call_variants_args, true_labels),
     .help = "The same, with the labels of training examples"},
    {GN_OPTION_GROUP, .help = "Performance"},
    {GN_OPTION_INT, .letter = 't', .name = "threads", .metavar = "INT",
     .offset = offsetof(struct call_variants_args, threads), .fallback = "all CPUs", .min = 1,
     .max = 1024, .help = "Threads that compute"},
#include "cli/precision_row.def"
#include "cli/device_rows.def"
    {GN_OPTION_INT, .name = "batch-size", .metavar = "INT",
     .offset = offsetof(struct call_variants_args, batch_size), .fallback = "0", .min = 0,
     .max = 65536,
     .help = "Images in memory at a time; 0 is 256, and 2048 where a GPU may compute"},
    {GN_OPTION_INT, .name = "max-batches", .metavar = "INT",
     .offset = offsetof(struct call_variants_args, ignored_int),
     .flags = GN_OPTION_IGNORED | GN_OPTION_HIDDEN, .help = "Has no effect, as in DeepVariant"},
    {GN_OPTION_INT, .name = "num-readers", .metavar = "INT",
     .offset = offsetof(struct call_variants_args, ignored_int),
     .flags = GN_OPTION_IGNORED | GN_OPTION_HIDDEN, .help = "Has no effect, as in DeepVariant"},
    {GN_OPTION_TEXT, .name = "execution-hardware", .metavar = "TEXT",
     .offset = offsetof(struct call_variants_args, ignored_text),
     .flags = GN_OPTION_IGNORED | GN_OPTION_HIDDEN, .help = "Has no effect, as in DeepVariant"},
    {GN_OPTION_TEXT, .name = "config-string", .metavar = "TEXT",
     .offset = offsetof(struct call_variants_args, ignored_text),
     .flags = GN_OPTION_IGNORED | GN_OPTION_HIDDEN, .help = "Has no effect, as in DeepVariant"},
    {GN_OPTION_TEXT, .name = "kmp-blocktime", .metavar = "TEXT",
     .offset = offsetof(struct call_variants_args, ignored_text),
     .flags = GN_OPTION_IGNORED | GN_OPTION_HIDDEN,
     .help = "Has no effect: gannet does not use OpenMP"},
    {GN_OPTION_END},
};

static int64_t online_cpus(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : n > 1024 ? 1024 : n;
}

/* A GPU takes some hundred images at a time, of each number of filled rows apart. */
static int choose_batch_size(int64_t asked, const struct gn_device_choice *device)
{
    if (asked > 0)
        return (int)asked;
    return device->place == GN_PLACE_CPU ? 256 : 2048;
}

static int call_variants(const struct call_variants_args *args, gn_error_t *err)
{
    struct gn_call_examples_options stage = {
        .examples = args->examples,
        .outfile = args->outfile,
        .threads = (int)args->threads,
        .writers = (int)args->writer_threads,
        .limit = args->limit,
        .debug_info = args->include_debug_info || args->true_labels,
        .true_labels = args->include_debug_info && args->true_labels,
        .allow_empty = args->allow_empty,
    };
    double start = gn_steady_seconds();
    int rc = gn_precision_parse(args->precision, &stage.precision, err);
    if (rc == GN_OK)
        rc = device_flags_read(&args->device, &stage.device, err);
    if (rc != GN_OK)
        return rc;
    stage.batch_size = choose_batch_size(args->batch_size, &stage.device);
    gn_model_t *model = gn_model_load(args->checkpoint, err);
    if (model == NULL)
        return err->code;
    struct gn_call_examples_counts counts;
    rc = gn_call_examples(model, &stage, &counts, err);
    if (rc == GN_OK) {
        double seconds = gn_steady_seconds() - start;
        fprintf(stderr, "%lld examples called with %s %s in %.1f s (%.0f a second)\n",
                (long long)counts.examples, gn_model_name(model), gn_model_version(model), seconds,
                seconds > 0 ? (double)counts.examples / seconds : 0.0);
        run_report_network_warning("call-variants", &counts.network);
        run_report_network("", &counts.network);
    }
    gn_model_free(model);
    return rc;
}

static int run(int argc, char **argv, gn_error_t *err)
{
    struct call_variants_args args = {.threads = online_cpus(),
                                      .precision = "auto",
                                      .device = device_flags_default(),
                                      .allow_empty = true};
    const char *positional[1];
    int n_positional;
    bool help;
    int rc = gn_options_parse(&gn_cmd_call_variants, argc, argv, &args, positional, 0,
                              &n_positional, &help, err);
    if (rc != GN_OK)
        return rc;
    if (help) {
        gn_options_help(&gn_cmd_call_variants, stdout);
        return GN_OK;
    }
    return call_variants(&args, err);
}

const struct gn_command gn_cmd_call_variants = {
    .name = "call-variants",
    .summary = "classify the images of make-examples with the network",
    .about = "Runs the network on every image and writes the probabilities of zero, one and two "
             "copies of "
             "the image's alternate alleles, as DeepVariant's call_variants does",
    .usage = "--examples FILES --checkpoint DIR --outfile FILE [options]",
    .options = options,
    .examples = "  gannet call-variants --examples ex.tfrecord@4.gz --checkpoint models/wgs \\\n"
                "    --outfile cvo.tfrecord.gz",
    .run = run,
};

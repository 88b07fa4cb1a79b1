/* SPDX-License-Identifier: MIT
 *
 * cmd_bench.c - `gannet bench`: how fast this machine runs the network.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/bench_cnn.h"
#include "cli/bench_kernels.h"
#include "cli/commands.h"
#include "cli/default_model.h"
#include "cli/device_flags.h"

struct bench_args {
    struct gn_bench_cnn cnn;
    struct device_flags device;
    const char *isa;
};

#define NETWORK_ARGS struct bench_args

static const struct gn_option options[] = {
    {GN_OPTION_GROUP, .help = "Configurations; lists are separated by commas"},
    {GN_OPTION_TEXT, 'm', "model", "DIR", offsetof(struct bench_args, cnn.model),
     .fallback = "the wgs model", .help = "Model folder"},
    {GN_OPTION_TEXT, .name = "examples", .metavar = "FILE",
     .offset = offsetof(struct bench_args, cnn.examples),
     .help = "Images of make-examples instead of made-up ones: only then are undecided ones "
             "computed again in float32"},
    {GN_OPTION_TEXT, .name = "precision", .metavar = "LIST",
     .offset = offsetof(struct bench_args, cnn.precisions), .fallback = "auto",
     .help = "Number types: auto, float32, bf16; on CPUs int16, int8; on GPUs tf32, float16"},
    {GN_OPTION_TEXT, 't', "threads", "LIST", offsetof(struct bench_args, cnn.threads),
     .fallback = "1", .help = "Numbers of threads"},
    {GN_OPTION_TEXT, .name = "filled-rows", .metavar = "LIST",
     .offset = offsetof(struct bench_args, cnn.filled_rows), .fallback = "all",
     .help = "Rows of an image that hold reads; the rest is empty, as at low depth"},
    {GN_OPTION_INT, .name = "batch-size", .metavar = "INT",
     .offset = offsetof(struct bench_args, cnn.batch_size), .fallback = "32",
     .help = "Images that a thread gets at a time; give a GPU 512 and more", .min = 1, .max = 4096},
    {GN_OPTION_CHOICE, .name = "isa", .offset = offsetof(struct bench_args, isa),
     .choices = "portable|avx2|avx512|avx512_vnni", .fallback = "best",
     .help = "Instruction set of the kernels"},
#include "cli/device_rows.def"

    {GN_OPTION_GROUP, .help = "Measuring"},
    {GN_OPTION_REAL, .name = "seconds", .metavar = "REAL",
     .offset = offsetof(struct bench_args, cnn.seconds), .fallback = "3",
     .help = "Time for each configuration", .min = 0.001, .max = 3600},
    {GN_OPTION_FLAG, .name = "layers", .offset = offsetof(struct bench_args, cnn.layers),
     .help = "Also show the time of each layer in its fastest batch, on one thread"},
    {GN_OPTION_FLAG, .name = "json", .offset = offsetof(struct bench_args, cnn.json),
     .help = "Print JSON instead of a table (cnn)"},
    {GN_OPTION_END},
};

static int choose_isa(const struct bench_args *args, enum gn_isa *isa, gn_error_t *err)
{
    const char *name = args->isa;
    *isa = gn_isa_best();
    if (name != NULL &&
        (args->cnn.device.place != GN_PLACE_CPU || strcmp(args->device.engine, "cpu") != 0))
        return gn_fail(err, GN_E_USAGE,
                       "--isa is for --engine cpu on --device cpu: others choose themselves");
    for (int i = 0; name != NULL && i < GN_ISAS; i++)
        if (strcmp(name, gn_isa_name((enum gn_isa)i)) == 0)
            *isa = (enum gn_isa)i;
    if (!gn_isa_available(*isa))
        return gn_fail(err, GN_E_UNAVAILABLE, "--isa %s: this CPU has at most %s", name,
                       gn_isa_name(gn_isa_best()));
    return GN_OK;
}

static int bench_cnn(struct bench_args *args, gn_error_t *err)
{
    char *folder = NULL;
    int rc = device_flags_read(&args->device, &args->cnn.device, err);
    if (rc == GN_OK)
        rc = choose_isa(args, &args->cnn.isa, err);
    if (rc == GN_OK && args->cnn.model == NULL) {
        rc = gn_default_model("wgs", &folder, err);
        args->cnn.model = folder;
    }
    if (rc == GN_OK)
        rc = gn_bench_cnn(&args->cnn, err);
    free(folder);
    return rc;
}

static int run(int argc, char **argv, gn_error_t *err)
{
    struct bench_args args = {
        .cnn = {.precisions = "auto", .threads = "1", .batch_size = 32, .seconds = 3},
        .device = device_flags_default()};
    const char *word;
    int n_words;
    bool help;
    int rc = gn_options_parse(&gn_cmd_bench, argc, argv, &args, &word, 1, &n_words, &help, err);
    if (rc != GN_OK)
        return rc;
    if (help) {
        gn_options_help(&gn_cmd_bench, stdout);
        return GN_OK;
    }
    if (n_words == 1 && strcmp(word, "cnn") == 0)
        return bench_cnn(&args, err);
    if (n_words == 1 && strcmp(word, "kernels") == 0)
        return gn_bench_kernels(args.cnn.seconds, err);
    return gn_fail(err, GN_E_USAGE, "say 'cnn' or 'kernels'");
}

const struct gn_command gn_cmd_bench = {
    .name = "bench",
    .summary = "speed of the network on this machine",
    .about =
        "cnn runs a model on made-up images and compares its speed with the multiply-accumulates "
        "that the machine can do at most in the same number type with as many threads, measured "
        "just before and after. Images a second are those of the median batch. kernels does the "
        "same with the innermost loops alone, on one thread, by their best round",
    .usage = "cnn|kernels [options]",
    .options = options,
    .examples = "  gannet bench cnn --precision float32,int16 --filled-rows 100,40\n"
                "  gannet bench cnn --threads 1,2,4 --json\n"
                "  gannet bench cnn --precision int16 --layers\n"
                "  gannet bench kernels --seconds 0.5",
    .run = run,
};

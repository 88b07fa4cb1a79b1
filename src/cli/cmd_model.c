/* SPDX-License-Identifier: MIT
 *
 * cmd_model.c - `gannet model`: the options, and which action gets them.
 */
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/model_actions.h"

static const struct gn_option options[] = {
    {GN_OPTION_GROUP, .help = "import"},
    {GN_OPTION_TEXT, .letter = 'o', .name = "output", .metavar = "DIR",
     .offset = offsetof(struct gn_model_args, output),
     .help = "Model folder to make; it must not hold a model yet"},
    {GN_OPTION_GROUP, .help = "import and new"},
    {GN_OPTION_CHOICE, .letter = 'x', .name = "preset",
     .offset = offsetof(struct gn_model_args, preset),
     .choices = "wgs|wes|pacbio|ont|hybrid|masseq",
     .help = "Kind of reads that the model is for; by default that of its images or of its path"},
    {GN_OPTION_TEXT, .name = "shape", .metavar = "HxWxC",
     .offset = offsetof(struct gn_model_args, shape),
     .help = "Rows, columns and channels of an image, where no example_info.json says them"},
    {GN_OPTION_TEXT, .name = "channels", .metavar = "LIST",
     .offset = offsetof(struct gn_model_args, channels),
     .help = "Channels in order, as DeepVariant's numbers, separated by commas; known for 6, 7 "
             "and 9 of them"},
    {GN_OPTION_TEXT, .name = "name", .metavar = "TEXT",
     .offset = offsetof(struct gn_model_args, name),
     .help = "Name of the model; by default that of its source"},
    {GN_OPTION_GROUP, .help = "new"},
    {GN_OPTION_CHOICE, .name = "architecture",
     .offset = offsetof(struct gn_model_args, architecture), .fallback = "inception_v3",
     .choices = "inception_v3|narrow",
     .help = "The network; narrow is Inception v3 with an eighth of the filters, for tests"},
    {GN_OPTION_INT, .name = "seed", .metavar = "INT",
     .offset = offsetof(struct gn_model_args, seed), .fallback = "1", .min = 0, .max = 9e15,
     .help = "Of the random weights: the same seed gives the same model"},
    {GN_OPTION_GROUP, .help = "calibrate"},
    {GN_OPTION_TEXT, .letter = 'm', .name = "model", .metavar = "DIR",
     .offset = offsetof(struct gn_model_args, model),
     .help = "Model folder, if not given as a word"},
    {GN_OPTION_TEXT, .name = "examples", .metavar = "FILES",
     .offset = offsetof(struct gn_model_args, examples),
     .help = "Examples of make-examples, of the kind of data that will be called; not those that "
             "accuracy is reported on"},
    {GN_OPTION_INT, .name = "limit", .metavar = "INT",
     .offset = offsetof(struct gn_model_args, limit), .fallback = "1000", .min = 1, .max = 4096,
     .help = "Use the first INT examples"},
    {GN_OPTION_END},
};

static const struct {
    const char *name, *word; /* what follows the name; NULL: it may be left out */
    gn_model_action *run;
} actions[] = {
    {"import", "SRC", gn_model_import_action}, {"new", "DIR", gn_model_new_action},
    {"list", NULL, gn_model_list_action},      {"info", "DIR", gn_model_info_action},
    {"verify", "DIR", gn_model_verify_action}, {"calibrate", NULL, gn_model_calibrate_action},
};

static int act(const struct gn_model_args *args, const char *const *words, int n_words,
               gn_error_t *err)
{
    static const char usage[] =
        "say 'import SRC --output DIR', 'new DIR', 'list [DIR]', 'info DIR', 'verify DIR' or "
        "'calibrate DIR --examples FILES'";
    for (size_t i = 0; n_words > 0 && i < sizeof actions / sizeof *actions; i++) {
        if (strcmp(words[0], actions[i].name) != 0)
            continue;
        if (n_words < 2 && actions[i].word != NULL)
            return gn_fail(err, GN_E_USAGE, "model %s needs %s: %s", words[0], actions[i].word,
                           usage);
        return actions[i].run(args, n_words < 2 ? NULL : words[1], err);
    }
    return gn_fail(err, GN_E_USAGE, "%s%s%s: %s", n_words > 0 ? "no action '" : "no action",
                   n_words > 0 ? words[0] : "", n_words > 0 ? "'" : "", usage);
}

static int run(int argc, char **argv, gn_error_t *err)
{
    struct gn_model_args args = {.architecture = "inception_v3", .seed = 1, .limit = 1000};
    const char *words[2];
    int n_words;
    bool help;
    int rc = gn_options_parse(&gn_cmd_model, argc, argv, &args, words, 2, &n_words, &help, err);
    if (rc != GN_OK)
        return rc;
    if (help) {
        gn_options_help(&gn_cmd_model, stdout);
        return GN_OK;
    }
    return act(&args, words, n_words, err);
}

const struct gn_command gn_cmd_model = {
    .name = "model",
    .summary = "import, make, calibrate, list, describe or check model folders",
    .about =
        "import makes a model folder of a model that TensorFlow saved, as Google publishes "
        "DeepVariant's: a SavedModel folder, or a checkpoint (its path without '.index', or its "
        "folder) with example_info.json beside it; or of an ONNX file of such a network. new makes "
        "a network "
        "with random weights for benchmarks and tests. list shows the models in a folder. info "
        "prints what a model is made for and where it comes from. verify checks its files against "
        "their checksum and runs the network once. calibrate runs the network over examples, "
        "writes the scales of its integer number types into model.json and how well int16 and "
        "int8 agree with float32: where int16 passes, it becomes the default",
    .usage =
        "import SRC --output DIR | new DIR --shape HxWxC | list [DIR] | info DIR | verify DIR | "
        "calibrate DIR --examples FILES",
    .options = options,
    .examples = "  gannet model import deepvariant.wgs.savedmodel --output models/dv-wgs\n"
                "  gannet model import deepvariant.wgs.ckpt --preset wgs --output models/dv-wgs\n"
                "  gannet model new --shape 100x221x7 --seed 1 random\n"
                "  gannet model calibrate models/dv-wgs --examples ex.tfrecord@4.gz\n"
                "  gannet model info models/wgs\n"
                "  gannet model verify models/wgs",
    .run = run,
};

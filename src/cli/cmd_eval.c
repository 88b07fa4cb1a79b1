/* SPDX-License-Identifier: MIT
 *
 * cmd_eval.c - `gannet eval`: accuracy of calls against a truth.
 */
#include "cli/commands.h"
#include "label/eval.h"

struct eval_args {
    struct gn_eval_options eval;
    const char *json;
    bool pass_only;
};

static const struct gn_option options[] = {
    {GN_OPTION_GROUP, .help = "Input"},
    {GN_OPTION_TEXT, .name = "truth", .metavar = "FILE",
     .offset = offsetof(struct eval_args, eval.truth), .help = "True variants, VCF or BCF",
     .flags = GN_OPTION_REQUIRED},
    {GN_OPTION_TEXT, .name = "calls", .metavar = "FILE",
     .offset = offsetof(struct eval_args, eval.calls),
     .help = "Called variants, VCF or BCF, of any caller", .flags = GN_OPTION_REQUIRED},
    {GN_OPTION_TEXT, 'r', "ref", "FILE", offsetof(struct eval_args, eval.reference),
     .help = "Reference FASTA with index; without it other spellings of a variant do not match"},
    {GN_OPTION_TEXT, .name = "truth-sample", .metavar = "NAME",
     .offset = offsetof(struct eval_args, eval.truth_sample), .fallback = "first",
     .help = "Sample of the truth file"},
    {GN_OPTION_TEXT, .name = "calls-sample", .metavar = "NAME",
     .offset = offsetof(struct eval_args, eval.calls_sample), .fallback = "first",
     .help = "Sample of the calls file"},

    {GN_OPTION_GROUP, .help = "What counts"},
    {GN_OPTION_TEXT, .name = "confident", .metavar = "BED",
     .offset = offsetof(struct eval_args, eval.confident),
     .help = "Count only where the truth is complete"},
    {GN_OPTION_TEXT, .name = "regions", .metavar = "LIST",
     .offset = offsetof(struct eval_args, eval.regions),
     .help = "Count only here: chr:a-b, contig names, BED files, separated by spaces"},
    {GN_OPTION_FLAG, .name = "pass-only", .offset = offsetof(struct eval_args, pass_only),
     .fallback = "true", .help = "Leave out calls whose FILTER is neither PASS nor missing"},

    {GN_OPTION_GROUP, .help = "Output"},
    {GN_OPTION_TEXT, .name = "json", .metavar = "FILE", .offset = offsetof(struct eval_args, json),
     .help = "Also write the counts as JSON"},
    {GN_OPTION_END},
};

static int run(int argc, char **argv, gn_error_t *err)
{
    struct eval_args args = {.pass_only = true};
    struct gn_eval_result result;
    int n_positional;
    bool help;
    int code =
        gn_options_parse(&gn_cmd_eval, argc, argv, &args, NULL, 0, &n_positional, &help, err);
    if (code < 0)
        return code;
    if (help) {
        gn_options_help(&gn_cmd_eval, stdout);
        return GN_OK;
    }
    args.eval.keep_filtered = !args.pass_only;
    code = gn_eval(&args.eval, &result, err);
    if (code < 0)
        return code;
    gn_eval_print(&result, stdout);
    return args.json == NULL ? GN_OK : gn_eval_write_json(&result, &args.eval, args.json, err);
}

const struct gn_command gn_cmd_eval = {
    .name = "eval",
    .summary = "accuracy of calls against a truth",
    .about =
        "Compares the genotypes of two VCF files by the haplotypes that they spell, so that it "
        "does "
        "not matter how either side writes its indels, joins neighbouring changes or splits "
        "multi-allelic sites. Counts true and false positives and negatives of substitutions and "
        "indels; a wrong genotype counts as one false positive and one false negative. "
        "Homozygous-reference and missing genotypes are no calls.",
    .usage = "--truth FILE --calls FILE [--ref FILE] [--confident BED] [options]",
    .options = options,
    .examples = "  gannet eval --ref GRCh38.fa --truth HG002.vcf.gz --confident HG002.bed \\\n"
                "      --calls sample.vcf.gz --regions chr20 --json sample.eval.json",
    .run = run,
};

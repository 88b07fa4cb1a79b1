/* SPDX-License-Identifier: MIT
 *
 * cmd_eval.c - `gannet eval`: accuracy of calls against a truth.
 */
#include <string.h>

#include "cli/commands.h"
#include "label/eval.h"

struct eval_args {
    struct gn_eval_options eval;
    const char *json, *roc, *roc_field;
    bool pass_only, strata;
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
     .help = "Also write all counts as JSON"},
    {GN_OPTION_FLAG, .name = "strata", .offset = offsetof(struct eval_args, strata),
     .help = "Also print the counts by kind, length and place of the variants, and how often calls "
             "of each genotype quality are wrong"},
    {GN_OPTION_TEXT, .name = "roc", .metavar = "FILE", .offset = offsetof(struct eval_args, roc),
     .help = "Also write the counts at every threshold of the calls' quality, as a table"},
    {GN_OPTION_CHOICE, .name = "roc-field", .offset = offsetof(struct eval_args, roc_field),
     .choices = "GQ|QUAL", .fallback = "GQ", .help = "The quality of --roc"},
    {GN_OPTION_TEXT, .name = "output-dir", .metavar = "DIR",
     .offset = offsetof(struct eval_args, eval.output_folder),
     .help =
         "Also write tp.vcf.gz, fp.vcf.gz (calls), fn.vcf.gz and tp-baseline.vcf.gz (truth) there"},
    {GN_OPTION_END},
};

static int report(const struct eval_args *args, const struct gn_eval_result *result,
                  gn_error_t *err)
{
    int code = GN_OK;
    gn_eval_print(result, stdout);
    if (args->strata)
        gn_eval_print_strata(result, stdout);
    if (args->roc != NULL)
        code = gn_roc_write(result->roc, result->n_roc, args->roc, err);
    if (code == GN_OK && args->json != NULL)
        code = gn_eval_write_json(result, &args->eval, args->json, err);
    return code;
}

static int run(int argc, char **argv, gn_error_t *err)
{
    struct eval_args args = {.pass_only = true, .roc_field = "GQ"};
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
    args.eval.roc_score = strcmp(args.roc_field, "GQ") == 0 ? GN_EVAL_GQ : GN_EVAL_QUAL;
    code = gn_eval(&args.eval, &result, err);
    if (code == GN_OK)
        code = report(&args, &result, err);
    gn_eval_result_clear(&result);
    return code;
}

const struct gn_command gn_cmd_eval = {
    .name = "eval",
    .summary = "accuracy of calls against a truth",
    .about =
        "Compares the genotypes of two VCF files by the haplotypes that they spell, so that it "
        "does "
        "not matter how either side writes its indels, joins neighbouring changes or splits "
        "multi-allelic sites: as many records of both as possible are matched, phases being free. "
        "Counts true and false positives and negatives of substitutions and "
        "indels; a wrong genotype counts as one false positive and one false negative. "
        "Homozygous-reference and missing genotypes are no calls, a missing allele counts as "
        "reference, a haploid genotype as homozygous.",
    .usage = "--truth FILE --calls FILE [--ref FILE] [--confident BED] [options]",
    .options = options,
    .examples = "  gannet eval --ref GRCh38.fa --truth HG002.vcf.gz --confident HG002.bed \\\n"
                "      --calls sample.vcf.gz --regions chr20 --json sample.eval.json",
    .run = run,
};

/* SPDX-License-Identifier: MIT
 *
 * eval_report.c - the result of an evaluation as a table and as JSON.
 */
#include "label/eval.h"

#include <inttypes.h>

#include <jansson.h>

#include "io/pending_file.h"

static const char *const KINDS[GN_EVAL_KINDS] = {"SNV", "INDEL", "ALL"};

static void print_section(const char *title, const struct gn_eval_counts counts[GN_EVAL_KINDS],
                          FILE *out)
{
    fprintf(out, "%s\n%-6s %9s %9s %9s %9s %9s %10s %10s %10s\n", title, "type", "truth", "TP",
            "FN", "calls", "FP", "precision", "recall", "F1");
    for (int k = 0; k < GN_EVAL_KINDS; k++) {
        const struct gn_eval_counts *c = &counts[k];
        fprintf(out,
                "%-6s %9" PRId64 " %9" PRId64 " %9" PRId64 " %9" PRId64 " %9" PRId64
                " %10.6f %10.6f %10.6f\n",
                KINDS[k], c->truth_matched + c->truth_missed, c->truth_matched, c->truth_missed,
                c->calls_matched + c->calls_wrong, c->calls_wrong, gn_eval_precision(c),
                gn_eval_recall(c), gn_eval_f1(c));
    }
}

void gn_eval_print(const struct gn_eval_result *result, FILE *out)
{
    print_section("Alleles and genotype", result->genotype, out);
    fputc('\n', out);
    print_section("Alleles, any genotype", result->allele, out);
}

static json_t *counts_as_json(const struct gn_eval_counts *c)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:f, s:f, s:f}", "truth",
                     (json_int_t)(c->truth_matched + c->truth_missed), "truth_tp",
                     (json_int_t)c->truth_matched, "fn", (json_int_t)c->truth_missed, "calls",
                     (json_int_t)(c->calls_matched + c->calls_wrong), "calls_tp",
                     (json_int_t)c->calls_matched, "fp", (json_int_t)c->calls_wrong, "precision",
                     gn_eval_precision(c), "recall", gn_eval_recall(c), "f1", gn_eval_f1(c));
}

static json_t *section_as_json(const struct gn_eval_counts counts[GN_EVAL_KINDS])
{
    return json_pack("{s:o, s:o, s:o}", "snv", counts_as_json(&counts[GN_EVAL_SNV]), "indel",
                     counts_as_json(&counts[GN_EVAL_INDEL]), "all",
                     counts_as_json(&counts[GN_EVAL_ALL]));
}

int gn_eval_write_json(const struct gn_eval_result *result, const struct gn_eval_options *options,
                       const char *path, gn_error_t *err)
{
    json_t *root =
        json_pack("{s:s, s:s, s:s?, s:s?, s:s?, s:o, s:o}", "truth", options->truth, "calls",
                  options->calls, "reference", options->reference, "confident", options->confident,
                  "regions", options->regions, "genotype", section_as_json(result->genotype),
                  "allele", section_as_json(result->allele));
    if (root == NULL)
        return gn_fail_memory(err, "the JSON report (or a file name is not UTF-8)");
    struct gn_pending_file file = {0};
    int code = gn_pending_file_begin(&file, path, err);
    if (code == GN_OK && json_dump_file(root, file.temporary_name, JSON_INDENT(2)) < 0)
        code = gn_fail(err, GN_E_IO, "%s: cannot write: check the free space", path);
    if (code == GN_OK)
        code = gn_pending_file_commit(&file, err);
    gn_pending_file_discard(&file);
    json_decref(root);
    return code;
}

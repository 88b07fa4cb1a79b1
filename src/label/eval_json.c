/* SPDX-License-Identifier: MIT
 *
 * eval_json.c - the result of an evaluation as JSON.
 */
#include "label/eval.h"

#include <jansson.h>

#include "io/pending_file.h"

static const char *const KEYS[GN_EVAL_KINDS] = {"snv", "indel", "all"};

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
    json_t *section = json_object();
    for (int k = 0; k < GN_EVAL_KINDS; k++)
        json_object_set_new(section, KEYS[k], counts_as_json(&counts[k]));
    return section;
}

static json_t *strata_as_json(const struct gn_eval_result *result)
{
    json_t *families = json_object();
    for (int i = 0; i < GN_EVAL_STRATA; i++) {
        enum gn_eval_stratum stratum = (enum gn_eval_stratum)i;
        json_t *family = json_object_get(families, gn_stratum_family(stratum));
        if (family == NULL) {
            family = json_object();
            json_object_set_new(families, gn_stratum_family(stratum), family);
        }
        json_object_set_new(family, gn_stratum_name(stratum), section_as_json(result->strata[i]));
    }
    return families;
}

static json_t *qualities_as_json(const struct gn_eval_result *result)
{
    json_t *kinds = json_object();
    for (int k = 0; k < GN_EVAL_KINDS; k++) {
        json_t *bins = json_array();
        for (int bin = 0; bin < GN_EVAL_GQ_BINS; bin++) {
            const struct gn_eval_gq_bin *b = &result->gq[k][bin];
            json_array_append_new(bins,
                                  json_pack("{s:i, s:I, s:I, s:f}", "from", bin * GN_EVAL_GQ_STEP,
                                            "calls", (json_int_t)b->calls, "wrong",
                                            (json_int_t)b->errors, "foretold", b->expected));
        }
        json_object_set_new(kinds, KEYS[k], bins);
    }
    return kinds;
}

static json_t *roc_as_json(const struct gn_eval_result *result)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < result->n_roc; i++) {
        json_t *row = section_as_json(result->roc[i].counts);
        json_object_set_new(row, "threshold", json_integer(result->roc[i].threshold));
        json_array_append_new(rows, row);
    }
    return rows;
}

int gn_eval_write_json(const struct gn_eval_result *result, const struct gn_eval_options *options,
                       const char *path, gn_error_t *err)
{
    json_t *root = json_pack(
        "{s:s, s:s, s:s?, s:s?, s:s?, s:o, s:o, s:I, s:o, s:o, s:s, s:o}", "truth", options->truth,
        "calls", options->calls, "reference", options->reference, "confident", options->confident,
        "regions", options->regions, "genotype", section_as_json(result->genotype), "allele",
        section_as_json(result->allele), "cut_short", (json_int_t)result->cut_short, "strata",
        strata_as_json(result), "gq", qualities_as_json(result), "roc_field",
        options->roc_score == GN_EVAL_GQ ? "GQ" : "QUAL", "roc", roc_as_json(result));
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

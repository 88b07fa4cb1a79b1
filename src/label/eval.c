/* SPDX-License-Identifier: MIT
 *
 * eval.c - reads both sides, forms neighbourhoods of variants that could be spellings of each
 * other, counts what matches.
 */
#include "label/eval.h"

#include <math.h>
#include <stdlib.h>

#include "io/index_file.h"
#include "label/eval_records.h"
#include "label/match.h"
#include "label/truth_contigs.h"

enum {
    NEIGHBOURHOOD = 100, /* bases between variants from which they cannot be one event */
    MARGIN = 2000 /* bases around the regions whose records take part without being counted */
};

struct evaluation {
    const struct gn_eval_options *options;
    struct gn_eval_result *result;
    struct gn_contigs own_contigs; /* when there is no reference */
    const struct gn_contigs *contigs;
    gn_fasta_t *fasta;        /* NULL without reference */
    struct gn_ranges counted; /* normal; where variants count */
    struct gn_ranges wanted;  /* normal; where they are read */
    gn_matcher_t *matcher;
    gn_eval_records_t *records; /* NULL: not wanted */
    struct gn_roc roc;
};

/* Growable lists of the units of one neighbourhood. */
struct neighbourhood {
    struct gn_eval_unit **units[2];
    size_t n[2], cap[2];
};

static int open_contigs(struct evaluation *eval, gn_error_t *err)
{
    const struct gn_eval_options *options = eval->options;
    if (options->reference != NULL) {
        eval->fasta = gn_fasta_open(options->reference, err);
        if (eval->fasta == NULL)
            return err->code;
        eval->contigs = gn_fasta_contigs(eval->fasta);
        return GN_OK;
    }
    eval->contigs = &eval->own_contigs;
    int code = gn_truth_contigs(options->truth, &eval->own_contigs, err);
    return code < 0 ? code : gn_truth_contigs(options->calls, &eval->own_contigs, err);
}

/* counted = regions and confident places. */
static int choose_counted(struct evaluation *eval, gn_error_t *err)
{
    const struct gn_eval_options *options = eval->options;
    struct gn_ranges regions = {0}, confident = {0};
    int code = options->regions == NULL
                   ? gn_ranges_whole(&regions, eval->contigs, err)
                   : gn_ranges_parse(&regions, options->regions, eval->contigs, err);
    if (code == GN_OK)
        code = options->confident == NULL
                   ? gn_ranges_whole(&confident, eval->contigs, err)
                   : gn_ranges_read_bed(&confident, options->confident, eval->contigs, err);
    if (code == GN_OK) {
        gn_ranges_normalise(&regions);
        gn_ranges_normalise(&confident);
        code = gn_ranges_intersect(&eval->counted, &regions, &confident, err);
    }
    gn_ranges_clear(&regions);
    gn_ranges_clear(&confident);
    return code;
}

static int choose_wanted(struct evaluation *eval, gn_error_t *err)
{
    int code = GN_OK;
    for (size_t i = 0; i < eval->counted.n && code == GN_OK; i++) {
        struct gn_range range = eval->counted.v[i];
        range.start0 = range.start0 > MARGIN ? range.start0 - MARGIN : 0;
        range.end0 += MARGIN;
        code = gn_ranges_push(&eval->wanted, range, err);
    }
    gn_ranges_normalise(&eval->wanted);
    return code;
}

static int read_units(struct evaluation *eval, struct gn_truth_query query,
                      struct gn_truth *records, struct gn_eval_units *units, gn_error_t *err)
{
    query.contigs = eval->contigs;
    int code = gn_truth_read(records, &query, err);
    if (code == GN_OK) {
        code = gn_eval_units_add(units, records, eval->fasta, err);
        if (code < 0)
            gn_error_prefix(err, "%s", query.path);
    }
    for (size_t i = 0; i < units->n && code == GN_OK; i++) {
        struct gn_eval_unit *unit = &units->v[i];
        unit->is_counted = gn_ranges_contain(&eval->counted, unit->contig, unit->anchor0);
    }
    return code;
}

static int join_neighbourhood(struct neighbourhood *near, int side, struct gn_eval_unit *unit,
                              gn_error_t *err)
{
    struct gn_eval_unit **v = gn_reserve(near->units[side], &near->cap[side], near->n[side] + 1,
                                         sizeof(struct gn_eval_unit *), (size_t)1 << 24,
                                         "variants beside each other", err);
    if (v == NULL)
        return GN_E_MEMORY;
    near->units[side] = v;
    v[near->n[side]++] = unit;
    return GN_OK;
}

static int settle_neighbourhood(struct evaluation *eval, struct neighbourhood *near,
                                gn_error_t *err)
{
    struct gn_match_task task = {near->units[0], near->units[1], (int)near->n[0], (int)near->n[1]};
    near->n[0] = near->n[1] = 0;
    int code = gn_match(eval->matcher, &task, err);
    eval->result->cut_short += code == GN_OK && task.is_cut_short;
    return code;
}

/* Which side has the next unit along the genome. */
static int next_side(const struct gn_eval_units sides[2], const size_t at[2])
{
    if (at[0] == sides[0].n || at[1] == sides[1].n)
        return at[0] == sides[0].n;
    const struct gn_eval_unit *t = &sides[0].v[at[0]], *c = &sides[1].v[at[1]];
    if (t->contig != c->contig)
        return c->contig < t->contig;
    return c->span_start0 < t->span_start0;
}

static int match_all(struct evaluation *eval, struct gn_eval_units sides[2], gn_error_t *err)
{
    struct neighbourhood near = {0};
    size_t at[2] = {0, 0};
    int contig = -1, code = GN_OK;
    int64_t end0 = 0;
    while (code == GN_OK && (at[0] < sides[0].n || at[1] < sides[1].n)) {
        int side = next_side(sides, at);
        struct gn_eval_unit *unit = &sides[side].v[at[side]++];
        if (unit->contig != contig || unit->span_start0 > end0 + NEIGHBOURHOOD) {
            code = settle_neighbourhood(eval, &near, err);
            contig = unit->contig;
            end0 = 0;
        }
        if (unit->span_end0 > end0)
            end0 = unit->span_end0;
        if (code == GN_OK)
            code = join_neighbourhood(&near, side, unit, err);
    }
    if (code == GN_OK)
        code = settle_neighbourhood(eval, &near, err);
    free(near.units[0]);
    free(near.units[1]);
    return code;
}

static void add_unit(struct gn_eval_counts *counts, int side, bool is_matched)
{
    if (side == 0)
        *(is_matched ? &counts->truth_matched : &counts->truth_missed) += 1;
    else
        *(is_matched ? &counts->calls_matched : &counts->calls_wrong) += 1;
}

static void count_gq(struct gn_eval_result *result, const struct gn_eval_unit *unit,
                     const enum gn_eval_kind kinds[2])
{
    double gq = unit->scores[GN_EVAL_GQ];
    if (gq < 0)
        return;
    int bin = gq >= GN_EVAL_GQ_STEP * (GN_EVAL_GQ_BINS - 1) ? GN_EVAL_GQ_BINS - 1
                                                            : (int)gq / GN_EVAL_GQ_STEP;
    for (int k = 0; k < 2; k++) {
        struct gn_eval_gq_bin *counts = &result->gq[kinds[k]][bin];
        counts->calls++;
        counts->errors += !unit->is_matched;
        counts->expected += pow(10, -gq / 10);
    }
}

static int add_to_roc(struct evaluation *eval, const struct gn_eval_unit *unit, int side,
                      gn_error_t *err)
{
    struct gn_roc_point point = {.score = -1,
                                 .kind = unit->is_snv ? GN_EVAL_SNV : GN_EVAL_INDEL,
                                 .what = GN_ROC_TRUTH_MISSED};
    if (side == 1 || unit->is_matched)
        point.score = unit->scores[eval->options->roc_score];
    if (side == 0 && unit->is_matched)
        point.what = GN_ROC_TRUTH_MATCHED;
    if (side == 1)
        point.what = unit->is_matched ? GN_ROC_CALL_MATCHED : GN_ROC_CALL_WRONG;
    return gn_roc_add(&eval->roc, point, err);
}

static int count_unit(struct evaluation *eval, const struct gn_eval_unit *unit, int side,
                      gn_error_t *err)
{
    struct gn_eval_result *result = eval->result;
    enum gn_eval_kind kinds[2] = {unit->is_snv ? GN_EVAL_SNV : GN_EVAL_INDEL, GN_EVAL_ALL};
    enum gn_eval_stratum strata[GN_STRATUM_FAMILIES];
    if (!unit->is_counted)
        return GN_OK;
    int n_strata = gn_unit_strata(unit, eval->fasta, strata, err);
    if (n_strata < 0)
        return n_strata;
    for (int k = 0; k < 2; k++) {
        add_unit(&result->genotype[kinds[k]], side, unit->is_matched);
        add_unit(&result->allele[kinds[k]], side, unit->is_allele_matched);
        for (int i = 0; i < n_strata; i++)
            add_unit(&result->strata[strata[i]][kinds[k]], side, unit->is_matched);
    }
    if (side == 1)
        count_gq(result, unit, kinds);
    return add_to_roc(eval, unit, side, err);
}

/* Everything in `ranges` (NULL: both files whole). */
static int compare(struct evaluation *eval, const struct gn_ranges *ranges, gn_error_t *err)
{
    const struct gn_eval_options *options = eval->options;
    struct gn_truth records[2] = {0};
    struct gn_eval_units sides[2] = {0};
    struct gn_truth_query queries[2] = {{.path = options->truth,
                                         .sample = options->truth_sample,
                                         .ranges = ranges,
                                         .keep_lines = eval->records != NULL},
                                        {.path = options->calls,
                                         .sample = options->calls_sample,
                                         .ranges = ranges,
                                         .keep_filtered = options->keep_filtered,
                                         .keep_gq = true,
                                         .keep_lines = eval->records != NULL}};
    int code = GN_OK;
    for (int s = 0; s < 2 && code == GN_OK; s++)
        code = read_units(eval, queries[s], &records[s], &sides[s], err);
    if (code == GN_OK)
        code = match_all(eval, sides, err);
    for (int s = 0; s < 2; s++) {
        for (size_t i = 0; i < sides[s].n && code == GN_OK; i++)
            code = count_unit(eval, &sides[s].v[i], s, err);
        if (code == GN_OK && eval->records != NULL)
            code = gn_eval_records_write(eval->records, s, &records[s], &sides[s], err);
        gn_eval_units_clear(&sides[s]);
        gn_truth_clear(&records[s]);
    }
    return code;
}

static bool has_index(const char *path)
{
    return gn_sidecar_exists(path, ".tbi") || gn_sidecar_exists(path, ".csi");
}

/* Contig by contig where indexes allow it: less memory. */
static int compare_by_contig(struct evaluation *eval, gn_error_t *err)
{
    if (!has_index(eval->options->truth) || !has_index(eval->options->calls))
        return compare(eval, &eval->wanted, err);
    int code = GN_OK;
    for (size_t i = 0, end = 0; i < eval->wanted.n && code == GN_OK; i = end) {
        while (end < eval->wanted.n && eval->wanted.v[end].contig == eval->wanted.v[i].contig)
            end++;
        struct gn_ranges part = {.v = eval->wanted.v + i, .n = end - i};
        code = compare(eval, &part, err);
    }
    return code;
}

/* The outputs that are complete only at the end. */
static int finish(struct evaluation *eval, gn_error_t *err)
{
    int code = gn_roc_rows(&eval->roc, &eval->result->roc, &eval->result->n_roc, err);
    if (code < 0 || eval->records == NULL)
        return code;
    gn_eval_records_t *records = eval->records;
    eval->records = NULL;
    return gn_eval_records_commit(records, err);
}

static int open_records(struct evaluation *eval, gn_error_t *err)
{
    const struct gn_eval_options *o = eval->options;
    if (o->output_folder == NULL)
        return GN_OK;
    eval->records = gn_eval_records_open(o->output_folder, o->truth, o->calls, err);
    return eval->records == NULL ? err->code : GN_OK;
}

int gn_eval(const struct gn_eval_options *options, struct gn_eval_result *result, gn_error_t *err)
{
    gn_error_t local = {0};
    err = err == NULL ? &local : err;
    *result = (struct gn_eval_result){0};
    struct evaluation eval = {.options = options, .result = result};
    int code = open_contigs(&eval, err);
    if (code == GN_OK)
        code = choose_counted(&eval, err);
    if (code == GN_OK)
        code = choose_wanted(&eval, err);
    if (code == GN_OK)
        code = open_records(&eval, err);
    if (code == GN_OK) {
        eval.matcher = gn_matcher_create(eval.fasta, err);
        code = eval.matcher == NULL ? err->code : compare_by_contig(&eval, err);
    }
    if (code == GN_OK)
        code = finish(&eval, err);
    gn_matcher_destroy(eval.matcher);
    gn_eval_records_abort(eval.records);
    gn_roc_clear(&eval.roc);
    gn_ranges_clear(&eval.counted);
    gn_ranges_clear(&eval.wanted);
    gn_contigs_clear(&eval.own_contigs);
    if (eval.fasta != NULL)
        gn_fasta_close(eval.fasta);
    return code;
}

void gn_eval_result_clear(struct gn_eval_result *result)
{
    free(result->roc);
    *result = (struct gn_eval_result){0};
}

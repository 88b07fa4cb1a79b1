/* SPDX-License-Identifier: MIT
 *
 * eval.c - reads both sides, forms neighbourhoods of variants that could be spellings of each
 * other, counts what matches.
 */
#include "label/eval.h"

#include <stdlib.h>

#include "io/index_file.h"
#include "label/match.h"
#include "label/truth_contigs.h"

enum {
    NEIGHBOURHOOD = 30, /* bases between variants from which they cannot be one event */
    MARGIN = 2000       /* bases around the regions whose records take part without being counted */
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
    return gn_match(eval->matcher, &task, err);
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

static void count_unit(struct gn_eval_result *result, const struct gn_eval_unit *unit, int side)
{
    if (!unit->is_counted)
        return;
    enum gn_eval_kind kinds[2] = {unit->is_snv ? GN_EVAL_SNV : GN_EVAL_INDEL, GN_EVAL_ALL};
    for (int k = 0; k < 2; k++) {
        struct gn_eval_counts *strict = &result->genotype[kinds[k]];
        struct gn_eval_counts *loose = &result->allele[kinds[k]];
        if (side == 0) {
            *(unit->is_matched ? &strict->truth_matched : &strict->truth_missed) += 1;
            *(unit->is_allele_matched ? &loose->truth_matched : &loose->truth_missed) += 1;
        } else {
            *(unit->is_matched ? &strict->calls_matched : &strict->calls_wrong) += 1;
            *(unit->is_allele_matched ? &loose->calls_matched : &loose->calls_wrong) += 1;
        }
    }
}

/* Everything in `ranges` (NULL: both files whole). */
static int compare(struct evaluation *eval, const struct gn_ranges *ranges, gn_error_t *err)
{
    const struct gn_eval_options *options = eval->options;
    struct gn_truth records[2] = {0};
    struct gn_eval_units sides[2] = {0};
    struct gn_truth_query queries[2] = {
        {.path = options->truth, .sample = options->truth_sample, .ranges = ranges},
        {.path = options->calls,
         .sample = options->calls_sample,
         .ranges = ranges,
         .keep_filtered = options->keep_filtered}};
    int code = GN_OK;
    for (int s = 0; s < 2 && code == GN_OK; s++)
        code = read_units(eval, queries[s], &records[s], &sides[s], err);
    if (code == GN_OK)
        code = match_all(eval, sides, err);
    for (int s = 0; s < 2; s++) {
        for (size_t i = 0; i < sides[s].n && code == GN_OK; i++)
            count_unit(eval->result, &sides[s].v[i], s);
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
    if (code == GN_OK) {
        eval.matcher = gn_matcher_create(eval.fasta, err);
        code = eval.matcher == NULL ? err->code : compare_by_contig(&eval, err);
    }
    gn_matcher_destroy(eval.matcher);
    gn_ranges_clear(&eval.counted);
    gn_ranges_clear(&eval.wanted);
    gn_contigs_clear(&eval.own_contigs);
    if (eval.fasta != NULL)
        gn_fasta_close(eval.fasta);
    return code;
}

static double share(int64_t part, int64_t rest)
{
    return part + rest == 0 ? 1.0 : (double)part / (double)(part + rest);
}

double gn_eval_precision(const struct gn_eval_counts *counts)
{
    return share(counts->calls_matched, counts->calls_wrong);
}

double gn_eval_recall(const struct gn_eval_counts *counts)
{
    return share(counts->truth_matched, counts->truth_missed);
}

double gn_eval_f1(const struct gn_eval_counts *counts)
{
    double precision = gn_eval_precision(counts), recall = gn_eval_recall(counts);
    return precision + recall == 0 ? 0 : 2 * precision * recall / (precision + recall);
}

/* SPDX-License-Identifier: MIT
 *
 * eval_roc.c - points by falling score, added up.
 */
#include "label/eval_roc.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "io/pending_file.h"

int gn_roc_add(struct gn_roc *roc, struct gn_roc_point point, gn_error_t *err)
{
    struct gn_roc_point *v = gn_reserve(roc->v, &roc->cap, roc->n + 1, sizeof *v, (size_t)1 << 29,
                                        "scores of variants", err);
    if (v == NULL)
        return GN_E_MEMORY;
    roc->v = v;
    v[roc->n++] = point;
    return GN_OK;
}

void gn_roc_clear(struct gn_roc *roc)
{
    free(roc->v);
    *roc = (struct gn_roc){NULL, 0, 0};
}

static int64_t whole(double score)
{
    return score < 0 ? -1 : score > 1e15 ? (int64_t)1e15 : (int64_t)score;
}

static int by_falling_score(const void *a, const void *b)
{
    const struct gn_roc_point *x = a, *y = b;
    return x->score != y->score ? (x->score > y->score ? -1 : 1) : (int)x->what - (int)y->what;
}

/* A truth that is found at this threshold was missed at all higher ones. */
static void add_point(struct gn_eval_counts counts[GN_EVAL_KINDS], const struct gn_roc_point *point)
{
    const enum gn_eval_kind kinds[2] = {point->kind, GN_EVAL_ALL};
    for (int k = 0; k < 2; k++) {
        struct gn_eval_counts *c = &counts[kinds[k]];
        c->truth_matched += point->what == GN_ROC_TRUTH_MATCHED;
        c->truth_missed -= point->what == GN_ROC_TRUTH_MATCHED;
        c->calls_matched += point->what == GN_ROC_CALL_MATCHED;
        c->calls_wrong += point->what == GN_ROC_CALL_WRONG;
    }
}

static void count_truth(const struct gn_roc *roc, struct gn_eval_counts counts[GN_EVAL_KINDS])
{
    memset(counts, 0, GN_EVAL_KINDS * sizeof *counts);
    for (size_t i = 0; i < roc->n; i++)
        if (roc->v[i].what == GN_ROC_TRUTH_MATCHED || roc->v[i].what == GN_ROC_TRUTH_MISSED) {
            counts[roc->v[i].kind].truth_missed++;
            counts[GN_EVAL_ALL].truth_missed++;
        }
}

int gn_roc_rows(struct gn_roc *roc, struct gn_roc_row **rows, size_t *n, gn_error_t *err)
{
    struct gn_roc_row row;
    size_t cap = 0;
    *rows = NULL;
    *n = 0;
    count_truth(roc, row.counts);
    if (roc->n > 1)
        qsort(roc->v, roc->n, sizeof *roc->v, by_falling_score);
    for (size_t i = 0; i < roc->n; i++) {
        bool is_missed = roc->v[i].what == GN_ROC_TRUTH_MISSED, is_last = i + 1 == roc->n;
        if (!is_missed)
            add_point(row.counts, &roc->v[i]);
        row.threshold = whole(roc->v[i].score);
        if (is_missed ? !is_last || *n > 0
                      : !is_last && whole(roc->v[i + 1].score) == row.threshold)
            continue;
        struct gn_roc_row *v = gn_reserve(*rows, &cap, *n + 1, sizeof row, (size_t)1 << 28,
                                          "thresholds of scores", err);
        if (v == NULL) {
            free(*rows);
            *rows = NULL;
            return GN_E_MEMORY;
        }
        *rows = v;
        v[(*n)++] = row;
    }
    return GN_OK;
}

static bool write_row(FILE *file, const struct gn_roc_row *row)
{
    bool is_written = true;
    for (int k = 0; k < GN_EVAL_KINDS && is_written; k++) {
        const struct gn_eval_counts *c = &row->counts[k];
        is_written = fprintf(file,
                             "%" PRId64 "\t%s\t%" PRId64 "\t%" PRId64 "\t%" PRId64 "\t%" PRId64
                             "\t%.6f\t%.6f\t%.6f\n",
                             row->threshold, gn_eval_kind_name((enum gn_eval_kind)k),
                             c->truth_matched, c->calls_wrong, c->truth_missed, c->calls_matched,
                             gn_eval_precision(c), gn_eval_recall(c), gn_eval_f1(c)) > 0;
    }
    return is_written;
}

int gn_roc_write(const struct gn_roc_row *rows, size_t n, const char *path, gn_error_t *err)
{
    struct gn_pending_file pending = {NULL, NULL};
    int code = gn_pending_file_begin(&pending, path, err);
    if (code < 0)
        return code;
    FILE *file = fopen(pending.temporary_name, "w");
    bool is_written =
        file != NULL &&
        fputs("threshold\ttype\tTP\tFP\tFN\tcalls_TP\tprecision\trecall\tF1\n", file) >= 0;
    for (size_t i = 0; i < n && is_written; i++)
        is_written = write_row(file, &rows[i]);
    if (file != NULL && fclose(file) != 0)
        is_written = false;
    if (is_written)
        return gn_pending_file_commit(&pending, err);
    code = gn_fail(err, GN_E_IO, "cannot write %s: %s", path, strerror(errno));
    gn_pending_file_discard(&pending);
    return code;
}

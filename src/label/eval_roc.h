/* SPDX-License-Identifier: MIT
 *
 * eval_roc.h - counts at every threshold of a score.
 */
#ifndef GN_LABEL_EVAL_ROC_H
#define GN_LABEL_EVAL_ROC_H

#include "label/eval_counts.h"

/// One unit: its score, and which count it belongs to.
struct gn_roc_point {
    double score;           /* -1 none */
    enum gn_eval_kind kind; /* SNV or INDEL */
    enum { GN_ROC_TRUTH_MATCHED, GN_ROC_TRUTH_MISSED, GN_ROC_CALL_MATCHED, GN_ROC_CALL_WRONG } what;
};

/// Units in any order; starts zeroed.
struct gn_roc {
    struct gn_roc_point *v;
    size_t n, cap;
};

int gn_roc_add(struct gn_roc *roc, struct gn_roc_point point, gn_error_t *err);
void gn_roc_clear(struct gn_roc *roc);

/// The counts with calls of this score or a higher one.
struct gn_roc_row {
    int64_t threshold; /* whole; -1: calls without score too */
    struct gn_eval_counts counts[GN_EVAL_KINDS];
};

/// Rows by falling threshold, one for each whole score at which something changes; sorts the points.
/** @param rows  receives a malloc'ed array, of at least one row unless there are no points
    @param n     receives their number */
GN_MUST_CHECK
int gn_roc_rows(struct gn_roc *roc, struct gn_roc_row **rows, size_t *n, gn_error_t *err);

/// Writes the rows as a table with a header line; appears when complete.
GN_MUST_CHECK
int gn_roc_write(const struct gn_roc_row *rows, size_t n, const char *path, gn_error_t *err);

#endif

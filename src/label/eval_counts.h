/* SPDX-License-Identifier: MIT
 *
 * eval_counts.h - true and false positives and negatives.
 */
#ifndef GN_LABEL_EVAL_COUNTS_H
#define GN_LABEL_EVAL_COUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/// Counts of one kind of variant. Truth and calls are counted each in its own records, since one
/// may need two of the other.
struct gn_eval_counts {
    int64_t truth_matched, truth_missed; /* true positives, false negatives */
    int64_t calls_matched, calls_wrong;  /* true positives, false positives */
};

enum gn_eval_kind { GN_EVAL_SNV, GN_EVAL_INDEL, GN_EVAL_ALL, GN_EVAL_KINDS };

/// "SNV", "INDEL", "ALL".
const char *gn_eval_kind_name(enum gn_eval_kind kind);

double gn_eval_precision(const struct gn_eval_counts *counts); /* 1 without calls */
double gn_eval_recall(const struct gn_eval_counts *counts);    /* 1 without truth */
double gn_eval_f1(const struct gn_eval_counts *counts);

#endif

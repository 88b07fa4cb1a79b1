/* SPDX-License-Identifier: MIT
 *
 * eval_counts.c - shares of counts.
 */
#include "label/eval_counts.h"

const char *gn_eval_kind_name(enum gn_eval_kind kind)
{
    static const char *const names[GN_EVAL_KINDS] = {"SNV", "INDEL", "ALL"};
    return names[kind];
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

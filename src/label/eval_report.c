/* SPDX-License-Identifier: MIT
 *
 * eval_report.c - the result of an evaluation as tables.
 */
#include "label/eval.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

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
                gn_eval_kind_name((enum gn_eval_kind)k), c->truth_matched + c->truth_missed,
                c->truth_matched, c->truth_missed, c->calls_matched + c->calls_wrong,
                c->calls_wrong, gn_eval_precision(c), gn_eval_recall(c), gn_eval_f1(c));
    }
}

void gn_eval_print(const struct gn_eval_result *result, FILE *out)
{
    print_section("Alleles and genotype", result->genotype, out);
    fputc('\n', out);
    print_section("Alleles, any genotype", result->allele, out);
    if (result->cut_short > 0)
        fprintf(out,
                "\n%" PRId64 " neighbourhoods hold more variants than can be compared in all ways: "
                "the likeliest were followed\n",
                result->cut_short);
}

static void print_stratum(enum gn_eval_stratum stratum, enum gn_eval_kind kind,
                          const struct gn_eval_counts *c, FILE *out)
{
    if (c->truth_matched + c->truth_missed + c->calls_matched + c->calls_wrong == 0)
        return;
    fprintf(out,
            "%-12s %-12s %-6s %9" PRId64 " %9" PRId64 " %9" PRId64 " %9" PRId64 " %9" PRId64
            " %10.6f %10.6f %10.6f\n",
            gn_stratum_family(stratum), gn_stratum_name(stratum), gn_eval_kind_name(kind),
            c->truth_matched + c->truth_missed, c->truth_matched, c->truth_missed,
            c->calls_matched + c->calls_wrong, c->calls_wrong, gn_eval_precision(c),
            gn_eval_recall(c), gn_eval_f1(c));
}

/* "20-24" or "50+"; text has room for it. */
static void name_bin(int bin, char text[16])
{
    int first = bin * GN_EVAL_GQ_STEP;
    if (bin + 1 == GN_EVAL_GQ_BINS)
        snprintf(text, 16, "%d+", first);
    else
        snprintf(text, 16, "%d-%d", first, first + GN_EVAL_GQ_STEP - 1);
}

/* Without an error the share is known to be small only: ">" one in the number of calls. */
static void print_bin(int bin, enum gn_eval_kind kind, const struct gn_eval_gq_bin *b, FILE *out)
{
    char name[16];
    double n = (double)b->calls, seen = b->errors > 0 ? (double)b->errors : 1;
    if (b->calls == 0)
        return;
    name_bin(bin, name);
    fprintf(out, "%-6s %-6s %9" PRId64 " %9" PRId64 " %10.6f %c%9.1f %10.6f %10.1f\n", name,
            gn_eval_kind_name(kind), b->calls, b->errors, (double)b->errors / n,
            b->errors > 0 ? ' ' : '>', 10 * log10(n / seen), b->expected / n,
            10 * log10(n / b->expected));
}

void gn_eval_print_strata(const struct gn_eval_result *result, FILE *out)
{
    fprintf(out,
            "\nStrata, alleles and genotype\n%-12s %-12s %-6s %9s %9s %9s %9s %9s %10s %10s %10s\n",
            "family", "stratum", "type", "truth", "TP", "FN", "calls", "FP", "precision", "recall",
            "F1");
    for (int i = 0; i < GN_EVAL_STRATA; i++)
        for (int k = 0; k < GN_EVAL_ALL; k++)
            print_stratum((enum gn_eval_stratum)i, (enum gn_eval_kind)k, &result->strata[i][k],
                          out);
    fprintf(out, "\nGenotype quality\n%-6s %-6s %9s %9s %10s %10s %10s %10s\n", "GQ", "type",
            "calls", "wrong", "share", "as phred", "foretold", "as phred");
    for (int k = 0; k < GN_EVAL_KINDS; k++)
        for (int bin = 0; bin < GN_EVAL_GQ_BINS; bin++)
            print_bin(bin, (enum gn_eval_kind)k, &result->gq[k][bin], out);
}

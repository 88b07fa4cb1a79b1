/* SPDX-License-Identifier: MIT
 *
 * eval.h - accuracy of calls against a truth: true and false positives and negatives of
 * substitutions and indels, whole and by strata, and how far the calls' own qualities are right.
 *
 * Phases of genotypes are not judged.
 */
#ifndef GN_LABEL_EVAL_H
#define GN_LABEL_EVAL_H

#include <stdio.h>

#include "label/eval_counts.h"
#include "label/eval_roc.h"
#include "label/eval_strata.h"

struct gn_eval_options {
    const char *truth, *calls;               /* VCF or BCF */
    const char *reference;                   /* FASTA; NULL: only equal spellings match */
    const char *confident;                   /* BED; NULL: everywhere */
    const char *regions;                     /* as gn_ranges_parse() takes them; NULL: everywhere */
    const char *truth_sample, *calls_sample; /* NULL: the first */
    bool keep_filtered;                      /* also calls whose FILTER is neither PASS nor "." */
    enum gn_eval_score roc_score;
    const char *output_folder; /* for the records (eval_records.h); NULL: none */
};

/// Calls whose GQ lies in one bin: 0-4, 5-9, ... 45-49, 50 and more.
enum { GN_EVAL_GQ_BINS = 11, GN_EVAL_GQ_STEP = 5 };
struct gn_eval_gq_bin {
    int64_t calls, errors;
    double expected; /* errors that the calls' GQ foretell: the sum of 10^(-GQ/10) */
};

struct gn_eval_result {
    struct gn_eval_counts genotype[GN_EVAL_KINDS]; /* alleles and genotype must be right */
    struct gn_eval_counts allele[GN_EVAL_KINDS];   /* alleles must be right */
    struct gn_eval_counts strata[GN_EVAL_STRATA][GN_EVAL_KINDS]; /* alleles and genotype */
    struct gn_eval_gq_bin gq[GN_EVAL_KINDS][GN_EVAL_GQ_BINS];
    struct gn_roc_row *roc;
    size_t n_roc;
    int64_t cut_short; /* neighbourhoods in which not all ways to compare them were followed */
};

/// Compares the calls with the truth. Errors are those of reading; GN_E_MISMATCH when the files
/// share no contig.
/** @param result  gn_eval_result_clear() it, also after failure */
GN_MUST_CHECK
int gn_eval(const struct gn_eval_options *options, struct gn_eval_result *result, gn_error_t *err);

void gn_eval_result_clear(struct gn_eval_result *result);

/// The table for people.
void gn_eval_print(const struct gn_eval_result *result, FILE *out);

/// Tables of the strata and of the qualities.
void gn_eval_print_strata(const struct gn_eval_result *result, FILE *out);

/// All of it as JSON; appears when complete.
GN_MUST_CHECK
int gn_eval_write_json(const struct gn_eval_result *result, const struct gn_eval_options *options,
                       const char *path, gn_error_t *err);

#endif

/* SPDX-License-Identifier: MIT
 *
 * eval.h - accuracy of calls against a truth: true and false positives and negatives of
 * substitutions and indels.
 */
#ifndef GN_LABEL_EVAL_H
#define GN_LABEL_EVAL_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"

struct gn_eval_options {
    const char *truth, *calls;               /* VCF or BCF */
    const char *reference;                   /* FASTA; NULL: only equal spellings match */
    const char *confident;                   /* BED; NULL: everywhere */
    const char *regions;                     /* as gn_ranges_parse() takes them; NULL: everywhere */
    const char *truth_sample, *calls_sample; /* NULL: the first */
    bool keep_filtered;                      /* also calls whose FILTER is neither PASS nor "." */
};

/// Counts of one kind of variant. Truth and calls are counted each in its own records, since one
/// may need two of the other.
struct gn_eval_counts {
    int64_t truth_matched, truth_missed; /* true positives, false negatives */
    int64_t calls_matched, calls_wrong;  /* true positives, false positives */
};

enum gn_eval_kind { GN_EVAL_SNV, GN_EVAL_INDEL, GN_EVAL_ALL, GN_EVAL_KINDS };

struct gn_eval_result {
    struct gn_eval_counts genotype[GN_EVAL_KINDS]; /* alleles and genotype must be right */
    struct gn_eval_counts allele[GN_EVAL_KINDS];   /* alleles must be right */
};

/// Compares the calls with the truth. Errors are those of reading; GN_E_MISMATCH when the files
/// share no contig.
GN_MUST_CHECK
int gn_eval(const struct gn_eval_options *options, struct gn_eval_result *result, gn_error_t *err);

double gn_eval_precision(const struct gn_eval_counts *counts); /* 1 without calls */
double gn_eval_recall(const struct gn_eval_counts *counts);    /* 1 without truth */
double gn_eval_f1(const struct gn_eval_counts *counts);

/// The table for people.
void gn_eval_print(const struct gn_eval_result *result, FILE *out);

/// The same as JSON; appears when complete.
GN_MUST_CHECK
int gn_eval_write_json(const struct gn_eval_result *result, const struct gn_eval_options *options,
                       const char *path, gn_error_t *err);

#endif

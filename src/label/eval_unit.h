/* SPDX-License-Identifier: MIT
 *
 * eval_unit.h - the unit in which `gannet eval` counts: one record, or one base of a record that
 * substitutes several.
 *
 * Every allele is trimmed to what it changes, so that spelling does not matter for what is equal
 * as it stands.
 */
#ifndef GN_LABEL_EVAL_UNIT_H
#define GN_LABEL_EVAL_UNIT_H

#include "label/truth.h"

enum gn_eval_score { GN_EVAL_GQ, GN_EVAL_QUAL, GN_EVAL_SCORES };

/// Replacement of reference bases [start0, end0) by `length` bases; start0 == end0 inserts.
struct gn_edit {
    int64_t start0, end0;
    const char
        *alt; /* borrowed from the record, not terminated; NULL: the haplotype is reference here */
    int length;
};

struct gn_eval_unit {
    int contig;
    int64_t
        anchor0; /* start in VCF's sense: the base before an indel, else the first changed base */
    int64_t span_start0, span_end0; /* where an aligner may place the change */
    struct gn_edit edits[2];        /* of the two haplotypes, in the genotype's order */
    bool is_het;                    /* the edits differ */
    bool is_snv;                    /* every change is of one base into one */
    bool is_mnv;                    /* a base of a record that substitutes several */
    size_t record;                  /* number of the record that it is of */
    double scores
        [GN_EVAL_SCORES]; /* of a call: its own, -1 none; of a matched truth: the least of its calls' */
    bool is_counted;      /* lies where we count */
    bool is_matched;      /* genotype and alleles found on the other side */
    bool is_allele_matched; /* alleles found, whatever the genotype; true for all matched ones */
};

struct gn_eval_units {
    struct gn_eval_unit *v; /* by contig and span start */
    size_t n, cap;
};

/// Appends the units of all records with at least one alternate allele in the genotype. Missing
/// alleles count as reference.
/** @param fasta  for the spans of indels; NULL: spans are the edits themselves
    @return       GN_E_MISMATCH names a record whose REF is not what the reference has there */
GN_MUST_CHECK
int gn_eval_units_add(struct gn_eval_units *units, const struct gn_truth *records,
                      gn_fasta_t *fasta, gn_error_t *err);

void gn_eval_units_clear(struct gn_eval_units *units);

/// True when both edits make the same change (both reference included).
bool gn_edit_equal(const struct gn_edit *a, const struct gn_edit *b);

#endif

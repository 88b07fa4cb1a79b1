/* SPDX-License-Identifier: MIT
 *
 * truth.h - the variants of a VCF or BCF file held in memory: the truth of training, both sides of
 * `gannet eval`.
 *
 * Knows how to read and look up records; knows nothing of labels or of matching. spec 150.3.
 */
#ifndef GN_LABEL_TRUTH_H
#define GN_LABEL_TRUTH_H

#include <stddef.h>

#include "io/fasta.h"
#include "io/regions.h"
#include "io/variant.h"

/// What some readers want to know of a record besides.
struct gn_truth_note {
    int class;  /* number of the class that it names, -1 none of the list */
    char *line; /* owned: the record as a line of VCF with its end, NULL unless asked for */
};

/// Variants sorted by contig number, start and file order. Contigs are numbered by the table given
/// at reading.
struct gn_truth {
    struct gn_variant **v;       /* owned; alleles upper-case, genotype of the chosen sample */
    int *contigs;                /* contig number of each variant */
    struct gn_truth_note *notes; /* of each variant; NULL unless something of them was asked for */
    size_t n, cap, cap_contigs, cap_notes; /* records, and room for them */
    int64_t longest;                       /* reference bases of the longest record */
    const struct gn_contigs *numbers;      /* borrowed: must outlive this */
};

/// What to read of a file.
struct gn_truth_query {
    const char *path; /* VCF, VCF.gz or BCF; an index (.tbi, .csi) is used when it lies beside */
    const char
        *sample; /* NULL: the first one. A file without samples gives records without genotype */
    const struct gn_contigs *contigs; /* numbering; records on other contigs are left out */
    const struct gn_ranges *ranges;   /* normal; only records overlapping these; NULL: everything */
    const struct gn_ranges
        *confident;          /* normal; only records starting in these; NULL: everything */
    bool keep_filtered;      /* also records whose FILTER is neither PASS nor "." */
    const char *class_field; /* INFO field that names a record's class; NULL: none */
    const struct gn_texts *class_names; /* the known classes, with class_field */
    bool keep_gq;                       /* FORMAT/GQ of the sample too */
    bool keep_lines;                    /* the records as text too */
};

/// Reads the records. Symbolic alleles, "*" and breakends are skipped when a record has no other
/// alternate allele, and kept in place (so that genotypes stay right) when it has. Phased is true
/// when every allele is separated by '|'.
/** @param truth  starts zeroed; gn_truth_clear() it, also after failure
    @return       GN_OK; GN_E_NO_INPUT, GN_E_DATA name the file (and the record); GN_E_MISMATCH when
   none of the file's contigs is in the table */
GN_MUST_CHECK
int gn_truth_read(struct gn_truth *truth, const struct gn_truth_query *query, gn_error_t *err);

void gn_truth_clear(struct gn_truth *truth);

/// Index of the first record of the contig that starts at pos0 or later; truth->n when there is
/// none behind it. Thread-safe.
size_t gn_truth_first(const struct gn_truth *truth, int contig, int64_t pos0);

/// True for an allele that is spelled in bases (not symbolic, "*", a breakend or ".").
bool gn_allele_is_sequence(const char *allele);

#endif

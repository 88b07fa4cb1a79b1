/* SPDX-License-Identifier: MIT
 *
 * eval_records.h - the compared records as VCF files, sorted by what became of them.
 */
#ifndef GN_LABEL_EVAL_RECORDS_H
#define GN_LABEL_EVAL_RECORDS_H

#include "label/eval_unit.h"

typedef struct gn_eval_records gn_eval_records_t;

/// Begins tp.vcf.gz and fp.vcf.gz (calls), tp-baseline.vcf.gz and fn.vcf.gz (truth) in a folder, which is made when absent.
/** @param truth, calls  whose headers are copied */
GN_MUST_CHECK
gn_eval_records_t *gn_eval_records_open(const char *folder, const char *truth, const char *calls,
                                        gn_error_t *err);

/// Writes the records of one side, read with keep_lines, that have a counted unit. A record is false when one of its units is.
/// INFO/EVAL says TP, FP or FN, with _GT behind where only the genotype is wrong.
/** @param side  0 truth, 1 calls */
GN_MUST_CHECK
int gn_eval_records_write(gn_eval_records_t *files, int side, const struct gn_truth *records,
                          const struct gn_eval_units *units, gn_error_t *err);

/// Closes, indexes and names the files, and frees all.
GN_MUST_CHECK
int gn_eval_records_commit(gn_eval_records_t *files, gn_error_t *err);

/// Drops the files; NULL is fine.
void gn_eval_records_abort(gn_eval_records_t *files);

#endif

/* SPDX-License-Identifier: MIT
 *
 * truth_contigs.h - the contigs that a VCF file itself names, for comparisons without a reference.
 */
#ifndef GN_LABEL_TRUTH_CONTIGS_H
#define GN_LABEL_TRUTH_CONTIGS_H

#include "io/fasta.h"

/// Adds the contigs of the header of a VCF or BCF file that the table lacks; a missing length
/// counts as 2^31 - 1.
GN_MUST_CHECK
int gn_truth_contigs(const char *path, struct gn_contigs *contigs, gn_error_t *err);

#endif

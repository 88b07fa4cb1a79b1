/* SPDX-License-Identifier: MIT
 *
 * haploid_contigs.h - the check of --haploid-contigs that call and postprocess share.
 */
#ifndef GN_CALL_HAPLOID_CONTIGS_H
#define GN_CALL_HAPLOID_CONTIGS_H

#include "io/fasta.h"
#include "io/variant.h"

/// GN_E_MISMATCH when the list has names and none of them is in the reference ("X" where it has "chrX"). Single unknown
/// names are fine: one list serves several references.
int gn_check_haploid_contigs(const struct gn_texts *names, const struct gn_contigs *contigs,
                             gn_error_t *err);

#endif

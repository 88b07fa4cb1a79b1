/* SPDX-License-Identifier: MIT
 *
 * phase_info.h - which haplotype carries each allele of a candidate (spec 70 section 6).
 */
#ifndef GN_PHASE_PHASE_INFO_H
#define GN_PHASE_PHASE_INFO_H

#include "phase/direct_phasing.h"

/// Sets alt_ps of every candidate's record: 0, 1 or 2 for the reference and each alt.
/** Phased sites have their two alleles; the alleles of all others follow the reads that show them, when reads of one
    haplotype are in the majority by two. A phased site with an allele that is not in its record gets none.
    PARITY(dv-1.9): reads of low quality count here, unlike in phasing.
    @param candidates  those that were phased
    @return            GN_OK or GN_E_MEMORY */
GN_MUST_CHECK
int gn_phase_info_fill(struct gn_candidate_list *candidates, const struct gn_phasing *phasing,
                       gn_error_t *err);

#endif

/* SPDX-License-Identifier: MIT
 *
 * methylation_fields.h - MF and MD of candidates, and the reference sites that are candidates because they are methylated
 * (spec 90 section 3). Internal to candidates/.
 */
#ifndef GN_CANDIDATES_METHYLATION_FIELDS_H
#define GN_CANDIDATES_METHYLATION_FIELDS_H

#include "candidates/very_sensitive.h"

/// Sets MF and MD of a candidate whose supports are known: of the reads that show each allele, low quality left out, the
/// share and the number of those that are methylated. Neither is set when no allele has any.
/** PARITY(dv-1.9): the alternative alleles come in the order of their type (substitutions, insertions, deletions), then of
    the bases that the reads show, which is not always that of the record's alts. A reference site has one value. */
GN_MUST_CHECK
int gn_fill_methylation(struct gn_candidate *candidate, const struct gn_candidate_site *site,
                        gn_error_t *err);

/// Whether a position without a good allele is a candidate: some read is methylated, and some read shows the reference.
bool gn_is_methylated_reference(const struct gn_allele_counter *counter,
                                const struct gn_counted_position *position,
                                const struct gn_methylation_options *options, const char *contig);

/// The same for a list of positions: some read is methylated, and all of them show the reference base.
/** PARITY(dv-1.9): two rules for one thing; this one is only for methylation-aware phasing. */
bool gn_is_methylated_throughout(const struct gn_allele_counter *counter,
                                 const struct gn_counted_position *position,
                                 const struct gn_methylation_options *options, const char *contig);

#endif

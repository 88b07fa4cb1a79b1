/* SPDX-License-Identifier: MIT
 *
 * proposed.h - candidates taken from a VCF (--variant-caller vcf_candidate_importer, spec 20 section 6).
 */
#ifndef GN_CANDIDATES_PROPOSED_H
#define GN_CANDIDATES_PROPOSED_H

#include "candidates/candidate.h"
#include "candidates/good_alleles.h"
#include "io/vcf_query.h"

/// One candidate per proposed record that starts in the counter's interval, with counts and support from the reads.
/** @param proposals  records overlapping the interval, in file order; their alleles are copied */
int gn_propose_candidates(const struct gn_allele_counter *counter, const char *contig,
                          const struct gn_variant_list *proposals,
                          const struct gn_candidate_options *options, struct gn_candidate_list *out,
                          gn_arena_t *arena, gn_error_t *err);

#endif

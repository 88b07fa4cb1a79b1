/* SPDX-License-Identifier: MIT
 *
 * population.h - how frequent the alternate alleles of a candidate are in a cohort (--population-vcfs, spec 40 section 8).
 */
#ifndef GN_CANDIDATES_POPULATION_H
#define GN_CANDIDATES_POPULATION_H

#include "candidates/candidate.h"
#include "io/fasta.h"
#include "io/vcf_query.h"

/// Fills alt_frequencies of a candidate from the INFO AF of cohort records that spell the same haplotype.
/** @param cohort  records overlapping the candidate, in file order (later matches win) */
int gn_find_population_frequencies(struct gn_candidate *candidate,
                                   const struct gn_variant_list *cohort, gn_fasta_t *fasta,
                                   int contig, gn_arena_t *arena, gn_error_t *err);

#endif

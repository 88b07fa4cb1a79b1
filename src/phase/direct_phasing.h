/* SPDX-License-Identifier: MIT
 *
 * direct_phasing.h - which of the two haplotypes each read of a partition comes from, from the reads alone (spec 70
 * sections 3 to 5): a best pair of paths through the graph of alleles, which as many reads as possible follow.
 */
#ifndef GN_PHASE_DIRECT_PHASING_H
#define GN_PHASE_DIRECT_PHASING_H

#include "candidates/candidate.h"

/// A heterozygous site whose two alleles were told apart.
struct gn_phased_site {
    size_t candidate; /* its number in the list of candidates */
    int alleles
        [2]; /* of haplotypes 1 and 2: number of the alt, GN_SUPPORTS_REFERENCE, GN_SUPPORTS_UNCALLED; below these: the
                methylated and the unmethylated reads of a reference site */
    int chain; /* sites of one number were phased together; haplotype 1 of two chains need not be the same */
};

/// What came of phasing; all of it in the arena.
struct gn_phasing {
    uint8_t *of_key;              /* haplotype of each read by its key: 1, 2, or 0 when unknown */
    struct gn_phased_site *sites; /* by position */
    size_t n_sites;
};

/// Phases the reads of the candidates.
/** The algorithm, its ties included, is DeepVariant 1.9's: the same reads get the same haplotypes.
    @param candidates  of the padded partition, by position, reference reads tracked
    @param key_limit   larger than every read's key
    @return            GN_OK or GN_E_MEMORY */
GN_MUST_CHECK
int gn_phase_directly(const struct gn_candidate_list *candidates, uint32_t key_limit,
                      struct gn_phasing *phasing, gn_arena_t *arena, gn_error_t *err);

#endif

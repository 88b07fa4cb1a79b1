/* SPDX-License-Identifier: MIT
 *
 * chromosome.h - one copy of a chromosome (or of a piece of it): its bases and where each lies on
 * the reference.
 */
#ifndef GN_SIMULATE_GENOME_CHROMOSOME_H
#define GN_SIMULATE_GENOME_CHROMOSOME_H

#include "simulate/genome/sites.h"

/// `length` bases of the haplotype that lie base for base on the reference. Between blocks lie
/// insertions and deletions.
struct gn_block {
    int64_t own0, ref0, length;
};

struct gn_haplotype {
    char *bases; /* owned */
    int64_t length;
    size_t cap;
    struct gn_block *blocks; /* ascending, owned */
    size_t n_blocks, cap_blocks;
    struct gn_repeats repeats; /* of `bases` */
};

/// Builds the haplotype of reference bases [start0, end0).
/** @param hap    starts zeroed; gn_haplotype_clear() it, also after failure
    @param bases  the whole contig
    @param which  0 or 1: whose alleles of the sites are taken */
GN_MUST_CHECK
int gn_haplotype_build(struct gn_haplotype *hap, const char *bases, int64_t start0, int64_t end0,
                       const struct gn_sites *sites, int which, gn_error_t *err);

void gn_haplotype_clear(struct gn_haplotype *hap);

/// First own position whose reference position is ref0 or later; the length when there is none.
int64_t gn_haplotype_own_position(const struct gn_haplotype *hap, int64_t ref0);

/// The reverse: reference position of the first base at or after own0 that lies on the reference;
/// past the last such base, the position behind it.
int64_t gn_haplotype_ref_position(const struct gn_haplotype *hap, int64_t own0);

/// Reference positions of own bases [own0, own0 + n): -1 for inserted ones.
void gn_haplotype_place(const struct gn_haplotype *hap, int64_t own0, int n,
                        int64_t *ref_positions);

#endif

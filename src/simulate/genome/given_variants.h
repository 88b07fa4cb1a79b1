/* SPDX-License-Identifier: MIT
 *
 * given_variants.h - the genotypes of a real person, read from a VCF, as sites of a simulation.
 */
#ifndef GN_SIMULATE_GENOME_GIVEN_VARIANTS_H
#define GN_SIMULATE_GENOME_GIVEN_VARIANTS_H

#include "simulate/genome/sites.h"

struct gn_given_task {
    const char *path;   /* VCF or BCF by position; no index needed */
    const char *sample; /* NULL: the only one */
    const char *contig; /* name, */
    const char *bases;  /* and bases, the whole contig */
    int64_t start0, end0;
};

struct gn_given_counts {
    uint64_t taken;
    uint64_t skipped; /* overlapping, malformed, not diploid, too long, other reference */
};

/// Appends the variants that lie whole in [start0, end0), in order; adds to the counts.
/** Genotypes without an alternative allele, or with a missing one, are passed over uncounted.
    Unphased heterozygotes are phased by chance. A spanning deletion ("*") counts as reference.
    @return GN_OK; GN_E_NO_INPUT, GN_E_DATA (damaged, no such sample or several; named) */
GN_MUST_CHECK
int gn_given_variants(struct gn_sites *sites, struct gn_mt64 *rng, const struct gn_given_task *task,
                      struct gn_given_counts *counts, gn_error_t *err);

#endif

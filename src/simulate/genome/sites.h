/* SPDX-License-Identifier: MIT
 *
 * sites.h - the variants of a simulated diploid genome: where they are, their alleles and which
 * haplotype carries which.
 *
 * Knows the reference bases; knows nothing of reads and files.
 */
#ifndef GN_SIMULATE_GENOME_SITES_H
#define GN_SIMULATE_GENOME_SITES_H

#include "simulate/draw.h"
#include "simulate/genome/repeats.h"

enum {
    GN_SITE_LONGEST_INDEL = 50,   /* that is drawn */
    GN_SITE_LONGEST_ALLELE = 400, /* that can be given */
    GN_SITE_ALLELE_SIZE = GN_SITE_LONGEST_ALLELE + 8
};

/// One variable place, spelled as VCF does: left-aligned, indels with the base before them.
struct gn_site {
    int64_t start0;
    int ref_length;                    /* bases of the reference allele */
    int n_alts;                        /* 1 or 2 */
    char alts[2][GN_SITE_ALLELE_SIZE]; /* zero-terminated */
    int8_t genotype[2];                /* allele of each haplotype; 0 reference */
};

struct gn_sites {
    struct gn_site *v; /* by start; starts are unique; no two overlap on one haplotype */
    size_t n, cap;
};

struct gn_site_rates {
    double snv, indel; /* expected variants per reference base */
    double het;        /* share of variants on one haplotype only */
};

/// Draws the variants of [start0, end0) of a contig and appends them to `sites` (call in ascending
/// order).
/** @param bases    the whole contig, upper case; bases other than ACGT are left alone
    @param repeats  its tandem repeats, where about half of the indels fall */
GN_MUST_CHECK
int gn_sites_draw(struct gn_sites *sites, struct gn_mt64 *rng, const struct gn_site_rates *rates,
                  const char *bases, const struct gn_repeats *repeats, int64_t start0, int64_t end0,
                  gn_error_t *err);

/// Appends one site, unchecked.
GN_MUST_CHECK
int gn_sites_add(struct gn_sites *sites, const struct gn_site *site, gn_error_t *err);

/// Takes the preferred sites into `sites`, dropping those that touch one of them. Both by start.
GN_MUST_CHECK
int gn_sites_merge(struct gn_sites *sites, const struct gn_sites *preferred, gn_error_t *err);

void gn_sites_clear(struct gn_sites *sites);

#endif

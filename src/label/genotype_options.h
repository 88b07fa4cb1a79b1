/* SPDX-License-Identifier: MIT
 *
 * genotype_options.h - the genotypes that the haplotype labeler tries for one variant, in upstream's
 * order, which decides ties. spec 150.4.
 */
#ifndef GN_LABEL_GENOTYPE_OPTIONS_H
#define GN_LABEL_GENOTYPE_OPTIONS_H

enum { GN_GENOTYPE_MOST_ALTS = 15, GN_GENOTYPE_MOST_OPTIONS = 136 };

struct gn_genotype_options {
    int v[GN_GENOTYPE_MOST_OPTIONS][2];
    int n;
};

/// Of a candidate: all pairs of its alleles. n_alts <= GN_GENOTYPE_MOST_ALTS.
void gn_genotype_options_candidate(int n_alts, struct gn_genotype_options *options);

/// Of a truth: its genotype, and those that miss one or both of its alternate alleles.
void gn_genotype_options_truth(const int genotype[2], struct gn_genotype_options *options);

#endif

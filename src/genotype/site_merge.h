/* SPDX-License-Identifier: MIT
 *
 * site_merge.h - all network outputs of one site into one variant with one probability per genotype
 * (spec 110.4 to 110.9).
 */
#ifndef GN_GENOTYPE_SITE_MERGE_H
#define GN_GENOTYPE_SITE_MERGE_H

#include "genotype/genotyper.h"

/// A variant whose alts and genotype probabilities are final. Clear with gn_merged_site_clear().
struct gn_merged_site {
    struct gn_variant *variant;
    double *probabilities; /* n, in VCF genotype order */
    int n;
};

/// Checks that the outputs belong together, prunes unlikely alts, merges the triples, simplifies
/// the alleles and applies the haploid rule. The outputs are sorted by their alt indices in place.
/// On failure *site is empty.
GN_MUST_CHECK
int gn_merge_site(struct gn_call_output **outputs, int n, const struct gn_genotype_options *options,
                  const struct gn_contigs *contigs, struct gn_merged_site *site, gn_error_t *err);

void gn_merged_site_clear(struct gn_merged_site *site);

#endif

/* SPDX-License-Identifier: MIT
 *
 * genotyper.h - network outputs in, called variants out: grouping by site, multi-allelic merge,
 * genotype, quality, phase and filter (spec 110.3 to 110.13).
 *
 * Knows nothing of VCF. One thread a handle.
 */
#ifndef GN_GENOTYPE_GENOTYPER_H
#define GN_GENOTYPE_GENOTYPER_H

#include "cnn/mlp.h"
#include "genotype/stream.h"
#include "io/fasta.h"
#include "io/messages.h"
#include "io/regions.h"

/// What to do with alternate alleles that the multi-allelic merge drops.
enum gn_pruned_alts {
    GN_PRUNED_DROP,    /* the default */
    GN_PRUNED_IN_INFO, /* drop them, and list all in INFO CANDIDATES */
    GN_PRUNED_IN_ALT,  /* keep them in ALT with genotypes of probability zero */
};

struct gn_genotype_options {
    double min_quality;        /* QUAL below: LowQual (1.0) */
    double min_homref_gq;      /* RefCall with a lower GQ: genotype ./. (20.0) */
    double min_allele_quality; /* alts of multi-allelic sites below are pruned (1.0); 0 keeps all */
    enum gn_pruned_alts pruned_alts;
    const gn_mlp_t *multiallelic_model;     /* for sites with two alts left; NULL: by minima */
    bool group;                             /* merge the outputs of one site (true) */
    const struct gn_texts *haploid_contigs; /* no heterozygous calls on these; NULL none */
    const struct gn_ranges
        *diploid_ranges; /* pseudo-autosomal exceptions, normal list; NULL none */
    const char *sample;  /* written to every call */
};

/// DeepVariant's defaults; sample is "default".
struct gn_genotype_options gn_genotype_options_default(void);

typedef struct gn_genotyper gn_genotyper_t;

/// options' pointers and contigs must outlive the handle. NULL with GN_E_MEMORY.
GN_MUST_CHECK
gn_genotyper_t *gn_genotyper_create(const struct gn_genotype_options *options,
                                    const struct gn_contigs *contigs,
                                    struct gn_variant_consumer out, gn_error_t *err);
void gn_genotyper_destroy(gn_genotyper_t *genotyper);

/// Takes the next network output; outputs come sorted by contig, start and end of their variant.
/// Owns it, also on failure. GN_E_DATA: order broken, or the site before it is incomplete (spec
/// 110.4).
GN_MUST_CHECK
int gn_genotyper_push(gn_genotyper_t *genotyper, struct gn_call_output *output, gn_error_t *err);

/// Promises that later outputs start at or after `frontier`; emits the pending site when it lies
/// before.
GN_MUST_CHECK
int gn_genotyper_advance(gn_genotyper_t *genotyper, struct gn_position frontier, gn_error_t *err);

/// Start of the pending site, or the last frontier when nothing is pending: later variants start at
/// or after it.
struct gn_position gn_genotyper_frontier(const gn_genotyper_t *genotyper);

/// Genotypes one complete site at once (the outputs stay the caller's; they are sorted in place).
/// NULL with GN_E_DATA when the outputs are not exactly the alt sets {i} and {i, j} of one variant,
/// or a probability is not in [0, 1].
GN_MUST_CHECK
struct gn_variant *gn_genotype_site(struct gn_call_output **outputs, int n,
                                    const struct gn_genotype_options *options,
                                    const struct gn_contigs *contigs, gn_error_t *err);

#endif

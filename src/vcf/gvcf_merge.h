/* SPDX-License-Identifier: MIT
 *
 * gvcf_merge.h - called variants and non-variant blocks interleaved into gVCF order, blocks cut
 * around variants (spec 120). Both streams are pushed; records leave as soon as nothing later can
 * change them.
 */
#ifndef GN_VCF_GVCF_MERGE_H
#define GN_VCF_GVCF_MERGE_H

#include "genotype/stream.h"
#include "io/fasta.h"
#include "io/regions.h"

typedef struct gn_gvcf_merge gn_gvcf_merge_t;

struct gn_gvcf_merge_options {
    gn_fasta_t
        *fasta; /* gives the reference base where a block is cut; its contig table orders records */
    const struct gn_ranges
        *regions; /* blocks starting elsewhere are dropped; normal list, NULL keeps all */
    struct gn_variant_consumer
        variants; /* called variants, unchanged, in order; what the VCF gets */
    struct gn_variant_consumer records; /* the gVCF: variants with <*> added, blocks */
};

GN_MUST_CHECK
gn_gvcf_merge_t *gn_gvcf_merge_create(const struct gn_gvcf_merge_options *options, gn_error_t *err);
void gn_gvcf_merge_destroy(gn_gvcf_merge_t *merge);

/// Take the next record of each kind, each kind in order of contig and start. Own it, also on
/// failure.
GN_MUST_CHECK
int gn_gvcf_merge_push_variant(gn_gvcf_merge_t *merge, struct gn_variant *variant, gn_error_t *err);
GN_MUST_CHECK
int gn_gvcf_merge_push_block(gn_gvcf_merge_t *merge, struct gn_variant *block, gn_error_t *err);

/// Promise that later variants / blocks start at or after the frontier (gn_position_end: the stream
/// is over).
GN_MUST_CHECK
int gn_gvcf_merge_advance_variants(gn_gvcf_merge_t *merge, struct gn_position frontier,
                                   gn_error_t *err);
GN_MUST_CHECK
int gn_gvcf_merge_advance_blocks(gn_gvcf_merge_t *merge, struct gn_position frontier,
                                 gn_error_t *err);

/// Turns a called variant into its gVCF form: likelihoods relative to the best, <*> appended to
/// alts, AD, VAF and GL.
GN_MUST_CHECK
int gn_gvcf_form(struct gn_variant *variant, gn_error_t *err);

#endif

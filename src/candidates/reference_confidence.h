/* SPDX-License-Identifier: MIT
 *
 * reference_confidence.h - gVCF records of sites without evidence for a variant (spec 50).
 */
#ifndef GN_CANDIDATES_REFERENCE_CONFIDENCE_H
#define GN_CANDIDATES_REFERENCE_CONFIDENCE_H

#include "alleles/allele_counter.h"
#include "io/regions.h"
#include "io/variant.h"

/// Settings with DeepVariant's flag names and defaults.
struct gn_reference_options {
    double p_error;                      /* 0.001 */
    int gvcf_gq_binsize;                 /* 5 */
    bool include_med_dp;                 /* false */
    bool contig_is_haploid;              /* of the present contig */
    const struct gn_ranges *par_regions; /* normal; diploid parts of haploid contigs; NULL none */
    const char *sample;                  /* borrowed */
};

struct gn_reference_options gn_reference_options_default(void);

/// Non-variant records of a partition, by position; malloc'ed.
struct gn_block_list {
    struct gn_variant **v;
    size_t n, cap;
};

void gn_blocks_clear(struct gn_block_list *list);

/// Appends the records of the counter's sites [start0, end0) (the partition, without its padding).
/** Sites of equal quantised GQ are merged; records never cross the partition. A reference letter that is not an IUPAC
    code is GN_E_DATA. */
int gn_reference_blocks(const struct gn_allele_counter *counter, const char *contig, int64_t start0,
                        int64_t end0, const struct gn_reference_options *options,
                        struct gn_block_list *out, gn_arena_t *arena, gn_error_t *err);

#endif

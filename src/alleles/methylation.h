/* SPDX-License-Identifier: MIT
 *
 * methylation.h - how methylated the stored alleles of a counter are: 5-methylcytosine from the reads' tags, one level for
 * each base that stands in a match (spec 70 section 8, 90 section 3). Two experiments of DeepVariant 1.9 use it, calling and
 * phasing; both are off by default, and then nothing here runs.
 *
 * The counter comes first, with the reference alleles of every position stored; it knows nothing of methylation.
 */
#ifndef GN_ALLELES_METHYLATION_H
#define GN_ALLELES_METHYLATION_H

#include "alleles/allele_counter.h"

/// Settings with DeepVariant's flag names and defaults (gn_methylation_options_default).
struct gn_methylation_options {
    bool enable_methylation_calling;       /* false; alleles are methylated or not */
    double methylation_calling_threshold;  /* 0.5; methylated are levels above it, of 1 */
    bool enable_methylation_aware_phasing; /* false; takes sites that calling found methylated */
    const char *exclude_contigs_for_methylation_phasing; /* "chrX chrY"; borrowed, may be NULL */
};

struct gn_methylation_options gn_methylation_options_default(void);

/// Whether tags of modified bases are to be parsed and reference alleles to be stored at every position.
static inline bool gn_uses_methylation(const struct gn_methylation_options *options)
{
    return options->enable_methylation_calling || options->enable_methylation_aware_phasing;
}

/// Whether reference sites of a contig are left out of methylation-aware phasing.
/** PARITY(dv-1.9): the list of names reaches the place where it is used as one text, which is taken for a list of its
    letters. So "chrX" is never excluded, but a contig "X" is. */
bool gn_methylation_excludes(const struct gn_methylation_options *options, const char *contig);

/// Every position of a counter, for gn_track_reference(): *positions (in the arena), *n of them. GN_OK or GN_E_MEMORY.
GN_MUST_CHECK
int gn_list_positions(const struct gn_allele_counter *counter, int64_t **positions, size_t *n,
                      gn_arena_t *arena, gn_error_t *err);

/// Fills methylation_level of the stored alleles and, with methylation calling, is_methylated.
/** Only bases in a match have a level: indels and clips stay at 0, as do reads without tags.
    @param reads  the list that the counter was made from, with their likelihoods */
void gn_mark_methylation(struct gn_allele_counter *counter, const struct gn_read *reads,
                         const struct gn_methylation_options *options);

/// Moves what reads say of a G to the C before it: a methylated C of the other strand is a G of the reference's.
/** It goes from the alleles G of a site whose reference is G to the allele C of the same read one base before, in place of
    what that said. A read without such an allele loses it. Sites are left alone when the base before is no C, in the
    reference or in any read.
    @return  GN_OK or GN_E_MEMORY */
GN_MUST_CHECK
int gn_move_methylation_to_cytosines(struct gn_allele_counter *counter, gn_arena_t *arena,
                                     gn_error_t *err);

#endif

/* SPDX-License-Identifier: MIT
 *
 * long_profile_learn.h - a profile from real long reads and the reference they are aligned to.
 */
#ifndef GN_SIMULATE_LONG_LONG_PROFILE_LEARN_H
#define GN_SIMULATE_LONG_LONG_PROFILE_LEARN_H

#include "simulate/long/long_profile.h"

struct gn_long_learn_task {
    const char *bam, *reference; /* both with index */
    const char *truth_vcf; /* variants of the sample; NULL: places where the reads agree on another
                              allele are left out instead */
    const char *regions;   /* as gn_ranges_parse() takes them; NULL: everything */
    const char *name, *platform, *source, *description; /* kept in the profile; NULL: empty, the
                                                           platform of the file's read group */
    double substitution_share, indel_share; /* without a truth: of the reads that must agree */
};

/// 25 % and 33 % agreement; no files.
struct gn_long_learn_task gn_long_learn_defaults(void);

/// Whether a file's reads are long: single, and more than 500 bases on the mean of the first 100.
/** @return 1, 0, or GN_E_NO_INPUT, GN_E_DATA naming the file */
GN_MUST_CHECK
int gn_long_reads_in(const char *bam, gn_error_t *err);

/// Learns from every primary read of the regions. Three passes over the file; memory: 36 bytes a
/// base of the regions, of which 4 Mb at most are taken.
/** @return a profile to be freed by gn_long_profile_free(), NULL on failure: GN_E_DATA when there
            are fewer than 20 reads or 100 kb to learn from */
GN_MUST_CHECK
struct gn_long_profile *gn_long_profile_learn(const struct gn_long_learn_task *task,
                                              gn_error_t *err);

#endif

/* SPDX-License-Identifier: MIT
 *
 * short_profile_learn.h - a profile of paired short reads from aligned reads and their reference.
 */
#ifndef GN_SIMULATE_SHORT_SHORT_PROFILE_LEARN_H
#define GN_SIMULATE_SHORT_SHORT_PROFILE_LEARN_H

#include "simulate/short/short_profile.h"

struct gn_short_learn_task {
    const char *reads;       /* BAM files with indexes, separated by spaces; of one sample */
    const char *reference;   /* FASTA with index; unknown bases are passed over */
    const char *regions;     /* as gn_ranges_parse() takes them; NULL: wherever there are reads */
    const char *truth;       /* VCF of the sample's variants; NULL: the reads alone tell them */
    const char *name;        /* of the profile */
    const char *source;      /* which data it was learned from, for its readers */
    const char *description; /* what kind of run that is */
};

/// Learns a profile. Deterministic. Memory: some 100 MB.
/** @return a profile to be freed by gn_short_profile_free(); NULL with err filled: GN_E_NO_INPUT
    (missing file or index), GN_E_DATA (too few whole pairs of one length, damaged file),
    GN_E_MISMATCH (contigs) */
GN_MUST_CHECK
struct gn_short_profile *gn_short_profile_learn(const struct gn_short_learn_task *task,
                                                gn_error_t *err);

#endif

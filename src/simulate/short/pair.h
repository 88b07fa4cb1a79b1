/* SPDX-License-Identifier: MIT
 *
 * pair.h - from one fragment to the two alignment records of its ends.
 */
#ifndef GN_SIMULATE_SHORT_PAIR_H
#define GN_SIMULATE_SHORT_PAIR_H

#include "simulate/short/library.h"

/// One molecule. It lies on [own0, own0 + length) of a haplotype.
struct gn_fragment {
    const struct gn_library_span *span;
    const struct gn_haplotype *hap;
    int which;                  /* 0 or 1: whose breaks it has; of the genome itself only */
    const struct gn_copy *copy; /* the copy that it comes from, NULL: the genome itself */
    int64_t own0, length;
    bool is_cut; /* its other end lies beyond the copy, where nothing is known */
    uint64_t number;
};

/// Where records go and failures are told.
struct gn_pair_sink {
    gn_bam_writer_t *writer;
    gn_error_t *err;
};

/// Sequences both ends, places them and pushes their records: two, one when the other end is
/// aligned elsewhere, none when neither can be placed; again as many when it is sequenced twice.
GN_MUST_CHECK
int gn_pair_make(const struct gn_library *library, struct gn_mt64 *rng,
                 const struct gn_fragment *fragment, struct gn_pair_sink *sink);

#endif

/* SPDX-License-Identifier: MIT
 *
 * cut.h - cuts an alignment to a stretch of the reference, as upstream trims reads (spec 40 section 2).
 *
 * The one place that knows this walk: reads are cropped with it when they are fetched and trimmed with it when an image is
 * drawn.
 */
#ifndef GN_READS_CUT_H
#define GN_READS_CUT_H

#include <stdint.h>

/// What a cut leaves of an alignment.
struct gn_cut {
    int n_cigar;        /* operations */
    int64_t first_base; /* bases of the read before those that stay */
    int64_t n_bases;    /* bases of the read that stay */
    int64_t covered;    /* reference bases that the operations left advance over */
};

/// Leaves to_keep reference bases of an alignment after its first to_skip ones. Never fails.
/** Insertions and clips before the stretch go with their bases; one right at its start or end stays. The operation that
    reaches past the end is cut to what is left of it, possibly to length 0, and is the last one.
    @param left  room for n_cigar operations, may be `cigar` itself; NULL measures only */
void gn_cut_cigar(const uint32_t *cigar, int n_cigar, int64_t to_skip, int64_t to_keep,
                  uint32_t *left, struct gn_cut *cut);

#endif

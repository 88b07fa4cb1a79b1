/* SPDX-License-Identifier: MIT
 *
 * placement.h - from where a read came from to how an aligner would show it: indels near an end
 * become mismatches or soft clips, bad ends are clipped, adjacent insertions and deletions cancel.
 *
 * Scores are those of bwa mem: match 1, mismatch -4, gap -6 - length, clipping an end -5.
 */
#ifndef GN_SIMULATE_SHORT_PLACEMENT_H
#define GN_SIMULATE_SHORT_PLACEMENT_H

#include "base/error.h"
#include <stdint.h>

enum { GN_PLACED_INSERTED = -1, GN_PLACED_CLIPPED = -2, GN_PLACED_MOST_OPS = 512 };

struct gn_placement_task {
    const char *bases;  /* of the read, n of them, in reference orientation */
    int64_t *positions; /* reference position of each base or GN_PLACED_*; changed */
    int n;
    const char *ref; /* bases of the whole contig */
    int64_t ref_length;
};

/// The alignment in SAM's terms.
struct gn_placement {
    int64_t pos0;
    int n_cigar;
    uint32_t cigar[GN_PLACED_MOST_OPS];
    int edit_distance; /* NM */
    int score;         /* without the ends' bonus; for MAPQ */
    int aligned;       /* bases aligned or inserted */
};

/// Resolves the positions and writes the alignment. False when fewer than 30 bases would stay
/// aligned. Thread-safe.
bool gn_place_read(const struct gn_placement_task *task, struct gn_placement *placement);

#endif

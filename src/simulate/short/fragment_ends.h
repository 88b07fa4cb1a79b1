/* SPDX-License-Identifier: MIT
 *
 * fragment_ends.h - the two ends of a molecule as they are sequenced and aligned, accidents
 * included: adapters, chimeras, breakpoints, ends that align elsewhere or nowhere.
 */
#ifndef GN_SIMULATE_SHORT_FRAGMENT_ENDS_H
#define GN_SIMULATE_SHORT_FRAGMENT_ENDS_H

#include "simulate/short/pair.h"
#include "simulate/short/placement.h"

struct gn_fragment_end {
    struct gn_sequenced sequenced;
    struct gn_placement placement;
    bool is_placed, is_reverse, is_first;
    bool is_elsewhere; /* aligned to another place: it leaves no record */
    int mapq;
};

/// Sequences and places both ends; ends[0] is the left, forward one.
/** @return false when the molecule leaves nothing here */
bool gn_fragment_ends(const struct gn_library *library, struct gn_mt64 *rng,
                      const struct gn_fragment *fragment, struct gn_fragment_end ends[2]);

#endif

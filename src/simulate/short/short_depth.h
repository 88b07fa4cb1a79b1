/* SPDX-License-Identifier: MIT
 *
 * short_depth.h - depth and mapping quality along the genome, in windows of 500 bases: dependence
 * on GC, variation beyond chance, and stretches where aligners are in doubt.
 */
#ifndef GN_SIMULATE_SHORT_SHORT_DEPTH_H
#define GN_SIMULATE_SHORT_SHORT_DEPTH_H

#include <stddef.h>

#include "simulate/short/short_profile.h"

enum { GN_DEPTH_WINDOW = 500, GN_DEPTH_SURE_MAPQ = 20 };

struct gn_depth_window {
    uint32_t fragments; /* first reads of pairs that start here */
    uint32_t sure, reads;
    uint32_t mapqs[GN_SHORT_MAPQS];
};

/// What all stretches together show.
struct gn_depth_counts {
    double gc_windows[GN_SHORT_GC_BINS], gc_depth[GN_SHORT_GC_BINS]; /* relative depth, summed */
    double windows, relative, square, chance;                        /* for the variation */
    double clean_mapqs[GN_SHORT_MAPQS], doubtful_mapqs[GN_SHORT_MAPQS];
    double clean_windows, doubtful_windows, doubtful_runs;
};

/// Adds the windows of a stretch; those where the reads of a file begin and end are left out.
/** @param bases  n * GN_DEPTH_WINDOW bases of the reference */
void gn_depth_counts_add(struct gn_depth_counts *counts, const struct gn_depth_window *windows,
                         size_t n, const char *bases);

void gn_depth_counts_solve(const struct gn_depth_counts *counts, struct gn_short_profile *profile);

#endif

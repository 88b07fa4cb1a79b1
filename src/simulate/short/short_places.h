/* SPDX-License-Identifier: MIT
 *
 * short_places.h - how many places of a genome are misread again and again, estimated from how
 * many reads of each strand show the same wrong base.
 */
#ifndef GN_SIMULATE_SHORT_SHORT_PLACES_H
#define GN_SIMULATE_SHORT_SHORT_PLACES_H

#include "simulate/short/short_profile.h"

enum { GN_PLACE_MOST_READS = 63, GN_PLACE_FEWEST_READS = 6 };

/// Strands of places by reads that cover them and reads that show the commonest wrong base.
struct gn_place_counts {
    double n[GN_PLACE_MOST_READS + 1][GN_PLACE_MOST_READS + 1];
};

/// Counts one strand of a place; deeper ones are scaled to 63 reads, shallow ones left out.
void gn_place_counts_add(struct gn_place_counts *counts, int reads, int wrong);

/// Expectation maximisation over a background of rare errors and the levels of a profile.
/** @param error  mean rate of wrong bases, where the background starts
    @param place  share of strands of places at each level
    @return       the background's rate of wrong bases */
double gn_place_counts_solve(const struct gn_place_counts *counts, double error,
                             double place[GN_SHORT_PLACE_LEVELS]);

#endif

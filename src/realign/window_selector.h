/* SPDX-License-Identifier: MIT
 *
 * window_selector.h - the parts of a region whose reads disagree enough with the reference to be assembled.
 *
 * spec 30 section 2. It reads allele counts, never alignments.
 */
#ifndef GN_REALIGN_WINDOW_SELECTOR_H
#define GN_REALIGN_WINDOW_SELECTOR_H

#include "alleles/allele_counter.h"
#include "realign/realign.h"

/// [start0, end0) on the contig; may leave the region and the contig.
struct gn_window_span {
    int64_t start0, end0;
};

/// Finds the windows of a counted interval, by position.
/** @param counter  alleles of the reads over the region and its margins
    @param spans    receives the windows, in the arena
    @return         their number, or a negative status */
GN_MUST_CHECK
int gn_select_windows(const struct gn_realign_options *options,
                      const struct gn_allele_counter *counter, struct gn_window_span **spans,
                      gn_arena_t *arena, gn_error_t *err);

#endif

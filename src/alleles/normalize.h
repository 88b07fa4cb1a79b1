/* SPDX-License-Identifier: MIT
 *
 * normalize.h - left-aligns the indels of a read (spec 20 section 2, --normalize-reads).
 */
#ifndef GN_ALLELES_NORMALIZE_H
#define GN_ALLELES_NORMALIZE_H

#include "base/memory.h"
#include "reads/read.h"

/// The reference that indels may be shifted over: bases of [start0, start0 + length).
struct gn_normalize_window {
    const char *bases;
    int64_t start0, length;
};

/// Makes the left-aligned form of a read.
/** @param counted   receives the form that the allele counter uses (CIGAR in the arena)
    @return          1 when the read itself must take the new position and CIGAR too, 0 when it keeps its own
                     (PARITY(dv-1.9): a leading indel alone is only resolved for the counter), or GN_E_MEMORY */
int gn_normalize_read(const struct gn_read *read, const struct gn_normalize_window *window,
                      struct gn_read *counted, gn_arena_t *arena, gn_error_t *err);

#endif

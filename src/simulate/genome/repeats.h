/* SPDX-License-Identifier: MIT
 *
 * repeats.h - runs of short tandem repeats in a sequence: where polymerases slip, both in
 * evolution and in sequencing.
 */
#ifndef GN_SIMULATE_GENOME_REPEATS_H
#define GN_SIMULATE_GENOME_REPEATS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/// A maximal run of one unit of 1 to 4 bases.
struct gn_repeat {
    int64_t start0;
    int32_t length; /* bases, not always a multiple of the unit */
    int32_t unit;   /* bases of the unit */
};

struct gn_repeats {
    struct gn_repeat *v; /* by start */
    size_t n, cap;
};

/// Finds runs of at least 5 equal bases, or 4 copies of 2, 3 or 4 bases.
GN_MUST_CHECK
int gn_repeats_find(struct gn_repeats *repeats, const char *bases, int64_t length, gn_error_t *err);

void gn_repeats_clear(struct gn_repeats *repeats);

/// Index of the first run that starts at start0 or later.
size_t gn_repeats_first(const struct gn_repeats *repeats, int64_t start0);

/// Copies of the unit, rounded down.
static inline int gn_repeat_copies(const struct gn_repeat *repeat)
{
    return repeat->length / repeat->unit;
}

#endif

/* SPDX-License-Identifier: MIT
 *
 * split.h - a spliced read as one read per exon (--split-skip-reads, spec 10 section 6). Internal to reads/.
 */
#ifndef GN_READS_SPLIT_H
#define GN_READS_SPLIT_H

#include "base/memory.h"
#include "reads/read.h"

/// Number of skips (N) of a read: it has at most one part more.
int gn_count_skips(const struct gn_read *read);

/// Cuts a read at each N. Parts are named "NAME_p0", "NAME_p1", ... in their order; those of less than 15 bases are left
/// out, their numbers too. What else the read says, the parts say.
/** @param parts  room for gn_count_skips() + 1 reads. They share the read's bases and CIGAR; names are in the arena. Keys
                  are left to the caller
    @return       the number of parts, or GN_E_MEMORY */
GN_MUST_CHECK
int gn_split_read(const struct gn_read *read, struct gn_read *parts, gn_arena_t *arena,
                  gn_error_t *err);

#endif

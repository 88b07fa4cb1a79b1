/* SPDX-License-Identifier: MIT
 *
 * trim.h - cuts a read to the window of an image (spec 40 section 2). Internal to pileup/.
 */
#ifndef GN_PILEUP_TRIM_H
#define GN_PILEUP_TRIM_H

#include "base/memory.h"
#include "reads/read.h"

/// Trims a read to [start0, end0), which it must overlap. Bases, qualities and modifications of the result point into the
/// read's.
/** @return  reference bases that the trimmed alignment covers, or GN_E_MEMORY (CIGARs are made in the arena) */
int64_t gn_trim_read(const struct gn_read *read, int64_t start0, int64_t end0,
                     struct gn_read *trimmed, gn_arena_t *arena, gn_error_t *err);

#endif

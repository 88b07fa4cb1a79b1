/* SPDX-License-Identifier: MIT
 *
 * united_header.h - one SAM header for the records of several files.
 *
 * @HD and @SQ are the first file's, @CO lines are those of all files, each once. A @RG line that an earlier file has
 * too is kept once; one that has an earlier file's ID and says something else gets a new ID (a -> a-1). @PG lines are
 * a history: if all lines of a file are known, they are kept once, else the file's history is added, with new IDs
 * where they are taken. The tags RG and PG of the file's records follow.
 */
#ifndef GN_PHASE_UNITED_HEADER_H
#define GN_PHASE_UNITED_HEADER_H

#include <htslib/sam.h>

#include "base/error.h"

typedef struct gn_united_header gn_united_header_t;

/// Unites headers whose @SQ lines agree, and states that records are sorted by coordinate.
/** @param headers  n of them, borrowed for the call (htslib parses them, hence not const)
    @return         NULL: GN_E_MEMORY, GN_E_DATA (lines that make no header) */
GN_MUST_CHECK
gn_united_header_t *gn_united_header_create(sam_hdr_t *const *headers, int n, gn_error_t *err);
void gn_united_header_destroy(gn_united_header_t *united);

/// The header; belongs to the handle, lines may be added.
sam_hdr_t *gn_united_header_get(const gn_united_header_t *united);

/// Gives a record of the file number `file` the new IDs in its RG and PG tags.
GN_MUST_CHECK
int gn_united_header_translate(const gn_united_header_t *united, int file, bam1_t *record,
                               gn_error_t *err);

#endif

/* SPDX-License-Identifier: MIT
 *
 * ssw_traceback.h - the operations of a local alignment whose two corners are known (spec 30 section 6 step 3).
 *
 * Private to ssw*.c.
 */
#ifndef GN_REALIGN_SSW_TRACEBACK_H
#define GN_REALIGN_SSW_TRACEBACK_H

#include <stddef.h>
#include <stdint.h>

#include "realign/ssw.h"

/// Reusable memory of a traceback. Start with {0}; gn_ssw_traceback_clear() frees it.
struct gn_ssw_traceback {
    uint8_t *directions; /* one byte a cell of the band */
    size_t directions_cap;
    int *cells; /* scores of a row, then those of gaps along the query */
    size_t cells_cap;
    uint32_t *operations; /* M I D, last operation first */
    size_t operations_cap;
    int n_operations;
};

void gn_ssw_traceback_clear(struct gn_ssw_traceback *trace);

/// Codes of the two stretches that the alignment covers, and the score it must reach.
struct gn_ssw_box {
    const uint8_t *target;
    int n_target;
    const uint8_t *query;
    int n_query;
    int score;
    struct gn_ssw_scores scores;
};

/// Fills trace->operations.
/** @return  1 when found, 0 when the band shows no way (or would need more than 256 MB), or a negative status */
GN_MUST_CHECK
int gn_ssw_trace(struct gn_ssw_traceback *trace, const struct gn_ssw_box *box, gn_error_t *err);

#endif

/* SPDX-License-Identifier: MIT
 *
 * ssw_pass.h - the score pass of the local alignment and its implementations: one for each instruction set.
 *
 * Private to ssw*.c. A pass walks the target column by column and reports the cell where the best score first appears.
 */
#ifndef GN_REALIGN_SSW_PASS_H
#define GN_REALIGN_SSW_PASS_H

#include <stdint.h>

#include "realign/ssw.h"

enum {
    GN_SSW_LETTERS = 5,      /* codes 0..4 */
    GN_SSW_SCORE_MAX = 32767 /* scores stay there, as in the library's 16-bit pass */
};

/// One pass over target[0 .. n), or over it from the last code to the first.
struct gn_ssw_pass {
    const uint8_t *query; /* codes; the scalar twin reads them */
    const int16_t
        *profile; /* striped scores of the query, see gn_ssw_rows(); the vector passes read it */
    int n_query;
    const uint8_t *target;
    int n_target;
    int backwards;  /* walk from target[n_target - 1] down to target[0] */
    int stop_score; /* end with the first column that reaches it; 0: never */
    struct gn_ssw_scores scores;
    int16_t *columns; /* scratch: GN_SSW_COLUMNS times the padded rows, 32-aligned */
};

enum { GN_SSW_COLUMNS = 4 };

/// Where the best score first appears: the first column, in walking order, that holds it and that column's smallest row.
struct gn_ssw_end {
    int score;
    int column; /* index into the target, -1 when score is 0 */
    int row;    /* index into the query */
};

typedef struct gn_ssw_end gn_ssw_pass_fn(const struct gn_ssw_pass *pass);

/// Rows of a query padded to whole vectors. Row r of a striped array of `lanes` lanes stands at
/// (r % segment) * lanes + r / segment, where segment = gn_ssw_rows(n, lanes) / lanes.
static inline int gn_ssw_rows(int n_query, int lanes)
{
    return (n_query + lanes - 1) / lanes * lanes;
}

gn_ssw_pass_fn gn_ssw_pass_scalar;
#ifdef __SSE2__
gn_ssw_pass_fn gn_ssw_pass_sse2;
gn_ssw_pass_fn gn_ssw_pass_avx2;
#endif

#endif

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

enum { GN_SSW_STRIDE = 16 }; /* columns between two kept states */

/// What was kept of the previous target of the same query: states of columns, counted from its begin and from its end.
/** A state is the column's scores and the scores of open gaps, 2 * padded rows. State i of `begin_states` stands after
    (i + 1) * GN_SSW_STRIDE columns, state i of `end_states` that many columns before the end. */
struct gn_ssw_trail {
    int16_t *begin_states, *end_states;
    int *begin_best; /* best score up to each begin state */
    int *end_best;   /* best score after each end state */
    int n_begin;     /* states that hold */
    int n_end;
};

/// A target beside its predecessor: how many codes they share at both ends.
struct gn_ssw_sibling {
    int shared_prefix, shared_suffix;
};

/// Finds the best score alone, walking only the columns in which the target differs from its predecessor in effect: from
/// the last state that they share at the begin to the first one at the end that comes out equal. Brings the trail up to
/// the target.
typedef int gn_ssw_sibling_fn(const struct gn_ssw_pass *pass, struct gn_ssw_sibling sibling,
                              struct gn_ssw_trail *trail);

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
gn_ssw_sibling_fn gn_ssw_sibling_sse2;
gn_ssw_sibling_fn gn_ssw_sibling_avx2;
#endif

#endif

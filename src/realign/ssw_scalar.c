/* SPDX-License-Identifier: MIT
 *
 * ssw_scalar.c - the score pass, naively: Gotoh's recurrences one cell at a time (spec 30 section 6 step 1).
 *
 * The twin that the vector passes are tested against, and the pass of CPUs without them.
 */
#include <string.h>

#include "realign/ssw_pass.h"

static int larger(int a, int b)
{
    return a > b ? a : b;
}

/* Fills column h[] from the previous column h[] and e[]; returns the column's best score. */
static int walk_column(const struct gn_ssw_pass *pass, uint8_t code, int16_t *h, int16_t *e)
{
    const struct gn_ssw_scores *s = &pass->scores;
    int f = 0, diagonal = 0, best = 0;
    for (int i = 0; i < pass->n_query; i++) {
        int is_match = pass->query[i] == code && code < GN_SSW_LETTERS - 1;
        int cell = diagonal + (is_match ? s->match : -s->mismatch);
        if (cell > GN_SSW_SCORE_MAX)
            cell = GN_SSW_SCORE_MAX;
        cell = larger(larger(cell, 0), larger(e[i], f));
        diagonal = h[i];
        h[i] = (int16_t)cell;
        best = larger(best, cell);
        e[i] = (int16_t)larger(larger(e[i] - s->gap_extend, cell - s->gap_open), 0);
        f = larger(larger(f - s->gap_extend, cell - s->gap_open), 0);
    }
    return best;
}

struct gn_ssw_end gn_ssw_pass_scalar(const struct gn_ssw_pass *pass)
{
    struct gn_ssw_end end = {0, -1, 0};
    int16_t *h = pass->columns, *e = h + pass->n_query;
    memset(h, 0, 2 * (size_t)pass->n_query * sizeof *h);
    for (int step = 0; step < pass->n_target; step++) {
        int column = pass->backwards ? pass->n_target - 1 - step : step;
        int best = walk_column(pass, pass->target[column], h, e);
        if (best > end.score) {
            end.score = best;
            end.column = column;
            end.row = 0;
            while (h[end.row] != best)
                end.row++;
        }
        if (pass->stop_score > 0 && best == pass->stop_score)
            break;
    }
    return end;
}

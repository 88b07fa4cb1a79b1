/* SPDX-License-Identifier: MIT
 *
 * ssw_band.c - bounds the diagonals of the best alignments from one alignment that is known, then walks those.
 *
 * A path that strays x diagonals beyond those between the two corners leaves x bases of the shorter sequence without a
 * partner, wherever it strays. So it scores at most match * (shorter - x), and that must not be below a score at hand.
 */
#include "realign/ssw_band.h"

#include <string.h>

static inline int larger(int a, int b)
{
    return a > b ? a : b;
}

static inline int smaller(int a, int b)
{
    return a < b ? a : b;
}

static inline int pair_score(const struct gn_ssw_scores *scores, uint8_t a, uint8_t b)
{
    return a == b && a < GN_SSW_LETTERS - 1 ? scores->match : -scores->mismatch;
}

/* Score of the plain alignment: the ends that are equal, what is left of the shorter sequence base by base, one gap. */
static int plain_score(const struct gn_ssw_pass *pass)
{
    const struct gn_ssw_scores *scores = &pass->scores;
    int m = pass->n_query, n = pass->n_target, shorter = smaller(m, n);
    int gap = larger(m, n) - shorter, n_suffix = 0, score = 0;
    while (n_suffix < shorter && pass->query[m - 1 - n_suffix] == pass->target[n - 1 - n_suffix])
        n_suffix++;
    int stop = gap == 0 ? shorter : shorter - n_suffix; /* where the gap stands */
    for (int i = 0; i < stop; i++)
        score += pair_score(scores, pass->query[i], pass->target[i]);
    for (int left = shorter - stop; left > 0; left--)
        score += pair_score(scores, pass->query[m - left], pass->target[n - left]);
    return gap == 0 ? score : score - scores->gap_open - (gap - 1) * scores->gap_extend;
}

bool gn_ssw_find_band(const struct gn_ssw_pass *pass, struct gn_ssw_band *band)
{
    int shorter = smaller(pass->n_query, pass->n_target);
    int difference = pass->n_target - pass->n_query;
    if (shorter > GN_SSW_SCORE_MAX / pass->scores.match)
        return false;
    int known = larger(plain_score(pass), 0);
    int stray = (pass->scores.match * shorter - known) / pass->scores.match;
    *band = (struct gn_ssw_band){smaller(difference, 0) - stray, larger(difference, 0) + stray};
    return true;
}

/* Fills rows [first, last] of one column, scores h[] and gaps e[] being those of the column before; returns the best. */
static int walk_column(const struct gn_ssw_pass *pass, uint8_t code, int first, int last,
                       int16_t *h, int16_t *e)
{
    const struct gn_ssw_scores *scores = &pass->scores;
    int f = 0, best = 0, diagonal = first > 0 ? h[first - 1] : 0;
    for (int i = first; i <= last; i++) {
        int cell = diagonal + pair_score(scores, pass->query[i], code);
        cell = larger(larger(cell, 0), larger(e[i], f));
        diagonal = h[i];
        h[i] = (int16_t)cell;
        best = larger(best, cell);
        int opened = cell - scores->gap_open;
        e[i] = (int16_t)larger(larger(e[i] - scores->gap_extend, opened), 0);
        f = larger(f - scores->gap_extend, opened);
    }
    return best;
}

struct gn_ssw_end gn_ssw_pass_banded(const struct gn_ssw_pass *pass, struct gn_ssw_band band)
{
    struct gn_ssw_end end = {0, -1, 0};
    int16_t *h = pass->columns, *e = h + pass->n_query;
    memset(h, 0, 2 * (size_t)pass->n_query * sizeof *h);
    for (int step = 0; step < pass->n_target; step++) {
        int column = pass->backwards ? pass->n_target - 1 - step : step;
        int first = larger(step - band.last, 0);
        int last = smaller(step - band.first, pass->n_query - 1);
        int best = walk_column(pass, pass->target[column], first, last, h, e);
        if (best <= end.score)
            continue;
        end.score = best;
        end.column = column;
        end.row = first;
        while (h[end.row] != best)
            end.row++;
        if (best == pass->stop_score)
            break;
    }
    return end;
}

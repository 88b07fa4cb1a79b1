/* SPDX-License-Identifier: MIT
 *
 * ssw_striped.h - the score pass with Farrar's striped vectors (Bioinformatics 23:156, 2007).
 *
 * The body of ssw_sse2.c and ssw_avx2.c, which define `vector` (LANES 16-bit integers) and its operations before they
 * include it. Values are never negative, so "less, at least 0" is an unsigned saturating subtraction.
 */
#include <string.h>

#include "realign/ssw_pass.h"

struct striped {
    int segment;            /* vectors in a column */
    vector open, extend;    /* gap penalties */
    vector *h, *previous_h; /* this column and the one before */
    vector *e;              /* best score that ends in a gap along the target */
    vector *best_h;         /* copy of the column that holds the best score */
};

/* Fills one column without the vertical gaps that cross from one lane into the next; returns its largest cells. */
static inline vector fill_column(const struct striped *s, const vector *scores, vector *last_f)
{
    vector f = vector_splat(0), largest = f;
    vector cell = vector_shift_in_zero(s->previous_h[s->segment - 1]);
    for (int j = 0; j < s->segment; j++) {
        cell = vector_add(cell, scores[j]);
        cell = vector_max(vector_max(cell, s->e[j]), f);
        largest = vector_max(largest, cell);
        s->h[j] = cell;
        vector opened = vector_less(cell, s->open);
        s->e[j] = vector_max(vector_less(s->e[j], s->extend), opened);
        f = vector_max(vector_less(f, s->extend), opened);
        cell = s->previous_h[j];
    }
    *last_f = f;
    return largest;
}

/* Carries vertical gaps over the lane borders until none can raise a cell. Gaps along the target need no correction:
 * the same two gaps in the other order end in the same cell with the same score. */
static inline void carry_gaps(const struct striped *s, vector f)
{
    for (int lane = 0; lane < LANES; lane++) {
        f = vector_shift_in_zero(f);
        for (int j = 0; j < s->segment; j++) {
            vector cell = vector_max(s->h[j], f);
            s->h[j] = cell;
            f = vector_less(f, s->extend);
            if (!vector_any_greater(f, vector_less(cell, s->open)))
                return;
        }
    }
}

static int smallest_row(const struct striped *s, int score, int n_query)
{
    const int16_t *cells = (const int16_t *)s->best_h;
    int row = 0;
    while (row < n_query - 1 && cells[row % s->segment * LANES + row / s->segment] != score)
        row++;
    return row;
}

static inline struct gn_ssw_end striped_pass(const struct gn_ssw_pass *pass)
{
    int rows = gn_ssw_rows(pass->n_query, LANES), segment = rows / LANES;
    struct striped s = {.segment = segment,
                        .open = vector_splat((int16_t)pass->scores.gap_open),
                        .extend = vector_splat((int16_t)pass->scores.gap_extend),
                        .h = (vector *)pass->columns,
                        .previous_h = (vector *)pass->columns + segment,
                        .e = (vector *)pass->columns + 2 * segment,
                        .best_h = (vector *)pass->columns + 3 * segment};
    memset(pass->columns, 0, 3 * (size_t)rows * sizeof *pass->columns);
    struct gn_ssw_end end = {0, -1, 0};
    vector best = vector_splat(0);
    for (int step = 0; step < pass->n_target; step++) {
        int column = pass->backwards ? pass->n_target - 1 - step : step;
        vector *swapped = s.previous_h;
        s.previous_h = s.h;
        s.h = swapped;
        vector f, largest;
        largest =
            fill_column(&s, (const vector *)pass->profile + pass->target[column] * segment, &f);
        carry_gaps(&s, f);
        if (vector_any_greater(largest, best)) {
            end.score = vector_largest(largest);
            end.column = column;
            best = vector_splat((int16_t)end.score);
            memcpy(s.best_h, s.h, (size_t)segment * sizeof *s.h);
            if (end.score == pass->stop_score)
                break;
        }
    }
    if (end.score > 0)
        end.row = smallest_row(&s, end.score, pass->n_query);
    return end;
}

/* SPDX-License-Identifier: MIT
 *
 * ssw_striped.h - the score pass with Farrar's striped vectors (Bioinformatics 23:156, 2007).
 *
 * The body of ssw_sse2.c and ssw_avx2.c, which define `vector` (LANES 16-bit integers) and its operations before they
 * include it. Values are never negative, so "less, at least 0" is an unsigned saturating subtraction.
 */
#include <stdbool.h>
#include <string.h>

#include "realign/ssw_pass.h"

struct striped {
    int segment;            /* vectors in a column */
    vector open, extend;    /* gap penalties */
    vector through[4];      /* what a gap loses on its way through 1, 2, 4 and 8 lanes */
    vector *h, *previous_h; /* this column and the one before */
    vector *e;              /* best score that ends in a gap along the target */
    vector *best_h;         /* copy of the column that holds the best score */
};

/* Fills one column without the vertical gaps that cross from one lane into the next; returns its largest cells. */
static inline vector fill_column(const struct striped *s, const vector *scores, vector *last_f)
{
    vector f = vector_splat(0), largest = f;
    vector cell = vector_shift_1(s->previous_h[s->segment - 1]);
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

/* Carries vertical gaps over the lane borders. A gap that leaves a lane loses the same on its way through every further one,
 * so what enters each lane is a running maximum over the lanes before it: as many steps as their number has binary digits.
 * Gaps along the target need no correction: the same two gaps in the other order end in the same cell with the same
 * score. */
static inline void carry_gaps(const struct striped *s, vector f)
{
    f = vector_max(f, vector_less(vector_shift_1(f), s->through[0]));
    f = vector_max(f, vector_less(vector_shift_2(f), s->through[1]));
    f = vector_max(f, vector_less(vector_shift_4(f), s->through[2]));
    if (LANES > 8)
        f = vector_max(f, vector_less(vector_shift_8(f), s->through[3]));
    f = vector_shift_1(f);
    for (int j = 0; j < s->segment; j++) {
        s->h[j] = vector_max(s->h[j], f);
        f = vector_less(f, s->extend);
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

static struct striped make_striped(const struct gn_ssw_pass *pass)
{
    int segment = gn_ssw_rows(pass->n_query, LANES) / LANES;
    vector *columns = (vector *)pass->columns;
    struct striped s = {.segment = segment,
                        .open = vector_splat((int16_t)pass->scores.gap_open),
                        .extend = vector_splat((int16_t)pass->scores.gap_extend),
                        .h = columns,
                        .previous_h = columns + segment,
                        .e = columns + 2 * segment,
                        .best_h = columns + 3 * segment};
    for (int i = 0; i < 4; i++) {
        int64_t lost = (int64_t)pass->scores.gap_extend * segment << i;
        s.through[i] = vector_splat((int16_t)(lost < INT16_MAX ? lost : INT16_MAX));
    }
    return s;
}

/* Moves on by one column; returns its largest cells. */
static inline vector next_column(struct striped *s, const struct gn_ssw_pass *pass, int column)
{
    vector *previous = s->previous_h;
    s->previous_h = s->h;
    s->h = previous;
    const vector *scores = (const vector *)pass->profile + pass->target[column] * s->segment;
    vector f, largest = fill_column(s, scores, &f);
    carry_gaps(s, f);
    return largest;
}

static inline struct gn_ssw_end striped_pass(const struct gn_ssw_pass *pass)
{
    struct striped s = make_striped(pass);
    memset(s.h, 0, 3 * (size_t)s.segment * sizeof *s.h);
    struct gn_ssw_end end = {0, -1, 0};
    vector best = vector_splat(0);
    for (int step = 0; step < pass->n_target; step++) {
        int column = pass->backwards ? pass->n_target - 1 - step : step;
        vector largest = next_column(&s, pass, column);
        if (vector_any_greater(largest, best)) {
            end.score = vector_largest(largest);
            end.column = column;
            best = vector_splat((int16_t)end.score);
            memcpy(s.best_h, s.h, (size_t)s.segment * sizeof *s.h);
            if (end.score == pass->stop_score)
                break;
        }
    }
    if (end.score > 0)
        end.row = smallest_row(&s, end.score, pass->n_query);
    return end;
}

static vector *state_at(int16_t *states, int i, const struct striped *s)
{
    return (vector *)states + 2 * (size_t)i * (size_t)s->segment;
}

static void save_state(const struct striped *s, vector *state)
{
    size_t bytes = (size_t)s->segment * sizeof *state;
    memcpy(state, s->h, bytes);
    memcpy(state + s->segment, s->e, bytes);
}

static void load_state(const struct striped *s, const vector *state)
{
    size_t bytes = (size_t)s->segment * sizeof *state;
    memcpy(s->h, state, bytes);
    memcpy(s->e, state + s->segment, bytes);
}

static bool equals_state(const struct striped *s, const vector *state)
{
    size_t bytes = (size_t)s->segment * sizeof *state;
    return memcmp(s->h, state, bytes) == 0 && memcmp(s->e, state + s->segment, bytes) == 0;
}

/* A walk over the columns in which a target differs from its predecessor. */
struct sibling_walk {
    struct striped s;
    int n_done;     /* columns walked or skipped */
    int best;       /* score up to here */
    vector largest; /* cells since the last state of either kind */
    int since_end;  /* best score since the last end state */
};

static void gather_best(struct sibling_walk *walk)
{
    int largest = vector_largest(walk->largest);
    walk->largest = vector_splat(0);
    if (largest > walk->best)
        walk->best = largest;
    if (largest > walk->since_end)
        walk->since_end = largest;
}

/* Starts at the last state that both targets share at the begin. */
static struct sibling_walk start_walk(const struct gn_ssw_pass *pass, int shared_prefix,
                                      const struct gn_ssw_trail *trail)
{
    struct sibling_walk walk = {.s = make_striped(pass), .largest = vector_splat(0)};
    int n_states = shared_prefix / GN_SSW_STRIDE;
    if (n_states > trail->n_begin)
        n_states = trail->n_begin;
    walk.n_done = n_states * GN_SSW_STRIDE;
    if (n_states > 0) {
        load_state(&walk.s, state_at(trail->begin_states, n_states - 1, &walk.s));
        walk.best = trail->begin_best[n_states - 1];
    } else {
        memset(walk.s.h, 0, 3 * (size_t)walk.s.segment * sizeof *walk.s.h);
    }
    return walk;
}

/* From index `from` on, end_best[] holds the best score between one end state and the next: makes it that of all that
 * follows. */
static void add_up_from_end(struct gn_ssw_trail *trail, int from, int n)
{
    for (int i = from > 0 ? from : 1; i < n; i++)
        if (trail->end_best[i] < trail->end_best[i - 1])
            trail->end_best[i] = trail->end_best[i - 1];
}

static inline int striped_sibling(const struct gn_ssw_pass *pass, struct gn_ssw_sibling sibling,
                                  struct gn_ssw_trail *trail)
{
    struct sibling_walk walk = start_walk(pass, sibling.shared_prefix, trail);
    int n = pass->n_target, n_kept = 0;
    int n_end = n > walk.n_done ? (n - walk.n_done - 1) / GN_SSW_STRIDE : 0;
    while (walk.n_done < n) {
        walk.largest = vector_max(walk.largest, next_column(&walk.s, pass, walk.n_done++));
        int left = n - walk.n_done, i = left / GN_SSW_STRIDE - 1;
        bool at_end_state = left % GN_SSW_STRIDE == 0;
        if (!at_end_state && walk.n_done % GN_SSW_STRIDE != 0)
            continue;
        gather_best(&walk);
        if (walk.n_done % GN_SSW_STRIDE == 0) {
            int b = walk.n_done / GN_SSW_STRIDE - 1;
            save_state(&walk.s, state_at(trail->begin_states, b, &walk.s));
            trail->begin_best[b] = walk.best;
        }
        if (!at_end_state)
            continue;
        trail->end_best[i + 1] = walk.since_end;
        walk.since_end = 0;
        if (i < 0)
            break;
        vector *state = state_at(trail->end_states, i, &walk.s);
        if (left <= sibling.shared_suffix && i < trail->n_end && equals_state(&walk.s, state)) {
            n_kept = i + 1;
            walk.best = walk.best > trail->end_best[i] ? walk.best : trail->end_best[i];
            break;
        }
        save_state(&walk.s, state);
    }
    add_up_from_end(trail, n_kept, n_end);
    trail->n_begin = walk.n_done / GN_SSW_STRIDE;
    trail->n_end = n_end;
    return walk.best;
}

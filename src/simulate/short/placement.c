/* SPDX-License-Identifier: MIT
 *
 * placement.c - works on one reference position per base, so that both ends are the same code
 * walked in two directions.
 */
#include <stdbool.h>

#include "simulate/short/placement.h"

#include <htslib/sam.h>

enum {
    MATCH = 1,
    MISMATCH = -4,
    GAP_OPEN = -6,
    GAP_EXTEND = -1,
    CLIP = -5,
    OUTSIDE = -1000,
    FEWEST_ALIGNED = 30
};

/* A read seen from one of its ends: base k of the view is base k (or n - 1 - k) of the read. */
struct view {
    const struct gn_placement_task *task;
    int direction; /* +1 from the left end, -1 from the right one */
};

static int at(const struct view *view, int k)
{
    return view->direction > 0 ? k : view->task->n - 1 - k;
}

static int score_base(const struct gn_placement_task *task, int i, int64_t pos0)
{
    if (pos0 < 0 || pos0 >= task->ref_length)
        return MISMATCH;
    return task->bases[i] == task->ref[pos0] ? MATCH : MISMATCH;
}

/* An insertion beside a deletion is no indel, as far as they are of one length. */
static void cancel_indels(const struct gn_placement_task *task)
{
    int64_t *positions = task->positions;
    for (int i = 1; i < task->n; i++) {
        if (positions[i] != GN_PLACED_INSERTED || positions[i - 1] == GN_PLACED_INSERTED)
            continue;
        int end = i;
        while (end < task->n && positions[end] == GN_PLACED_INSERTED)
            end++;
        if (end == task->n)
            return;
        int64_t gap = positions[end] - positions[i - 1] - 1;
        for (int k = i; k < end && gap > 0; k++, gap--)
            positions[k] = positions[k - 1] + 1;
    }
}

/* Moves the insertion [i, end) left while its last base equals the one before it. */
static void shift_insertion(const struct gn_placement_task *task, int i, int end)
{
    int64_t *positions = task->positions;
    while (i > 1 && positions[i - 1] >= 0 && positions[i - 2] >= 0 &&
           task->bases[end - 1] == task->bases[i - 1]) {
        positions[end - 1] = positions[i - 1];
        positions[i - 1] = GN_PLACED_INSERTED;
        i--;
        end--;
    }
}

/* Moves the deletion before base i left while the reference allows it. */
static void shift_deletion(const struct gn_placement_task *task, int i)
{
    int64_t *positions = task->positions;
    while (i > 1 && positions[i - 1] >= 0 && positions[i - 2] >= 0 &&
           positions[i] > positions[i - 1] + 1 && positions[i - 1] < task->ref_length &&
           positions[i] <= task->ref_length &&
           task->ref[positions[i] - 1] == task->ref[positions[i - 1]]) {
        positions[i - 1] = positions[i] - 1;
        i--;
    }
}

/* Indels lie as far left as they can, as aligners put them. */
static void shift_indels(const struct gn_placement_task *task)
{
    const int64_t *positions = task->positions;
    for (int i = 1; i < task->n; i++) {
        if (positions[i] == GN_PLACED_INSERTED && positions[i - 1] != GN_PLACED_INSERTED) {
            int end = i;
            while (end < task->n && positions[end] == GN_PLACED_INSERTED)
                end++;
            if (end < task->n)
                shift_insertion(task, i, end);
            i = end;
        } else if (positions[i] >= 0 && positions[i - 1] >= 0) {
            shift_deletion(task, i);
        }
    }
}

/* Best score of bases [0, n) of a view, walked outward from base n - 1; clipping the rest is
 * allowed. When `shifted`, the bases lie gapless beside base n; else each at its own position. */
static int score_outward(const struct view *view, int n, bool shifted)
{
    const int64_t *positions = view->task->positions;
    int64_t beside = positions[at(view, n)];
    int score = 0, best = CLIP;
    for (int k = n - 1; k >= 0; k--) {
        int i = at(view, k);
        int64_t pos0 = shifted ? beside - view->direction * (int64_t)(n - k) : positions[i];
        score += score_base(view->task, i, pos0);
        if (score + CLIP > best)
            best = score + CLIP;
    }
    return score > best ? score : best;
}

/* Decides about the outermost indel of an end: true when it was removed in favour of a gapless
 * end. */
static bool flatten_outermost_indel(const struct view *view)
{
    const struct gn_placement_task *task = view->task;
    int64_t *positions = task->positions;
    int outer = 0; /* bases outside the indel */
    while (outer < task->n && positions[at(view, outer)] != GN_PLACED_INSERTED &&
           (outer == 0 ||
            positions[at(view, outer)] - positions[at(view, outer - 1)] == view->direction))
        outer++;
    if (outer == task->n || outer > task->n / 2)
        return false;
    int inner = outer; /* first base inside the indel */
    while (inner < task->n && positions[at(view, inner)] == GN_PLACED_INSERTED)
        inner++;
    if (inner == task->n)
        return false;
    int64_t length = inner - outer;
    if (length == 0)
        length =
            (positions[at(view, outer)] - positions[at(view, outer - 1)]) * view->direction - 1;
    int kept = GAP_OPEN + GAP_EXTEND * (int)length;
    kept += outer > 0 ? score_outward(&(struct view){task, view->direction}, outer, false) : 0;
    if (kept > score_outward(view, inner, true))
        return false;
    int64_t beside = positions[at(view, inner)];
    for (int k = 0; k < inner; k++)
        positions[at(view, k)] = beside - view->direction * (int64_t)(inner - k);
    return true;
}

/* What base i adds to the score of an alignment that goes on from base i - 1. */
static int score_step(const struct gn_placement_task *task, int i, int64_t *previous)
{
    int64_t pos0 = task->positions[i];
    if (pos0 == GN_PLACED_INSERTED) {
        bool opens = i == 0 || task->positions[i - 1] != GN_PLACED_INSERTED;
        return GAP_EXTEND + (opens ? GAP_OPEN : 0);
    }
    if (pos0 < 0 || pos0 >= task->ref_length)
        return OUTSIDE;
    int64_t gap = *previous < 0 ? 0 : pos0 - *previous - 1;
    *previous = pos0;
    return score_base(task, i, pos0) + (gap > 0 ? GAP_OPEN - (int)gap : 0);
}

/* Finds the stretch of highest score and clips what lies outside it, unless an end costs less than
 * clipping it. */
static void clip_ends(const struct gn_placement_task *task)
{
    int64_t previous = -1;
    int sum = 0, lowest = 0, lowest_at = 0; /* of the sums so far: the best stretch begins there */
    int best = 0, from = 0, to = 0, before = 0, until = 0;
    for (int i = 0; i < task->n; i++) {
        sum += score_step(task, i, &previous);
        if (sum - lowest > best) {
            best = sum - lowest;
            from = lowest_at;
            before = lowest;
            to = i + 1;
            until = sum;
        }
        if (sum < lowest) {
            lowest = sum;
            lowest_at = i + 1;
        }
    }
    for (int i = 0; i < from && before < CLIP; i++)
        task->positions[i] = GN_PLACED_CLIPPED;
    for (int i = to; i < task->n && sum - until < CLIP; i++)
        task->positions[i] = GN_PLACED_CLIPPED;
}

static void push_op(struct gn_placement *placement, uint32_t op, int64_t length)
{
    int n = placement->n_cigar;
    if (n > 0 && bam_cigar_op(placement->cigar[n - 1]) == op) {
        placement->cigar[n - 1] += (uint32_t)length << BAM_CIGAR_SHIFT;
        return;
    }
    if (n < GN_PLACED_MOST_OPS)
        placement->cigar[placement->n_cigar++] = (uint32_t)length << BAM_CIGAR_SHIFT | op;
}

static void write_alignment(const struct gn_placement_task *task, struct gn_placement *placement)
{
    int64_t previous = -1;
    *placement = (struct gn_placement){.pos0 = -1};
    for (int i = 0; i < task->n; i++) {
        int64_t pos0 = task->positions[i];
        if (pos0 == GN_PLACED_CLIPPED) {
            push_op(placement, BAM_CSOFT_CLIP, 1);
            continue;
        }
        placement->aligned++;
        if (pos0 == GN_PLACED_INSERTED) {
            push_op(placement, BAM_CINS, 1);
            placement->edit_distance++;
            placement->score += GAP_EXTEND;
            continue;
        }
        if (previous < 0) {
            placement->pos0 = pos0;
        } else if (pos0 > previous + 1) {
            push_op(placement, BAM_CDEL, pos0 - previous - 1);
            placement->edit_distance += (int)(pos0 - previous - 1);
            placement->score += GAP_OPEN - (int)(pos0 - previous - 1);
        }
        push_op(placement, BAM_CMATCH, 1);
        int score = score_base(task, i, pos0);
        placement->score += score;
        placement->edit_distance += score < 0;
        previous = pos0;
    }
}

bool gn_place_read(const struct gn_placement_task *task, struct gn_placement *placement)
{
    cancel_indels(task);
    shift_indels(task);
    struct view ends[2] = {{task, 1}, {task, -1}};
    for (int e = 0; e < 2; e++)
        for (int tries = 0; tries < 16 && flatten_outermost_indel(&ends[e]); tries++)
            continue;
    clip_ends(task);
    write_alignment(task, placement);
    return placement->pos0 >= 0 && placement->aligned >= FEWEST_ALIGNED &&
           placement->n_cigar < GN_PLACED_MOST_OPS;
}

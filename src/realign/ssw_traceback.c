/* SPDX-License-Identifier: MIT
 *
 * ssw_traceback.c - a banded alignment from corner to corner with the SSW library's tie-breaking (spec 30 section 6).
 *
 * The band starts as wide as the two lengths differ and doubles until it holds the score.
 */
#include "realign/ssw_traceback.h"

#include <htslib/sam.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum direction {
    TO_DIAGONAL = 0,
    TO_INSERTION = 1,
    TO_DELETION = 2,
    DIRECTION_MASK = 3,
    INSERTION_OPENS = 4,
    DELETION_OPENS = 8
};

static const size_t directions_limit = (size_t)1 << 28, row_limit = (size_t)1 << 25;

void gn_ssw_traceback_clear(struct gn_ssw_traceback *trace)
{
    free(trace->directions);
    free(trace->cells);
    free(trace->operations);
    *trace = (struct gn_ssw_traceback){0};
}

static inline int larger(int a, int b)
{
    return a > b ? a : b;
}

static inline int smaller(int a, int b)
{
    return a < b ? a : b;
}

/* Fills row i of the band; returns its best score. Cells outside the band count 0. */
static int fill_row(const struct gn_ssw_box *box, int i, int width, int *h, int *e, uint8_t *row)
{
    const struct gn_ssw_scores *s = &box->scores;
    int first = larger(0, i - width), last = smaller(box->n_target - 1, i + width);
    int best = 0, left = 0, f = 0;
    int diagonal = first > 0 ? h[first - 1] : 0;
    for (int j = first; j <= last; j++) {
        int opened = h[j] - s->gap_open, extended = e[j] - s->gap_extend;
        uint8_t flags = opened > extended ? INSERTION_OPENS : 0;
        e[j] = larger(opened, extended);
        opened = left - s->gap_open;
        extended = f - s->gap_extend;
        flags |= opened > extended ? DELETION_OPENS : 0;
        f = larger(opened, extended);
        int insertion = larger(e[j], 0), deletion = larger(f, 0);
        int gap = larger(insertion, deletion);
        int is_match = box->target[j] == box->query[i] && box->target[j] < 4;
        int straight = diagonal + (is_match ? s->match : -s->mismatch);
        if (gap > straight)
            flags |= insertion > deletion ? TO_INSERTION : TO_DELETION;
        diagonal = h[j];
        left = h[j] = larger(gap, straight);
        best = larger(best, left);
        row[j - i + width] = flags;
    }
    return best;
}

/* Fills bands of doubling width until one holds the score. Returns the width, 0 when it would grow too large. */
static int fill_band(struct gn_ssw_traceback *trace, const struct gn_ssw_box *box, gn_error_t *err)
{
    int longer = larger(box->n_target, box->n_query), best = 0;
    for (int width = abs(box->n_target - box->n_query) + 1;; width *= 2) {
        size_t stride = 2 * (size_t)width + 1, n_cells = 2 * (size_t)box->n_target;
        if (stride * (size_t)box->n_query > directions_limit)
            return 0;
        void *directions =
            gn_reserve(trace->directions, &trace->directions_cap, stride * (size_t)box->n_query, 1,
                       directions_limit, "cells of an alignment band", err);
        if (directions == NULL)
            return GN_E_MEMORY;
        trace->directions = directions;
        int *cells = gn_reserve(trace->cells, &trace->cells_cap, n_cells, sizeof *cells, row_limit,
                                "cells of an alignment row", err);
        if (cells == NULL)
            return GN_E_MEMORY;
        trace->cells = cells;
        memset(cells, 0, n_cells * sizeof *cells);
        for (int i = 0; i < box->n_query; i++)
            best = larger(best, fill_row(box, i, width, cells, cells + box->n_target,
                                         trace->directions + stride * (size_t)i));
        if (best >= box->score || width > longer / 2)
            return width;
    }
}

static void prepend(struct gn_ssw_traceback *trace, uint32_t operation)
{
    int n = trace->n_operations;
    if (n > 0 && bam_cigar_op(trace->operations[n - 1]) == operation)
        trace->operations[n - 1] += 1u << BAM_CIGAR_SHIFT;
    else
        trace->operations[trace->n_operations++] = bam_cigar_gen(1, operation);
}

/* Walks back from the last cells. Returns 0 when the way leaves the band. */
static int walk_back(struct gn_ssw_traceback *trace, const struct gn_ssw_box *box, int width)
{
    int i = box->n_query - 1, j = box->n_target - 1;
    enum direction inside = TO_DIAGONAL; /* the gap that the walk is in, if any */
    while (i >= 0 && j > 0) {
        if (abs(j - i) > width)
            return 0;
        size_t cell = (2 * (size_t)width + 1) * (size_t)i + (size_t)(j - i + width);
        uint8_t flags = trace->directions[cell];
        enum direction way = inside != TO_DIAGONAL ? inside : flags & DIRECTION_MASK;
        uint8_t opens = way == TO_INSERTION ? INSERTION_OPENS : DELETION_OPENS;
        inside = way == TO_DIAGONAL || (flags & opens) != 0 ? TO_DIAGONAL : way;
        prepend(trace, way == TO_DIAGONAL ? BAM_CMATCH : way == TO_INSERTION ? BAM_CINS : BAM_CDEL);
        i -= way != TO_DELETION;
        j -= way != TO_INSERTION;
    }
    prepend(trace, BAM_CMATCH);
    return 1;
}

int gn_ssw_trace(struct gn_ssw_traceback *trace, const struct gn_ssw_box *box, gn_error_t *err)
{
    trace->n_operations = 0;
    int width = fill_band(trace, box, err);
    if (width <= 0)
        return width;
    size_t n = (size_t)box->n_query + (size_t)box->n_target + 1;
    void *operations =
        gn_reserve(trace->operations, &trace->operations_cap, n, sizeof *trace->operations,
                   row_limit, "operations of an alignment", err);
    if (operations == NULL)
        return GN_E_MEMORY;
    trace->operations = operations;
    return walk_back(trace, box, width);
}

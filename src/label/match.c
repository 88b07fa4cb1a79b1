/* SPDX-License-Identifier: MIT
 *
 * match.c - genotypes first, then alleles of what is left.
 */
#include "label/match.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "label/match_path.h"

struct gn_matcher {
    gn_fasta_t *fasta;
    gn_path_finder_t *finder; /* NULL without fasta */
    struct gn_path_step *steps;
    size_t cap;
};

static bool is_open(const struct gn_eval_unit *unit, int n_haplotypes)
{
    return n_haplotypes == 2 ? !unit->is_matched : !unit->is_allele_matched;
}

static void settle(struct gn_eval_unit *unit, int n_haplotypes)
{
    unit->is_allele_matched = true;
    unit->is_matched |= n_haplotypes == 2;
}

/* The truth is as sure as the least sure call that explains it. */
static void take_scores(struct gn_eval_unit *truth, const struct gn_eval_unit *call, bool is_first)
{
    for (int k = 0; k < GN_EVAL_SCORES; k++)
        if (is_first || call->scores[k] < truth->scores[k])
            truth->scores[k] = call->scores[k];
}

/* Gives the truth of one segment the scores of its calls. */
static void score_segment(const struct gn_path_step *steps, int n)
{
    for (int t = 0; t < n; t++) {
        bool is_first = true;
        for (int c = 0; c < n && steps[t].side == 0; c++)
            if (steps[c].side == 1 && steps[c].choice > 0) {
                take_scores(steps[t].unit, steps[c].unit, is_first);
                is_first = false;
            }
    }
}

static void mark(const struct gn_path_task *task)
{
    for (int i = 0, end = 0; i < task->n; i = end) {
        while (end < task->n && task->steps[end].segment == task->steps[i].segment)
            end++;
        if (task->n_haplotypes == 2)
            score_segment(task->steps + i, end - i);
        for (int k = i; k < end; k++)
            if (task->steps[k].choice > 0)
                settle(task->steps[k].unit, task->n_haplotypes);
    }
}

static void add_open(struct gn_path_task *path, struct gn_eval_unit *const *units, int n, int side)
{
    for (int i = 0; i < n; i++)
        if (is_open(units[i], path->n_haplotypes))
            path->steps[path->n++] = (struct gn_path_step){.unit = units[i], .side = side};
}

/* The reference bases that hold all edits. */
static int find_window(gn_matcher_t *matcher, struct gn_path_task *path, gn_error_t *err)
{
    path->start0 = INT64_MAX;
    path->end0 = 0;
    for (int i = 0; i < path->n; i++)
        for (int h = 0; h < 2; h++) {
            const struct gn_edit *edit = &path->steps[i].unit->edits[h];
            if (edit->alt == NULL)
                continue;
            path->start0 = edit->start0 < path->start0 ? edit->start0 : path->start0;
            path->end0 = edit->end0 > path->end0 ? edit->end0 : path->end0;
        }
    int contig = path->steps[0].unit->contig;
    int64_t length = gn_fasta_contigs(matcher->fasta)->lengths[contig];
    /* one base at least, though only insertions stand here */
    int64_t from0 = path->start0 < length ? path->start0 : length - 1;
    int64_t to0 = path->end0 > from0 ? path->end0 : from0 + 1;
    path->ref = gn_fasta_peek(matcher->fasta, contig, from0, to0, err);
    if (path->ref == NULL)
        return err->code;
    path->ref += path->start0 - from0;
    return GN_OK;
}

static int match_paths(gn_matcher_t *matcher, struct gn_match_task *task, int n_haplotypes,
                       gn_error_t *err)
{
    struct gn_path_task path = {.steps = matcher->steps, .n_haplotypes = n_haplotypes};
    add_open(&path, task->truth, task->n_truth, 0);
    int n_truth = path.n;
    add_open(&path, task->calls, task->n_calls, 1);
    if (n_truth == 0 || path.n == n_truth)
        return GN_OK;
    int code = find_window(matcher, &path, err);
    if (code == GN_OK)
        code = gn_path_search(matcher->finder, &path, err);
    if (code < 0)
        return code;
    mark(&path);
    task->is_cut_short |= path.is_cut_short;
    return GN_OK;
}

static bool has_edit(const struct gn_eval_unit *unit, const struct gn_edit *edit)
{
    return edit->alt != NULL &&
           (gn_edit_equal(&unit->edits[0], edit) || gn_edit_equal(&unit->edits[1], edit));
}

static bool same_genotype(const struct gn_eval_unit *a, const struct gn_eval_unit *b)
{
    return (gn_edit_equal(&a->edits[0], &b->edits[0]) &&
            gn_edit_equal(&a->edits[1], &b->edits[1])) ||
           (gn_edit_equal(&a->edits[0], &b->edits[1]) && gn_edit_equal(&a->edits[1], &b->edits[0]));
}

/* Pairs what is equal as it stands and still open: records that no haplotype can hold together, and all without reference. */
static void match_equal(const struct gn_match_task *task, int n_haplotypes)
{
    for (int t = 0; t < task->n_truth; t++)
        for (int c = 0; c < task->n_calls && is_open(task->truth[t], n_haplotypes); c++) {
            struct gn_eval_unit *x = task->truth[t], *y = task->calls[c];
            bool is_equal = n_haplotypes == 1
                                ? has_edit(y, &x->edits[0]) || has_edit(y, &x->edits[1])
                                : same_genotype(x, y);
            if (!is_equal || !is_open(y, n_haplotypes))
                continue;
            if (n_haplotypes == 2)
                take_scores(x, y, true);
            settle(x, n_haplotypes);
            settle(y, n_haplotypes);
        }
}

gn_matcher_t *gn_matcher_create(gn_fasta_t *fasta, gn_error_t *err)
{
    gn_matcher_t *matcher = calloc(1, sizeof *matcher);
    if (matcher == NULL) {
        gn_fail_memory(err, "the matcher");
        return NULL;
    }
    matcher->fasta = fasta;
    if (fasta != NULL && (matcher->finder = gn_path_finder_create(0, err)) == NULL) {
        gn_matcher_destroy(matcher);
        return NULL;
    }
    return matcher;
}

void gn_matcher_destroy(gn_matcher_t *matcher)
{
    if (matcher == NULL)
        return;
    gn_path_finder_destroy(matcher->finder);
    free(matcher->steps);
    free(matcher);
}

int gn_match(gn_matcher_t *matcher, struct gn_match_task *task, gn_error_t *err)
{
    task->is_cut_short = false;
    if (task->n_truth == 0 || task->n_calls == 0)
        return GN_OK;
    struct gn_path_step *steps =
        gn_reserve(matcher->steps, &matcher->cap, (size_t)task->n_truth + (size_t)task->n_calls,
                   sizeof *steps, (size_t)1 << 26, "variants beside each other", err);
    if (steps == NULL)
        return GN_E_MEMORY;
    matcher->steps = steps;
    int code = GN_OK;
    for (int n_haplotypes = 2; n_haplotypes > 0 && code == GN_OK; n_haplotypes--) {
        if (matcher->fasta != NULL)
            code = match_paths(matcher, task, n_haplotypes, err);
        if (code == GN_OK)
            match_equal(task, n_haplotypes);
    }
    return code;
}

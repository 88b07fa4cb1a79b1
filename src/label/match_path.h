/* SPDX-License-Identifier: MIT
 *
 * match_path.h - the largest subsets of truth and calls that spell the same haplotypes, phases being free: the search of
 * RTG vcfeval (Cleary et al. 2015, bioRxiv 023754), from left to right, with one state kept of those that can only go on
 * alike.
 */
#ifndef GN_LABEL_MATCH_PATH_H
#define GN_LABEL_MATCH_PATH_H

#include "label/eval_unit.h"

/// A unit on the way, and what the search decided about it.
struct gn_path_step {
    struct gn_eval_unit *unit; /* borrowed */
    int side;                  /* 0 truth, 1 calls */
    int choice;                /* 0 left out; else taken, in one of the phases */
    int segment; /* taken units of one number explain each other; between segments both sides are even */
};

struct gn_path_task {
    struct gn_path_step *steps; /* any order; sorted by the search */
    int n;
    int n_haplotypes; /* 2: genotypes; 1: one haplotype with any one alternate allele of each */
    const char *ref;  /* bases [start0, end0), which hold all edits */
    int64_t start0, end0;
    bool is_cut_short; /* set when there were too many states and unlikely ones were dropped */
};

typedef struct gn_path_finder gn_path_finder_t;

/// @param most_states  kept after a unit; 0: the usual number. One finder per thread.
GN_MUST_CHECK
gn_path_finder_t *gn_path_finder_create(int most_states, gn_error_t *err);
void gn_path_finder_destroy(gn_path_finder_t *finder);

/// Decides about all steps: as many units as possible are taken, then as much truth as possible. Where one side alone
/// takes units, which then undo each other, none is taken. Same task, same result.
GN_MUST_CHECK
int gn_path_search(gn_path_finder_t *finder, struct gn_path_task *task, gn_error_t *err);

#endif

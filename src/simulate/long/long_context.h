/* SPDX-License-Identifier: MIT
 *
 * long_context.h - the surroundings on which the errors and qualities of long reads depend: runs of
 * one base and short tandem repeats.
 */
#ifndef GN_SIMULATE_LONG_LONG_CONTEXT_H
#define GN_SIMULATE_LONG_LONG_CONTEXT_H

#include <stdbool.h>
#include <stdint.h>

enum {
    GN_LONG_LONGEST_RUN = 30, /* longer runs are taken for runs of 30 */
    GN_LONG_MOST_COPIES = 30, /* likewise copies of a repeat's unit */
    GN_LONG_LONGEST_UNIT = 4, /* bases of a repeat's unit, the shortest is 2 */
    GN_LONG_RUN_CLASSES = 7,  /* 1, 2, 3, 4-5, 6-8, 9-12, 13 and more */
    GN_LONG_QUALITY_CONTEXTS = 3 * GN_LONG_RUN_CLASSES + 2
};

/// The surroundings of one base.
struct gn_long_base {
    uint8_t run;            /* length of its run of equal bases, at most 255 */
    uint8_t index;          /* place in the run, 0 leftmost, at most 255 */
    uint8_t unit;           /* 2 to 4 in a tandem repeat, else 0 */
    uint8_t copies;         /* of the unit, rounded down; at most 255 */
    bool is_first, is_last; /* in the leftmost, rightmost unit of the repeat */
    bool starts_repeat;     /* the repeat's leftmost base */
};

/// Describes n bases. Repeats are 4 or more copies of 2 bases, 3 or more of 3 or 4; of overlapping
/// ones the leftmost is taken.
void gn_long_contexts(const char *bases, int64_t n, struct gn_long_base *out);

/// Class of a run's length, below GN_LONG_RUN_CLASSES.
int gn_long_run_class(int run);

/// What the quality of a base depends on, below GN_LONG_QUALITY_CONTEXTS: the class of its run and
/// whether it is read first, last or between; outside of runs, first or later unit of a repeat.
int gn_long_quality_context(const struct gn_long_base *base, bool is_reverse);

#endif

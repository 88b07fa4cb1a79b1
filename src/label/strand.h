/* SPDX-License-Identifier: MIT
 *
 * strand.h - one haplotype as truth and calls spell it, from left to right: how far either side has come and by which bases
 * one of them is ahead of the other.
 *
 * Holds that the two spellings agree as far as both go; an operation after which they would not fails.
 */
#ifndef GN_LABEL_STRAND_H
#define GN_LABEL_STRAND_H

#include "base/memory.h"
#include "label/eval_unit.h"

enum {
    GN_STRAND_MOST_AHEAD = 1 << 17, /* bases */
    GN_STRAND_MOST_LATER = 4
};

struct gn_strand {
    int64_t pos0[2]; /* next reference base of truth, calls */
    const struct gn_edit
        *later[2][GN_STRAND_MOST_LATER]; /* chosen edits that begin further right, by start */
    int n_later[2];
    bool has_inserted[2]; /* the side has inserted bases right before pos0 */
    int ahead;            /* the side that `extra` belongs to */
    const char *extra;    /* borrowed: what it spells beyond the other side */
    size_t n_extra;
};

/// What strands run along: reference bases from start0 on, and room for what they spell.
struct gn_strand_place {
    const char *ref;
    int64_t start0;
    gn_arena_t *arena;
};

/// Lets both sides reach pos0 over reference bases and edits chosen before.
/** @param is_end  edits that begin at pos0 too: nothing else is to come
    @return false when the spellings differ, or one side runs ahead further than GN_STRAND_MOST_AHEAD or the arena allow */
bool gn_strand_advance(struct gn_strand *strand, const struct gn_strand_place *place, int64_t pos0,
                       bool is_end);

/// Puts an edit on one side of a strand that has reached pos0; the edit begins there or later. False as above, and when it
/// touches bases of another one, or would be one too many of those that begin later.
bool gn_strand_apply(struct gn_strand *strand, const struct gn_strand_place *place, int side,
                     const struct gn_edit *edit, int64_t pos0);

/// True when both sides have spelled the same and wait at pos0.
bool gn_strand_is_even(const struct gn_strand *strand, int64_t pos0);

/// True when all that follows is the same for both.
bool gn_strand_equal(const struct gn_strand *a, const struct gn_strand *b);

uint64_t gn_strand_hash(const struct gn_strand *strand);

#endif

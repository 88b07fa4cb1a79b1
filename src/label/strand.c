/* SPDX-License-Identifier: MIT
 *
 * strand.c - bases are compared as soon as both sides have spelled them.
 */
#include "label/strand.h"

#include <string.h>

/* Bases of the side that is ahead. */
static bool extend(struct gn_strand *strand, const struct gn_strand_place *place, const char *bases,
                   size_t n)
{
    size_t total = strand->n_extra + n;
    if (total > GN_STRAND_MOST_AHEAD)
        return false;
    if (strand->n_extra == 0) {
        strand->extra = bases;
    } else if (strand->extra + strand->n_extra != bases) {
        char *joined = gn_arena_alloc(place->arena, total);
        if (joined == NULL)
            return false;
        memcpy(joined, strand->extra, strand->n_extra);
        memcpy(joined + strand->n_extra, bases, n);
        strand->extra = joined;
    }
    strand->n_extra = total;
    return true;
}

static bool spell(struct gn_strand *strand, const struct gn_strand_place *place, int side,
                  const char *bases, int64_t length)
{
    size_t n = (size_t)length;
    if (n == 0)
        return true;
    if (strand->n_extra == 0)
        strand->ahead = side;
    if (strand->ahead == side)
        return extend(strand, place, bases, n);
    size_t n_shared = n < strand->n_extra ? n : strand->n_extra;
    if (memcmp(strand->extra, bases, n_shared) != 0)
        return false;
    strand->extra += n_shared;
    strand->n_extra -= n_shared;
    return n == n_shared || spell(strand, place, side, bases + n_shared, (int64_t)(n - n_shared));
}

static bool spell_reference(struct gn_strand *strand, const struct gn_strand_place *place, int side,
                            int64_t end0)
{
    int64_t from0 = strand->pos0[side];
    if (from0 >= end0)
        return true;
    strand->pos0[side] = end0;
    strand->has_inserted[side] = false;
    return spell(strand, place, side, place->ref + (from0 - place->start0), end0 - from0);
}

static bool put(struct gn_strand *strand, const struct gn_strand_place *place, int side,
                const struct gn_edit *edit)
{
    bool inserts = edit->start0 == edit->end0;
    if (edit->start0 < strand->pos0[side] ||
        (inserts && strand->has_inserted[side] && edit->start0 == strand->pos0[side]))
        return false;
    if (!spell_reference(strand, place, side, edit->start0))
        return false;
    strand->pos0[side] = edit->end0;
    strand->has_inserted[side] = inserts;
    return spell(strand, place, side, edit->alt, edit->length);
}

/* Puts the first of the edits that were chosen before. */
static bool put_later(struct gn_strand *strand, const struct gn_strand_place *place, int side)
{
    const struct gn_edit **later = strand->later[side], *first = later[0];
    strand->n_later[side]--;
    memmove(later, later + 1, (size_t)strand->n_later[side] * sizeof *later);
    return put(strand, place, side, first);
}

/* Whether a side that goes to pos0 meets the edit: insertions stand before all else that begins there. */
static bool is_due(const struct gn_edit *edit, int64_t pos0, bool is_end)
{
    return edit->start0 < pos0 || (edit->start0 == pos0 && (is_end || edit->end0 == pos0));
}

bool gn_strand_advance(struct gn_strand *strand, const struct gn_strand_place *place, int64_t pos0,
                       bool is_end)
{
    bool is_plain = strand->n_extra == 0 && strand->pos0[0] == strand->pos0[1] &&
                    strand->pos0[0] < pos0 && strand->n_later[0] + strand->n_later[1] == 0;
    if (is_plain) {
        strand->pos0[0] = strand->pos0[1] = pos0;
        strand->has_inserted[0] = strand->has_inserted[1] = false;
        return true;
    }
    for (int side = 0; side < 2; side++) {
        while (strand->n_later[side] > 0 && is_due(strand->later[side][0], pos0, is_end))
            if (!put_later(strand, place, side))
                return false;
        if (!spell_reference(strand, place, side, pos0))
            return false;
    }
    return true;
}

static bool starts_before(const struct gn_edit *a, const struct gn_edit *b)
{
    return a->start0 != b->start0 ? a->start0 < b->start0 : a->end0 < b->end0;
}

bool gn_strand_apply(struct gn_strand *strand, const struct gn_strand_place *place, int side,
                     const struct gn_edit *edit, int64_t pos0)
{
    const struct gn_edit **later = strand->later[side];
    int n = strand->n_later[side], i = n;
    while (n > 0 && later[0]->start0 <= pos0 && starts_before(later[0], edit)) {
        if (!put_later(strand, place, side))
            return false;
        i = --n;
    }
    if (edit->start0 <= pos0)
        return (n == 0 || edit->end0 <= later[0]->start0) && put(strand, place, side, edit);
    if (n == GN_STRAND_MOST_LATER || edit->start0 < strand->pos0[side])
        return false;
    for (; i > 0 && starts_before(edit, later[i - 1]); i--)
        later[i] = later[i - 1];
    later[i] = edit;
    strand->n_later[side]++;
    return (i == 0 || later[i - 1]->end0 <= edit->start0) &&
           (i == n || edit->end0 <= later[i + 1]->start0);
}

bool gn_strand_is_even(const struct gn_strand *strand, int64_t pos0)
{
    return strand->n_extra == 0 && strand->pos0[0] == pos0 && strand->pos0[1] == pos0 &&
           strand->n_later[0] + strand->n_later[1] == 0;
}

bool gn_strand_equal(const struct gn_strand *a, const struct gn_strand *b)
{
    for (int side = 0; side < 2; side++) {
        if (a->pos0[side] != b->pos0[side] || a->n_later[side] != b->n_later[side] ||
            a->has_inserted[side] != b->has_inserted[side])
            return false;
        for (int i = 0; i < a->n_later[side]; i++)
            if (a->later[side][i] != b->later[side][i])
                return false;
    }
    if (a->n_extra != b->n_extra)
        return false;
    return a->n_extra == 0 || (a->ahead == b->ahead && memcmp(a->extra, b->extra, a->n_extra) == 0);
}

static uint64_t mix(uint64_t hash, uint64_t value)
{
    return (hash ^ value) * 0x100000001b3ULL;
}

uint64_t gn_strand_hash(const struct gn_strand *strand)
{
    uint64_t hash = 0xcbf29ce484222325ULL;
    for (int side = 0; side < 2; side++) {
        hash = mix(hash, (uint64_t)strand->pos0[side]);
        for (int i = 0; i < strand->n_later[side]; i++)
            hash = mix(hash, (uint64_t)strand->later[side][i]->start0);
        hash = mix(hash, strand->has_inserted[side]);
    }
    hash = mix(hash, strand->n_extra == 0 ? 2 : (uint64_t)strand->ahead);
    for (size_t i = 0; i < strand->n_extra; i++)
        hash = mix(hash, (unsigned char)strand->extra[i]);
    return hash ^ hash >> 29;
}

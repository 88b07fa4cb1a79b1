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

bool gn_strand_advance(struct gn_strand *strand, const struct gn_strand_place *place, int64_t pos0)
{
    bool is_plain = strand->n_extra == 0 && strand->pos0[0] == strand->pos0[1] &&
                    strand->pos0[0] < pos0 && strand->later[0] == NULL && strand->later[1] == NULL;
    if (is_plain) {
        strand->pos0[0] = strand->pos0[1] = pos0;
        strand->has_inserted[0] = strand->has_inserted[1] = false;
        return true;
    }
    for (int side = 0; side < 2; side++) {
        const struct gn_edit *later = strand->later[side];
        if (later != NULL && later->start0 <= pos0) {
            strand->later[side] = NULL;
            if (!put(strand, place, side, later))
                return false;
        }
        if (!spell_reference(strand, place, side, pos0))
            return false;
    }
    return true;
}

bool gn_strand_apply(struct gn_strand *strand, const struct gn_strand_place *place, int side,
                     const struct gn_edit *edit, int64_t pos0)
{
    const struct gn_edit *later = strand->later[side];
    if (edit->start0 <= pos0)
        return (later == NULL || edit->end0 <= later->start0) && put(strand, place, side, edit);
    if (later != NULL || edit->start0 < strand->pos0[side])
        return false;
    strand->later[side] = edit;
    return true;
}

bool gn_strand_is_even(const struct gn_strand *strand, int64_t pos0)
{
    return strand->n_extra == 0 && strand->pos0[0] == pos0 && strand->pos0[1] == pos0 &&
           strand->later[0] == NULL && strand->later[1] == NULL;
}

bool gn_strand_equal(const struct gn_strand *a, const struct gn_strand *b)
{
    for (int side = 0; side < 2; side++)
        if (a->pos0[side] != b->pos0[side] || a->later[side] != b->later[side] ||
            a->has_inserted[side] != b->has_inserted[side])
            return false;
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
        const struct gn_edit *later = strand->later[side];
        hash = mix(hash, (uint64_t)strand->pos0[side]);
        hash = mix(hash, later == NULL ? 0 : (uint64_t)later->start0 + 1);
        hash = mix(hash, strand->has_inserted[side]);
    }
    hash = mix(hash, strand->n_extra == 0 ? 2 : (uint64_t)strand->ahead);
    for (size_t i = 0; i < strand->n_extra; i++)
        hash = mix(hash, (unsigned char)strand->extra[i]);
    return hash ^ hash >> 29;
}

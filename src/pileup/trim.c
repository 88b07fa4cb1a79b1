/* SPDX-License-Identifier: MIT
 *
 * trim.c - window cutting with upstream's treatment of operations that have no reference length.
 */
#include "pileup/trim.h"

/* State of the walk. */
struct cut {
    uint32_t *cigar;
    int n_cigar;
    int first_base, n_bases; /* of the read */
    int64_t to_skip,
        to_keep; /* reference bases before and inside the window that are still to come */
    int64_t covered;
};

/* Returns false when the walk is over. */
static bool take_operation(struct cut *cut, uint32_t op, int64_t length)
{
    int64_t on_ref = gn_cigar_takes_reference(op) ? length : 0;
    bool in_read = gn_cigar_takes_read(op);
    int64_t kept = length;
    if (cut->to_skip > 0) {
        /* PARITY(dv-1.9): insertions and clips before the window go, bases and all. */
        if (on_ref <= cut->to_skip) {
            cut->to_skip -= on_ref;
            cut->first_base += in_read ? (int)length : 0;
            return true;
        }
        on_ref -= cut->to_skip;
        cut->first_base += in_read ? (int)cut->to_skip : 0;
        kept = on_ref;
        cut->to_skip = 0;
    }
    /* PARITY(dv-1.9): the operation that leaves the window is cut, possibly to length 0, and kept. */
    bool fits = on_ref <= cut->to_keep;
    if (!fits)
        kept = cut->to_keep;
    cut->to_keep -= fits ? on_ref : kept;
    cut->cigar[cut->n_cigar++] = (uint32_t)kept << 4 | op;
    cut->n_bases += in_read ? (int)kept : 0;
    cut->covered += gn_cigar_takes_reference(op) ? kept : 0;
    return fits;
}

int64_t gn_trim_read(const struct gn_read *read, int64_t start0, int64_t end0,
                     struct gn_read *trimmed, gn_arena_t *arena, gn_error_t *err)
{
    int64_t to_skip = start0 > read->pos0 ? start0 - read->pos0 : 0;
    *trimmed = *read;
    if (to_skip == 0 && read->end0 <= end0)
        return read->end0 - read->pos0;
    struct cut cut = {.to_skip = to_skip,
                      .to_keep = end0 - (start0 > read->pos0 ? start0 : read->pos0),
                      .cigar =
                          gn_arena_alloc(arena, (size_t)(read->n_cigar + 1) * sizeof *cut.cigar)};
    if (cut.cigar == NULL)
        return gn_fail_memory(err, "pileup images of one partition");
    for (int i = 0; i < read->n_cigar; i++)
        if (!take_operation(&cut, read->cigar[i] & 15, read->cigar[i] >> 4))
            break;
    if (to_skip > 0)
        trimmed->pos0 = start0;
    trimmed->cigar = cut.cigar;
    trimmed->n_cigar = cut.n_cigar;
    trimmed->bases = read->bases + cut.first_base;
    trimmed->qualities = read->qualities + cut.first_base;
    trimmed->length = cut.n_bases;
    trimmed->end0 = trimmed->pos0 + cut.covered;
    return cut.covered;
}

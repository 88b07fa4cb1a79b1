/* SPDX-License-Identifier: MIT
 *
 * trim.c - a read that shares its bases, qualities and modifications with the one it was cut from.
 */
#include "pileup/trim.h"

#include "reads/cut.h"

static const uint8_t *skip(const uint8_t *values, int64_t n)
{
    return values == NULL ? NULL : values + n;
}

int64_t gn_trim_read(const struct gn_read *read, int64_t start0, int64_t end0,
                     struct gn_read *trimmed, gn_arena_t *arena, gn_error_t *err)
{
    int64_t to_skip = start0 > read->pos0 ? start0 - read->pos0 : 0;
    *trimmed = *read;
    if (to_skip == 0 && read->end0 <= end0)
        return read->end0 - read->pos0;
    uint32_t *cigar = gn_arena_alloc(arena, (size_t)(read->n_cigar + 1) * sizeof *cigar);
    if (cigar == NULL)
        return gn_fail_memory(err, "pileup images of one partition");
    struct gn_cut cut;
    gn_cut_cigar(read->cigar, read->n_cigar, to_skip, end0 - (read->pos0 + to_skip), cigar, &cut);
    trimmed->pos0 = read->pos0 + to_skip;
    trimmed->cigar = cigar;
    trimmed->n_cigar = cut.n_cigar;
    trimmed->bases = read->bases + cut.first_base;
    trimmed->qualities = read->qualities + cut.first_base;
    trimmed->likelihood_5mc = skip(read->likelihood_5mc, cut.first_base);
    trimmed->likelihood_6ma = skip(read->likelihood_6ma, cut.first_base);
    trimmed->length = (int)cut.n_bases;
    trimmed->end0 = trimmed->pos0 + cut.covered;
    return cut.covered;
}

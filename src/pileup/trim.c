/* SPDX-License-Identifier: MIT
 *
 * trim.c - a read that shares its bases, qualities and modifications with the one it was cut from.
 *
 * Long reads have thousands of operations and are looked at for many candidates: the window is looked for from the
 * nearer end of the read, and only what lies in it is cut.
 */
#include "pileup/trim.h"

#include "reads/cut.h"

/* The beginning of an operation: bases of the reference and of the read before it. */
struct place {
    int op;
    int64_t on_ref, in_read;
};

static int64_t length_on_ref(uint32_t operation)
{
    return gn_cigar_takes_reference(operation & 15) ? operation >> 4 : 0;
}

static int64_t length_in_read(uint32_t operation)
{
    return gn_cigar_takes_read(operation & 15) ? operation >> 4 : 0;
}

/* An operation before which a cut of `to_skip` reference bases leaves nothing: the one that reaches past them, or the
 * first one after them. */
static struct place find_from_start(const struct gn_read *read, int64_t to_skip)
{
    struct place place = {0, 0, 0};
    while (place.on_ref < to_skip && place.op < read->n_cigar) {
        uint32_t operation = read->cigar[place.op];
        int64_t on_ref = length_on_ref(operation);
        if (place.on_ref + on_ref > to_skip)
            break;
        place.on_ref += on_ref;
        place.in_read += length_in_read(operation);
        place.op++;
    }
    return place;
}

/* The same place. */
static struct place find_from_end(const struct gn_read *read, int64_t to_skip)
{
    struct place place = {read->n_cigar, read->end0 - read->pos0, read->length};
    while (place.op > 0 && place.on_ref >= to_skip) {
        uint32_t operation = read->cigar[place.op - 1];
        int64_t on_ref = length_on_ref(operation);
        if (place.on_ref == to_skip && on_ref > 0)
            break;
        place.on_ref -= on_ref;
        place.in_read -= length_in_read(operation);
        place.op--;
    }
    return place;
}

/* Operations from a place to the one that leaves a window that ends `end` reference bases after the read's start. */
static int count_kept(const struct gn_read *read, struct place from, int64_t end)
{
    int op = from.op;
    for (int64_t at = from.on_ref; op < read->n_cigar && at <= end; op++)
        at += length_on_ref(read->cigar[op]);
    return op - from.op;
}

static const uint8_t *skip(const uint8_t *values, int64_t n)
{
    return values == NULL ? NULL : values + n;
}

int64_t gn_trim_read(const struct gn_read *read, int64_t start0, int64_t end0,
                     struct gn_read *trimmed, gn_arena_t *arena, gn_error_t *err)
{
    int64_t total = read->end0 - read->pos0;
    int64_t to_skip = start0 > read->pos0 ? start0 - read->pos0 : 0;
    *trimmed = *read;
    if (to_skip == 0 && read->end0 <= end0)
        return total;
    struct place from =
        to_skip <= total / 2 ? find_from_start(read, to_skip) : find_from_end(read, to_skip);
    int n = count_kept(read, from, end0 - read->pos0);
    uint32_t *cigar = gn_arena_alloc(arena, (size_t)(n + 1) * sizeof *cigar);
    if (cigar == NULL)
        return gn_fail_memory(err, "pileup images of one partition");
    struct gn_cut cut;
    gn_cut_cigar(read->cigar + from.op, n, to_skip - from.on_ref, end0 - (read->pos0 + to_skip),
                 cigar, &cut);
    int64_t first_base = from.in_read + cut.first_base;
    trimmed->pos0 = read->pos0 + to_skip;
    trimmed->cigar = cigar;
    trimmed->n_cigar = cut.n_cigar;
    trimmed->bases = read->bases + first_base;
    trimmed->qualities = read->qualities + first_base;
    trimmed->likelihood_5mc = skip(read->likelihood_5mc, first_base);
    trimmed->likelihood_6ma = skip(read->likelihood_6ma, first_base);
    trimmed->length = (int)cut.n_bases;
    trimmed->end0 = trimmed->pos0 + cut.covered;
    return cut.covered;
}

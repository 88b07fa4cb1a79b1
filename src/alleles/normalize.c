/* SPDX-License-Identifier: MIT
 *
 * normalize.c - shifts indels to the left until nothing moves, at most ten rounds, merging what becomes adjacent.
 */
#include "alleles/normalize.h"

#include <htslib/sam.h>
#include <string.h>

enum { MAX_ROUNDS = 10 };

struct operation {
    uint32_t op;
    int64_t length;
};

struct shift {
    const struct gn_read *read;
    const struct gn_normalize_window *window;
    struct operation *ops; /* has room for one more than the read's CIGAR, per round */
    int n;
    int64_t moved; /* of the read's start */
};

static void remove_operation(struct shift *s, int i)
{
    memmove(&s->ops[i], &s->ops[i + 1], (size_t)(s->n - i - 1) * sizeof *s->ops);
    s->n--;
}

/* An indel that has reached the start of the read: a deletion goes, an insertion becomes aligned bases. */
static void resolve_heading(struct shift *s, int i)
{
    if (s->n == 0)
        return;
    int64_t length = s->ops[i].length;
    if (s->ops[i].op == BAM_CDEL) {
        remove_operation(s, i);
        s->moved += length;
    } else if (s->ops[i].op == BAM_CINS) {
        s->ops[i].op = BAM_CMATCH;
        s->moved -= length;
    }
}

/* Whether the indel can move one base to the left; offset and index are those of its first base. */
static bool can_move(const struct shift *s, const struct operation *o, int64_t offset,
                     int64_t index)
{
    const char *read = s->read->bases, *ref = s->window->bases;
    if (o->op == BAM_CDEL) {
        int64_t last = index + o->length - 1;
        return offset > 0 && last >= 0 && last < s->window->length && read[offset - 1] == ref[last];
    }
    int64_t last = offset + o->length - 1;
    return index > 0 && index <= s->window->length && last >= 0 && last < s->read->length &&
           read[last] == ref[index - 1];
}

static void apply_shift(struct shift *s, int i, int64_t steps)
{
    if (i == 0 || (i == 1 && s->ops[0].op == BAM_CSOFT_CLIP)) {
        resolve_heading(s, i);
        return;
    }
    if (!gn_cigar_is_match(s->ops[i - 1].op))
        return;
    s->ops[i - 1].length -= steps;
    if (i + 1 == s->n)
        s->ops[s->n++] = (struct operation){BAM_CMATCH, steps};
    else
        s->ops[i + 1].length += steps;
}

/* Shifts the first indel that can move; false when none can. */
static bool shift_one(struct shift *s)
{
    int64_t offset = 0, index = s->read->pos0 - s->window->start0 + s->moved;
    int64_t room = s->ops[0].length; /* length of the operation before */
    for (int i = 0; i < s->n; i++) {
        struct operation *o = &s->ops[i];
        int64_t steps = 0;
        if (o->op == BAM_CINS || o->op == BAM_CDEL)
            for (; room > 0 && can_move(s, o, offset, index); room--, offset--, index--)
                steps++;
        if (steps > 0) {
            apply_shift(s, i, steps);
            return true;
        }
        room = o->length;
        if (gn_cigar_takes_read(o->op))
            offset += o->length;
        if (gn_cigar_is_match(o->op) || o->op == BAM_CDEL || o->op == BAM_CPAD ||
            o->op == BAM_CREF_SKIP)
            index += o->length;
    }
    return false;
}

static bool is_indel(uint32_t op)
{
    return op == BAM_CINS || op == BAM_CDEL;
}

/* Joins the first pair that can be joined; false when there is none. */
static bool merge_pair(struct shift *s)
{
    for (int i = 0; i + 1 < s->n; i++) {
        struct operation *a = &s->ops[i], *b = &s->ops[i + 1];
        if (a->op == b->op || (gn_cigar_is_match(a->op) && gn_cigar_is_match(b->op))) {
            a->length += b->length;
            b->length = 0;
            return true;
        }
        if (is_indel(a->op) && is_indel(b->op)) {
            int64_t shorter = a->length < b->length ? a->length : b->length;
            int64_t rest = a->length + b->length - 2 * shorter;
            if (a->length > b->length)
                b->op = a->op;
            *a = (struct operation){BAM_CMATCH, shorter};
            b->length = rest;
            return true;
        }
    }
    return false;
}

static bool merge_all(struct shift *s)
{
    bool any = false;
    for (bool again = true; again;) {
        for (int i = s->n - 1; i >= 0; i--)
            if (s->ops[i].length == 0) {
                remove_operation(s, i);
                any = true;
            }
        again = merge_pair(s);
        any = any || again;
    }
    return any;
}

static int write_result(const struct shift *s, struct gn_read *counted, gn_arena_t *arena,
                        gn_error_t *err)
{
    uint32_t *cigar = gn_arena_alloc(arena, (size_t)(s->n + 1) * sizeof *cigar);
    if (cigar == NULL)
        return gn_fail_memory(err, "reads of one partition");
    for (int i = 0; i < s->n; i++)
        cigar[i] = (uint32_t)s->ops[i].length << 4 | s->ops[i].op;
    counted->cigar = cigar;
    counted->n_cigar = s->n;
    counted->pos0 += s->moved;
    counted->end0 = gn_cigar_end(counted->pos0, cigar, s->n);
    /* PARITY(dv-1.9): what follows a shifted indel is lengthened, whatever it is. A hard clip or a skip takes no bases of
     * the read, so that as many are left behind its alignment; they are out of all that looks at it. */
    int64_t n_bases = 0;
    for (int i = 0; i < s->n; i++)
        n_bases += gn_cigar_takes_read(s->ops[i].op) ? s->ops[i].length : 0;
    if (n_bases < counted->length)
        counted->length = (int)n_bases;
    return GN_OK;
}

int gn_normalize_read(const struct gn_read *read, const struct gn_normalize_window *window,
                      struct gn_read *counted, gn_arena_t *arena, gn_error_t *err)
{
    *counted = *read;
    if (read->n_cigar == 0)
        return 0;
    struct shift s = {.read = read, .window = window, .n = read->n_cigar};
    s.ops = gn_arena_alloc(arena, (size_t)(read->n_cigar + MAX_ROUNDS + 1) * sizeof *s.ops);
    if (s.ops == NULL)
        return gn_fail_memory(err, "reads of one partition");
    for (int i = 0; i < read->n_cigar; i++)
        s.ops[i] = (struct operation){read->cigar[i] & 15, read->cigar[i] >> 4};
    bool is_modified = false;
    for (int round = 0; round < MAX_ROUNDS && s.n > 0; round++) {
        bool shifted = shift_one(&s);
        bool merged = merge_all(&s);
        if (!shifted && !merged)
            break;
        is_modified = true;
    }
    resolve_heading(&s, 0);
    int ret = write_result(&s, counted, arena, err);
    return ret < 0 ? ret : is_modified;
}

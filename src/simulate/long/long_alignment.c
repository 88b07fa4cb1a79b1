/* SPDX-License-Identifier: MIT
 *
 * long_alignment.c - one pass with a stack: what was placed last is the top; an indel goes left
 * through the aligned bases under it until their letters differ or it meets another indel.
 */
#include "simulate/long/long_alignment.h"

#include <stdlib.h>
#include <string.h>

#include <htslib/sam.h>

#include "base/memory.h"

enum {
    MOST_OPS = 1 << 24,
    MATCH = 2,
    MISMATCH = -4,
    NEAR = 12 /* aligned bases between an insertion and a deletion that may cancel */
};

void gn_long_alignment_start(struct gn_long_alignment *alignment, int64_t pos0)
{
    alignment->pos0 = pos0;
    alignment->clip_left = alignment->clip_right = 0;
    alignment->n = 0;
}

static int reserve_ops(struct gn_long_op **v, size_t *cap, size_t need, gn_error_t *err)
{
    struct gn_long_op *grown =
        gn_reserve(*v, cap, need, sizeof **v, MOST_OPS, "the alignment of a simulated read", err);
    if (grown == NULL)
        return GN_E_MEMORY;
    *v = grown;
    return GN_OK;
}

int gn_long_alignment_push(struct gn_long_alignment *alignment, int op, int64_t n, gn_error_t *err)
{
    if (n <= 0)
        return GN_OK;
    if (alignment->n > 0 && alignment->v[alignment->n - 1].op == op) {
        alignment->v[alignment->n - 1].n += (int32_t)n;
        return GN_OK;
    }
    int code = reserve_ops(&alignment->v, &alignment->cap, alignment->n + 1, err);
    if (code < 0)
        return code;
    alignment->v[alignment->n++] = (struct gn_long_op){op, (int32_t)n};
    return GN_OK;
}

/* What has been placed, and where it ends. */
struct stack {
    struct gn_long_op *v;
    size_t n;
    int64_t read, ref; /* first base after the top: index in the read, index in pairing->ref */
    const struct gn_long_pairing *pairing;
};

static void put(struct stack *stack, int op, int64_t n)
{
    if (n <= 0)
        return;
    stack->read += op == BAM_CDEL ? 0 : n;
    stack->ref += op == BAM_CINS ? 0 : n;
    if (stack->n > 0 && stack->v[stack->n - 1].op == op)
        stack->v[stack->n - 1].n += (int32_t)n;
    else
        stack->v[stack->n++] = (struct gn_long_op){op, (int32_t)n};
}

/* Takes n bases off the top. */
static void take(struct stack *stack, int64_t n)
{
    struct gn_long_op *top = &stack->v[stack->n - 1];
    stack->read -= top->op == BAM_CDEL ? 0 : n;
    stack->ref -= top->op == BAM_CINS ? 0 : n;
    top->n -= (int32_t)n;
    if (top->n == 0)
        stack->n--;
}

/* How far an indel of n bases at the stack's end can go left through its top, aligned bases. */
static int64_t leftward(const struct stack *stack, int op, int64_t n)
{
    int64_t most = stack->v[stack->n - 1].n, l = 0;
    const char *read = stack->pairing->read + stack->read, *ref = stack->pairing->ref + stack->ref;
    if (op == BAM_CINS)
        while (l < most && read[-1 - l] == read[n - 1 - l])
            l++;
    else
        while (l < most && ref[-1 - l] == ref[n - 1 - l])
            l++;
    /* the first base of the alignment stays */
    return l == most && stack->n == 1 ? l - 1 : l;
}

static int64_t mismatches(const struct gn_long_pairing *pairing, int64_t read, int64_t ref,
                          int64_t n)
{
    int64_t found = 0;
    for (int64_t i = 0; i < n; i++)
        found += pairing->read[read + i] != pairing->ref[ref + i];
    return found;
}

/* An indel of n bases would come after a few aligned bases that follow one of the other kind and
 * the same length: true when mismatches cost less; then those bases are placed without both. */
static bool flatten(struct stack *stack, int op, int64_t n)
{
    if (stack->n < 3)
        return false;
    struct gn_long_op between = stack->v[stack->n - 1], other = stack->v[stack->n - 2];
    if (between.op != BAM_CMATCH || between.n > NEAR || other.op == op || other.n != n || n > NEAR)
        return false;
    int64_t read = stack->read - between.n, ref = stack->ref - between.n;
    int64_t now = mismatches(stack->pairing, read, ref, between.n);
    read -= other.op == BAM_CINS ? n : 0;
    ref -= other.op == BAM_CDEL ? n : 0;
    int64_t then = mismatches(stack->pairing, read, ref, between.n + n);
    /* n more bases are aligned: each match gains, and two gaps are saved */
    int64_t gain = n * MATCH - (then - now) * (MATCH - MISMATCH) + 2 * (4 + 2 * n);
    if (gain <= 0)
        return false;
    take(stack, between.n);
    take(stack, other.n);
    put(stack, BAM_CMATCH, between.n + n);
    return true;
}

static void place_indel(struct stack *stack, int op, int64_t n)
{
    int64_t after = 0; /* aligned bases that the indel has passed */
    while (n > 0 && stack->n > 0) {
        struct gn_long_op top = stack->v[stack->n - 1];
        if (top.op == BAM_CMATCH) {
            int64_t l = leftward(stack, op, n);
            if (l > 0)
                take(stack, l);
            after += l;
            if (l < top.n)
                break;
            continue;
        }
        if (top.op == op) {
            take(stack, top.n);
            n += top.n;
            continue;
        }
        /* the other kind: as many bases as both have are aligned */
        int64_t both = top.n < n ? top.n : n;
        take(stack, top.n);
        after += both;
        if (top.n > n)
            op = top.op;
        n = (top.n > n ? top.n : n) - both;
    }
    if (n > 0 && flatten(stack, op, n))
        n = 0;
    put(stack, op, n);
    put(stack, BAM_CMATCH, after);
}

/* Indels at the ends of the alignment: inserted bases are clipped, deleted ones left out. */
static void trim_ends(struct gn_long_alignment *alignment)
{
    size_t first = 0;
    for (; first < alignment->n && alignment->v[first].op != BAM_CMATCH; first++) {
        if (alignment->v[first].op == BAM_CINS)
            alignment->clip_left += alignment->v[first].n;
        else
            alignment->pos0 += alignment->v[first].n;
    }
    while (alignment->n > first && alignment->v[alignment->n - 1].op != BAM_CMATCH) {
        alignment->n--;
        if (alignment->v[alignment->n].op == BAM_CINS)
            alignment->clip_right += alignment->v[alignment->n].n;
    }
    alignment->n -= first;
    if (first > 0)
        memmove(alignment->v, alignment->v + first, alignment->n * sizeof *alignment->v);
}

int gn_long_alignment_normalise(struct gn_long_alignment *alignment,
                                const struct gn_long_pairing *pairing, gn_error_t *err)
{
    trim_ends(alignment);
    /* an indel leaves at most itself and the bases it passed */
    int code = reserve_ops(&alignment->spare, &alignment->cap_spare, 2 * alignment->n + 2, err);
    if (code < 0)
        return code;
    struct stack stack = {.v = alignment->spare,
                          .read = alignment->clip_left,
                          .ref = alignment->pos0 - pairing->ref0,
                          .pairing = pairing};
    for (size_t i = 0; i < alignment->n; i++) {
        struct gn_long_op op = alignment->v[i];
        if (op.op == BAM_CMATCH)
            put(&stack, BAM_CMATCH, op.n);
        else
            place_indel(&stack, op.op, op.n);
    }
    alignment->spare = alignment->v;
    alignment->v = stack.v;
    alignment->n = stack.n;
    size_t cap = alignment->cap;
    alignment->cap = alignment->cap_spare;
    alignment->cap_spare = cap;
    trim_ends(alignment);
    return GN_OK;
}

static int64_t gap_score(int64_t n)
{
    int64_t near = -4 - 2 * n, far = -24 - n;
    return near > far ? near : far;
}

/* The end to clip, seen from outside: operations, then bases of the read and of the reference. */
struct ending {
    size_t n_ops;      /* that go whole */
    int64_t n_bases;   /* of the next one that go */
    int64_t read, ref; /* bases that go */
};

/* Where the score from the end inward is lowest, below 0. */
static struct ending find_lowest(const struct gn_long_alignment *alignment,
                                 const struct gn_long_pairing *pairing, bool from_left)
{
    int64_t direction = from_left ? 1 : -1, score = 0, lowest = 0, read = 0, ref = 0;
    int64_t read_end = alignment->clip_left, ref_end = alignment->pos0 - pairing->ref0;
    struct ending ending = {0};
    for (size_t i = 0; i < alignment->n && !from_left; i++) {
        read_end += alignment->v[i].op == BAM_CDEL ? 0 : alignment->v[i].n;
        ref_end += alignment->v[i].op == BAM_CINS ? 0 : alignment->v[i].n;
    }
    const char *r = pairing->read + (from_left ? read_end : read_end - 1);
    const char *t = pairing->ref + (from_left ? ref_end : ref_end - 1);
    for (size_t i = 0; i < alignment->n; i++) {
        struct gn_long_op op = alignment->v[from_left ? i : alignment->n - 1 - i];
        if (op.op != BAM_CMATCH) {
            score += gap_score(op.n);
            read += op.op == BAM_CINS ? op.n : 0;
            ref += op.op == BAM_CDEL ? op.n : 0;
            if (score < lowest) {
                lowest = score;
                ending = (struct ending){i + 1, 0, read, ref};
            }
            continue;
        }
        for (int64_t k = 0; k < op.n; k++, read++, ref++) {
            score += r[direction * read] == t[direction * ref] ? MATCH : MISMATCH;
            if (score < lowest) {
                lowest = score;
                ending = (struct ending){i, k + 1, read + 1, ref + 1};
            }
        }
    }
    return ending;
}

static void clip_left(struct gn_long_alignment *alignment, const struct ending *ending)
{
    if (ending->read == 0)
        return;
    alignment->clip_left += (int32_t)ending->read;
    alignment->pos0 += ending->ref;
    alignment->n -= ending->n_ops;
    if (alignment->n == 0)
        return;
    memmove(alignment->v, alignment->v + ending->n_ops, alignment->n * sizeof *alignment->v);
    alignment->v[0].n -= (int32_t)ending->n_bases;
    if (alignment->v[0].n == 0)
        memmove(alignment->v, alignment->v + 1, --alignment->n * sizeof *alignment->v);
    trim_ends(alignment);
}

static void clip_right(struct gn_long_alignment *alignment, const struct ending *ending)
{
    if (ending->read == 0)
        return;
    alignment->clip_right += (int32_t)ending->read;
    alignment->n -= ending->n_ops;
    if (alignment->n == 0)
        return;
    alignment->v[alignment->n - 1].n -= (int32_t)ending->n_bases;
    if (alignment->v[alignment->n - 1].n == 0)
        alignment->n--;
    trim_ends(alignment);
}

void gn_long_alignment_clip(struct gn_long_alignment *alignment,
                            const struct gn_long_pairing *pairing)
{
    struct ending left = find_lowest(alignment, pairing, true);
    clip_left(alignment, &left);
    struct ending right = find_lowest(alignment, pairing, false);
    clip_right(alignment, &right);
}

static void put_cigar(struct gn_long_alignment *alignment, int op, int64_t n)
{
    if (n > 0)
        alignment->cigar[alignment->n_cigar++] = bam_cigar_gen(n, op);
}

int gn_long_alignment_cigar(struct gn_long_alignment *alignment,
                            const struct gn_long_pairing *pairing, gn_error_t *err)
{
    uint32_t *cigar = gn_reserve(alignment->cigar, &alignment->cap_cigar, alignment->n + 2,
                                 sizeof *cigar, MOST_OPS, "the alignment of a simulated read", err);
    if (cigar == NULL)
        return GN_E_MEMORY;
    alignment->cigar = cigar;
    alignment->n_cigar = 0;
    alignment->edit_distance = 0;
    alignment->n_aligned = 0;
    int64_t read = alignment->clip_left, ref = alignment->pos0 - pairing->ref0;
    put_cigar(alignment, BAM_CSOFT_CLIP, alignment->clip_left);
    for (size_t i = 0; i < alignment->n; i++) {
        struct gn_long_op op = alignment->v[i];
        put_cigar(alignment, op.op, op.n);
        alignment->edit_distance +=
            (int32_t)(op.op == BAM_CMATCH ? mismatches(pairing, read, ref, op.n) : op.n);
        read += op.op == BAM_CDEL ? 0 : op.n;
        ref += op.op == BAM_CINS ? 0 : op.n;
        alignment->n_aligned += op.op == BAM_CDEL ? 0 : op.n;
    }
    put_cigar(alignment, BAM_CSOFT_CLIP, alignment->clip_right);
    return GN_OK;
}

void gn_long_alignment_free(struct gn_long_alignment *alignment)
{
    free(alignment->v);
    free(alignment->spare);
    free(alignment->cigar);
    *alignment = (struct gn_long_alignment){0};
}

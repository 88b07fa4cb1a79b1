/* SPDX-License-Identifier: MIT
 *
 * projection.c - walks both CIGARs base by base, as upstream does (spec 30 section 5.5).
 */
#include "realign/projection.h"

#include <htslib/sam.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static const size_t operations_limit = (size_t)1 << 24;

/* Operations to come, the next one on top, so that one can be put back in front. */
struct queue {
    uint32_t *stack;
    int n;
};

/* The operation being consumed. */
struct current {
    uint32_t op;
    int length;
};

/* The CIGAR being written. */
struct result {
    uint32_t *cigar;
    int n;
    int aligned;     /* read bases that it covers */
    int read_length; /* read bases that it may cover */
};

void gn_projector_clear(struct gn_projector *projector)
{
    free(projector->memory);
    *projector = (struct gn_projector){0};
}

static struct current pop(struct queue *queue)
{
    uint32_t top = queue->stack[--queue->n];
    return (struct current){bam_cigar_op(top), (int)bam_cigar_oplen(top)};
}

static void push(struct queue *queue, uint32_t op, int length)
{
    queue->stack[queue->n++] = bam_cigar_gen((uint32_t)length, op);
}

static void fill(struct queue *queue, uint32_t *memory, struct gn_operations operations)
{
    *queue = (struct queue){memory, 0};
    for (int i = operations.n - 1; i >= 0; i--) {
        uint32_t op = bam_cigar_op(operations.cigar[i]);
        if (op == BAM_CEQUAL || op == BAM_CDIFF)
            op = BAM_CMATCH;
        push(queue, op, (int)bam_cigar_oplen(operations.cigar[i]));
    }
}

/* Drops the operations of the haplotype's first `position` bases, and a deletion that would then come first. */
static void skip_bases(struct queue *haplotype, int position)
{
    for (int passed = 0; passed < position && haplotype->n > 0;) {
        struct current op = pop(haplotype);
        if (op.op == BAM_CDEL)
            continue;
        if (passed + op.length > position)
            push(haplotype, op.op, passed + op.length - position);
        passed += op.length;
    }
    if (haplotype->n > 0 && bam_cigar_op(haplotype->stack[haplotype->n - 1]) == BAM_CDEL)
        haplotype->n--;
}

/* PARITY(dv-1.9): an insertion beside a deletion becomes one matched base before the last operation, which shrinks. */
static void swallow_indel(struct result *result)
{
    int last = result->n - 1;
    uint32_t shrunk = result->cigar[last] - (1u << BAM_CIGAR_SHIFT);
    if (last > 0 && bam_cigar_op(result->cigar[last - 1]) == BAM_CMATCH) {
        result->cigar[last - 1] += 1u << BAM_CIGAR_SHIFT;
    } else {
        result->cigar[last++] = bam_cigar_gen(1, BAM_CMATCH);
        result->n++;
    }
    result->cigar[last] = shrunk;
    if (bam_cigar_oplen(shrunk) == 0)
        result->n--;
    /* One base more is matched; a shrunk insertion covers one less. */
    result->aligned += bam_cigar_op(shrunk) == BAM_CDEL;
}

static void append(struct result *result, uint32_t op, int length)
{
    int room = result->read_length - result->aligned;
    if (op != BAM_CDEL && length > room)
        length = room;
    if (length <= 0 || room == 0)
        return;
    uint32_t *last = result->n > 0 ? &result->cigar[result->n - 1] : NULL;
    uint32_t last_op = last != NULL ? bam_cigar_op(*last) : BAM_CBACK;
    if ((op == BAM_CINS && last_op == BAM_CDEL) || (op == BAM_CDEL && last_op == BAM_CINS)) {
        swallow_indel(result);
        return;
    }
    if (op == last_op)
        *last += (uint32_t)length << BAM_CIGAR_SHIFT;
    else
        result->cigar[result->n++] = bam_cigar_gen((uint32_t)length, op);
    result->aligned += op != BAM_CDEL ? length : 0;
}

/* What a read base with operation a on a haplotype base with operation b is on the reference. */
static uint32_t combine(uint32_t a, uint32_t b)
{
    static const uint32_t by_precedence[] = {BAM_CSOFT_CLIP, BAM_CDEL, BAM_CINS};
    for (int i = 0; i < 3; i++)
        if (a == by_precedence[i] || b == by_precedence[i])
            return by_precedence[i];
    return BAM_CMATCH;
}

/* Consumes both current operations until one of them is used up. */
static void consume(struct result *result, struct queue *read, struct queue *haplotype,
                    struct current *a, struct current *b)
{
    while (a->length > 0 && b->length > 0) {
        if ((a->op == BAM_CDEL && b->op == BAM_CINS) || (a->op == BAM_CINS && b->op == BAM_CDEL)) {
            a->length--;
            b->length--;
            if (b->op == BAM_CDEL) {
                push(haplotype, BAM_CMATCH, 1);
                push(read, BAM_CMATCH, 1);
            }
            continue;
        }
        uint32_t op = combine(a->op, b->op);
        bool takes_read = a->op == BAM_CINS || b->op != BAM_CDEL;
        bool takes_haplotype = a->op != BAM_CINS;
        int run = !takes_haplotype ? a->length : !takes_read ? b->length : 0;
        if (run == 0)
            run = a->length < b->length ? a->length : b->length;
        /* Indels go one base at a time: each base may be swallowed by an indel of the other kind. */
        if (op == BAM_CINS || op == BAM_CDEL)
            run = 1;
        append(result, op, run);
        a->length -= takes_read ? run : 0;
        b->length -= takes_haplotype ? run : 0;
    }
}

/* Returns false when a part of the read finds no place. */
static bool project(struct result *result, struct queue *read, struct queue *haplotype)
{
    struct current a = {BAM_CMATCH, 0}, b = {BAM_CMATCH, 0};
    if (read->n > 0 && bam_cigar_op(read->stack[read->n - 1]) == BAM_CSOFT_CLIP) {
        a = pop(read);
        append(result, a.op, a.length);
        a.length = 0;
    }
    while ((read->n > 0 || haplotype->n > 0) && result->aligned < result->read_length) {
        if (read->n > 0 && haplotype->n == 0 && b.length == 0) {
            struct current rest = pop(read);
            append(result, rest.op, rest.length);
            continue;
        }
        if (read->n == 0 && a.length == 0)
            break;
        if (a.length == 0)
            a = pop(read);
        if (b.length == 0)
            b = pop(haplotype);
        consume(result, read, haplotype, &a, &b);
    }
    if (a.length > 0 && a.op == BAM_CSOFT_CLIP) {
        append(result, a.op, a.length);
        a.length = 0;
    }
    return read->n == 0 && a.length == 0;
}

int gn_project_cigar(struct gn_projector *projector, int read_length, int position,
                     struct gn_operations read, struct gn_operations haplotype,
                     struct gn_operations *result, gn_error_t *err)
{
    /* Each base put back into the queues was an inserted base of the read. */
    size_t read_room = (size_t)read.n + (size_t)read_length + 1;
    size_t haplotype_room = (size_t)haplotype.n + (size_t)read_length + 1;
    size_t result_room = 2 * (size_t)read_length + 4;
    *result = (struct gn_operations){0};
    uint32_t *memory =
        gn_reserve(projector->memory, &projector->cap, read_room + haplotype_room + result_room,
                   sizeof *memory, operations_limit, "CIGAR operations of one read", err);
    if (memory == NULL)
        return GN_E_MEMORY;
    projector->memory = memory;
    struct queue read_queue, haplotype_queue;
    fill(&read_queue, memory, read);
    fill(&haplotype_queue, memory + read_room, haplotype);
    struct result written = {.cigar = memory + read_room + haplotype_room,
                             .read_length = read_length};
    skip_bases(&haplotype_queue, position);
    if (project(&written, &read_queue, &haplotype_queue))
        *result = (struct gn_operations){written.cigar, written.n};
    return GN_OK;
}

int gn_projected_shift(struct gn_operations haplotype, int position)
{
    int shift = 0, passed = 0;
    for (int i = 0; i < haplotype.n; i++) {
        uint32_t op = bam_cigar_op(haplotype.cigar[i]);
        int length = (int)bam_cigar_oplen(haplotype.cigar[i]);
        if (op == BAM_CDEL) {
            shift += length;
            continue;
        }
        if (op == BAM_CSOFT_CLIP)
            shift -= length;
        if (position < passed + length)
            return op == BAM_CINS ? shift - (position - passed) : shift;
        if (op == BAM_CINS)
            shift -= length;
        passed += length;
    }
    return 0; /* the haplotype has no alignment */
}

bool gn_is_left_normalised(struct gn_operations cigar, const struct gn_placed_read *read)
{
    int r = read->offset, q = 0;
    if (read->offset < 0)
        return true;
    for (int i = 0; i < cigar.n; i++) {
        uint32_t op = bam_cigar_op(cigar.cigar[i]);
        int length = (int)bam_cigar_oplen(cigar.cigar[i]);
        if (op == BAM_CDEL) {
            if (r + length > read->n_reference)
                return false;
            if (q > 0 && read->reference[r + length - 1] == read->bases[q - 1])
                return false;
        } else if (op == BAM_CINS) {
            if (r > 0 && r <= read->n_reference &&
                read->bases[q + length - 1] == read->reference[r - 1])
                return false;
        }
        if (op == BAM_CMATCH || op == BAM_CDEL)
            r += length;
        if (op != BAM_CDEL)
            q += length;
    }
    return true;
}

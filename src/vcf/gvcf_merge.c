/* SPDX-License-Identifier: MIT
 *
 * gvcf_merge.c - the two-pointer merge of spec 120.2 over pushed streams: where the original looks
 * at the next record, this one may also use the promise that nothing starts before a frontier.
 */
#include "vcf/gvcf_merge.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { MAX_WAITING = 1 << 26 }; /* records of one kind */

/* Records of one kind that wait for the other kind to catch up. */
struct queue {
    const char *what;
    struct gn_variant **items;
    size_t first, n, capacity; /* items[first .. n) wait */
    struct gn_position frontier;
};

struct gn_gvcf_merge {
    struct gn_gvcf_merge_options options;
    const struct gn_contigs *contigs;
    struct queue variants, blocks;
};

gn_gvcf_merge_t *gn_gvcf_merge_create(const struct gn_gvcf_merge_options *options, gn_error_t *err)
{
    gn_gvcf_merge_t *merge = calloc(1, sizeof *merge);
    if (merge == NULL) {
        gn_fail_memory(err, "the gVCF merge");
        return NULL;
    }
    merge->options = *options;
    merge->contigs = gn_fasta_contigs(options->fasta);
    merge->variants.what = "called variants";
    merge->blocks.what = "non-variant records";
    return merge;
}

static void queue_clear(struct queue *queue)
{
    for (size_t i = queue->first; i < queue->n; i++)
        gn_variant_free(queue->items[i]);
    free(queue->items);
}

void gn_gvcf_merge_destroy(gn_gvcf_merge_t *merge)
{
    if (merge == NULL)
        return;
    queue_clear(&merge->variants);
    queue_clear(&merge->blocks);
    free(merge);
}

/* A record of a known contig that lies inside it and not before what was promised. */
static int check_place(const gn_gvcf_merge_t *merge, const struct queue *queue,
                       const struct gn_variant *record, struct gn_position start, gn_error_t *err)
{
    if (start.contig < 0)
        return gn_fail(err, GN_E_MISMATCH,
                       "contig '%s' of the %s is not in the reference: use the reference that the "
                       "reads were aligned to",
                       record->contig, queue->what);
    if (start.pos0 < 0 || record->end0 <= start.pos0 ||
        record->end0 > merge->contigs->lengths[start.contig])
        return gn_fail(err, GN_E_MISMATCH,
                       "%s: %s:%lld to %lld reaches beyond the contig: use the reference that the "
                       "reads were aligned to",
                       queue->what, record->contig, (long long)start.pos0 + 1,
                       (long long)record->end0);
    if (gn_position_compare(start, queue->frontier) < 0)
        return gn_fail(
            err, GN_E_DATA,
            "%s are not sorted: %s:%lld comes too late; sort the input by the reference's contigs",
            queue->what, record->contig, (long long)start.pos0 + 1);
    return GN_OK;
}

static int queue_push(struct queue *queue, struct gn_variant *record, struct gn_position start,
                      gn_error_t *err)
{
    if (queue->first > 0 && queue->n == queue->capacity) {
        queue->n -= queue->first;
        memmove(queue->items, queue->items + queue->first, queue->n * sizeof *queue->items);
        queue->first = 0;
    }
    struct gn_variant **grown =
        gn_reserve(queue->items, &queue->capacity, queue->n + 1, sizeof(struct gn_variant *),
                   MAX_WAITING, queue->what, err);
    if (grown == NULL)
        return GN_E_MEMORY;
    queue->items = grown;
    queue->items[queue->n++] = record;
    queue->frontier = start;
    return GN_OK;
}

static struct gn_variant *queue_head(const struct queue *queue)
{
    return queue->first < queue->n ? queue->items[queue->first] : NULL;
}

static struct gn_variant *queue_pop(struct queue *queue)
{
    return queue->items[queue->first++];
}

static struct gn_position start_of(const gn_gvcf_merge_t *merge, const struct gn_variant *record)
{
    return (struct gn_position){gn_contigs_find(merge->contigs, record->contig), record->start0};
}

static struct gn_position end_of(const gn_gvcf_merge_t *merge, const struct gn_variant *record)
{
    return (struct gn_position){gn_contigs_find(merge->contigs, record->contig), record->end0};
}

/* Where the next record of a kind starts, or the earliest place where it may. */
static struct gn_position next_start(const gn_gvcf_merge_t *merge, const struct queue *queue)
{
    const struct gn_variant *head = queue_head(queue);
    return head == NULL ? queue->frontier : start_of(merge, head);
}

int gn_gvcf_form(struct gn_variant *variant, gn_error_t *err)
{
    double largest = variant->gl.n > 0 ? variant->gl.v[0] : 0;
    bool has_any_allele = false;
    for (int i = 1; i < variant->gl.n; i++)
        if (variant->gl.v[i] > largest)
            largest = variant->gl.v[i];
    for (int i = 0; i < variant->gl.n; i++)
        variant->gl.v[i] -= largest;
    for (int i = 0; i < variant->alts.n; i++)
        has_any_allele = has_any_allele || strcmp(variant->alts.v[i], "<*>") == 0;
    if (has_any_allele)
        return GN_OK;
    if (gn_texts_push(&variant->alts, "<*>", err) < 0 ||
        (variant->ad.n > 0 && gn_ints_push(&variant->ad, 0, err) < 0) ||
        (variant->vaf.n > 0 && gn_doubles_push(&variant->vaf, 0, err) < 0))
        return GN_E_MEMORY;
    for (int i = 0; i < variant->alts.n + 1; i++)
        if (gn_doubles_push(&variant->gl, -99, err) < 0)
            return GN_E_MEMORY;
    return GN_OK;
}

static int emit_variant(gn_gvcf_merge_t *merge, struct gn_variant *variant, gn_error_t *err)
{
    struct gn_variant *copy = gn_variant_copy(variant);
    int status = copy == NULL ? gn_fail_memory(err, "a gVCF record") : gn_gvcf_form(copy, err);
    if (status < 0) {
        gn_variant_free(copy);
        gn_variant_free(variant);
        return status;
    }
    status = merge->options.variants.accept(merge->options.variants.state, variant, err);
    if (status < 0) {
        gn_variant_free(copy);
        return status;
    }
    return merge->options.records.accept(merge->options.records.state, copy, err);
}

/* The part of a block before end0. */
static int emit_left_part(gn_gvcf_merge_t *merge, const struct gn_variant *block, int64_t end0,
                          gn_error_t *err)
{
    struct gn_variant *part = gn_variant_copy(block);
    if (part == NULL)
        return gn_fail_memory(err, "a gVCF record");
    part->end0 = end0;
    return merge->options.records.accept(merge->options.records.state, part, err);
}

/* Makes a block begin later, with the reference base that is there. */
static int move_start(gn_gvcf_merge_t *merge, struct gn_variant *block, int64_t start0,
                      gn_error_t *err)
{
    int contig = gn_contigs_find(merge->contigs, block->contig);
    const char *base = gn_fasta_peek(merge->options.fasta, contig, start0, start0 + 1, err);
    char *ref = base == NULL ? NULL : gn_strndup(base, 1);
    if (ref == NULL)
        return base == NULL ? GN_E_DATA : gn_fail_memory(err, "a gVCF record");
    free(block->ref);
    block->ref = ref;
    block->start0 = start0;
    return GN_OK;
}

/* Takes out of the first block what the first variant covers. */
static int cut_block(gn_gvcf_merge_t *merge, const struct gn_variant *variant,
                     struct gn_variant *block, gn_error_t *err)
{
    int status = GN_OK;
    if (block->start0 < variant->start0)
        status = emit_left_part(merge, block, variant->start0, err);
    if (status < 0)
        return status;
    if (block->end0 > variant->end0)
        return move_start(merge, block, variant->end0, err);
    gn_variant_free(queue_pop(&merge->blocks));
    return GN_OK;
}

static bool is_outside_regions(const gn_gvcf_merge_t *merge, const struct gn_variant *block)
{
    return merge->options.regions != NULL &&
           !gn_ranges_contain(merge->options.regions,
                              gn_contigs_find(merge->contigs, block->contig), block->start0);
}

/* One step of the merge: 1 when something moved, 0 when more input is needed. */
static int step(gn_gvcf_merge_t *merge, gn_error_t *err)
{
    struct gn_variant *variant = queue_head(&merge->variants), *block = queue_head(&merge->blocks);
    int status = GN_OK;
    if (block != NULL && is_outside_regions(merge, block))
        gn_variant_free(queue_pop(&merge->blocks));
    else if (variant != NULL &&
             gn_position_compare(end_of(merge, variant), next_start(merge, &merge->blocks)) <= 0)
        status = emit_variant(merge, queue_pop(&merge->variants), err);
    else if (block != NULL &&
             gn_position_compare(end_of(merge, block), next_start(merge, &merge->variants)) <= 0)
        status = merge->options.records.accept(merge->options.records.state,
                                               queue_pop(&merge->blocks), err);
    else if (variant != NULL && block != NULL)
        status = cut_block(merge, variant, block, err);
    else
        return 0;
    return status < 0 ? status : 1;
}

static int run(gn_gvcf_merge_t *merge, gn_error_t *err)
{
    int moved;
    do
        moved = step(merge, err);
    while (moved > 0);
    return moved;
}

static int push(gn_gvcf_merge_t *merge, struct queue *queue, struct gn_variant *record,
                gn_error_t *err)
{
    struct gn_position start = start_of(merge, record);
    int status = check_place(merge, queue, record, start, err);
    if (status == GN_OK)
        status = queue_push(queue, record, start, err);
    if (status < 0) {
        gn_variant_free(record);
        return status;
    }
    return run(merge, err);
}

int gn_gvcf_merge_push_variant(gn_gvcf_merge_t *merge, struct gn_variant *variant, gn_error_t *err)
{
    return push(merge, &merge->variants, variant, err);
}

int gn_gvcf_merge_push_block(gn_gvcf_merge_t *merge, struct gn_variant *block, gn_error_t *err)
{
    return push(merge, &merge->blocks, block, err);
}

static int advance(gn_gvcf_merge_t *merge, struct queue *queue, struct gn_position frontier,
                   gn_error_t *err)
{
    if (gn_position_compare(frontier, queue->frontier) <= 0)
        return GN_OK;
    queue->frontier = frontier;
    return run(merge, err);
}

int gn_gvcf_merge_advance_variants(gn_gvcf_merge_t *merge, struct gn_position frontier,
                                   gn_error_t *err)
{
    return advance(merge, &merge->variants, frontier, err);
}

int gn_gvcf_merge_advance_blocks(gn_gvcf_merge_t *merge, struct gn_position frontier,
                                 gn_error_t *err)
{
    return advance(merge, &merge->blocks, frontier, err);
}

/* SPDX-License-Identifier: MIT
 *
 * rows.c - finding, trimming, drawing by lot and sorting the reads of a picture.
 */
#include "pileup/rows.h"

#include <stdlib.h>
#include <string.h>

#include "pileup/trim.h"

enum {
    READ_OVERLAP_BUFFER = 5,    /* bp around the variant in which reads are looked for */
    MIN_REFERENCE_OVERLAP = 15, /* bp that a trimmed read must cover */
    SHUFFLE_SEED = 2101079370,
};

/* Lists the numbers of the reads that come near a variant. */
static size_t list_near(const struct gn_pileup_reads *reads, const struct gn_variant *variant,
                        uint32_t *numbers)
{
    int64_t start0 = variant->start0 - READ_OVERLAP_BUFFER;
    int64_t end0 = variant->end0 + READ_OVERLAP_BUFFER;
    size_t n = 0;
    for (size_t i = 0; i < reads->n; i++)
        if (gn_read_overlaps(&reads->v[i], start0, end0))
            numbers[n++] = (uint32_t)i;
    return n;
}

int gn_near_reads_find(const struct gn_row_rules *rules, const struct gn_pileup_reads *reads,
                       const struct gn_variant *variant, int64_t contig_length,
                       struct gn_near_reads *near)
{
    int64_t half = (rules->options->width - 1) / 2;
    int64_t start0 = variant->start0 > half ? variant->start0 - half : 0;
    int64_t end0 = variant->end0 + half < contig_length ? variant->end0 + half : contig_length;
    uint32_t *numbers = gn_arena_alloc(rules->arena, (reads->n + 1) * sizeof *numbers);
    if (numbers == NULL)
        return gn_fail_memory(rules->err, "pileup images of one partition");
    size_t n = list_near(reads, variant, numbers);
    near->n = 0;
    near->v = gn_arena_alloc(rules->arena, (n + 1) * sizeof *near->v);
    near->original_pos0 = gn_arena_alloc(rules->arena, (n + 1) * sizeof *near->original_pos0);
    if (near->v == NULL || near->original_pos0 == NULL)
        return gn_fail_memory(rules->err, "pileup images of one partition");
    for (size_t i = 0; i < n; i++) {
        const struct gn_read *read = &reads->v[numbers[i]];
        struct gn_read *trimmed = &near->v[near->n];
        int64_t covered = gn_trim_read(read, start0, end0, trimmed, rules->arena, rules->err);
        if (covered < 0)
            return GN_E_MEMORY;
        near->original_pos0[near->n] = gn_read_original_pos0(read);
        near->n += covered >= MIN_REFERENCE_OVERLAP && trimmed->length > 0;
    }
    return GN_OK;
}

static int compare_rows(const void *a, const void *b)
{
    const struct gn_row *x = a, *y = b;
    if (x->haplotype != y->haplotype)
        return x->haplotype < y->haplotype ? -1 : 1;
    if (x->original_pos0 != y->original_pos0)
        return x->original_pos0 < y->original_pos0 ? -1 : 1;
    int order = strcmp(x->read->name, y->read->name);
    if (order != 0)
        return order;
    if (x->read->read_number != y->read->read_number)
        return x->read->read_number < y->read->read_number ? -1 : 1;
    return x->order < y->order ? -1 : 1;
}

/* Reads of the haplotype that is being polished come first, then those without one. */
static int rank_haplotype(const struct gn_pileup_options *options, const struct gn_read *read)
{
    if (!options->sort_by_haplotypes || read->haplotype <= 0)
        return 0;
    return read->haplotype == options->assembly_polishing_tag ? -1 : read->haplotype;
}

int gn_rows_choose(const struct gn_row_rules *rules, const struct gn_near_reads *reads,
                   struct gn_row_list *rows)
{
    const struct gn_pileup_options *o = rules->options;
    size_t most = (size_t)(o->height - GN_REFERENCE_ROWS);
    uint32_t *order = gn_arena_alloc(rules->arena, (reads->n + 1) * sizeof *order);
    *rows = (struct gn_row_list){gn_arena_alloc(rules->arena, (most + 1) * sizeof *rows->v), 0};
    if (order == NULL || rows->v == NULL)
        return gn_fail_memory(rules->err, "pileup images of one partition");
    for (size_t i = 0; i < reads->n; i++)
        order[i] = (uint32_t)i;
    if (reads->n > most)
        gn_shuffle(order, reads->n, SHUFFLE_SEED, o->shuffle);
    for (size_t i = 0; i < reads->n && rows->n < most; i++) {
        const struct gn_read *read = &reads->v[order[i]];
        if (read->mapping_quality < o->min_mapping_quality ||
            !gn_read_is_drawable(read, &rules->window))
            continue;
        rows->v[rows->n] = (struct gn_row){.read = read,
                                           .original_pos0 = reads->original_pos0[order[i]],
                                           .haplotype = rank_haplotype(o, read),
                                           .order = (uint32_t)rows->n};
        rows->n++;
    }
    qsort(rows->v, rows->n, sizeof *rows->v, compare_rows);
    return GN_OK;
}

/* SPDX-License-Identifier: MIT
 *
 * allele_counter.c - counts by position of what the walk over each read finds.
 */
#include "alleles/allele_counter.h"

#include <stdlib.h>
#include <string.h>

#include "alleles/allele_walk.h"

/* Groups the entries by position, keeping the order of arrival. */
static int group_by_position(struct gn_allele_walk *walk)
{
    struct gn_allele_counter *counter = walk->counter;
    size_t n_positions = (size_t)(counter->end0 - counter->start0);
    counter->alleles = gn_arena_alloc(walk->arena, (walk->n + 1) * sizeof *counter->alleles);
    if (counter->alleles == NULL)
        return gn_fail_memory(walk->err, "alleles of one partition");
    counter->n_alleles = walk->n;
    for (const struct gn_allele_chunk *chunk = walk->first; chunk != NULL; chunk = chunk->next)
        for (size_t i = 0; i < chunk->n; i++)
            counter->positions[chunk->v[i].index].n++;
    uint32_t first = 0;
    for (size_t i = 0; i < n_positions; i++) {
        counter->positions[i].first = first;
        first += counter->positions[i].n;
        counter->positions[i].n = 0;
    }
    for (const struct gn_allele_chunk *chunk = walk->first; chunk != NULL; chunk = chunk->next)
        for (size_t i = 0; i < chunk->n; i++) {
            struct gn_counted_position *position = &counter->positions[chunk->v[i].index];
            counter->alleles[position->first + position->n++] = chunk->v[i].allele;
        }
    return GN_OK;
}

/* PARITY(dv-1.9): alleles are kept in a map by read key, so of two reads with one key the later one wins. */
static uint32_t drop_replaced(struct gn_allele *alleles, uint32_t n)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < n; i++) {
        bool is_last = true;
        for (uint32_t later = i + 1; later < n && is_last; later++)
            is_last = alleles[later].key != alleles[i].key;
        if (is_last)
            alleles[kept++] = alleles[i];
    }
    return kept;
}

static void sum_steps(struct gn_allele_walk *walk)
{
    int32_t plain = 0;
    for (int64_t i = 0; i < walk->counter->end0 - walk->counter->start0; i++) {
        plain += walk->ref_steps[i];
        walk->counter->positions[i].ref_count += plain;
    }
}

static int start_positions(struct gn_allele_walk *walk)
{
    struct gn_allele_counter *counter = walk->counter;
    size_t n = (size_t)(counter->end0 - counter->start0);
    counter->positions = gn_arena_zalloc(walk->arena, n + 1, sizeof *counter->positions);
    walk->ref_steps = gn_arena_zalloc(walk->arena, n + 1, sizeof *walk->ref_steps);
    char *plain = gn_arena_alloc(walk->arena, (size_t)(walk->ref_end0 - walk->ref_start0) + 1);
    if (counter->positions == NULL || walk->ref_steps == NULL || plain == NULL)
        return gn_fail_memory(walk->err, "positions of one partition");
    for (size_t i = 0; i < n; i++)
        counter->positions[i].ref_base = walk->ref[counter->start0 + (int64_t)i - walk->ref_start0];
    for (int64_t i = 0; i < walk->ref_end0 - walk->ref_start0; i++)
        plain[i] = gn_base_is_canonical(walk->ref[i]) ? walk->ref[i] : '\0';
    walk->plain_ref = plain;
    return GN_OK;
}

static int add_reads(struct gn_allele_walk *walk, const struct gn_read *reads, size_t n_reads)
{
    for (size_t i = 0; i < n_reads; i++) {
        if (reads[i].mapping_quality < walk->options->min_mapping_quality)
            continue;
        if (gn_allele_walk_read(walk, &reads[i], (uint32_t)i) < 0)
            return GN_E_MEMORY;
    }
    return GN_OK;
}

/* Merges the alleles of a position with reference alleles, both by read, into `out`; returns their number. */
static uint32_t merge_alleles(const struct gn_allele *stored, uint32_t n_stored,
                              const struct gn_allele *references, uint32_t n_references,
                              struct gn_allele *out)
{
    uint32_t s = 0, r = 0;
    while (s < n_stored || r < n_references) {
        bool takes_stored =
            r == n_references || (s < n_stored && stored[s].read < references[r].read);
        out[s + r] = takes_stored ? stored[s] : references[r];
        s += takes_stored;
        r += !takes_stored;
    }
    return n_stored + n_references;
}

/* Adds the reference alleles of another counter's positions; lists that grow move behind the others. */
static int merge_references(struct gn_allele_counter *counter,
                            const struct gn_allele_counter *references, bool keys_are_unique,
                            gn_arena_t *arena, gn_error_t *err)
{
    size_t n_positions = (size_t)(counter->end0 - counter->start0);
    size_t n = counter->n_alleles + references->n_alleles;
    for (size_t i = 0; i < n_positions; i++)
        n += references->positions[i].n > 0 ? counter->positions[i].n : 0;
    struct gn_allele *alleles =
        n > GN_MAX_ALLELES ? NULL : gn_arena_alloc(arena, (n + 1) * sizeof *alleles);
    if (alleles == NULL)
        return gn_fail_memory(err, "alleles of one partition");
    memcpy(alleles, counter->alleles, counter->n_alleles * sizeof *alleles);
    size_t next = counter->n_alleles;
    for (size_t i = 0; i < n_positions; i++) {
        struct gn_counted_position *to = &counter->positions[i];
        const struct gn_counted_position *from = &references->positions[i];
        if (from->n == 0)
            continue;
        to->n = merge_alleles(counter->alleles + to->first, to->n,
                              references->alleles + from->first, from->n, alleles + next);
        to->first = (uint32_t)next;
        next += to->n;
        if (!keys_are_unique)
            to->n = drop_replaced(alleles + to->first, to->n);
    }
    counter->alleles = alleles;
    counter->n_alleles = next;
    return GN_OK;
}

static struct gn_allele_walk start_walk(const struct gn_interval *interval,
                                        const struct gn_allele_counter_options *options,
                                        struct gn_allele_counter *counter, gn_arena_t *arena,
                                        gn_error_t *err)
{
    *counter = (struct gn_allele_counter){
        .contig = interval->contig, .start0 = interval->start0, .end0 = interval->end0};
    return (struct gn_allele_walk){.options = options,
                                   .counter = counter,
                                   .ref = interval->ref,
                                   .ref_start0 = interval->ref_start0,
                                   .ref_end0 = interval->ref_end0,
                                   .arena = arena,
                                   .err = err};
}

int gn_track_reference(struct gn_allele_counter *counter, const struct gn_interval *interval,
                       const struct gn_read *reads, size_t n_reads,
                       const struct gn_allele_counter_options *options, gn_arena_t *arena,
                       gn_error_t *err)
{
    struct gn_allele_counter references;
    struct gn_allele_walk walk = start_walk(interval, options, &references, arena, err);
    walk.only_tracked = true;
    int ret = start_positions(&walk);
    if (ret == GN_OK)
        ret = add_reads(&walk, reads, n_reads);
    if (ret == GN_OK)
        ret = group_by_position(&walk);
    return ret == GN_OK
               ? merge_references(counter, &references, options->keys_are_unique, arena, err)
               : ret;
}

struct gn_allele_counter *gn_count_alleles(const struct gn_interval *interval,
                                           const struct gn_read *reads, size_t n_reads,
                                           const struct gn_allele_counter_options *options,
                                           gn_arena_t *arena, gn_error_t *err)
{
    struct gn_allele_counter *counter = gn_arena_zalloc(arena, 1, sizeof *counter);
    if (counter == NULL) {
        gn_fail_memory(err, "the allele counter");
        return NULL;
    }
    struct gn_allele_walk walk = start_walk(interval, options, counter, arena, err);
    if (start_positions(&walk) < 0 || add_reads(&walk, reads, n_reads) < 0 ||
        group_by_position(&walk) < 0)
        return NULL;
    sum_steps(&walk);
    for (int64_t i = 0; i < counter->end0 - counter->start0 && !options->keys_are_unique; i++)
        counter->positions[i].n =
            drop_replaced(counter->alleles + counter->positions[i].first, counter->positions[i].n);
    bool is_done = options->n_tracked == 0 || gn_track_reference(counter, interval, reads, n_reads,
                                                                 options, arena, err) == GN_OK;
    return is_done ? counter : NULL;
}

int gn_position_depth(const struct gn_allele_counter *counter,
                      const struct gn_counted_position *position)
{
    int depth = position->ref_count;
    const struct gn_allele *alleles = counter->alleles + position->first;
    for (uint32_t i = 0; i < position->n; i++)
        depth += !alleles[i].is_low_quality && alleles[i].type != GN_ALLELE_REFERENCE;
    return depth;
}

static int compare_sums(const void *a, const void *b)
{
    const struct gn_allele_sum *x = a, *y = b;
    uint32_t n = x->length < y->length ? x->length : y->length;
    int order = memcmp(x->bases, y->bases, n);
    if (order != 0)
        return order;
    if (x->length != y->length)
        return x->length < y->length ? -1 : 1;
    return (int)x->type - (int)y->type;
}

int gn_sum_alleles(const struct gn_allele_counter *counter,
                   const struct gn_counted_position *position, struct gn_allele_sum **sums,
                   gn_arena_t *arena, gn_error_t *err)
{
    *sums = NULL;
    if (position->n == 0)
        return 0;
    struct gn_allele_sum *list = gn_arena_alloc(arena, position->n * sizeof *list);
    if (list == NULL)
        return gn_fail_memory(err, "alleles of one position");
    const struct gn_allele *alleles = counter->alleles + position->first;
    int n = 0;
    for (uint32_t i = 0; i < position->n; i++) {
        const struct gn_allele *allele = &alleles[i];
        if (allele->is_low_quality)
            continue;
        int k = 0;
        while (k < n && (list[k].type != allele->type || list[k].length != allele->length ||
                         memcmp(list[k].bases, allele->bases, allele->length) != 0))
            k++;
        if (k == n)
            list[n++] = (struct gn_allele_sum){allele->bases, allele->length, allele->type, 0};
        list[k].count++;
    }
    qsort(list, (size_t)n, sizeof *list, compare_sums);
    *sums = list;
    return n;
}

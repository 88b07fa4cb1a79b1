/* SPDX-License-Identifier: MIT
 *
 * allele_counter.c - walks the CIGAR of each read and files what it says by position.
 *
 * Most bases agree with the reference and only raise a counter. The others become entries of one growing list, which
 * a counting sort groups by position at the end. A base is held back for one step, because an indel or clip that is
 * anchored on it takes its place.
 */
#include "alleles/allele_counter.h"

#include <htslib/sam.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_ALLELES = 1 << 26 };

/* An allele with the index of its position in the interval. */
struct entry {
    struct gn_allele allele;
    int64_t index;
};

struct builder {
    const struct gn_allele_counter_options *options;
    struct gn_allele_counter *counter;
    const char *ref; /* reference bases [ref_start0, ref_end0) */
    int64_t ref_start0, ref_end0;
    gn_arena_t *arena;
    struct entry *entries;
    size_t n, cap;
    uint8_t *is_tracked; /* per position: store reference alleles too; NULL none */

    const struct gn_read *read; /* the read being walked */
    uint32_t read_index;
    struct entry held; /* the latest allele; type 0: none */
    gn_error_t *err;
};

static bool is_canonical(char base)
{
    return base == 'A' || base == 'C' || base == 'G' || base == 'T';
}

static bool all_canonical(const char *bases, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        if (!is_canonical(bases[i]))
            return false;
    return true;
}

static int store(struct builder *b, const struct entry *entry)
{
    if (b->n == b->cap) {
        size_t cap = b->cap == 0 ? 1024 : b->cap * 2;
        struct entry *grown =
            cap > MAX_ALLELES ? NULL : gn_arena_alloc(b->arena, cap * sizeof *grown);
        if (grown == NULL)
            return gn_fail_memory(b->err, "alleles of one partition");
        if (b->n > 0)
            memcpy(grown, b->entries, b->n * sizeof *grown);
        b->entries = grown;
        b->cap = cap;
    }
    b->entries[b->n++] = *entry;
    return GN_OK;
}

/* Files the held allele. */
static int release(struct builder *b)
{
    struct entry held = b->held;
    b->held.allele.type = 0;
    int64_t n_positions = b->counter->end0 - b->counter->start0;
    if (held.allele.type == 0 || held.index < 0 || held.index >= n_positions)
        return GN_OK;
    if (held.allele.type == GN_ALLELE_REFERENCE) {
        if (!held.allele.is_low_quality)
            b->counter->positions[held.index].ref_count++;
        if (b->is_tracked == NULL || !b->is_tracked[held.index])
            return GN_OK;
    }
    return store(b, &held);
}

static int hold(struct builder *b, const struct entry *next)
{
    if (b->held.allele.type != 0 && b->held.index != next->index) {
        int ret = release(b);
        if (ret < 0)
            return ret;
    }
    b->held = *next;
    return GN_OK;
}

/* Whether the bases [offset, offset + n) of the read can make an allele, and whether it is of low quality. */
static bool is_usable(const struct builder *b, int offset, int n, bool *is_low_quality, int *sum)
{
    const struct gn_read *read = b->read;
    *sum = 0;
    *is_low_quality = false;
    for (int i = offset; i < offset + n; i++) {
        if (b->options->legacy && read->qualities[i] < b->options->min_base_quality)
            return false;
        if (!is_canonical(read->bases[i]))
            return false;
        *sum += read->qualities[i];
    }
    if (!b->options->legacy)
        *is_low_quality = *sum < b->options->min_base_quality * n;
    return true;
}

static struct entry make_entry(const struct builder *b, int64_t pos0, enum gn_allele_type type)
{
    const struct gn_read *read = b->read;
    return (struct entry){.index = pos0 - b->counter->start0,
                          .allele = {.read = b->read_index,
                                     .key = read->key,
                                     .type = (uint8_t)type,
                                     .mapping_quality = read->mapping_quality,
                                     .is_reverse = read->is_reverse}};
}

static int add_base(struct builder *b, int offset, int64_t pos0)
{
    bool is_low_quality;
    int sum;
    if (!is_usable(b, offset, 1, &is_low_quality, &sum))
        return release(b);
    const char *base = &b->read->bases[offset];
    bool is_reference = *base == b->ref[pos0 - b->ref_start0];
    struct entry entry =
        make_entry(b, pos0, is_reference ? GN_ALLELE_REFERENCE : GN_ALLELE_SUBSTITUTION);
    entry.allele.bases = base;
    entry.allele.length = 1;
    entry.allele.is_low_quality = is_low_quality;
    entry.allele.base_quality = b->read->qualities[offset];
    return hold(b, &entry);
}

/* A run of match-type bases: those inside the interval. All but the last one of a run can be counted at once. */
static int add_match(struct builder *b, int offset, int64_t pos0, int64_t length)
{
    int64_t from = b->counter->start0 > pos0 ? b->counter->start0 - pos0 : 0;
    int64_t to = b->counter->end0 - pos0 < length ? b->counter->end0 - pos0 : length;
    if (from >= to)
        return GN_OK;
    const char *bases = b->read->bases + offset, *ref = b->ref + (pos0 - b->ref_start0);
    const uint8_t *qualities = b->read->qualities + offset;
    struct gn_counted_position *positions = b->counter->positions + (pos0 - b->counter->start0);
    const uint8_t *is_tracked =
        b->is_tracked == NULL ? NULL : b->is_tracked + (pos0 - b->counter->start0);
    int min_quality = b->options->min_base_quality;
    for (int64_t i = from; i < to; i++) {
        bool is_plain = bases[i] == ref[i] && qualities[i] >= min_quality &&
                        is_canonical(bases[i]) && (is_tracked == NULL || !is_tracked[i]);
        if (is_plain && i + 1 < to && b->held.allele.type == 0) {
            positions[i].ref_count++;
            continue;
        }
        int ret = add_base(b, offset + (int)i, pos0 + i);
        if (ret == GN_OK && i + 1 < to)
            ret = release(b);
        if (ret < 0)
            return ret;
    }
    return GN_OK;
}

/* Anchor base of an indel at reference position pos0: the read's base before it, or the reference's. 0: none. */
static char anchor_base(const struct builder *b, int offset, int64_t pos0)
{
    if (offset > 0)
        return b->read->bases[offset - 1];
    return pos0 > b->ref_start0 && pos0 <= b->ref_end0 ? b->ref[pos0 - 1 - b->ref_start0] : 0;
}

static char *join(struct builder *b, char anchor, const char *rest, int64_t n)
{
    char *bases = gn_arena_alloc(b->arena, (size_t)n + 1);
    if (bases == NULL) {
        gn_fail_memory(b->err, "alleles of one partition");
        return NULL;
    }
    bases[0] = anchor;
    memcpy(bases + 1, rest, (size_t)n);
    return bases;
}

static int add_deletion(struct builder *b, int offset, int64_t pos0, int64_t length)
{
    char anchor = anchor_base(b, offset, pos0);
    if (!is_canonical(anchor) || pos0 < b->ref_start0 || pos0 + length > b->ref_end0 ||
        !all_canonical(b->ref + (pos0 - b->ref_start0), length))
        return release(b);
    struct entry entry = make_entry(b, pos0 - 1, GN_ALLELE_DELETION);
    entry.allele.bases = join(b, anchor, b->ref + (pos0 - b->ref_start0), length);
    if (entry.allele.bases == NULL)
        return GN_E_MEMORY;
    entry.allele.length = (uint32_t)length + 1;
    int quality_at = offset > 0 ? offset - 1 : 0;
    entry.allele.base_quality = quality_at < b->read->length ? b->read->qualities[quality_at] : 0;
    return hold(b, &entry);
}

static int add_insertion(struct builder *b, int offset, int64_t pos0, int length,
                         enum gn_allele_type type)
{
    bool is_low_quality;
    int sum;
    char anchor = anchor_base(b, offset, pos0);
    if (!is_canonical(anchor) || !is_usable(b, offset, length, &is_low_quality, &sum))
        return release(b);
    struct entry entry = make_entry(b, pos0 - 1, type);
    entry.allele.bases =
        offset > 0 ? b->read->bases + offset - 1 : join(b, anchor, b->read->bases + offset, length);
    if (entry.allele.bases == NULL)
        return GN_E_MEMORY;
    entry.allele.length = (uint32_t)length + 1;
    entry.allele.is_low_quality = is_low_quality;
    entry.allele.base_quality = (uint8_t)(sum / (length > 0 ? length : 1));
    return hold(b, &entry);
}

static int add_read(struct builder *b)
{
    const struct gn_read *read = b->read;
    int offset = 0;
    int64_t pos0 = read->pos0;
    b->held.allele.type = 0;
    for (int i = 0; i < read->n_cigar; i++) {
        uint32_t op = read->cigar[i] & 15, length = read->cigar[i] >> 4;
        int ret = GN_OK;
        if (gn_cigar_is_match(op))
            ret = add_match(b, offset, pos0, length);
        else if (op == BAM_CINS || op == BAM_CSOFT_CLIP)
            ret = add_insertion(b, offset, pos0, (int)length,
                                op == BAM_CINS ? GN_ALLELE_INSERTION : GN_ALLELE_SOFT_CLIP);
        else if (op == BAM_CDEL)
            ret = add_deletion(b, offset, pos0, length);
        if (ret < 0)
            return ret;
        if (gn_cigar_takes_read(op))
            offset += (int)length;
        /* PARITY(dv-1.9): here P advances the reference, unlike in the end of a read. */
        if (gn_cigar_takes_reference(op) || op == BAM_CPAD)
            pos0 += length;
    }
    return release(b);
}

/* Groups the entries by position, keeping the order of arrival. */
static int group_by_position(struct builder *b)
{
    struct gn_allele_counter *counter = b->counter;
    size_t n_positions = (size_t)(counter->end0 - counter->start0);
    counter->alleles = gn_arena_alloc(b->arena, (b->n + 1) * sizeof *counter->alleles);
    if (counter->alleles == NULL)
        return gn_fail_memory(b->err, "alleles of one partition");
    counter->n_alleles = b->n;
    for (size_t i = 0; i < b->n; i++)
        counter->positions[b->entries[i].index].n++;
    uint32_t first = 0;
    for (size_t i = 0; i < n_positions; i++) {
        counter->positions[i].first = first;
        first += counter->positions[i].n;
        counter->positions[i].n = 0;
    }
    for (size_t i = 0; i < b->n; i++) {
        struct gn_counted_position *position = &counter->positions[b->entries[i].index];
        counter->alleles[position->first + position->n++] = b->entries[i].allele;
    }
    return GN_OK;
}

/* PARITY(dv-1.9): alleles are kept in a map by read key, so of two reads with one key the later one wins. */
static void drop_replaced(struct gn_allele_counter *counter)
{
    for (int64_t p = 0; p < counter->end0 - counter->start0; p++) {
        struct gn_counted_position *position = &counter->positions[p];
        struct gn_allele *alleles = counter->alleles + position->first;
        uint32_t kept = 0;
        for (uint32_t i = 0; i < position->n; i++) {
            uint32_t same = 0;
            while (same < kept && alleles[same].key != alleles[i].key)
                same++;
            alleles[same] = alleles[i];
            kept += same == kept;
        }
        position->n = kept;
    }
}

static int start_positions(struct builder *b)
{
    struct gn_allele_counter *counter = b->counter;
    size_t n = (size_t)(counter->end0 - counter->start0);
    counter->positions = gn_arena_zalloc(b->arena, n + 1, sizeof *counter->positions);
    if (counter->positions == NULL)
        return gn_fail_memory(b->err, "positions of one partition");
    for (size_t i = 0; i < n; i++)
        counter->positions[i].ref_base = b->ref[counter->start0 + (int64_t)i - b->ref_start0];
    if (b->options->n_tracked == 0)
        return GN_OK;
    b->is_tracked = gn_arena_zalloc(b->arena, n + 1, 1);
    if (b->is_tracked == NULL)
        return gn_fail_memory(b->err, "positions of one partition");
    for (size_t i = 0; i < b->options->n_tracked; i++) {
        int64_t index = b->options->tracked[i] - counter->start0;
        if (index >= 0 && index < (int64_t)n)
            b->is_tracked[index] = 1;
    }
    return GN_OK;
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
    counter->contig = interval->contig;
    counter->start0 = interval->start0;
    counter->end0 = interval->end0;
    struct builder b = {.options = options,
                        .counter = counter,
                        .ref = interval->ref,
                        .ref_start0 = interval->ref_start0,
                        .ref_end0 = interval->ref_end0,
                        .arena = arena,
                        .err = err};
    if (start_positions(&b) < 0)
        return NULL;
    for (size_t i = 0; i < n_reads; i++) {
        if (reads[i].mapping_quality < options->min_mapping_quality)
            continue;
        b.read = &reads[i];
        b.read_index = (uint32_t)i;
        if (add_read(&b) < 0)
            return NULL;
    }
    if (group_by_position(&b) < 0)
        return NULL;
    if (!options->keys_are_unique)
        drop_replaced(counter);
    return counter;
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

/* SPDX-License-Identifier: MIT
 *
 * allele_walk.c - the CIGAR walk. An allele waits until the next one is known, since an indel or clip that is anchored on
 * it takes its place.
 */
#include "alleles/allele_walk.h"

#include <htslib/sam.h>
#include <string.h>

bool gn_base_is_canonical(char base)
{
    return base == 'A' || base == 'C' || base == 'G' || base == 'T';
}

static bool all_canonical(const char *bases, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        if (!gn_base_is_canonical(bases[i]))
            return false;
    return true;
}

static int store(struct gn_allele_walk *walk, const struct gn_allele_entry *entry)
{
    if (walk->last == NULL || walk->last->n == GN_ALLELE_CHUNK) {
        struct gn_allele_chunk *chunk =
            walk->n < GN_MAX_ALLELES ? gn_arena_alloc(walk->arena, sizeof *chunk) : NULL;
        if (chunk == NULL)
            return gn_fail_memory(walk->err, "alleles of one partition");
        chunk->next = NULL;
        chunk->n = 0;
        *(walk->last == NULL ? &walk->first : &walk->last->next) = chunk;
        walk->last = chunk;
    }
    walk->last->v[walk->last->n++] = *entry;
    walk->n++;
    return GN_OK;
}

/* The first tracked position of the interval at this index or after it: its number in the list. */
static size_t find_tracked(const struct gn_allele_walk *walk, int64_t index)
{
    const int64_t *tracked = walk->options->tracked, pos0 = walk->counter->start0 + index;
    size_t low = 0, high = walk->options->n_tracked;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (tracked[middle] < pos0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_tracked(const struct gn_allele_walk *walk, int64_t index)
{
    size_t at = find_tracked(walk, index);
    return at < walk->options->n_tracked &&
           walk->options->tracked[at] == walk->counter->start0 + index;
}

/* Files the held allele. */
static int release(struct gn_allele_walk *walk)
{
    struct gn_allele_entry held = walk->held;
    walk->held.allele.type = 0;
    int64_t n_positions = walk->counter->end0 - walk->counter->start0;
    if (held.allele.type == 0 || held.index < 0 || held.index >= n_positions)
        return GN_OK;
    if (walk->only_tracked)
        return held.allele.type == GN_ALLELE_REFERENCE && is_tracked(walk, held.index)
                   ? store(walk, &held)
                   : GN_OK;
    if (held.allele.type != GN_ALLELE_REFERENCE)
        return store(walk, &held);
    walk->counter->positions[held.index].ref_count += !held.allele.is_low_quality;
    return GN_OK;
}

static int hold(struct gn_allele_walk *walk, const struct gn_allele_entry *next)
{
    if (walk->held.allele.type != 0 && walk->held.index != next->index) {
        int ret = release(walk);
        if (ret < 0)
            return ret;
    }
    walk->held = *next;
    return GN_OK;
}

/* Whether the bases [offset, offset + n) of the read can make an allele, and whether it is of low quality. */
static bool is_usable(const struct gn_allele_walk *walk, int offset, int n, bool *is_low_quality,
                      int *sum)
{
    const struct gn_read *read = walk->read;
    *sum = 0;
    *is_low_quality = false;
    for (int i = offset; i < offset + n; i++) {
        if (walk->options->legacy && read->qualities[i] < walk->options->min_base_quality)
            return false;
        if (!gn_base_is_canonical(read->bases[i]))
            return false;
        *sum += read->qualities[i];
    }
    if (!walk->options->legacy)
        *is_low_quality = *sum < walk->options->min_base_quality * n;
    return true;
}

static struct gn_allele_entry make_entry(const struct gn_allele_walk *walk, int64_t pos0,
                                         enum gn_allele_type type)
{
    const struct gn_read *read = walk->read;
    return (struct gn_allele_entry){.index = pos0 - walk->counter->start0,
                                    .allele = {.read = walk->read_index,
                                               .key = read->key,
                                               .type = (uint8_t)type,
                                               .mapping_quality = read->mapping_quality,
                                               .is_reverse = read->is_reverse}};
}

static int add_base(struct gn_allele_walk *walk, int offset, int64_t pos0)
{
    bool is_low_quality;
    int sum;
    if (!is_usable(walk, offset, 1, &is_low_quality, &sum))
        return release(walk);
    const char *base = &walk->read->bases[offset];
    bool is_reference = *base == walk->ref[pos0 - walk->ref_start0];
    struct gn_allele_entry entry =
        make_entry(walk, pos0, is_reference ? GN_ALLELE_REFERENCE : GN_ALLELE_SUBSTITUTION);
    entry.allele.bases = base;
    entry.allele.length = 1;
    entry.allele.is_low_quality = is_low_quality;
    entry.allele.base_quality = walk->read->qualities[offset];
    return hold(walk, &entry);
}

/* How many of n bases, from the first, plainly show the reference: equal to it, of sufficient quality. */
static int64_t count_plain(const char *bases, const char *ref, const uint8_t *qualities, int64_t n,
                           uint8_t min_quality)
{
    enum { BLOCK = 32 }; /* one vector */
    int64_t i = 0;
    for (; i + BLOCK <= n; i += BLOCK) {
        uint8_t differs = 0;
        for (int k = 0; k < BLOCK; k++)
            differs |=
                (uint8_t)(bases[i + k] ^ ref[i + k]) | (uint8_t)(qualities[i + k] < min_quality);
        if (differs)
            break;
    }
    while (i < n && bases[i] == ref[i] && qualities[i] >= min_quality)
        i++;
    return i;
}

/* A run of match-type bases: those inside the interval. The last one of the run waits, since an indel may follow. */
static int add_match(struct gn_allele_walk *walk, int offset, int64_t pos0, int64_t length)
{
    const struct gn_allele_counter *counter = walk->counter;
    int64_t from = counter->start0 > pos0 ? counter->start0 - pos0 : 0;
    int64_t to = counter->end0 - pos0 < length ? counter->end0 - pos0 : length;
    if (from >= to)
        return GN_OK;
    int ret = release(walk);
    const char *bases = walk->read->bases + offset,
               *ref = walk->plain_ref + (pos0 - walk->ref_start0);
    const uint8_t *qualities = walk->read->qualities + offset;
    int32_t *ref_steps = walk->ref_steps + (pos0 - counter->start0);
    uint8_t min_quality = (uint8_t)walk->options->min_base_quality;
    for (int64_t i = from; i + 1 < to && ret == GN_OK; i++) {
        int64_t n = count_plain(bases + i, ref + i, qualities + i, to - 1 - i, min_quality);
        ref_steps[i]++;
        i += n;
        ref_steps[i]--;
        if (i + 1 < to && bases[i] == ref[i])
            continue; /* the reference, of low quality: neither counted nor stored */
        if (i + 1 < to)
            ret = add_base(walk, offset + (int)i, pos0 + i);
        if (i + 1 < to && ret == GN_OK)
            ret = release(walk);
    }
    return ret == GN_OK ? add_base(walk, offset + (int)to - 1, pos0 + to - 1) : ret;
}

/* The same for reference alleles of tracked positions. */
static int track_match(struct gn_allele_walk *walk, int offset, int64_t pos0, int64_t length)
{
    const struct gn_allele_counter *counter = walk->counter;
    int64_t from = counter->start0 > pos0 ? counter->start0 - pos0 : 0;
    int64_t to = counter->end0 - pos0 < length ? counter->end0 - pos0 : length;
    if (from >= to)
        return GN_OK;
    int ret = release(walk);
    size_t next = find_tracked(walk, pos0 + from - counter->start0);
    for (; next < walk->options->n_tracked && ret == GN_OK; next++) {
        int64_t i = walk->options->tracked[next] - pos0;
        if (i + 1 >= to)
            break;
        ret = add_base(walk, offset + (int)i, pos0 + i);
        if (ret == GN_OK)
            ret = release(walk);
    }
    return ret == GN_OK ? add_base(walk, offset + (int)to - 1, pos0 + to - 1) : ret;
}

/* Anchor base of an indel at reference position pos0: the read's base before it, or the reference's. 0: none. */
static char anchor_base(const struct gn_allele_walk *walk, int offset, int64_t pos0)
{
    if (offset > 0)
        return walk->read->bases[offset - 1];
    return pos0 > walk->ref_start0 && pos0 <= walk->ref_end0
               ? walk->ref[pos0 - 1 - walk->ref_start0]
               : 0;
}

static char *join(struct gn_allele_walk *walk, char anchor, const char *rest, int64_t n)
{
    char *bases = gn_arena_alloc(walk->arena, (size_t)n + 1);
    if (bases == NULL) {
        gn_fail_memory(walk->err, "alleles of one partition");
        return NULL;
    }
    bases[0] = anchor;
    memcpy(bases + 1, rest, (size_t)n);
    return bases;
}

static int add_deletion(struct gn_allele_walk *walk, int offset, int64_t pos0, int64_t length)
{
    char anchor = anchor_base(walk, offset, pos0);
    if (!gn_base_is_canonical(anchor) || pos0 < walk->ref_start0 ||
        pos0 + length > walk->ref_end0 ||
        !all_canonical(walk->ref + (pos0 - walk->ref_start0), length))
        return release(walk);
    struct gn_allele_entry entry = make_entry(walk, pos0 - 1, GN_ALLELE_DELETION);
    entry.allele.bases = join(walk, anchor, walk->ref + (pos0 - walk->ref_start0), length);
    if (entry.allele.bases == NULL)
        return GN_E_MEMORY;
    entry.allele.length = (uint32_t)length + 1;
    int quality_at = offset > 0 ? offset - 1 : 0;
    entry.allele.base_quality =
        quality_at < walk->read->length ? walk->read->qualities[quality_at] : 0;
    return hold(walk, &entry);
}

static int add_insertion(struct gn_allele_walk *walk, int offset, int64_t pos0, int length,
                         enum gn_allele_type type)
{
    bool is_low_quality;
    int sum;
    char anchor = anchor_base(walk, offset, pos0);
    if (!gn_base_is_canonical(anchor) || !is_usable(walk, offset, length, &is_low_quality, &sum))
        return release(walk);
    struct gn_allele_entry entry = make_entry(walk, pos0 - 1, type);
    entry.allele.bases = offset > 0 ? walk->read->bases + offset - 1
                                    : join(walk, anchor, walk->read->bases + offset, length);
    if (entry.allele.bases == NULL)
        return GN_E_MEMORY;
    entry.allele.length = (uint32_t)length + 1;
    entry.allele.is_low_quality = is_low_quality;
    entry.allele.base_quality = (uint8_t)(sum / (length > 0 ? length : 1));
    return hold(walk, &entry);
}

int gn_allele_walk_read(struct gn_allele_walk *walk, const struct gn_read *read, uint32_t index)
{
    walk->read = read;
    walk->read_index = index;
    int offset = 0;
    int64_t pos0 = read->pos0;
    walk->held.allele.type = 0;
    for (int i = 0; i < read->n_cigar; i++) {
        uint32_t op = read->cigar[i] & 15, length = read->cigar[i] >> 4;
        int ret = GN_OK;
        if (gn_cigar_is_match(op))
            ret = walk->only_tracked ? track_match(walk, offset, pos0, length)
                                     : add_match(walk, offset, pos0, length);
        else if (op == BAM_CINS || op == BAM_CSOFT_CLIP)
            ret = add_insertion(walk, offset, pos0, (int)length,
                                op == BAM_CINS ? GN_ALLELE_INSERTION : GN_ALLELE_SOFT_CLIP);
        else if (op == BAM_CDEL)
            ret = add_deletion(walk, offset, pos0, length);
        if (ret < 0)
            return ret;
        if (gn_cigar_takes_read(op))
            offset += (int)length;
        /* PARITY(dv-1.9): here P advances the reference, unlike in the end of a read. */
        if (gn_cigar_takes_reference(op) || op == BAM_CPAD)
            pos0 += length;
    }
    return release(walk);
}

/* SPDX-License-Identifier: MIT
 *
 * modifications.c - the grammar of MM (SAM tags, section 1.7) as DeepVariant reads it.
 */
#include "reads/modifications.h"

#include <stdlib.h>
#include <string.h>

enum { A_CODE = 1, C_CODE = 2, G_CODE = 4, T_CODE = 8 }; /* of packed bases */

/* Where the numbers of ML are. */
struct likelihoods {
    const uint8_t *tag;
    uint32_t n, next; /* next: of the entry at hand */
};

/* One entry of MM, "C+m?,2,0,5". */
struct entry {
    const char *counts; /* behind the code and its comma; NULL when there are none */
    const char *end;
    uint32_t n; /* counts */
    uint8_t
        base; /* packed code of the counted base on the strand of the sequencer; 0: a kind that is not known */
    bool is_6ma;
};

/* How far the counts of an entry can be followed. */
enum outcome { COMPLETE, LEAVES_READ, NOT_A_NUMBER };

static uint8_t complement(uint8_t code)
{
    switch (code) {
    case A_CODE:
        return T_CODE;
    case C_CODE:
        return G_CODE;
    case G_CODE:
        return C_CODE;
    default:
        return A_CODE;
    }
}

static const char *find_end(const char *text, char mark)
{
    const char *found = strchr(text, mark);
    return found == NULL ? text + strlen(text) : found;
}

/* The known codes, with or without a mark that says what bases without a count are. */
static struct entry parse_entry(const char *text, const char *end)
{
    struct entry entry = {.end = end};
    const char *comma = memchr(text, ',', (size_t)(end - text));
    if (comma == NULL)
        return entry;
    entry.counts = comma + 1;
    for (const char *p = comma; p < end; p++)
        entry.n += *p == ',';
    size_t length = (size_t)(comma - text);
    if (length == 4 && (text[3] == '?' || text[3] == '.'))
        length = 3;
    if (length != 3)
        return entry;
    if (memcmp(text, "C+m", 3) == 0)
        entry.base = C_CODE;
    else if (memcmp(text, "A+a", 3) == 0)
        entry.base = A_CODE;
    else if (memcmp(text, "T-a", 3) == 0)
        entry.base = T_CODE;
    entry.is_6ma = entry.base == A_CODE || entry.base == T_CODE;
    return entry;
}

/* The next count: bases to pass over. */
static bool parse_count(const char **p, const char *end, long *count)
{
    char *after;
    *count = strtol(*p, &after, 10);
    if (after == *p || after > end || *count > INT32_MAX || *count < INT32_MIN)
        return false;
    const char *comma = memchr(after, ',', (size_t)(end - after));
    *p = comma == NULL ? end : comma + 1;
    return true;
}

/* The walk over the bases of a read in the sequencer's order. */
struct cursor {
    const uint8_t *bases; /* packed */
    int64_t n, taken;     /* bases of the read, and of them passed */
    bool is_reverse;
    uint8_t code; /* counted base, as stored */
};

static struct cursor start_walk(const bam1_t *record, uint8_t base)
{
    bool is_reverse = bam_is_rev(record);
    return (struct cursor){.bases = bam_get_seq(record),
                           .n = record->core.l_qseq,
                           .is_reverse = is_reverse,
                           .code = is_reverse ? complement(base) : base};
}

/* Index of the base that follows `count` others of its kind; -1 when the read has no such base. */
static int64_t next_base(struct cursor *cursor, long count)
{
    while (cursor->taken < cursor->n) {
        int64_t i = cursor->is_reverse ? cursor->n - 1 - cursor->taken : cursor->taken;
        cursor->taken++;
        if (bam_seqi(cursor->bases, i) == cursor->code && count-- == 0)
            return i;
    }
    return -1;
}

/* Follows the counts of an entry without writing; *n_met of them are met by a base. */
static enum outcome check_entry(const bam1_t *record, const struct entry *entry, uint32_t *n_met)
{
    struct cursor cursor = start_walk(record, entry->base);
    const char *p = entry->counts;
    *n_met = 0;
    for (uint32_t i = 0; i < entry->n; i++) {
        long count;
        if (!parse_count(&p, entry->end, &count))
            return NOT_A_NUMBER;
        if (next_base(&cursor, count) < 0)
            return LEAVES_READ;
        ++*n_met;
    }
    return COMPLETE;
}

/* PARITY(dv-1.9): two entries of a kind are merged with the maximum of signed bytes. So of two likelihoods those from 128
 * on lose against smaller ones, and against the 0 of a base that the other entry does not count. */
static uint8_t merge(uint8_t a, uint8_t b)
{
    return (int8_t)a > (int8_t)b ? a : b;
}

/* Merges [from, to) with bases that are not counted. */
static void merge_uncounted(uint8_t *values, int64_t from, int64_t to, int64_t n)
{
    for (int64_t i = from > 0 ? from : 0; i < to && i < n; i++)
        values[i] = merge(values[i], 0);
}

static void write_entry(const bam1_t *record, const struct entry *entry,
                        const struct likelihoods *likelihoods, struct gn_modifications *m)
{
    uint8_t *values = entry->is_6ma ? m->values_6ma : m->values_5mc;
    bool *has_values = entry->is_6ma ? &m->has_6ma : &m->has_5mc;
    bool is_merged = *has_values;
    if (!is_merged)
        memset(values, 0, (size_t)m->n_bases);
    *has_values = true;
    struct cursor cursor = start_walk(record, entry->base);
    int64_t before = cursor.is_reverse ? m->n_bases : -1; /* the base counted before */
    const char *p = entry->counts;
    long count;
    for (uint32_t k = 0; k < entry->n && parse_count(&p, entry->end, &count); k++) {
        int64_t i = next_base(&cursor, count) - m->first_base;
        bool is_inside = i >= 0 && i < m->n_bases;
        uint8_t value =
            is_inside ? (uint8_t)bam_auxB2i(likelihoods->tag, likelihoods->next + k) : 0;
        if (is_merged && cursor.is_reverse)
            merge_uncounted(values, i + 1, before, m->n_bases);
        else if (is_merged)
            merge_uncounted(values, before + 1, i, m->n_bases);
        if (is_inside)
            values[i] = is_merged ? merge(values[i], value) : value;
        before = i;
    }
    if (is_merged)
        merge_uncounted(values, cursor.is_reverse ? 0 : before + 1,
                        cursor.is_reverse ? before : m->n_bases, m->n_bases);
}

static const uint8_t *find_tag(const bam1_t *record, const char *name, char type)
{
    const uint8_t *tag = bam_aux_get(record, name);
    return tag != NULL && *tag == (uint8_t)type ? tag : NULL;
}

bool gn_has_modifications(const bam1_t *record)
{
    if (find_tag(record, "MM", 'Z') == NULL || find_tag(record, "ML", 'B') == NULL)
        return false;
    /* Hard clipping after the tags were made shows in MN. */
    const uint8_t *length = bam_aux_get(record, "MN");
    return length == NULL ||
           (strchr("cCsSiI", *length) != NULL && bam_aux2i(length) == record->core.l_qseq);
}

void gn_read_modifications(const bam1_t *record, struct gn_modifications *m)
{
    const uint8_t *tag = find_tag(record, "ML", 'B');
    struct likelihoods likelihoods = {.tag = tag, .n = bam_auxB_len(tag)};
    m->has_5mc = m->has_6ma = false;
    const char *end;
    for (const char *p = bam_aux2Z(find_tag(record, "MM", 'Z')); *p != '\0';
         p = *end == '\0' ? end : end + 1) {
        end = find_end(p, ';');
        struct entry entry = parse_entry(p, end);
        if (entry.counts == NULL)
            continue;
        if (entry.base != 0) {
            uint32_t n_met;
            enum outcome outcome = check_entry(record, &entry, &n_met);
            if (outcome == NOT_A_NUMBER || likelihoods.next + (uint64_t)n_met > likelihoods.n) {
                m->has_5mc = m->has_6ma = false;
                return;
            }
            /* PARITY(dv-1.9): an entry that counts past the read is left out, and its likelihoods are not passed over. */
            if (outcome == LEAVES_READ)
                continue;
            write_entry(record, &entry, &likelihoods, m);
        }
        /* PARITY(dv-1.9): one likelihood a count, also of combined codes (C+mh), which have several. */
        likelihoods.next += entry.n;
    }
}

/* SPDX-License-Identifier: MIT
 *
 * pair.c - the records of a fragment's ends.
 */
#include "simulate/short/pair.h"

#include <stdio.h>
#include <string.h>

#include "simulate/short/fragment_ends.h"

/* Share of pairs sequenced again that the amplification after a capture adds. */
static const double CAPTURE_DUPLICATES = 0.12;

static int append_tags(const struct gn_library *library, const struct gn_fragment_end *end,
                       bam1_t *record)
{
    const char *group = library->read_group;
    int32_t edits = end->placement.edit_distance;
    if (end->is_placed &&
        bam_aux_append(record, "NM", 'i', sizeof edits, (const uint8_t *)&edits) < 0)
        return -1;
    return bam_aux_append(record, "RG", 'Z', (int)strlen(group) + 1, (const uint8_t *)group);
}

static uint16_t flags_of(const struct gn_fragment_end *end, const struct gn_fragment_end *mate,
                         bool is_duplicate)
{
    int flags = BAM_FPAIRED | (end->is_first ? BAM_FREAD1 : BAM_FREAD2);
    flags |= end->is_reverse ? BAM_FREVERSE : 0; /* also when unmapped: the bases are stored so */
    flags |= mate->is_reverse ? BAM_FMREVERSE : 0;
    flags |= end->is_placed ? 0 : BAM_FUNMAP;
    flags |= mate->is_placed || mate->is_elsewhere ? 0 : BAM_FMUNMAP;
    flags |= is_duplicate ? BAM_FDUP : 0;
    if (end->is_placed && mate->is_placed && !mate->is_elsewhere)
        flags |= BAM_FPROPER_PAIR;
    return (uint16_t)flags;
}

static int64_t end_of(const struct gn_fragment_end *end)
{
    const struct gn_placement *p = &end->placement;
    return p->pos0 + bam_cigar2rlen(p->n_cigar, p->cigar);
}

/* TLEN of the left end: from the leftmost to the rightmost aligned base. */
static int64_t template_length(const struct gn_fragment_end ends[2])
{
    if (!ends[0].is_placed || !ends[1].is_placed || ends[0].is_elsewhere || ends[1].is_elsewhere)
        return 0;
    int64_t first = ends[0].placement.pos0, last = end_of(&ends[1]);
    if (ends[1].placement.pos0 < first)
        first = ends[1].placement.pos0;
    if (end_of(&ends[0]) > last)
        last = end_of(&ends[0]);
    return last - first;
}

/* Where the other end went that aligned elsewhere: anywhere far on the contig. */
static int64_t place_elsewhere(const struct gn_fragment *fragment)
{
    uint64_t hash = gn_hash_place(fragment->number);
    return (int64_t)(hash % (uint64_t)fragment->span->contig_length);
}

static int push_record(const struct gn_library *library, const struct gn_fragment *fragment,
                       const struct gn_fragment_end ends[2], int which, bool is_duplicate,
                       struct gn_pair_sink *sink)
{
    const struct gn_fragment_end *end = &ends[which], *mate = &ends[1 - which];
    int contig = fragment->span->contig;
    int64_t pos0 = (end->is_placed ? end : mate)->placement.pos0;
    int64_t mate_pos0 = (mate->is_placed ? mate : end)->placement.pos0;
    if (mate->is_elsewhere)
        mate_pos0 = place_elsewhere(fragment);
    int64_t tlen = template_length(ends) * (which == 0 ? 1 : -1);
    char name[64];
    int name_length = snprintf(name, sizeof name, "sim:%d:%llu%s", contig + 1,
                               (unsigned long long)fragment->number, is_duplicate ? ":d" : "");
    bam1_t *record = bam_init1();
    if (record == NULL)
        return gn_fail_memory(sink->err, "a simulated read");
    int n = end->sequenced.n;
    if (bam_set1(record, (size_t)name_length, name, flags_of(end, mate, is_duplicate), contig, pos0,
                 (uint8_t)(end->is_placed ? end->mapq : 0),
                 end->is_placed ? (size_t)end->placement.n_cigar : 0, end->placement.cigar, contig,
                 mate_pos0, tlen, (size_t)n, end->sequenced.bases,
                 (const char *)end->sequenced.qualities, 32) < 0 ||
        append_tags(library, end, record) < 0) {
        bam_destroy1(record);
        return gn_fail_memory(sink->err, "a simulated read");
    }
    return gn_bam_writer_push(sink->writer, record, sink->err);
}

static int push_pair(const struct gn_library *library, struct gn_mt64 *rng,
                     const struct gn_fragment *fragment, bool is_duplicate,
                     struct gn_pair_sink *sink)
{
    struct gn_fragment_end ends[2];
    if (!gn_fragment_ends(library, rng, fragment, ends))
        return GN_OK;
    int code = GN_OK;
    for (int i = 0; i < 2 && code == GN_OK; i++)
        if (!ends[i].is_elsewhere)
            code = push_record(library, fragment, ends, i, is_duplicate, sink);
    return code;
}

int gn_pair_make(const struct gn_library *library, struct gn_mt64 *rng,
                 const struct gn_fragment *fragment, struct gn_pair_sink *sink)
{
    double share = library->mapping_errors ? library->sequencer.profile->duplicate : 0;
    if (library->mapping_errors && library->capture != NULL)
        share += (1 - share) * CAPTURE_DUPLICATES;
    int code = push_pair(library, rng, fragment, false, sink);
    for (int i = 0; i < 8 && code == GN_OK && gn_draw_chance(rng, share); i++)
        code = push_pair(library, rng, fragment, true, sink);
    return code;
}

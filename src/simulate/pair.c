/* SPDX-License-Identifier: MIT
 *
 * pair.c - the left end is read forward, the right end backward; either may be the first read.
 * Adapters follow where the fragment is shorter than the read; a few molecules are chimeras or
 * come from elsewhere in the genome.
 */
#include "simulate/pair.h"

#include <stdio.h>
#include <string.h>

#include "simulate/placement.h"

struct end {
    struct gn_sequenced sequenced;
    struct gn_placement placement;
    bool is_placed, is_reverse, is_first;
    int mapq;
};

/* What happens to a molecule besides sequencing errors. */
struct accident {
    double divergence; /* it comes from a distant relative of the place */
    int chimeric_end;  /* 0 left, 1 right, -1 none */
    int n_foreign;
    bool foreign_first;
    int64_t foreign_own0; /* where the other part comes from */
    int lost_end;         /* the aligner gave up on it; -1 none */
};

static const char ADAPTERS[2][64] = {
    "AGATCGGAAGAGCACACGTCTGAACTCCAGTCACATCACGATCTCGTATGCCGTCTTCTG",
    "AGATCGGAAGAGCGTCGTGTAGGGAAAGAGTGTAGATCTCGGTGGTCGCCGTATCATTAA"};

static struct accident draw_accident(const struct gn_library *library, struct gn_mt64 *rng,
                                     const struct gn_fragment *fragment)
{
    struct accident accident = {.chimeric_end = -1, .lost_end = -1};
    if (!library->mapping_errors)
        return accident;
    if (gn_draw_chance(rng, 0.003) && fragment->copy == NULL)
        accident.divergence = 0.02 + 0.08 * gn_mt64_uniform(rng);
    if (gn_draw_chance(rng, 0.006)) {
        int n = library->read_length;
        accident.chimeric_end = (int)gn_mt64_below(rng, 2);
        accident.n_foreign = (int)gn_draw_between(rng, n / 8, n / 2);
        accident.foreign_first = gn_draw_chance(rng, 0.5);
        accident.foreign_own0 = gn_draw_between(rng, 0, fragment->hap->length - n);
    }
    if (gn_draw_chance(rng, 0.002))
        accident.lost_end = (int)gn_mt64_below(rng, 2);
    return accident;
}

/* The bases that follow the fragment: adapter, then what the machine reads from nothing. */
static void fill_adapter(const char *adapter, char *text, int n)
{
    size_t length = strlen(adapter);
    for (int i = 0; i < n; i++)
        text[i] = (size_t)i < length ? adapter[i] : i % 7 == 3 ? 'A' : 'G';
}

static void sequence_end(const struct gn_library *library, struct gn_mt64 *rng,
                         const struct gn_fragment *fragment, const struct accident *accident,
                         struct end *end)
{
    int n = library->read_length;
    char adapter[GN_SEQUENCED_MOST];
    struct gn_sequencing_task task = {.hap = fragment->hap,
                                      .own0 = fragment->own0,
                                      .length = n,
                                      .is_reverse = end->is_reverse,
                                      .is_second = !end->is_first,
                                      .divergence = accident->divergence,
                                      .contig = fragment->span->contig};
    if (end->is_reverse)
        task.own0 += fragment->length - n;
    if (fragment->length < n) {
        task.n_foreign = n - (int)fragment->length;
        fill_adapter(ADAPTERS[!end->is_first], adapter, task.n_foreign);
        task.foreign = adapter;
    } else if (accident->chimeric_end == end->is_reverse) {
        task.n_foreign = accident->n_foreign;
        task.foreign = fragment->hap->bases + accident->foreign_own0;
        task.foreign_first = accident->foreign_first;
    }
    gn_sequence(&library->sequencer, rng, &task, &end->sequenced);
    struct gn_placement_task place = {.bases = end->sequenced.bases,
                                      .positions = end->sequenced.positions,
                                      .n = n,
                                      .ref = fragment->span->bases,
                                      .ref_length = fragment->span->contig_length};
    end->is_placed =
        gn_place_read(&place, &end->placement) && accident->lost_end != (int)end->is_reverse;
}

static int draw_copy_mapq(struct gn_mt64 *rng, const struct gn_copy *copy, bool from_copy)
{
    double u = gn_mt64_uniform(rng);
    if (copy->is_absent) {
        double perfect = from_copy ? 0.65 : 0.9;
        return u < perfect ? 60 : (int)gn_draw_between(rng, from_copy ? 10 : 20, 59);
    }
    if (from_copy)
        return u < 0.8 ? (int)gn_draw_between(rng, 0, 25) : (int)gn_draw_between(rng, 26, 60);
    double low = 0.35 * (0.032 - copy->divergence) / 0.02;
    return u < low   ? (int)gn_draw_between(rng, 0, 25)
           : u < 0.8 ? 60
                     : (int)gn_draw_between(rng, 30, 59);
}

static int draw_mapq(const struct gn_library *library, struct gn_mt64 *rng,
                     const struct gn_fragment *fragment, const struct accident *accident)
{
    if (!library->mapping_errors)
        return 60;
    const struct gn_library_span *span = fragment->span;
    if (fragment->copy != NULL)
        return draw_copy_mapq(rng, fragment->copy, true);
    double u = gn_mt64_uniform(rng);
    if (accident->divergence > 0)
        return u < 0.85 ? (int)gn_draw_between(rng, 0, 40) : 60;
    int64_t ref0;
    gn_haplotype_place(fragment->hap, fragment->own0, 1, &ref0);
    if (span->copies != NULL && ref0 >= 0) {
        const struct gn_copy *copy = gn_copies_at(span->copies, ref0, ref0 + fragment->length);
        if (copy != NULL)
            return draw_copy_mapq(rng, copy, false);
    }
    return u < 0.975   ? 60
           : u < 0.996 ? (int)gn_draw_between(rng, 20, 59)
                       : (int)gn_draw_between(rng, 0, 19);
}

/* A read that aligns badly is also less certain of its place. */
static int adjust_mapq(const struct gn_library *library, const struct end *end, int mapq)
{
    int lost = library->read_length - end->placement.score;
    if (lost > library->read_length / 2)
        mapq -= 25;
    else if (lost > library->read_length / 3)
        mapq -= 8;
    return mapq < 0 ? 0 : mapq;
}

static int append_tags(const struct gn_library *library, const struct end *end, bam1_t *record)
{
    const char *group = library->read_group;
    int32_t edits = end->placement.edit_distance;
    if (end->is_placed &&
        bam_aux_append(record, "NM", 'i', sizeof edits, (const uint8_t *)&edits) < 0)
        return -1;
    return bam_aux_append(record, "RG", 'Z', (int)strlen(group) + 1, (const uint8_t *)group);
}

static uint16_t flags_of(const struct end *end, const struct end *mate)
{
    int flags = BAM_FPAIRED | (end->is_first ? BAM_FREAD1 : BAM_FREAD2);
    flags |= end->is_reverse ? BAM_FREVERSE : 0; /* also when unmapped: the bases are stored so */
    flags |= mate->is_reverse ? BAM_FMREVERSE : 0;
    flags |= end->is_placed ? 0 : BAM_FUNMAP;
    flags |= mate->is_placed ? 0 : BAM_FMUNMAP;
    if (end->is_placed && mate->is_placed)
        flags |= BAM_FPROPER_PAIR;
    return (uint16_t)flags;
}

static int64_t end_of(const struct end *end)
{
    const struct gn_placement *p = &end->placement;
    return p->pos0 + bam_cigar2rlen(p->n_cigar, p->cigar);
}

/* TLEN of the left end: from the leftmost to the rightmost aligned base. */
static int64_t template_length(const struct end ends[2])
{
    if (!ends[0].is_placed || !ends[1].is_placed)
        return 0;
    int64_t first = ends[0].placement.pos0, last = end_of(&ends[1]);
    if (ends[1].placement.pos0 < first)
        first = ends[1].placement.pos0;
    if (end_of(&ends[0]) > last)
        last = end_of(&ends[0]);
    return last - first;
}

static int push_record(const struct gn_library *library, const struct gn_fragment *fragment,
                       const struct end ends[2], int which, struct gn_pair_sink *sink)
{
    const struct end *end = &ends[which], *mate = &ends[1 - which];
    int contig = fragment->span->contig;
    int64_t pos0 = (end->is_placed ? end : mate)->placement.pos0;
    int64_t mate_pos0 = (mate->is_placed ? mate : end)->placement.pos0;
    int64_t tlen = template_length(ends) * (which == 0 ? 1 : -1);
    char name[64];
    int name_length = snprintf(name, sizeof name, "sim:%d:%llu", contig + 1,
                               (unsigned long long)fragment->number);
    bam1_t *record = bam_init1();
    if (record == NULL)
        return gn_fail_memory(sink->err, "a simulated read");
    int n = end->sequenced.n;
    if (bam_set1(record, (size_t)name_length, name, flags_of(end, mate), contig, pos0,
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

int gn_pair_make(const struct gn_library *library, struct gn_mt64 *rng,
                 const struct gn_fragment *fragment, struct gn_pair_sink *sink)
{
    struct accident accident = draw_accident(library, rng, fragment);
    struct end ends[2];
    bool left_is_first = gn_draw_chance(rng, 0.5);
    int mapq = draw_mapq(library, rng, fragment, &accident);
    for (int i = 0; i < 2; i++) {
        ends[i].is_reverse = i == 1;
        ends[i].is_first = left_is_first == (i == 0);
        sequence_end(library, rng, fragment, &accident, &ends[i]);
        ends[i].mapq = adjust_mapq(library, &ends[i], mapq);
    }
    if (!ends[0].is_placed && !ends[1].is_placed)
        return GN_OK;
    for (int i = 0; i < 2; i++) {
        int code = push_record(library, fragment, ends, i, sink);
        if (code < 0)
            return code;
    }
    return GN_OK;
}

/* SPDX-License-Identifier: MIT
 *
 * long_reads.c - goes along the reference in windows, so that memory does not grow with the genome.
 * Molecules start anywhere, also before the span; they come from either haplotype or from a
 * diverged copy mapped onto its segment.
 */
#include "simulate/long/long_reads.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum {
    WINDOW = 8192,             /* reference bases whose reads are drawn together */
    SHORTEST = 500,            /* bases of a molecule inside the span */
    FEWEST_ALIGNED = 200,      /* bases, else the read is unmapped and left out */
    BREAKPOINT_EVERY = 400000, /* bases of one haplotype */
    MOST_BREAKPOINTS = 4096,
    MOST_BASES = 1 << 24
};

/* One span while it is covered. */
struct covering {
    struct gn_long_library *library;
    struct gn_mt64 *rng;
    const struct gn_long_span *span;
    gn_bam_writer_t *writer;
    gn_error_t *err;
    int n_breakpoints[2]; /* per haplotype, places where its sequence goes on elsewhere */
    int64_t breakpoints[2][MOST_BREAKPOINTS];
};

/* A stretch of a haplotype or copy that is read. */
struct stretch {
    const struct gn_haplotype *hap;
    const struct gn_copy *copy; /* NULL: the genome itself */
    int which;                  /* haplotype; -1 a copy */
    int64_t own0, n;            /* bases read from it */
    int64_t n_foreign[2];       /* before and after */
};

void gn_long_library_init(struct gn_long_library *library, const struct gn_long_profile *profile,
                          double error_scale, uint64_t seed)
{
    *library = (struct gn_long_library){.coverage = 30, .hardness = 1, .read_group = "SIM"};
    gn_long_sequencer_init(&library->sequencer, profile, error_scale, seed);
    double sum = 0;
    for (int i = 0; i + 1 < GN_LONG_PERCENTILES; i++)
        sum += (profile->read_length[i] + profile->read_length[i + 1]) / 2;
    library->mean_length = sum / (GN_LONG_PERCENTILES - 1);
}

static int64_t draw_percentile(struct gn_mt64 *rng, const double *v)
{
    double u = gn_mt64_uniform(rng) * (GN_LONG_PERCENTILES - 1);
    int i = (int)u;
    return (int64_t)(v[i] + (v[i + 1] - v[i]) * (u - i));
}

static int draw_class(struct gn_mt64 *rng, const struct gn_long_profile *profile)
{
    double u = gn_mt64_uniform(rng);
    int c = 0;
    while (c + 1 < GN_LONG_CLASSES && u >= profile->classes[c].share)
        u -= profile->classes[c++].share;
    return c;
}

static int draw_profile_mapq(struct gn_mt64 *rng, const struct gn_long_profile *profile)
{
    double u = gn_mt64_uniform(rng);
    int i = 0;
    while (i + 1 < profile->n_mapqs && u >= profile->mapq_share[i])
        u -= profile->mapq_share[i++];
    return profile->mapqs[i];
}

static int draw_mapq(const struct covering *c, const struct stretch *stretch, int64_t pos0,
                     int64_t end0)
{
    enum { UNIQUE = 2000 /* bases beside a copy that place a read for sure */ };
    if (!c->library->mapping_errors)
        return 60;
    if (stretch->copy != NULL && !stretch->copy->is_absent)
        return (int)gn_draw_between(c->rng, 0, 25);
    const struct gn_copy *copy =
        c->span->copies == NULL ? NULL : gn_copies_at(c->span->copies, pos0, end0);
    if (stretch->copy == NULL && copy != NULL && !copy->is_absent && pos0 > copy->start0 - UNIQUE &&
        end0 < copy->end0 + UNIQUE && gn_draw_chance(c->rng, 0.03 / (0.03 + copy->divergence)))
        return (int)gn_draw_between(c->rng, 1, 50);
    return draw_profile_mapq(c->rng, c->library->sequencer.profile);
}

static bool is_plain(const char *bases, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        if (bases[i] != 'A' && bases[i] != 'C' && bases[i] != 'G' && bases[i] != 'T')
            return false;
    return true;
}

/* n bases from anywhere on the haplotype; NULL when unknown bases were hit. */
static const char *draw_foreign(const struct covering *c, int64_t n)
{
    const struct gn_haplotype *hap = c->span->haps[gn_mt64_below(c->rng, 2)];
    if (n > hap->length)
        return NULL;
    const char *bases = hap->bases + gn_draw_between(c->rng, 0, hap->length - n);
    return is_plain(bases, n) ? bases : NULL;
}

static int push_record(const struct covering *c, const struct gn_long_molecule *molecule, int mapq)
{
    const struct gn_long_library *library = c->library;
    const struct gn_long_read *read = &library->read;
    const struct gn_long_alignment *alignment = &read->alignment;
    char name[64];
    int name_length = snprintf(name, sizeof name, "sim:%d:%llu", molecule->contig + 1,
                               (unsigned long long)library->n_reads);
    bam1_t *record = bam_init1();
    if (record == NULL)
        return gn_fail_memory(c->err, "a simulated read");
    const char *group = library->read_group;
    int32_t edits = alignment->edit_distance;
    if (bam_set1(record, (size_t)name_length, name, molecule->is_reverse ? BAM_FREVERSE : 0,
                 molecule->contig, alignment->pos0, (uint8_t)mapq, alignment->n_cigar,
                 alignment->cigar, -1, -1, 0, read->n, read->bases, (const char *)read->qualities,
                 32) < 0 ||
        bam_aux_append(record, "NM", 'i', sizeof edits, (const uint8_t *)&edits) < 0 ||
        bam_aux_append(record, "RG", 'Z', (int)strlen(group) + 1, (const uint8_t *)group) < 0) {
        bam_destroy1(record);
        return gn_fail_memory(c->err, "a simulated read");
    }
    return gn_bam_writer_push(c->writer, record, c->err);
}

static int sequence_and_align(const struct covering *c, const struct gn_long_molecule *molecule)
{
    struct gn_long_read *read = &c->library->read;
    int code = gn_long_sequence(&c->library->sequencer, c->rng, molecule, read, c->err);
    if (code < 0)
        return code;
    struct gn_long_pairing pairing = {read->bases, c->span->bases, 0};
    code = gn_long_alignment_normalise(&read->alignment, &pairing, c->err);
    if (code < 0)
        return code;
    gn_long_alignment_clip(&read->alignment, &pairing);
    return gn_long_alignment_cigar(&read->alignment, &pairing, c->err);
}

static int make_read(const struct covering *c, const struct stretch *stretch)
{
    struct gn_long_library *library = c->library;
    if (stretch->n < SHORTEST || !is_plain(stretch->hap->bases + stretch->own0, stretch->n))
        return GN_OK;
    int64_t *positions = gn_reserve(library->positions, &library->cap_positions, (size_t)stretch->n,
                                    sizeof *positions, MOST_BASES, "a simulated read", c->err);
    if (positions == NULL)
        return GN_E_MEMORY;
    library->positions = positions;
    gn_haplotype_place(stretch->hap, stretch->own0, (int)stretch->n, positions);
    struct gn_long_molecule molecule = {.bases = stretch->hap->bases + stretch->own0,
                                        .positions = positions,
                                        .n = stretch->n,
                                        .contig = c->span->contig,
                                        .is_reverse = gn_draw_chance(c->rng, 0.5),
                                        .read_class =
                                            draw_class(c->rng, library->sequencer.profile)};
    for (int side = 0; side < 2; side++)
        if (stretch->n_foreign[side] > 0) {
            molecule.foreign[side] = draw_foreign(c, stretch->n_foreign[side]);
            molecule.n_foreign[side] =
                molecule.foreign[side] == NULL ? 0 : stretch->n_foreign[side];
        }
    int code = sequence_and_align(c, &molecule);
    const struct gn_long_alignment *alignment = &library->read.alignment;
    if (code < 0 || alignment->n_aligned < FEWEST_ALIGNED)
        return code;
    library->n_reads++;
    int64_t end0 = alignment->pos0 + bam_cigar2rlen((int)alignment->n_cigar, alignment->cigar);
    return push_record(c, &molecule, draw_mapq(c, stretch, alignment->pos0, end0));
}

/* Where the haplotype's sequence goes on elsewhere, the longer side stays. */
static void break_stretch(const struct covering *c, struct stretch *stretch)
{
    for (int i = 0; stretch->which >= 0 && i < c->n_breakpoints[stretch->which]; i++) {
        int64_t left = c->breakpoints[stretch->which][i] - stretch->own0;
        if (left <= 0 || left >= stretch->n)
            continue;
        int64_t right = stretch->n - left;
        bool keeps_left = left >= right;
        stretch->n_foreign[keeps_left] += keeps_left ? right : left;
        stretch->own0 += keeps_left ? 0 : left;
        stretch->n = keeps_left ? left : right;
    }
}

/* Adapters, chimeras and what else makes an end of a read foreign. */
static void clip_stretch(const struct covering *c, struct stretch *stretch)
{
    const struct gn_long_profile *profile = c->library->sequencer.profile;
    for (int side = 0; side < 2; side++) {
        if (!gn_draw_chance(c->rng, profile->clip_share))
            continue;
        int64_t n = draw_percentile(c->rng, profile->clip_length);
        if (n < 1 || stretch->n - n < 2 * SHORTEST)
            continue;
        stretch->n_foreign[side] += n;
        stretch->own0 += side == 0 ? n : 0;
        stretch->n -= n;
    }
}

/* A molecule of `length` bases from `start` on, cut at the haplotype's ends. */
static int read_from(const struct covering *c, struct stretch stretch, int64_t start,
                     int64_t length)
{
    int64_t end = start + length < stretch.hap->length ? start + length : stretch.hap->length;
    stretch.own0 = start > 0 ? start : 0;
    stretch.n = end - stretch.own0;
    if (stretch.n < SHORTEST)
        return GN_OK;
    if (c->library->mapping_errors) {
        break_stretch(c, &stretch);
        clip_stretch(c, &stretch);
    }
    return make_read(c, &stretch);
}

/* Molecules of one haplotype that start in [first, end) of its own bases. */
static int cover_starts(const struct covering *c, int which, int64_t first, int64_t end,
                        double depth)
{
    if (end <= first)
        return GN_OK;
    const double *lengths = c->library->sequencer.profile->read_length;
    struct stretch stretch = {.hap = c->span->haps[which], .which = which};
    int64_t n = gn_draw_rounded(c->rng, depth * (double)(end - first) / c->library->mean_length);
    int code = GN_OK;
    for (int64_t i = 0; i < n && code == GN_OK; i++) {
        int64_t start = gn_draw_between(c->rng, first, end - 1);
        code = read_from(c, stretch, start, draw_percentile(c->rng, lengths));
    }
    return code;
}

/* A copy's reads come here when most of the read lies inside it; what lies outside is clipped. */
static int cover_copy(const struct covering *c, const struct gn_copy *copy, double depth)
{
    const double *lengths = c->library->sequencer.profile->read_length;
    double mean = c->library->mean_length;
    int64_t own = copy->hap.length;
    int64_t n = gn_draw_rounded(c->rng, depth * copy->depth * ((double)own + mean) / mean);
    int code = GN_OK;
    for (int64_t i = 0; i < n && code == GN_OK; i++) {
        int64_t length = draw_percentile(c->rng, lengths);
        int64_t start = gn_draw_between(c->rng, -length, own);
        struct stretch stretch = {.hap = &copy->hap, .copy = copy, .which = -1};
        stretch.own0 = start > 0 ? start : 0;
        int64_t end = start + length < own ? start + length : own;
        stretch.n = end - stretch.own0;
        if (stretch.n * 2 < length)
            continue;
        stretch.n_foreign[0] = stretch.own0 - start;
        stretch.n_foreign[1] = start + length - end;
        code = make_read(c, &stretch);
    }
    return code;
}

static int cover_copies(const struct covering *c, const int64_t window[2], double depth)
{
    const struct gn_copies *copies = c->span->copies;
    int code = GN_OK;
    for (size_t i = 0; copies != NULL && i < copies->n && code == GN_OK; i++) {
        int64_t first0 = copies->v[i].start0 - GN_COPY_FLANK;
        first0 = first0 > c->span->start0 ? first0 : c->span->start0;
        if (first0 >= window[0] && first0 < window[1])
            code = cover_copy(c, &copies->v[i], depth);
    }
    return code;
}

static void draw_breakpoints(struct covering *c)
{
    for (int h = 0; h < 2 && c->library->mapping_errors; h++) {
        int64_t length = c->span->haps[h]->length;
        int64_t n =
            gn_draw_rounded(c->rng, (double)length / BREAKPOINT_EVERY * c->library->hardness);
        c->n_breakpoints[h] = (int)(n < MOST_BREAKPOINTS ? n : MOST_BREAKPOINTS);
        for (int i = 0; i < c->n_breakpoints[h]; i++)
            c->breakpoints[h][i] = gn_draw_between(c->rng, 0, length - 1);
    }
}

static int cover_window(const struct covering *c, const int64_t window[2], double depth)
{
    int64_t longest = (int64_t)c->library->sequencer.profile->read_length[GN_LONG_PERCENTILES - 1];
    int code = GN_OK;
    for (int h = 0; h < 2 && code == GN_OK; h++) {
        int64_t first = gn_haplotype_own_position(c->span->haps[h], window[0]);
        int64_t end = gn_haplotype_own_position(c->span->haps[h], window[1]);
        if (window[0] == c->span->start0)
            code = cover_starts(c, h, -longest, 0, depth / 2);
        if (code == GN_OK)
            code = cover_starts(c, h, first, end, depth / 2);
    }
    return code < 0 ? code : cover_copies(c, window, depth);
}

int gn_long_library_cover(struct gn_long_library *library, struct gn_mt64 *rng,
                          const struct gn_long_span *span, gn_bam_writer_t *writer, gn_error_t *err)
{
    struct covering *c = calloc(1, sizeof *c);
    if (c == NULL)
        return gn_fail_memory(err, "simulated reads");
    *c = (struct covering){
        .library = library, .rng = rng, .span = span, .writer = writer, .err = err};
    draw_breakpoints(c);
    double wave = 1.0; /* slow change of depth along the genome */
    int code = GN_OK;
    for (int64_t at0 = span->start0; at0 < span->end0 && code == GN_OK; at0 += WINDOW) {
        int64_t window[2] = {at0, at0 + WINDOW < span->end0 ? at0 + WINDOW : span->end0};
        wave += 0.05 * gn_draw_normal(rng) + 0.1 * (1.0 - wave);
        double depth = library->coverage * (wave < 0.5 ? 0.5 : wave > 1.5 ? 1.5 : wave);
        code = cover_window(c, window, depth);
        if (code == GN_OK)
            code = gn_bam_writer_flush(writer, span->contig, window[1], err);
    }
    free(c);
    return code < 0 ? code : gn_bam_writer_flush(writer, span->contig, INT64_MAX, err);
}

void gn_long_library_free(struct gn_long_library *library)
{
    gn_long_read_free(&library->read);
    free(library->positions);
    *library = (struct gn_long_library){0};
}

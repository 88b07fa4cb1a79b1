/* SPDX-License-Identifier: MIT
 *
 * fragment_ends.c - the left end is read forward, the right end backward; either may be the first
 * read. Adapters follow where the fragment is shorter than the read.
 */
#include "simulate/short/fragment_ends.h"

#include <string.h>

enum { FEWEST_OWN = 34 }; /* bases of a clipped read that belong to its place */

/* What happens to a molecule besides sequencing errors. */
struct accident {
    double divergence; /* it comes from a distant relative of the place */
    int lost_end;      /* the aligner gave up on it, 0 left, 1 right; -1 none */
    int elsewhere_end; /* it aligned elsewhere */
};

static const char ADAPTERS[2][64] = {
    "AGATCGGAAGAGCACACGTCTGAACTCCAGTCACATCACGATCTCGTATGCCGTCTTCTG",
    "AGATCGGAAGAGCGTCGTGTAGGGAAAGAGTGTAGATCTCGGTGGTCGCCGTATCATTAA"};

static struct accident draw_accident(const struct gn_library *library, struct gn_mt64 *rng,
                                     const struct gn_fragment *fragment)
{
    const struct gn_short_profile *profile = library->sequencer.profile;
    struct accident accident = {.lost_end = -1, .elsewhere_end = -1};
    if (!library->mapping_errors)
        return accident;
    if (gn_draw_chance(rng, profile->foreign) && fragment->copy == NULL)
        accident.divergence = profile->foreign_divergence;
    double u = gn_mt64_uniform(rng);
    int which = (int)gn_mt64_below(rng, 2);
    if (u < profile->unmapped_mate && !fragment->is_cut)
        accident.lost_end = which;
    else if (u < profile->unmapped_mate + profile->improper || fragment->is_cut)
        accident.elsewhere_end = which;
    return accident;
}

/* The bases that follow the fragment: adapter, then what the machine reads from nothing. */
static void fill_adapter(const char *adapter, struct gn_foreign_end *end, int n)
{
    size_t length = strlen(adapter);
    end->n = n;
    for (int i = 0; i < n; i++)
        end->bases[i] = (size_t)i < length ? adapter[i] : i % 7 == 3 ? 'A' : 'G';
}

/* A chimera: part of the read comes from elsewhere on the haplotype. As much stays as aligners need
 * to see where the rest belongs: such ends were seen in aligned reads. */
static void draw_clip(const struct gn_library *library, struct gn_mt64 *rng,
                      const struct gn_fragment *fragment, double share, struct gn_foreign_end *end,
                      const struct gn_foreign_end *other)
{
    const struct gn_short_profile *profile = library->sequencer.profile;
    int n = library->read_length;
    int room = n - other->n - FEWEST_OWN;
    if (end->n > 0 || room < 1 || !gn_draw_chance(rng, share))
        return;
    int bin = gn_short_profile_draw(rng, profile->clip_cumulative, GN_SHORT_CLIP_BINS);
    end->n = 1 + (int)(n * ((double)bin + gn_mt64_uniform(rng)) / GN_SHORT_CLIP_BINS);
    end->n = end->n < room ? end->n : room;
    int64_t own0 = gn_draw_between(rng, 0, fragment->hap->length - n);
    memcpy(end->bases, fragment->hap->bases + own0, (size_t)end->n);
}

/* Replaces m bases at one side of the read, given in reference orientation. */
static void set_side(struct gn_foreign_end ends[2], bool is_reverse, bool is_right,
                     const char *text, int m)
{
    struct gn_foreign_end *end = &ends[is_right != is_reverse];
    end->n = m;
    for (int j = 0; j < m; j++)
        end->bases[j] = is_reverse ? gn_complement(text[m - 1 - j]) : text[j];
}

/* Shows the break at point0 in a read of n bases that starts at ref0; false when no such read
 * exists because its larger part is deleted. */
static bool apply_break(const struct gn_hard_place *place, int64_t point0,
                        const struct gn_library_span *span, int64_t ref0, int n, bool is_reverse,
                        struct gn_foreign_end ends[2])
{
    int64_t left = point0 - ref0, right = n - left; /* bases of the read on both sides */
    if (left <= 0 || right <= 0)
        return true;
    bool keep_left = left >= right;
    if (place->kind == GN_BREAK_DELETION && keep_left != (point0 == place->start0))
        return false;
    char text[GN_SHORT_LONGEST_READ];
    int m = (int)(keep_left ? right : left);
    gn_break_sequence(place, point0, keep_left, span->bases, span->contig_length, text, m);
    set_side(ends, is_reverse, keep_left, text, m);
    return true;
}

/* The same for whatever break the read meets. */
static bool meet_break(const struct gn_fragment *fragment, int64_t own0, int n, bool is_reverse,
                       struct gn_foreign_end ends[2])
{
    const struct gn_library_span *span = fragment->span;
    int64_t ref0;
    gn_haplotype_place(fragment->hap, own0, 1, &ref0);
    if (fragment->copy != NULL || ref0 < 0)
        return true;
    const struct gn_hard_place *place = gn_hard_list_at(&span->places->breaks, ref0, ref0 + n);
    if (place == NULL || (place->haplotypes >> fragment->which & 1) == 0)
        return true;
    bool is_inside = ref0 >= place->start0 && ref0 + n <= place->end0;
    if (place->kind == GN_BREAK_DELETION && is_inside)
        return false;
    if (!apply_break(place, place->start0, span, ref0, n, is_reverse, ends))
        return false;
    return place->end0 == place->start0 ||
           apply_break(place, place->end0, span, ref0, n, is_reverse, ends);
}

static bool sequence_end(const struct gn_library *library, struct gn_mt64 *rng,
                         const struct gn_fragment *fragment, const struct accident *accident,
                         const uint8_t *qualities, struct gn_fragment_end *end)
{
    int n = library->read_length;
    const struct gn_short_profile *profile = library->sequencer.profile;
    struct gn_foreign_end foreign[2];
    foreign[0].n = foreign[1].n = 0;
    struct gn_sequencing_task task = {.hap = fragment->hap,
                                      .own0 = fragment->own0,
                                      .length = n,
                                      .is_reverse = end->is_reverse,
                                      .is_second = !end->is_first,
                                      .qualities = qualities,
                                      .foreign = {&foreign[0], &foreign[1]},
                                      .divergence = accident->divergence,
                                      .contig = fragment->span->contig};
    if (end->is_reverse)
        task.own0 += fragment->length - n;
    if (!meet_break(fragment, task.own0, n, end->is_reverse, foreign))
        return false;
    if (fragment->length < n)
        fill_adapter(ADAPTERS[!end->is_first], &foreign[1], n - (int)fragment->length);
    if (library->mapping_errors) {
        draw_clip(library, rng, fragment, profile->clip_start, &foreign[0], &foreign[1]);
        draw_clip(library, rng, fragment, profile->clip_end, &foreign[1], &foreign[0]);
    }
    gn_sequence(&library->sequencer, rng, &task, &end->sequenced);
    struct gn_placement_task place = {.bases = end->sequenced.bases,
                                      .positions = end->sequenced.positions,
                                      .n = n,
                                      .ref = fragment->span->bases,
                                      .ref_length = fragment->span->contig_length};
    end->is_placed =
        gn_place_read(&place, &end->placement) && accident->lost_end != (int)end->is_reverse;
    end->is_elsewhere = accident->elsewhere_end == (int)end->is_reverse;
    return true;
}

/* A read from a present paralog is mostly in doubt; a read of the segment itself the more so the
 * less the paralog differs. */
static bool doubts_copy(struct gn_mt64 *rng, const struct gn_copy *copy, bool from_copy)
{
    if (copy->is_absent)
        return false;
    double similar = copy->divergence < 0.05 ? (0.05 - copy->divergence) / 0.04 : 0;
    return gn_draw_chance(rng, from_copy ? 0.75 : 0.4 * similar);
}

static int draw_mapq(const struct gn_library *library, struct gn_mt64 *rng,
                     const struct gn_fragment *fragment)
{
    if (!library->mapping_errors)
        return 60;
    const struct gn_short_profile *profile = library->sequencer.profile;
    const struct gn_library_span *span = fragment->span;
    int64_t ref0;
    gn_haplotype_place(fragment->hap, fragment->own0, 1, &ref0);
    bool doubt = false;
    if (fragment->copy != NULL) {
        doubt = doubts_copy(rng, fragment->copy, true);
    } else if (ref0 >= 0) {
        const struct gn_copy *copy = gn_copies_at(span->copies, ref0, ref0 + fragment->length);
        doubt = gn_hard_list_at(&span->places->doubts, ref0, ref0 + 1) != NULL ||
                (copy != NULL && doubts_copy(rng, copy, false));
    }
    const struct gn_short_mapqs *mapqs = doubt ? &profile->doubtful : &profile->clean;
    return gn_short_profile_draw(rng, mapqs->cumulative, GN_SHORT_MAPQS);
}

bool gn_fragment_ends(const struct gn_library *library, struct gn_mt64 *rng,
                      const struct gn_fragment *fragment, struct gn_fragment_end ends[2])
{
    uint8_t qualities[2][GN_SHORT_LONGEST_READ];
    struct accident accident = draw_accident(library, rng, fragment);
    bool left_is_first = gn_draw_chance(rng, 0.5);
    int mapq = draw_mapq(library, rng, fragment);
    gn_short_profile_qualities(library->sequencer.profile, rng, library->read_length, qualities);
    for (int i = 0; i < 2; i++) {
        ends[i].is_reverse = i == 1;
        ends[i].is_first = left_is_first == (i == 0);
        if (!sequence_end(library, rng, fragment, &accident, qualities[!ends[i].is_first],
                          &ends[i]))
            return false;
        /* both ends mostly agree on how sure they are */
        if (i == 1 && gn_draw_chance(rng, 0.25))
            mapq = draw_mapq(library, rng, fragment);
        ends[i].mapq = mapq;
    }
    /* an end beyond a copy's border belongs to other sequence */
    for (int i = 0; i < 2; i++)
        ends[i].is_elsewhere |= fragment->copy != NULL && !ends[i].is_placed;
    return (ends[0].is_placed && !ends[0].is_elsewhere) ||
           (ends[1].is_placed && !ends[1].is_elsewhere);
}

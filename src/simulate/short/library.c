/* SPDX-License-Identifier: MIT
 *
 * library.c - goes along the reference in windows, so that memory does not grow with the genome.
 * Fragments start anywhere, are kept by their GC content as the profile says, and come from either
 * haplotype or from a diverged copy mapped onto its segment. Where targets are captured, they are kept
 * by what they share with a target too.
 */
#include "simulate/short/library.h"

#include <math.h>
#include <string.h>

#include "simulate/short/pair.h"

enum {
    WINDOW = 512,      /* reference bases whose fragments are drawn together */
    LATE_START = 1024, /* how far before its window a read may begin, after clipping and indels */
    SLACK = 80,        /* own bases that a read's indels may use beyond its end */
    GC_BASES = 500,    /* of a fragment whose GC content counts */
    FEW = 4,           /* expected fragments below which a captured window's are drawn one by one */
    TRIALS = 32,       /* for them */
};

/* Share of neighbouring windows' deviation from mean depth that they have in common. */
static const double WAVE_MEMORY = 0.8;

/* Fragments drawn so as to keep one of mean GC content. */
static double most_gc_depth(const struct gn_short_profile *profile)
{
    double most = 0;
    for (int i = 0; i < GN_SHORT_GC_BINS; i++)
        most = profile->gc_depth[i] > most ? profile->gc_depth[i] : most;
    return most;
}

/* Depth at the fragment's GC content over the mean; 0 where the reference is unknown. */
static double gc_depth(const struct gn_short_profile *profile, const char *bases, int64_t n)
{
    int64_t n_gc = 0, n_known = 0;
    for (int64_t i = 0; i < n; i++) {
        char base = bases[i];
        bool is_gc = base == 'G' || base == 'C';
        n_gc += is_gc;
        n_known += is_gc || base == 'A' || base == 'T';
    }
    if (n_known < n)
        return 0;
    int64_t bin = n_gc * GN_SHORT_GC_BINS / n;
    return profile->gc_depth[bin < GN_SHORT_GC_BINS ? bin : GN_SHORT_GC_BINS - 1];
}

static double longest_insert(double mean)
{
    return 4 * mean + 1000;
}

void gn_library_lengths(const struct gn_library *library, int64_t *mean, int64_t *longest)
{
    *mean = (int64_t)library->insert_mean;
    *longest = (int64_t)longest_insert(library->insert_mean);
    if (library->insert_mean > 0)
        return;
    const struct gn_short_inserts *inserts = &library->sequencer.profile->inserts;
    double sum = 0, n = 0;
    for (int i = 0; i < inserts->n; i++) {
        sum += inserts->share[i] * ((double)i + 0.5) * inserts->bin;
        n += inserts->share[i];
    }
    *mean = n > 0 && sum / n > 50 ? (int64_t)(sum / n) : 50;
    *longest = (int64_t)inserts->n * inserts->bin;
}

static int64_t draw_insert(const struct gn_library *library, struct gn_mt64 *rng)
{
    if (library->insert_mean > 0) {
        double length = library->insert_mean + library->insert_sd * gn_draw_normal(rng);
        double shortest = 50, longest = longest_insert(library->insert_mean);
        return (int64_t)(length < shortest ? shortest : length > longest ? longest : length);
    }
    const struct gn_short_inserts *inserts = &library->sequencer.profile->inserts;
    int bin = gn_short_profile_draw(rng, inserts->cumulative, inserts->n);
    int64_t length = (int64_t)bin * inserts->bin + gn_draw_between(rng, 0, inserts->bin - 1);
    return length < 50 ? 50 : length;
}

/* Fragments are often longer than a copy: their other end belongs elsewhere. */
static void fit_into_copy(const struct gn_library *library, struct gn_fragment *fragment)
{
    int64_t room = fragment->hap->length - fragment->own0 - SLACK;
    fragment->is_cut = fragment->copy != NULL && fragment->length > room;
    if (fragment->is_cut && room >= library->read_length)
        fragment->length = room;
}

/* Share of the fragments drawn like this one that the baits of targets hold. */
static double captured(const struct gn_library *library, const struct gn_fragment *fragment,
                       double greatest)
{
    if (library->capture == NULL)
        return 1;
    int64_t start0 = gn_haplotype_ref_position(fragment->hap, fragment->own0);
    int64_t end0 = gn_haplotype_ref_position(fragment->hap, fragment->own0 + fragment->length);
    return gn_capture_weight(library->capture, fragment->span->contig, start0, end0) / greatest;
}

static int add_fragment(struct gn_library *library, struct gn_mt64 *rng,
                        struct gn_fragment *fragment, int64_t first, int64_t end, double greatest,
                        struct gn_pair_sink *sink)
{
    const struct gn_haplotype *hap = fragment->hap;
    const struct gn_short_profile *profile = library->sequencer.profile;
    fragment->own0 = gn_draw_between(rng, first, end - 1);
    fragment->length = draw_insert(library, rng);
    fit_into_copy(library, fragment);
    int64_t n = fragment->length > library->read_length ? fragment->length : library->read_length;
    if (fragment->own0 + n + SLACK > hap->length ||
        fragment->own0 + fragment->length < library->read_length)
        return GN_OK;
    int64_t n_gc = fragment->length < GC_BASES ? fragment->length : GC_BASES;
    double kept = gc_depth(profile, hap->bases + fragment->own0, n_gc) / most_gc_depth(profile);
    if (!gn_draw_chance(rng, kept * captured(library, fragment, greatest)))
        return GN_OK;
    fragment->number = ++library->n_fragments;
    return gn_pair_make(library, rng, fragment, sink);
}

/* A count with the variance of chance: nearly Poisson, without libm. Small expectations come out too
 * high, which shows where a capture leaves little. */
static int64_t draw_count(struct gn_mt64 *rng, double expected, bool is_captured)
{
    if (is_captured && expected < FEW) {
        int64_t n = 0;
        for (int i = 0; i < TRIALS; i++)
            n += gn_draw_chance(rng, expected / TRIALS);
        return n;
    }
    double count = expected + sqrt(expected) * gn_draw_normal(rng);
    return count > 0 ? gn_draw_rounded(rng, count) : 0;
}

/* Reads of 100 that a pair leaves aligned at the place, over 200. */
static double kept_reads(const struct gn_library *library)
{
    const struct gn_short_profile *profile = library->sequencer.profile;
    return library->mapping_errors ? 1 - profile->unmapped_mate / 2 - profile->improper / 2 : 1;
}

/* Greatest weight of the fragments that start in the window; 1 when nothing is enriched. */
static double greatest_weight(const struct gn_library *library, int contig, const int64_t window[2])
{
    const struct gn_capture *capture = library->capture;
    return capture == NULL
               ? 1
               : gn_capture_greatest(capture, contig, window[0], window[1] + capture->longest);
}

/* Fragments of one haplotype that start in the reference window. */
static int cover_window(struct gn_library *library, struct gn_mt64 *rng,
                        struct gn_fragment *fragment, double depth, const int64_t window[2],
                        struct gn_pair_sink *sink)
{
    int64_t first = gn_haplotype_own_position(fragment->hap, window[0]);
    int64_t end = gn_haplotype_own_position(fragment->hap, window[1]);
    if (end <= first)
        return GN_OK;
    double greatest = greatest_weight(library, fragment->span->contig, window);
    double expected = depth * greatest * (double)(end - first) *
                      most_gc_depth(library->sequencer.profile) /
                      (2.0 * library->read_length * kept_reads(library));
    int64_t n = draw_count(rng, expected, library->capture != NULL);
    int code = GN_OK;
    for (int64_t i = 0; i < n && code == GN_OK; i++)
        code = add_fragment(library, rng, fragment, first, end, greatest, sink);
    return code;
}

static int cover_copies(struct gn_library *library, struct gn_mt64 *rng,
                        const struct gn_library_span *span, double depth, const int64_t window[2],
                        struct gn_pair_sink *sink)
{
    int code = GN_OK;
    for (size_t i = 0; i < span->copies->n && code == GN_OK; i++) {
        const struct gn_copy *copy = &span->copies->v[i];
        int64_t start0 = copy->start0 - GN_COPY_FLANK, end0 = copy->end0;
        if (start0 > window[1])
            break;
        int64_t part[2] = {start0 > window[0] ? start0 : window[0],
                           end0 < window[1] ? end0 : window[1]};
        if (part[0] >= part[1])
            continue;
        struct gn_fragment fragment = {.span = span, .hap = &copy->hap, .copy = copy};
        code = cover_window(library, rng, &fragment, depth * copy->depth, part, sink);
    }
    return code;
}

/* Mean depth in a window: waves along the genome, deserts and peaks. */
static double depth_in(const struct gn_library *library, struct gn_mt64 *rng,
                       const struct gn_library_span *span, const int64_t window[2], double *wave)
{
    double sd = library->sequencer.profile->depth_variation;
    double step = sd * sqrt(1 - WAVE_MEMORY * WAVE_MEMORY);
    *wave = WAVE_MEMORY * *wave + step * gn_draw_normal(rng);
    double relative = 1 + *wave < 0.1 ? 0.1 : 1 + *wave;
    const struct gn_hard_place *extreme = gn_hard_list_at(
        &span->places->extremes, window[0] + WINDOW / 2, window[0] + WINDOW / 2 + 1);
    return library->coverage * relative * (extreme != NULL ? extreme->depth : 1);
}

int gn_library_cover(struct gn_library *library, struct gn_mt64 *rng,
                     const struct gn_library_span *span, gn_bam_writer_t *writer, gn_error_t *err)
{
    struct gn_pair_sink sink = {.writer = writer, .err = err};
    double wave = 0;
    int code = GN_OK;
    for (int64_t at0 = span->start0; at0 < span->end0 && code == GN_OK; at0 += WINDOW) {
        int64_t window[2] = {at0, at0 + WINDOW < span->end0 ? at0 + WINDOW : span->end0};
        double depth = depth_in(library, rng, span, window, &wave);
        for (int h = 0; h < 2 && code == GN_OK; h++) {
            struct gn_fragment fragment = {.span = span, .hap = span->haps[h], .which = h};
            code = cover_window(library, rng, &fragment, depth / 2, window, &sink);
        }
        if (code == GN_OK)
            code = cover_copies(library, rng, span, depth, window, &sink);
        if (code == GN_OK)
            code = gn_bam_writer_flush(writer, span->contig, window[1] - LATE_START, err);
    }
    return code < 0 ? code : gn_bam_writer_flush(writer, span->contig, INT64_MAX, err);
}

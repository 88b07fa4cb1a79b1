/* SPDX-License-Identifier: MIT
 *
 * library.c - goes along the reference in windows, so that memory does not grow with the genome.
 * Fragments start anywhere, are kept by their GC content as PCR does, and come from either
 * haplotype or from a diverged copy mapped onto its segment.
 */
#include "simulate/library.h"

#include <stdio.h>
#include <string.h>

#include "simulate/pair.h"

enum {
    WINDOW = 8192,     /* reference bases whose fragments are drawn together */
    LATE_START = 1024, /* how far before its window a read may begin, after clipping and indels */
    SLACK = 64         /* own bases that a read's slips may use beyond its end */
};

static const double MEAN_KEPT = 0.93; /* of fragments, by their GC content, in a typical genome */

/* Probability that a fragment survives the library's preparation; 0 where the reference is
 * unknown. */
static double survival(const char *bases, int64_t n)
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
    double gc = (double)n_gc / (double)n;
    if (gc > 0.58)
        return gc > 0.85 ? 0.3 : 1.0 - (gc - 0.58) * 2.6;
    return gc < 0.30 ? 1.0 - (0.30 - gc) * 2.0 : 1.0;
}

static int64_t draw_insert(const struct gn_library *library, struct gn_mt64 *rng)
{
    double length = gn_draw_chance(rng, 0.008)
                        ? 60 + 90 * gn_mt64_uniform(rng)
                        : library->insert_mean + library->insert_sd * gn_draw_normal(rng);
    double shortest = 50, longest = 4 * library->insert_mean + 1000;
    return (int64_t)(length < shortest ? shortest : length > longest ? longest : length);
}

static int add_fragment(struct gn_library *library, struct gn_mt64 *rng,
                        struct gn_fragment *fragment, int64_t first, int64_t end,
                        struct gn_pair_sink *sink)
{
    const struct gn_haplotype *hap = fragment->hap;
    fragment->own0 = gn_draw_between(rng, first, end - 1);
    fragment->length = draw_insert(library, rng);
    int64_t n = fragment->length > library->read_length ? fragment->length : library->read_length;
    if (fragment->own0 + n + SLACK > hap->length ||
        fragment->own0 + fragment->length < library->read_length)
        return GN_OK;
    if (!gn_draw_chance(rng, survival(hap->bases + fragment->own0, fragment->length)))
        return GN_OK;
    fragment->number = ++library->n_fragments;
    return gn_pair_make(library, rng, fragment, sink);
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
    double expected = depth * (double)(end - first) / (2.0 * library->read_length * MEAN_KEPT);
    int64_t n = gn_draw_rounded(rng, expected);
    int code = GN_OK;
    for (int64_t i = 0; i < n && code == GN_OK; i++)
        code = add_fragment(library, rng, fragment, first, end, sink);
    return code;
}

static int cover_copies(struct gn_library *library, struct gn_mt64 *rng,
                        const struct gn_library_span *span, double depth, const int64_t window[2],
                        struct gn_pair_sink *sink)
{
    int code = GN_OK;
    for (size_t i = 0; i < span->copies->n && code == GN_OK; i++) {
        const struct gn_copy *copy = &span->copies->v[i];
        int64_t part[2] = {copy->start0 > window[0] ? copy->start0 : window[0],
                           copy->end0 < window[1] ? copy->end0 : window[1]};
        if (part[0] >= part[1])
            continue;
        struct gn_fragment fragment = {.span = span, .hap = &copy->hap, .copy = copy};
        code = cover_window(library, rng, &fragment, depth * copy->depth, part, sink);
    }
    return code;
}

int gn_library_cover(struct gn_library *library, struct gn_mt64 *rng,
                     const struct gn_library_span *span, gn_bam_writer_t *writer, gn_error_t *err)
{
    struct gn_pair_sink sink = {.writer = writer, .err = err};
    double wave = 1.0; /* slow change of depth along the genome */
    int code = GN_OK;
    for (int64_t at0 = span->start0; at0 < span->end0 && code == GN_OK; at0 += WINDOW) {
        int64_t window[2] = {at0, at0 + WINDOW < span->end0 ? at0 + WINDOW : span->end0};
        wave += 0.04 * gn_draw_normal(rng) + 0.1 * (1.0 - wave);
        double depth = library->coverage * (wave < 0.5 ? 0.5 : wave > 1.5 ? 1.5 : wave);
        for (int h = 0; h < 2 && code == GN_OK; h++) {
            struct gn_fragment fragment = {.span = span, .hap = span->haps[h]};
            code = cover_window(library, rng, &fragment, depth / 2, window, &sink);
        }
        if (code == GN_OK && span->copies != NULL)
            code = cover_copies(library, rng, span, depth, window, &sink);
        if (code == GN_OK)
            code = gn_bam_writer_flush(writer, span->contig, window[1] - LATE_START, err);
    }
    return code < 0 ? code : gn_bam_writer_flush(writer, span->contig, INT64_MAX, err);
}

/* SPDX-License-Identifier: MIT
 *
 * capture.c - a bait holds a fragment the better the more of it they share, up to the bait's
 * length; so depth is even inside targets, lower on short ones, and ends about a fragment's length
 * beside them.
 */
#include "simulate/short/capture.h"

#include <stdlib.h>

#include "base/memory.h"
#include "simulate/draw.h"

enum {
    BAIT = 120,         /* bases, as in common kits */
    SPREAD_DRAWS = 12,  /* factors of a target's efficiency */
    CHUNK = 4096,       /* bases whose depth is worked out together */
    LONGEST_MEAN = 8192 /* bases: ceiling of the mean fragment's length */
};

/* Each factor lies between 1 - SPREAD and 1 + SPREAD: their product has the mean 1 and nearly the
 * log-normal's shape, with a standard deviation of the logarithm of 0.5. */
static const double SPREAD = 0.25;

/* GC contents between which baits pull alike, the width of the slopes outside, and their foot. */
static const double GC_LOW = 0.35, GC_HIGH = 0.6, GC_SLOPE = 0.25, GC_LEAST = 0.15;

/* Sums of weights by the first base of fragments of mean length. */
struct weight_sums {
    double v[CHUNK + LONGEST_MEAN + 1];
};

/* Drops the ranges that overlap no span; both are normal. */
static void keep_overlapping(struct gn_ranges *ranges, const struct gn_ranges *spans)
{
    size_t n = 0, s = 0;
    for (size_t i = 0; i < ranges->n; i++) {
        const struct gn_range *range = &ranges->v[i];
        while (s < spans->n &&
               (spans->v[s].contig < range->contig ||
                (spans->v[s].contig == range->contig && spans->v[s].end0 <= range->start0)))
            s++;
        if (s < spans->n && spans->v[s].contig == range->contig && spans->v[s].start0 < range->end0)
            ranges->v[n++] = *range;
    }
    ranges->n = n;
}

static int take_targets(struct gn_capture *capture, const struct gn_ranges *ranges, gn_error_t *err)
{
    size_t cap = 0; /* as many as there are ranges, which have a ceiling */
    capture->v = gn_reserve(NULL, &cap, ranges->n, sizeof *capture->v, ranges->n, "targets", err);
    if (capture->v == NULL)
        return GN_E_MEMORY;
    capture->n = ranges->n;
    for (size_t i = 0; i < ranges->n; i++)
        capture->v[i] =
            (struct gn_target){ranges->v[i].contig, ranges->v[i].start0, ranges->v[i].end0, 1};
    return GN_OK;
}

int gn_capture_read(struct gn_capture *capture, const char *path, const struct gn_contigs *contigs,
                    const struct gn_ranges *spans, gn_error_t *err)
{
    struct gn_ranges ranges = {NULL, 0, 0};
    int code = gn_ranges_read_bed(&ranges, path, contigs, err);
    if (code == GN_OK) {
        gn_ranges_normalise(&ranges);
        keep_overlapping(&ranges, spans);
        code = ranges.n > 0
                   ? take_targets(capture, &ranges, err)
                   : gn_fail(err, GN_E_MISMATCH,
                             "--targets %s: no target lies in the regions: check both", path);
    }
    gn_ranges_clear(&ranges);
    return code;
}

void gn_capture_clear(struct gn_capture *capture)
{
    if (capture == NULL)
        return;
    free(capture->v);
    *capture = (struct gn_capture){0};
}

/* What the target's GC content leaves of its efficiency. */
static double gc_factor(const struct gn_target *target, const char *bases)
{
    int64_t n_gc = 0;
    for (int64_t i = target->start0; i < target->end0; i++)
        n_gc += bases[i] == 'G' || bases[i] == 'C';
    double gc = (double)n_gc / (double)(target->end0 - target->start0);
    double off = gc < GC_LOW ? GC_LOW - gc : gc > GC_HIGH ? gc - GC_HIGH : 0;
    double factor = 1 - off / GC_SLOPE;
    return factor > GC_LEAST ? factor : GC_LEAST;
}

void gn_capture_draw(struct gn_capture *capture, int contig, const char *bases, uint64_t salt)
{
    for (size_t i = 0; i < capture->n; i++) {
        struct gn_target *target = &capture->v[i];
        if (target->contig != contig)
            continue;
        struct gn_mt64 rng;
        uint64_t place = gn_hash_place((uint64_t)target->start0) ^ (uint64_t)contig;
        gn_mt64_seed(&rng, gn_hash_place(salt ^ gn_hash_place(place)));
        target->efficiency = gc_factor(target, bases);
        for (int k = 0; k < SPREAD_DRAWS; k++)
            target->efficiency *= 1 - SPREAD + 2 * SPREAD * gn_mt64_uniform(&rng);
    }
}

/* Index of the first target that ends after the place. */
static size_t first_target(const struct gn_capture *capture, int contig, int64_t pos0)
{
    size_t low = 0, high = capture->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct gn_target *target = &capture->v[middle];
        if (target->contig < contig || (target->contig == contig && target->end0 <= pos0))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool begins_before(const struct gn_capture *capture, size_t i, int contig, int64_t end0)
{
    return i < capture->n && capture->v[i].contig == contig && capture->v[i].start0 < end0;
}

/* The weight of a fragment; the first target that ends after start0 is known. */
static double weight_from(const struct gn_capture *capture, size_t first, int contig,
                          int64_t start0, int64_t end0)
{
    double weight = capture->off_target;
    for (size_t i = first; begins_before(capture, i, contig, end0); i++) {
        const struct gn_target *target = &capture->v[i];
        int64_t from = start0 > target->start0 ? start0 : target->start0;
        int64_t to = end0 < target->end0 ? end0 : target->end0;
        double shared = to - from < BAIT ? (double)(to - from) / BAIT : 1;
        double pulled = capture->scale * target->efficiency * shared;
        weight = pulled > weight ? pulled : weight;
    }
    return weight;
}

double gn_capture_weight(const struct gn_capture *capture, int contig, int64_t start0, int64_t end0)
{
    return weight_from(capture, first_target(capture, contig, start0), contig, start0, end0);
}

double gn_capture_greatest(const struct gn_capture *capture, int contig, int64_t start0,
                           int64_t end0)
{
    double greatest = capture->off_target;
    for (size_t i = first_target(capture, contig, start0); begins_before(capture, i, contig, end0);
         i++) {
        double weight = capture->scale * capture->v[i].efficiency;
        greatest = weight > greatest ? weight : greatest;
    }
    return greatest;
}

/* Expected depths of n <= CHUNK bases, when all fragments have the mean length. A base is seen by
 * the left reads of fragments that start up to a read's length before it and by the right reads of
 * those that end as shortly after it. */
static void expect_depths(const struct gn_capture *capture, int contig, int64_t start0, int64_t n,
                          struct weight_sums *sums, double *depths)
{
    int64_t length = capture->fragment < LONGEST_MEAN ? capture->fragment : LONGEST_MEAN;
    int64_t read = capture->read < length ? capture->read : length;
    int64_t begin0 = start0 - length + 1;
    size_t first = first_target(capture, contig, begin0);
    sums->v[0] = 0;
    for (int64_t i = 0; i < n + length - 1; i++) {
        while (begins_before(capture, first, contig, begin0 + i) &&
               capture->v[first].end0 <= begin0 + i)
            first++;
        sums->v[i + 1] =
            sums->v[i] + weight_from(capture, first, contig, begin0 + i, begin0 + i + length);
    }
    for (int64_t k = 0; k < n; k++) {
        double left = sums->v[k + length] - sums->v[k + length - read];
        double right = sums->v[k + read] - sums->v[k];
        depths[k] = (left + right) / (2 * (double)read);
    }
}

/* Mean expected depth over all bases of targets. */
static double mean_on_targets(const struct gn_capture *capture, struct weight_sums *sums)
{
    double depths[CHUNK], sum = 0, n_bases = 0;
    for (size_t i = 0; i < capture->n; i++) {
        const struct gn_target *target = &capture->v[i];
        for (int64_t at0 = target->start0; at0 < target->end0; at0 += CHUNK) {
            int64_t n = target->end0 - at0 < CHUNK ? target->end0 - at0 : CHUNK;
            expect_depths(capture, target->contig, at0, n, sums, depths);
            for (int64_t k = 0; k < n; k++)
                sum += depths[k];
            n_bases += (double)n;
        }
    }
    return sum / n_bases;
}

int gn_capture_settle(struct gn_capture *capture, gn_error_t *err)
{
    struct weight_sums *sums = malloc(sizeof *sums);
    if (sums == NULL)
        return gn_fail_memory(err, "depths on targets");
    /* off-target fragments hardly count on targets: two steps get close enough */
    capture->scale = 1;
    for (int step = 0; step < 2; step++)
        capture->scale /= mean_on_targets(capture, sums);
    free(sums);
    return GN_OK;
}

/* Adds the runs below `least` among n bases from start0 on. */
static int add_runs(const struct gn_range *range, const double *depths, double least,
                    struct gn_ranges *deserts, gn_error_t *err)
{
    int code = GN_OK;
    for (int64_t k = 0, n = range->end0 - range->start0; k < n && code == GN_OK; k++) {
        int64_t from = k;
        while (k < n && depths[k] < least)
            k++;
        struct gn_range run = {range->contig, range->start0 + from, range->start0 + k};
        if (k > from)
            code = gn_ranges_push(deserts, run, err);
    }
    return code;
}

int gn_capture_deserts(const struct gn_capture *capture, const struct gn_range *range, double least,
                       struct gn_ranges *deserts, gn_error_t *err)
{
    double depths[CHUNK];
    struct weight_sums *sums = malloc(sizeof *sums);
    if (sums == NULL)
        return gn_fail_memory(err, "depths on targets");
    int code = GN_OK;
    for (int64_t at0 = range->start0; at0 < range->end0 && code == GN_OK; at0 += CHUNK) {
        int64_t end0 = range->end0 - at0 < CHUNK ? range->end0 : at0 + CHUNK;
        struct gn_range part = {range->contig, at0, end0};
        size_t near = first_target(capture, part.contig, at0 - capture->fragment);
        bool is_empty = !begins_before(capture, near, part.contig, end0 + capture->fragment);
        if (!is_empty) {
            expect_depths(capture, part.contig, at0, end0 - at0, sums, depths);
            code = add_runs(&part, depths, least, deserts, err);
        } else if (capture->off_target < least) {
            code = gn_ranges_push(deserts, part, err);
        }
    }
    free(sums);
    return code;
}

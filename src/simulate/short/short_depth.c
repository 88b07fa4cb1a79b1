/* SPDX-License-Identifier: MIT
 *
 * short_depth.c - see short_depth.h.
 */
#include "simulate/short/short_depth.h"

#include <math.h>
#include <string.h>

enum { EMPTY_RUN = 10, EDGE = 3 }; /* windows: without data for so long; beside such a run */

/* Bin of the windows's GC content, -1 when bases are unknown. */
static int gc_bin(const char *bases)
{
    int n_gc = 0, n_at = 0;
    for (int i = 0; i < GN_DEPTH_WINDOW; i++) {
        n_gc += bases[i] == 'G' || bases[i] == 'C';
        n_at += bases[i] == 'A' || bases[i] == 'T';
    }
    if (n_gc + n_at < GN_DEPTH_WINDOW)
        return -1;
    int bin = n_gc * GN_SHORT_GC_BINS / GN_DEPTH_WINDOW;
    return bin < GN_SHORT_GC_BINS ? bin : GN_SHORT_GC_BINS - 1;
}

/* Whether the window lies in or beside a long run without reads; outside [0, n) there are none. */
static bool is_outside(const struct gn_depth_window *windows, size_t n, size_t i)
{
    int64_t run = 0, most = 0;
    for (int64_t k = (int64_t)i - EDGE - EMPTY_RUN; k <= (int64_t)i + EDGE + EMPTY_RUN; k++) {
        bool is_empty = k < 0 || k >= (int64_t)n || windows[k].reads == 0;
        run = is_empty ? run + 1 : 0;
        most = run > most ? run : most;
    }
    return most >= EMPTY_RUN;
}

static bool is_clean(const struct gn_depth_window *window)
{
    return window->sure * 5 >= window->reads * 4;
}

static void add_mapqs(struct gn_depth_counts *counts, const struct gn_depth_window *window)
{
    double *sums = is_clean(window) ? counts->clean_mapqs : counts->doubtful_mapqs;
    for (int q = 0; q < GN_SHORT_MAPQS; q++)
        sums[q] += window->mapqs[q];
}

static double mean_of_clean(const struct gn_depth_window *windows, size_t n)
{
    double sum = 0, n_windows = 0;
    for (size_t i = 0; i < n; i++) {
        if (!is_clean(&windows[i]) || is_outside(windows, n, i))
            continue;
        sum += windows[i].fragments;
        n_windows++;
    }
    return n_windows > 0 ? sum / n_windows : 0;
}

void gn_depth_counts_add(struct gn_depth_counts *counts, const struct gn_depth_window *windows,
                         size_t n, const char *bases)
{
    double mean = mean_of_clean(windows, n);
    bool was_doubtful = false;
    for (size_t i = 0; i < n; i++) {
        int bin = gc_bin(bases + i * GN_DEPTH_WINDOW);
        if (bin < 0 || is_outside(windows, n, i))
            continue;
        const struct gn_depth_window *window = &windows[i];
        add_mapqs(counts, window);
        if (!is_clean(window)) {
            counts->doubtful_windows++;
            counts->doubtful_runs += !was_doubtful;
            was_doubtful = true;
            continue;
        }
        was_doubtful = false;
        counts->clean_windows++;
        if (mean < 5)
            continue;
        double relative = window->fragments / mean;
        if (relative > 3) /* a peak: not what varies everywhere */
            continue;
        counts->gc_windows[bin] += 1;
        counts->gc_depth[bin] += relative;
        counts->windows += 1;
        counts->relative += relative;
        counts->square += relative * relative;
        counts->chance += 1 / mean;
    }
}

static void solve_gc(const struct gn_depth_counts *counts, struct gn_short_profile *profile,
                     double *explained)
{
    const double sure = 8; /* windows of mean depth that each bin is given */
    *explained = 0;
    for (int i = 0; i < GN_SHORT_GC_BINS; i++) {
        double n = counts->gc_windows[i];
        profile->gc_depth[i] = (counts->gc_depth[i] + sure) / (n + sure);
        double off = profile->gc_depth[i] - 1;
        *explained += n * off * off;
    }
}

void gn_depth_counts_solve(const struct gn_depth_counts *counts, struct gn_short_profile *profile)
{
    double explained, n = counts->windows > 0 ? counts->windows : 1;
    solve_gc(counts, profile, &explained);
    double mean = counts->relative / n;
    double variance = counts->square / n - mean * mean - counts->chance / n - explained / n;
    profile->depth_variation = variance > 0 ? sqrt(variance) : 0;
    if (profile->depth_variation > 1)
        profile->depth_variation = 1;
    memcpy(profile->clean.share, counts->clean_mapqs, sizeof counts->clean_mapqs);
    memcpy(profile->doubtful.share, counts->doubtful_mapqs, sizeof counts->doubtful_mapqs);
    double sum = 0;
    for (int q = 0; q < GN_SHORT_MAPQS; q++)
        sum += counts->clean_mapqs[q];
    if (sum == 0)
        profile->clean.share[60] = 1;
    if (counts->doubtful_windows == 0) /* none seen: any mapping quality up to sure */
        for (int q = 0; q < GN_DEPTH_SURE_MAPQ + 10; q++)
            profile->doubtful.share[q] = 1;
    double all = counts->clean_windows + counts->doubtful_windows;
    profile->doubtful_share = all > 0 ? counts->doubtful_windows / all : 0;
    profile->doubtful_length =
        counts->doubtful_runs > 0
            ? counts->doubtful_windows / counts->doubtful_runs * GN_DEPTH_WINDOW
            : GN_DEPTH_WINDOW;
}

/* SPDX-License-Identifier: MIT
 *
 * long_context.c - two passes over the bases: runs, then repeats of each unit.
 */
#include "simulate/long/long_context.h"

#include <string.h>

static void describe_runs(const char *bases, int64_t n, struct gn_long_base *out)
{
    for (int64_t start = 0, end; start < n; start = end) {
        for (end = start + 1; end < n && bases[end] == bases[start];)
            end++;
        int64_t length = end - start < 255 ? end - start : 255;
        for (int64_t i = start; i < end; i++)
            out[i] = (struct gn_long_base){
                .run = (uint8_t)length,
                .index = (uint8_t)(i - start < length ? i - start : length - 1)};
    }
}

static void mark_repeat(struct gn_long_base *out, int64_t start, int64_t end, int unit)
{
    int64_t copies = (end - start) / unit;
    for (int64_t i = start; i < end; i++) {
        out[i].unit = (uint8_t)unit;
        out[i].copies = (uint8_t)(copies < 255 ? copies : 255);
        out[i].is_first = i < start + unit;
        out[i].is_last = i >= end - unit;
    }
    out[start].starts_repeat = true;
}

static bool is_free(const struct gn_long_base *out, int64_t start, int64_t end)
{
    return out[start].unit == 0 && out[end - 1].unit == 0;
}

static void describe_repeats(const char *bases, int64_t n, int unit, struct gn_long_base *out)
{
    int64_t shortest = unit == 2 ? 8 : 3 * unit, start = 0;
    for (int64_t i = unit; i <= n; i++) {
        if (i < n && bases[i] == bases[i - unit])
            continue;
        bool is_run = out[start].run >= unit;
        bool is_shorter = unit == 4 && start + 4 <= n && bases[start] == bases[start + 2] &&
                          bases[start + 1] == bases[start + 3];
        if (i - start >= shortest && !is_run && !is_shorter && is_free(out, start, i))
            mark_repeat(out, start, i, unit);
        start = i - unit + 1;
    }
}

void gn_long_contexts(const char *bases, int64_t n, struct gn_long_base *out)
{
    if (n <= 0)
        return;
    describe_runs(bases, n, out);
    for (int unit = 2; unit <= GN_LONG_LONGEST_UNIT; unit++)
        describe_repeats(bases, n, unit, out);
}

int gn_long_run_class(int run)
{
    static const uint8_t classes[14] = {0, 0, 1, 2, 3, 3, 4, 4, 4, 5, 5, 5, 5, 6};
    return classes[run < 13 ? run : 13];
}

int gn_long_quality_context(const struct gn_long_base *base, bool is_reverse)
{
    if (base->run <= 2 && base->unit > 0)
        return 3 * GN_LONG_RUN_CLASSES + !(is_reverse ? base->is_last : base->is_first);
    if (base->run <= 1)
        return 0;
    bool is_left = base->index == 0, is_right = base->index + 1 == base->run;
    int place = is_left ? (is_reverse ? 2 : 0) : is_right ? (is_reverse ? 0 : 2) : 1;
    return 3 * gn_long_run_class(base->run) + place;
}

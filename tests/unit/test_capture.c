/* SPDX-License-Identifier: MIT
 *
 * test_capture.c - enrichment of targets: weights of fragments and the depth that follows, worked
 * out by hand or fragment by fragment, and in simulated reads.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <math.h>

#include <htslib/sam.h>

#include "simulate/short/capture.h"
#include "simulate/simulate.h"
#include "temporary_folder.h"

enum { GENOME = 200000, N_TARGETS = 40, GAP = 4500 };

static const int LENGTHS[] = {60, 200, 1000, 300};

static struct gn_target TWO[] = {{0, 10000, 10060, 1}, {0, 10100, 10400, 0.5}};

static struct gn_capture two_targets(void)
{
    return (struct gn_capture){TWO, 2, 0.02, 1, 300, 900, 100};
}

static void test_weight_grows_with_the_overlap(void **state)
{
    (void)state;
    struct gn_capture capture = two_targets();
    /* baits of 120 bases: 30 shared of the first target; all 60; 120 and more of the second */
    assert_float_equal(gn_capture_weight(&capture, 0, 9730, 10030), 30.0 / 120, 1e-12);
    assert_float_equal(gn_capture_weight(&capture, 0, 9790, 10090), 60.0 / 120, 1e-12);
    assert_float_equal(gn_capture_weight(&capture, 0, 10100, 10220), 0.5, 1e-12);
    assert_float_equal(gn_capture_weight(&capture, 0, 10100, 10400), 0.5, 1e-12);
    assert_float_equal(gn_capture_weight(&capture, 0, 10370, 10700), 0.5 * 30 / 120, 1e-12);
    /* beside them, one base on each side; another contig */
    assert_float_equal(gn_capture_weight(&capture, 0, 9700, 10000), 0.02, 1e-12);
    assert_float_equal(gn_capture_weight(&capture, 0, 10400, 10700), 0.02, 1e-12);
    assert_float_equal(gn_capture_weight(&capture, 1, 10100, 10400), 0.02, 1e-12);
    assert_float_equal(gn_capture_greatest(&capture, 0, 10050, 10400), 1, 1e-12);
    assert_float_equal(gn_capture_greatest(&capture, 0, 10060, 10400), 0.5, 1e-12);
    assert_float_equal(gn_capture_greatest(&capture, 0, 10060, 10100), 0.02, 1e-12);
}

static int64_t shared(int64_t a0, int64_t a1, int64_t b0, int64_t b1)
{
    int64_t from = a0 > b0 ? a0 : b0, to = a1 < b1 ? a1 : b1;
    return to > from ? to - from : 0;
}

/* Depth on [start0, end0) of all fragments together, each read as often as its weight says. */
static double depth_by_fragments(const struct gn_capture *capture, int64_t start0, int64_t end0)
{
    double sum = 0;
    for (int64_t s = start0 - capture->fragment; s < end0; s++) {
        int64_t e = s + capture->fragment;
        double read = (double)(shared(s, s + capture->read, start0, end0) +
                               shared(e - capture->read, e, start0, end0));
        sum += read * gn_capture_weight(capture, 0, s, e);
    }
    return sum / (double)(end0 - start0) / (2 * (double)capture->read);
}

static void test_scale_makes_the_mean_depth_one(void **state)
{
    (void)state;
    struct gn_capture capture = two_targets();
    assert_int_equal(gn_capture_settle(&capture, NULL), GN_OK);
    double mean = (60 * depth_by_fragments(&capture, 10000, 10060) +
                   300 * depth_by_fragments(&capture, 10100, 10400)) /
                  360;
    assert_float_equal(mean, 1, 0.002);
}

static void test_deserts_lie_beside_targets(void **state)
{
    (void)state;
    struct gn_target long_one = {0, 20000, 30000, 1};
    struct gn_capture capture = {&long_one, 1, 0.02, 1, 300, 900, 100};
    struct gn_range range = {0, 0, 50000};
    struct gn_ranges deserts = {NULL, 0, 0};
    assert_int_equal(gn_capture_deserts(&capture, &range, 0.15, &deserts, NULL), GN_OK);
    gn_ranges_normalise(&deserts);
    assert_int_equal(deserts.n, 2);
    assert_int_equal(deserts.v[0].start0, 0);
    assert_int_equal(deserts.v[1].end0, 50000);
    /* the borders: within a fragment's length of the target, where the depth passes 0.15 */
    int64_t left = deserts.v[0].end0, right = deserts.v[1].start0;
    assert_in_range(left, 19701, 19999);
    assert_int_equal(right - 30000, 20000 - left);
    assert_true(depth_by_fragments(&capture, left - 1, left) < 0.15);
    assert_true(depth_by_fragments(&capture, left, left + 1) >= 0.15);
    gn_ranges_clear(&deserts);
}

/* n bases, of 20 each `n_gc` G and C. */
static void fill(char *bases, int n, int n_gc)
{
    for (int i = 0; i < n; i++)
        bases[i] = i % 20 < n_gc ? "GC"[i & 1] : "AT"[i & 1];
}

static void test_efficiencies_spread_and_fall_with_gc(void **state)
{
    (void)state;
    enum { N = 4000, LENGTH = 100 };
    static struct gn_target targets[N];
    static char bases[N * LENGTH];
    struct gn_capture capture = {.v = targets, .n = N};
    double means[3];
    int n_gc[3] = {9, 17, 3}; /* of 20: 45, 85 and 15 per cent */
    for (int kind = 0; kind < 3; kind++) {
        fill(bases, sizeof bases, n_gc[kind]);
        for (int i = 0; i < N; i++)
            targets[i] = (struct gn_target){0, i * LENGTH, (i + 1) * LENGTH, 1};
        gn_capture_draw(&capture, 0, bases, 5);
        double sum = 0, logs = 0, squares = 0;
        for (int i = 0; i < N; i++) {
            double log_efficiency = log(targets[i].efficiency);
            sum += targets[i].efficiency;
            logs += log_efficiency;
            squares += log_efficiency * log_efficiency;
        }
        means[kind] = sum / N;
        double deviation = sqrt(squares / N - logs / N * (logs / N));
        assert_true(deviation > 0.4 && deviation < 0.6);
    }
    assert_float_equal(means[0], 1, 0.04);
    assert_true(means[1] < 0.3 && means[2] < 0.4);
    /* a target's own does not depend on the others, but on the salt */
    struct gn_target alone = targets[7];
    double before = alone.efficiency;
    struct gn_capture single = {.v = &alone, .n = 1};
    gn_capture_draw(&single, 0, bases, 5);
    assert_true(alone.efficiency == before);
    gn_capture_draw(&single, 0, bases, 6);
    assert_true(alone.efficiency != before);
}

struct run {
    struct temporary_folder folder;
    char prefix[100], targets[160];
    struct gn_simulate_options options;
};

static int64_t target_start(int i)
{
    return 3000 + (int64_t)i * GAP;
}

static void write_targets(struct run *run)
{
    char text[N_TARGETS * 40] = "";
    for (int i = 0; i < N_TARGETS; i++) {
        int64_t start0 = target_start(i);
        sprintf(text + strlen(text), "chr1\t%d\t%d\n", (int)start0, (int)start0 + LENGTHS[i % 4]);
    }
    snprintf(run->targets, sizeof run->targets, "%s",
             temporary_write(&run->folder, "targets.bed", text));
}

/* Depth by base without duplicates, [GENOME]; shares of duplicates. */
static double read_depths(struct run *run, int *depths)
{
    char path[128];
    snprintf(path, sizeof path, "%s.bam", run->prefix);
    samFile *file = sam_open(path, "r");
    assert_non_null(file);
    sam_hdr_t *header = sam_hdr_read(file);
    bam1_t *record = bam_init1();
    double n = 0, n_duplicates = 0;
    int status;
    while ((status = sam_read1(file, header, record)) >= 0) {
        n++;
        n_duplicates += (record->core.flag & BAM_FDUP) != 0;
        if (record->core.flag & (BAM_FDUP | BAM_FUNMAP))
            continue;
        for (int64_t at = record->core.pos; at < bam_endpos(record); at++)
            depths[at]++;
    }
    assert_int_equal(status, -1);
    bam_destroy1(record);
    sam_hdr_destroy(header);
    sam_close(file);
    return n_duplicates / n;
}

static double mean_depth(const int *depths, int64_t start0, int64_t length)
{
    double sum = 0;
    for (int64_t k = 0; k < length; k++)
        sum += depths[start0 + k];
    return sum / (double)length;
}

static void test_reads_lie_on_targets(void **state)
{
    (void)state;
    struct run run = {.options = gn_simulate_defaults()};
    struct gn_simulate_counts counts;
    gn_error_t err = {0};
    temporary_make(&run.folder);
    write_targets(&run);
    snprintf(run.prefix, sizeof run.prefix, "%s/s", run.folder.dir);
    run.options.prefix = run.prefix;
    run.options.profile = "profiles/novaseq-2x150.json"; /* run from the project's root */
    run.options.targets = run.targets;
    run.options.genome_size = GENOME;
    run.options.n_contigs = 1;
    run.options.coverage = 100;
    run.options.off_target = 0.05;
    run.options.hardness = 0;
    assert_int_equal(gn_simulate(&run.options, &counts, &err), GN_OK);
    int *depths = calloc(GENOME + 1000, sizeof *depths);
    assert_non_null(depths);
    double duplicates = read_depths(&run, depths), on = 0, by_length[4] = {0}, off = 0, beside = 0;
    double n_on = 0;
    for (int i = 0; i < N_TARGETS; i++) {
        int length = LENGTHS[i % 4];
        double depth = mean_depth(depths, target_start(i), length);
        on += depth * length;
        n_on += length;
        by_length[i % 4] += depth / (N_TARGETS / 4.0);
        off += mean_depth(depths, target_start(i) - 2000, 500) / N_TARGETS;
        beside += mean_depth(depths, target_start(i) - 150, 100) / N_TARGETS;
    }
    assert_true(fabs(on / n_on - 100) < 10);
    assert_true(fabs(off - 5) < 1);
    assert_true(beside > 15 && beside < 70);
    assert_true(by_length[0] < 0.8 * by_length[2]);
    /* the profile's own tenth, and an eighth of the rest */
    assert_true(duplicates > 0.14 && duplicates < 0.3);
    /* 200 kb at 0.0014: the truth does not end at the targets */
    assert_in_range(counts.variants, 180, 400);
    free(depths);
    temporary_remove(&run.folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_weight_grows_with_the_overlap),
        cmocka_unit_test(test_scale_makes_the_mean_depth_one),
        cmocka_unit_test(test_deserts_lie_beside_targets),
        cmocka_unit_test(test_efficiencies_spread_and_fall_with_gc),
        cmocka_unit_test(test_reads_lie_on_targets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

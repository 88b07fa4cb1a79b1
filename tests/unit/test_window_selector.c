/* SPDX-License-Identifier: MIT
 *
 * test_window_selector.c - hand-made allele counts (spec 30 section 2).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "realign/window_selector.h"

enum { INTERVAL = 600, START0 = 5000, MAX_ALLELES = 4096 };

/* A counter filled by hand: alleles must be added by ascending index. */
struct bench {
    struct gn_allele_counter counter;
    struct gn_counted_position positions[INTERVAL];
    struct gn_allele alleles[MAX_ALLELES];
    struct gn_realign_options options;
    gn_arena_t *arena;
    struct gn_window_span *spans;
};

static int setup(void **state)
{
    static struct bench bench;
    bench = (struct bench){.options = gn_realign_options_default()};
    bench.counter = (struct gn_allele_counter){.start0 = START0,
                                               .end0 = START0 + INTERVAL,
                                               .positions = bench.positions,
                                               .alleles = bench.alleles};
    bench.arena = gn_arena_create((size_t)1 << 24);
    *state = &bench;
    return bench.arena == NULL;
}

static int teardown(void **state)
{
    struct bench *bench = *state;
    gn_arena_destroy(bench->arena);
    return 0;
}

static void add(struct bench *bench, int index, enum gn_allele_type type, const char *bases,
                uint32_t length, int n)
{
    struct gn_counted_position *position = &bench->positions[index];
    if (position->n == 0)
        position->first = (uint32_t)bench->counter.n_alleles;
    for (int i = 0; i < n; i++)
        bench->alleles[bench->counter.n_alleles++] =
            (struct gn_allele){.bases = bases, .length = length, .type = (uint8_t)type};
    position->n += (uint32_t)n;
}

static int select(struct bench *bench)
{
    gn_error_t err = {0};
    return gn_select_windows(&bench->options, &bench->counter, &bench->spans, bench->arena, &err);
}

static void expect_span(const struct bench *bench, int s, int64_t first_index, int64_t last_index)
{
    assert_int_equal(bench->spans[s].start0, START0 + first_index - 80);
    assert_int_equal(bench->spans[s].end0, START0 + last_index + 80);
}

static void test_substitutions(void **state)
{
    struct bench *bench = *state;
    assert_int_equal(select(bench), 0);
    add(bench, 100, GN_ALLELE_SUBSTITUTION, "A", 1, 1); /* one read is not enough */
    add(bench, 150, GN_ALLELE_SUBSTITUTION, "A", 1, 1); /* nor are two that differ */
    add(bench, 150, GN_ALLELE_SUBSTITUTION, "C", 1, 1);
    assert_int_equal(select(bench), 0);
    add(bench, 200, GN_ALLELE_SUBSTITUTION, "A", 1, 2);
    assert_int_equal(select(bench), 1);
    expect_span(bench, 0, 200, 200);
}

static void test_distance_and_edges(void **state)
{
    struct bench *bench = *state;
    add(bench, 0, GN_ALLELE_SUBSTITUTION, "A", 1, 2);
    add(bench, 160, GN_ALLELE_SUBSTITUTION, "A", 1, 2); /* still the same window */
    add(bench, 321, GN_ALLELE_SUBSTITUTION, "A", 1, 2); /* 161 further: a new one */
    add(bench, 599, GN_ALLELE_SUBSTITUTION, "A", 1, 2);
    assert_int_equal(select(bench), 3);
    expect_span(bench, 0, 0, 160);
    expect_span(bench, 1, 321, 321);
    expect_span(bench, 2, 599, 599); /* windows may leave the interval */
}

static void test_indels(void **state)
{
    struct bench *bench = *state;
    add(bench, 100, GN_ALLELE_INSERTION, "ACCC", 4, 2); /* [98, 104) */
    assert_int_equal(select(bench), 1);
    expect_span(bench, 0, 98, 103);
    add(bench, 300, GN_ALLELE_DELETION, "ACCC", 4, 2); /* [301, 304) */
    assert_int_equal(select(bench), 2);
    expect_span(bench, 1, 301, 303);
    add(bench, 598, GN_ALLELE_SOFT_CLIP, "ACCCCC", 6, 2); /* [594, 604), cut at 600 */
    assert_int_equal(select(bench), 3);
    expect_span(bench, 2, 594, 599);
}

static void test_support_limits(void **state)
{
    struct bench *bench = *state;
    add(bench, 100, GN_ALLELE_SUBSTITUTION, "A", 1, 300);
    add(bench, 400, GN_ALLELE_SUBSTITUTION, "A", 1, 299);
    add(bench, 400, GN_ALLELE_SUBSTITUTION, "C", 1, 2); /* 301 together */
    assert_int_equal(select(bench), 1);
    expect_span(bench, 0, 100, 100);
    bench->options.ws_max_num_supporting_reads = 301;
    assert_int_equal(select(bench), 2);
    bench->options.ws_min_num_supporting_reads = 301;
    assert_int_equal(select(bench), 1);
    expect_span(bench, 0, 400, 400);
}

static void test_low_quality_and_reference(void **state)
{
    struct bench *bench = *state;
    add(bench, 100, GN_ALLELE_SUBSTITUTION, "A", 1, 2);
    bench->alleles[1].is_low_quality = true;
    add(bench, 300, GN_ALLELE_REFERENCE, "A", 1, 20);
    assert_int_equal(select(bench), 0);
    bench->alleles[1].is_low_quality = false;
    assert_int_equal(select(bench), 1);
}

static void test_strict_insertion_filter(void **state)
{
    struct bench *bench = *state;
    add(bench, 100, GN_ALLELE_INSERTION, "AC", 2, 2);
    add(bench, 400, GN_ALLELE_INSERTION, "ACC", 3, 2);
    bench->positions[100].ref_count = 24; /* 2 of 26: less than 0.08 */
    bench->positions[400].ref_count = 24;
    assert_int_equal(select(bench), 2);
    bench->options.enable_strict_insertion_filter = true;
    assert_int_equal(select(bench), 1);
    expect_span(bench, 0, 399, 402);
    bench->positions[100].ref_count = 22;
    assert_int_equal(select(bench), 2);
}

static void test_linear_model(void **state)
{
    struct bench *bench = *state;
    bench->options.ws_use_window_selector_model = true;
    add(bench, 100, GN_ALLELE_INSERTION, "AC", 2, 1); /* -0.68 + 2.49: too little */
    add(bench, 400, GN_ALLELE_INSERTION, "AC", 2, 2); /* -0.68 + 4.99, at 400 and 401 */
    assert_int_equal(select(bench), 1);
    expect_span(bench, 0, 400, 401);
    bench->positions[401].ref_count = 22; /* takes 1.32 off 4.30 */
    assert_int_equal(select(bench), 1);
    expect_span(bench, 0, 400, 400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_substitutions, setup, teardown),
        cmocka_unit_test_setup_teardown(test_distance_and_edges, setup, teardown),
        cmocka_unit_test_setup_teardown(test_indels, setup, teardown),
        cmocka_unit_test_setup_teardown(test_support_limits, setup, teardown),
        cmocka_unit_test_setup_teardown(test_low_quality_and_reference, setup, teardown),
        cmocka_unit_test_setup_teardown(test_strict_insertion_filter, setup, teardown),
        cmocka_unit_test_setup_teardown(test_linear_model, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

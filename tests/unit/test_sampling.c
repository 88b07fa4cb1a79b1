/* SPDX-License-Identifier: MIT
 *
 * test_sampling.c - which reads of a deep partition are kept (spec 10 section 5).
 *
 * The slots were worked out with a generator written from the definition of the Mersenne twister;
 * the draws for 1500 slots are numpy's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "reads/sampling.h"

enum { MAX_OFFERS = 32 };

/* Reads with their overlaps, the slots that they must get, and how many slots stay. */
struct sampling_case {
    int64_t max_reads, max_bases;
    int n;
    int64_t overlaps[MAX_OFFERS];
    int64_t slots[MAX_OFFERS];
    int64_t kept;
};

static void expect(struct gn_sampler *sampler, const struct sampling_case *c)
{
    gn_error_t err = {0};
    gn_sampler_start(sampler, c->max_reads, c->max_bases);
    for (int i = 0; i < c->n; i++)
        assert_int_equal(gn_sampler_offer(sampler, c->overlaps[i], &err), c->slots[i]);
    assert_int_equal(gn_sampler_finish(sampler), c->kept);
}

static void few_reads_are_all_kept_in_order(void **state)
{
    (void)state;
    struct gn_sampler sampler = {.overlaps = NULL};
    expect(&sampler, &(struct sampling_case){4, 0, 3, {9, 9, 9}, {0, 1, 2}, 3});
    expect(&sampler, &(struct sampling_case){3, 0, 3, {9, 9, 9}, {0, 1, 2}, 3});
    expect(&sampler, &(struct sampling_case){0, 0, 3, {9, 9, 9}, {0, 1, 2}, 3});
    expect(&sampler, &(struct sampling_case){0, 0, 0, {0}, {0}, 0});
    gn_sampler_clear(&sampler);
}

static void reads_past_the_limit_replace_by_algorithm_r(void **state)
{
    (void)state;
    struct gn_sampler sampler = {.overlaps = NULL};
    static const struct sampling_case four = {
        4, 0, 16, {0}, {0, 1, 2, 3, 2, 2, 0, 3, 0, -1, 2, 2, -1, -1, -1, -1}, 4};
    static const struct sampling_case one = {
        1, 0, 12, {0}, {0, -1, -1, -1, -1, -1, 0, -1, 0, -1, -1, -1}, 1};
    expect(&sampler, &four);
    expect(&sampler, &one);
    expect(&sampler, &four); /* every partition starts with the same generator */
    gn_sampler_clear(&sampler);
}

static void the_default_limit_draws_as_numpy_does(void **state)
{
    (void)state;
    static const int64_t slots[] = {661, 933, 1258, 618, 376, 883, 1420, 96, 1106, 562};
    struct gn_sampler sampler = {.overlaps = NULL};
    gn_error_t err = {0};
    gn_sampler_start(&sampler, 1500, 0);
    for (int64_t i = 0; i < 1500; i++)
        assert_int_equal(gn_sampler_offer(&sampler, 100, &err), i);
    for (int i = 0; i < 10; i++)
        assert_int_equal(gn_sampler_offer(&sampler, 100, &err), slots[i]);
    assert_int_equal(gn_sampler_finish(&sampler), 1500);
    gn_sampler_clear(&sampler);
}

static void covered_bases_limit_the_number_of_slots(void **state)
{
    (void)state;
    static const struct sampling_case cases[] = {
        {0, 400, 5, {10, 10, 10, 10, 10}, {0, 1, 2, 3, 4}, 5},
        /* four reads cover all 400 bases; the same draws as with four slots */
        {0,
         400,
         16,
         {100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100},
         {0, 1, 2, 3, 2, 2, 0, 3, 0, -1, 2, 2, -1, -1, -1, -1},
         4},
        /* a replacement by a shorter read makes room for another slot */
        {0,
         300,
         12,
         {100, 50, 150, 80, 20, 90, 150, 10, 5, 140, 30, 70},
         {0, 1, 2, -1, 2, 3, 4, 2, -1, 3, 0, -1},
         5},
    };
    struct gn_sampler sampler = {.overlaps = NULL};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect(&sampler, &cases[i]);
    gn_sampler_clear(&sampler);
}

static void the_list_is_cut_after_the_slot_that_exceeds_the_bases(void **state)
{
    (void)state;
    static const struct sampling_case cases[] = {
        /* slot 0 alone ends up with 200 of 100 bases */
        {0,
         100,
         12,
         {20, 30, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200},
         {0, 1, 2, -1, 2, 2, 0, -1, 0, -1, 2, 2},
         1},
        {0,
         200,
         20,
         {60, 60, 60, 60, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 60, 60},
         {0, 1, 2, 3, 2, 4, 5, 6, -1, 3, 7, 8, 9, 10, 11, 12, 13, 14, 15, 12},
         13},
        /* slot 0 alone reaches the 50 bases but does not exceed them */
        {0, 50, 7, {20, 30, 50, 50, 50, 50, 50}, {0, 1, 1, -1, -1, -1, 0}, 2},
        /* a total that is reached but not exceeded cuts nothing */
        {0, 50, 2, {20, 30}, {0, 1}, 2},
    };
    struct gn_sampler sampler = {.overlaps = NULL};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect(&sampler, &cases[i]);
    gn_sampler_clear(&sampler);
}

static void both_limits_hold_together(void **state)
{
    (void)state;
    static const struct sampling_case c = {
        3,
        400,
        16,
        {100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100},
        {0, 1, 2, -1, 2, 2, 0, -1, 0, -1, 2, 2, -1, -1, -1, -1},
        3};
    struct gn_sampler sampler = {.overlaps = NULL};
    expect(&sampler, &c);
    gn_sampler_clear(&sampler);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(few_reads_are_all_kept_in_order),
        cmocka_unit_test(reads_past_the_limit_replace_by_algorithm_r),
        cmocka_unit_test(the_default_limit_draws_as_numpy_does),
        cmocka_unit_test(covered_bases_limit_the_number_of_slots),
        cmocka_unit_test(the_list_is_cut_after_the_slot_that_exceeds_the_bases),
        cmocka_unit_test(both_limits_hold_together),
    };
    return cmocka_run_group_tests_name("sampling", tests, NULL, NULL);
}

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
    int64_t max_bytes, bytes[MAX_OFFERS];
};

static void expect(struct gn_sampler *sampler, const struct sampling_case *c)
{
    gn_error_t err = {0};
    struct gn_sampling_limits limits = {c->max_reads, c->max_bases, c->max_bytes};
    gn_sampler_start(sampler, &limits);
    for (int i = 0; i < c->n; i++) {
        struct gn_sampled_read read = {c->overlaps[i], c->bytes[i]};
        assert_int_equal(gn_sampler_offer(sampler, read, &err), c->slots[i]);
    }
    assert_int_equal(gn_sampler_finish(sampler), c->kept);
}

static void few_reads_are_all_kept_in_order(void **state)
{
    (void)state;
    struct gn_sampler sampler = {.slots = NULL};
    expect(&sampler, &(struct sampling_case){4, 0, 3, {9, 9, 9}, {0, 1, 2}, 3});
    expect(&sampler, &(struct sampling_case){3, 0, 3, {9, 9, 9}, {0, 1, 2}, 3});
    expect(&sampler, &(struct sampling_case){0, 0, 3, {9, 9, 9}, {0, 1, 2}, 3});
    expect(&sampler, &(struct sampling_case){0, 0, 0, {0}, {0}, 0});
    gn_sampler_clear(&sampler);
}

static void reads_past_the_limit_replace_by_algorithm_r(void **state)
{
    (void)state;
    struct gn_sampler sampler = {.slots = NULL};
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
    struct gn_sampler sampler = {.slots = NULL};
    gn_error_t err = {0};
    struct gn_sampling_limits limits = {.max_reads = 1500};
    struct gn_sampled_read read = {.overlap = 100};
    gn_sampler_start(&sampler, &limits);
    for (int64_t i = 0; i < 1500; i++)
        assert_int_equal(gn_sampler_offer(&sampler, read, &err), i);
    for (int i = 0; i < 10; i++)
        assert_int_equal(gn_sampler_offer(&sampler, read, &err), slots[i]);
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
    struct gn_sampler sampler = {.slots = NULL};
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
    struct gn_sampler sampler = {.slots = NULL};
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
    struct gn_sampler sampler = {.slots = NULL};
    expect(&sampler, &c);
    gn_sampler_clear(&sampler);
}

/* The draws of four slots are 2, 2, 0, 3, 0, -, 2, 2, ... from the fifth read on, see above. */
static void bytes_close_the_reservoir(void **state)
{
    (void)state;
    static const struct sampling_case cases[] = {
        /* 400 bytes hold four reads of 100: as if four had been the limit */
        {0,
         0,
         16,
         {0},
         {0, 1, 2, 3, 2, 2, 0, 3, 0, -1, 2, 2, -1, -1, -1, -1},
         4,
         400,
         {100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100}},
        /* 300 do not fit in slot 2, 50 do; then 150 fit in slot 3, and 160 do not in slot 0. Closed it stays: no read gets
         * a fifth slot, though there would be room for the last ones */
        {0,
         0,
         12,
         {0},
         {0, 1, 2, 3, -1, 2, 0, 3, -1, -1, 2, 2},
         4,
         400,
         {100, 100, 100, 100, 300, 50, 100, 150, 160, 1, 1, 1}},
        /* a limit on covered bases that is never reached changes nothing */
        {0,
         10000,
         8,
         {9, 9, 9, 9, 9, 9, 9, 9},
         {0, 1, 2, 3, 2, 2, 0, 3},
         4,
         400,
         {100, 100, 100, 100, 100, 100, 100, 100}},
        /* the limit on reads comes first, with the same draws; a read that takes too much replaces none */
        {4, 0, 8, {0}, {0, 1, 2, 3, -1, 2, 0, 3}, 4, 450, {100, 100, 100, 100, 151, 150, 100, 100}},
        /* of one slot too: there every draw of 0 is a hit, the seventh and the ninth */
        {0, 0, 9, {0}, {0, -1, -1, -1, -1, -1, 0, -1, 0}, 1, 10, {10, 9, 9, 9, 9, 9, 9, 9, 10}},
    };
    struct gn_sampler sampler = {.slots = NULL};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect(&sampler, &cases[i]);
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
        cmocka_unit_test(bytes_close_the_reservoir),
    };
    return cmocka_run_group_tests_name("sampling", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT
 *
 * test_base.c - errors, bounded memory and the random generators.
 *
 * The generators' numbers come from numpy, g++ 12 and clang/libc++ themselves (spec 40 section 7).
 */
#include <setjmp.h>
#include <stdbool.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"

enum { PILEUP_SEED = 2101079370, SAMPLING_SEED = 609314161 };

static void exit_statuses_are_those_workflow_engines_expect(void **state)
{
    (void)state;
    assert_int_equal(gn_exit_status(GN_OK), 0);
    assert_int_equal(gn_exit_status(GN_E_USAGE), 2);
    assert_int_equal(gn_exit_status(GN_E_DATA), 65);
    assert_int_equal(gn_exit_status(GN_E_NO_INPUT), 66);
    assert_int_equal(gn_exit_status(GN_E_MISMATCH), 67);
    assert_int_equal(gn_exit_status(GN_E_UNAVAILABLE), 69);
    assert_int_equal(gn_exit_status(GN_E_CANNOT_CREATE), 73);
    assert_int_equal(gn_exit_status(GN_E_IO), 74);
    assert_int_equal(gn_exit_status(GN_E_MEMORY), 104);
    assert_int_equal(gn_exit_status(GN_E_CANCELLED), 130);
    assert_int_equal(gn_exit_status(-12345), 70);
}

static void statuses_have_titles(void **state)
{
    (void)state;
    assert_string_equal(gn_status_title(GN_E_DATA), "bad data");
    assert_string_equal(gn_status_title(-12345), "unknown status");
}

static void fail_fills_the_error_and_returns_its_code(void **state)
{
    (void)state;
    gn_error_t err = {0};
    assert_int_equal(gn_fail(&err, GN_E_DATA, "%s: line %d", "x.bed", 3), GN_E_DATA);
    assert_int_equal(err.code, GN_E_DATA);
    assert_string_equal(err.message, "x.bed: line 3");
    assert_int_equal(gn_fail(NULL, GN_E_IO, "nobody listens"), GN_E_IO);
}

static void prefix_keeps_the_code_and_goes_in_front(void **state)
{
    (void)state;
    gn_error_t err = {0};
    gn_fail(&err, GN_E_IO, "disk full");
    assert_int_equal(gn_error_prefix(&err, "calling %s", "chr20"), GN_E_IO);
    assert_string_equal(err.message, "calling chr20: disk full");
}

static void long_messages_are_cut_not_overrun(void **state)
{
    (void)state;
    char *text = malloc(3000);
    assert_non_null(text);
    memset(text, 'x', 2999);
    text[2999] = '\0';
    struct {
        gn_error_t err;
        char guard[16];
    } box = {.guard = "untouched"};
    gn_fail(&box.err, GN_E_DATA, "%s", text);
    assert_int_equal(strlen(box.err.message), sizeof box.err.message - 1);
    gn_error_prefix(&box.err, "%s", text);
    assert_int_equal(strlen(box.err.message), sizeof box.err.message - 1);
    assert_string_equal(box.guard, "untouched");
    free(text);
}

static void reserve_grows_keeps_content_and_stops_at_the_ceiling(void **state)
{
    (void)state;
    gn_error_t err = {0};
    size_t cap = 0;
    int32_t *items = gn_reserve(NULL, &cap, 1, sizeof *items, 100, "numbers", &err);
    assert_non_null(items);
    assert_true(cap >= 1);
    for (size_t n = 0; n < 100; n++) {
        items = gn_reserve(items, &cap, n + 1, sizeof *items, 100, "numbers", &err);
        assert_non_null(items);
        assert_true(cap >= n + 1 && cap <= 100);
        items[n] = (int32_t)n;
    }
    assert_null(gn_reserve(items, &cap, 101, sizeof *items, 100, "numbers", &err));
    assert_int_equal(err.code, GN_E_MEMORY);
    assert_non_null(strstr(err.message, "numbers"));
    for (int32_t n = 0; n < 100; n++)
        assert_int_equal(items[n], n);
    free(items);
}

static void reserve_refuses_sizes_that_overflow(void **state)
{
    (void)state;
    gn_error_t err = {0};
    size_t cap = 0;
    assert_null(gn_reserve(NULL, &cap, SIZE_MAX / 4, 8, SIZE_MAX, "numbers", &err));
    assert_int_equal(err.code, GN_E_MEMORY);
}

static void arena_is_aligned_bounded_and_reusable(void **state)
{
    (void)state;
    enum { LIMIT = 1 << 20 };
    gn_arena_t *arena = gn_arena_create(LIMIT);
    assert_non_null(arena);
    for (int round = 0; round < 3; round++) {
        size_t taken = 0;
        for (;;) {
            unsigned char *block = gn_arena_alloc(arena, 1000);
            if (block == NULL)
                break;
            assert_int_equal((uintptr_t)block % 16, 0);
            memset(block, round, 1000);
            taken += 1000;
            assert_true(taken <= LIMIT);
        }
        assert_true(taken >= LIMIT / 4);
        gn_arena_reset(arena);
    }
    assert_null(gn_arena_alloc(arena, LIMIT + 1));
    gn_arena_destroy(arena);
}

static void arena_zeroes_and_copies(void **state)
{
    (void)state;
    gn_arena_t *arena = gn_arena_create(1 << 20);
    assert_non_null(arena);
    memset(gn_arena_alloc(arena, 4096), 0xff, 4096);
    gn_arena_reset(arena);
    uint64_t *zeros = gn_arena_zalloc(arena, 512, sizeof *zeros);
    assert_non_null(zeros);
    for (int i = 0; i < 512; i++)
        assert_int_equal(zeros[i], 0);
    assert_null(gn_arena_zalloc(arena, SIZE_MAX / 2, 8));
    assert_string_equal(gn_arena_strndup(arena, "ACGTTT", 4), "ACGT");
    gn_arena_destroy(arena);
    gn_arena_destroy(NULL);
}

static void numpy_randint_matches_numpy(void **state)
{
    (void)state;
    static const uint32_t pileup[] = {940, 785, 301, 77, 558, 250, 667, 359, 899, 910};
    static const uint32_t sampling[] = {711, 661, 551, 933, 234, 618, 376, 883, 927, 396};
    struct gn_numpy_random rng;
    gn_numpy_seed(&rng, PILEUP_SEED);
    for (size_t i = 0; i < 10; i++)
        assert_int_equal(gn_numpy_randint(&rng, 1000), pileup[i]);
    gn_numpy_seed(&rng, SAMPLING_SEED);
    for (size_t i = 0; i < 10; i++)
        assert_int_equal(gn_numpy_randint(&rng, 1000), sampling[i]);
}

static void numpy_randint_matches_numpy_for_growing_bounds(void **state)
{
    (void)state;
    static const uint32_t from_1[] = {0, 0, 1, 1, 2, 3, 3, 6, 7, 5, 10, 7, 5, 5, 9, 7, 2, 3, 9, 9};
    static const uint32_t from_1501[] = {661, 933, 1258, 618, 376, 883, 1420, 96, 1106, 562};
    struct gn_numpy_random rng;
    gn_numpy_seed(&rng, PILEUP_SEED);
    for (uint32_t i = 0; i < 20; i++)
        assert_int_equal(gn_numpy_randint(&rng, i + 1), from_1[i]);
    gn_numpy_seed(&rng, SAMPLING_SEED);
    for (uint32_t i = 0; i < 10; i++)
        assert_int_equal(gn_numpy_randint(&rng, 1501 + i), from_1501[i]);
}

static void mt64_uniform_matches_the_standard_library(void **state)
{
    (void)state;
    static const double expected[] = {0.77856071267049287, 0.14382918135123018,
                                      0.85692638935729037};
    struct gn_mt64 rng;
    gn_mt64_seed(&rng, SAMPLING_SEED);
    for (size_t i = 0; i < 3; i++)
        assert_true(gn_mt64_uniform(&rng) == expected[i]);
}

/* The C++ standard names the 10000th number of a generator seeded with 5489. */
static void mt64_passes_the_standards_check(void **state)
{
    (void)state;
    struct gn_mt64 rng;
    gn_mt64_seed(&rng, 5489);
    uint64_t value = 0;
    for (int i = 0; i < 10000; i++)
        value = gn_mt64_next(&rng);
    assert_true(value == 9981545732273789042ULL);
}

struct shuffle_case {
    uint32_t n;
    int n_known;
    uint32_t first[8];
};

static void check_shuffles(const struct shuffle_case *cases, size_t n_cases,
                           enum gn_shuffle_kind kind)
{
    uint32_t indices[1500];
    for (size_t i = 0; i < n_cases; i++) {
        for (uint32_t k = 0; k < cases[i].n; k++)
            indices[k] = k;
        gn_shuffle(indices, cases[i].n, PILEUP_SEED, kind);
        for (int k = 0; k < cases[i].n_known; k++)
            assert_int_equal(indices[k], cases[i].first[k]);
    }
}

static void shuffle_matches_libstdcxx(void **state)
{
    (void)state;
    static const struct shuffle_case cases[] = {
        {96, 8, {32, 69, 31, 60, 53, 68, 49, 39}},
        {97, 8, {33, 7, 12, 61, 80, 96, 18, 70}},
        {150, 6, {32, 69, 31, 60, 53, 68}},
        {203, 8, {162, 7, 124, 61, 80, 154, 18, 70}},
        {500, 8, {181, 69, 31, 249, 259, 68, 334, 479}},
        {1500, 8, {718, 611, 31, 249, 1352, 815, 1491, 771}},
    };
    check_shuffles(cases, sizeof cases / sizeof *cases, GN_SHUFFLE_LIBSTDCXX);
}

static void shuffle_matches_libcxx(void **state)
{
    (void)state;
    static const struct shuffle_case cases[] = {
        {97, 6, {45, 22, 58, 89, 62, 39}},
        {150, 6, {45, 109, 120, 89, 62, 39}},
    };
    check_shuffles(cases, sizeof cases / sizeof *cases, GN_SHUFFLE_LIBCXX);
}

static void shuffle_is_a_permutation_even_when_tiny(void **state)
{
    (void)state;
    for (int kind = GN_SHUFFLE_LIBSTDCXX; kind <= GN_SHUFFLE_LIBCXX; kind++)
        for (uint32_t n = 0; n < 40; n++) {
            uint32_t indices[40];
            bool seen[40] = {false};
            for (uint32_t k = 0; k < n; k++)
                indices[k] = k;
            gn_shuffle(indices, n, PILEUP_SEED, (enum gn_shuffle_kind)kind);
            for (uint32_t k = 0; k < n; k++) {
                assert_true(indices[k] < n && !seen[indices[k]]);
                seen[indices[k]] = true;
            }
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exit_statuses_are_those_workflow_engines_expect),
        cmocka_unit_test(statuses_have_titles),
        cmocka_unit_test(fail_fills_the_error_and_returns_its_code),
        cmocka_unit_test(prefix_keeps_the_code_and_goes_in_front),
        cmocka_unit_test(long_messages_are_cut_not_overrun),
        cmocka_unit_test(reserve_grows_keeps_content_and_stops_at_the_ceiling),
        cmocka_unit_test(reserve_refuses_sizes_that_overflow),
        cmocka_unit_test(arena_is_aligned_bounded_and_reusable),
        cmocka_unit_test(arena_zeroes_and_copies),
        cmocka_unit_test(numpy_randint_matches_numpy),
        cmocka_unit_test(numpy_randint_matches_numpy_for_growing_bounds),
        cmocka_unit_test(mt64_uniform_matches_the_standard_library),
        cmocka_unit_test(mt64_passes_the_standards_check),
        cmocka_unit_test(shuffle_matches_libstdcxx),
        cmocka_unit_test(shuffle_matches_libcxx),
        cmocka_unit_test(shuffle_is_a_permutation_even_when_tiny),
    };
    return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT
 *
 * test_realign_introsort.c - the order of equal records that std::sort of libstdc++ 12 was seen to give.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "realign/introsort.h"

enum { MAX_RECORDS = 64 };

static void expect_order(int n, int n_scores, const int *expected)
{
    struct gn_scored records[MAX_RECORDS];
    for (int i = 0; i < n; i++)
        records[i] = (struct gn_scored){(i * 7 + 3) % n_scores, i};
    gn_introsort(records, (size_t)n);
    for (int i = 0; i < n; i++)
        assert_int_equal(records[i].index, expected[i]);
}

static void test_up_to_16_is_stable(void **state)
{
    (void)state;
    static const int expected[] = {0, 3, 6, 9, 12, 15, 1, 4, 7, 10, 13, 2, 5, 8, 11, 14};
    expect_order(16, 3, expected);
    gn_introsort(NULL, 0);
}

static void test_more_is_not_stable(void **state)
{
    (void)state;
    static const int n17_equal[] = {8, 16, 15, 14, 13, 12, 11, 10, 9, 0, 7, 6, 5, 4, 3, 2, 1};
    static const int n17[] = {0, 3, 15, 6, 12, 9, 1, 16, 13, 10, 7, 4, 8, 11, 5, 14, 2};
    static const int n40_equal[] = {30, 21, 22, 23, 24, 25, 26, 27, 28, 29, 20, 31, 32, 33,
                                    34, 35, 36, 37, 38, 39, 10, 1,  2,  3,  4,  5,  6,  7,
                                    8,  9,  0,  11, 12, 13, 14, 15, 16, 17, 18, 19};
    static const int n40[] = {0,  21, 18, 24, 15, 27, 12, 30, 9,  33, 6,  36, 3,  39,
                              31, 34, 28, 37, 25, 22, 1,  19, 16, 4,  13, 7,  10, 2,
                              20, 38, 5,  35, 8,  32, 11, 29, 14, 26, 17, 23};
    expect_order(17, 1, n17_equal);
    expect_order(17, 3, n17);
    expect_order(40, 1, n40_equal);
    expect_order(40, 3, n40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_up_to_16_is_stable),
        cmocka_unit_test(test_more_is_not_stable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

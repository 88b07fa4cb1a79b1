/* SPDX-License-Identifier: MIT
 *
 * test_intake.c - records of every kind, legal, odd or wrong, and what becomes of them (spec 10 sections 1, 2 and 6).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "hand_intake.h"
#include "hand_reads.h"

static void haplotypes_are_integers(void **state)
{
    struct hand_intake *hand = *state;
    static const struct {
        const char *tag;
        int haplotype;
    } cases[] = {
        {"HP:i:1", 1},         {"HP:i:2", 2},       {"HP:i:-1", -1}, {"HP:i:0", 0},
        {"HP:i:300", 100},     {"HP:i:-70000", -1}, {"HP:Z:1", 0},   {"HP:f:1", 0},
        {"HP:B:c,1", 0},       {"HP:A:1", 0},       {"HP:H:01", 0},  {"XX:i:1", 0},
        {"XX:Z:HP HP:i:2", 2},
    };
    hand->options.parse_haplotype_tag = true;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char line[200];
        snprintf(line, sizeof line, "a 0 chr1 11 60 4M * 0 0 ACGT IIII %s", cases[i].tag);
        assert_int_equal(hand_take(hand, line, 0, 100), GN_OK);
        assert_int_equal(hand->reads.v[0].haplotype, cases[i].haplotype);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(haplotypes_are_integers, hand_intake_setup,
                                        hand_intake_teardown),
    };
    return cmocka_run_group_tests_name("intake", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT
 *
 * test_alt_aligned_golden.c - alt-aligned images against DeepVariant 1.9's own files (spec 80.5).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "golden_examples.h"

/* The goldens hold 49 examples each, of which 4 show an indel and so its haplotype. */
static void compare_mode(enum gn_alt_aligned_mode mode, const char *golden)
{
    struct setup s;
    gn_error_t err = {0};
    set_up(&s, "chr20:10,000,000-10,010,000");
    use_channels(&s, "BASE_CHANNELS");
    use_truth(&s);
    s.options.partition.pileup.alt_aligned = mode;
    assert_int_equal(gn_pileup_add_alt_channels(&s.options.partition.pileup, &err), GN_OK);
    run(&s);
    assert_int_equal(compare_files(s.examples, golden, compare_examples), 49);
}

static void diff_channels(void **state)
{
    (void)state;
    compare_mode(GN_ALT_ALIGNED_DIFF_CHANNELS,
                 "golden.alt_aligned_pileup_diff_channels_examples.tfrecord.gz");
}

static void rows(void **state)
{
    (void)state;
    compare_mode(GN_ALT_ALIGNED_ROWS, "golden.alt_aligned_pileup_rows_examples.tfrecord.gz");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(diff_channels),
        cmocka_unit_test(rows),
    };
    return cmocka_run_group_tests(tests, find_goldens, remove_folder);
}

/* SPDX-License-Identifier: MIT
 *
 * test_long_reads_golden.c - phased PacBio examples against DeepVariant 1.9's own file (spec 80.5): 401 images byte for
 * byte, with haplotypes, aligned alternatives, and the phase of each allele.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "golden_examples.h"

static void pacbio(void **state)
{
    (void)state;
    struct setup s;
    set_up_pacbio(&s, "BASE_CHANNELS,haplotype", 199);
    run(&s);
    assert_int_equal(
        compare_files(s.examples, "golden.pacbio_examples.tfrecord.gz", compare_examples), 401);
}

static void any_number_of_threads(void **state)
{
    (void)state;
    struct setup s;
    char one[500], five[500];
    set_up_pacbio(&s, "BASE_CHANNELS,haplotype", 199);
    snprintf(one, sizeof one, "%s/one.tfrecord.gz", folder);
    snprintf(five, sizeof five, "%s/five.tfrecord.gz", folder);
    s.options.n_threads = 1;
    s.options.examples = one;
    run(&s);
    s.options.n_threads = 5;
    s.options.examples = five;
    run(&s);
    assert_same_bytes(one, five);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pacbio),
        cmocka_unit_test(any_number_of_threads),
    };
    return cmocka_run_group_tests(tests, find_goldens, remove_folder);
}

/* SPDX-License-Identifier: MIT
 *
 * test_peak.c - the measurement of the machine's peak: what can be known of it without a second clock.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cnn/cpu/peak.h"

/* The widest rate that is believed: 4 instructions of 16 words a cycle at 10 GHz. */
static const double MOST_PER_WORD = 2 * 4 * 16 * 10.0;

static void test_instructions(void **state)
{
    (void)state;
    for (int precision = GN_PRECISION_FLOAT32; precision < GN_PRECISIONS; precision++)
        for (int isa = 0; isa < GN_ISAS; isa++) {
            struct gn_peak peak;
            gn_error_t err = {0};
            if (!gn_isa_available((enum gn_isa)isa))
                continue;
            assert_int_equal(
                gn_peak_measure((enum gn_precision)precision, (enum gn_isa)isa, 1, &peak, &err),
                GN_OK);
            const struct gn_kernels *own =
                gn_kernels_of((enum gn_precision)precision, (enum gn_isa)isa);
            if (own == NULL ||
                own == gn_kernels_of((enum gn_precision)precision, GN_ISA_PORTABLE)) {
                assert_true(peak.best == 0 && peak.median == 0);
                continue;
            }
            assert_true(peak.median > 1 && peak.best >= peak.median);
            assert_true(peak.best < MOST_PER_WORD * 4);
        }
}

static void test_threads(void **state)
{
    struct gn_peak peak;
    gn_error_t err = {0};
    (void)state;
    if (gn_isa_best() == GN_ISA_PORTABLE)
        skip();
    assert_int_equal(gn_peak_measure(GN_PRECISION_FLOAT32, gn_isa_best(), 3, &peak, &err), GN_OK);
    assert_true(peak.best > 1);
    assert_int_equal(gn_peak_measure(GN_PRECISION_FLOAT32, gn_isa_best(), 0, &peak, &err),
                     GN_E_USAGE);
    assert_int_equal(gn_peak_measure(GN_PRECISION_FLOAT32, gn_isa_best(), 1025, &peak, &err),
                     GN_E_USAGE);
}

static void test_round(void **state)
{
    (void)state;
    assert_true(gn_peak_round(GN_PRECISION_INT16, GN_ISA_PORTABLE, 1e-4) == 0);
    if (gn_isa_best() != GN_ISA_PORTABLE)
        assert_true(gn_peak_round(GN_PRECISION_INT16, gn_isa_best(), 1e-4) > 0.1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_instructions),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_round),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

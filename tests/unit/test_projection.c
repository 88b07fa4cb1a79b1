/* SPDX-License-Identifier: MIT
 *
 * test_projection.c - hand-made projections (spec 30 section 5.5).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <htslib/sam.h>

#include "realign/projection.h"

enum { MAX_OPERATIONS = 32 };

static struct gn_operations parse(const char *text, uint32_t *cigar)
{
    int n = 0;
    while (*text != '\0') {
        char *end;
        unsigned long length = strtoul(text, &end, 10);
        cigar[n++] =
            bam_cigar_gen((uint32_t)length, (uint32_t)(strchr("MIDNSHP=X", *end) - "MIDNSHP=X"));
        text = end + 1;
    }
    return (struct gn_operations){cigar, n};
}

static void expect(const char *read, int read_length, int position, const char *haplotype,
                   const char *expected)
{
    struct gn_projector projector = {0};
    uint32_t on_haplotype[MAX_OPERATIONS], on_reference[MAX_OPERATIONS];
    struct gn_operations result;
    gn_error_t err = {0};
    int status = gn_project_cigar(&projector, read_length, position, parse(read, on_haplotype),
                                  parse(haplotype, on_reference), &result, &err);
    assert_int_equal(status, GN_OK);
    char text[16 * MAX_OPERATIONS] = "";
    for (int i = 0; i < result.n; i++)
        sprintf(text + strlen(text), "%u%c", bam_cigar_oplen(result.cigar[i]),
                bam_cigar_opchr(result.cigar[i]));
    assert_string_equal(text, expected);
    gn_projector_clear(&projector);
}

static void test_gapless_read(void **state)
{
    (void)state;
    expect("20=", 20, 0, "100=", "20M");
    expect("20=", 20, 30, "35=1X64=", "20M");
    expect("5=1X14=", 20, 0, "100=", "20M");
    expect("20=", 20, 30, "40=3D60=", "10M3D10M");
    expect("20=", 20, 30, "40=3I60=", "10M3I7M");
    expect("20=", 20, 42, "40=5I60=", "3I17M"); /* starts inside the insertion */
    expect("20=", 20, 40, "40=5D60=", "20M");   /* starts right after the deletion */
    expect("20=", 20, 20, "40=5D60=", "20M");   /* ends right before it */
    expect("20=", 20, 30, "38=2D1=3I60=", "8M2D1M3I8M");
}

static void test_gapped_read(void **state)
{
    (void)state;
    expect("10=2I8=", 20, 0, "100=", "10M2I8M");
    expect("10=2D10=", 20, 0, "100=", "10M2D10M");
    expect("4S16=", 20, 10, "100=", "4S16M");
    expect("16=4S", 20, 10, "100=", "16M4S");
    expect("16=4S", 20, 84, "100=", "16M4S");      /* the clip hangs over the haplotype's end */
    expect("10=3D10=", 20, 30, "40=3I60=", "20M"); /* the read lacks the haplotype's insertion */
    expect("10=3I7=", 20, 30, "40=3D60=", "20M");  /* the read has what the haplotype lacks */
    expect("10=2D10=", 20, 30, "40=3D60=", "10M5D10M");
}

static void test_insertion_beside_deletion(void **state)
{
    (void)state;
    /* Each inserted base meets the deletion: a matched base before it, and the deletion shrinks. */
    expect("10=2I8=", 20, 30, "38=4D62=", "8M4D2M2I8M");
    expect("8=2I10=", 20, 30, "38=4D62=", "8M2D12M"); /* I over D: paired off base by base */
    expect("20=", 20, 30, "40=4D2I60=", "12M2D8M");
    expect("20=", 20, 30, "40=2D4I60=", "12M2I6M");
}

static void test_unplaceable_rest(void **state)
{
    (void)state;
    expect("20=", 20, 5, "", "20M"); /* a haplotype without alignment counts as matching */
    expect("", 20, 0, "100=", "");
}

static void test_shift(void **state)
{
    (void)state;
    uint32_t cigar[MAX_OPERATIONS];
    struct gn_operations haplotype = parse("10=2D10=3I10=", cigar);
    static const int expected[][2] = {{0, 0},  {9, 0},  {10, 2},  {19, 2}, {20, 2},
                                      {21, 1}, {22, 0}, {23, -1}, {32, -1}};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        assert_int_equal(gn_projected_shift(haplotype, expected[i][0]), expected[i][1]);
    haplotype = parse("4S20=", cigar);
    assert_int_equal(gn_projected_shift(haplotype, 0), -4);
    assert_int_equal(gn_projected_shift(haplotype, 10), -4);
}

static bool normalised(const char *cigar, const char *read, const char *reference, int offset)
{
    uint32_t operations[MAX_OPERATIONS];
    struct gn_placed_read placed = {read, reference, (int)strlen(reference), offset};
    return gn_is_left_normalised(parse(cigar, operations), &placed);
}

static void test_left_normalised(void **state)
{
    (void)state;
    assert_true(normalised("4M1D4M", "ACGTCATG", "ACGTGCATG", 0));
    assert_true(normalised("4M1I4M", "ACGTTCATG", "ACGACATG", 0));
    assert_false(normalised("4M1D4M", "ACGTCATG", "ACGTTCATG", 0)); /* T of TT: could move left */
    assert_true(normalised("3M1D5M", "ACGTCATG", "ACGTTCATG", 0));
    assert_false(normalised("4M1I4M", "ACGTTCATG", "ACGTCATG", 0));
    assert_true(normalised("3M1I5M", "ACGTTCATG", "ACGTCATG", 0));
    assert_false(normalised("2M2D2M", "ACTG", "ACACTG", 0));        /* AC of ACAC */
    assert_false(normalised("4M5D", "ACGT", "ACGTGC", 0));          /* runs past the reference */
    assert_true(normalised("4M1D4M", "ACGTCATG", "ACGTTCATG", -1)); /* nothing is checked */
    assert_true(normalised("2S4M1D4M", "GGACGTCATG", "ACGTGCATG", 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gapless_read),
        cmocka_unit_test(test_gapped_read),
        cmocka_unit_test(test_insertion_beside_deletion),
        cmocka_unit_test(test_unplaceable_rest),
        cmocka_unit_test(test_shift),
        cmocka_unit_test(test_left_normalised),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT
 *
 * test_fast_pass.c - the k-mer index and gapless placement (spec 30 section 5.1).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "realign/fast_pass.h"

static const struct gn_fast_pass_options defaults = {4, 6, 32, 2};

/* 120 bases without a repeated 8-mer. */
static const char haplotype[] = "ACGTTGCAACGGTCATTGCAGGATCCTTAGACGATTACAGGCCTAATCGGATCTTCAGTA"
                                "TGGCTTACCGAATGCTAGCTTGACCATGTTCGCAATCCGTGAAGCTCTGATAGCCGTATC";

static void test_index(void **state)
{
    (void)state;
    struct gn_sequence sequences[] = {{"ACGTACGTNACGT", 13}, {"CGTA", 4}, {"TACGTANA", 8}};
    struct gn_kmer_index index = {0};
    gn_error_t err = {0};
    assert_int_equal(gn_kmer_index_build(&index, 4, sequences, 3, &err), GN_OK);
    /* ACGT: 0, 4 and 9 of the first, 1 of the third. CGTA of the second is not indexed: it is no longer than k. */
    struct gn_kmer_cursor cursor = {.sequence = {"ACGTANAC", 8}, .k = 4};
    assert_true(gn_kmer_next(&cursor));
    const struct gn_kmer_hits *hits = gn_kmer_index_find(&index, &cursor);
    assert_non_null(hits);
    static const struct gn_kmer_hit expected[] = {{0, 0}, {0, 4}, {0, 9}, {2, 1}};
    assert_int_equal(hits->n, 4);
    assert_memory_equal(index.hits + hits->first, expected, sizeof expected);
    assert_true(gn_kmer_next(&cursor)); /* CGTA */
    hits = gn_kmer_index_find(&index, &cursor);
    assert_int_equal(hits->n, 2);
    assert_true(gn_kmer_next(&cursor)); /* GTAN */
    hits = gn_kmer_index_find(&index, &cursor);
    assert_int_equal(hits->n, 1);
    assert_int_equal(index.hits[hits->first].offset, 3);
    assert_true(gn_kmer_next(&cursor)); /* TANA */
    assert_non_null(gn_kmer_index_find(&index, &cursor));
    assert_true(gn_kmer_next(&cursor)); /* ANAC */
    assert_null(gn_kmer_index_find(&index, &cursor));
    assert_false(gn_kmer_next(&cursor));
    gn_kmer_index_clear(&index);
}

struct outcome {
    struct gn_placement placements[8];
    int score;
};

static struct outcome place(const struct gn_sequence *reads, size_t n, int flank, bool is_reference)
{
    struct gn_fast_pass pass = {.options = defaults};
    struct gn_flanked_haplotype target = {
        {haplotype, (int)strlen(haplotype)}, flank, flank, is_reference};
    struct outcome outcome;
    gn_error_t err = {0};
    assert_int_equal(gn_fast_pass_start(&pass, &defaults, reads, n, &err), GN_OK);
    assert_int_equal(gn_fast_pass_place(&pass, &target, outcome.placements, &outcome.score, &err),
                     GN_OK);
    gn_fast_pass_clear(&pass);
    return outcome;
}

static void substitute(char *bases, int at)
{
    bases[at] = bases[at] == 'A' ? 'C' : 'A';
}

static void test_mismatches(void **state)
{
    (void)state;
    char one[50], two[50], three[50], with_n[50];
    memcpy(one, haplotype + 10, 50);
    memcpy(two, haplotype + 20, 50);
    memcpy(three, haplotype + 30, 50);
    memcpy(with_n, haplotype + 40, 50);
    substitute(one, 2);
    substitute(two, 1);
    substitute(two, 3);
    substitute(three, 1);
    substitute(three, 3);
    substitute(three, 5);
    with_n[0] = with_n[1] = with_n[2] = with_n[3] = 'N';
    struct gn_sequence reads[] = {{one, 50},    {two, 50},           {three, 50},
                                  {with_n, 50}, {haplotype + 5, 32}, {haplotype, 0}};
    struct outcome outcome = place(reads, 6, 0, true);
    assert_int_equal(outcome.placements[0].score, 4 * 49 - 6);
    assert_int_equal(outcome.placements[0].position, 10);
    assert_int_equal(outcome.placements[1].score, 4 * 48 - 12);
    assert_int_equal(outcome.placements[1].position, 20);
    assert_int_equal(outcome.placements[2].score, 0);
    assert_int_equal(outcome.placements[3].score, 4 * 50); /* N matches anything */
    assert_int_equal(outcome.placements[4].score, 0);      /* 32 bases are not indexed */
    assert_int_equal(outcome.placements[5].score, 0);
    assert_int_equal(outcome.score, 190 + 180 + 200);
}

static void test_ends(void **state)
{
    (void)state;
    char before[60], after[60];
    memcpy(before, "GG",
           2); /* two bases before the haplotype's start: tried at 0, where it does not fit */
    memcpy(before + 2, haplotype, 50);
    memcpy(after, haplotype + 70, 50); /* two bases over the end: never tried */
    memcpy(after + 50, "GG", 2);
    struct gn_sequence reads[] = {{before, 52}, {after, 52}, {haplotype + 68, 52}};
    struct outcome outcome = place(reads, 3, 0, true);
    assert_int_equal(outcome.placements[0].score, 0);
    assert_int_equal(outcome.placements[1].score, 0);
    assert_int_equal(outcome.placements[2].score, 4 * 52);
    assert_int_equal(outcome.placements[2].position, 68);
}

static void test_uncovered_haplotype(void **state)
{
    (void)state;
    char bad[60];
    memcpy(bad, haplotype + 40, 60); /* shares k-mers, does not fit */
    substitute(bad, 56);
    substitute(bad, 57);
    substitute(bad, 58);
    struct gn_sequence reads[] = {{haplotype, 40}, {bad, 60}};
    assert_int_equal(place(reads, 1, 10, false).score, 160);
    struct outcome failed = place(reads, 2, 10, false);
    assert_int_equal(failed.score, 0);
    assert_int_equal(failed.placements[0].score, 0);
    assert_int_equal(place(reads, 2, 10, true).score, 160);  /* the reference may not fail */
    assert_int_equal(place(reads, 2, 60, false).score, 160); /* nor may flanks */
    struct gn_sequence covered[] = {{haplotype, 40}, {bad, 60}, {haplotype + 35, 80}};
    assert_int_equal(place(covered, 3, 10, false).score, 160 + 320);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_index),
        cmocka_unit_test(test_mismatches),
        cmocka_unit_test(test_ends),
        cmocka_unit_test(test_uncovered_haplotype),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

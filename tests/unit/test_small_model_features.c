/* SPDX-License-Identifier: MIT
 *
 * test_small_model_features.c - the small model's numbers, worked out by hand (spec 60 sections 1 and 2).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "candidates/small_model_features.h"
#include "hand_candidate.h"

enum { START0 = 5000, UNCALLED = GN_SUPPORTS_UNCALLED, REFERENCE = GN_SUPPORTS_REFERENCE };

static const struct gn_small_model_view NO_CONTEXT = {.context_window = 0};

static void expect(const int32_t *features, const int32_t *expected, size_t n, const char *what)
{
    for (size_t i = 0; i < n; i++)
        if (features[i] != expected[i])
            fail_msg("%s: feature %zu is %d, expected %d", what, i + 1, features[i], expected[i]);
}

static void test_lengths(void **state)
{
    (void)state;
    struct gn_small_model_view view = {.context_window = 51};
    assert_int_equal(gn_small_model_feature_count(&view), 70);
    view.by_haplotype = true;
    assert_int_equal(gn_small_model_feature_count(&view), 106);
    assert_int_equal(gn_small_model_feature_count(&NO_CONTEXT), 19);
}

/* Every mean and share here has a remainder, which is dropped. */
static void test_reads(void **state)
{
    (void)state;
    struct hand_candidate hand;
    int32_t features[19];
    hand_candidate_start(&hand, START0, "G", "A");
    hand_candidate_read(&hand, REFERENCE, 60, 30, false);
    hand_candidate_read(&hand, REFERENCE, 59, 31, true);
    hand_candidate_read(&hand, REFERENCE, 10, 40, true);
    hand_candidate_read(&hand, 0, 20, 11, true);
    hand_candidate_read(&hand, 0, 41, 12, false);
    hand_candidate_read(&hand, UNCALLED, 1, 1, true);
    hand_candidate_read(&hand, UNCALLED, 2, 2, true);
    hand.alleles[4].is_low_quality = true; /* counts all the same */
    gn_small_model_features(&hand.candidate, &(struct gn_alt_set){{0}, 1}, &NO_CONTEXT, features);
    const int32_t expected[19] = {3,  2,  5,              /* reference, alt, both */
                                  7,                      /* with the uncalled ones */
                                  28, 40,                 /* 200 / 7, 200 / 5 */
                                  43, 30,                 /* 129 / 3, 61 / 2 */
                                  33, 11,                 /* 101 / 3, 23 / 2 */
                                  66, 50,                 /* reverse */
                                  1,  0,  0, 0, 0, 0, 0}; /* an SNV */
    expect(features, expected, 19, "reads");
    hand_candidate_end(&hand);
}

/* Nothing to divide by. */
static void test_no_reads(void **state)
{
    (void)state;
    struct hand_candidate hand;
    int32_t features[19];
    hand_candidate_start(&hand, START0, "G", "A");
    gn_small_model_features(&hand.candidate, &(struct gn_alt_set){{0}, 1}, &NO_CONTEXT, features);
    const int32_t expected[19] = {[12] = 1};
    expect(features, expected, 19, "no reads");
    hand_candidate_end(&hand);
}

static void expect_kinds(const char *ref, const char *alts, struct gn_alt_set set,
                         const int32_t expected[7])
{
    struct hand_candidate hand;
    int32_t features[19];
    hand_candidate_start(&hand, START0, ref, alts);
    gn_small_model_features(&hand.candidate, &set, &NO_CONTEXT, features);
    expect(features + 12, expected, 7, alts);
    hand_candidate_end(&hand);
}

/* SNV, insertion, deletion, their lengths, several alts in the record, two in the set. */
static void test_kinds(void **state)
{
    (void)state;
    const struct gn_alt_set first = {{0}, 1}, second = {{1}, 1}, both = {{0, 1}, 2};
    expect_kinds("G", "A", first, (const int32_t[]){1, 0, 0, 0, 0, 0, 0});
    expect_kinds("G", "GACT", first, (const int32_t[]){0, 1, 0, 3, 0, 0, 0});
    expect_kinds("GACTT", "G", first, (const int32_t[]){0, 0, 1, 0, 4, 0, 0});
    expect_kinds("GA", "CT", first, (const int32_t[]){0, 0, 0, 0, 0, 0, 0});
    expect_kinds("G", "A,C", second, (const int32_t[]){1, 0, 0, 0, 0, 1, 0});
    expect_kinds("G", "A,C", both, (const int32_t[]){1, 0, 0, 0, 0, 1, 1});
    expect_kinds("G", "A,GTT", first, (const int32_t[]){1, 0, 0, 0, 0, 1, 0});
    expect_kinds("G", "A,GTT", both, (const int32_t[]){0, 0, 0, 2, 0, 1, 1});
    expect_kinds("G", "GT,GTTT", both, (const int32_t[]){0, 1, 0, 3, 0, 1, 1});
    expect_kinds("GTT", "G,GT", both, (const int32_t[]){0, 0, 1, 0, 2, 1, 1});
    expect_kinds("GTT", "GT,GTTAA", both, (const int32_t[]){0, 0, 0, 2, 1, 1, 1});
}

/* Reads of the two alts are counted together, those of a third are not. */
static void test_pair(void **state)
{
    (void)state;
    struct hand_candidate hand;
    int32_t features[19];
    hand_candidate_start(&hand, START0, "G", "A,C,T");
    hand_candidate_reads(&hand, 4, REFERENCE);
    hand_candidate_reads(&hand, 3, 0);
    hand_candidate_reads(&hand, 5, 1);
    hand_candidate_reads(&hand, 2, 2);
    gn_small_model_features(&hand.candidate, &(struct gn_alt_set){{0, 2}, 2}, &NO_CONTEXT,
                            features);
    expect(features, (const int32_t[]){4, 5, 9, 14, 35, 55, 60, 60, 30, 30, 0, 0}, 12, "A and T");
    gn_small_model_features(&hand.candidate, &(struct gn_alt_set){{1}, 1}, &NO_CONTEXT, features);
    expect(features, (const int32_t[]){4, 5, 9, 14, 35, 55, 60, 60, 30, 30, 0, 0}, 12, "C");
    gn_small_model_features(&hand.candidate, &(struct gn_alt_set){{2}, 1}, &NO_CONTEXT, features);
    expect(features, (const int32_t[]){4, 2, 6, 14, 14, 33, 60, 60, 30, 30, 0, 0}, 12, "T");
    hand_candidate_end(&hand);
}

/* The window lies around the start; what was not counted is 0; positions beyond it are passed over. */
static void test_context(void **state)
{
    (void)state;
    struct hand_candidate hand;
    int32_t features[19 + 5];
    hand_candidate_start(&hand, START0, "GA", "G");
    hand_candidate_context(&hand, START0 - 3, 99);
    hand_candidate_context(&hand, START0 - 2, 11);
    hand_candidate_context(&hand, START0, 50);
    hand_candidate_context(&hand, START0 + 2, 7);
    hand_candidate_context(&hand, START0 + 3, 98);
    struct gn_small_model_view view = {.context_window = 5};
    gn_small_model_features(&hand.candidate, &(struct gn_alt_set){{0}, 1}, &view, features);
    expect(features + 19, (const int32_t[]){11, 0, 50, 0, 7}, 5, "context");
    hand_candidate_end(&hand);
}

/* Reads 0 to 5 have haplotypes 1, 1, 2, 0, 1, 2. The depth of the site stays that of all reads. */
static void test_haplotypes(void **state)
{
    (void)state;
    struct hand_candidate hand;
    int32_t features[19 + 1 + 36];
    const uint8_t phases[] = {1, 1, 2, 0, 1, 2};
    hand_candidate_start(&hand, START0, "G", "A");
    hand_candidate_context(&hand, START0, 66);
    hand_candidate_read(&hand, REFERENCE, 60, 30, true);
    hand_candidate_read(&hand, 0, 50, 20, false);
    hand_candidate_read(&hand, 0, 40, 21, true);
    hand_candidate_read(&hand, REFERENCE, 30, 22, false);
    hand_candidate_read(&hand, 0, 20, 23, true);
    hand_candidate_read(&hand, UNCALLED, 10, 24, false);
    struct gn_small_model_view view = {.context_window = 1, .by_haplotype = true, .phases = phases};
    gn_small_model_features(&hand.candidate, &(struct gn_alt_set){{0}, 1}, &view, features);
    const int32_t expected[56] = {
        2, 3, 5, 6, 50, 60,  45, 36, 26, 21, 50,  66,  /* all */
        1, 0, 0, 0, 0,  0,   0,  66,                   /* the kind and the context */
        1, 0, 1, 6, 0,  0,   30, 0,  22, 0,  0,   0,   /* haplotype 0 */
        1, 2, 3, 6, 33, 66,  60, 35, 30, 21, 100, 50,  /* 1 */
        0, 1, 1, 6, 16, 100, 0,  40, 0,  21, 0,   100, /* 2 */
    };
    expect(features, expected, 56, "haplotypes");
    hand_candidate_end(&hand);
}

/* Reads without phases all belong to haplotype 0. */
static void test_unphased(void **state)
{
    (void)state;
    struct hand_candidate hand;
    int32_t features[19 + 36];
    struct gn_small_model_view view = {.by_haplotype = true};
    hand_candidate_start(&hand, START0, "G", "A");
    hand_candidate_reads(&hand, 2, REFERENCE);
    hand_candidate_reads(&hand, 1, 0);
    gn_small_model_features(&hand.candidate, &(struct gn_alt_set){{0}, 1}, &view, features);
    expect(features + 19, features, 12, "haplotype 0");
    expect(features + 31, (const int32_t[24]){[3] = 3, [15] = 3}, 24, "haplotypes 1 and 2");
    hand_candidate_end(&hand);
}

static void test_sets(void **state)
{
    (void)state;
    static const struct gn_alt_set expected[] = {{{0}, 1},    {{1}, 1},    {{2}, 1},
                                                 {{0, 1}, 2}, {{0, 2}, 2}, {{1, 2}, 2}};
    struct gn_alt_set sets[6];
    assert_int_equal(gn_alt_set_count(1), 1);
    assert_int_equal(gn_alt_set_count(3), 6);
    gn_alt_sets_list(3, sets);
    for (int i = 0; i < 6; i++) {
        assert_int_equal(sets[i].n, expected[i].n);
        for (int k = 0; k < sets[i].n; k++)
            assert_int_equal(sets[i].alts[k], expected[i].alts[k]);
    }
}

static void test_is_snp(void **state)
{
    (void)state;
    struct hand_candidate hand;
    hand_candidate_start(&hand, START0, "G", "A,GT,C");
    assert_true(gn_alt_set_is_snp(hand.candidate.variant, &(struct gn_alt_set){{0}, 1}));
    assert_false(gn_alt_set_is_snp(hand.candidate.variant, &(struct gn_alt_set){{1}, 1}));
    assert_true(gn_alt_set_is_snp(hand.candidate.variant, &(struct gn_alt_set){{0, 2}, 2}));
    assert_false(gn_alt_set_is_snp(hand.candidate.variant, &(struct gn_alt_set){{0, 1}, 2}));
    hand_candidate_end(&hand);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lengths),    cmocka_unit_test(test_reads),
        cmocka_unit_test(test_no_reads),   cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_pair),       cmocka_unit_test(test_context),
        cmocka_unit_test(test_haplotypes), cmocka_unit_test(test_unphased),
        cmocka_unit_test(test_sets),       cmocka_unit_test(test_is_snp),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

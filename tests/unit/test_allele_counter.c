/* SPDX-License-Identifier: MIT
 *
 * test_allele_counter.c - what single reads say at the positions they touch (spec 20 section 1).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hand_reads.h"

enum { START0 = 1000 };

/*                         0         1
 *                         01234567890123456789 */
static const char REF[] = "ACGTTGCAACGGTTAACCGT";

static int setup(void **state)
{
    static struct hand hand;
    hand_start(&hand, START0, REF);
    *state = &hand;
    return 0;
}

static int teardown(void **state)
{
    struct hand *hand = *state;
    gn_arena_destroy(hand->arena);
    return 0;
}

/* Alleles of a position in order of arrival: type letter, bases, '!' when of low quality. */
static void expect_stored(const struct gn_allele_counter *counter, int index, const char *expected)
{
    const struct gn_counted_position *position = &counter->positions[index];
    char text[512] = "";
    for (uint32_t i = 0; i < position->n; i++) {
        const struct gn_allele *allele = &counter->alleles[position->first + i];
        assert_in_range(allele->type, GN_ALLELE_REFERENCE, GN_ALLELE_SOFT_CLIP);
        sprintf(text + strlen(text), "%s%c:%.*s%s", i == 0 ? "" : " ", "?RXIDS"[allele->type],
                (int)allele -> length, allele -> bases, allele -> is_low_quality ? "!" : "");
    }
    assert_string_equal(text, expected);
}

/* One digit per position of the interval. */
static void expect_reference_counts(const struct gn_allele_counter *counter, const char *expected)
{
    char text[64] = "";
    for (int64_t i = 0; i < counter->end0 - counter->start0; i++)
        text[i] = (char)('0' + counter->positions[i].ref_count);
    assert_string_equal(text, expected);
}

static int depth_at(const struct gn_allele_counter *counter, int index)
{
    return gn_position_depth(counter, &counter->positions[index]);
}

static void matching_bases_raise_the_reference_count(void **state)
{
    struct hand *hand = *state;
    hand_add(hand, START0 + 2, "5M", "GTTGC");
    hand_add(hand, START0 + 4, "1=1X2=", "TGCA"); /* X with the reference's base still matches */
    struct gn_allele_counter *counter = hand_count(hand);
    expect_reference_counts(counter, "00112221000000000000");
    assert_int_equal(counter->n_alleles, 0);
    assert_int_equal(depth_at(counter, 4), 2);
    assert_int_equal(counter->positions[4].ref_base, 'T');
}

static void a_substitution_is_stored_with_its_read(void **state)
{
    struct hand *hand = *state;
    hand_add(hand, START0 + 2, "5M", "GTTGC");
    struct gn_read *read = hand_add(hand, START0 + 2, "5M", "GTAGC");
    read->is_reverse = true;
    read->key = 77;
    read->mapping_quality = 41;
    hand_set_quality(read, 2, 23);
    struct gn_allele_counter *counter = hand_count(hand);
    expect_reference_counts(counter, "00221220000000000000");
    expect_stored(counter, 4, "X:A");
    assert_int_equal(depth_at(counter, 4), 2);
    const struct gn_allele *allele = &counter->alleles[counter->positions[4].first];
    assert_int_equal(allele->read, 1);
    assert_int_equal(allele->key, 77);
    assert_int_equal(allele->mapping_quality, 41);
    assert_int_equal(allele->base_quality, 23);
    assert_true(allele->is_reverse);
}

static void an_insertion_replaces_its_anchor(void **state)
{
    struct hand *hand = *state;
    hand_add(hand, START0 + 2, "3M2I2M", "GTTAAGC");
    hand_add(hand, START0 + 2, "3M2I2M", "GTCAAGC"); /* the anchor differs: kept in the bases */
    hand_add(hand, START0 + 5, "2I2M", "GGGC");      /* no base before: the reference's */
    struct gn_allele_counter *counter = hand_count(hand);
    expect_reference_counts(counter, "00220330000000000000");
    expect_stored(counter, 4, "I:TAA I:CAA I:TGG");
    assert_int_equal(depth_at(counter, 4), 3);
}

static void a_deletion_replaces_its_anchor_and_leaves_a_gap(void **state)
{
    struct hand *hand = *state;
    hand_add(hand, START0 + 2, "3M2D2M", "GTTAA");
    struct gn_read *read = hand_add(hand, START0 + 2, "3M2D2M", "GTCAA");
    hand_set_quality(read, 2, 3); /* a deletion is never of low quality */
    struct gn_allele_counter *counter = hand_count(hand);
    expect_reference_counts(counter, "00220002200000000000");
    expect_stored(counter, 4, "D:TGC D:CGC");
    expect_stored(counter, 5, "");
    assert_int_equal(depth_at(counter, 5), 0);
    assert_int_equal(counter->alleles[counter->positions[4].first].base_quality, HAND_QUALITY);
    assert_int_equal(counter->alleles[counter->positions[4].first + 1].base_quality, 3);
}

static void soft_clips_are_anchored_on_the_base_before(void **state)
{
    struct hand *hand = *state;
    hand_add(hand, START0 + 2, "2S3M", "AAGTT"); /* at the start: the reference base before it */
    hand_add(hand, START0 + 2, "3M2S", "GTTAA"); /* at the end: takes the last base's place */
    hand_add(hand, START0, "2S3M", "AAACG");     /* nothing before the contig's first base */
    struct gn_allele_counter *counter = hand_count(hand);
    expect_reference_counts(counter, "11321000000000000000");
    expect_stored(counter, 1, "S:CAA");
    expect_stored(counter, 4, "S:TAA");
    assert_int_equal(depth_at(counter, 1), 2); /* soft clips count in DP */
    assert_int_equal(counter->n_alleles, 2);
}

static void of_two_alleles_at_one_anchor_the_later_one_stays(void **state)
{
    struct hand *hand = *state;
    hand_add(hand, START0 + 2, "3M1I2S", "GTTACC");
    hand_add(hand, START0 + 9, "3M1I2D2M", "CGGATA"); /* ..GG [A] -TT AA: anchored on A */
    struct gn_allele_counter *counter = hand_count(hand);
    expect_stored(counter, 4, "S:ACC");
    expect_stored(counter, 11, "D:ATT");
    expect_stored(counter, 14, "X:T");
    assert_int_equal(counter->n_alleles, 3);
}

static void low_quality_is_judged_by_the_mean(void **state)
{
    struct hand *hand = *state;
    struct gn_read *read = hand_add(hand, START0 + 2, "5M", "GTAGC");
    hand_set_quality(read, 1, 9);
    hand_set_quality(read, 2, 9);
    read = hand_add(hand, START0 + 9, "3M2I2M", "CGGAATT"); /* 9 + 11: just enough */
    hand_set_quality(read, 3, 9);
    hand_set_quality(read, 4, 11);
    read = hand_add(hand, START0 + 9, "3M2I2M", "CGGAATT"); /* 9 + 10: not enough */
    hand_set_quality(read, 3, 9);
    hand_set_quality(read, 4, 10);
    struct gn_allele_counter *counter = hand_count(hand);
    expect_reference_counts(counter, "00100110022022000000");
    expect_stored(counter, 3, "");
    expect_stored(counter, 4, "X:A!");
    assert_int_equal(depth_at(counter, 4), 0);
    expect_stored(counter, 11, "I:GAA I:GAA!");
    assert_int_equal(depth_at(counter, 11), 1);
    const struct gn_allele *alleles = &counter->alleles[counter->positions[11].first];
    assert_int_equal(alleles[0].base_quality, 10);
    assert_int_equal(alleles[1].base_quality, 9); /* 9.5 truncated */
}

static void legacy_mode_drops_alleles_with_a_low_quality_base(void **state)
{
    struct hand *hand = *state;
    hand->options.legacy = true;
    struct gn_read *read = hand_add(hand, START0 + 2, "5M", "GTAGC");
    hand_set_quality(read, 2, 9);
    read = hand_add(hand, START0 + 9, "3M2I2M", "CGGAATT");
    hand_set_quality(read, 3, 9); /* mean 20, but one base is too low */
    struct gn_allele_counter *counter = hand_count(hand);
    expect_reference_counts(counter, "00110110011111000000"); /* the anchor keeps its own allele */
    assert_int_equal(counter->n_alleles, 0);
}

static void letters_other_than_acgt_make_no_allele(void **state)
{
    struct hand *hand = *state;
    hand_add(hand, START0 + 2, "5M", "GTNGC");
    hand_add(hand, START0 + 9, "3M2I2M", "CGGANTT"); /* the anchor keeps its own allele */
    hand_add(hand, START0 + 14, "2M1I2M", "ANGCC");  /* no anchor */
    struct gn_allele_counter *counter = hand_count(hand);
    expect_reference_counts(counter, "00110110011111101100");
    assert_int_equal(counter->n_alleles, 0);
}

static void reference_letters_other_than_acgt(void **state)
{
    struct hand *hand = *state;
    /*                     01234567890123456789 */
    hand->interval.ref = "ACGTTRCAACGGNTAACCGT";
    hand_add(hand, START0 + 4, "3M", "TAC");       /* A where the reference has R: differs */
    hand_add(hand, START0 + 9, "3M2D2M", "CGGAA"); /* deletes an N: no allele */
    struct gn_allele_counter *counter = hand_count(hand);
    expect_reference_counts(counter, "00001010011100110000");
    expect_stored(counter, 5, "X:A");
    assert_int_equal(counter->n_alleles, 1);
}

static void a_deletion_past_the_reference_makes_no_allele(void **state)
{
    struct hand *hand = *state;
    hand_add(hand, START0 + 15, "3M2D", "ACC"); /* up to the last base: fine */
    hand_add(hand, START0 + 15, "3M3D", "ACC");
    struct gn_allele_counter *counter = hand_count(hand);
    expect_reference_counts(counter, "00000000000000022100");
    expect_stored(counter, 17, "D:CGT");
}

static void padding_and_skips_advance_and_hard_clips_do_not(void **state)
{
    struct hand *hand = *state;
    hand_add(hand, START0 + 2, "3M1P2M", "GTTCA");
    hand_add(hand, START0 + 2, "2M8N2M", "GTTT");
    hand_add(hand, START0 + 15, "4H3M2H", "ACC");
    struct gn_allele_counter *counter = hand_count(hand);
    expect_reference_counts(counter, "00221011000011011100");
    assert_int_equal(counter->n_alleles, 0);
}

static void only_positions_of_the_interval_are_kept(void **state)
{
    struct hand *hand = *state;
    hand->interval.start0 = START0 + 5;
    hand->interval.end0 = START0 + 10;
    hand_add(hand, START0 + 2, "3M1D4M", "GTTCAAC"); /* anchor left of the interval */
    hand_add(hand, START0 + 7, "3M2D2M", "AACTT");   /* anchor on the last position */
    hand_add(hand, START0 + 7, "7M", "AACTTTT");     /* differs outside only */
    struct gn_allele_counter *counter = hand_count(hand);
    expect_reference_counts(counter, "01332");
    expect_stored(counter, 4, "D:CGG");
    assert_int_equal(counter->n_alleles, 1);
}

static void reads_of_low_mapping_quality_are_passed_over(void **state)
{
    struct hand *hand = *state;
    hand_add(hand, START0 + 2, "5M", "GTAGC")->mapping_quality = 4;
    hand_add(hand, START0 + 2, "5M", "GTAGC")->mapping_quality = 5;
    struct gn_allele_counter *counter = hand_count(hand);
    expect_stored(counter, 4, "X:A");
    assert_int_equal(counter->alleles[counter->positions[4].first].read, 1);
    expect_reference_counts(counter, "00110110000000000000");
}

static void of_two_reads_with_one_key_the_later_wins(void **state)
{
    struct hand *hand = *state;
    hand->options.keys_are_unique = false;
    hand_add(hand, START0 + 2, "5M", "GTAGC")->key = 3;
    hand_add(hand, START0 + 2, "5M", "GTCGC")->key = 4;
    hand_add(hand, START0 + 2, "5M", "GTGGC")->key = 3;
    hand_add(hand, START0 + 2, "5M", "GTTGC")->key = 4; /* the reference allele is not stored */
    struct gn_allele_counter *counter = hand_count(hand);
    expect_stored(counter, 4, "X:C X:G"); /* of the second and the third read */
    assert_int_equal(counter->positions[4].ref_count, 1);
    assert_int_equal(depth_at(counter, 4), 3);
}

static void reference_alleles_are_stored_where_tracked(void **state)
{
    struct hand *hand = *state;
    static const int64_t tracked[] = {START0 - 7, START0 + 4, START0 + 500};
    hand->options.tracked = tracked;
    hand->options.n_tracked = 3;
    hand_add(hand, START0 + 2, "5M", "GTTGC");
    hand_set_quality(hand_add(hand, START0 + 2, "5M", "GTTGC"), 2, 9);
    hand_add(hand, START0 + 2, "5M", "GTAGC");
    struct gn_allele_counter *counter = hand_count(hand);
    expect_stored(counter, 3, "");
    expect_stored(counter, 4, "R:T R:T! X:A");
    assert_int_equal(counter->positions[4].ref_count, 1);
    assert_int_equal(depth_at(counter, 4), 2); /* not counted twice */
}

static void sums_are_ordered_by_bases_then_type(void **state)
{
    struct hand *hand = *state;
    hand_add(hand, START0 + 2, "3M2S", "GTTAA");
    hand_add(hand, START0 + 2, "3M1D2M", "GTTCA");
    hand_add_many(hand, 2, START0 + 2, "3M2I1M", "GTTAAG");
    hand_add_many(hand, 3, START0 + 2, "4M", "GTCG");
    hand_add(hand, START0 + 2, "3M1I1M", "GTTAG");
    hand_set_quality(hand_add(hand, START0 + 2, "4M", "GTAG"), 2, 2);
    struct gn_allele_counter *counter = hand_count(hand);
    static const struct gn_allele_sum expected[] = {
        {"C", 1, GN_ALLELE_SUBSTITUTION, 3}, {"TA", 2, GN_ALLELE_INSERTION, 1},
        {"TAA", 3, GN_ALLELE_INSERTION, 2},  {"TAA", 3, GN_ALLELE_SOFT_CLIP, 1},
        {"TG", 2, GN_ALLELE_DELETION, 1},
    };
    struct gn_allele_sum *sums;
    gn_error_t err = {0};
    assert_int_equal(gn_sum_alleles(counter, &counter->positions[4], &sums, hand->arena, &err), 5);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(sums[i].length, expected[i].length);
        assert_memory_equal(sums[i].bases, expected[i].bases, expected[i].length);
        assert_int_equal(sums[i].type, expected[i].type);
        assert_int_equal(sums[i].count, expected[i].count);
    }
    assert_int_equal(depth_at(counter, 4), 8);
    assert_int_equal(gn_sum_alleles(counter, &counter->positions[2], &sums, hand->arena, &err), 0);
}

static void memory_has_a_ceiling(void **state)
{
    struct hand *hand = *state;
    hand_add(hand, START0 + 2, "5M", "GTAGC");
    gn_arena_t *small = gn_arena_create(256);
    gn_error_t err = {0};
    assert_null(
        gn_count_alleles(&hand->interval, hand->reads, hand->n_reads, &hand->options, small, &err));
    assert_int_equal(err.code, GN_E_MEMORY);
    gn_arena_destroy(small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(matching_bases_raise_the_reference_count, setup, teardown),
        cmocka_unit_test_setup_teardown(a_substitution_is_stored_with_its_read, setup, teardown),
        cmocka_unit_test_setup_teardown(an_insertion_replaces_its_anchor, setup, teardown),
        cmocka_unit_test_setup_teardown(a_deletion_replaces_its_anchor_and_leaves_a_gap, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(soft_clips_are_anchored_on_the_base_before, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(of_two_alleles_at_one_anchor_the_later_one_stays, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(low_quality_is_judged_by_the_mean, setup, teardown),
        cmocka_unit_test_setup_teardown(legacy_mode_drops_alleles_with_a_low_quality_base, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(letters_other_than_acgt_make_no_allele, setup, teardown),
        cmocka_unit_test_setup_teardown(reference_letters_other_than_acgt, setup, teardown),
        cmocka_unit_test_setup_teardown(a_deletion_past_the_reference_makes_no_allele, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(padding_and_skips_advance_and_hard_clips_do_not, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(only_positions_of_the_interval_are_kept, setup, teardown),
        cmocka_unit_test_setup_teardown(reads_of_low_mapping_quality_are_passed_over, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(of_two_reads_with_one_key_the_later_wins, setup, teardown),
        cmocka_unit_test_setup_teardown(reference_alleles_are_stored_where_tracked, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(sums_are_ordered_by_bases_then_type, setup, teardown),
        cmocka_unit_test_setup_teardown(memory_has_a_ceiling, setup, teardown),
    };
    return cmocka_run_group_tests_name("allele_counter", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT
 *
 * test_candidates.c - which sites become candidates, how they are spelled and what supports them
 * (spec 20 sections 3 and 4).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "candidates/very_sensitive.h"
#include "hand_reads.h"

enum { START0 = 1000, SITE0 = START0 + 4 };

/*                         0         1
 *                         01234567890123456789 */
static const char REF[] = "ACGTTGCAACGGTTAACCGT";

struct bench {
    struct hand hand;
    struct gn_candidate_options options;
    struct gn_candidate_list list;
    struct gn_allele_counter *counter;
};

static int setup(void **state)
{
    static struct bench bench;
    bench = (struct bench){.options = gn_candidate_options_default()};
    bench.options.sample = "NA1";
    hand_start(&bench.hand, START0, REF);
    *state = &bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;
    gn_candidates_clear(&bench->list);
    gn_arena_destroy(bench->hand.arena);
    return 0;
}

static size_t find(struct bench *bench)
{
    gn_error_t err = {0};
    gn_candidates_clear(&bench->list);
    bench->list = (struct gn_candidate_list){.v = NULL};
    bench->counter = hand_count(&bench->hand);
    assert_int_equal(gn_find_candidates(bench->counter, "chr1", &bench->options, &bench->list,
                                        bench->hand.arena, &err),
                     GN_OK);
    return bench->list.n;
}

/* Reads that show the reference, an SNV, an insertion and so on at SITE0. */
static void add_reference(struct bench *bench, int n)
{
    hand_add_many(&bench->hand, n, SITE0, "1M", "T");
}

static void add_snv(struct bench *bench, int n)
{
    hand_add_many(&bench->hand, n, SITE0, "1M", "C");
}

static void add_insertion(struct bench *bench, int n)
{
    hand_add_many(&bench->hand, n, SITE0, "1M1I", "TA");
}

static void expect_spelling(const struct gn_candidate *candidate, const char *ref, const char *alts)
{
    const struct gn_variant *variant = candidate->variant;
    char text[256] = "";
    for (int i = 0; i < variant->alts.n; i++)
        sprintf(text + strlen(text), "%s%s", i == 0 ? "" : ",", variant->alts.v[i]);
    assert_string_equal(variant->ref, ref);
    assert_string_equal(text, alts);
    assert_int_equal(variant->start0, SITE0);
    assert_int_equal(variant->end0, SITE0 + (int64_t)strlen(ref));
}

static void expect_counts(const struct gn_candidate *candidate, int depth, int n,
                          const int32_t *expected)
{
    const struct gn_variant *variant = candidate->variant;
    assert_int_equal(variant->dp.n, 1);
    assert_int_equal(variant->dp.v[0], depth);
    assert_int_equal(variant->ad.n, n);
    assert_int_equal(variant->vaf.n, n - 1);
    for (int i = 0; i < n; i++)
        assert_int_equal(variant->ad.v[i], expected[i]);
    for (int i = 1; i < n; i++)
        assert_true(variant->vaf.v[i - 1] == (double)expected[i] / depth);
}

static void snv_thresholds(void **state)
{
    struct bench *bench = *state;
    add_snv(bench, 1);
    assert_int_equal(find(bench), 0); /* one read of one is too few */
    add_snv(bench, 1);
    assert_int_equal(find(bench), 1);
    add_snv(bench, 1);
    add_reference(bench, 22); /* 3 of 25: exactly 0.12 */
    assert_int_equal(find(bench), 1);
    add_reference(bench, 1);
    assert_int_equal(find(bench), 0);
    bench->options.vsc_min_fraction_snps = 0.11;
    assert_int_equal(find(bench), 1);
    bench->options.vsc_min_count_snps = 4;
    bench->options.vsc_min_count_indels = 1;
    bench->options.vsc_min_fraction_indels = 0;
    assert_int_equal(find(bench), 0);
}

static void indel_thresholds(void **state)
{
    struct bench *bench = *state;
    add_insertion(bench, 1);
    assert_int_equal(find(bench), 0);
    add_insertion(bench, 2);
    add_reference(bench, 47); /* 3 of 50: exactly 0.06 */
    assert_int_equal(find(bench), 1);
    add_reference(bench, 1);
    assert_int_equal(find(bench), 0);
    bench->options.vsc_min_fraction_indels = 0.05;
    assert_int_equal(find(bench), 1);
    bench->options.vsc_min_count_indels = 4;
    bench->options.vsc_min_count_snps = 1;
    assert_int_equal(find(bench), 0);
}

static void the_multiplier_can_only_lower_the_thresholds(void **state)
{
    struct bench *bench = *state;
    add_snv(bench, 2);
    add_reference(bench, 18); /* 0.1 */
    bench->options.vsc_min_fraction_multiplier = 0.9;
    assert_int_equal(find(bench), 0);
    bench->options.vsc_min_fraction_multiplier = 0.5;
    assert_int_equal(find(bench), 1);
    bench->options.vsc_min_fraction_multiplier = 3;
    bench->options.vsc_min_fraction_snps = 0.09;
    assert_int_equal(find(bench), 1);
    /* thresholds are single precision numbers: this one lies just above a tenth */
    bench->options.vsc_min_fraction_snps = 0.1;
    assert_int_equal(find(bench), 0);
}

static void soft_clips_and_low_quality_make_no_candidate(void **state)
{
    struct bench *bench = *state;
    hand_add_many(&bench->hand, 5, SITE0, "1M2S", "TAA");
    for (int i = 0; i < 5; i++)
        hand_set_quality(hand_add(&bench->hand, SITE0, "1M", "C"), 0, 9);
    assert_int_equal(find(bench), 0);
}

static void a_reference_letter_other_than_acgt_makes_no_candidate(void **state)
{
    struct bench *bench = *state;
    bench->hand.interval.ref = "ACGTYGCAACGGTTAACCGT";
    add_snv(bench, 10);
    assert_int_equal(find(bench), 0);
}

static void a_call_carries_depths_and_no_genotype(void **state)
{
    struct bench *bench = *state;
    add_snv(bench, 4);
    add_reference(bench, 7);
    hand_add_many(&bench->hand, 1, SITE0, "1M", "G");
    hand_add_many(&bench->hand, 1, SITE0, "1M2S", "TAA"); /* in DP only */
    assert_int_equal(find(bench), 1);
    const struct gn_candidate *candidate = &bench->list.v[0];
    expect_spelling(candidate, "T", "C");
    expect_counts(candidate, 13, 2, (const int32_t[]){7, 4});
    const struct gn_variant *variant = candidate->variant;
    assert_string_equal(variant->contig, "chr1");
    assert_true(variant->has_call);
    assert_string_equal(variant->sample, "NA1");
    assert_int_equal(variant->genotype.n, 2);
    assert_int_equal(variant->genotype.v[0], -1);
    assert_int_equal(variant->genotype.v[1], -1);
    assert_int_equal(variant->gl.n, 0);
    assert_int_equal(variant->gq.n, 0);
    assert_null(candidate->alt_frequencies);
}

static void alleles_are_spelled_over_the_longest_deletion(void **state)
{
    struct bench *bench = *state;
    struct hand *hand = &bench->hand;
    add_snv(bench, 3);
    add_insertion(bench, 2);
    hand_add_many(hand, 4, SITE0, "1M2D1M", "TA"); /* TGC>T */
    hand_add_many(hand, 2, SITE0, "1M1D1M", "TC"); /* TG>T */
    add_reference(bench, 5);
    assert_int_equal(find(bench), 1);
    expect_spelling(&bench->list.v[0], "TGC", "CGC,T,TAGC,TC");
    expect_counts(&bench->list.v[0], 16, 5, (const int32_t[]){5, 3, 4, 2, 2});
    static const int16_t supports[] = {0, 0, 0, 2, 2, 1, 1, 1, 1, 3, 3};
    assert_int_equal(bench->list.v[0].n_alleles, 11);
    for (int i = 0; i < 11; i++)
        assert_int_equal(bench->list.v[0].supports[i], supports[i]);
}

static void a_deletion_that_is_not_good_does_not_extend_the_reference(void **state)
{
    struct bench *bench = *state;
    add_snv(bench, 3);
    hand_add(&bench->hand, SITE0, "1M2D1M", "TA");
    assert_int_equal(find(bench), 1);
    expect_spelling(&bench->list.v[0], "T", "C");
}

static void an_anchor_that_differs_is_kept(void **state)
{
    struct bench *bench = *state;
    hand_add_many(&bench->hand, 3, SITE0, "1M2D1M", "CA");
    hand_add_many(&bench->hand, 3, SITE0, "1M1I", "GA");
    assert_int_equal(find(bench), 1);
    expect_spelling(&bench->list.v[0], "TGC", "C,GAGC");
}

static void every_stored_read_supports_something(void **state)
{
    struct bench *bench = *state;
    struct hand *hand = &bench->hand;
    static const int64_t tracked[] = {SITE0};
    hand->options.tracked = tracked;
    hand->options.n_tracked = 1;
    add_snv(bench, 2);                                        /* 0, 1: alt C */
    hand_set_quality(hand_add(hand, SITE0, "1M", "C"), 0, 3); /* 2: of low quality, the same */
    hand_add(hand, SITE0, "1M", "G");                         /* 3: not good */
    hand_add(hand, SITE0, "1M2S", "TAA");                     /* 4: clipped */
    hand_add_many(hand, 2, SITE0, "1M", "A");                 /* 5, 6: alt A */
    add_reference(bench, 1);                                  /* 7 */
    assert_int_equal(find(bench), 1);
    const struct gn_candidate *candidate = &bench->list.v[0];
    expect_spelling(candidate, "T", "A,C");
    expect_counts(candidate, 7, 3, (const int32_t[]){1, 2, 2});
    static const int16_t supports[] = {
        1, 1, 1, GN_SUPPORTS_UNCALLED, GN_SUPPORTS_UNCALLED, 0, 0, GN_SUPPORTS_REFERENCE};
    assert_int_equal(candidate->n_alleles, 8);
    for (uint32_t i = 0; i < 8; i++) {
        assert_int_equal(candidate->alleles[i].key, i);
        assert_int_equal(candidate->supports[i], supports[i]);
    }
}

static void the_context_counts_what_is_stored(void **state)
{
    struct bench *bench = *state;
    struct hand *hand = &bench->hand;
    static const int64_t tracked[] = {SITE0};
    hand->options.tracked = tracked;
    hand->options.n_tracked = 1;
    add_snv(bench, 2);
    add_reference(bench, 1); /* stored as tracked: counted twice */
    hand_set_quality(hand_add(hand, SITE0 - 1, "1M", "C"), 0, 3); /* low quality: counted */
    hand_add_many(hand, 2, SITE0 - 1, "1M", "T");
    hand_add(hand, SITE0 + 1, "1M3S", "GAAA"); /* clipped: counted */
    bench->options.vaf_context_window_size = 5;
    assert_int_equal(find(bench), 1);
    const struct gn_candidate *candidate = &bench->list.v[0];
    static const int percent[] = {0, 33, 75, 100, 0};
    assert_int_equal(candidate->n_context, 5);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(candidate->context[i].pos0, SITE0 - 2 + i);
        assert_int_equal(candidate->context[i].percent, percent[i]);
    }
}

static void the_context_ends_with_the_interval(void **state)
{
    struct bench *bench = *state;
    add_snv(bench, 2);
    assert_int_equal(find(bench), 1); /* 51 positions do not fit */
    assert_int_equal(bench->list.v[0].n_context, 20);
    assert_int_equal(bench->list.v[0].context[0].pos0, START0);
    bench->options.vaf_context_window_size = 13;
    assert_int_equal(find(bench), 1);
    assert_int_equal(bench->list.v[0].n_context, 11);
    assert_int_equal(bench->list.v[0].context[10].pos0, SITE0 + 6);
    bench->options.vaf_context_window_size = 0;
    assert_int_equal(find(bench), 1);
    assert_int_equal(bench->list.v[0].n_context, 0);
}

static void candidates_come_in_order_and_positions_agree(void **state)
{
    struct bench *bench = *state;
    static const int64_t expected[] = {START0, SITE0, START0 + 17};
    hand_add_many(&bench->hand, 2, START0 + 16, "2M1D1M", "CCT"); /* anchored on 1017 */
    add_insertion(bench, 2);
    hand_add_many(&bench->hand, 2, START0, "2M", "CC");
    assert_int_equal(find(bench), 3);
    for (int i = 0; i < 3; i++)
        assert_int_equal(bench->list.v[i].variant->start0, expected[i]);
    int64_t *positions;
    size_t n;
    gn_error_t err = {0};
    assert_int_equal(gn_find_candidate_positions(bench->counter, "chr1", &bench->options,
                                                 &positions, &n, bench->hand.arena, &err),
                     GN_OK);
    assert_int_equal(n, 3);
    assert_memory_equal(positions, expected, sizeof expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(snv_thresholds, setup, teardown),
        cmocka_unit_test_setup_teardown(indel_thresholds, setup, teardown),
        cmocka_unit_test_setup_teardown(the_multiplier_can_only_lower_the_thresholds, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(soft_clips_and_low_quality_make_no_candidate, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_reference_letter_other_than_acgt_makes_no_candidate,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(a_call_carries_depths_and_no_genotype, setup, teardown),
        cmocka_unit_test_setup_teardown(alleles_are_spelled_over_the_longest_deletion, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_deletion_that_is_not_good_does_not_extend_the_reference,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(an_anchor_that_differs_is_kept, setup, teardown),
        cmocka_unit_test_setup_teardown(every_stored_read_supports_something, setup, teardown),
        cmocka_unit_test_setup_teardown(the_context_counts_what_is_stored, setup, teardown),
        cmocka_unit_test_setup_teardown(the_context_ends_with_the_interval, setup, teardown),
        cmocka_unit_test_setup_teardown(candidates_come_in_order_and_positions_agree, setup,
                                        teardown),
    };
    return cmocka_run_group_tests_name("candidates", tests, NULL, NULL);
}

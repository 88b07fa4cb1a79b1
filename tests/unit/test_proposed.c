/* SPDX-License-Identifier: MIT
 *
 * test_proposed.c - candidates taken from a VCF, and population frequencies (spec 20 section 6,
 * spec 40 section 8).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "candidates/population.h"
#include "candidates/proposed.h"
#include "hand_reads.h"
#include "temporary_folder.h"

enum { START0 = 10, SITE0 = START0 + 4 };

/*                         0         1
 *                         01234567890123456789 */
static const char REF[] = "ACGTTGCAACGGTTAACCGT";

struct bench {
    struct hand hand;
    struct gn_candidate_options options;
    struct gn_variant_list records;
    struct gn_candidate_list list;
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
    gn_variants_clear(&bench->records);
    gn_arena_destroy(bench->hand.arena);
    return 0;
}

/* A record with alts separated by commas; its frequencies follow with add_frequency(). */
static struct gn_variant *add_record(struct bench *bench, int64_t start0, const char *ref,
                                     const char *alts)
{
    gn_error_t err = {0};
    struct gn_variant_list *list = &bench->records;
    list->v = gn_reserve(list->v, &list->cap, list->n + 1, sizeof *list->v, 100, "records", &err);
    struct gn_variant *record = gn_variant_create();
    if (list->v == NULL || record == NULL)
        abort();
    list->v[list->n++] = record;
    record->start0 = start0;
    record->end0 = start0 + (int64_t)strlen(ref);
    char *text = strdup(alts), *rest = NULL;
    assert_int_equal(gn_text_set(&record->contig, "chr1", &err), GN_OK);
    assert_int_equal(gn_text_set(&record->ref, ref, &err), GN_OK);
    for (char *alt = strtok_r(text, ",", &rest); alt != NULL; alt = strtok_r(NULL, ",", &rest))
        assert_int_equal(gn_texts_push(&record->alts, alt, &err), GN_OK);
    free(text);
    return record;
}

static void add_frequency(struct gn_variant *record, double frequency)
{
    gn_error_t err = {0};
    assert_int_equal(gn_doubles_push(&record->vaf, frequency, &err), GN_OK);
}

static size_t propose(struct bench *bench)
{
    gn_error_t err = {0};
    struct gn_allele_counter *counter = hand_count(&bench->hand);
    assert_int_equal(gn_propose_candidates(counter, "chr1", &bench->records, &bench->options,
                                           &bench->list, bench->hand.arena, &err),
                     GN_OK);
    return bench->list.n;
}

/* The candidate as "REF>ALT,ALT DP=.. AD=..,.. supports": one letter per stored read, '-' for
 * uncalled. */
static void expect(const struct gn_candidate *candidate, const char *expected)
{
    char text[256] = "";
    const struct gn_variant *variant = candidate->variant;
    sprintf(text, "%s>", variant->ref);
    for (int i = 0; i < variant->alts.n; i++)
        sprintf(text + strlen(text), "%s%s", i == 0 ? "" : ",", variant->alts.v[i]);
    sprintf(text + strlen(text), " DP=%d AD=", variant->dp.v[0]);
    for (int i = 0; i < variant->ad.n; i++)
        sprintf(text + strlen(text), "%s%d", i == 0 ? "" : ",", variant->ad.v[i]);
    sprintf(text + strlen(text), " ");
    for (uint32_t i = 0; i < candidate->n_alleles; i++)
        sprintf(text + strlen(text), "%c",
                candidate->supports[i] < 0 ? '-' : '0' + candidate->supports[i]);
    assert_string_equal(text, expected);
    assert_int_equal(variant->vaf.n, variant->alts.n);
    for (int i = 0; i < variant->vaf.n; i++)
        assert_true(variant->vaf.v[i] ==
                    (variant->dp.v[0] == 0 ? 0 : (double)variant->ad.v[i + 1] / variant->dp.v[0]));
    assert_int_equal(variant->end0 - variant->start0, strlen(variant->ref));
}

static void a_record_gets_the_counts_of_its_alleles(void **state)
{
    struct bench *bench = *state;
    add_record(bench, SITE0, "T", "A,C"); /* in the order of the record */
    hand_add_many(&bench->hand, 3, SITE0, "1M", "C");
    hand_add_many(&bench->hand, 2, SITE0, "1M", "G"); /* good, but not proposed */
    hand_add_many(&bench->hand, 4, SITE0, "1M", "T");
    assert_int_equal(propose(bench), 1);
    expect(&bench->list.v[0], "T>A,C DP=9 AD=4,0,3 111--");
    assert_string_equal(bench->list.v[0].variant->sample, "NA1");
    assert_int_equal(bench->list.v[0].variant->genotype.v[0], -1);
}

static void a_record_without_reads_is_a_candidate_all_the_same(void **state)
{
    struct bench *bench = *state;
    add_record(bench, SITE0, "T", "C");
    assert_int_equal(propose(bench), 1);
    expect(&bench->list.v[0], "T>C DP=0 AD=0,0 ");
}

static void alleles_that_are_not_good_count_nothing(void **state)
{
    struct bench *bench = *state;
    add_record(bench, SITE0, "T", "C");
    hand_add_many(&bench->hand, 1, SITE0, "1M", "C");
    hand_add_many(&bench->hand, 19, SITE0, "1M", "T");
    assert_int_equal(propose(bench), 1);
    expect(&bench->list.v[0], "T>C DP=20 AD=19,0 -");
}

static void the_fraction_multiplier_is_not_used(void **state)
{
    struct bench *bench = *state;
    add_record(bench, SITE0, "T", "C");
    bench->options.vsc_min_fraction_multiplier = 0.1;
    hand_add_many(&bench->hand, 2, SITE0, "1M", "C");
    hand_add_many(&bench->hand, 18, SITE0, "1M", "T");
    assert_int_equal(propose(bench), 1);
    expect(&bench->list.v[0], "T>C DP=20 AD=18,0 --");
}

static void a_good_deletion_extends_a_shorter_record(void **state)
{
    struct bench *bench = *state;
    add_record(bench, SITE0, "T", "C,TA");
    hand_add_many(&bench->hand, 2, SITE0, "1M2D1M", "TA");
    hand_add_many(&bench->hand, 3, SITE0, "1M", "C");
    hand_add_many(&bench->hand, 2, SITE0, "1M1I", "TA");
    assert_int_equal(propose(bench), 1);
    expect(&bench->list.v[0], "TGC>CGC,TAGC DP=7 AD=0,3,2 --00011");
}

static void a_longer_record_matches_after_its_suffix_is_taken_off(void **state)
{
    struct bench *bench = *state;
    add_record(bench, SITE0, "TGCAA", "TAA,CGCAA");
    hand_add_many(&bench->hand, 2, SITE0, "1M2D1M", "TA");
    hand_add_many(&bench->hand, 3, SITE0, "1M", "C");
    assert_int_equal(propose(bench), 1);
    expect(&bench->list.v[0], "TGCAA>TAA,CGCAA DP=5 AD=0,2,3 00111");
}

static void a_padded_snv_is_trimmed_to_one_base(void **state)
{
    struct bench *bench = *state;
    add_record(bench, SITE0, "TG", "CG,TC");
    hand_add_many(&bench->hand, 3, SITE0, "1M", "C");
    hand_add_many(&bench->hand, 2, SITE0, "2M", "TC");
    assert_int_equal(propose(bench), 1);
    expect(&bench->list.v[0], "TG>CG,TC DP=5 AD=2,3,0 000");
}

static void only_records_that_start_in_the_interval_count(void **state)
{
    struct bench *bench = *state;
    add_record(bench, START0 - 1, "TAC", "T");
    add_record(bench, START0, "A", "C");
    add_record(bench, SITE0, "T", "C");
    add_record(bench, SITE0, "TG", "T"); /* a second one at the same place */
    add_record(bench, START0 + 20, "A", "C");
    assert_int_equal(propose(bench), 3);
    expect(&bench->list.v[0], "A>C DP=0 AD=0,0 ");
    expect(&bench->list.v[1], "T>C DP=0 AD=0,0 ");
    expect(&bench->list.v[2], "TG>T DP=0 AD=0,0 ");
}

/* Frequencies of a candidate TTT>... in ACGTTTGACA. */
static void expect_frequencies(struct bench *bench, int64_t start0, const char *ref,
                               const char *alts, const float *expected)
{
    struct temporary_folder folder;
    temporary_make(&folder);
    gn_fasta_t *fasta = temporary_fasta(&folder, ">chr1\nACGTTTGACA\n");
    struct gn_variant *variant = add_record(bench, start0, ref, alts);
    bench->records.n--; /* the candidate itself is no cohort record */
    struct gn_candidate candidate = {.variant = variant};
    gn_error_t err = {0};
    assert_int_equal(gn_find_population_frequencies(&candidate, &bench->records, fasta, 0,
                                                    bench->hand.arena, &err),
                     GN_OK);
    for (int i = 0; i < variant->alts.n; i++)
        assert_true(candidate.alt_frequencies[i] == expected[i]);
    gn_variant_free(variant);
    gn_fasta_close(fasta);
    temporary_remove(&folder);
}

static void frequencies_are_those_of_the_same_alt(void **state)
{
    struct bench *bench = *state;
    struct gn_variant *record = add_record(bench, 2, "G", "A,C");
    add_frequency(record, 0.125);
    add_frequency(record, 0.1);
    expect_frequencies(bench, 2, "G", "C,T,A", (const float[]){0.1F, 0, 0.125F});
}

static void frequencies_compare_haplotypes_not_spellings(void **state)
{
    struct bench *bench = *state;
    add_frequency(add_record(bench, 4, "TT", "T"), 0.25);      /* the same deletion to the right */
    add_frequency(add_record(bench, 1, "CGT", "CAT"), 0.5);    /* an SNV with its neighbours */
    add_frequency(add_record(bench, 2, "GTT", "GTTTT"), 0.75); /* an insertion, padded */
    expect_frequencies(bench, 2, "GT", "G,AT,GTTT", (const float[]){0.25F, 0.5F, 0.75F});
}

static void the_last_matching_record_wins_and_others_say_nothing(void **state)
{
    struct bench *bench = *state;
    add_frequency(add_record(bench, 2, "G", "A"), 0.25);
    add_frequency(add_record(bench, 2, "G", "A"), 0.75);
    add_record(bench, 2, "G", "A"); /* no AF */
    add_frequency(add_record(bench, 3, "T", "A"), 1);
    expect_frequencies(bench, 2, "G", "A,C", (const float[]){0.75F, 0});
}

static void without_records_all_frequencies_are_zero(void **state)
{
    struct bench *bench = *state;
    expect_frequencies(bench, 2, "G", "A,C", (const float[]){0, 0});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_record_gets_the_counts_of_its_alleles, setup, teardown),
        cmocka_unit_test_setup_teardown(a_record_without_reads_is_a_candidate_all_the_same, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(alleles_that_are_not_good_count_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(the_fraction_multiplier_is_not_used, setup, teardown),
        cmocka_unit_test_setup_teardown(a_good_deletion_extends_a_shorter_record, setup, teardown),
        cmocka_unit_test_setup_teardown(a_longer_record_matches_after_its_suffix_is_taken_off,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(a_padded_snv_is_trimmed_to_one_base, setup, teardown),
        cmocka_unit_test_setup_teardown(only_records_that_start_in_the_interval_count, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(frequencies_are_those_of_the_same_alt, setup, teardown),
        cmocka_unit_test_setup_teardown(frequencies_compare_haplotypes_not_spellings, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(the_last_matching_record_wins_and_others_say_nothing, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(without_records_all_frequencies_are_zero, setup, teardown),
    };
    return cmocka_run_group_tests_name("proposed", tests, NULL, NULL);
}

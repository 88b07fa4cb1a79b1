/* SPDX-License-Identifier: MIT
 *
 * test_methylation.c - methylation of alleles, MF and MD of candidates, and methylated reference sites, by hand (spec 70
 * section 8, 90 section 3).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "alleles/methylation.h"
#include "candidates/variant_kinds.h"
#include "candidates/very_sensitive.h"
#include "hand_reads.h"

enum { START0 = 1000 };

/*                         0         1
 *                         01234567890123456789 */
static const char REF[] = "ATCGTCGAATGGTTCACCGT";

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
    bench.options.methylation.enable_methylation_calling = true;
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

/* A read with the levels of its bases, "INDEX:LEVEL ..."; NULL: without tags. */
static struct gn_read *add(struct bench *bench, int index, const char *cigar, const char *bases,
                           const char *levels)
{
    struct gn_read *read = hand_add(&bench->hand, START0 + index, cigar, bases);
    if (levels == NULL)
        return read;
    uint8_t *values = gn_arena_zalloc(bench->hand.arena, strlen(bases) + 1, 1);
    assert_non_null(values);
    int at, level, used;
    for (; sscanf(levels, " %d:%d%n", &at, &level, &used) == 2; levels += used)
        values[at] = (uint8_t)level;
    read->likelihood_5mc = values;
    return read;
}

static void count(struct bench *bench)
{
    gn_error_t err = {0};
    int64_t *positions;
    bench->hand.options.n_tracked = 0;
    bench->counter = hand_count(&bench->hand);
    assert_int_equal(gn_list_positions(bench->counter, &positions, &bench->hand.options.n_tracked,
                                       bench->hand.arena, &err),
                     GN_OK);
    bench->hand.options.tracked = positions;
    assert_int_equal(gn_track_reference(bench->counter, &bench->hand.interval, bench->hand.reads,
                                        bench->hand.n_reads, &bench->hand.options,
                                        bench->hand.arena, &err),
                     GN_OK);
    gn_mark_methylation(bench->counter, bench->hand.reads, &bench->options.methylation);
}

static void count_and_move(struct bench *bench)
{
    gn_error_t err = {0};
    count(bench);
    assert_int_equal(gn_move_methylation_to_cytosines(bench->counter, bench->hand.arena, &err),
                     GN_OK);
}

static size_t find(struct bench *bench)
{
    gn_error_t err = {0};
    gn_candidates_clear(&bench->list);
    count_and_move(bench);
    assert_int_equal(gn_find_candidates(bench->counter, "chr1", &bench->options, &bench->list,
                                        bench->hand.arena, &err),
                     GN_OK);
    return bench->list.n;
}

/* Alleles at a position: bases, level, '*' when methylated. */
static void expect_levels(const struct bench *bench, int index, const char *expected)
{
    const struct gn_counted_position *position = &bench->counter->positions[index];
    char text[512] = "";
    for (uint32_t i = 0; i < position->n; i++) {
        const struct gn_allele *allele = &bench->counter->alleles[position->first + i];
        sprintf(text + strlen(text), "%s%.*s:%d%s", i == 0 ? "" : " ", (int)allele->length,
                allele->bases, allele->methylation_level, allele->is_methylated ? "*" : "");
    }
    assert_string_equal(text, expected);
}

static void alleles_do_not_grow(void **state)
{
    (void)state;
    assert_int_equal(sizeof(struct gn_allele), 32);
}

static void levels_of_bases_in_a_match(void **state)
{
    struct bench *bench = *state;
    add(bench, 0, "4M", "ATCG", "0:1 2:200 3:127");
    add(bench, 2, "1S2M1I1M", "GTGAT", "0:255 1:128 2:9 3:254 4:3"); /* clip C>T, G, insertion */
    add(bench, 2, "1M1D1M", "CT", "0:77 1:78");
    add(bench, 2, "2M", "CG", NULL);
    count(bench);
    expect_levels(bench, 0, "A:1");
    expect_levels(bench, 1, "T:0 TG:0");
    expect_levels(bench, 2, "C:200* T:128* CG:0 C:0");
    expect_levels(bench, 3, "G:127 GA:0 G:0");
    expect_levels(bench, 4, "T:3 T:78");
    assert_true(bench->counter->has_methylation);
}

static void the_threshold_is_excluded(void **state)
{
    struct bench *bench = *state;
    add(bench, 2, "1M", "C", "0:204");
    add(bench, 2, "1M", "C", "0:205");
    bench->options.methylation.methylation_calling_threshold = 0.8; /* 204 / 255 */
    count(bench);
    expect_levels(bench, 2, "C:204 C:205*");
    bench->options.methylation.methylation_calling_threshold = 1;
    count(bench);
    expect_levels(bench, 2, "C:204 C:205");
    bench->options.methylation.methylation_calling_threshold = 0;
    count(bench);
    expect_levels(bench, 2, "C:204* C:205*");
    bench->options.methylation.enable_methylation_calling = false;
    count(bench);
    expect_levels(bench, 2, "C:204 C:205");
    assert_false(bench->counter->has_methylation);
}

/* CG at 2 and 5; A before the G at 10; G before the G at 11. */
static void guanines_give_to_cytosines(void **state)
{
    struct bench *bench = *state;
    add(bench, 2, "2M", "CG", "1:200");        /* moved */
    add(bench, 2, "2M", "CG", "0:240 1:100");  /* in place of the C's own, though lower */
    add(bench, 2, "2M", "CG", "0:240");        /* nothing to move */
    add(bench, 2, "2M", "TG", "1:250");        /* no C: lost */
    add(bench, 3, "1M", "G", "0:250");         /* no base before: lost */
    add(bench, 2, "2M", "CA", "0:9 1:250");    /* no G: stays */
    add(bench, 2, "1M1I1M", "CTG", "2:251");   /* an insertion at the C: lost */
    add(bench, 9, "3M", "TGG", "1:210 2:220"); /* neither T nor G is C */
    count_and_move(bench);
    expect_levels(bench, 2, "C:200* C:100 C:240* T:0 C:9 CT:0");
    expect_levels(bench, 3, "G:0 G:0 G:0 G:0 G:0 A:250* G:0");
    expect_levels(bench, 9, "T:0");
    expect_levels(bench, 10, "G:210*");
    expect_levels(bench, 11, "G:220*");
}

static void any_cytosine_before_will_do(void **state)
{
    struct bench *bench = *state;
    add(bench, 9, "2M", "CG", "1:210");
    add(bench, 9, "2M", "TG", "1:220");
    count_and_move(bench);
    expect_levels(bench, 9, "C:210* T:0");
    expect_levels(bench, 10, "G:0 G:0");
}

static void reads_with_one_key_meet(void **state)
{
    struct bench *bench = *state;
    bench->hand.options.keys_are_unique = false;
    add(bench, 2, "1M", "C", "0:50")->key = 7;
    add(bench, 3, "1M", "G", "0:60")->key = 7;
    add(bench, 3, "1M", "G", "0:70")->key = 8;
    count_and_move(bench);
    expect_levels(bench, 2, "C:60");
    expect_levels(bench, 3, "G:0 G:0");
}

static void expect_fields(const struct gn_candidate *candidate, int n, const double *mf,
                          const int32_t *md)
{
    assert_int_equal(candidate->variant->mf.n, n);
    assert_int_equal(candidate->variant->md.n, n);
    for (int i = 0; i < n; i++) {
        assert_true(candidate->variant->mf.v[i] == mf[i]);
        assert_int_equal(candidate->variant->md.v[i], md[i]);
    }
}

/* C to T at 2: 2 of 4 reads of the reference and 1 of 3 of the alternative; one more of either is of low quality. */
static void fractions_of_an_snv(void **state)
{
    struct bench *bench = *state;
    for (int i = 0; i < 5; i++) {
        struct gn_read *read = add(bench, 2, "1M", "C", i == 0 || i > 2 ? "0:200" : "0:100");
        hand_set_quality(read, 0, i == 4 ? 3 : HAND_QUALITY);
    }
    for (int i = 0; i < 4; i++) {
        struct gn_read *read = add(bench, 2, "1M", "T", i != 1 && i != 2 ? "0:200" : NULL);
        hand_set_quality(read, 0, i == 3 ? 3 : HAND_QUALITY);
    }
    assert_int_equal(find(bench), 1);
    assert_string_equal(bench->list.v[0].variant->alts.v[0], "T");
    expect_fields(&bench->list.v[0], 2, (const double[]){0.5, 1.0 / 3}, (const int32_t[]){2, 1});
}

/* Record CG > C, GG, CAG (in byte order C, CAG, GG); the fields come in the order GG, CAG, C. */
static void fractions_by_type_of_allele(void **state)
{
    struct bench *bench = *state;
    for (int i = 0; i < 4; i++) {
        add(bench, 2, "1M1D1M", "CT", NULL);
        add(bench, 2, "1M1I1M", "CAG", NULL);
        add(bench, 2, "2M", "GG", i == 0 ? "0:200" : NULL);
    }
    assert_int_equal(find(bench), 1);
    const struct gn_variant *variant = bench->list.v[0].variant;
    assert_string_equal(variant->ref, "CG");
    assert_string_equal(variant->alts.v[0], "C");
    assert_string_equal(variant->alts.v[1], "CAG");
    assert_string_equal(variant->alts.v[2], "GG");
    expect_fields(&bench->list.v[0], 4, (const double[]){0, 0.25, 0, 0},
                  (const int32_t[]){0, 1, 0, 0});
}

static void no_fields_without_a_methylated_read(void **state)
{
    struct bench *bench = *state;
    for (int i = 0; i < 3; i++) {
        add(bench, 2, "1M", "C", "0:127");
        add(bench, 2, "1M", "T", NULL);
    }
    add(bench, 2, "1M", "A", "0:255"); /* one read of an allele that is not called */
    assert_int_equal(find(bench), 1);
    assert_int_equal(bench->list.v[0].variant->alts.n, 1);
    expect_fields(&bench->list.v[0], 0, NULL, NULL);
}

/* A site with two of three reads methylated, one of them of low quality. */
static void reference_sites(void **state)
{
    struct bench *bench = *state;
    hand_set_quality(add(bench, 2, "1M", "C", "0:200"), 0, 3);
    add(bench, 2, "1M", "C", "0:200");
    add(bench, 2, "1M", "C", NULL);
    add(bench, 5, "1M", "C", NULL);
    assert_int_equal(find(bench), 1);
    const struct gn_variant *variant = bench->list.v[0].variant;
    assert_true(gn_is_reference_site(variant));
    assert_string_equal(variant->ref, "C");
    assert_int_equal(variant->start0, START0 + 2);
    assert_int_equal(variant->end0, START0 + 3);
    assert_int_equal(variant->dp.v[0], 2);
    assert_int_equal(variant->ad.n, 0);
    assert_int_equal(variant->vaf.n, 0);
    expect_fields(&bench->list.v[0], 1, (const double[]){0.5}, (const int32_t[]){1});
    for (uint32_t i = 0; i < bench->list.v[0].n_alleles; i++)
        assert_int_equal(bench->list.v[0].supports[i], GN_SUPPORTS_REFERENCE);
}

/* A methylated read of another allele makes a site of the reference, when some read shows that. */
static void another_allele_is_methylated(void **state)
{
    struct bench *bench = *state;
    add(bench, 2, "1M", "T", "0:200");
    assert_int_equal(find(bench), 0);
    add(bench, 2, "1M", "C", NULL);
    for (int i = 0; i < 8; i++)
        add(bench, 2, "1M", "C", NULL);
    assert_int_equal(find(bench), 1);
    assert_true(gn_is_reference_site(bench->list.v[0].variant));
    assert_int_equal(bench->list.v[0].supports[0], GN_SUPPORTS_UNCALLED);
    expect_fields(&bench->list.v[0], 0, NULL, NULL);
}

static void excluded_contigs_are_letters(void **state)
{
    struct bench *bench = *state;
    const struct gn_methylation_options *options = &bench->options.methylation;
    assert_false(gn_methylation_excludes(options, "chrX"));
    assert_false(gn_methylation_excludes(options, "chrY"));
    assert_true(gn_methylation_excludes(options, "X"));
    assert_true(gn_methylation_excludes(options, "Y"));
    assert_true(gn_methylation_excludes(options, "c"));
    assert_false(gn_methylation_excludes(options, "1"));
    assert_false(gn_methylation_excludes(options, ""));
    bench->options.methylation.exclude_contigs_for_methylation_phasing = "";
    assert_false(gn_methylation_excludes(options, "X"));
}

static size_t find_on(struct bench *bench, const char *contig)
{
    gn_error_t err = {0};
    gn_candidates_clear(&bench->list);
    assert_int_equal(gn_find_candidates(bench->counter, contig, &bench->options, &bench->list,
                                        bench->hand.arena, &err),
                     GN_OK);
    return bench->list.n;
}

static void no_reference_sites_on_excluded_contigs(void **state)
{
    struct bench *bench = *state;
    add(bench, 2, "1M", "C", "0:200");
    count(bench);
    assert_int_equal(find_on(bench, "chrX"), 1);
    assert_int_equal(find_on(bench, "X"), 0);
}

/* Positions: the reference sites only for phasing, only where every read shows the reference, and before marks move. */
static void positions(void **state)
{
    struct bench *bench = *state;
    gn_error_t err = {0};
    int64_t *found;
    size_t n;
    add(bench, 2, "2M", "CG", "1:200");
    add(bench, 2, "2M", "CG", "0:200");
    add(bench, 5, "1M", "C", "0:200");
    add(bench, 5, "1M", "T", NULL);
    for (int i = 0; i < 9; i++)
        add(bench, 5, "1M", "C", NULL);
    count(bench);
    assert_int_equal(gn_find_candidate_positions(bench->counter, "chr1", &bench->options, &found,
                                                 &n, bench->hand.arena, &err),
                     GN_OK);
    assert_int_equal(n, 0);
    bench->options.methylation.enable_methylation_aware_phasing = true;
    assert_int_equal(gn_find_candidate_positions(bench->counter, "chr1", &bench->options, &found,
                                                 &n, bench->hand.arena, &err),
                     GN_OK);
    assert_int_equal(n, 2);
    assert_int_equal(found[0], START0 + 2);
    assert_int_equal(found[1], START0 + 3);
}

static void reference_sites_apart(void **state)
{
    struct bench *bench = *state;
    struct gn_candidate_list sites;
    gn_error_t err = {0};
    add(bench, 2, "1M", "C", "0:200");
    add(bench, 5, "1M", "A", NULL);
    add(bench, 5, "1M", "A", NULL);
    add(bench, 14, "1M", "C", "0:200");
    assert_int_equal(find(bench), 3);
    assert_int_equal(
        gn_candidates_take_reference_sites(&bench->list, &sites, bench->hand.arena, &err), GN_OK);
    assert_int_equal(bench->list.n, 1);
    assert_int_equal(bench->list.v[0].variant->start0, START0 + 5);
    assert_int_equal(sites.n, 2);
    assert_int_equal(sites.v[0].variant->start0, START0 + 2);
    assert_int_equal(sites.v[1].variant->start0, START0 + 14);
    gn_candidates_select(&sites, GN_KIND_SNPS | GN_KIND_INDELS); /* they are of no kind */
    assert_int_equal(sites.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(alleles_do_not_grow),
        cmocka_unit_test_setup_teardown(levels_of_bases_in_a_match, setup, teardown),
        cmocka_unit_test_setup_teardown(the_threshold_is_excluded, setup, teardown),
        cmocka_unit_test_setup_teardown(guanines_give_to_cytosines, setup, teardown),
        cmocka_unit_test_setup_teardown(any_cytosine_before_will_do, setup, teardown),
        cmocka_unit_test_setup_teardown(reads_with_one_key_meet, setup, teardown),
        cmocka_unit_test_setup_teardown(fractions_of_an_snv, setup, teardown),
        cmocka_unit_test_setup_teardown(fractions_by_type_of_allele, setup, teardown),
        cmocka_unit_test_setup_teardown(no_fields_without_a_methylated_read, setup, teardown),
        cmocka_unit_test_setup_teardown(reference_sites, setup, teardown),
        cmocka_unit_test_setup_teardown(another_allele_is_methylated, setup, teardown),
        cmocka_unit_test_setup_teardown(excluded_contigs_are_letters, setup, teardown),
        cmocka_unit_test_setup_teardown(no_reference_sites_on_excluded_contigs, setup, teardown),
        cmocka_unit_test_setup_teardown(positions, setup, teardown),
        cmocka_unit_test_setup_teardown(reference_sites_apart, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

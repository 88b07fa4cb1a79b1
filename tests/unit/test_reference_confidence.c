/* SPDX-License-Identifier: MIT
 *
 * test_reference_confidence.c - gVCF records of hand-made counts (spec 50).
 *
 * The likelihoods of 45 reference reads are those of the first record of DeepVariant's golden
 * file (spec 80 section 5); the
 * others were worked out with Python's math module.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "candidates/reference_confidence.h"

enum { START0 = 500, SITES = 8, MAX_ALTS = 512 };

/* Sites without reads until set. */
struct bench {
    struct gn_allele_counter counter;
    struct gn_counted_position positions[SITES];
    struct gn_allele alleles[MAX_ALTS];
    struct gn_reference_options options;
    struct gn_block_list list;
    gn_arena_t *arena;
};

static int setup(void **state)
{
    static struct bench bench;
    bench = (struct bench){.options = gn_reference_options_default()};
    bench.counter = (struct gn_allele_counter){.contig = 3,
                                               .start0 = START0,
                                               .end0 = START0 + SITES,
                                               .positions = bench.positions,
                                               .alleles = bench.alleles};
    for (int i = 0; i < SITES; i++)
        bench.positions[i].ref_base = "ACGT"[i % 4];
    bench.options.sample = "NA1";
    bench.arena = gn_arena_create((size_t)1 << 20);
    *state = &bench;
    return bench.arena == NULL;
}

static int teardown(void **state)
{
    struct bench *bench = *state;
    gn_blocks_clear(&bench->list);
    gn_arena_destroy(bench->arena);
    return 0;
}

/* n reads of which n_ref show the reference; sites in ascending order, each once. */
static void set(struct bench *bench, int index, int n_ref, int n)
{
    struct gn_counted_position *position = &bench->positions[index];
    position->ref_count = n_ref;
    position->first = (uint32_t)bench->counter.n_alleles;
    position->n = (uint32_t)(n - n_ref);
    for (int i = n_ref; i < n; i++)
        bench->alleles[bench->counter.n_alleles++] =
            (struct gn_allele){.bases = "N", .length = 1, .type = GN_ALLELE_SOFT_CLIP};
}

static int write_sites(struct bench *bench, int n_sites)
{
    gn_error_t err = {0};
    gn_blocks_clear(&bench->list);
    return gn_reference_blocks(&bench->counter, "chr4", START0, START0 + n_sites, &bench->options,
                               &bench->list, bench->arena, &err);
}

/* The records as "first-last:base:GT:GQ:MIN_DP", numbered from the first site, ends inclusive. */
static void expect_records(struct bench *bench, int n_sites, const char *expected)
{
    assert_int_equal(write_sites(bench, n_sites), GN_OK);
    char text[512] = "";
    for (size_t i = 0; i < bench->list.n; i++) {
        const struct gn_variant *v = bench->list.v[i];
        sprintf(text + strlen(text), "%s%d-%d:%s:%d/%d:%d:%d", i == 0 ? "" : " ",
                (int)(v->start0 - START0), (int)(v->end0 - START0) - 1, v->ref, v->genotype.v[0],
                v->genotype.v[1], v->gq.v[0], v->min_dp.v[0]);
    }
    assert_string_equal(text, expected);
}

static void expect_likelihoods(const struct bench *bench, size_t record, double gl0, double gl1,
                               double gl2)
{
    const double expected[3] = {gl0, gl1, gl2};
    const struct gn_variant *variant = bench->list.v[record];
    assert_int_equal(variant->gl.n, 3);
    for (int i = 0; i < 3; i++)
        assert_true(fabs(variant->gl.v[i] - expected[i]) <= 1e-13 * fmax(1, fabs(expected[i])));
}

static void a_block_is_the_one_of_the_golden_file(void **state)
{
    struct bench *bench = *state;
    set(bench, 0, 45, 45);
    set(bench, 1, 46, 46);
    bench->positions[0].ref_base = 'T';
    expect_records(bench, 2, "0-1:T:0/0:50:45");
    const struct gn_variant *variant = bench->list.v[0];
    assert_true(variant->gl.v[0] == -1.2923689896027213e-14);
    assert_true(variant->gl.v[1] == -13.526796774119184);
    assert_true(variant->gl.v[2] == -134.9804460409854);
    assert_string_equal(variant->contig, "chr4");
    assert_string_equal(variant->sample, "NA1");
    assert_int_equal(variant->alts.n, 1);
    assert_string_equal(variant->alts.v[0], "<*>");
    assert_int_equal(variant->med_dp.n, 0);
    assert_int_equal(variant->dp.n, 0);
    assert_int_equal(variant->filters.n, 0);
}

static void likelihoods_of_few_reads(void **state)
{
    struct bench *bench = *state;
    set(bench, 0, 10, 10);
    expect_records(bench, 1, "0-0:A:0/0:30:10");
    expect_likelihoods(bench, 0, -0.0004281691477276998, -3.0063830078408773, -29.99608284492226);
    bench->positions[0].ref_count = 0;
    expect_records(bench, 1, "0-0:A:0/0:1:0");
    expect_likelihoods(bench, 0, -0.4771212547196624, -0.4771212547196624, -0.4771212547196624);
}

static void sites_of_one_quality_bin_join(void **state)
{
    struct bench *bench = *state;
    /* GQ 1 | 6 9 | 12 15 | 18 | 21 24 */
    static const int depth[SITES] = {0, 2, 3, 4, 5, 6, 7, 8};
    for (int i = 0; i < SITES; i++)
        set(bench, i, depth[i], depth[i]);
    expect_records(bench, SITES,
                   "0-0:A:0/0:1:0 1-2:C:0/0:6:2 3-4:T:0/0:12:4 5-5:C:0/0:18:6 6-7:G:0/0:21:7");
    bench->options.gvcf_gq_binsize = 1;
    assert_int_equal(write_sites(bench, SITES), GN_OK);
    assert_int_equal(bench->list.n, SITES);
    bench->options.gvcf_gq_binsize = 50;
    expect_records(bench, SITES, "0-7:A:0/0:1:0");
}

static void a_block_shows_the_first_of_its_worst_sites(void **state)
{
    struct bench *bench = *state;
    bench->options.gvcf_gq_binsize = 50;
    set(bench, 0, 12, 12); /* GQ 36 */
    set(bench, 1, 10, 10); /* 30 */
    set(bench, 2, 19, 20); /* 30 too, and deeper */
    set(bench, 3, 11, 11); /* 33 */
    expect_records(bench, 4, "0-3:A:0/0:30:10");
    expect_likelihoods(bench, 0, -0.0004281691477276998, -3.0063830078408773, -29.99608284492226);
}

static void quality_is_capped(void **state)
{
    struct bench *bench = *state;
    set(bench, 0, 16, 16);
    set(bench, 1, 17, 17);
    set(bench, 2, 100, 100);
    expect_records(bench, 3, "0-2:A:0/0:48:16");
    bench->options.gvcf_gq_binsize = 1;
    expect_records(bench, 3, "0-0:A:0/0:48:16 1-2:C:0/0:50:17");
}

static void deep_sites_are_scaled_to_100_reads(void **state)
{
    struct bench *bench = *state;
    set(bench, 0, 195, 200); /* 97.5 % round up to 98 of 100 */
    expect_records(bench, 1, "0-0:A:0/0:50:200");
    expect_likelihoods(bench, 0, 0, -24.06041745177659, -287.95828488743547);
}

static void sites_that_favour_a_variant_stand_alone(void **state)
{
    struct bench *bench = *state;
    set(bench, 0, 8, 10);
    set(bench, 1, 8, 10);
    set(bench, 2, 10, 20);
    set(bench, 3, 9, 10); /* the reference is still the best */
    expect_records(bench, 4, "0-0:A:-1/-1:0:10 1-1:C:-1/-1:0:10 2-2:G:-1/-1:0:20 3-3:T:0/0:3:10");
    expect_likelihoods(bench, 0, -2.9936170448119284, -0.00044094835017149947, -20.991009850276644);
    expect_likelihoods(bench, 2, -23.983744998388232, 0, -23.983744998388232);
    expect_likelihoods(bench, 3, -0.2978470601101013, -0.3042364312257977, -24.294370800729727);
}

static void haploid_contigs_know_no_heterozygotes(void **state)
{
    struct bench *bench = *state;
    bench->options.contig_is_haploid = true;
    set(bench, 0, 10, 10);
    expect_records(bench, 1, "0-0:A:0/0:50:10");
    expect_likelihoods(bench, 0, 0, -998.9956548820534, -29.99565467577453);
    bench->positions[0].ref_count = 0;
    expect_records(bench, 1, "0-0:A:0/0:3:0");
    expect_likelihoods(bench, 0, -0.30102999566398125, -998.301029995664, -0.30102999566398125);
}

static void pseudoautosomal_regions_are_diploid(void **state)
{
    struct bench *bench = *state;
    struct gn_range spans[] = {{2, 0, 10000}, {3, START0 + 1, START0 + 3}};
    struct gn_ranges par = {spans, 2, 2};
    bench->options.contig_is_haploid = true;
    bench->options.par_regions = &par;
    for (int i = 0; i < 4; i++)
        set(bench, i, 10, 10);
    expect_records(bench, 4, "0-0:A:0/0:50:10 1-2:C:0/0:30:10 3-3:T:0/0:50:10");
    bench->options.contig_is_haploid = false;
    expect_records(bench, 4, "0-3:A:0/0:30:10");
}

static void iupac_letters_are_left_out_and_break_blocks(void **state)
{
    struct bench *bench = *state;
    for (int i = 0; i < SITES; i++)
        set(bench, i, 20, 20);
    bench->positions[0].ref_base = 'N';
    bench->positions[3].ref_base = 'R';
    bench->positions[4].ref_base = 'M';
    expect_records(bench, SITES, "1-2:C:0/0:50:20 5-7:C:0/0:50:20");
    for (const char *letter = "RYSWKMBDHVN"; *letter != '\0'; letter++) {
        bench->positions[0].ref_base = *letter;
        assert_int_equal(write_sites(bench, SITES), GN_OK);
        assert_int_equal(bench->list.n, 2);
    }
    bench->positions[0].ref_base = 'J';
    assert_int_equal(write_sites(bench, SITES), GN_E_DATA);
}

static void median_depth_is_written_when_wanted(void **state)
{
    struct bench *bench = *state;
    static const int depth[] = {40, 30, 25, 20};
    bench->options.include_med_dp = true;
    for (int i = 0; i < 4; i++)
        set(bench, i, depth[i], depth[i]);
    expect_records(bench, 3, "0-2:A:0/0:50:25");
    assert_int_equal(bench->list.v[0]->med_dp.v[0], 30);
    expect_records(bench, 4, "0-3:A:0/0:50:20");
    assert_int_equal(bench->list.v[0]->med_dp.v[0], 27); /* (25 + 30) / 2, truncated */
}

static void only_the_wanted_sites_are_written_and_records_are_added(void **state)
{
    struct bench *bench = *state;
    gn_error_t err = {0};
    for (int i = 0; i < SITES; i++)
        set(bench, i, 20, 20);
    for (int i = 2; i < 6; i += 2) /* partitions that touch do not join */
        assert_int_equal(gn_reference_blocks(&bench->counter, "chr4", START0 + i, START0 + i + 2,
                                             &bench->options, &bench->list, bench->arena, &err),
                         GN_OK);
    assert_int_equal(bench->list.n, 2);
    assert_int_equal(bench->list.v[0]->start0, START0 + 2);
    assert_int_equal(bench->list.v[0]->end0, START0 + 4);
    assert_string_equal(bench->list.v[1]->ref, "A");
    assert_int_equal(bench->list.v[1]->end0, START0 + 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_block_is_the_one_of_the_golden_file, setup, teardown),
        cmocka_unit_test_setup_teardown(likelihoods_of_few_reads, setup, teardown),
        cmocka_unit_test_setup_teardown(sites_of_one_quality_bin_join, setup, teardown),
        cmocka_unit_test_setup_teardown(a_block_shows_the_first_of_its_worst_sites, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(quality_is_capped, setup, teardown),
        cmocka_unit_test_setup_teardown(deep_sites_are_scaled_to_100_reads, setup, teardown),
        cmocka_unit_test_setup_teardown(sites_that_favour_a_variant_stand_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(haploid_contigs_know_no_heterozygotes, setup, teardown),
        cmocka_unit_test_setup_teardown(pseudoautosomal_regions_are_diploid, setup, teardown),
        cmocka_unit_test_setup_teardown(iupac_letters_are_left_out_and_break_blocks, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(median_depth_is_written_when_wanted, setup, teardown),
        cmocka_unit_test_setup_teardown(only_the_wanted_sites_are_written_and_records_are_added,
                                        setup, teardown),
    };
    return cmocka_run_group_tests_name("reference_confidence", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT
 *
 * test_eval.c - matching of variants by haplotype: every case is a pair of VCF bodies on one
 * small contig and the counts that follow from writing out both haplotypes by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <htslib/faidx.h>

#include "label/eval.h"

/*                                 1         2         3         4         5         6
                          123456789012345678901234567890123456789012345678901234567890123 */
static const char CONTIG[] = "GATGGATTTTTGAGTGACACACACAGGATTGACGGTCAAGTCCGTAACTGGATCCGTTAGCAAT";
static const char HEADER[] = "##fileformat=VCFv4.2\n##contig=<ID=c,length=64>\n"
                             "##FILTER=<ID=low,Description=\"x\">\n"
                             "##FORMAT=<ID=GT,Number=1,Type=String,Description=\"x\">\n"
                             "##FORMAT=<ID=GQ,Number=1,Type=Integer,Description=\"x\">\n"
                             "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS\n";

struct folder {
    char path[64], ref[96], truth[96], calls[96], bed[96];
};

static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* Records "POS REF ALT GT[:GQ] [FILTER]", separated by ';'. */
static void write_vcf(const char *path, const char *records)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(HEADER, file);
    for (const char *at = records; *at != '\0';) {
        int pos1, used = 0;
        char ref[64], alt[64], gt[16], filter[16] = ".";
        int n = sscanf(at, "%d %63s %63s %15[^; ]%n %15[^; ]%n", &pos1, ref, alt, gt, &used, filter,
                       &used);
        assert_true(n >= 4);
        fprintf(file, "c\t%d\t.\t%s\t%s\t50\t%s\t.\tGT:GQ\t%s\n", pos1, ref, alt, filter, gt);
        at += used;
        at += strspn(at, "; ");
    }
    assert_int_equal(fclose(file), 0);
}

static int setup(void **state)
{
    static struct folder folder;
    snprintf(folder.path, sizeof folder.path, "/tmp/gannet-test-eval-XXXXXX");
    if (mkdtemp(folder.path) == NULL)
        return -1;
    snprintf(folder.ref, sizeof folder.ref, "%s/ref.fa", folder.path);
    snprintf(folder.truth, sizeof folder.truth, "%s/truth.vcf", folder.path);
    snprintf(folder.calls, sizeof folder.calls, "%s/calls.vcf", folder.path);
    snprintf(folder.bed, sizeof folder.bed, "%s/confident.bed", folder.path);
    char text[256];
    snprintf(text, sizeof text, ">c\n%s\n", CONTIG);
    write_text(folder.ref, text);
    *state = &folder;
    return fai_build(folder.ref);
}

static int teardown(void **state)
{
    struct folder *folder = *state;
    char fai[112];
    snprintf(fai, sizeof fai, "%s.fai", folder->ref);
    unlink(fai);
    unlink(folder->ref);
    unlink(folder->truth);
    unlink(folder->calls);
    unlink(folder->bed);
    return rmdir(folder->path);
}

static struct gn_eval_result evaluate(struct folder *folder, const char *truth, const char *calls,
                                      const char *bed)
{
    struct gn_eval_options options = {
        .truth = folder->truth, .calls = folder->calls, .reference = folder->ref};
    struct gn_eval_result result;
    gn_error_t err = {0};
    write_vcf(folder->truth, truth);
    write_vcf(folder->calls, calls);
    if (bed != NULL) {
        write_text(folder->bed, bed);
        options.confident = folder->bed;
    }
    int code = gn_eval(&options, &result, &err);
    assert_string_equal(err.message, "");
    assert_int_equal(code, GN_OK);
    free(result.roc);
    result.roc = NULL;
    return result;
}

static void assert_counts(const struct gn_eval_counts *c, int tp, int fn, int calls_tp, int fp)
{
    assert_int_equal(c->truth_matched, tp);
    assert_int_equal(c->truth_missed, fn);
    assert_int_equal(c->calls_matched, calls_tp);
    assert_int_equal(c->calls_wrong, fp);
}

static void test_same_spelling(void **state)
{
    struct gn_eval_result r =
        evaluate(*state, "3 T C 0/1; 12 G GA 1/1", "3 T C 1|0; 12 G GA 1/1", NULL);
    assert_counts(&r.genotype[GN_EVAL_SNV], 1, 0, 1, 0);
    assert_counts(&r.genotype[GN_EVAL_INDEL], 1, 0, 1, 0);
    assert_counts(&r.genotype[GN_EVAL_ALL], 2, 0, 2, 0);
}

static void test_deletion_placed_elsewhere_in_repeat(void **state)
{
    struct gn_eval_result r =
        evaluate(*state, "6 AT A 0/1; 16 GAC G 1/1", "10 TT T 0/1; 23 ACA A 1/1", NULL);
    assert_counts(&r.genotype[GN_EVAL_INDEL], 2, 0, 2, 0);
}

static void test_substitution_of_several_bases(void **state)
{
    /* ACG>TCT is A>T and G>T; both alleles on one haplotype or, unphased, any */
    struct gn_eval_result r = evaluate(*state, "32 A T 0/1; 34 G T 0/1", "32 ACG TCT 0/1", NULL);
    assert_counts(&r.genotype[GN_EVAL_SNV], 2, 0, 2, 0);
}

static void test_complex_against_snv_and_deletion(void **state)
{
    /* GTTAG: T57 to C and deletion of A59 make GCTG */
    struct gn_eval_result r = evaluate(*state, "57 T C 0/1; 58 TA T 0/1", "56 GTTA GCT 0/1", NULL);
    assert_counts(&r.genotype[GN_EVAL_ALL], 2, 0, 1, 0);
}

static void test_multiallelic_against_split(void **state)
{
    struct gn_eval_result r =
        evaluate(*state, "16 GACAC GAC,G 1/2", "16 GAC G 0/1; 16 GACAC G 0/1", NULL);
    assert_counts(&r.genotype[GN_EVAL_INDEL], 1, 0, 2, 0);
    r = evaluate(*state, "3 T C,G 1/2", "3 T C 0/1; 3 T G 0/1", NULL);
    assert_counts(&r.genotype[GN_EVAL_SNV], 1, 0, 2, 0);
}

static void test_genotype_error_counts_on_both_sides(void **state)
{
    struct gn_eval_result r =
        evaluate(*state, "3 T C 0/1; 34 G T 1/1", "3 T C 1/1; 34 G T 1/1", NULL);
    assert_counts(&r.genotype[GN_EVAL_SNV], 1, 1, 1, 1);
    assert_counts(&r.allele[GN_EVAL_SNV], 2, 0, 2, 0);
}

static void test_genotype_error_in_other_spelling(void **state)
{
    struct gn_eval_result r = evaluate(*state, "6 AT A 0/1", "10 TT T 1/1", NULL);
    assert_counts(&r.genotype[GN_EVAL_INDEL], 0, 1, 0, 1);
    assert_counts(&r.allele[GN_EVAL_INDEL], 1, 0, 1, 0);
}

static void test_wrong_allele_beside_right_one(void **state)
{
    struct gn_eval_result r =
        evaluate(*state, "3 T C 0/1; 5 G A 0/1", "3 T C 0/1; 5 G T 0/1", NULL);
    assert_counts(&r.genotype[GN_EVAL_SNV], 1, 1, 1, 1);
    assert_counts(&r.allele[GN_EVAL_SNV], 1, 1, 1, 1);
}

static void test_no_calls_and_reference_calls(void **state)
{
    struct gn_eval_result r =
        evaluate(*state, "3 T C 0/1", "3 T C 0/0; 5 G A ./.; 12 G GA 0/1 low", NULL);
    assert_counts(&r.genotype[GN_EVAL_ALL], 0, 1, 0, 0);
    assert_true(gn_eval_precision(&r.genotype[GN_EVAL_ALL]) == 1.0);
    assert_true(gn_eval_recall(&r.genotype[GN_EVAL_ALL]) == 0.0);
    assert_true(gn_eval_f1(&r.genotype[GN_EVAL_ALL]) == 0.0);
}

static void test_calls_that_undo_each_other(void **state)
{
    /* a T more and a T less of one run spell the reference: two false positives */
    struct gn_eval_result r = evaluate(*state, "34 G T 0/1", "6 A AT 1/1; 9 TT T 1/1", NULL);
    assert_counts(&r.genotype[GN_EVAL_ALL], 0, 1, 0, 2);
}

static void test_outside_confident_places(void **state)
{
    /* BED covers positions 1-20: the second truth and the third call do not count */
    struct gn_eval_result r =
        evaluate(*state, "3 T C 0/1; 34 G T 0/1", "3 T C 0/1; 5 G A 0/1; 42 C A 0/1", "c\t0\t20\n");
    assert_counts(&r.genotype[GN_EVAL_SNV], 1, 0, 1, 1);
    /* a call outside may still explain a truth inside */
    r = evaluate(*state, "6 AT A 0/1", "10 TT T 0/1", "c\t0\t8\n");
    assert_counts(&r.genotype[GN_EVAL_INDEL], 1, 0, 0, 0);
}

static void test_symbolic_and_spanning_alleles(void **state)
{
    struct gn_eval_result r =
        evaluate(*state, "16 GAC G 0/1", "16 GAC G,<*> 0/1; 18 C *,A 0/1; 40 G <DEL> 0/1", NULL);
    assert_counts(&r.genotype[GN_EVAL_ALL], 1, 0, 1, 0);
}

static void test_dense_neighbourhood(void **state)
{
    /* 16 heterozygous sites have 3^16 spellings a side */
    static const char body[] = "1 G A 0/1; 2 A C 0/1; 3 T A 0/1; 4 G A 0/1; 5 G A 0/1; 12 G A 0/1; "
                               "13 A C 0/1; 14 G A 0/1; "
                               "15 T A 0/1; 26 G A 0/1; 27 G A 0/1; 28 A C 0/1; 29 T A 0/1; 30 T A "
                               "0/1; 31 G A 0/1; 32 A C 0/1";
    struct gn_eval_result r = evaluate(*state, body, body, NULL);
    assert_counts(&r.genotype[GN_EVAL_ALL], 16, 0, 16, 0);
    char calls[512];
    snprintf(calls, sizeof calls, "%s; 33 C A 0/1", strchr(body, ';') + 2);
    r = evaluate(*state, body, calls, NULL);
    assert_counts(&r.genotype[GN_EVAL_ALL], 15, 1, 15, 1);
}

static void test_spanning_deletion(void **state)
{
    /* a deletion on one haplotype, on the other a substitution within it: as two records, with the allele '*', as one */
    static const char apart[] = "16 GAC G 0/1; 17 A T 0/1";
    struct gn_eval_result r = evaluate(*state, apart, "16 GAC G 0/1; 17 A T,* 1/2", NULL);
    assert_counts(&r.genotype[GN_EVAL_ALL], 2, 0, 2, 0);
    r = evaluate(*state, apart, "16 GAC G,GTC 1/2", NULL);
    assert_counts(&r.genotype[GN_EVAL_ALL], 2, 0, 1, 0);
    r = evaluate(*state, apart, "16 GAC G 0/1", NULL);
    assert_counts(&r.genotype[GN_EVAL_INDEL], 1, 0, 1, 0);
    assert_counts(&r.genotype[GN_EVAL_SNV], 0, 1, 0, 0);
}

static void test_records_that_no_haplotype_can_hold(void **state)
{
    /* a homozygous deletion and a homozygous substitution within it: contradictory, but equal on both sides */
    static const char body[] = "16 GAC G 1/1; 17 A T 1/1";
    struct gn_eval_result r = evaluate(*state, body, body, NULL);
    assert_counts(&r.genotype[GN_EVAL_ALL], 2, 0, 2, 0);
    /* one variant called twice */
    r = evaluate(*state, "34 G T 0/1", "34 G T 0/1; 34 G T 0/1", NULL);
    assert_counts(&r.genotype[GN_EVAL_SNV], 1, 0, 1, 1);
    /* and homozygous as two heterozygous records: each haplotype has it */
    r = evaluate(*state, "34 G T 1/1", "34 G T 0/1; 34 G T 0/1", NULL);
    assert_counts(&r.genotype[GN_EVAL_SNV], 1, 0, 2, 0);
}

static void test_phases_are_free(void **state)
{
    static const char truth[] = "3 T C 0|1; 5 G A 1|0; 8 T C 0|1";
    static const char *const calls[] = {"3 T C 0/1; 5 G A 0/1; 8 T C 0/1",
                                        "3 T C 1|0; 5 G A 0/1; 8 T C 1|0",
                                        "3 T C 0|1; 5 G A 0|1; 8 T C 0|1"};
    for (int i = 0; i < 3; i++) {
        struct gn_eval_result r = evaluate(*state, truth, calls[i], NULL);
        assert_counts(&r.genotype[GN_EVAL_SNV], 3, 0, 3, 0);
    }
}

static void test_half_and_haploid_calls(void **state)
{
    static const struct {
        const char *truth, *call;
        int tp;
    } cases[] = {{"0/1", "./1", 1}, {"0/1", "1/.", 1}, {"1/1", "./1", 0}, {"1/1", "1", 1},
                 {"1", "1", 1},     {"1", "1/1", 1},   {"0/1", "1", 0},   {"./1", "0/1", 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char truth[32], call[32];
        snprintf(truth, sizeof truth, "34 G T %s", cases[i].truth);
        snprintf(call, sizeof call, "34 G T %s", cases[i].call);
        struct gn_eval_result r = evaluate(*state, truth, call, NULL);
        assert_counts(&r.genotype[GN_EVAL_SNV], cases[i].tp, 1 - cases[i].tp, cases[i].tp,
                      1 - cases[i].tp);
        assert_counts(&r.allele[GN_EVAL_SNV], 1, 0, 1, 0);
    }
    struct gn_eval_result r = evaluate(*state, "34 G T 0/1", "34 G T .", NULL);
    assert_counts(&r.genotype[GN_EVAL_SNV], 0, 1, 0, 0);
}

static void test_false_neighbours_spoil_nothing(void **state)
{
    /* respelled indels between false calls and missed truth */
    struct gn_eval_result r =
        evaluate(*state, "3 T C 0/1; 6 AT A 0/1; 16 GAC G 1/1; 32 A T 0/1",
                 "5 G A 0/1; 10 TT T 0/1; 13 A C 0/1; 23 ACA A 1/1; 27 G C 1/1; 32 A T 0/1", NULL);
    assert_counts(&r.genotype[GN_EVAL_INDEL], 2, 0, 2, 0);
    assert_counts(&r.genotype[GN_EVAL_SNV], 1, 1, 1, 3);
    /* a false insertion of one more T within the run whose deletion is right */
    r = evaluate(*state, "6 AT A 1/1; 34 G T 0/1", "10 TT T 1/1; 34 GG G 0/1", NULL);
    assert_counts(&r.genotype[GN_EVAL_INDEL], 1, 0, 1, 1);
    assert_counts(&r.genotype[GN_EVAL_SNV], 0, 1, 0, 0);
    /* calls that undo each other beside a right one */
    r = evaluate(*state, "34 G T 0/1", "6 A AT 1/1; 9 TT T 1/1; 34 G T 0/1", NULL);
    assert_counts(&r.genotype[GN_EVAL_ALL], 1, 0, 1, 2);
}

static void test_other_spelling_in_dense_neighbourhood(void **state)
{
    /* one deletion of the repeat moved to its other end, among 16 substitutions */
    static const char before[] =
        "1 G A 0/1; 2 A C 0/1; 3 T A 0/1; 4 G A 0/1; 5 G A 0/1; 12 G A 0/1; "
        "13 A C 0/1; 14 G A 0/1; ";
    static const char after[] =
        "28 A C 0/1; 29 T A 0/1; 30 T A 0/1; 31 G A 0/1; 32 A C 0/1; 33 C A "
        "0/1; 34 G C 0/1; 35 G A 0/1";
    char truth[600], calls[600];
    snprintf(truth, sizeof truth, "%s16 GAC G 1/1; %s", before, after);
    snprintf(calls, sizeof calls, "%s23 ACA A 1/1; %s", before, after);
    struct gn_eval_result r = evaluate(*state, truth, calls, NULL);
    assert_counts(&r.genotype[GN_EVAL_ALL], 17, 0, 17, 0);
    assert_int_equal(r.cut_short, 0);
}

static void test_edges_of_regions(void **state)
{
    /* what counts is where a variant stands in the VCF: BED c:5-20 is positions 6 to 20 */
    struct gn_eval_result r = evaluate(*state, "5 G A 0/1; 6 A C 0/1; 20 C A 0/1; 21 A C 0/1",
                                       "6 A C 0/1; 21 A C 0/1", "c\t5\t20\n");
    assert_counts(&r.genotype[GN_EVAL_SNV], 1, 1, 1, 0);
    /* a deletion that begins inside and ends outside, and one that begins before */
    r = evaluate(*state, "16 GAC G 0/1", "16 GAC G 0/1", "c\t0\t16\n");
    assert_counts(&r.genotype[GN_EVAL_INDEL], 1, 0, 1, 0);
    r = evaluate(*state, "16 GAC G 0/1", "16 GAC G 0/1", "c\t16\t30\n");
    assert_counts(&r.genotype[GN_EVAL_ALL], 0, 0, 0, 0);
    /* the ends of the contig */
    r = evaluate(*state, "1 G A 0/1; 64 T C 1/1", "1 G A 0/1; 64 T C 1/1", NULL);
    assert_counts(&r.genotype[GN_EVAL_SNV], 2, 0, 2, 0);
    r = evaluate(*state, "1 G GA 0/1; 64 T TA 1/1", "1 G GA 0/1; 64 T TA 1/1", NULL);
    assert_counts(&r.genotype[GN_EVAL_INDEL], 2, 0, 2, 0);
}

static void test_strata(void **state)
{
    struct gn_eval_result r =
        evaluate(*state, "3 T C 0/1; 6 AT A 0/1; 16 G GACACACAC 0/1; 32 ACG TCT 0/1; 57 TTA CT 0/1",
                 "3 T C 0/1; 34 G T 0/1", NULL);
    assert_counts(&r.strata[GN_STRATUM_SNV][GN_EVAL_ALL], 1, 0, 2, 0);
    assert_counts(&r.strata[GN_STRATUM_MNV][GN_EVAL_ALL], 1, 1, 0, 0);
    assert_counts(&r.strata[GN_STRATUM_DELETION][GN_EVAL_INDEL], 0, 1, 0, 0);
    assert_counts(&r.strata[GN_STRATUM_INSERTION][GN_EVAL_INDEL], 0, 1, 0, 0);
    assert_counts(&r.strata[GN_STRATUM_COMPLEX][GN_EVAL_INDEL], 0, 1, 0, 0);
    assert_counts(&r.strata[GN_STRATUM_LENGTH_1][GN_EVAL_INDEL], 0, 1, 0, 0); /* the deletion */
    assert_counts(&r.strata[GN_STRATUM_LENGTH_2][GN_EVAL_INDEL], 0, 1, 0, 0); /* TTA */
    assert_counts(&r.strata[GN_STRATUM_LENGTH_6][GN_EVAL_INDEL], 0, 1, 0, 0); /* 8 bases */
    assert_counts(&r.strata[GN_STRATUM_RUN_4][GN_EVAL_INDEL], 0, 1, 0, 0);    /* TTTTT */
    assert_counts(&r.strata[GN_STRATUM_REPEAT][GN_EVAL_INDEL], 0, 1, 0, 0);   /* ACACACACA */
    assert_counts(&r.strata[GN_STRATUM_NO_REPEAT][GN_EVAL_SNV], 2, 1, 2, 0);
}

static void test_context(void **state)
{
    (void)state;
    static const char bases[] = "GATTTTTCACACACAGG"; /* TTTTT is 2-6, CACACACA 7-14 */
    const int n = sizeof bases - 1;
    assert_int_equal(gn_longest_run(bases, n, 0, 2), 1);
    assert_int_equal(gn_longest_run(bases, n, 1, 3), 5);
    assert_int_equal(gn_longest_run(bases, n, 6, 9), 5);
    assert_int_equal(gn_longest_run(bases, n, 7, 17), 2);
    assert_false(gn_touches_repeat(bases, n, 0, 7));
    assert_true(gn_touches_repeat(bases, n, 7, 8));
    assert_true(gn_touches_repeat(bases, n, 14, 15));
    assert_false(gn_touches_repeat(bases, n, 15, 17));
    assert_true(gn_touches_repeat("GATAGATAGATA", 12, 3, 4));
    assert_false(gn_touches_repeat("GATAGATAGAT", 11, 3, 4));
    assert_false(gn_touches_repeat("AAAAAAAAAAAAAAAA", 16, 3, 4));
}

static void test_genotype_quality_and_roc(void **state)
{
    struct folder *folder = *state;
    struct gn_eval_options options = {
        .truth = folder->truth, .calls = folder->calls, .reference = folder->ref};
    struct gn_eval_result r;
    gn_error_t err = {0};
    /* the multi-allelic truth is found by two calls: as sure as the less sure one */
    write_vcf(folder->truth, "3 T C 0/1; 16 GACAC GAC,G 1/2; 34 G T 0/1; 57 T C 0/1");
    write_vcf(folder->calls,
              "3 T C 0/1:40; 5 G A 0/1:12; 16 GAC G 0/1:30; 16 GACAC G 0/1:20; 34 G T 1/1:60; "
              "42 C T 0/1");
    assert_int_equal(gn_eval(&options, &r, &err), GN_OK);
    const struct gn_eval_gq_bin *bins = r.gq[GN_EVAL_ALL];
    assert_int_equal(bins[2].calls, 1); /* GQ 12 */
    assert_int_equal(bins[2].errors, 1);
    assert_int_equal(bins[4].calls, 1); /* 20 */
    assert_int_equal(bins[4].errors, 0);
    assert_float_equal(bins[4].expected, 0.01, 1e-12);
    assert_int_equal(bins[10].calls, 1); /* 60, its genotype wrong */
    assert_int_equal(bins[10].errors, 1);
    const int64_t expected[][5] = {/* threshold, TP, FP, FN, matched calls */
                                   {60, 0, 1, 4, 0}, {40, 1, 1, 3, 1}, {30, 1, 1, 3, 2},
                                   {20, 2, 1, 2, 3}, {12, 2, 2, 2, 3}, {-1, 2, 3, 2, 3}};
    assert_int_equal(r.n_roc, 6);
    for (size_t i = 0; i < r.n_roc; i++) {
        const struct gn_eval_counts *c = &r.roc[i].counts[GN_EVAL_ALL];
        assert_int_equal(r.roc[i].threshold, expected[i][0]);
        assert_counts(c, (int)expected[i][1], (int)expected[i][3], (int)expected[i][4],
                      (int)expected[i][2]);
    }
    gn_eval_result_clear(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_spelling),
        cmocka_unit_test(test_deletion_placed_elsewhere_in_repeat),
        cmocka_unit_test(test_substitution_of_several_bases),
        cmocka_unit_test(test_complex_against_snv_and_deletion),
        cmocka_unit_test(test_multiallelic_against_split),
        cmocka_unit_test(test_genotype_error_counts_on_both_sides),
        cmocka_unit_test(test_genotype_error_in_other_spelling),
        cmocka_unit_test(test_wrong_allele_beside_right_one),
        cmocka_unit_test(test_no_calls_and_reference_calls),
        cmocka_unit_test(test_calls_that_undo_each_other),
        cmocka_unit_test(test_outside_confident_places),
        cmocka_unit_test(test_symbolic_and_spanning_alleles),
        cmocka_unit_test(test_dense_neighbourhood),
        cmocka_unit_test(test_spanning_deletion),
        cmocka_unit_test(test_records_that_no_haplotype_can_hold),
        cmocka_unit_test(test_phases_are_free),
        cmocka_unit_test(test_half_and_haploid_calls),
        cmocka_unit_test(test_false_neighbours_spoil_nothing),
        cmocka_unit_test(test_other_spelling_in_dense_neighbourhood),
        cmocka_unit_test(test_edges_of_regions),
        cmocka_unit_test(test_strata),
        cmocka_unit_test(test_context),
        cmocka_unit_test(test_genotype_quality_and_roc),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}

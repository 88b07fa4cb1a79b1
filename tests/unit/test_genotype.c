/* SPDX-License-Identifier: MIT
 *
 * test_genotype.c - scores, multi-allelic merge, haploid contigs, phase, methylation and filters.
 * Expected numbers are worked out by hand or stated in spec 110.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "genotype/genotyper.h"
#include "genotype/scores.h"

struct triple {
    double p[3];
};

static struct gn_contigs contigs;

static int add_contigs(void **state)
{
    (void)state;
    return gn_contigs_add(&contigs, "chr1", 1000000, NULL) < 0 ||
           gn_contigs_add(&contigs, "chrX", 1000000, NULL) < 0;
}

static int clear_contigs(void **state)
{
    (void)state;
    gn_contigs_clear(&contigs);
    return 0;
}

static struct gn_variant *make_variant(const char *contig, const char *ref, const char *const *alts,
                                       int n_alts)
{
    struct gn_variant *v = gn_variant_create();
    int32_t ad[8] = {10, 11, 12, 13, 14}, dp[] = {77};
    double vaf[8] = {0.1, 0.2, 0.3, 0.4};
    gn_text_set(&v->contig, contig, NULL);
    gn_text_set(&v->ref, ref, NULL);
    gn_texts_set(&v->alts, alts, n_alts, NULL);
    v->start0 = 99;
    v->end0 = 99 + (int64_t)strlen(ref);
    v->has_call = true;
    gn_ints_set(&v->genotype, (const int32_t[]){-1, -1}, 2, NULL);
    gn_ints_set(&v->ad, ad, n_alts + 1, NULL);
    gn_ints_set(&v->md, ad, n_alts + 1, NULL);
    gn_ints_set(&v->dp, dp, 1, NULL);
    gn_doubles_set(&v->vaf, vaf, n_alts, NULL);
    return v;
}

/* The outputs of all images of a variant, in the order {0}, {0,1}, .., {1}, ..; takes a copy of the
   variant each. */
static int make_outputs(const struct gn_variant *v, const struct triple *triples,
                        struct gn_call_output **outputs)
{
    int n = 0;
    for (int i = 0; i < v->alts.n; i++)
        for (int j = i; j < v->alts.n; j++, n++) {
            outputs[n] = calloc(1, sizeof **outputs);
            outputs[n]->variant = gn_variant_copy(v);
            gn_ints_set(&outputs[n]->alt_indices, (const int32_t[]){i, j}, i == j ? 1 : 2, NULL);
            memcpy(outputs[n]->probabilities, triples[n].p, sizeof outputs[n]->probabilities);
        }
    return n;
}

static struct gn_variant *genotype(struct gn_variant *v, const struct triple *triples,
                                   const struct gn_genotype_options *options)
{
    gn_error_t err = {0};
    struct gn_call_output *outputs[16];
    int n = make_outputs(v, triples, outputs);
    struct gn_variant *called = gn_genotype_site(outputs, n, options, &contigs, &err);
    if (called == NULL)
        fail_msg("%s", err.message);
    for (int i = 0; i < n; i++)
        gn_call_output_free(outputs[i]);
    gn_variant_free(v);
    return called;
}

static void expect_genotype(const struct gn_variant *v, int a, int b, const char *filter)
{
    assert_int_equal(v->genotype.n, 2);
    assert_int_equal(v->genotype.v[0], a);
    assert_int_equal(v->genotype.v[1], b);
    assert_int_equal(v->filters.n, 1);
    assert_string_equal(v->filters.v[0], filter);
}

static void expect_near(double value, double expected)
{
    if (!(fabs(value - expected) <= 1e-12 * (1 + fabs(expected))))
        fail_msg("%.17g, expected %.17g", value, expected);
}

static void scores_of_a_certain_call(void **state)
{
    (void)state;
    struct gn_scores s = gn_scores_compute((const double[]){0, 1, 0}, 3);
    assert_int_equal(s.first, 0);
    assert_int_equal(s.second, 1);
    assert_int_equal(s.gq, 99);
    assert_true(s.quality == 99.0308995);
    expect_near(gn_log10_likelihood(0), log10(1.2500001034254637e-10));
    assert_true(gn_log10_likelihood(1) == 0);
}

static void scores_round_like_python(void **state)
{
    (void)state;
    struct gn_scores s =
        gn_scores_compute((const double[]){0.5, 0.5, 0}, 3); /* the first of equals */
    assert_int_equal(s.second, 0);
    assert_int_equal(s.gq, 3);
    assert_true(s.quality == 3.0103); /* 3.010299956.. to seven places */
    s = gn_scores_compute((const double[]){0.1, 0.1, 0.1, 0.1, 0.1, 0.5}, 6);
    assert_int_equal(s.first, 2);
    assert_int_equal(s.second, 2);
    s = gn_scores_compute((const double[]){0.1, 0.1, 0.1, 0.1, 0.5, 0.1}, 6);
    assert_int_equal(s.first, 1);
    assert_int_equal(s.second, 2);
    assert_true(gn_site_quality((const double[]){0, 0.75, 0.75}, 3) ==
                99.0308995); /* sums above 1 are 1 */
}

static void biallelic_probabilities_stay(void **state)
{
    (void)state;
    struct gn_genotype_options options = gn_genotype_options_default();
    options.sample = "S";
    struct gn_variant *v = genotype(make_variant("chr1", "CTT", (const char *[]){"CT"}, 1),
                                    (const struct triple[]){{{0.1, 0.8, 0.05}}}, &options);
    expect_genotype(v, 0, 1, "PASS");
    assert_string_equal(v->ref, "CT");
    assert_string_equal(v->alts.v[0], "C");
    assert_int_equal(v->end0, 101);
    assert_int_equal(v->gq.v[0], 7);      /* -10 log10(0.2) = 6.99 */
    expect_near(v->gl.v[2], log10(0.05)); /* not normalised although they sum to 0.95 */
    assert_string_equal(v->sample, "S");
    gn_variant_free(v);
}

/* The worked example of spec 110.6: minima .03 .75 .05 .92 .05 .04. */
static void multiallelic_merge_takes_minima(void **state)
{
    (void)state;
    const struct triple triples[] = {{{.19, .75, .06}}, {{.03, .92, .05}}, {{.03, .93, .04}}};
    const double minima[] = {.03, .75, .05, .92, .05, .04};
    double sum = 0;
    for (int i = 0; i < 6; i++)
        sum += minima[i];
    struct gn_genotype_options options = gn_genotype_options_default();
    struct gn_variant *v =
        genotype(make_variant("chr1", "C", (const char *[]){"T", "G"}, 2), triples, &options);
    assert_int_equal(v->gl.n, 6);
    for (int i = 0; i < 6; i++)
        expect_near(v->gl.v[i], log10(minima[i] / sum));
    expect_genotype(v, 0, 2, "PASS");
    gn_variant_free(v);
}

static const struct triple second_alt_unlikely[] = {
    {{.01, .98, .01}}, /* {0} */
    {{.01, .97, .02}}, /* {0,1} */
    {{.95, .03, .02}}, /* {1}: QUAL 0.22 */
};

static void unlikely_alts_are_pruned(void **state)
{
    (void)state;
    struct gn_genotype_options options = gn_genotype_options_default();
    struct gn_variant *v = genotype(make_variant("chr1", "C", (const char *[]){"T", "G"}, 2),
                                    second_alt_unlikely, &options);
    assert_int_equal(v->alts.n, 1);
    assert_string_equal(v->alts.v[0], "T");
    assert_int_equal(v->gl.n, 3);
    expect_near(v->gl.v[1], log10(.98));
    assert_int_equal(v->ad.n, 2);
    assert_int_equal(v->ad.v[0], 10);
    assert_int_equal(v->ad.v[1], 11);
    assert_int_equal(v->md.n, 2);
    assert_int_equal(v->vaf.n, 1);
    assert_true(v->vaf.v[0] == 0.1);
    assert_int_equal(v->dp.v[0], 77);
    assert_null(v->candidates);
    gn_variant_free(v);

    options.min_allele_quality = 0;
    v = genotype(make_variant("chr1", "C", (const char *[]){"T", "G"}, 2), second_alt_unlikely,
                 &options);
    assert_int_equal(v->alts.n, 2);
    gn_variant_free(v);
}

static void pruned_alts_can_be_shown(void **state)
{
    (void)state;
    struct gn_genotype_options options = gn_genotype_options_default();
    options.pruned_alts = GN_PRUNED_IN_INFO;
    struct gn_variant *v = genotype(make_variant("chr1", "C", (const char *[]){"T", "G"}, 2),
                                    second_alt_unlikely, &options);
    assert_int_equal(v->alts.n, 1);
    assert_string_equal(v->candidates, "T|G");
    gn_variant_free(v);

    options.pruned_alts = GN_PRUNED_IN_ALT;
    v = genotype(make_variant("chr1", "C", (const char *[]){"T", "G"}, 2), second_alt_unlikely,
                 &options);
    assert_int_equal(v->alts.n, 2);
    assert_int_equal(v->gl.n, 6);
    expect_near(v->gl.v[1], log10(.98));
    for (int i = 3; i < 6; i++)
        expect_near(v->gl.v[i], log10(1.2500001034254637e-10)); /* whatever holds the pruned alt */
    gn_variant_free(v);
}

static void the_best_alt_is_never_pruned(void **state)
{
    (void)state;
    const struct triple triples[] = {{{.99, .01, 0}}, {{.99, .01, 0}}, {{.98, .01, .01}}};
    struct gn_genotype_options options = gn_genotype_options_default();
    struct gn_variant *v =
        genotype(make_variant("chr1", "C", (const char *[]){"T", "G"}, 2), triples, &options);
    assert_int_equal(v->alts.n, 1);
    assert_string_equal(v->alts.v[0], "G");
    gn_variant_free(v);
}

static void incomplete_sites_are_refused(void **state)
{
    (void)state;
    gn_error_t err = {0};
    struct gn_genotype_options options = gn_genotype_options_default();
    struct gn_variant *v = make_variant("chr1", "C", (const char *[]){"T", "G"}, 2);
    const struct triple triples[] = {{{1, 0, 0}}, {{1, 0, 0}}, {{1, 0, 0}}};
    struct gn_call_output *outputs[3];
    make_outputs(v, triples, outputs);
    assert_null(gn_genotype_site(outputs, 2, &options, &contigs, &err));
    assert_int_equal(err.code, GN_E_DATA);
    assert_non_null(strstr(err.message, "chr1:100"));
    outputs[1]->variant->start0++; /* no longer one variant */
    assert_null(gn_genotype_site(outputs, 3, &options, &contigs, &err));
    outputs[1]->variant->start0--;
    outputs[1]->probabilities[1] = NAN;
    assert_null(gn_genotype_site(outputs, 3, &options, &contigs, &err));
    assert_non_null(strstr(err.message, "probability"));
    for (int i = 0; i < 3; i++)
        gn_call_output_free(outputs[i]);
    gn_variant_free(v);
}

static void haploid_contigs_have_no_heterozygotes(void **state)
{
    (void)state;
    char *names[] = {"chrX"};
    struct gn_texts haploid = {names, 1};
    struct gn_genotype_options options = gn_genotype_options_default();
    options.haploid_contigs = &haploid;
    const struct triple het[] = {{{.04, .8, .16}}}, certain[] = {{{0, 1, 0}}};
    struct gn_variant *v =
        genotype(make_variant("chrX", "C", (const char *[]){"T"}, 1), het, &options);
    expect_genotype(v, 1, 1, "PASS");
    expect_near(v->gl.v[0], log10(.2));
    expect_near(v->gl.v[1], log10(1.2500001034254637e-10));
    expect_near(v->gl.v[2], log10(.8));
    gn_variant_free(v);

    v = genotype(make_variant("chrX", "C", (const char *[]){"T"}, 1), certain, &options);
    expect_genotype(v, -1, -1, "RefCall"); /* nothing is left */
    assert_int_equal(v->gq.v[0], 0);
    assert_true(v->quality == 0);
    gn_variant_free(v);

    v = genotype(make_variant("chr1", "C", (const char *[]){"T"}, 1), het, &options);
    expect_genotype(v, 0, 1, "PASS");
    gn_variant_free(v);

    struct gn_range range = {1, 99, 100};
    struct gn_ranges diploid = {&range, 1, 1};
    options.diploid_ranges = &diploid;
    v = genotype(make_variant("chrX", "C", (const char *[]){"T"}, 1), het, &options);
    expect_genotype(v, 0, 1, "PASS");
    gn_variant_free(v);
}

static void filters(void **state)
{
    (void)state;
    struct gn_genotype_options options = gn_genotype_options_default();
    const struct triple sure_ref[] = {{{.999, .001, 0}}}, weak_ref[] = {{{.98, .02, 0}}},
                        het[] = {{{.3, .6, .1}}};
    struct gn_variant *v =
        genotype(make_variant("chr1", "C", (const char *[]){"T"}, 1), sure_ref, &options);
    expect_genotype(v, 0, 0, "RefCall"); /* GQ 30 */
    gn_variant_free(v);
    v = genotype(make_variant("chr1", "C", (const char *[]){"T"}, 1), weak_ref, &options);
    expect_genotype(v, -1, -1, "RefCall"); /* GQ 17 */
    gn_variant_free(v);
    options.min_quality = 6; /* QUAL is 5.2 */
    v = genotype(make_variant("chr1", "C", (const char *[]){"T"}, 1), het, &options);
    expect_genotype(v, 0, 1, "LowQual");
    gn_variant_free(v);
}

static void no_reads_no_call(void **state)
{
    (void)state;
    struct gn_genotype_options options = gn_genotype_options_default();
    const struct triple het[] = {{{.1, .8, .1}}};
    struct gn_variant *v = make_variant("chr1", "C", (const char *[]){"T"}, 1);
    gn_ints_set(&v->ad, (const int32_t[]){0, 0}, 2, NULL);
    v = genotype(v, het, &options);
    expect_genotype(v, -1, -1, "NoCall");
    assert_int_equal(v->gq.v[0], 0);
    assert_int_equal(v->gl.n, 2);
    assert_true(v->gl.v[0] == 0 && v->gl.v[1] == 0);
    gn_variant_free(v);
}

static struct gn_variant *phased(const int32_t *alt_ps, int n, struct triple probabilities)
{
    struct gn_genotype_options options = gn_genotype_options_default();
    struct gn_variant *v = make_variant("chr1", "C", (const char *[]){"T"}, 1);
    gn_text_set(&v->ps_contig, "12-345", NULL);
    gn_ints_set(&v->alt_ps, alt_ps, n, NULL);
    return genotype(v, &probabilities, &options);
}

static void phase_orders_the_alleles(void **state)
{
    (void)state;
    const struct triple het = {{.01, .98, .01}}, hom = {{.01, .01, .98}};
    struct gn_variant *v = phased((const int32_t[]){1, 2}, 2, het);
    assert_true(v->is_phased);
    expect_genotype(v, 0, 1, "PASS");
    assert_int_equal(v->ps.v[0], 12 * 100000 + 345);
    gn_variant_free(v);
    v = phased((const int32_t[]){2, 1}, 2, het);
    assert_true(v->is_phased);
    expect_genotype(v, 1, 0, "PASS");
    gn_variant_free(v);

    const int32_t unphased[][2] = {{0, 1}, {1, 0}, {2, 2}};
    for (int i = 0; i < 3; i++) {
        v = phased(unphased[i], 2, het);
        assert_false(v->is_phased);
        assert_int_equal(v->ps.n, 0);
        gn_variant_free(v);
    }
    v = phased((const int32_t[]){1, 2}, 2, hom);
    assert_false(v->is_phased);
    gn_variant_free(v);
    v = phased((const int32_t[]){1}, 1, het); /* fewer entries than alleles */
    assert_false(v->is_phased);
    gn_variant_free(v);
}

static void methylation_types(void **state)
{
    (void)state;
    const struct {
        double mf[2];
        const char *type;
    } cases[] = {{{0, 0}, NULL},
                 {{0.1, 0.9}, "0/1"},
                 {{0.8, 0.8}, "1/1"},
                 {{0.5, 0.9}, "1/1"},
                 {{0.1, 0.2}, "0/0"}};
    struct gn_genotype_options options = gn_genotype_options_default();
    const struct triple het[] = {{{.1, .8, .1}}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct gn_variant *v = make_variant("chr1", "C", (const char *[]){"T"}, 1);
        gn_doubles_set(&v->mf, cases[i].mf, 2, NULL);
        v = genotype(v, het, &options);
        if (cases[i].type == NULL)
            assert_null(v->mt);
        else
            assert_string_equal(v->mt, cases[i].type);
        gn_variant_free(v);
    }
}

static int count(void *state, struct gn_variant *variant, gn_error_t *err)
{
    (void)err;
    ++*(int *)state;
    gn_variant_free(variant);
    return GN_OK;
}

static void sites_leave_when_they_are_complete(void **state)
{
    (void)state;
    gn_error_t err = {0};
    int n_out = 0;
    struct gn_genotype_options options = gn_genotype_options_default();
    gn_genotyper_t *genotyper =
        gn_genotyper_create(&options, &contigs, (struct gn_variant_consumer){count, &n_out}, &err);
    struct gn_variant *v = make_variant("chr1", "C", (const char *[]){"T", "G"}, 2);
    const struct triple triples[] = {{{.19, .75, .06}}, {{.03, .92, .05}}, {{.03, .93, .04}}};
    struct gn_call_output *outputs[3];
    make_outputs(v, triples, outputs);
    for (int i = 2; i >= 0; i--) /* any order within a site */
        assert_int_equal(gn_genotyper_push(genotyper, outputs[i], &err), GN_OK);
    assert_int_equal(gn_genotyper_advance(genotyper, (struct gn_position){0, 99}, &err), GN_OK);
    assert_int_equal(n_out, 0); /* another output of this site may come */
    assert_int_equal(gn_genotyper_advance(genotyper, (struct gn_position){0, 100}, &err), GN_OK);
    assert_int_equal(n_out, 1);
    make_outputs(v, triples, outputs);
    assert_int_equal(gn_genotyper_push(genotyper, outputs[0], &err), GN_E_INTERNAL); /* too late */
    gn_call_output_free(outputs[1]);
    gn_call_output_free(outputs[2]);
    gn_genotyper_destroy(genotyper);
    gn_variant_free(v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_of_a_certain_call),
        cmocka_unit_test(scores_round_like_python),
        cmocka_unit_test(biallelic_probabilities_stay),
        cmocka_unit_test(multiallelic_merge_takes_minima),
        cmocka_unit_test(unlikely_alts_are_pruned),
        cmocka_unit_test(pruned_alts_can_be_shown),
        cmocka_unit_test(the_best_alt_is_never_pruned),
        cmocka_unit_test(incomplete_sites_are_refused),
        cmocka_unit_test(haploid_contigs_have_no_heterozygotes),
        cmocka_unit_test(filters),
        cmocka_unit_test(no_reads_no_call),
        cmocka_unit_test(phase_orders_the_alleles),
        cmocka_unit_test(methylation_types),
        cmocka_unit_test(sites_leave_when_they_are_complete),
    };
    return cmocka_run_group_tests(tests, add_contigs, clear_contigs);
}

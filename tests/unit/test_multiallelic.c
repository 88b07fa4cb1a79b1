/* SPDX-License-Identifier: MIT
 *
 * test_multiallelic.c - the multi-allelic model: which numbers go in, which sites it is for, and what comes of its six
 * (spec 90.7, 110.6).
 *
 * The model of these tests has one layer. Its six outputs grow with the inputs 1, 2, 3, 5, 9 and 6 (of 9), so that a swap
 * of images or of copies shows.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "cnn/import_tensorflow.h"
#include "genotype/genotyper.h"
#include "genotype/multiallelic.h"
#include "mlp_folder.h"

enum { INPUTS = 9, GENOTYPES = 6, MOST_OUTPUTS = 6 };

static const float SLOPE = 3;
static const int INPUT_OF[GENOTYPES] = {0, 1, 2, 4, 8, 5};

struct bench {
    struct test_mlp folder;
    gn_mlp_t *model;
    struct gn_genotype_options options;
    struct gn_contigs contigs;
};

static int set_up(void **state)
{
    static struct bench bench;
    gn_error_t err = {0};
    bench = (struct bench){.options = gn_genotype_options_default()};
    test_mlp_begin(&bench.folder, (const int[]){INPUTS, GENOTYPES}, 1);
    float *weights = bench.folder.folder.tensors[0].values;
    memset(weights, 0, (size_t)INPUTS * GENOTYPES * sizeof *weights);
    memset(bench.folder.folder.tensors[1].values, 0, GENOTYPES * sizeof *weights);
    for (int g = 0; g < GENOTYPES; g++)
        weights[INPUT_OF[g] * GENOTYPES + g] = SLOPE;
    test_write_model(&bench.folder.folder);
    bench.model = gn_mlp_load(bench.folder.folder.dir, &err);
    bench.options.multiallelic_model = bench.model;
    *state = &bench;
    return bench.model == NULL || gn_contigs_add(&bench.contigs, "chr1", 100000, NULL) < 0;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;
    gn_contigs_clear(&bench->contigs);
    gn_mlp_free(bench->model);
    test_mlp_end(&bench->folder);
    return 0;
}

static struct gn_variant *make_variant(const char *alts)
{
    const int32_t ad[] = {10, 11, 12, 13};
    const double vaf[] = {0.1, 0.2, 0.3};
    struct gn_variant *v = gn_variant_create();
    if (gn_text_set(&v->contig, "chr1", NULL) < 0 || gn_text_set(&v->ref, "G", NULL) < 0 ||
        gn_texts_split(&v->alts, alts, ",", NULL) < 0 ||
        gn_ints_set(&v->ad, ad, v->alts.n + 1, NULL) < 0 ||
        gn_doubles_set(&v->vaf, vaf, v->alts.n, NULL) < 0)
        abort();
    v->start0 = 99;
    v->end0 = 100;
    v->has_call = true;
    return v;
}

/* Calls a site; triples are of the images {0}, {0,1}, ..., {1}, {1,2}, ... */
static struct gn_variant *call(const struct bench *bench, const char *alts,
                               const double (*triples)[3])
{
    gn_error_t err = {0};
    struct gn_call_output *outputs[MOST_OUTPUTS];
    struct gn_variant *v = make_variant(alts);
    int n = 0;
    for (int i = 0; i < v->alts.n; i++)
        for (int j = i; j < v->alts.n; j++, n++) {
            outputs[n] = gn_call_output_create(v, (const int[]){i, j}, i == j ? 1 : 2, &err);
            assert_non_null(outputs[n]);
            memcpy(outputs[n]->probabilities, triples[n], sizeof outputs[n]->probabilities);
        }
    struct gn_variant *called =
        gn_genotype_site(outputs, n, &bench->options, &bench->contigs, &err);
    if (called == NULL)
        fail_msg("%s", err.message);
    for (int i = 0; i < n; i++)
        gn_call_output_free(outputs[i]);
    gn_variant_free(v);
    return called;
}

/* The likelihoods must be those of the model for the three images. */
static void expect_model(const struct gn_variant *called, const double *first, const double *second,
                         const double *pair)
{
    const double *images[] = {first, second, pair};
    double exact[GENOTYPES], sum = 0;
    for (int g = 0; g < GENOTYPES; g++)
        sum += exact[g] = exp((double)SLOPE * images[INPUT_OF[g] / 3][INPUT_OF[g] % 3]);
    assert_int_equal(called->gl.n, GENOTYPES);
    for (int g = 0; g < GENOTYPES; g++)
        if (!(fabs(called->gl.v[g] - log10(exact[g] / sum)) < 1e-6))
            fail_msg("genotype %d: %.9g, expected %.9g", g, called->gl.v[g], log10(exact[g] / sum));
}

static void test_two_alts(void **state)
{
    const struct bench *bench = *state;
    const double triples[3][3] = {{0.1, 0.2, 0.7}, {0.05, 0.05, 0.9}, {0.3, 0.6, 0.1}};
    struct gn_variant *called = call(bench, "A,C", triples);
    expect_model(called, triples[0], triples[2], triples[1]);
    /* The largest of 0.1, 0.2, 0.7, 0.6, 0.9 and 0.1 is that of 1/2. */
    assert_int_equal(called->genotype.v[0], 1);
    assert_int_equal(called->genotype.v[1], 2);
    gn_variant_free(called);
}

/* Of three alts the middle one is dropped (QUAL 0.004): the model sees the images of the other two. */
static void test_one_of_three_dropped(void **state)
{
    const struct bench *bench = *state;
    const double triples[6][3] = {{0.1, 0.2, 0.7},       {0.2, 0.2, 0.6},   {0.3, 0.1, 0.6},
                                  {0.999, 0.001, 0.000}, {0.5, 0.25, 0.25}, {0.2, 0.3, 0.5}};
    struct gn_variant *called = call(bench, "A,C,T", triples);
    assert_int_equal(called->alts.n, 2);
    assert_string_equal(called->alts.v[1], "T");
    assert_int_equal(called->ad.n, 3);
    assert_int_equal(called->ad.v[2], 13);
    expect_model(called, triples[0], triples[5], triples[2]);
    gn_variant_free(called);
}

static void expect_same_as_without(struct bench *bench, const char *alts,
                                   const double (*triples)[3])
{
    struct gn_variant *with = call(bench, alts, triples);
    bench->options.multiallelic_model = NULL;
    struct gn_variant *without = call(bench, alts, triples);
    assert_true(gn_variant_equal(with, without));
    gn_variant_free(with);
    gn_variant_free(without);
}

/* Three alts that stay, or one, are merged as ever. */
static void test_other_sites(void **state)
{
    struct bench *bench = *state;
    const double three[6][3] = {{0.1, 0.2, 0.7}, {0.2, 0.2, 0.6},   {0.3, 0.1, 0.6},
                                {0.1, 0.8, 0.1}, {0.5, 0.25, 0.25}, {0.2, 0.3, 0.5}};
    expect_same_as_without(bench, "A,C,T", three);
    bench->options.multiallelic_model = bench->model;
    const double dropped[3][3] = {{0.1, 0.2, 0.7}, {0.2, 0.2, 0.6}, {1, 0, 0}};
    expect_same_as_without(bench, "A,C", dropped);
    bench->options.multiallelic_model = bench->model;
    expect_same_as_without(bench, "A", three);
}

/* DeepVariant's published weights, against an evaluation in double precision by another program. */
static void test_published(void **state)
{
    (void)state;
    static const double expected[GENOTYPES] = {0.033061977692664696, 0.10498013831506427,
                                               0.004963646801113469, 0.5842305320143837,
                                               0.2543790945904103,   0.018384610586363676};
    const double triples[3][3] = {{.19, .75, .06}, {.03, .93, .04}, {.03, .92, .05}};
    const char *root = getenv("GANNET_SHARED");
    char source[512], folder[] = "/tmp/gannet-multiallelic-XXXXXX", output[64];
    gn_error_t err = {0};
    snprintf(source, sizeof source, "%s/testdata/dv-1.9.0/multiallelic_model",
             root == NULL ? "../shared" : root);
    if (access(source, R_OK) != 0) {
        print_message("no %s\n", source);
        skip();
    }
    assert_non_null(mkdtemp(folder));
    snprintf(output, sizeof output, "%s/model", folder);
    const struct gn_import_options options = {.preset = NULL};
    if (gn_import_tensorflow(source, &options, output, &err) < 0)
        fail_msg("%s", err.message);
    gn_mlp_t *model = gn_mlp_load(output, &err);
    assert_non_null(model);
    struct gn_call_output outputs[3];
    for (int i = 0; i < 3; i++)
        memcpy(outputs[i].probabilities, triples[i], sizeof triples[i]);
    double found[GENOTYPES];
    const struct gn_call_output *const three[] = {&outputs[0], &outputs[1], &outputs[2]};
    assert_int_equal(gn_multiallelic_predict(model, three, found, &err), GN_OK);
    for (int g = 0; g < GENOTYPES; g++)
        assert_true(fabs(found[g] - expected[g]) < 2e-7);
    gn_mlp_free(model);
    struct test_model made = {.n_tensors = 0};
    memcpy(made.dir, output, sizeof output);
    test_model_end(&made);
    rmdir(folder);
}

static void test_check(void **state)
{
    const struct bench *bench = *state;
    gn_error_t err = {0};
    assert_int_equal(gn_multiallelic_check(bench->model, &err), GN_OK);
    struct test_mlp other;
    test_mlp_begin(&other, (const int[]){INPUTS + 1, GENOTYPES}, 1);
    gn_mlp_t *model = gn_mlp_load(other.folder.dir, &err);
    assert_non_null(model);
    assert_int_equal(gn_multiallelic_check(model, &err), GN_E_MISMATCH);
    assert_non_null(strstr(err.message, "6 probabilities of 10 numbers"));
    gn_mlp_free(model);
    test_mlp_end(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_two_alts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_one_of_three_dropped, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_other_sites, set_up, tear_down),
        cmocka_unit_test(test_published),
        cmocka_unit_test_setup_teardown(test_check, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT
 *
 * test_small_model.c - which candidates the small model is asked about, which answers stand, and what is left to the
 * images in which order (spec 60).
 *
 * The model of these tests looks at the alt's share of the reads alone: log odds 15 - share/2, 0 and share/2 - 40 of no,
 * one and two copies. Shares 0, 50 and 100 give a GQ above 40, share 40 gives 21.7, share 25 gives 11.1.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "call/labeled.h"
#include "call/small_model.h"
#include "deepvariant.pb-c.h"
#include "example.pb-c.h"
#include "hand_candidate.h"
#include "mlp_folder.h"

enum { START0 = 5000, CONTIG_LENGTH = 10000, FEATURES = 19, SHARE = 5, MOST = 8 };

static const struct gn_small_model_view VIEW = {.context_window = 0};

struct bench {
    struct test_mlp folder;
    gn_mlp_t *model;
    gn_arena_t *arena;
    struct gn_pileup_options pileup;
    struct gn_small_model_settings settings;
    struct hand_candidate hands[MOST];
    struct gn_candidate_list candidates;
    struct gn_small_model_result result;
};

static int set_up(void **state)
{
    static struct bench bench;
    gn_error_t err = {0};
    bench = (struct bench){.pileup = gn_pileup_options_default()};
    test_mlp_begin(&bench.folder, (const int[]){FEATURES, 3}, 1);
    const float row[3] = {-0.5F, 0, 0.5F}, bias[3] = {15, 0, -40};
    memset(bench.folder.folder.tensors[0].values, 0, (size_t)FEATURES * sizeof row);
    memcpy(bench.folder.folder.tensors[0].values + (size_t)SHARE * 3, row, sizeof row);
    memcpy(bench.folder.folder.tensors[1].values, bias, sizeof bias);
    test_write_model(&bench.folder.folder);
    bench.model = gn_mlp_load(bench.folder.folder.dir, &err);
    bench.arena = gn_arena_create((size_t)1 << 24);
    bench.settings = gn_small_model_settings_default();
    bench.settings.model = bench.model;
    bench.settings.snp_gq_threshold = 20;
    bench.settings.indel_gq_threshold = 28;
    bench.candidates.v = calloc(MOST, sizeof *bench.candidates.v);
    *state = &bench;
    return bench.model == NULL || bench.arena == NULL || bench.candidates.v == NULL;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;
    gn_small_model_outputs_clear(&bench->result);
    for (size_t i = 0; i < bench->candidates.n; i++)
        hand_candidate_end(&bench->hands[i]);
    free(bench->candidates.v);
    gn_arena_destroy(bench->arena);
    gn_mlp_free(bench->model);
    test_mlp_end(&bench->folder);
    return 0;
}

/* A candidate with so many reads of the reference and of each of at most three alts. */
static struct gn_candidate *add(struct bench *bench, int64_t start0, const char *ref,
                                const char *alts, const int *reads)
{
    struct hand_candidate *hand = &bench->hands[bench->candidates.n];
    hand_candidate_start(hand, start0, ref, alts);
    hand_candidate_reads(hand, reads[0], GN_SUPPORTS_REFERENCE);
    for (int alt = 0; alt < hand->candidate.variant->alts.n; alt++)
        hand_candidate_reads(hand, reads[alt + 1], alt);
    bench->candidates.v[bench->candidates.n] = hand->candidate;
    return &bench->candidates.v[bench->candidates.n++];
}

static void decide(struct bench *bench)
{
    gn_error_t err = {0};
    struct gn_small_model_task task = {.settings = &bench->settings,
                                       .view = &VIEW,
                                       .candidates = &bench->candidates,
                                       .pileup = &bench->pileup,
                                       .contig_length = CONTIG_LENGTH};
    if (gn_small_model_decide(&task, &bench->result, bench->arena, &err) < 0)
        fail_msg("%s", err.message);
}

/* Which candidates (a number each) are left to the images, in order. */
static void expect_undecided(const struct bench *bench, const int *numbers, size_t n)
{
    assert_int_equal(bench->result.n_undecided, n);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(bench->result.undecided[i] - bench->candidates.v, numbers[i]);
}

static void expect_set(const int *alts, int n, int first, int second)
{
    assert_int_equal(n, second < 0 ? 1 : 2);
    assert_int_equal(alts[0], first);
    if (second >= 0)
        assert_int_equal(alts[1], second);
}

/* The same share is sure enough for an SNV and not for an indel. */
static void test_thresholds(void **state)
{
    struct bench *bench = *state;
    const int share_40[4] = {3, 2};
    add(bench, START0, "G", "A", share_40);
    add(bench, START0 + 1, "G", "GT", share_40);
    add(bench, START0 + 2, "GT", "G", share_40);
    decide(bench);
    expect_undecided(bench, (const int[]){1, 2}, 2);
    assert_int_equal(bench->result.n_outputs, 1);
    const struct gn_call_output *output = bench->result.outputs[0];
    assert_int_equal(output->variant->start0, START0);
    assert_string_equal(output->variant->mid, "small_model");
    expect_set(output->alt_indices.v, output->alt_indices.n, 0, -1);
    /* e^-5, 1 and e^-20 of their sum */
    assert_float_equal(output->probabilities[0], 0.0066928509, 1e-9);
    assert_float_equal(output->probabilities[1], 0.9933071490, 1e-7);
    assert_true(output->probabilities[1] == (double)(float)output->probabilities[1]);
    assert_null(bench->candidates.v[1].variant->mid);
    assert_int_equal(bench->candidates.v[1].n_declined, 1);
}

/* The threshold itself is enough, a bit more is not; share 50 gives 10 log10(22027 or so). */
static void test_edges(void **state)
{
    struct bench *bench = *state;
    bench->settings.snp_gq_threshold = 43;
    bench->settings.indel_gq_threshold = 44;
    add(bench, START0, "G", "A", (const int[]){5, 5});
    add(bench, START0, "G", "GA", (const int[]){5, 5});
    decide(bench);
    expect_undecided(bench, (const int[]){1}, 1);
    assert_int_equal(bench->result.n_outputs, 1);
}

/* What is not asked comes first, then what was declined, each in its own order. */
static void test_order(void **state)
{
    struct bench *bench = *state;
    const int sure[4] = {5, 5}, unsure[4] = {3, 1};
    bench->settings.indel_gq_threshold = -1;
    add(bench, START0, "G", "A", unsure);
    add(bench, START0 + 1, "G", "GA", sure);
    add(bench, START0 + 2, "G", "A", sure);
    add(bench, START0 + 3, "GT", "G", unsure);
    add(bench, START0 + 4, "G", "C", unsure);
    decide(bench);
    expect_undecided(bench, (const int[]){1, 3, 0, 4}, 4);
    assert_int_equal(bench->result.n_outputs, 1);
    assert_int_equal(bench->result.outputs[0]->variant->start0, START0 + 2);
    assert_int_equal(bench->candidates.v[1].n_declined, 0); /* not asked: all of its images */
}

static void test_snvs_off(void **state)
{
    struct bench *bench = *state;
    bench->settings.snp_gq_threshold = -1;
    add(bench, START0, "G", "A", (const int[]){5, 5});
    add(bench, START0, "G", "GA", (const int[]){5, 5});
    decide(bench);
    expect_undecided(bench, (const int[]){0}, 1);
    assert_int_equal(bench->result.n_outputs, 1);
    assert_string_equal(bench->result.outputs[0]->variant->alts.v[0], "GA");
}

/* Shares 50 and 57 stand, 25 does not: images of that one only, and all outputs and the record carry the mark. */
static void test_part_of_a_site(void **state)
{
    struct bench *bench = *state;
    struct gn_candidate *candidate = add(bench, START0, "G", "A,C", (const int[]){6, 6, 2});
    decide(bench);
    expect_undecided(bench, (const int[]){0}, 1);
    assert_int_equal(candidate->n_declined, 1);
    expect_set(candidate->declined[0].alts, candidate->declined[0].n, 1, -1);
    assert_string_equal(candidate->variant->mid, "small_model");
    assert_int_equal(bench->result.n_outputs, 2);
    struct gn_call_output *const *outputs = bench->result.outputs;
    expect_set(outputs[0]->alt_indices.v, outputs[0]->alt_indices.n, 0, -1);
    expect_set(outputs[1]->alt_indices.v, outputs[1]->alt_indices.n, 0, 1);
    assert_true(gn_variant_equal(outputs[0]->variant, candidate->variant));
    assert_true(gn_variant_equal(outputs[1]->variant, candidate->variant));
}

static void test_whole_site(void **state)
{
    struct bench *bench = *state;
    add(bench, START0, "G", "A,C", (const int[]){0, 6, 5});
    decide(bench);
    expect_undecided(bench, NULL, 0);
    assert_int_equal(bench->result.n_outputs, 3);
}

static void test_multiallelics_off(void **state)
{
    struct bench *bench = *state;
    bench->settings.call_multiallelics = false;
    add(bench, START0, "G", "A,C", (const int[]){0, 6, 5});
    add(bench, START0, "G", "A", (const int[]){0, 6});
    decide(bench);
    expect_undecided(bench, (const int[]){0}, 1);
    assert_int_equal(bench->result.n_outputs, 1);
}

/* Sites with several alts are asked about whatever the thresholds, but a class that is off never stands. */
static void test_class_off_in_a_site(void **state)
{
    struct bench *bench = *state;
    bench->settings.snp_gq_threshold = -1;
    struct gn_candidate *candidate = add(bench, START0, "G", "A,GC", (const int[]){0, 6, 5});
    decide(bench);
    assert_int_equal(candidate->n_declined, 1);
    expect_set(candidate->declined[0].alts, candidate->declined[0].n, 0, -1);
    assert_int_equal(bench->result.n_outputs, 2);
}

/* "<*>" makes no record multi-allelic, though it has a set of its own. */
static void test_placeholder(void **state)
{
    struct bench *bench = *state;
    bench->settings.call_multiallelics = false;
    add(bench, START0, "G", "A,<*>", (const int[]){0, 6, 5});
    decide(bench);
    assert_int_equal(bench->result.n_outputs, 3);
}

/* At the end of a contig there are no images: half a site would be left, so none of it is taken. */
static void test_no_room_for_images(void **state)
{
    struct bench *bench = *state;
    struct gn_candidate *part = add(bench, 100, "G", "A,C", (const int[]){6, 6, 2});
    add(bench, 100, "G", "A", (const int[]){5, 5});
    decide(bench);
    expect_undecided(bench, (const int[]){0}, 1);
    assert_null(part->variant->mid);
    assert_int_equal(bench->result.n_outputs, 1);
    assert_int_equal(bench->result.outputs[0]->variant->alts.n, 1);
}

static void test_nothing(void **state)
{
    struct bench *bench = *state;
    decide(bench);
    expect_undecided(bench, NULL, 0);
    assert_int_equal(bench->result.n_outputs, 0);
}

static void test_check(void **state)
{
    struct bench *bench = *state;
    gn_error_t err = {0};
    struct gn_small_model_view wide = {.context_window = 51};
    assert_int_equal(gn_small_model_check(bench->model, &VIEW, &err), GN_OK);
    assert_int_equal(gn_small_model_check(bench->model, &wide, &err), GN_E_MISMATCH);
    assert_non_null(strstr(err.message, "takes 19 features, these settings make 70"));
    struct test_mlp other;
    test_mlp_begin(&other, (const int[]){FEATURES, 4}, 1);
    gn_mlp_t *model = gn_mlp_load(other.folder.dir, &err);
    assert_non_null(model);
    assert_int_equal(gn_small_model_check(model, &VIEW, &err), GN_E_MISMATCH);
    assert_non_null(strstr(err.message, "gives 4 probabilities, wanted are 3"));
    gn_mlp_free(model);
    test_mlp_end(&other);
}

static void test_folder(void **state)
{
    struct bench *bench = *state;
    char inner[128], json[160], *found;
    gn_error_t err = {0};
    test_path(&bench->folder.folder, "small_model", inner);
    assert_int_equal(gn_small_model_folder(bench->folder.folder.dir, &found, &err), GN_OK);
    assert_null(found);
    assert_int_equal(mkdir(inner, 0700), 0);
    assert_int_equal(gn_small_model_folder(bench->folder.folder.dir, &found, &err), GN_OK);
    assert_null(found);
    snprintf(json, sizeof json, "%s/model.json", inner);
    fclose(fopen(json, "w"));
    assert_int_equal(gn_small_model_folder(bench->folder.folder.dir, &found, &err), GN_OK);
    assert_string_equal(found, inner);
    free(found);
    unlink(json);
    rmdir(inner);
}

/* A candidate record names the sets that are left to the images (field 8). */
static void test_candidate_record(void **state)
{
    struct bench *bench = *state;
    gn_error_t err = {0};
    struct gn_bytes record;
    struct gn_candidate *candidate = add(bench, START0, "G", "A,C", (const int[4]){0});
    candidate->declined = (const struct gn_alt_set[]){{{1}, 1}, {{0, 1}, 2}};
    candidate->n_declined = 2;
    assert_int_equal(gn_candidate_pack(candidate, NULL, &record, &err), GN_OK);
    Dv__DeepVariantCall *message = dv__deep_variant_call__unpack(NULL, record.len, record.data);
    assert_non_null(message);
    assert_int_equal(message->n_make_examples_alt_allele_indices, 2);
    const Dv__AltAlleleIndices *one = message->make_examples_alt_allele_indices[0];
    const Dv__AltAlleleIndices *two = message->make_examples_alt_allele_indices[1];
    expect_set(one->indices, (int)one->n_indices, 1, -1);
    expect_set(two->indices, (int)two->n_indices, 0, 1);
    dv__deep_variant_call__free_unpacked(message, NULL);
    free(record.data);
}

static const Tf__Feature *feature_of(const Tf__Example *example, const char *key)
{
    for (size_t i = 0; i < example->features->n_feature; i++)
        if (strcmp(example->features->feature[i]->key, key) == 0)
            return example->features->feature[i]->value;
    fail_msg("no feature %s", key);
    return NULL;
}

static void expect_numbers(const Tf__Example *example, const char *key, const int64_t *expected,
                           size_t n)
{
    const Tf__Feature *feature = feature_of(example, key);
    assert_int_equal(feature->kind_case, TF__FEATURE__KIND_INT64_LIST);
    assert_int_equal(feature->int64_list->n_value, n);
    assert_memory_equal(feature->int64_list->value, expected, n * sizeof *expected);
}

/* What the small model is to learn from: the set {A, C} of a truth A/C has two copies, {A} has one. */
static void test_training_record(void **state)
{
    struct bench *bench = *state;
    gn_error_t err = {0};
    struct gn_record_list records = {NULL, 0, 0};
    const struct gn_label label = {{1, 2}, true};
    struct gn_candidate *candidate = add(bench, START0, "G", "A,C", (const int[]){2, 3, 5});
    assert_int_equal(gn_labelled_features_pack(candidate, &label, &VIEW, &records, &err), GN_OK);
    assert_int_equal(records.n, 3);
    Tf__Example *first = tf__example__unpack(NULL, records.v[0].len, records.v[0].data);
    Tf__Example *last = tf__example__unpack(NULL, records.v[2].len, records.v[2].data);
    assert_non_null(first);
    assert_non_null(last);
    expect_numbers(
        first, "features/encoded",
        (const int64_t[]){2, 3, 5, 10, 30, 60, 60, 60, 30, 30, 0, 0, 1, 0, 0, 0, 0, 1, 0},
        FEATURES);
    expect_numbers(first, "label/encoded", (const int64_t[]){0, 1, 0}, 3);
    expect_numbers(first, "genotype/encoded", (const int64_t[]){1, 2}, 2);
    expect_numbers(last, "label/encoded", (const int64_t[]){0, 0, 1}, 3);
    const Tf__BytesList *id = feature_of(last, "ids/encoded")->bytes_list;
    static const char expected[] = "chr1:5001:G:A,C:0,1";
    assert_int_equal(id->n_value, 1);
    assert_int_equal(id->value[0].len, sizeof expected - 1);
    assert_memory_equal(id->value[0].data, expected, sizeof expected - 1);
    tf__example__free_unpacked(first, NULL);
    tf__example__free_unpacked(last, NULL);
    gn_records_clear(&records);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_thresholds, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_edges, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_snvs_off, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_part_of_a_site, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_whole_site, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_multiallelics_off, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_class_off_in_a_site, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_placeholder, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_no_room_for_images, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_check, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_folder, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_candidate_record, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_training_record, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

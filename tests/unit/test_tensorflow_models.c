/* SPDX-License-Identifier: MIT
 *
 * test_tensorflow_models.c - models that TensorFlow wrote (tests/data/README.md) are imported, and
 * give the probabilities that TensorFlow computes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>
#include <math.h>
#include <sys/stat.h>
#include <zlib.h>

#include "cnn/example_source.h"
#include "cnn/import_tensorflow.h"
#include "cnn/infer.h"
#include "cnn/mlp.h"
#include "temporary_folder.h"

enum { MAX_EXAMPLES = 64, MAX_FEATURES = 128 };

static const double TOLERANCE = 2e-6;
static const struct gn_import_options NO_OPTIONS = {0};

static int set_up(void **state)
{
    static struct temporary_folder folder;
    temporary_make(&folder);
    *state = &folder;
    return 0;
}

static int tear_down(void **state)
{
    temporary_remove(*state);
    return 0;
}

/* Copies a file into the folder, unpacked where it is gzipped. */
static void copy(struct temporary_folder *folder, const char *from, const char *name)
{
    static char chunk[1 << 16];
    gzFile source = gzopen(from, "rb");
    FILE *target = fopen(temporary_path(folder, name), "wb");
    if (source == NULL || target == NULL)
        fail_msg("%s is missing", from);
    for (int n = gzread(source, chunk, sizeof chunk); n > 0;
         n = gzread(source, chunk, sizeof chunk))
        assert_int_equal(fwrite(chunk, 1, (size_t)n, target), n);
    gzclose(source);
    assert_int_equal(fclose(target), 0);
}

/* [n][3] numbers of expected.json. */
static int read_expected(const char *path, const char *key, double expected[MAX_EXAMPLES][3])
{
    json_t *root = json_load_file(path, 0, NULL);
    const json_t *rows = json_object_get(root, key);
    size_t n = json_array_size(rows);
    assert_in_range(n, 1, MAX_EXAMPLES);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < 3; k++)
            expected[i][k] = json_number_value(json_array_get(json_array_get(rows, i), k));
    json_decref(root);
    return (int)n;
}

static void check_probabilities(const char *expected_path, const float (*found)[3], int n_found)
{
    static const char *const keys[] = {"probabilities", "exact_probabilities"};
    static double expected[MAX_EXAMPLES][3];
    for (int key = 0; key < 2; key++) {
        int n = read_expected(expected_path, keys[key], expected);
        assert_int_equal(n, n_found);
        for (int i = 0; i < n; i++)
            for (int k = 0; k < 3; k++)
                if (!(fabs(expected[i][k] - (double)found[i][k]) < TOLERANCE))
                    fail_msg("%s %d: %.9f instead of %.9f", keys[key], i, (double)found[i][k],
                             expected[i][k]);
    }
}

static int run_examples(const gn_model_t *model, const char *path, float (*found)[3])
{
    gn_error_t err = {0};
    const struct gn_network_options options = {.precision = GN_PRECISION_FLOAT32};
    const char *first;
    int n = 0, rc;
    gn_network_t *network = gn_network_create(model, &options, &err);
    gn_infer_t *infer = network == NULL ? NULL : gn_infer_create(network, &err);
    gn_example_source_t *source = gn_example_source_open(path, &first, &err);
    struct gn_example example;
    assert_non_null(infer);
    assert_non_null(source);
    while ((rc = gn_example_source_next(source, &example, &err)) > 0) {
        assert_true(n < MAX_EXAMPLES);
        assert_int_equal(example.image.len, gn_model_image_size(model));
        assert_int_equal(gn_infer_run(infer, example.image.data, 1, &found[n++], &err), GN_OK);
        gn_example_clear(&example);
    }
    assert_int_equal(rc, 0);
    gn_example_source_close(source);
    gn_infer_destroy(infer);
    gn_network_destroy(network);
    return n;
}

/* Imports a network and compares what it computes of the examples in the fixture's folder. */
static void check_network(struct temporary_folder *folder, const char *source, const char *fixture,
                          const char *preset)
{
    static float found[MAX_EXAMPLES][3];
    gn_error_t err = {0};
    char path[256], output[128];
    snprintf(output, sizeof output, "%s/imported", folder->dir);
    int rc = gn_import_tensorflow(source, &NO_OPTIONS, output, &err);
    assert_string_equal(err.message, "");
    assert_int_equal(rc, GN_OK);
    gn_model_t *model = gn_model_load(output, &err);
    assert_non_null(model);
    assert_string_equal(gn_model_preset(model), preset);
    snprintf(path, sizeof path, "%s/examples.tfrecord.gz", fixture);
    int n = run_examples(model, path, found);
    snprintf(path, sizeof path, "%s/expected.json", fixture);
    check_probabilities(path, (const float(*)[3])found, n);
    gn_model_free(model);
}

static void saved_model_of_a_network(void **state)
{
    static const char fixture[] = "tests/data/narrow_inception/illumina";
    struct temporary_folder *folder = *state;
    assert_int_equal(mkdir(temporary_path(folder, "variables"), 0777), 0);
    copy(folder, "tests/data/narrow_inception/illumina/savedmodel/saved_model.pb.gz",
         "saved_model.pb");
    copy(folder, "tests/data/narrow_inception/illumina/savedmodel/example_info.json",
         "example_info.json");
    copy(folder, "tests/data/narrow_inception/illumina/savedmodel/variables/variables.index",
         "variables/variables.index");
    copy(folder,
         "tests/data/narrow_inception/illumina/savedmodel/variables/variables.data-00000-of-00001",
         "variables/variables.data-00000-of-00001");
    check_network(folder, folder->dir, fixture, "wgs");
}

static void checkpoint_of_a_network(void **state)
{
    check_network(*state, "tests/data/narrow_inception/pacbio/checkpoint/model-1",
                  "tests/data/narrow_inception/pacbio", "pacbio");
}

/* [n][inputs] numbers of expected.json's "features". */
static void read_features(const char *path, float *features, int n, int inputs)
{
    json_t *root = json_load_file(path, 0, NULL);
    const json_t *rows = json_object_get(root, "features");
    for (int i = 0; i < n; i++)
        for (int k = 0; k < inputs; k++)
            features[i * inputs + k] = (float)json_number_value(
                json_array_get(json_array_get(rows, (size_t)i), (size_t)k));
    json_decref(root);
}

static void saved_model_of_a_perceptron(void **state)
{
    static const char expected_path[] = "tests/data/small_model/expected.json";
    static double expected[MAX_EXAMPLES][3];
    static float features[MAX_EXAMPLES * MAX_FEATURES], found[MAX_EXAMPLES][3];
    struct temporary_folder *folder = *state;
    gn_error_t err = {0};
    char output[128];
    snprintf(output, sizeof output, "%s/imported", folder->dir);
    int rc = gn_import_tensorflow("tests/data/small_model/savedmodel", &NO_OPTIONS, output, &err);
    assert_string_equal(err.message, "");
    assert_int_equal(rc, GN_OK);
    gn_mlp_t *mlp = gn_mlp_load(output, &err);
    assert_non_null(mlp);
    assert_int_equal(gn_mlp_inputs(mlp), 70);
    assert_int_equal(gn_mlp_outputs(mlp), 3);
    int n = read_expected(expected_path, "probabilities", expected);
    read_features(expected_path, features, n, 70);
    assert_int_equal(gn_mlp_run(mlp, features, (size_t)n, found[0], &err), GN_OK);
    check_probabilities(expected_path, (const float(*)[3])found, n);
    gn_mlp_free(mlp);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(saved_model_of_a_network, set_up, tear_down),
        cmocka_unit_test_setup_teardown(checkpoint_of_a_network, set_up, tear_down),
        cmocka_unit_test_setup_teardown(saved_model_of_a_perceptron, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT
 *
 * test_mlp.c - perceptrons: their results against plain loops, and how damaged folders are refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "cnn/import_tensorflow.h"
#include "cnn/mlp.h"
#include "cnn/model.h"
#include "cnn/softmax.h"
#include "mlp_folder.h"

enum { FEATURES = 70, EXAMPLES = 131 };

static const int SIZES[] = {FEATURES, 50, 33, 3};

static void fill_inputs(float *inputs, size_t n)
{
    uint64_t seed = 3;
    for (size_t i = 0; i < n; i++)
        inputs[i] = (float)(test_random(&seed) % 101);
}

/* The same bits as a chain of fmaf() calls, whatever kernel this CPU has, and near the exact result. */
static void test_results(void **state)
{
    (void)state;
    struct test_mlp folder;
    gn_error_t err = {0};
    test_mlp_begin(&folder, SIZES, 3);
    gn_mlp_t *mlp = gn_mlp_load(folder.folder.dir, &err);
    assert_non_null(mlp);
    assert_int_equal(gn_mlp_inputs(mlp), FEATURES);
    assert_int_equal(gn_mlp_outputs(mlp), 3);
    assert_int_equal(gn_mlp_parameters(mlp), 71 * 50 + 51 * 33 + 34 * 3);
    assert_string_equal(gn_mlp_texts(mlp)->name, "test");
    static float inputs[EXAMPLES][FEATURES], outputs[EXAMPLES][3];
    fill_inputs(inputs[0], (size_t)EXAMPLES * FEATURES);
    assert_int_equal(gn_mlp_run(mlp, inputs[0], EXAMPLES, outputs[0], &err), GN_OK);
    for (int i = 0; i < EXAMPLES; i++) {
        float logits[3], expected[3];
        double exact[3];
        test_mlp_logits(&folder, inputs[i], logits);
        gn_softmax(logits, 3, expected);
        test_mlp_exact(&folder, inputs[i], exact);
        assert_memory_equal(outputs[i], expected, sizeof expected);
        for (int k = 0; k < 3; k++)
            assert_true(fabs((double)outputs[i][k] - exact[k]) < 1e-5);
    }
    gn_mlp_free(mlp);
    test_mlp_end(&folder);
}

/* An example's result does not depend on its company. */
static void test_batches(void **state)
{
    (void)state;
    struct test_mlp folder;
    gn_error_t err = {0};
    test_mlp_begin(&folder, SIZES, 3);
    gn_mlp_t *mlp = gn_mlp_load(folder.folder.dir, &err);
    assert_non_null(mlp);
    static float inputs[EXAMPLES][FEATURES], all[EXAMPLES][3], one[3];
    fill_inputs(inputs[0], (size_t)EXAMPLES * FEATURES);
    assert_int_equal(gn_mlp_run(mlp, inputs[0], EXAMPLES, all[0], &err), GN_OK);
    for (int i = 0; i < EXAMPLES; i++) {
        assert_int_equal(gn_mlp_run(mlp, inputs[i], 1, one, &err), GN_OK);
        assert_memory_equal(one, all[i], sizeof one);
    }
    assert_int_equal(gn_mlp_run(mlp, inputs[0], 0, one, &err), GN_OK);
    gn_mlp_free(mlp);
    test_mlp_end(&folder);
}

/* A single layer with weights that can be checked by hand: logits ln 1, ln 2, ln 5. */
static void test_by_hand(void **state)
{
    (void)state;
    struct test_mlp folder;
    gn_error_t err = {0};
    float outputs[3];
    test_mlp_begin(&folder, (const int[]){2, 3}, 1);
    const float weights[6] = {0, 0.6931472F, 0, 0, 0, 1}, biases[3] = {0, 0, 0.6094379F};
    memcpy(folder.folder.tensors[0].values, weights, sizeof weights);
    memcpy(folder.folder.tensors[1].values, biases, sizeof biases);
    test_write_model(&folder.folder);
    gn_mlp_t *mlp = gn_mlp_load(folder.folder.dir, &err);
    assert_non_null(mlp);
    assert_int_equal(gn_mlp_run(mlp, (const float[]){1, 1}, 1, outputs, &err), GN_OK);
    assert_float_equal(outputs[0], 0.125, 1e-6);
    assert_float_equal(outputs[1], 0.25, 1e-6);
    assert_float_equal(outputs[2], 0.625, 1e-6);
    gn_mlp_free(mlp);
    test_mlp_end(&folder);
}

/* A small model that Keras made and saved, with TensorFlow's results for 32 examples. */
static void test_keras(void **state)
{
    (void)state;
    static const char data[] = "tests/data/small_model";
    char path[128], folder[] = "/tmp/gannet-keras-XXXXXX", output[64];
    gn_error_t err = {0};
    snprintf(path, sizeof path, "%s/expected.json", data);
    json_t *root = json_load_file(path, 0, NULL);
    if (root == NULL) {
        print_message("no %s\n", path);
        skip();
    }
    snprintf(path, sizeof path, "%s/savedmodel", data);
    assert_non_null(mkdtemp(folder));
    snprintf(output, sizeof output, "%s/model", folder);
    const struct gn_import_options options = {.preset = NULL};
    if (gn_import_tensorflow(path, &options, output, &err) < 0)
        fail_msg("%s", err.message);
    gn_mlp_t *mlp = gn_mlp_load(output, &err);
    assert_non_null(mlp);
    assert_int_equal(gn_mlp_inputs(mlp), FEATURES);
    const json_t *features = json_object_get(root, "features");
    const json_t *expected = json_object_get(root, "probabilities");
    assert_int_equal(json_array_size(features), 32);
    for (size_t i = 0; i < 32; i++) {
        float inputs[FEATURES], outputs[3];
        for (size_t f = 0; f < FEATURES; f++)
            inputs[f] = (float)json_number_value(json_array_get(json_array_get(features, i), f));
        assert_int_equal(gn_mlp_run(mlp, inputs, 1, outputs, &err), GN_OK);
        for (size_t k = 0; k < 3; k++)
            assert_float_equal(outputs[k],
                               json_number_value(json_array_get(json_array_get(expected, i), k)),
                               1e-6);
    }
    gn_mlp_free(mlp);
    json_decref(root);
    struct test_model made = {.n_tensors = 0};
    memcpy(made.dir, output, sizeof output);
    test_model_end(&made);
    rmdir(folder);
}

static void expect_failure(const struct test_mlp *folder, int code, const char *words)
{
    gn_error_t err = {0};
    gn_mlp_t *mlp = gn_mlp_load(folder->folder.dir, &err);
    if (mlp != NULL || err.code != code || strstr(err.message, words) == NULL)
        print_error("expected %d '%s', got %d '%s'\n", code, words, err.code, err.message);
    assert_null(mlp);
    assert_int_equal(err.code, code);
    assert_non_null(strstr(err.message, words));
}

static json_t *layer_of(struct test_mlp *folder, size_t i)
{
    return json_array_get(json_object_get(folder->folder.root, "layers"), i);
}

static void test_bad_json(void **state)
{
    (void)state;
    struct test_mlp folder;
    test_mlp_begin(&folder, SIZES, 3);
    json_object_set_new(layer_of(&folder, 1), "activation", json_string("tanh"));
    test_write_json(&folder.folder);
    expect_failure(&folder, GN_E_DATA, "'activation'");
    json_object_set_new(layer_of(&folder, 1), "activation", json_string("softmax"));
    test_write_json(&folder.folder);
    expect_failure(&folder, GN_E_DATA, "'activation'");
    json_object_set_new(layer_of(&folder, 1), "activation", json_string("relu"));
    json_object_set_new(layer_of(&folder, 1), "op", json_string("conv2d"));
    test_write_json(&folder.folder);
    expect_failure(&folder, GN_E_DATA, "op: dense");
    json_object_set_new(layer_of(&folder, 1), "op", json_string("dense"));
    json_object_set_new(layer_of(&folder, 1), "units", json_integer(34));
    test_write_json(&folder.folder);
    expect_failure(&folder, GN_E_DATA,
                   "tensor 'dense1.weight' has 1650 elements, model.json asks for 50 x 34");
    json_object_set_new(layer_of(&folder, 1), "units", json_integer(0));
    test_write_json(&folder.folder);
    expect_failure(&folder, GN_E_DATA, "'units'");
    json_object_set_new(folder.folder.root, "layers", json_array());
    test_write_json(&folder.folder);
    expect_failure(&folder, GN_E_DATA, "'layers'");
    json_object_set_new(folder.folder.root, "input", json_pack("{s:i}", "features", 0));
    test_write_json(&folder.folder);
    expect_failure(&folder, GN_E_DATA, "'features'");
    test_mlp_end(&folder);
}

static void test_bad_kind(void **state)
{
    (void)state;
    struct test_mlp folder;
    gn_error_t err = {0};
    test_mlp_begin(&folder, SIZES, 3);
    assert_null(gn_model_load(folder.folder.dir, &err));
    assert_int_equal(err.code, GN_E_DATA);
    assert_non_null(strstr(err.message, "a perceptron (kind mlp)"));
    json_object_set_new(folder.folder.root, "kind", json_string("cnn"));
    test_write_json(&folder.folder);
    expect_failure(&folder, GN_E_DATA, "a network of images (kind cnn)");
    json_object_del(folder.folder.root, "kind");
    test_write_json(&folder.folder);
    expect_failure(&folder, GN_E_DATA, "a network of images (kind cnn)");
    json_object_set_new(folder.folder.root, "kind", json_string("forest"));
    test_write_json(&folder.folder);
    expect_failure(&folder, GN_E_DATA, "'kind'");
    test_mlp_end(&folder);
}

static void test_bad_weights(void **state)
{
    (void)state;
    struct test_mlp folder;
    char path[128];
    test_mlp_begin(&folder, SIZES, 3);
    folder.folder.tensors[2].values[17] = NAN;
    test_write_model(&folder.folder);
    expect_failure(&folder, GN_E_DATA,
                   "tensor 'dense1.weight' has a value that is no finite number");
    folder.folder.tensors[2].values[17] = 0;
    test_write_model(&folder.folder);
    test_path(&folder.folder, "weights.safetensors", path);
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    fseek(file, -3, SEEK_END);
    fputc(0x55, file);
    fclose(file);
    expect_failure(&folder, GN_E_DATA, "SHA-256");
    unlink(path);
    expect_failure(&folder, GN_E_NO_INPUT, "weights.safetensors");
    test_path(&folder.folder, "model.json", path);
    unlink(path);
    expect_failure(&folder, GN_E_NO_INPUT, "model.json");
    test_mlp_end(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_results),  cmocka_unit_test(test_batches),
        cmocka_unit_test(test_by_hand),  cmocka_unit_test(test_bad_json),
        cmocka_unit_test(test_bad_kind), cmocka_unit_test(test_bad_weights),
        cmocka_unit_test(test_keras),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

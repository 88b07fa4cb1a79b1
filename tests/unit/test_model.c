/* SPDX-License-Identifier: MIT
 *
 * test_model.c - model folders: what a good one gives, and how each kind of damage is refused.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cnn/graph.h"
#include "cnn/model.h"
#include "model_folder.h"

enum { HEIGHT = 9, WIDTH = 8, CHANNELS = 2 };

static const char LAYERS[] =
    "[{\"name\":\"c\",\"op\":\"conv2d\",\"inputs\":[\"image\"],\"filters\":17,\"kernel\":[3,2],"
    "\"stride\":[2,1],\"padding\":\"valid\",\"activation\":\"relu\"},"
    "{\"name\":\"g\",\"op\":\"global_avg_pool\",\"inputs\":[\"c\"]},"
    "{\"name\":\"d\",\"op\":\"dense\",\"inputs\":[\"g\"],\"units\":3,\"activation\":\"none\"},"
    "{\"name\":\"s\",\"op\":\"softmax\",\"inputs\":[\"d\"]}]";

static int set_up(void **state)
{
    static struct test_model folder;
    uint64_t seed = 1;
    test_model_begin(&folder, LAYERS, HEIGHT, WIDTH, CHANNELS);
    test_add_tensor(&folder, "c", "weight", (size_t[]){3, 2, 2, 17}, 4, &seed);
    test_add_tensor(&folder, "c", "bias", (size_t[]){17}, 1, &seed);
    test_add_tensor(&folder, "d", "weight", (size_t[]){17, 3}, 2, &seed);
    test_add_tensor(&folder, "d", "bias", (size_t[]){3}, 1, &seed);
    test_write_model(&folder);
    *state = &folder;
    return 0;
}

static int tear_down(void **state)
{
    test_model_end(*state);
    return 0;
}

/* Loading must fail with this code and a message that has these words. */
static void expect_failure(const struct test_model *folder, int code, const char *words)
{
    gn_error_t err = {0};
    gn_model_t *model = gn_model_load(folder->dir, &err);
    if (model != NULL || err.code != code || strstr(err.message, words) == NULL)
        print_error("expected %d '%s', got %d '%s'\n", code, words, err.code, err.message);
    assert_null(model);
    assert_int_equal(err.code, code);
    assert_non_null(strstr(err.message, words));
    gn_model_free(model);
}

static void test_good(void **state)
{
    const struct test_model *folder = *state;
    gn_error_t err = {0};
    gn_model_t *model = gn_model_load(folder->dir, &err);
    assert_non_null(model);
    int n;
    const int *channels = gn_model_channels(model, &n);
    assert_int_equal(gn_model_height(model), HEIGHT);
    assert_int_equal(gn_model_width(model), WIDTH);
    assert_int_equal(n, CHANNELS);
    assert_int_equal(channels[1], 2);
    assert_int_equal(gn_model_image_size(model), HEIGHT * WIDTH * CHANNELS);
    assert_string_equal(gn_model_name(model), "test");
    assert_string_equal(gn_model_preset(model), "wgs");
    assert_string_equal(gn_model_calling_json(model), "{}");
    assert_int_equal(strlen(gn_model_weights_sha256(model)), 64);
    gn_model_free(model);
}

/* Weights land in blocks of 16 outputs: [block][kernel row][kernel column][input][16]. */
static void test_packing(void **state)
{
    const struct test_model *folder = *state;
    gn_error_t err = {0};
    gn_model_t *model = gn_model_load(folder->dir, &err);
    assert_non_null(model);
    const struct gn_layer *layer = &gn_model_graph(model)->layers[0];
    const float *file = folder->tensors[0].values;
    for (int row = 0; row < 3 * 2 * 2; row++) {
        assert_true(layer->weights[row * 16 + 5] == file[row * 17 + 5]);
        assert_true(layer->weights[12 * 16 + row * 16] == file[row * 17 + 16]);
        assert_true(layer->weights[12 * 16 + row * 16 + 1] == 0.0F);
    }
    assert_true(layer->bias[16] == folder->tensors[1].values[16]);
    assert_int_equal(gn_model_graph(model)->tensors[1].height, 4);
    assert_int_equal(gn_model_graph(model)->tensors[1].width, 7);
    gn_model_free(model);
}

static void test_missing(void **state)
{
    struct test_model *folder = *state, none = {.dir = "/nonexistent/model"};
    char path[128];
    expect_failure(&none, GN_E_NO_INPUT, "/nonexistent/model/model.json");
    test_path(folder, "weights.safetensors", path);
    unlink(path);
    expect_failure(folder, GN_E_NO_INPUT, "weights.safetensors");
}

static void test_changed_byte(void **state)
{
    struct test_model *folder = *state;
    char path[128];
    test_path(folder, "weights.safetensors", path);
    FILE *file = fopen(path, "r+b");
    fseek(file, -1, SEEK_END);
    int last = fgetc(file);
    fseek(file, -1, SEEK_END);
    fputc(last ^ 1, file);
    fclose(file);
    expect_failure(folder, GN_E_DATA, "SHA-256");
}

static void test_truncated_weights(void **state)
{
    struct test_model *folder = *state;
    char path[128], sha256[65];
    test_path(folder, "weights.safetensors", path);
    FILE *file = fopen(path, "rb");
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    fclose(file);
    static const long cuts[] = {0, 7, 8, 20};
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        test_write_model(folder);
        assert_int_equal(truncate(path, cuts[i]), 0);
        expect_failure(folder, GN_E_DATA, "weights.safetensors");
    }
    test_write_model(folder); /* the last float is cut off, but the checksum is of the cut file */
    assert_int_equal(truncate(path, size - 4), 0);
    SHA256File(path, sha256);
    json_object_set_new(json_object_get(folder->root, "weights"), "sha256", json_string(sha256));
    test_write_json(folder);
    expect_failure(folder, GN_E_DATA, "outside the file");
}

static void test_not_finite(void **state)
{
    struct test_model *folder = *state;
    float *value = &folder->tensors[0].values[7], whole = *value;
    *value = NAN;
    test_write_model(folder);
    expect_failure(folder, GN_E_DATA, "'c.weight' has a value that is no finite number");
    *value = whole;
    value = &folder->tensors[3].values[2];
    whole = *value;
    *value = -INFINITY;
    test_write_model(folder);
    expect_failure(folder, GN_E_DATA, "'d.bias' has a value that is no finite number");
    *value = whole;
    test_write_model(folder);
}

static void test_not_json(void **state)
{
    struct test_model *folder = *state;
    char path[128];
    test_path(folder, "model.json", path);
    FILE *file = fopen(path, "w");
    fputs("{\"format\": ", file);
    fclose(file);
    expect_failure(folder, GN_E_DATA, "model.json: line 1");
}

/* Sets one key of one layer (JSON text) and expects a refusal. */
static void expect_bad_layer(struct test_model *folder, size_t layer, const char *key,
                             const char *json, const char *words)
{
    json_t *object = json_array_get(json_object_get(folder->root, "layers"), layer);
    json_t *old = json_incref(json_object_get(object, key));
    json_object_set_new(object, key, json_loads(json, JSON_DECODE_ANY, NULL));
    test_write_json(folder);
    expect_failure(folder, GN_E_DATA, words);
    json_object_set_new(object, key, old);
}

static void test_bad_layers(void **state)
{
    struct test_model *folder = *state;
    expect_bad_layer(folder, 0, "op", "\"conv3d\"", "unknown operation 'conv3d'");
    expect_bad_layer(folder, 0, "kernel", "[3]", "'kernel'");
    expect_bad_layer(folder, 0, "kernel", "[0, 2]", "'kernel'");
    expect_bad_layer(folder, 0, "kernel", "[10, 2]", "empty or too large");
    expect_bad_layer(folder, 0, "stride", "[1, -1]", "'stride'");
    expect_bad_layer(folder, 0, "filters", "1e9", "'filters'");
    expect_bad_layer(folder, 0, "filters", "18", "18");
    expect_bad_layer(folder, 0, "padding", "\"full\"", "'padding'");
    expect_bad_layer(folder, 0, "activation", "\"tanh\"", "'activation'");
    expect_bad_layer(folder, 0, "inputs", "[\"g\"]", "'g' is not made by an earlier layer");
    expect_bad_layer(folder, 0, "inputs", "[]", "number of inputs");
    expect_bad_layer(folder, 0, "name", "\"image\"", "taken");
    expect_bad_layer(folder, 0, "name", "\"x\"", "'c' is not made");
    expect_bad_layer(folder, 2, "inputs", "[\"c\"]", "1 x 1 map");
    expect_bad_layer(folder, 2, "units", "4", "softmax");
    expect_bad_layer(folder, 3, "op", "\"global_avg_pool\"", "softmax");
}

static void test_bad_header(void **state)
{
    struct test_model *folder = *state;
    static const struct {
        const char *key, *json, *words;
    } cases[] = {
        {"format", "\"other\"", "'format'"},
        {"format_version", "2", "format_version"},
        {"name", "7", "'name'"},
        {"preset", "null", "'preset'"},
        {"layers", "[]", "'layers'"},
        {"input", "{}", "normalisation"},
        {"weights", "{\"file\": \"../w\", \"sha256\": \"\"}", "'weights'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_t *old = json_incref(json_object_get(folder->root, cases[i].key));
        json_object_set_new(folder->root, cases[i].key,
                            json_loads(cases[i].json, JSON_DECODE_ANY, NULL));
        test_write_json(folder);
        expect_failure(folder, GN_E_DATA, cases[i].words);
        json_object_set_new(folder->root, cases[i].key, old);
    }
}

static void test_check_input(void **state)
{
    const struct test_model *folder = *state;
    gn_error_t err = {0};
    gn_model_t *model = gn_model_load(folder->dir, &err);
    assert_non_null(model);
    const int good[3] = {HEIGHT, WIDTH, CHANNELS}, wide[3] = {HEIGHT, WIDTH + 1, CHANNELS};
    assert_int_equal(gn_model_check_input(model, good, NULL, "x", &err), GN_OK);
    assert_int_equal(gn_model_check_input(model, good, (int[]){1, 2}, "x", &err), GN_OK);
    assert_int_equal(gn_model_check_input(model, good, (int[]){1, 19}, "x", &err), GN_E_MISMATCH);
    assert_non_null(strstr(err.message, "channel 2"));
    assert_int_equal(gn_model_check_input(model, wide, NULL, "x.gz", &err), GN_E_MISMATCH);
    assert_non_null(strstr(err.message, "x.gz"));
    gn_model_free(model);
}

/* Every folder under models/ loads (run from the project's root). */
static void test_shipped(void **state)
{
    (void)state;
    gn_error_t err = {0};
    if (access("models/wgs/model.json", R_OK) != 0)
        skip();
    gn_model_t *model = gn_model_load("models/wgs", &err);
    assert_non_null(model);
    assert_string_equal(gn_model_preset(model), "wgs");
    gn_model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_good, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_packing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_missing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_changed_byte, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_truncated_weights, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_not_finite, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_not_json, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_bad_layers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_bad_header, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_check_input, set_up, tear_down),
        cmocka_unit_test(test_shipped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

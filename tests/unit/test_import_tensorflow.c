/* SPDX-License-Identifier: MIT
 *
 * test_import_tensorflow.c - checkpoints of a narrow Inception v3 in the layouts that Keras writes,
 * and every fault that must be named.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cnn/import_tensorflow.h"
#include "cnn/model.h"
#include "cnn/safetensors.h"
#include "narrow_checkpoint.h"
#include "temporary_folder.h"

static const char INFO[] =
    "{\"version\": \"1.9.0\", \"shape\": [75, 75, 3], \"channels\": [1, 2, 5]}";
static const struct narrow_checkpoint WHOLE = {.swapped = -1};
static const struct gn_import_options PRESET = {.preset = "wes"};

struct place {
    struct temporary_folder folder;
    char prefix[128], output[128];
};

static int set_up(void **state)
{
    static struct place place;
    temporary_make(&place.folder);
    snprintf(place.prefix, sizeof place.prefix, "%s/model.ckpt", place.folder.dir);
    snprintf(place.output, sizeof place.output, "%s/out", place.folder.dir);
    temporary_write(&place.folder, "example_info.json", INFO);
    *state = &place;
    return 0;
}

static int tear_down(void **state)
{
    temporary_remove(&((struct place *)*state)->folder);
    return 0;
}

static float first_value(const gn_safetensors_t *file, const char *name)
{
    struct gn_safetensor tensor;
    gn_error_t err = {0};
    float value;
    assert_int_equal(gn_safetensors_find(file, name, &tensor, &err), GN_OK);
    memcpy(&value, tensor.data, sizeof value);
    return value;
}

/* The weights of write_narrow(), folded by hand: (i + 1) / 2 and i - 4 / 2. */
static void check_model(const struct place *place)
{
    gn_error_t err = {0};
    char path[160], sha256[65], name[32];
    gn_model_t *model = gn_model_load(place->output, &err);
    assert_string_equal(err.message, "");
    assert_non_null(model);
    assert_string_equal(gn_model_preset(model), "wes");
    assert_string_equal(gn_model_version(model), "1.9.0");
    assert_int_equal(gn_model_height(model), 75);
    int n;
    assert_int_equal(gn_model_channels(model, &n)[2], 5);
    assert_int_equal(n, 3);
    gn_model_free(model);
    snprintf(path, sizeof path, "%s/weights.safetensors", place->output);
    gn_safetensors_t *file = gn_safetensors_open(path, sha256, &err);
    assert_non_null(file);
    for (int i = 0; i < GN_INCEPTION_CONVS; i++) {
        snprintf(name, sizeof name, "conv2d_%d.weight", i);
        assert_true(fabsf(first_value(file, name) - (float)(i + 1) / 2) < 1e-5F * (float)(i + 1));
        snprintf(name, sizeof name, "conv2d_%d.bias", i);
        assert_true(fabsf(first_value(file, name) - (float)(i - 2)) < 1e-5F);
    }
    assert_true(first_value(file, "classification.weight") == 0.5F);
    assert_true(first_value(file, "classification.bias") == -1);
    gn_safetensors_close(file);
}

static void import_good(struct place *place, const struct narrow_checkpoint *how, const char *path)
{
    gn_error_t err = {0};
    write_narrow(place->prefix, how);
    int rc = gn_import_tensorflow(path, &PRESET, place->output, &err);
    assert_string_equal(err.message, "");
    assert_int_equal(rc, GN_OK);
    check_model(place);
}

static void checkpoint_by_prefix(void **state)
{
    struct place *place = *state;
    import_good(place, &WHOLE, place->prefix);
}

static void checkpoint_by_folder(void **state)
{
    struct place *place = *state;
    import_good(place, &WHOLE, place->folder.dir);
}

/* The text file names the one of several; its folder may have moved since. */
static void checkpoint_named_by_text_file(void **state)
{
    struct place *place = *state;
    char other[160];
    snprintf(other, sizeof other, "%s-2", place->prefix);
    write_narrow(other, &WHOLE);
    write_narrow(place->prefix, &WHOLE);
    gn_error_t err = {0};
    assert_int_equal(gn_import_tensorflow(place->folder.dir, &PRESET, place->output, &err),
                     GN_E_USAGE);
    assert_non_null(strstr(err.message, "2 checkpoints"));
    temporary_write(&place->folder, "checkpoint",
                    "model_checkpoint_path: \"/elsewhere/model.ckpt\"\n"
                    "all_model_checkpoint_paths: \"/elsewhere/model.ckpt-2\"\n");
    import_good(place, &WHOLE, place->folder.dir);
}

static void saved_model_folder(void **state)
{
    struct place *place = *state;
    char dir[160];
    snprintf(dir, sizeof dir, "%s/variables", place->folder.dir);
    assert_int_equal(mkdir(dir, 0777), 0);
    temporary_write(&place->folder, "saved_model.pb", "");
    snprintf(place->prefix, sizeof place->prefix, "%s/variables/variables", place->folder.dir);
    import_good(place, &(struct narrow_checkpoint){.swapped = -1, .nameless = true},
                place->folder.dir);
}

static void names_that_start_late(void **state)
{
    struct place *place = *state;
    import_good(place, &(struct narrow_checkpoint){.swapped = -1, .first_number = 94},
                place->prefix);
}

static void places_alone(void **state)
{
    struct place *place = *state;
    import_good(place, &(struct narrow_checkpoint){.swapped = -1, .nameless = true}, place->prefix);
}

static void list_of_variables(void **state)
{
    struct place *place = *state;
    import_good(place, &(struct narrow_checkpoint){.swapped = -1, .as_list = true}, place->prefix);
}

static void assert_refused(struct place *place, const struct narrow_checkpoint *how,
                           const struct gn_import_options *options, int code, const char *what)
{
    gn_error_t err = {0};
    write_narrow(place->prefix, how);
    int rc = gn_import_tensorflow(place->prefix, options, place->output, &err);
    if (rc != code || strstr(err.message, what) == NULL)
        fail_msg("%d: '%s' does not say '%s'", rc, err.message, what);
    assert_non_null(strstr(err.message, place->folder.dir));
    assert_int_not_equal(access(place->output, F_OK), 0);
}

/* conv 60 and conv 61 have equal shapes: only the names tell that the layers are swapped. */
static void swapped_layers_are_refused(void **state)
{
    assert_refused(*state, &(struct narrow_checkpoint){.swapped = 60}, &PRESET, GN_E_DATA,
                   "wrong order");
}

static void missing_variables_are_named(void **state)
{
    static const char *const keys[] = {
        "layer_with_weights-21/moving_variance", "layer_with_weights-188/bias",
        "layer_with_weights-72/kernel", "layer_with_weights-0/kernel"};
    for (int i = 0; i < 8; i++)
        assert_refused(*state,
                       &(struct narrow_checkpoint){
                           .swapped = -1, .omitted = keys[i / 2], .omitted_by_all = i % 2 == 1},
                       &PRESET, GN_E_DATA, keys[i / 2]);
}

static void bad_values_are_named(void **state)
{
    struct narrow_checkpoint how = {.swapped = -1, .value = NAN};
    how.spoilt = "layer_with_weights-129/kernel";
    assert_refused(*state, &how, &PRESET, GN_E_DATA, how.spoilt);
    how.spoilt = "layer_with_weights-188/bias";
    assert_refused(*state, &how, &PRESET, GN_E_DATA, how.spoilt);
    how.spoilt = "layer_with_weights-1/moving_mean";
    how.value = INFINITY;
    assert_refused(*state, &how, &PRESET, GN_E_DATA, how.spoilt);
    how.spoilt = "layer_with_weights-1/moving_variance";
    how.value = -0.5F;
    assert_refused(*state, &how, &PRESET, GN_E_DATA, how.spoilt);
}

static void descriptions_that_do_not_fit(void **state)
{
    struct place *place = *state;
    static const struct gn_import_options nothing = {0},
                                          wider = {.preset = "wgs", .shape = {75, 75, 4}},
                                          given = {.preset = "wgs",
                                                   .shape = {80, 90, 3},
                                                   .channels = {1, 2, 3},
                                                   .n_channels = 3};
    assert_refused(place, &WHOLE, &nothing, GN_E_USAGE, "--preset");
    assert_refused(place, &WHOLE, &wider, GN_E_MISMATCH, "75 x 75 x 4");
    temporary_write(&place->folder, "example_info.json",
                    "{\"shape\": [100, 221, 7], \"channels\": [1, 2, 3, 4, 5, 6, 19]}");
    assert_refused(place, &WHOLE, &PRESET, GN_E_MISMATCH, "3 channels");
    temporary_write(&place->folder, "example_info.json", "{\"shape\": [75, 75");
    assert_refused(place, &WHOLE, &PRESET, GN_E_DATA, "example_info.json");
    temporary_write(&place->folder, "example_info.json", INFO);
    unlink(temporary_path(&place->folder, "example_info.json"));
    assert_refused(place, &WHOLE, &PRESET, GN_E_USAGE, "--shape");
    gn_error_t err = {0};
    assert_int_equal(gn_import_tensorflow(place->prefix, &given, place->output, &err), GN_OK);
    gn_model_t *model = gn_model_load(place->output, &err);
    assert_non_null(model);
    assert_int_equal(gn_model_width(model), 90);
    gn_model_free(model);
}

static void channels_left_out_by_ablation(void **state)
{
    struct place *place = *state;
    temporary_write(&place->folder, "example_info.json",
                    "{\"version\": \"1.9.0\", \"shape\": [75, 75, 5], "
                    "\"channels\": [1, 2, 4, 5, 6], \"ablation_channels\": [6, 4]}");
    import_good(place, &WHOLE, place->prefix);
}

static void flags_for_calling_are_kept(void **state)
{
    struct place *place = *state;
    temporary_write(&place->folder, "example_info.json",
                    "{\"version\": \"1.9.0\", \"shape\": [75, 75, 3], \"channels\": [1, 2, 5], "
                    "\"flags_for_calling\": {\"partition_size\": 25000}}");
    import_good(place, &WHOLE, place->prefix);
    gn_error_t err = {0};
    gn_model_t *model = gn_model_load(place->output, &err);
    assert_non_null(model);
    assert_string_equal(gn_model_calling_json(model), "{\"partition_size\":25000}");
    gn_model_free(model);
}

/* 2 -> 3 -> 2, in double precision. */
static void write_perceptron(const char *prefix, size_t second_inputs)
{
    static const uint8_t doubles[128] = {0};
    const size_t first[2] = {2, 3}, second[2] = {second_inputs, 2};
    struct bundle_writer *writer = bundle_begin(prefix, 1);
    const char *end = "/.ATTRIBUTES/VARIABLE_VALUE";
    char key[128];
    for (int i = 0; i < 4; i++) {
        const size_t *shape = i < 2 ? first : second;
        size_t size = 8 * (i % 2 == 0 ? shape[0] * shape[1] : shape[1]);
        snprintf(key, sizeof key, "layer_with_weights-%d/%s%s", i / 2,
                 i % 2 == 0 ? "kernel" : "bias", end);
        bundle_add(writer, key, 2, i % 2 == 0 ? 2 : 1, i % 2 == 0 ? shape : shape + 1, 0, doubles,
                   size, plain_masked_crc(doubles, size));
    }
    bundle_end(writer);
}

static void perceptrons(void **state)
{
    struct place *place = *state;
    gn_error_t err = {0};
    write_perceptron(place->prefix, 3);
    assert_int_equal(gn_import_tensorflow(place->prefix, &PRESET, place->output, &err), GN_OK);
    assert_null(gn_model_load(place->output, &err));
    snprintf(place->output, sizeof place->output, "%s/out2", place->folder.dir);
    write_perceptron(place->prefix, 4);
    assert_int_equal(gn_import_tensorflow(place->prefix, &PRESET, place->output, &err), GN_E_DATA);
    assert_non_null(strstr(err.message, "not a chain"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(checkpoint_by_prefix, set_up, tear_down),
        cmocka_unit_test_setup_teardown(checkpoint_by_folder, set_up, tear_down),
        cmocka_unit_test_setup_teardown(checkpoint_named_by_text_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(saved_model_folder, set_up, tear_down),
        cmocka_unit_test_setup_teardown(names_that_start_late, set_up, tear_down),
        cmocka_unit_test_setup_teardown(places_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(list_of_variables, set_up, tear_down),
        cmocka_unit_test_setup_teardown(swapped_layers_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(missing_variables_are_named, set_up, tear_down),
        cmocka_unit_test_setup_teardown(bad_values_are_named, set_up, tear_down),
        cmocka_unit_test_setup_teardown(descriptions_that_do_not_fit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(channels_left_out_by_ablation, set_up, tear_down),
        cmocka_unit_test_setup_teardown(flags_for_calling_are_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(perceptrons, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

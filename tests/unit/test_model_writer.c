/* SPDX-License-Identifier: MIT
 *
 * test_model_writer.c - a folder that is written can be loaded; bad weights and occupied folders
 * are refused and leave nothing behind.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cnn/model.h"
#include "cnn/model_writer.h"
#include "cnn/safetensors.h"

static const char DESCRIPTION[] =
    "{\"name\":\"w\",\"version\":\"2\",\"preset\":\"wes\",\"calling\":{\"p\":0.001},"
    "\"input\":{\"shape\":[4,5,2],\"channels\":[1,19],\"normalisation\":\"(x - 128) / 128\"},"
    "\"layers\":[{\"name\":\"g\",\"op\":\"global_avg_pool\",\"inputs\":[\"image\"]},"
    "{\"name\":\"d\",\"op\":\"dense\",\"inputs\":[\"g\"],\"units\":3,\"activation\":\"none\"},"
    "{\"name\":\"s\",\"op\":\"softmax\",\"inputs\":[\"d\"]}]}";

static const float KERNEL[] = {1.5F, -2, 3, 4, 5, 0.125F}, BIAS[] = {7, 8, -9};

struct place {
    char parent[32], dir[40], json[56], weights[64];
    json_t *description;
    struct gn_weights_entry entries[2];
};

static int set_up(void **state)
{
    static struct place place;
    place = (struct place){.parent = "/tmp/gannet-write-XXXXXX",
                           .entries = {{"d.weight", 2, {2, 3}, KERNEL}, {"d.bias", 1, {3}, BIAS}}};
    if (mkdtemp(place.parent) == NULL)
        return -1;
    snprintf(place.dir, sizeof place.dir, "%s/model", place.parent);
    snprintf(place.json, sizeof place.json, "%s/model.json", place.dir);
    snprintf(place.weights, sizeof place.weights, "%s/weights.safetensors", place.dir);
    place.description = json_loads(DESCRIPTION, 0, NULL);
    *state = &place;
    return place.description == NULL;
}

static int tear_down(void **state)
{
    struct place *place = *state;
    unlink(place->json);
    unlink(place->weights);
    rmdir(place->dir);
    json_decref(place->description);
    return rmdir(place->parent);
}

static void written_model_loads(void **state)
{
    struct place *place = *state;
    gn_error_t err = {0};
    assert_int_equal(gn_model_write(place->dir, place->description, place->entries, 2, &err),
                     GN_OK);
    gn_model_t *model = gn_model_load(place->dir, &err);
    assert_non_null(model);
    assert_string_equal(gn_model_name(model), "w");
    assert_string_equal(gn_model_preset(model), "wes");
    assert_int_equal(gn_model_parameters(model), 9);
    char sha256[65];
    gn_safetensors_t *file = gn_safetensors_open(place->weights, sha256, &err);
    assert_non_null(file);
    assert_string_equal(gn_model_weights_sha256(model), sha256);
    struct gn_safetensor tensor;
    assert_int_equal(gn_safetensors_find(file, "d.weight", &tensor, &err), GN_OK);
    assert_int_equal(tensor.count, 6);
    assert_memory_equal(tensor.data, KERNEL, sizeof KERNEL);
    gn_safetensors_close(file);
    gn_model_free(model);
}

/* The data begin at a multiple of 8 bytes, as the format's own writer has it. */
static void data_are_aligned(void **state)
{
    struct place *place = *state;
    gn_error_t err = {0};
    assert_int_equal(gn_model_write(place->dir, place->description, place->entries, 2, &err),
                     GN_OK);
    struct stat info;
    assert_int_equal(stat(place->weights, &info), 0);
    assert_int_equal((info.st_size - (off_t)(sizeof KERNEL + sizeof BIAS)) % 8, 0);
}

static void occupied_folder_is_refused(void **state)
{
    struct place *place = *state;
    gn_error_t err = {0};
    assert_int_equal(gn_model_write(place->dir, place->description, place->entries, 2, &err),
                     GN_OK);
    assert_int_equal(gn_model_write(place->dir, place->description, place->entries, 2, &err),
                     GN_E_CANNOT_CREATE);
    assert_non_null(strstr(err.message, "holds a model already"));
}

static void bad_value_leaves_nothing(void **state)
{
    struct place *place = *state;
    gn_error_t err = {0};
    const float bad[] = {0, INFINITY, 0};
    place->entries[1].values = bad;
    assert_int_equal(gn_model_write(place->dir, place->description, place->entries, 2, &err),
                     GN_E_DATA);
    assert_non_null(strstr(err.message, "d.bias"));
    assert_int_not_equal(access(place->dir, F_OK), 0);
}

static void description_is_replaced(void **state)
{
    struct place *place = *state;
    gn_error_t err = {0};
    assert_int_equal(gn_model_write(place->dir, place->description, place->entries, 2, &err),
                     GN_OK);
    json_t *root = json_load_file(place->json, 0, NULL);
    assert_non_null(root);
    json_object_set_new(root, "version", json_string("3"));
    assert_int_equal(gn_model_write_description(place->dir, root, &err), GN_OK);
    gn_model_t *model = gn_model_load(place->dir, &err);
    assert_non_null(model);
    assert_string_equal(gn_model_version(model), "3");
    gn_model_free(model);
    json_decref(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(written_model_loads, set_up, tear_down),
        cmocka_unit_test_setup_teardown(data_are_aligned, set_up, tear_down),
        cmocka_unit_test_setup_teardown(occupied_folder_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(bad_value_leaves_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(description_is_replaced, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

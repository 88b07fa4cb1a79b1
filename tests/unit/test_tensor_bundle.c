/* SPDX-License-Identifier: MIT
 *
 * test_tensor_bundle.c - checkpoints in every layout the format allows, each kind of damage, and a
 * genuine SavedModel of Google's (skipped without shared data).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <unistd.h>

#include "bundle_writer.h"
#include "io/object_graph.h"
#include "io/tensor_bundle.h"
#include "temporary_folder.h"

enum { MANY = 300 };

static const float VALUES[] = {1, -2.5F, 3e-20F, 4, 5, 6};
static const size_t SHAPE[] = {2, 3};

static int make_folder(void **state)
{
    static struct temporary_folder folder;
    temporary_make(&folder);
    *state = &folder;
    return 0;
}

static int remove_folder(void **state)
{
    temporary_remove(*state);
    return 0;
}

static const char *prefix_in(const struct temporary_folder *folder)
{
    static char prefix[128];
    snprintf(prefix, sizeof prefix, "%s/model.ckpt-7", folder->dir);
    return prefix;
}

/* 300 tensors on two shards and a name; tensor i holds VALUES scaled by i. */
static void write_many(const char *prefix, bool snappy, size_t block_size)
{
    struct bundle_writer *writer = bundle_begin(prefix, 2);
    writer->snappy = snappy;
    writer->block_size = block_size;
    for (int i = 0; i < MANY; i++) {
        char key[64];
        float values[6];
        for (int k = 0; k < 6; k++)
            values[k] = VALUES[k] * (float)i;
        snprintf(key, sizeof key, "layer-%d/kernel/.ATTRIBUTES/VARIABLE_VALUE", i);
        bundle_add_floats(writer, key, 2, SHAPE, i % 2, values);
    }
    bundle_name(writer, "layer-7/kernel/.ATTRIBUTES/VARIABLE_VALUE", "conv2d_3/kernel");
    bundle_end(writer);
}

static void check_many(const char *prefix)
{
    gn_error_t err = {0};
    gn_tensor_bundle_t *bundle = gn_tensor_bundle_open(prefix, &err);
    assert_non_null(bundle);
    size_t n;
    gn_tensor_bundle_list(bundle, &n);
    assert_int_equal(n, MANY + 1);
    for (int i = 0; i < MANY; i++) {
        char key[64];
        float values[6];
        snprintf(key, sizeof key, "layer-%d/kernel/.ATTRIBUTES/VARIABLE_VALUE", i);
        const struct gn_bundle_tensor *tensor = gn_tensor_bundle_find(bundle, key);
        assert_non_null(tensor);
        assert_int_equal(tensor->rank, 2);
        assert_int_equal(tensor->shape[1], 3);
        assert_int_equal(gn_tensor_bundle_read_floats(bundle, tensor, values, &err), GN_OK);
        for (int k = 0; k < 6; k++)
            assert_true(values[k] == VALUES[k] * (float)i);
    }
    gn_object_graph_t *graph = gn_object_graph_read(bundle, &err);
    assert_non_null(graph);
    assert_string_equal(
        gn_object_graph_full_name(graph, "layer-7/kernel/.ATTRIBUTES/VARIABLE_VALUE"),
        "conv2d_3/kernel");
    assert_null(gn_object_graph_full_name(graph, "layer-8/kernel/.ATTRIBUTES/VARIABLE_VALUE"));
    gn_object_graph_free(graph);
    gn_tensor_bundle_close(bundle);
}

static void every_layout_reads_alike(void **state)
{
    const char *prefix = prefix_in(*state);
    static const size_t block_sizes[] = {0, 500, 100000};
    for (int i = 0; i < 6; i++) {
        write_many(prefix, i % 2 == 1, block_sizes[i / 2]);
        check_many(prefix);
    }
}

static void number_types(void **state)
{
    const char *prefix = prefix_in(*state);
    /* 1, -2, 2^-24 (the smallest half), 65504 (the largest), infinity */
    static const uint8_t halves[] = {0, 0x3c, 0, 0xc0, 1, 0, 0xff, 0x7b, 0, 0x7c};
    static const uint8_t brains[] = {0x80, 0x3f, 0x49, 0xc0};        /* 1, -3.140625 */
    static const uint8_t doubles[] = {0, 0, 0, 0, 0, 0, 0xe0, 0xbf}; /* -0.5 */
    static const size_t five = 5, two = 2, one = 1;
    struct bundle_writer *writer = bundle_begin(prefix, 1);
    bundle_add(writer, "b", 14, 1, &two, 0, brains, 4, plain_masked_crc(brains, 4));
    bundle_add(writer, "d", 2, 1, &one, 0, doubles, 8, plain_masked_crc(doubles, 8));
    bundle_add(writer, "h", 19, 1, &five, 0, halves, 10, plain_masked_crc(halves, 10));
    bundle_add(writer, "i", 9, 1, &one, 0, doubles, 8, plain_masked_crc(doubles, 8));
    bundle_end(writer);
    gn_error_t err = {0};
    gn_tensor_bundle_t *bundle = gn_tensor_bundle_open(prefix, &err);
    assert_non_null(bundle);
    float v[5];
    assert_int_equal(
        gn_tensor_bundle_read_floats(bundle, gn_tensor_bundle_find(bundle, "b"), v, &err), GN_OK);
    assert_true(v[0] == 1 && v[1] == -3.140625F);
    assert_int_equal(
        gn_tensor_bundle_read_floats(bundle, gn_tensor_bundle_find(bundle, "d"), v, &err), GN_OK);
    assert_true(v[0] == -0.5F);
    assert_int_equal(
        gn_tensor_bundle_read_floats(bundle, gn_tensor_bundle_find(bundle, "h"), v, &err), GN_OK);
    assert_true(v[0] == 1 && v[1] == -2 && v[2] == 5.9604644775390625e-8F && v[3] == 65504);
    assert_true(v[4] > 1e38F);
    assert_int_equal(
        gn_tensor_bundle_read_floats(bundle, gn_tensor_bundle_find(bundle, "i"), v, &err),
        GN_E_DATA);
    gn_tensor_bundle_close(bundle);
}

static void change_byte(const char *path, long offset)
{
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    fseek(file, offset, offset < 0 ? SEEK_END : SEEK_SET);
    int byte = fgetc(file);
    fseek(file, -1, SEEK_CUR);
    fputc(byte ^ 4, file);
    fclose(file);
}

static void assert_refused(const char *prefix, int code, const char *what)
{
    gn_error_t err = {0};
    assert_null(gn_tensor_bundle_open(prefix, &err));
    assert_int_equal(err.code, code);
    if (strstr(err.message, what) == NULL)
        fail_msg("'%s' does not say '%s'", err.message, what);
}

static void damaged_index(void **state)
{
    const char *prefix = prefix_in(*state);
    char path[160];
    snprintf(path, sizeof path, "%s.index", prefix);
    write_many(prefix, false, 500);
    change_byte(path, 100);
    assert_refused(prefix, GN_E_DATA, "CRC");
    write_many(prefix, true, 500);
    change_byte(path, 100);
    assert_refused(prefix, GN_E_DATA, "CRC");
    write_many(prefix, false, 500);
    change_byte(path, -1);
    assert_refused(prefix, GN_E_DATA, "last bytes");
    write_many(prefix, false, 500);
    assert_int_equal(truncate(path, 700), 0);
    assert_refused(prefix, GN_E_DATA, "last bytes");
    assert_int_equal(truncate(path, 20), 0);
    assert_refused(prefix, GN_E_DATA, "48 bytes");
    unlink(path);
    assert_refused(prefix, GN_E_NO_INPUT, ".index");
}

/* A flipped bit in the data: the file and the tensor are named. */
static void damaged_data(void **state)
{
    const char *prefix = prefix_in(*state);
    char path[160];
    snprintf(path, sizeof path, "%s.data-00001-of-00002", prefix);
    write_many(prefix, false, 500);
    change_byte(path, 5 * 24 + 3); /* the sixth tensor of shard 1 is the eleventh of all */
    gn_error_t err = {0};
    gn_tensor_bundle_t *bundle = gn_tensor_bundle_open(prefix, &err);
    assert_non_null(bundle);
    float values[6];
    assert_int_equal(
        gn_tensor_bundle_read_floats(
            bundle, gn_tensor_bundle_find(bundle, "layer-11/kernel/.ATTRIBUTES/VARIABLE_VALUE"),
            values, &err),
        GN_E_DATA);
    assert_non_null(strstr(err.message, "layer-11/"));
    assert_non_null(strstr(err.message, path));
    assert_non_null(strstr(err.message, "CRC"));
    gn_tensor_bundle_close(bundle);
    assert_int_equal(truncate(path, 1000), 0);
    assert_refused(prefix, GN_E_DATA, "beyond the end");
    unlink(path);
    assert_refused(prefix, GN_E_NO_INPUT, path);
}

static void damaged_object_graph(void **state)
{
    const char *prefix = prefix_in(*state);
    char path[160];
    snprintf(path, sizeof path, "%s.data-00000-of-00002", prefix);
    write_many(prefix, false, 500);
    change_byte(path, -5);
    gn_error_t err = {0};
    gn_tensor_bundle_t *bundle = gn_tensor_bundle_open(prefix, &err);
    assert_non_null(bundle);
    assert_null(gn_object_graph_read(bundle, &err));
    assert_int_equal(err.code, GN_E_DATA);
    assert_non_null(strstr(err.message, "_CHECKPOINTABLE_OBJECT_GRAPH"));
    gn_tensor_bundle_close(bundle);
}

/* Google's multi-allelic model: 2 shards, a compressed block, 33 tensors of numbers. */
static void genuine_saved_model(void **state)
{
    (void)state;
    const char *shared = getenv("GANNET_SHARED");
    char prefix[512], path[600];
    snprintf(prefix, sizeof prefix, "%s/testdata/dv-1.9.0/multiallelic_model/variables/variables",
             shared == NULL ? "../shared" : shared);
    snprintf(path, sizeof path, "%s.index", prefix);
    if (access(path, R_OK) != 0)
        skip();
    gn_error_t err = {0};
    gn_tensor_bundle_t *bundle = gn_tensor_bundle_open(prefix, &err);
    assert_non_null(bundle);
    size_t n;
    int n_floats = 0;
    const struct gn_bundle_tensor *tensors = gn_tensor_bundle_list(bundle, &n);
    assert_int_equal(n, 34);
    for (size_t i = 0; i < n; i++) {
        float values[200];
        if (tensors[i].type != 1)
            continue;
        assert_true(tensors[i].count <= 200);
        assert_int_equal(gn_tensor_bundle_read_floats(bundle, &tensors[i], values, &err), GN_OK);
        n_floats++;
    }
    assert_int_equal(n_floats, 32); /* and one int64 */
    gn_object_graph_t *graph = gn_object_graph_read(bundle, &err);
    assert_non_null(graph);
    assert_non_null(
        gn_object_graph_full_name(graph, "layer_with_weights-3/bias/.ATTRIBUTES/VARIABLE_VALUE"));
    gn_object_graph_free(graph);
    gn_tensor_bundle_close(bundle);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_layout_reads_alike, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(number_types, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(damaged_index, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(damaged_data, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(damaged_object_graph, make_folder, remove_folder),
        cmocka_unit_test(genuine_saved_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

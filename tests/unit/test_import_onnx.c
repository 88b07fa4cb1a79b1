/* SPDX-License-Identifier: MIT
 *
 * test_import_onnx.c - files of tf2onnx and PyTorch give TensorFlow's probabilities; other ways of
 * writing the same small graph give the same model; what is not supported is named.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>
#include <math.h>
#include <unistd.h>

#include "cnn/example_source.h"
#include "cnn/import_onnx.h"
#include "cnn/infer.h"
#include "cnn/safetensors.h"
#include "onnx_spelling.h"
#include "temporary_folder.h"

#define FIXTURE "tests/data/narrow_inception/illumina"

static const struct gn_import_options NO_OPTIONS = {0};
static const struct gn_import_options PRESET = {
    .preset = "wgs", .channels = {1, 2, 5}, .n_channels = 3};

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

/* The greatest difference of the fixture's probabilities from TensorFlow's. */
static double compare_examples(const gn_model_t *model)
{
    gn_error_t err = {0};
    const struct gn_network_options options = {.precision = GN_PRECISION_FLOAT32};
    const char *first;
    struct gn_example example;
    size_t n = 0;
    double worst = 0;
    json_t *root = json_load_file(FIXTURE "/expected.json", 0, NULL);
    const json_t *rows = json_object_get(root, "probabilities");
    gn_network_t *network = gn_network_create(model, &options, &err);
    gn_infer_t *infer = gn_infer_create(network, &err);
    gn_example_source_t *source =
        gn_example_source_open(FIXTURE "/examples.tfrecord.gz", &first, &err);
    assert_non_null(source);
    while (gn_example_source_next(source, &example, &err) == 1) {
        float found[1][3];
        assert_int_equal(example.image.len, gn_model_image_size(model));
        assert_int_equal(gn_infer_run(infer, example.image.data, 1, found, &err), GN_OK);
        gn_example_clear(&example);
        for (size_t k = 0; k < 3; k++)
            worst =
                fmax(worst, fabs((double)found[0][k] -
                                 json_number_value(json_array_get(json_array_get(rows, n), k))));
        n++;
    }
    assert_int_equal(n, 16);
    gn_example_source_close(source);
    gn_infer_destroy(infer);
    gn_network_destroy(network);
    json_decref(root);
    return worst;
}

static void check_fixture(struct temporary_folder *folder, const char *source, double tolerance)
{
    gn_error_t err = {0};
    const char *output = temporary_path(folder, "model");
    assert_int_equal(gn_import_onnx(source, &NO_OPTIONS, output, &err), GN_OK);
    gn_model_t *model = gn_model_load(output, &err);
    assert_non_null(model);
    assert_string_equal(gn_model_preset(model), "wgs");
    double worst = compare_examples(model);
    gn_model_free(model);
    if (!(worst < tolerance))
        fail_msg("%s: differs by %g", source, worst);
}

static void file_of_pytorch(void **state)
{
    check_fixture(*state, FIXTURE "/torch.onnx", 2e-6);
}

/* tf2onnx folds batch normalisation in float32, before we get to see it. */
static void file_of_tf2onnx(void **state)
{
    check_fixture(*state, FIXTURE "/tf2onnx.onnx", 4e-6);
}

static int import_spelling(struct temporary_folder *folder, const struct spelling *how,
                           const char *output, gn_error_t *err)
{
    char source[128], target[128];
    snprintf(source, sizeof source, "%s/network.onnx", folder->dir);
    snprintf(target, sizeof target, "%s/%s", folder->dir, output);
    write_graph(source, how);
    return gn_import_onnx(source, &PRESET, target, err);
}

static float weight(const char *folder, const char *name, size_t i)
{
    char path[192], sha256[65];
    gn_error_t err = {0};
    struct gn_safetensor tensor;
    snprintf(path, sizeof path, "%s/weights.safetensors", folder);
    gn_safetensors_t *file = gn_safetensors_open(path, sha256, &err);
    assert_non_null(file);
    assert_int_equal(gn_safetensors_find(file, name, &tensor, &err), GN_OK);
    float value;
    memcpy(&value, (const char *)tensor.data + i * sizeof value, sizeof value);
    gn_safetensors_close(file);
    return value;
}

/* Orders of axes and the folding of the batch normalisation, by hand. */
static void weights_in_our_order(void **state)
{
    struct temporary_folder *folder = *state;
    gn_error_t err = {0};
    assert_int_equal(import_spelling(folder, &(struct spelling){0}, "model", &err), GN_OK);
    const char *model = temporary_path(folder, "model");
    /* Output 3, input 2, row 1, column 0 is element ((3 * 3 + 2) * 3 + 1) * 3 of ONNX's kernel:
       (102 * 7 % 13 - 6) / 8 = 6 / 8, times -1 / sqrt(9). */
    assert_float_equal(weight(model, "conv2d_0.weight", ((1 * 3 + 0) * 3 + 2) * 4 + 3), -0.25F,
                       1e-7);
    assert_float_equal(weight(model, "conv2d_0.bias", 0), -0.5F, 1e-7);
    assert_float_equal(weight(model, "conv2d_0.bias", 2), -0.75F, 1e-7);
    assert_float_equal(weight(model, "conv2d_1.bias", 1), -0.5F, 0);
    /* Output 1, input 2 is element 1 * 4 + 2 (6 * 7 % 13 = 3); element 5 of the matrix: 35 % 13 = 9. */
    assert_float_equal(weight(model, "conv2d_1.weight", 2 * 2 + 1), -0.375F, 0);
    assert_float_equal(weight(model, "dense_0.weight", 5), 0.375F, 0);
}

static char *read_text(const char *folder, const char *name)
{
    char path[192];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    char *text = calloc(1, 1 << 16);
    assert_non_null(file);
    assert_true(fread(text, 1, (1 << 16) - 1, file) > 0);
    fclose(file);
    return text;
}

/* Weights equal but for the last bit, which one third has in the two spellings. */
static void check_same(struct temporary_folder *folder, const struct spelling *how)
{
    static const struct {
        const char *name;
        size_t n;
    } tensors[] = {{"conv2d_0.weight", 108}, {"conv2d_0.bias", 4},   {"conv2d_1.weight", 8},
                   {"conv2d_1.bias", 2},     {"dense_0.weight", 18}, {"dense_0.bias", 3}};
    gn_error_t err = {0};
    char plain[128], other[128];
    snprintf(plain, sizeof plain, "%s/plain", folder->dir);
    snprintf(other, sizeof other, "%s/other", folder->dir);
    assert_int_equal(import_spelling(folder, &(struct spelling){0}, "plain", &err), GN_OK);
    int rc = import_spelling(folder, how, "other", &err);
    assert_string_equal(err.message, "");
    assert_int_equal(rc, GN_OK);
    for (size_t i = 0; i < sizeof tensors / sizeof *tensors; i++)
        for (size_t k = 0; k < tensors[i].n; k++)
            assert_float_equal(weight(plain, tensors[i].name, k), weight(other, tensors[i].name, k),
                               1e-7);
    char *texts[2] = {read_text(plain, "model.json"), read_text(other, "model.json")};
    json_t *models[2] = {json_loads(texts[0], 0, NULL), json_loads(texts[1], 0, NULL)};
    assert_true(
        json_equal(json_object_get(models[0], "layers"), json_object_get(models[1], "layers")));
    assert_true(
        json_equal(json_object_get(models[0], "input"), json_object_get(models[1], "input")));
    for (int i = 0; i < 2; i++) {
        json_decref(models[i]);
        free(texts[i]);
    }
}

static void channels_last(void **state)
{
    check_same(*state, &(struct spelling){.is_nhwc = true});
}

static void zeros_by_pad(void **state)
{
    check_same(*state, &(struct spelling){.has_pad = true});
}

static void normalisation_in_the_graph(void **state)
{
    check_same(*state, &(struct spelling){.normalisation = {128, 128}, .is_nhwc = true});
}

static void bytes_in_the_graph(void **state)
{
    check_same(*state, &(struct spelling){.type = ONNX_UINT8, .normalisation = {128, 128}});
}

static void reduced_mean(void **state)
{
    check_same(*state, &(struct spelling){.is_reduced = true, .has_matmul = true});
}

static void reshaped_features(void **state)
{
    check_same(*state, &(struct spelling){.is_reshaped = true, .has_matmul = true});
}

static void scaled_by_constants(void **state)
{
    check_same(*state, &(struct spelling){.has_mul = true});
}

static Onnx__Node *find_node(struct onnx_graph *g, const char *name)
{
    for (size_t i = 0; i < g->graph.n_node; i++)
        if (strcmp(g->nodes[i]->name, name) == 0)
            return g->nodes[i];
    abort();
}

static Onnx__Tensor *find_tensor(struct onnx_graph *g, const char *name)
{
    for (size_t i = 0; i < g->graph.n_initializer; i++)
        if (strcmp(g->tensors[i]->name, name) == 0)
            return g->tensors[i];
    abort();
}

static void open_rows(struct onnx_graph *g)
{
    Onnx__Dimension *rows = g->inputs[0]->type->tensor_type->shape->dim[2];
    rows->dim_value = 0;
    rows->dim_param = onnx_text(g, "height");
}

static void swish(struct onnx_graph *g)
{
    find_node(g, "branch1")->op_type = onnx_text(g, "HardSwish");
}

static void foreign_domain(struct onnx_graph *g)
{
    find_node(g, "branch1")->domain = onnx_text(g, "com.microsoft");
}

static void grouped(struct onnx_graph *g)
{
    onnx_int(g, find_node(g, "conv2"), "group", 2);
}

static void dilated(struct onnx_graph *g)
{
    onnx_ints(g, find_node(g, "conv2"), "dilations", 2, (const int64_t[]){2, 1});
}

static void odd_attribute(struct onnx_graph *g)
{
    onnx_int(g, find_node(g, "conv2"), "sparsity", 2);
}

static void zeros_counted(struct onnx_graph *g)
{
    onnx_int(g, find_node(g, "mean3"), "count_include_pad", 1);
}

static void odd_padding(struct onnx_graph *g)
{
    find_node(g, "conv1")->attribute[0]->ints[0] = 2;
}

static void quantised(struct onnx_graph *g)
{
    find_node(g, "conv2")->op_type = onnx_text(g, "QLinearConv");
}

static void byte_weights(struct onnx_graph *g)
{
    Onnx__Tensor *tensor = find_tensor(g, "kernel2");
    tensor->data_type = 3;
    tensor->raw_data.len = 8;
}

static void external_weights(struct onnx_graph *g)
{
    Onnx__Tensor *tensor = find_tensor(g, "kernel2");
    tensor->data_location = 1;
    tensor->raw_data.len = 0;
}

static void short_weights(struct onnx_graph *g)
{
    find_tensor(g, "kernel2")->raw_data.len = 4;
}

static void wrong_channels(struct onnx_graph *g)
{
    find_tensor(g, "kernel2")->dims[1] = 2;
    find_tensor(g, "kernel2")->dims[0] = 4;
}

static void negative_variance(struct onnx_graph *g)
{
    find_tensor(g, "variance")->float_data[2] = -1;
}

static void not_a_number(struct onnx_graph *g)
{
    find_tensor(g, "bias")->float_data[1] = (float)NAN;
}

static void two_users(struct onnx_graph *g)
{
    find_node(g, "branch2")->input[0] = onnx_text(g, "conv1");
}

static void two_inputs(struct onnx_graph *g)
{
    onnx_input(g, "more", ONNX_FLOAT32, (const int[]){-1, 3, 6, 7});
}

static void logits_out(struct onnx_graph *g)
{
    g->outputs[0]->name = onnx_text(g, "logits");
    g->graph.n_node--;
}

static void undefined_input(struct onnx_graph *g)
{
    find_node(g, "branch2")->input[0] = onnx_text(g, "nowhere");
}

static void computed_twice(struct onnx_graph *g)
{
    find_node(g, "branch2")->output[0] = onnx_text(g, "map1");
}

static void residual(struct onnx_graph *g)
{
    Onnx__Node *node = find_node(g, "joined");
    node->op_type = onnx_text(g, "Add");
    node->n_attribute = 0;
}

static void joined_along_rows(struct onnx_graph *g)
{
    find_node(g, "joined")->attribute[0]->i = 2;
}

static void old_operators(struct onnx_graph *g)
{
    g->version.version = 6;
}

static void no_nodes(struct onnx_graph *g)
{
    g->graph.n_node = 0;
}

static void computed_kernel(struct onnx_graph *g)
{
    find_node(g, "conv2")->input[1] = onnx_text(g, "map1");
}

static void pads_overflow(struct onnx_graph *g)
{
    find_node(g, "conv1")->attribute[0]->ints[0] = INT64_MAX;
}

/* A fault, and what the message must name: node or tensor, and the reason. */
static void faults_are_named(void **state)
{
    static const struct {
        struct spelling how;
        const char *where, *what;
    } faults[] = {
        {{.spoil = open_rows}, "images", "dynamic ('height')"},
        {{.spoil = swish}, "node 'branch1' (HardSwish)", "operator is not supported"},
        {{.spoil = foreign_domain}, "node 'branch1' (Relu)", "operator is not supported"},
        {{.spoil = grouped}, "node 'conv2' (Conv)", "'group' is 2"},
        {{.spoil = dilated}, "node 'conv2' (Conv)", "'dilations'"},
        {{.spoil = odd_attribute}, "node 'conv2' (Conv)", "'sparsity'"},
        {{.spoil = zeros_counted}, "node 'mean3' (AveragePool)", "'count_include_pad' is 1"},
        {{.spoil = odd_padding}, "node 'conv1' (Conv)", "[2, 1, 1, 1]"},
        {{.spoil = pads_overflow}, "node 'conv1' (Conv)", "'pads'"},
        {{.spoil = quantised}, "node 'conv2' (QLinearConv)", "quantised"},
        {{.spoil = byte_weights}, "tensor 'kernel2'", "8-bit"},
        {{.spoil = external_weights}, "tensor 'kernel2'", "external data"},
        {{.spoil = short_weights}, "tensor 'kernel2'", "1 values, its shape wants 8"},
        {{.spoil = wrong_channels}, "node 'conv2' (Conv)", "reads 2 channels, its input has 4"},
        {{.spoil = negative_variance}, "node 'norm1'", "variance of channel 2"},
        {{.spoil = not_a_number}, "dense_0.bias", ""},
        {{.spoil = two_users}, "node 'norm1'", "other nodes use"},
        {{.spoil = two_inputs}, "2 inputs", ""},
        {{.spoil = logits_out}, "'logits'", "softmax"},
        {{.spoil = undefined_input}, "node 'branch2'", "'nowhere'"},
        {{.spoil = computed_twice}, "node 'branch2'", "computed twice"},
        {{.spoil = computed_kernel}, "node 'conv2' (Conv)", "'map1' is computed"},
        {{.spoil = residual}, "node 'joined' (Add)", "both its inputs are computed"},
        {{.spoil = joined_along_rows}, "node 'joined' (Concat)", "along their channels"},
        {{.spoil = old_operators}, "version 6", "7 or later"},
        {{.spoil = no_nodes}, "no graph", ""},
        {{.normalisation = {127.5F, 127.5F}}, "node 'conv1' (Conv)", "(x - 128) / 128"},
        {{.type = ONNX_UINT8}, "node 'conv1' (Conv)", "(x - 128) / 128"},
    };
    struct temporary_folder *folder = *state;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        gn_error_t err = {0};
        int rc = import_spelling(folder, &faults[i].how, "model", &err);
        if (rc != GN_E_DATA || strstr(err.message, faults[i].where) == NULL ||
            strstr(err.message, faults[i].what) == NULL ||
            strstr(err.message, "network.onnx") == NULL)
            fail_msg("fault %zu: code %d, \"%s\"", i, rc, err.message);
        assert_int_equal(access(temporary_path(folder, "model"), F_OK), -1);
    }
}

static void damaged_files(void **state)
{
    struct temporary_folder *folder = *state;
    gn_error_t err = {0};
    char source[128], target[128];
    snprintf(source, sizeof source, "%s/network.onnx", folder->dir);
    snprintf(target, sizeof target, "%s/model", folder->dir);
    assert_int_equal(gn_import_onnx(source, &PRESET, target, &err), GN_E_NO_INPUT);
    write_graph(source, &(struct spelling){0});
    assert_int_equal(truncate(source, 300), 0);
    assert_int_equal(gn_import_onnx(source, &PRESET, target, &err), GN_E_DATA);
    assert_int_equal(truncate(source, 0), 0);
    assert_int_equal(gn_import_onnx(source, &PRESET, target, &err), GN_E_DATA);
}

static void images_that_disagree(void **state)
{
    struct temporary_folder *folder = *state;
    gn_error_t err = {0};
    temporary_write(folder, "example_info.json",
                    "{\"version\": \"1.9.0\", \"shape\": [6, 8, 3], \"channels\": [1, 2, 5]}");
    assert_int_equal(import_spelling(folder, &(struct spelling){0}, "model", &err), GN_E_MISMATCH);
    assert_non_null(strstr(err.message, "6 x 7 x 3"));
    assert_non_null(strstr(err.message, "6 x 8 x 3"));
    temporary_write(folder, "network.example_info.json",
                    "{\"version\": \"1.9.0\", \"shape\": [6, 7, 3], \"channels\": [1, 2, 5]}");
    assert_int_equal(import_spelling(folder, &(struct spelling){0}, "model", &err), GN_OK);
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(file_of_pytorch),      CASE(file_of_tf2onnx),  CASE(weights_in_our_order),
        CASE(channels_last),        CASE(zeros_by_pad),     CASE(normalisation_in_the_graph),
        CASE(bytes_in_the_graph),   CASE(reduced_mean),     CASE(reshaped_features),
        CASE(scaled_by_constants),  CASE(faults_are_named), CASE(damaged_files),
        CASE(images_that_disagree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT
 *
 * test_cnn_random.c - every operation over random shapes, kernels, strides and paddings: small
 * networks of an operation between two convolutions, against a naive engine in double and with the
 * same bits for every instruction set, batch and use of empty rows.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cnn/cpu/maxima.h"
#include "cnn/cpu/tile.h"
#include "cnn/graph.h"
#include "cnn/infer.h"
#include "cnn/quantisation.h"
#include "naive_network.h"

enum { NETWORKS = 48, IMAGES = 5, TEXT = 4096 };

/* A network being made up: its layers as JSON text, and the map that the last one gives. */
struct made_up {
    struct test_model folder;
    uint64_t seed;
    char layers[TEXT];
    char last[16];
    int height, width, channels, n_layers;
};

static int below(struct made_up *net, int n)
{
    return (int)(test_random(&net->seed) % (uint32_t)n);
}

static void append(struct made_up *net, const char *text)
{
    size_t used = strlen(net->layers);
    assert_true(used + strlen(text) + 2 < TEXT);
    snprintf(net->layers + used, TEXT - used, "%s%s", used > 0 ? "," : "", text);
}

static int outputs(int size, int kernel, int stride, bool same)
{
    return same ? (size + stride - 1) / stride : (size - kernel) / stride + 1;
}

/* A window that fits; mostly odd kernels, long ones in one direction too. */
static void choose_window(struct made_up *net, int kernel[2], int stride[2], bool *same)
{
    static const int kernels[][2] = {{1, 1}, {3, 3}, {1, 7}, {7, 1}, {5, 5}, {1, 3},
                                     {3, 1}, {2, 2}, {2, 5}, {4, 3}, {3, 3}, {1, 1}};
    int chosen = below(net, (int)(sizeof kernels / sizeof *kernels));
    *same = below(net, 2) == 0;
    for (int axis = 0; axis < 2; axis++) {
        int size = axis == 0 ? net->height : net->width;
        kernel[axis] = kernels[chosen][axis];
        if (!*same && kernel[axis] > size)
            kernel[axis] = size;
        stride[axis] = 1 + (below(net, 3) == 0);
    }
}

/* Adds a layer with a window: "conv2d", "max_pool" or "avg_pool". */
static void add_window(struct made_up *net, const char *op, int filters)
{
    char text[512], name[16];
    int kernel[2], stride[2];
    bool same, conv = strcmp(op, "conv2d") == 0;
    choose_window(net, kernel, stride, &same);
    snprintf(name, sizeof name, "l%d", net->n_layers++);
    int n = snprintf(text, sizeof text,
                     "{\"name\":\"%s\",\"op\":\"%s\",\"inputs\":[\"%s\"],\"kernel\":[%d,%d],"
                     "\"stride\":[%d,%d],\"padding\":\"%s\"",
                     name, op, net->last, kernel[0], kernel[1], stride[0], stride[1],
                     same ? "same" : "valid");
    snprintf(text + n, sizeof text - (size_t)n,
             conv ? ",\"filters\":%d,\"activation\":\"relu\"}" : "}", filters);
    append(net, text);
    if (conv) {
        size_t inputs = (size_t)net->channels, units = (size_t)filters;
        test_add_tensor(&net->folder, name, "weight",
                        (size_t[]){(size_t)kernel[0], (size_t)kernel[1], inputs, units}, 4,
                        &net->seed);
        test_add_tensor(&net->folder, name, "bias", &units, 1, &net->seed);
        net->channels = filters;
    }
    net->height = outputs(net->height, kernel[0], stride[0], same);
    net->width = outputs(net->width, kernel[1], stride[1], same);
    snprintf(net->last, sizeof net->last, "%s", name);
}

/* Two 1 x 1 convolutions of the last map, side by side, one of them behind a mean of neighbours. */
static void add_branches(struct made_up *net)
{
    char text[512];
    size_t inputs = (size_t)net->channels;
    size_t units[2] = {1 + (size_t)below(net, 40), 1 + (size_t)below(net, 40)};
    snprintf(text, sizeof text,
             "{\"name\":\"mean\",\"op\":\"avg_pool\",\"inputs\":[\"%s\"],\"kernel\":[3,3],"
             "\"stride\":[1,1],\"padding\":\"same\"}",
             net->last);
    append(net, text);
    for (int i = 0; i < 2; i++) {
        char name[16];
        snprintf(name, sizeof name, "branch%d", i);
        snprintf(text, sizeof text,
                 "{\"name\":\"%s\",\"op\":\"conv2d\",\"inputs\":[\"%s\"],\"filters\":%zu,"
                 "\"kernel\":[1,1],\"stride\":[1,1],\"padding\":\"same\",\"activation\":\"relu\"}",
                 name, i == 0 ? "mean" : net->last, units[i]);
        append(net, text);
        test_add_tensor(&net->folder, name, "weight", (size_t[]){1, 1, inputs, units[i]}, 4,
                        &net->seed);
        test_add_tensor(&net->folder, name, "bias", &units[i], 1, &net->seed);
    }
    append(net, "{\"name\":\"joined\",\"op\":\"concat\",\"inputs\":[\"branch1\",\"branch0\"]}");
    net->channels = (int)(units[0] + units[1]);
    snprintf(net->last, sizeof net->last, "joined");
}

static void add_end(struct made_up *net)
{
    char text[256];
    size_t inputs = (size_t)net->channels, classes = 3;
    snprintf(text, sizeof text, "{\"name\":\"all\",\"op\":\"global_avg_pool\",\"inputs\":[\"%s\"]}",
             net->last);
    append(net, text);
    append(net, "{\"name\":\"logits\",\"op\":\"dense\",\"inputs\":[\"all\"],\"units\":3,"
                "\"activation\":\"none\"}");
    append(net, "{\"name\":\"end\",\"op\":\"softmax\",\"inputs\":[\"logits\"]}");
    test_add_tensor(&net->folder, "logits", "weight", (size_t[]){inputs, classes}, 2, &net->seed);
    test_add_tensor(&net->folder, "logits", "bias", &classes, 1, &net->seed);
}

static void make_up(struct made_up *net, uint64_t seed)
{
    static const char *const ops[] = {"conv2d", "max_pool", "avg_pool"};
    *net = (struct made_up){.seed = seed * 7919 + 1, .last = "image"};
    test_random(&net->seed);
    int shape[3] = {4 + below(net, 30), 4 + below(net, 30), 1 + below(net, 9)};
    net->height = shape[0];
    net->width = shape[1];
    net->channels = shape[2];
    test_model_begin(&net->folder, "[]", shape[0], shape[1], shape[2]);
    add_window(net, "conv2d", 1 + below(net, 50));
    add_window(net, ops[seed % 3], 1 + below(net, 70));
    if (below(net, 2) == 0)
        add_branches(net);
    else
        add_window(net, "conv2d", 1 + below(net, 70));
    add_end(net);
    char list[TEXT + 2];
    snprintf(list, sizeof list, "[%s]", net->layers);
    json_object_set_new(net->folder.root, "layers", json_loads(list, 0, NULL));
    test_write_model(&net->folder);
}

struct results {
    float logits[IMAGES][3], probabilities[IMAGES][3];
};

static void run_network(const gn_model_t *model, const struct gn_network_options *options,
                        const uint8_t *images, size_t batch, struct results *out)
{
    gn_error_t err = {0};
    gn_network_t *network = gn_network_create(model, options, &err);
    if (network == NULL)
        fail_msg("%s", err.message);
    gn_infer_t *infer = gn_infer_create(network, &err);
    assert_non_null(infer);
    for (size_t i = 0; i < IMAGES; i += batch)
        assert_int_equal(gn_infer_run_logits(infer, images + i * gn_model_image_size(model),
                                             batch < IMAGES - i ? batch : IMAGES - i,
                                             out->logits + i, out->probabilities + i, &err),
                         GN_OK);
    gn_infer_destroy(infer);
    gn_network_destroy(network);
}

static double furthest(const struct results *out, double expected[IMAGES][3])
{
    double distance = 0;
    for (int i = 0; i < IMAGES; i++)
        for (int c = 0; c < 3; c++)
            distance = fmax(distance, fabs((double)out->probabilities[i][c] - expected[i][c]));
    return distance;
}

static void compare_everywhere(const gn_model_t *model, enum gn_precision precision,
                               const uint8_t *images, double expected[IMAGES][3], double tolerance)
{
    struct results reference, out;
    struct gn_network_options options = {precision, "portable", true};
    run_network(model, &options, images, IMAGES, &reference);
    assert_true(furthest(&reference, expected) < tolerance);
    for (int isa = GN_ISA_PORTABLE; isa < GN_ISAS; isa++)
        for (int keep = 0; keep < 2 && gn_isa_available((enum gn_isa)isa); keep++) {
            options.isa = gn_isa_name((enum gn_isa)isa);
            options.keep_empty_rows = keep != 0;
            run_network(model, &options, images, keep ? 2 : IMAGES, &out);
            assert_memory_equal(&out, &reference, sizeof out);
        }
}

static void check_network(struct made_up *net)
{
    gn_error_t err = {0};
    gn_model_t *model = gn_model_load(net->folder.dir, &err);
    if (model == NULL)
        fail_msg("%s: %s", net->layers, err.message);
    size_t size = gn_model_image_size(model), row = size / (size_t)gn_model_height(model);
    uint8_t *images = calloc(IMAGES, size);
    double expected[IMAGES][3];
    struct gn_quantisation quantisation = {
        .maxima = calloc((size_t)gn_model_graph(model)->n_tensors, sizeof(float))};
    for (int i = 0; i < IMAGES; i++) { /* the first is empty, the last full */
        size_t used = row * (size_t)(i * gn_model_height(model) / (IMAGES - 1));
        for (size_t b = 0; b < used; b++)
            images[(size_t)i * size + b] = (uint8_t)(test_random(&net->seed) & 255);
        naive_run(&net->folder, images + (size_t)i * size, expected[i]);
    }
    compare_everywhere(model, GN_PRECISION_FLOAT32, images, expected, 1e-5);
    assert_int_equal(gn_cpu_maxima(model, images, IMAGES, quantisation.maxima, &err), GN_OK);
    gn_model_set_quantisation(model, &quantisation);
    compare_everywhere(model, GN_PRECISION_INT16, images, expected, 5e-3);
    if (gn_precision_available(GN_PRECISION_INT8))
        compare_everywhere(model, GN_PRECISION_INT8, images, expected, 0.2);
    free(images);
    gn_model_free(model);
}

static void test_networks(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < NETWORKS; seed++) {
        struct made_up net;
        make_up(&net, seed);
        check_network(&net);
        test_model_end(&net.folder);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_networks)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

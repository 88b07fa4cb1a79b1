/* SPDX-License-Identifier: MIT
 *
 * test_gpu_steps.c - what the driver of GPUs computes, on a fake of CUDA's runtime, cuDNN and cuBLASLt in host memory: every step
 * in every number type and form against plain loops (the cases of tests/gpu), and the engine on top of it against the CPU's.
 *
 * Skipped in builds without CUDA, whose headers it needs and nothing else.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#ifdef GN_CUDA

#include "../gpu/op_cases.h"
#include "../gpu/op_run.h"
#include "cnn/backend.h"
#include "cnn/cuda/cuda_network.h"
#include "cnn/infer.h"
#include "fake_gpu.h"

enum { IMAGES = 9 };

/* All cases of a type; `only_weights`: those that a library computes. */
static void check_cases(const struct number_type *number, bool only_weights)
{
    static const int batches[] = {3, 1, 2, 0};
    static struct op_case cases[MOST_CASES];
    gn_device_t *device = open_second();
    int n = 0, failed = 0;
    add_special(cases, &n, number->type);
    add_copies(cases, &n, number->type);
    for (int i = 0; i < n; i++) {
        struct bench bench = {device, batches, number, &cases[i], .compared = 3};
        if (only_weights && !has_kernel(&cases[i].step))
            continue;
        bool good = run_case(&bench);
        if (!good)
            print_case(&bench, good);
        failed += !good;
    }
    assert_int_equal(failed, 0);
    driver->close(device);
    assert_true(fake.calls[FAKE_GRAPH_LAUNCH] > 0);
}

static void test_steps(void **state)
{
    (void)state;
    for (size_t t = 0; t < sizeof number_types / sizeof *number_types; t++)
        check_cases(&number_types[t], false);
    assert_true(fake.calls[FAKE_LT_MULTIPLY] > 0);
}

/* cuDNN gives sums only: bias and ReLU are our kernel's. No products: 1 x 1 kernels are convolutions. */
static void test_sums(void **state)
{
    (void)state;
    fake.no_products = true;
    fake.least_form = GN_GPU_SUMS;
    check_cases(&number_types[2], true);
    check_cases(&number_types[3], true);
    assert_int_equal(fake.calls[FAKE_LT_MULTIPLY], 0);
}

static void test_rounded_sums(void **state)
{
    (void)state;
    fake.no_products = true;
    fake.least_form = GN_GPU_SUMS_ROUNDED;
    check_cases(&number_types[2], true);
}

static void test_no_products(void **state)
{
    (void)state;
    fake.no_products = true;
    check_cases(&number_types[0], true);
    assert_int_equal(fake.calls[FAKE_LT_MULTIPLY], 0);
}

struct results {
    float logits[IMAGES][3], probabilities[IMAGES][3];
};

/* Images of few to all rows. */
static uint8_t *make_images(const gn_model_t *model)
{
    size_t size = gn_model_image_size(model), rows = (size_t)gn_model_height(model);
    uint8_t *images = calloc(IMAGES, size);
    assert_non_null(images);
    for (size_t i = 0; i < IMAGES; i++)
        for (size_t k = 0; k < size / rows * (rows * (i + 1) / IMAGES); k++)
            images[i * size + k] = byte_of((int)i, k);
    return images;
}

static void classify(const gn_model_t *model, const struct gn_network_options *options,
                     const uint8_t *images, struct results *out)
{
    gn_error_t err = {0};
    struct gn_cuda_network *network = gn_cuda_network_create(driver, model, options, &err);
    if (network == NULL)
        fail_msg("%s", err.message);
    void *worker = gn_backend_cuda.create_worker(network, &err);
    assert_non_null(worker);
    for (size_t i = 0; i < IMAGES; i += 3) {
        int ret = gn_backend_cuda.run(worker, images + i * gn_model_image_size(model), 3,
                                      out->logits + i, out->probabilities + i, &err);
        if (ret != GN_OK)
            fail_msg("%s", err.message);
    }
    gn_backend_cuda.destroy_worker(worker);
    gn_cuda_network_destroy(network);
}

static void classify_on_cpu(const gn_model_t *model, const uint8_t *images, struct results *out)
{
    const struct gn_network_options options = {.precision = GN_PRECISION_FLOAT32};
    gn_error_t err = {0};
    gn_network_t *network = gn_network_create(model, &options, &err);
    gn_infer_t *infer = gn_infer_create(network, &err);
    assert_non_null(infer);
    assert_int_equal(
        gn_infer_run_logits(infer, images, IMAGES, out->logits, out->probabilities, &err), GN_OK);
    gn_infer_destroy(infer);
    gn_network_destroy(network);
}

static float largest_difference(const struct results *a, const struct results *b)
{
    float largest = 0;
    for (int i = 0; i < IMAGES; i++)
        for (int c = 0; c < 3; c++)
            largest = fmaxf(largest, fabsf(a->probabilities[i][c] - b->probabilities[i][c]));
    return largest;
}

/* The network that ships with gannet, on two devices; 3 images a call, so that graphs are replayed. */
static void test_engine(void **state)
{
    static struct results cpu, ours, whole, fast;
    struct gn_network_options options = {
        .precision = GN_PRECISION_FLOAT32, .device_batch = 2, .devices = "0,1"};
    gn_model_t *model = gn_model_load("models/wgs", NULL);
    (void)state;
    if (model == NULL) {
        print_message("models/wgs is absent\n");
        skip();
    }
    uint8_t *images = make_images(model);
    classify_on_cpu(model, images, &cpu);
    classify(model, &options, images, &ours);
    assert_true(largest_difference(&ours, &cpu) < 1e-5F);
    assert_true(fake.calls[FAKE_KERNEL] > 0 && fake.calls[FAKE_LT_MULTIPLY] > 0);
    options.keep_empty_rows = true;
    classify(model, &options, images, &whole);
    assert_memory_equal(&whole, &ours, sizeof ours);
    options.keep_empty_rows = false;
    options.precision = GN_PRECISION_FLOAT16;
    classify(model, &options, images, &fast);
    assert_true(largest_difference(&fast, &cpu) < 0.02F);
    free(images);
    gn_model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_steps, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_sums, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_rounded_sums, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_no_products, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_engine, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else
#include "without_cuda.h"
#endif

/* SPDX-License-Identifier: MIT
 *
 * test_gpu_descriptors.c - what can be known of the driver of GPUs without one: why there is none, that the libraries load, and,
 * by describing GPUs to cuDNN that are not here, that every convolution of Inception v3 has a plan on them which does all in one
 * go, and is computed by the same engine in every batch and number of rows.
 *
 * Skipped in builds without CUDA, and where cuDNN is absent or does not take the description (its fields are those of 9.19).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#ifdef GN_CUDA

#include "cnn/cuda/gpu_convolve.h"
#include "cnn/inception_v3.h"

/* From NVIDIA's data sheets and the CUDA C programming guide's table of compute capabilities. */
struct described {
    const char *name;
    int compute, multiprocessors, shared_bytes, reserved_bytes, threads, blocks, gigabytes, l2_mb;
};

static const struct described t4 = {"Tesla T4", 750, 40, 65536, 0, 1024, 16, 16, 4};
static const struct described a100 = {
    "NVIDIA A100-SXM4-80GB", 800, 108, 166912, 1024, 2048, 32, 80, 40};
static const struct described h200 = {"NVIDIA H200", 900, 132, 232448, 1024, 2048, 32, 141, 60};
static const struct described b200 = {"NVIDIA B200", 1000, 148, 232448, 1024, 2048, 32, 180, 126};

/* cuDNN and a description; false where it does not take it. */
struct bench {
    struct gn_gpu_libraries libraries;
    struct gn_gpu_cudnn cudnn;
    struct gn_gpu_choices choices;
    struct gn_inception network;
};

static bool describe(struct bench *bench, const struct described *gpu)
{
    static const char format[] =
        "{\"cudnnVersion\":%zu,\"schemaVersion\":4,\"maxGridSize\":[2147483647,65535,65535],"
        "\"maxBlockSize\":[1024,1024,64],\"regsPerBlock\":65536,\"multiProcessorCount\":%d,"
        "\"warpSize\":32,\"maxSharedMemoryPerBlock\":49152,\"maxSharedMemoryPerBlockOptin\":%d,"
        "\"reservedSharedMemoryPerBlock\":%d,\"maxRegistersPerSM\":65536,\"maxCtasPerSM\":%d,"
        "\"maxThreadsPerBlock\":1024,\"maxThreadsPerSM\":%d,\"pciDeviceId\":0,\"isTccDriver\":0,"
        "\"supportCoopLaunch\":1,\"totalGlobalMem\":%zu,\"smClockRateKHz\":1500000,"
        "\"memClockRateKHz\":2000000,\"l2CacheSize\":%d,\"cudaDeviceId\":0,\"deviceVer\":%d,"
        "\"driverVer\":13000,\"deviceName\":\"%s\"}";
    const struct gn_gpu_libraries *library = &bench->libraries;
    char text[2000];
    int n = snprintf(text, sizeof text, format, library->cudnn_version(), gpu->multiprocessors,
                     gpu->shared_bytes, gpu->reserved_bytes, gpu->blocks, gpu->threads,
                     (size_t)gpu->gigabytes << 30, gpu->l2_mb << 20, gpu->compute, gpu->name);
    cudnnBackendDescriptor_t *made = &bench->cudnn.device;
    return library->create_descriptor(CUDNN_BACKEND_DEVICEPROP_DESCRIPTOR, made) ==
               CUDNN_STATUS_SUCCESS &&
           library->set_attribute(*made, CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION, CUDNN_TYPE_CHAR,
                                  n, text) == CUDNN_STATUS_SUCCESS &&
           library->finalize(*made) == CUDNN_STATUS_SUCCESS;
}

static void open_bench(struct bench *bench, const struct described *gpu)
{
    gn_error_t err = {0};
    int widths[GN_INCEPTION_CONVS], shape[3] = {100, 221, 7};
    memset(bench, 0, sizeof *bench);
    if (gn_gpu_libraries_open_cudnn(&bench->libraries, &err) < 0) {
        print_message("%s\n", err.message);
        skip();
    }
    bench->cudnn.libraries = &bench->libraries;
    if (!describe(bench, gpu)) {
        print_message("cuDNN %zu does not take the description of a GPU\n",
                      bench->libraries.cudnn_version());
        skip();
    }
    gn_inception_widths(1, widths);
    assert_int_equal(gn_inception_build(&bench->network, shape, widths, &err), GN_OK);
}

static void close_bench(struct bench *bench)
{
    gn_gpu_choices_clear(&bench->choices);
    bench->libraries.destroy_descriptor(bench->cudnn.device);
    gn_gpu_libraries_close(&bench->libraries);
}

/* TensorFlow's rule: as little as keeps ceil(size / stride) cells, the smaller half before. */
static void pad(int size, int cells, int kernel, int stride, int pads[2])
{
    int all = (cells - 1) * stride + kernel - size;
    pads[0] = all > 0 ? all / 2 : 0;
    pads[1] = all > 0 ? all - all / 2 : 0;
}

/* A convolution of the network as a step; every other one writes into a slice. */
static struct gn_device_step step_of(const struct bench *bench, int conv)
{
    const struct gn_inception_layer *layer = &bench->network.layers[bench->network.convs[conv]];
    const struct gn_inception_layer *from =
        layer->inputs[0] < 0 ? NULL : &bench->network.layers[layer->inputs[0]];
    struct gn_device_step step = {.op = GN_DEVICE_CONVOLVE, .layer = conv, .relu = true};
    int height = from == NULL ? 100 : from->height, width = from == NULL ? 221 : from->width;
    int channels = from == NULL ? 8 : from->channels, rows[2] = {0, 0}, columns[2] = {0, 0};
    if (layer->same) {
        pad(height, layer->height, layer->kernel_rows, layer->stride, rows);
        pad(width, layer->width, layer->kernel_columns, layer->stride, columns);
    }
    step.input = (struct gn_device_map){height, width, channels, channels, 0};
    step.output = (struct gn_device_map){layer->height, layer->width, layer->channels,
                                         layer->channels + conv % 2 * 64, 0};
    step.kernel_height = layer->kernel_rows, step.kernel_width = layer->kernel_columns;
    step.stride_height = step.stride_width = layer->stride;
    step.pad_top = rows[0], step.pad_bottom = rows[1];
    step.pad_left = columns[0], step.pad_right = columns[1];
    step.full_height = height;
    return step;
}

/* The same with fewer rows, where that is possible, as of an image that is cut: below its last row are rows, not zeros. */
static struct gn_device_step cut(const struct gn_device_step *whole)
{
    struct gn_device_step step = *whole;
    step.output.height = (whole->output.height + 1) / 2;
    step.pad_bottom = 0;
    step.input.height =
        (step.output.height - 1) * whole->stride_height + whole->kernel_height - whole->pad_top;
    return step.input.height < whole->input.height ? step : *whole;
}

static struct gn_gpu_convolution plan_of(struct bench *bench, const struct gn_device_step *step,
                                         const struct gn_device_code *code)
{
    gn_error_t err = {0};
    struct gn_gpu_convolution plan = {.form = GN_GPU_FORMS};
    struct gn_gpu_shape shape = gn_gpu_shape_of(step, code);
    if (gn_gpu_convolution_make(&plan, &bench->cudnn, &bench->choices, &shape, step->full_height,
                                &err) < 0)
        fail_msg("convolution %d: %s", step->layer, err.message);
    return plan;
}

/* The engine of a plan that does all in one go, and its settings: a number for both. */
static int64_t engine_of(struct bench *bench, const struct gn_device_step *step,
                         const struct gn_device_code *code)
{
    struct gn_gpu_convolution plan = plan_of(bench, step, code);
    int64_t engine = plan.engine * 100 + plan.recipe;
    assert_int_equal(plan.form, GN_GPU_FUSED);
    assert_int_equal(plan.output_size, (size_t)code->batch * (size_t)step->output.height *
                                           (size_t)step->output.width *
                                           (size_t)step->output.channels *
                                           gn_device_type_size(code->type));
    assert_true(plan.work_size <= (size_t)(code->batch < 64 ? 64 : code->batch) << 20);
    gn_gpu_convolution_clear(&plan, &bench->cudnn);
    return engine;
}

/* All convolutions of different shapes: batches of one, of some and of many, and half the rows. */
static void check_network(const struct described *gpu, enum gn_device_type type, bool tf32)
{
    struct bench bench;
    open_bench(&bench, gpu);
    size_t shapes = 0;
    for (int conv = 0; conv < GN_INCEPTION_CONVS; conv++) {
        struct gn_device_step whole = step_of(&bench, conv), half = cut(&whole);
        struct gn_device_code code = {.batch = 64, .type = type, .tf32 = tf32};
        int64_t engine = engine_of(&bench, &whole, &code);
        if (bench.choices.n == shapes) /* seen */
            continue;
        shapes = bench.choices.n;
        static const int batches[] = {1, 7, 512};
        for (int i = 0; i < 3; i++) {
            code.batch = batches[i];
            assert_int_equal(engine_of(&bench, &whole, &code), engine);
            assert_int_equal(engine_of(&bench, &half, &code), engine);
        }
        assert_int_equal(bench.choices.n, shapes); /* chosen once for all of them */
    }
    close_bench(&bench);
}

static void test_float16_of_hopper(void **state)
{
    (void)state;
    check_network(&h200, GN_DEVICE_FLOAT16, false);
}

static void test_bf16_of_ampere(void **state)
{
    (void)state;
    check_network(&a100, GN_DEVICE_BF16, false);
}

static void test_float32_of_turing(void **state)
{
    (void)state;
    check_network(&t4, GN_DEVICE_FLOAT32, false);
}

static void test_tf32_of_blackwell(void **state)
{
    (void)state;
    check_network(&b200, GN_DEVICE_FLOAT32, true);
}

/* Whole float32 takes other engines than TF32 where the GPU has both. */
static void test_float32_is_whole(void **state)
{
    (void)state;
    struct bench bench;
    open_bench(&bench, &h200);
    struct gn_device_step step = step_of(&bench, 2);
    struct gn_device_code code = {.batch = 64, .type = GN_DEVICE_FLOAT32};
    int64_t whole = engine_of(&bench, &step, &code);
    code.tf32 = true;
    assert_int_not_equal(engine_of(&bench, &step, &code), whole);
    close_bench(&bench);
}

/* Turing has no bf16: the message says what is wrong instead of computing something else. */
static void test_what_a_gpu_lacks(void **state)
{
    (void)state;
    struct bench bench;
    open_bench(&bench, &t4);
    struct gn_device_step step = step_of(&bench, 2);
    struct gn_device_code code = {.batch = 64, .type = GN_DEVICE_BF16};
    struct gn_gpu_shape shape = gn_gpu_shape_of(&step, &code);
    struct gn_gpu_convolution plan = {.form = GN_GPU_FORMS};
    gn_error_t err = {0};
    assert_int_equal(gn_gpu_convolution_make(&plan, &bench.cudnn, &bench.choices, &shape, 47, &err),
                     GN_E_UNAVAILABLE);
    assert_non_null(strstr(err.message, "no engine"));
    gn_gpu_convolution_clear(&plan, &bench.cudnn);
    close_bench(&bench);
}

/* A slice's place decides the alignment, and nothing else does. */
static void test_shapes(void **state)
{
    (void)state;
    struct gn_device_step step = {.op = GN_DEVICE_MULTIPLY, .full_height = 23};
    step.input = (struct gn_device_map){10, 53, 64, 64, 1024};
    step.output = (struct gn_device_map){10, 53, 80, 144, 4096 + 128};
    struct gn_device_code code = {.batch = 3, .type = GN_DEVICE_FLOAT16};
    struct gn_gpu_shape shape = gn_gpu_shape_of(&step, &code);
    assert_int_equal(shape.kernel_height, 1);
    assert_int_equal(shape.stride_width, 1);
    assert_int_equal(shape.alignment, 16);
    struct gn_gpu_shape reference = gn_gpu_shape_reference(&shape, 23);
    assert_int_equal(reference.batch, GN_GPU_REFERENCE_BATCH);
    assert_int_equal(reference.output_height, 23);
    step.output.offset += 8;
    assert_int_equal(gn_gpu_shape_of(&step, &code).alignment, 8);
}

static void test_libraries(void **state)
{
    (void)state;
    struct gn_gpu_libraries libraries;
    gn_error_t err = {0};
    memset(&libraries, 0, sizeof libraries);
    if (gn_gpu_libraries_open_cublaslt(&libraries, &err) < 0) {
        assert_non_null(strstr(err.message, "LD_LIBRARY_PATH"));
        print_message("%s\n", err.message);
        skip();
    }
    assert_true(libraries.lt_version() > 120000);
    assert_non_null(libraries.lt_multiply);
    gn_gpu_libraries_close(&libraries);
    assert_null(libraries.lt_multiply);
}

static void test_a_file_that_is_no_library(void **state)
{
    (void)state;
    struct gn_gpu_libraries libraries;
    gn_error_t err = {0};
    memset(&libraries, 0, sizeof libraries);
    assert_int_equal(setenv("GANNET_CUDNN", "/dev/null", 1), 0);
    assert_int_equal(gn_gpu_libraries_open_cudnn(&libraries, &err), GN_E_UNAVAILABLE);
    assert_non_null(strstr(err.message, "GANNET_CUDNN"));
    assert_non_null(strstr(err.message, "/dev/null"));
    unsetenv("GANNET_CUDNN");
    gn_gpu_libraries_close(&libraries);
}

static void test_driver_says_why(void **state)
{
    (void)state;
    struct gn_device_info infos[16];
    gn_error_t err = {0};
    int n = -1;
    char text[300];
    gn_gpu_driver.describe(text, sizeof text);
    assert_non_null(strstr(text, "CUDA runtime "));
    assert_non_null(strstr(text, "cuDNN "));
    gn_gpu_driver.describe(text, 10); /* cut, not overrun */
    assert_int_equal(strlen(text), 9);
    int ret = gn_gpu_driver.list(infos, 16, &n, &err);
    if (ret == GN_OK) {
        print_message("%d GPUs are here: tests/gpu/run tests them\n", n);
        skip();
    }
    assert_int_equal(ret, GN_E_UNAVAILABLE);
    assert_int_equal(n, 0);
    assert_true(strstr(err.message, "driver") != NULL || strstr(err.message, "GPU") != NULL);
    gn_error_t second = {0};
    assert_null(gn_gpu_driver.open(0, &second));
    assert_int_equal(second.code, GN_E_UNAVAILABLE);
    assert_string_equal(second.message, err.message);
    gn_gpu_driver.close(NULL);
    gn_gpu_driver.close_lane(NULL);
    gn_gpu_driver.free_program(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_libraries),
        cmocka_unit_test(test_a_file_that_is_no_library),
        cmocka_unit_test(test_driver_says_why),
        cmocka_unit_test(test_float16_of_hopper),
        cmocka_unit_test(test_bf16_of_ampere),
        cmocka_unit_test(test_float32_of_turing),
        cmocka_unit_test(test_tf32_of_blackwell),
        cmocka_unit_test(test_float32_is_whole),
        cmocka_unit_test(test_what_a_gpu_lacks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else
#include "without_cuda.h"
#endif

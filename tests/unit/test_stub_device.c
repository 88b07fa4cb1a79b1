/* SPDX-License-Identifier: MIT
 *
 * test_stub_device.c - the stub device itself: each operation on numbers worked out by hand, what it refuses, and how it
 * fails when a test wants it to.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "stub_device.h"

enum { IMAGE = 6, BLOCK = 1024, MEMORY = 1024 };

/* A program over images of 3 x 2 x 1 bytes in float32; constants: weights at 0, bias at 256. */
struct bench {
    gn_device_t *device;
    void *uploaded;
    gn_device_lane_t *lane;
    struct gn_device_code code;
    gn_error_t err;
};

static void bench_begin(struct bench *bench, const struct gn_device_step *steps, int n)
{
    float constants[BLOCK / sizeof(float)] = {1, 2, 3, -1, 0.5F, 0.25F};
    const float bias[] = {10, -100, 1};
    memcpy(constants + 256 / sizeof(float), bias, sizeof bias);
    *bench = (struct bench){0};
    stub_reset(2);
    stub_driver.channel_unit = 1;
    bench->device = stub_driver.open(0, &bench->err);
    bench->uploaded = stub_driver.upload(bench->device, constants, BLOCK, &bench->err);
    bench->lane = stub_driver.open_lane(bench->device, MEMORY, IMAGE, 2, &bench->err);
    assert_non_null(bench->lane);
    bench->code = (struct gn_device_code){steps, n,     2,      GN_DEVICE_FLOAT32,
                                          false, IMAGE, MEMORY, bench->uploaded};
    /* 128 is 0, and 128 more or less are 1 and -1: so these are -1 to 1.5, and the second image's 0.5 everywhere */
    const uint8_t images[2 * IMAGE] = {0, 64, 128, 192, 224, 255, 192, 192, 192, 192, 192, 192};
    memcpy(stub_driver.lane_images(bench->lane), images, sizeof images);
}

static void bench_end(struct bench *bench)
{
    stub_driver.close_lane(bench->lane);
    stub_driver.upload_free(bench->device, bench->uploaded);
    stub_driver.close(bench->device);
}

/* The load of all six bytes, at the start of the activations. */
#define LOADED                                                                                     \
    {                                                                                              \
        .op = GN_DEVICE_LOAD, .input = {3, 2, 1, 1, 0}, .output = {3, 2, 1, 1, 0},                 \
        .full_height = 3                                                                           \
    }

/* Runs a load and a step whose output begins at byte 256; gives the second image's too. */
static void run(struct gn_device_step step, float *first, float *second, int n)
{
    const struct gn_device_step steps[] = {LOADED, step};
    struct bench bench;
    const float(*logits)[3];
    bench_begin(&bench, steps, 2);
    gn_device_program_t *program = stub_driver.make_program(bench.device, &bench.code, &bench.err);
    if (program == NULL)
        fail_msg("%s", bench.err.message);
    assert_int_equal(stub_driver.launch(bench.lane, program, 2, &bench.err), GN_OK);
    assert_int_equal(stub_driver.wait(bench.lane, &logits, &bench.err), GN_OK);
    if (step.op == GN_DEVICE_CLASSIFY) {
        memcpy(first, logits[0], sizeof *logits);
        memcpy(second, logits[1], sizeof *logits);
    } else {
        size_t size = (size_t)n * sizeof(float);
        assert_int_equal(stub_driver.read_activations(bench.lane, 256, first, size, &bench.err),
                         GN_OK);
        assert_int_equal(
            stub_driver.read_activations(bench.lane, 256 + size, second, size, &bench.err), GN_OK);
    }
    stub_driver.free_program(program);
    bench_end(&bench);
    assert_null(stub_check_idle());
}

static void expect(struct gn_device_step step, const float *first, const float *second, int n)
{
    float found[2][16];
    step.full_height = 3;
    run(step, found[0], found[1], n);
    for (int i = 0; i < n; i++) {
        assert_true(found[0][i] == first[i]);
        assert_true(found[1][i] == second[i]);
    }
}

/* The first image: -1 -0.5 | 0 0.5 | 0.75 127/128. */
static const struct gn_device_map loaded = {3, 2, 1, 1, 0};
static const float LAST = 127.0F / 128;

static void test_windows(void **state)
{
    (void)state;
    /* rows of two, one step of padding below; weights 1 2 (rows), bias 10 */
    expect((struct gn_device_step){.op = GN_DEVICE_CONVOLVE,
                                   .input = loaded,
                                   .output = {3, 2, 1, 1, 256},
                                   .kernel_height = 2,
                                   .kernel_width = 1,
                                   .stride_height = 1,
                                   .stride_width = 1,
                                   .pad_bottom = 1,
                                   .bias = 256},
           (float[]){9, 10.5F, 11.5F, 10.5F + 2 * LAST, 10.75F, 10 + LAST},
           (float[]){11.5F, 11.5F, 11.5F, 11.5F, 10.5F, 10.5F}, 6);
    /* what lies outside is neither the largest nor counted */
    struct gn_device_step pool = {.op = GN_DEVICE_MAX_POOL,
                                  .input = loaded,
                                  .output = {2, 1, 1, 1, 256},
                                  .kernel_height = 2,
                                  .kernel_width = 2,
                                  .stride_height = 2,
                                  .stride_width = 2,
                                  .pad_bottom = 1};
    expect(pool, (float[]){0.5F, LAST}, (float[]){0.5F, 0.5F}, 2);
    pool.op = GN_DEVICE_AVG_POOL;
    expect(pool, (float[]){-0.25F, (0.75F + LAST) / 2}, (float[]){0.5F, 0.5F}, 2);
}

static void test_other_steps(void **state)
{
    (void)state;
    /* two outputs of one input: 1 x + 10, and 2 x - 100, which ReLU makes 0 */
    expect((struct gn_device_step){.op = GN_DEVICE_MULTIPLY,
                                   .input = loaded,
                                   .output = {3, 2, 2, 2, 256},
                                   .relu = true,
                                   .bias = 256},
           (float[]){9, 0, 9.5F, 0, 10, 0, 10.5F, 0, 10.75F, 0, 10 + LAST, 0},
           (float[]){10.5F, 0, 10.5F, 0, 10.5F, 0, 10.5F, 0, 10.5F, 0, 10.5F, 0}, 12);
    expect((struct gn_device_step){.op = GN_DEVICE_COPY,
                                   .input = loaded,
                                   .output = {2, 1, 1, 1, 256},
                                   .crop_top = 1,
                                   .crop_left = 1},
           (float[]){0.5F, LAST}, (float[]){0.5F, 0.5F}, 2);
    expect((struct gn_device_step){.op = GN_DEVICE_EXTEND,
                                   .input = {2, 2, 1, 1, 0},
                                   .output = {3, 2, 1, 1, 256}},
           (float[]){-1, -0.5F, 0, 0.5F, 0.5F, 0.25F},
           (float[]){0.75F, LAST, 0.5F, 0.5F, 0.5F, 0.25F}, 6);
    expect(
        (struct gn_device_step){.op = GN_DEVICE_MEAN, .input = loaded, .output = {1, 1, 1, 1, 256}},
        (float[]){(LAST - 0.25F) / 6}, (float[]){0.5F}, 1);
    /* weights 1 2 3 */
    float mean = (LAST - 0.25F) / 6;
    expect((struct gn_device_step){.op = GN_DEVICE_CLASSIFY, .input = loaded, .bias = 256},
           (float[]){10 + mean, 2 * mean - 100, 3 * mean + 1}, (float[]){10.5F, -99, 2.5F}, 3);
}

static void refuse(struct gn_device_step step, const char *why)
{
    const struct gn_device_step steps[] = {LOADED, step};
    struct bench bench;
    bench_begin(&bench, steps, 2);
    assert_null(stub_driver.make_program(bench.device, &bench.code, &bench.err));
    assert_int_equal(bench.err.code, GN_E_INTERNAL);
    if (strstr(bench.err.message, why) == NULL)
        fail_msg("%s", bench.err.message);
    bench_end(&bench);
    assert_non_null(stub_check_idle());
}

static void test_refusals(void **state)
{
    struct gn_device_step mean = {.op = GN_DEVICE_MEAN,
                                  .input = {3, 2, 1, 1, 0},
                                  .output = {1, 1, 1, 1, 256},
                                  .full_height = 3};
    struct gn_device_step step = mean;
    (void)state;
    step.output.offset = MEMORY - 4; /* the second image's does not fit */
    refuse(step, "beyond the activations");
    step.output.offset = 44;
    refuse(step, "lies in its input");
    step = mean;
    step.input.pitch = 0;
    refuse(step, "pitch");
    step = mean;
    step.output.offset = 258;
    refuse(step, "aligned");
    step = mean;
    step.output.height = 2;
    refuse(step, "do not fit");
    step = mean;
    step.op = GN_DEVICE_MULTIPLY;
    step.output = step.input;
    step.output.offset = 256;
    step.weights = BLOCK;
    refuse(step, "beyond their block");
    step.weights = 4;
    refuse(step, "constants that are not aligned");
    step.op = GN_DEVICE_CONVOLVE;
    refuse(step, "window");
}

/* Two slices of one map lie side by side, and not on each other. */
static void test_slices_do_not_overlap(void **state)
{
    const struct gn_device_code code = {.batch = 2, .type = GN_DEVICE_FLOAT32};
    const struct gn_device_map whole = {3, 2, 6, 6, 0}, first = {3, 2, 2, 6, 0},
                               second = {3, 2, 4, 6, 8}, third = {3, 2, 2, 6, 12};
    (void)state;
    assert_false(stub_overlap(&code, &first, &second));
    assert_false(stub_overlap(&code, &second, &first));
    assert_true(stub_overlap(&code, &second, &third));
    assert_true(stub_overlap(&code, &third, &second));
    assert_true(stub_overlap(&code, &whole, &third));
    assert_false(stub_overlap(&code, &first, &third));
}

static void test_failures(void **state)
{
    const struct gn_device_step steps[] = {LOADED};
    const float(*logits)[3];
    struct bench bench;
    struct gn_device_info info[3];
    int n;
    (void)state;
    bench_begin(&bench, steps, 1);
    gn_device_program_t *program = stub_driver.make_program(bench.device, &bench.code, &bench.err);
    stub.devices[0].launches_left = 1;
    stub.devices[0].memory = stub.devices[0].used + 10;
    stub.devices[1].reason = "too old";
    assert_int_equal(stub_driver.list(info, 3, &n, &bench.err), GN_OK);
    assert_int_equal(n, 2);
    assert_int_equal(info[0].memory_free, 10);
    assert_false(info[1].usable);
    assert_null(stub_driver.open(1, &bench.err));
    assert_int_equal(bench.err.code, GN_E_UNAVAILABLE);
    assert_null(stub_driver.upload(bench.device, steps, 11, &bench.err));
    assert_int_equal(bench.err.code, GN_E_MEMORY);
    assert_null(stub_driver.open_lane(bench.device, 11, IMAGE, 1, &bench.err));
    for (int i = 0; i < 2; i++) { /* the second one fails where it runs */
        stub.run_in_wait = i == 1;
        assert_int_equal(stub_driver.launch(bench.lane, program, 1 + i, &bench.err), GN_OK);
        assert_int_equal(stub_driver.wait(bench.lane, &logits, &bench.err),
                         i == 0 ? GN_OK : GN_E_INTERNAL);
    }
    assert_int_equal(stub.launches, 1);
    assert_int_equal(stub.images, 1);
    assert_int_equal(stub.batches[0].n, 1);
    assert_string_equal(stub_check_idle(), "something was not freed");
    stub_driver.free_program(program);
    bench_end(&bench);
    assert_null(stub_check_idle());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_windows),  cmocka_unit_test(test_other_steps),
        cmocka_unit_test(test_refusals), cmocka_unit_test(test_slices_do_not_overlap),
        cmocka_unit_test(test_failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

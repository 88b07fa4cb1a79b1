/* SPDX-License-Identifier: MIT
 *
 * test_gpu_driver.c - how the driver of GPUs behaves, on a fake of CUDA's runtime, cuDNN and cuBLASLt in host memory: graphs,
 * lanes, work space, failures of every call, why devices cannot be used. What it computes: test_gpu_steps.c.
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

#include "../gpu/op_reference.h"
#include "fake_gpu.h"

enum { BATCH = 3, STEPS = 4, ROWS = 12, COLUMNS = 10, IMAGES = 9 };

/* A network of a convolution into a slice, a product out of it and the logits. */
struct net {
    gn_device_t *device;
    struct gn_device_step steps[STEPS];
    struct gn_device_code code;
    unsigned char constants[40960];
};

static void make_net(struct net *net, gn_device_t *device, int batch)
{
    const size_t pixels_of_all = (size_t)batch * ROWS * COLUMNS;
    const size_t sliced_at = pixels_of_all * 8 * 2, last_at = sliced_at + pixels_of_all * 48 * 2;
    const struct gn_device_map loaded = {ROWS, COLUMNS, 8, 8, 0};
    const struct gn_device_map slice = {ROWS, COLUMNS, 16, 48, sliced_at + 32};
    const struct gn_device_map last = {ROWS, COLUMNS, 32, 32, last_at};
    *net = (struct net){.device = device};
    net->steps[0] = (struct gn_device_step){
        .op = GN_DEVICE_LOAD, .layer = 1, .input = {ROWS, COLUMNS, 4, 4, 0}, .output = loaded};
    net->steps[1] = (struct gn_device_step){.op = GN_DEVICE_CONVOLVE,
                                            .layer = 2,
                                            .input = loaded,
                                            .output = slice,
                                            .kernel_height = 3,
                                            .kernel_width = 3,
                                            .stride_height = 1,
                                            .stride_width = 1,
                                            .pad_top = 1,
                                            .pad_left = 1,
                                            .pad_bottom = 1,
                                            .pad_right = 1,
                                            .relu = true,
                                            .bias = 0,
                                            .weights = 256,
                                            .full_height = ROWS};
    net->steps[2] = (struct gn_device_step){.op = GN_DEVICE_MULTIPLY,
                                            .layer = 3,
                                            .input = slice,
                                            .output = last,
                                            .kernel_height = 1,
                                            .kernel_width = 1,
                                            .stride_height = 1,
                                            .stride_width = 1,
                                            .bias = 8192,
                                            .weights = 8448,
                                            .full_height = ROWS};
    net->steps[3] = (struct gn_device_step){
        .op = GN_DEVICE_CLASSIFY, .layer = 4, .input = last, .bias = 16384, .weights = 16640};
    for (size_t i = 0; i < sizeof net->constants / 4; i++) { /* weights of float16: pairs */
        float value = (float)(scramble((uint32_t)i) % 1000) / 1000 - 0.5F;
        bool is_weight = (i >= 64 && i < 2048) || (i >= 2112 && i < 4096);
        for (int half = 0; half < 2 && is_weight; half++)
            gn_body_write(GN_DEVICE_FLOAT16, 1, net->constants, (int64_t)i * 2 + half, &value);
        if (!is_weight)
            memcpy(net->constants + 4 * i, &value, 4);
    }
    net->code = (struct gn_device_code){.steps = net->steps,
                                        .n_steps = STEPS,
                                        .batch = batch,
                                        .type = GN_DEVICE_FLOAT16,
                                        .image_size = ROWS * COLUMNS * 4,
                                        .activations_size = last_at + pixels_of_all * 32 * 2};
}

static void upload_net(struct net *net)
{
    gn_error_t err = {0};
    net->code.constants = driver->upload(net->device, net->constants, sizeof net->constants, &err);
    if (net->code.constants == NULL)
        fail_msg("%s", err.message);
}

static void free_net(struct net *net)
{
    driver->upload_free(net->device, (void *)(uintptr_t)net->code.constants);
}

static gn_device_program_t *make_program(const struct net *net)
{
    gn_error_t err = {0};
    gn_device_program_t *program = driver->make_program(net->device, &net->code, &err);
    if (program == NULL)
        fail_msg("%s", err.message);
    return program;
}

static gn_device_lane_t *open_lane(const struct net *net)
{
    gn_error_t err = {0};
    gn_device_lane_t *lane = driver->open_lane(net->device, net->code.activations_size,
                                               net->code.image_size, net->code.batch, &err);
    if (lane == NULL)
        fail_msg("%s", err.message);
    return lane;
}

static void fill_images(const struct net *net, gn_device_lane_t *lane, int first)
{
    uint8_t *images = driver->lane_images(lane);
    for (int i = 0; i < net->code.batch; i++)
        for (size_t k = 0; k < net->code.image_size; k++)
            images[(size_t)i * net->code.image_size + k] = byte_of(first + i, k);
}

/* Logits of the images from `first` on; a GN_E_* of launching or waiting. */
static int run_net(const struct net *net, gn_device_lane_t *lane, gn_device_program_t *program,
                   int first, float (*to)[3], gn_error_t *err)
{
    const float(*logits)[3] = NULL;
    fill_images(net, lane, first);
    int ret = driver->launch(lane, program, net->code.batch, err);
    if (ret == GN_OK)
        ret = driver->wait(lane, &logits, err);
    if (ret == GN_OK)
        memcpy(to, logits, (size_t)net->code.batch * sizeof *to);
    return ret;
}

static void run_well(const struct net *net, gn_device_lane_t *lane, gn_device_program_t *program,
                     int first, float (*to)[3])
{
    gn_error_t err = {0};
    if (run_net(net, lane, program, first, to, &err) < 0)
        fail_msg("%s", err.message);
    for (int i = 0; i < net->code.batch; i++)
        assert_true(isfinite(to[i][0]) && isfinite(to[i][1]) && isfinite(to[i][2]));
}

/* Logits of images 0 to IMAGES - 1, each batch by a lane of its own: step by step. */
static void run_by_steps(const struct net *net, gn_device_program_t *program, float to[IMAGES][3])
{
    for (int first = 0; first < IMAGES; first += net->code.batch) {
        gn_device_lane_t *lane = open_lane(net);
        run_well(net, lane, program, first, to + first);
        driver->close_lane(lane);
    }
    assert_true(memcmp(to[0], to[1], sizeof to[0]) != 0);
}

static void check_three_runs(const struct net *net, gn_device_program_t *program,
                             const int launches[3], const float wanted[IMAGES][3])
{
    gn_device_lane_t *lane = open_lane(net);
    int before = fake.calls[FAKE_GRAPH_LAUNCH];
    for (int turn = 0; turn < 3; turn++) {
        float found[BATCH][3];
        run_well(net, lane, program, turn * BATCH, found);
        assert_memory_equal(found, wanted[turn * BATCH], sizeof found);
        assert_int_equal(fake.calls[FAKE_GRAPH_LAUNCH] - before, launches[turn]);
    }
    driver->close_lane(lane);
}

/* Step by step, captured and started as a graph, replayed; and step by step for good where capturing fails. */
static void test_graphs(void **state)
{
    static const enum fake_call refusals[] = {FAKE_CAPTURE, FAKE_END_CAPTURE, FAKE_INSTANTIATE};
    static struct net net;
    float wanted[IMAGES][3];
    (void)state;
    make_net(&net, open_second(), BATCH);
    upload_net(&net);
    gn_device_program_t *program = make_program(&net);
    run_by_steps(&net, program, wanted);
    assert_int_equal(fake.calls[FAKE_CAPTURE], 0);
    check_three_runs(&net, program, (const int[3]){0, 1, 2}, wanted);
    assert_int_equal(fake.calls[FAKE_CAPTURE], 1);
    assert_int_equal(fake.executables, 1);
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        int before = fake.calls[FAKE_CAPTURE];
        fake.always_fails[refusals[i]] = true;
        check_three_runs(&net, program, (const int[3]){0, 0, 0}, wanted);
        fake.always_fails[refusals[i]] = false;
        assert_int_equal(fake.calls[FAKE_CAPTURE] - before, 1); /* it is not tried again */
    }
    driver->free_program(program);
    free_net(&net);
    driver->close(net.device);
}

/* A product that is computed as a convolution, which reads a slice, gives the same. */
static void test_product_as_convolution(void **state)
{
    static struct net net;
    float wanted[IMAGES][3], found[IMAGES][3];
    (void)state;
    make_net(&net, open_second(), BATCH);
    upload_net(&net);
    for (int turn = 0; turn < 2; turn++) {
        fake.no_products = turn == 1;
        gn_device_program_t *program = make_program(&net);
        run_by_steps(&net, program, turn == 0 ? wanted : found);
        driver->free_program(program);
    }
    assert_memory_equal(found, wanted, sizeof wanted);
    assert_int_equal(fake.calls[FAKE_LT_MULTIPLY], IMAGES / BATCH);
    free_net(&net);
    driver->close(net.device);
}

/* Two lanes run one program at a time, each by its own memory and graph. */
static void test_two_lanes(void **state)
{
    static struct net net;
    float wanted[IMAGES][3];
    gn_error_t err = {0};
    (void)state;
    make_net(&net, open_second(), BATCH);
    upload_net(&net);
    gn_device_program_t *program = make_program(&net);
    gn_device_lane_t *lanes[2] = {open_lane(&net), open_lane(&net)};
    run_by_steps(&net, program, wanted);
    for (int turn = 0; turn < 4; turn++) {
        for (int i = 0; i < 2; i++) {
            fill_images(&net, lanes[i], BATCH * ((turn + i) % 3));
            assert_int_equal(driver->launch(lanes[i], program, BATCH, &err), GN_OK);
        }
        for (int i = 0; i < 2; i++) {
            const float(*logits)[3] = NULL;
            assert_int_equal(driver->wait(lanes[i], &logits, &err), GN_OK);
            assert_memory_equal(logits, wanted[BATCH * ((turn + i) % 3)], BATCH * sizeof *logits);
            assert_true(driver->busy_seconds(lanes[i]) > 0);
        }
    }
    assert_int_equal(fake.executables, 2);
    driver->close_lane(lanes[0]);
    driver->close_lane(lanes[1]);
    driver->free_program(program);
    free_net(&net);
    driver->close(net.device);
}

/* A program made after a lane was opened needs more: the lane's work space grows, and graphs are captured again. */
static void test_growing_work(void **state)
{
    static struct net net;
    float wanted[IMAGES][3], found[BATCH][3];
    gn_error_t err = {0};
    (void)state;
    make_net(&net, open_second(), BATCH);
    upload_net(&net);
    gn_device_program_t *small = make_program(&net);
    run_by_steps(&net, small, wanted);
    gn_device_lane_t *lane = open_lane(&net);
    for (int turn = 0; turn < 3; turn++)
        run_well(&net, lane, small, 0, found);
    assert_int_equal(fake.calls[FAKE_CAPTURE], 1);
    fake.work_of_image = 100000;
    gn_device_program_t *large = make_program(&net);
    size_t used = fake.devices[1].used;
    fake.calls[FAKE_ALLOCATION] = 0;
    fake.fails_at[FAKE_ALLOCATION] = 1;
    assert_int_equal(run_net(&net, lane, large, BATCH, found, &err), GN_E_MEMORY);
    fake.work_of_image = 1000; /* what the plans of `small` were made with */
    run_well(&net, lane, small, 0, found);
    assert_memory_equal(found, wanted[0], sizeof found);
    fake.work_of_image = 100000;
    run_well(&net, lane, large, BATCH, found);
    assert_memory_equal(found, wanted[BATCH], sizeof found);
    assert_in_range(fake.devices[1].used - used, 99000 * BATCH, 100000 * BATCH);
    fake.work_of_image = 1000;
    for (int turn = 0; turn < 3; turn++) {
        run_well(&net, lane, small, turn * BATCH, found);
        assert_memory_equal(found, wanted[turn * BATCH], sizeof found);
    }
    assert_in_range(fake.calls[FAKE_CAPTURE], 2, 3); /* 2: freed memory was had again */
    driver->close_lane(lane);
    driver->free_program(large);
    driver->free_program(small);
    free_net(&net);
    driver->close(net.device);
}

static size_t memory_of_lane(const struct net *net)
{
    size_t before = fake.devices[1].used;
    gn_device_lane_t *lane = open_lane(net);
    size_t taken = fake.devices[1].used - before;
    driver->close_lane(lane);
    return taken;
}

/* A lane takes what the programs need that live, whichever of them is freed. */
static void test_work_of_living_programs(void **state)
{
    static struct net net;
    gn_device_program_t *programs[3];
    size_t of[4];
    (void)state;
    make_net(&net, open_second(), BATCH);
    upload_net(&net);
    of[0] = memory_of_lane(&net);
    for (int i = 0; i < 3; i++) {
        fake.work_of_image = 1000 * (size_t)(i + 1);
        programs[i] = make_program(&net);
        of[i + 1] = memory_of_lane(&net);
        assert_true(of[i + 1] > of[i]);
    }
    driver->free_program(programs[1]);
    assert_int_equal(memory_of_lane(&net), of[3]);
    driver->free_program(programs[2]);
    assert_int_equal(memory_of_lane(&net), of[1]);
    driver->free_program(programs[0]);
    assert_int_equal(memory_of_lane(&net), of[0]);
    free_net(&net);
    driver->close(net.device);
}

/* All that a device is used for, until the first failure; a lane that failed is tried again. */
static int use_all(struct net *net, float to[BATCH][3], gn_error_t *err)
{
    gn_device_lane_t *lane = NULL;
    gn_device_program_t *program = NULL;
    int ret = GN_OK;
    *err = (gn_error_t){0};
    net->code.constants = driver->upload(net->device, net->constants, sizeof net->constants, err);
    if (net->code.constants != NULL) /* before the program: its work space grows */
        lane = driver->open_lane(net->device, net->code.activations_size, net->code.image_size,
                                 BATCH, err);
    if (lane != NULL)
        program = driver->make_program(net->device, &net->code, err);
    if (program == NULL)
        ret = err->code;
    for (int turn = 0; program != NULL && turn < 3; turn++) {
        gn_error_t later = {0};
        int now = run_net(net, lane, program, 0, to, ret == GN_OK ? err : &later);
        ret = ret == GN_OK ? now : ret;
        assert_true(now == GN_OK || now == ret);
    }
    double seconds[STEPS] = {0};
    if (ret == GN_OK)
        ret = driver->time_steps(lane, program, seconds, err);
    driver->close_lane(lane);
    driver->free_program(program);
    free_net(net);
    assert_int_equal(ret, err->code);
    return ret;
}

/* The k-th call of a kind fails, for all k: the failure is told, nothing is left, and all works again. Returns how many
 * failures were told. */
static int fail_each(struct net *net, enum fake_call call, int code, const char *words)
{
    float wanted[BATCH][3], found[BATCH][3];
    gn_error_t err;
    int told = 0, k = 0;
    assert_int_equal(use_all(net, wanted, &err), GN_OK);
    do {
        fake.calls[call] = 0;
        fake.fails_at[call] = ++k;
        int ret = use_all(net, found, &err);
        if (ret != GN_OK) {
            told++;
            assert_int_equal(ret, code);
            if (strstr(err.message, words) == NULL)
                fail_msg("'%s' is not in '%s'", words, err.message);
        }
        fake.fails_at[call] = 0;
        assert_int_equal(
            fake.n_blocks + fake.executables + fake.graphs + fake.events + fake.descriptors, 0);
        assert_int_equal(fake.streams, 1); /* the device's */
        assert_int_equal(use_all(net, found, &err), GN_OK);
        assert_memory_equal(found, wanted, sizeof found);
    } while (fake.calls[call] > 0 && k < 100 && fake.calls[call] >= k);
    return told;
}

static void test_failures(void **state)
{
    static const struct {
        enum fake_call call;
        int code, least; /* failures that are told */
        const char *words;
    } kinds[] = {
        /* upload; activations, images, logits, 2 of the host; biases; work space */
        {FAKE_ALLOCATION, GN_E_MEMORY, 8, "the GPU has no room ("},
        {FAKE_STREAM, GN_E_UNAVAILABLE, 1, "illegal memory access"},
        {FAKE_EVENT, GN_E_UNAVAILABLE, 3, "illegal memory access"},
        {FAKE_RECORD, GN_E_UNAVAILABLE, 9, "illegal memory access"},
        {FAKE_COPY, GN_E_UNAVAILABLE, 7, "illegal memory access"},
        {FAKE_KERNEL, GN_E_UNAVAILABLE, 4, "illegal memory access"},
        {FAKE_GRAPH_LAUNCH, GN_E_UNAVAILABLE, 2, "illegal memory access"},
        {FAKE_WAIT, GN_E_UNAVAILABLE, 4, "illegal memory access"},
        {FAKE_CUDNN_EXECUTE, GN_E_UNAVAILABLE, 2, "layer 2: cuDNN failed"},
        {FAKE_LT_MULTIPLY, GN_E_UNAVAILABLE, 2, "layer 3: cuBLASLt failed"},
        {FAKE_CAPTURE, GN_OK, 0, ""},
        {FAKE_END_CAPTURE, GN_OK, 0, ""},
        {FAKE_INSTANTIATE, GN_OK, 0, ""},
    };
    static struct net net;
    (void)state;
    make_net(&net, open_second(), BATCH);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        int told = fail_each(&net, kinds[i].call, kinds[i].code, kinds[i].words);
        if (told < kinds[i].least || (kinds[i].least == 0 && told > 0))
            fail_msg("kind %d: %d failures told", (int)kinds[i].call, told);
    }
    driver->close(net.device);
}

/* No engine of cuDNN: the program cannot be made, the layer is named, and other programs can. */
static void test_no_engine(void **state)
{
    static struct net net;
    gn_error_t err = {0};
    (void)state;
    make_net(&net, open_second(), BATCH);
    upload_net(&net);
    fake.least_form = GN_GPU_FORMS;
    assert_null(driver->make_program(net.device, &net.code, &err));
    assert_int_equal(err.code, GN_E_UNAVAILABLE);
    assert_non_null(strstr(err.message, "layer 2: cuDNN has no engine"));
    assert_non_null(strstr(err.message, "fake cuDNN's last words"));
    free_net(&net);
    driver->close(net.device);
}

static void test_misuse(void **state)
{
    static struct net net;
    gn_error_t err = {0};
    unsigned char bytes[8];
    (void)state;
    make_net(&net, open_second(), BATCH);
    upload_net(&net);
    gn_device_program_t *program = make_program(&net);
    gn_device_lane_t *lane = open_lane(&net);
    const float(*logits)[3] = NULL;
    assert_int_equal(driver->wait(lane, &logits, &err), GN_OK); /* nothing runs */
    fill_images(&net, lane, 0);
    assert_int_equal(driver->launch(lane, program, BATCH + 1, &err), GN_E_INTERNAL);
    assert_int_equal(driver->launch(lane, program, 0, &err), GN_E_INTERNAL);
    assert_int_equal(driver->launch(lane, program, BATCH, &err), GN_OK);
    assert_int_equal(driver->launch(lane, program, BATCH, &err), GN_E_INTERNAL);
    assert_int_equal(driver->wait(lane, &logits, &err), GN_OK);
    size_t size = net.code.activations_size;
    assert_int_equal(driver->read_activations(lane, size - 8, bytes, 8, &err), GN_OK);
    assert_int_equal(driver->read_activations(lane, size - 7, bytes, 8, &err), GN_E_INTERNAL);
    assert_int_equal(driver->read_activations(lane, SIZE_MAX, bytes, 8, &err), GN_E_INTERNAL);
    driver->close_lane(lane);
    driver->free_program(program);
    net.code.n_steps = 0;
    assert_null(driver->make_program(net.device, &net.code, &err));
    free_net(&net);
    driver->close(net.device);
}

/* Neither listed nor opened, for one reason. */
static void check_unreachable(cudaError_t status, int version, const char *words)
{
    struct gn_device_info infos[FAKE_DEVICES];
    gn_error_t err = {0}, second = {0};
    int n = -1;
    fake.count = status;
    fake.driver = version;
    assert_int_equal(driver->list(infos, FAKE_DEVICES, &n, &err), GN_E_UNAVAILABLE);
    assert_int_equal(n, 0);
    if (strstr(err.message, words) == NULL)
        fail_msg("'%s' is not in '%s'", words, err.message);
    assert_null(driver->open(0, &second));
    assert_string_equal(err.message, second.message);
    assert_int_equal(cudaGetLastError(), cudaSuccess);
    fake_reset(2);
}

static void test_unreachable(void **state)
{
    (void)state;
    check_unreachable(cudaErrorInsufficientDriver, 0, "no NVIDIA driver");
    check_unreachable(cudaErrorInsufficientDriver, 11040,
                      "CUDA 11.4, older than this build's 13.0");
    check_unreachable(cudaErrorStubLibrary, 13000, "the toolkit's stub");
    check_unreachable(cudaErrorNoDevice, 13000, "no NVIDIA GPU was found");
    check_unreachable(cudaErrorUnknown, 13000, "CUDA cannot start: a fake error");
    setenv("CUDA_VISIBLE_DEVICES", "7", 1);
    check_unreachable(cudaErrorNoDevice, 13000, "CUDA_VISIBLE_DEVICES is '7'");
    unsetenv("CUDA_VISIBLE_DEVICES");
}

static void check_opening(int number, const char *words)
{
    gn_error_t err = {0};
    assert_null(driver->open(number, &err));
    assert_int_equal(err.code, GN_E_UNAVAILABLE);
    if (strstr(err.message, words) == NULL)
        fail_msg("'%s' is not in '%s'", words, err.message);
    assert_int_equal(cudaGetLastError(), cudaSuccess);
}

static void test_listing(void **state)
{
    struct gn_device_info infos[FAKE_DEVICES];
    gn_error_t err = {0};
    int n = 0;
    (void)state;
    fake_reset(FAKE_DEVICES);
    fake.devices[0].major = 7;
    fake.devices[1].mode = cudaComputeModeProhibited;
    fake.devices[3].start = cudaErrorDevicesUnavailable;
    assert_int_equal(driver->list(infos, FAKE_DEVICES, &n, &err), GN_OK);
    assert_int_equal(n, FAKE_DEVICES);
    for (int i = 0; i < n; i++) {
        assert_int_equal(infos[i].number, i);
        assert_int_equal(infos[i].usable, i == 2);
        assert_int_equal(infos[i].reason[0] == '\0', i == 2);
    }
    assert_non_null(strstr(infos[0].reason, "compute capability 7.0: 7.5 (Turing)"));
    assert_non_null(strstr(infos[1].reason, "prohibited"));
    assert_non_null(strstr(infos[3].reason, "another process has it alone"));
    assert_string_equal(infos[2].name, "fake 2");
    assert_int_equal(infos[2].memory_free, (size_t)4 << 30);
    check_opening(0, "GPU 0 (fake 0) cannot be used: compute capability 7.0");
    check_opening(1, "prohibited");
    check_opening(3, "another process has it alone");
    check_opening(4, "there is no GPU 4, only 4");
    check_opening(-1, "there is no GPU -1");
    assert_int_equal(driver->list(infos, 2, &n, &err), GN_OK);
    assert_int_equal(n, 2);
    fake_reset(0);
    assert_int_equal(driver->list(infos, 2, &n, &err), GN_OK);
    assert_int_equal(n, 0);
}

static void test_opening(void **state)
{
    gn_error_t err = {0};
    struct gn_device_info info;
    char text[300];
    (void)state;
    fake.fails_at[FAKE_CUDNN_CREATE] = fake.fails_at[FAKE_LT_CREATE] = fake.fails_at[FAKE_STREAM] =
        1;
    check_opening(0, "illegal memory access");
    check_opening(0, "cuDNN 91900 cannot start (a fake status; fake cuDNN's last words)");
    check_opening(0, "cuBLASLt 130000 cannot start");
    assert_null(fake_check_idle());
    gn_device_t *device = open_second();
    assert_int_equal(driver->info(device, &info, &err), GN_OK);
    assert_true(info.usable && info.number == 1 && info.multiprocessors == 11);
    driver->close(device);
    driver->describe(text, sizeof text);
    assert_string_equal(text, "CUDA runtime 13.0, driver 13.0, cuDNN 9.19, cuBLASLt 13.0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_graphs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_product_as_convolution, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_two_lanes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_growing_work, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_work_of_living_programs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_failures, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_no_engine, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_misuse, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_unreachable, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_listing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_opening, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else
#include "without_cuda.h"
#endif

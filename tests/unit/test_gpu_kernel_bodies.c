/* SPDX-License-Identifier: MIT
 *
 * test_gpu_kernel_bodies.c - what the threads of the GPU's kernels compute, run here one after the other: every number of
 * every map against loops over rows, columns and channels, for all types and both widths, with slices, cuts and paddings.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "cnn/cuda/gpu_kernel_bodies.h"

enum { IMAGES = 3, PADDING = 64, SLICE = 16 };

static const enum gn_device_type types[] = {GN_DEVICE_FLOAT32, GN_DEVICE_FLOAT16, GN_DEVICE_BF16};

/* By the format's definition: a sign, exponent bits, fraction bits. */
static double value_of(enum gn_device_type type, unsigned bits)
{
    int fraction_bits = type == GN_DEVICE_FLOAT16 ? 10 : 7;
    int bias = type == GN_DEVICE_FLOAT16 ? 15 : 127;
    int exponent = (int)(bits & 0x7fff) >> fraction_bits;
    double fraction = (double)(bits & ((1U << fraction_bits) - 1)) / (1 << fraction_bits);
    double value = exponent == 0 ? ldexp(fraction, 1 - bias) : ldexp(1 + fraction, exponent - bias);
    return bits & 0x8000 ? -value : value;
}

static bool is_finite_pattern(enum gn_device_type type, unsigned bits)
{
    unsigned exponent = type == GN_DEVICE_FLOAT16 ? 0x7c00 : 0x7f80;
    return (bits & exponent) != exponent;
}

/* Every number of a type is itself; half way to the next goes to the even one, a little more or less to the nearer. */
static void test_conversions(void **state)
{
    (void)state;
    for (int t = 1; t < 3; t++)
        for (unsigned bits = 0; bits < 0x10000; bits++) {
            if (!is_finite_pattern(types[t], bits))
                continue;
            double value = value_of(types[t], bits);
            assert_true((double)gn_body_float(types[t], bits) == value);
            assert_int_equal(gn_body_bits(types[t], (float)value), bits);
            if (!is_finite_pattern(types[t], bits + 1))
                continue;
            double next = value_of(types[t], bits + 1), half = (value + next) / 2;
            if ((double)(float)half != half) /* bf16's subnormals: float32 holds no half way */
                continue;
            assert_int_equal(gn_body_bits(types[t], (float)half), bits + (bits & 1));
            assert_int_equal(gn_body_bits(types[t], nextafterf((float)half, (float)next)),
                             bits + 1);
            assert_int_equal(gn_body_bits(types[t], nextafterf((float)half, (float)value)), bits);
        }
    assert_int_equal(gn_body_bits(GN_DEVICE_FLOAT16, 65519.0F), 0x7bff);
    assert_int_equal(gn_body_bits(GN_DEVICE_FLOAT16, 65520.0F), 0x7c00);
    assert_int_equal(gn_body_bits(GN_DEVICE_FLOAT16, -INFINITY), 0xfc00);
    assert_true(gn_body_float(GN_DEVICE_FLOAT16, 0x7c00) == INFINITY);
}

/* A map of numbers in a type, a slice of something larger: what lies around it must stay as it is. */
struct map {
    struct gn_device_map shape;
    enum gn_device_type type;
    unsigned char *all;
    size_t n; /* numbers, slices' neighbours included */
};

static struct map make_map(enum gn_device_type type, int height, int width, int channels, int pitch)
{
    struct map map = {{height, width, channels, pitch, 0}, type, NULL, 0};
    map.n = (size_t)IMAGES * (size_t)(height * width * pitch) + 2 * PADDING;
    map.all = malloc(map.n * 4);
    assert_non_null(map.all);
    for (size_t i = 0; i < map.n; i++) {
        float value = (float)((int)((uint32_t)i * 2654435761U >> 20) - 2048) / 512;
        gn_body_write(type, 1, map.all, (int64_t)i, &value);
    }
    return map;
}

static void *start_of(const struct map *map)
{
    return map->all + PADDING * gn_device_type_size(map->type);
}

static size_t index_of(const struct map *map, int image, int y, int x, int c)
{
    const struct gn_device_map *shape = &map->shape;
    size_t rows = (size_t)image * (size_t)shape->height + (size_t)y;
    return PADDING + (rows * (size_t)shape->width + (size_t)x) * (size_t)shape->pitch + (size_t)c;
}

static float get(const struct map *map, size_t index)
{
    float value;
    gn_body_read(map->type, 1, map->all, (int64_t)index, &value);
    return value;
}

static float at(const struct map *map, int image, int y, int x, int c)
{
    return get(map, index_of(map, image, y, x, c));
}

static float rounded(enum gn_device_type type, double value)
{
    float number = (float)value;
    return type == GN_DEVICE_FLOAT32 ? number : gn_body_float(type, gn_body_bits(type, number));
}

/* What a step must give. */
typedef double expected_function(const struct gn_body_task *task, const struct map *input,
                                 int image, int y, int x, int c);
/* A body with the arguments of a kernel. */
typedef void body_function(const struct gn_body_task *task, enum gn_device_type type, int width,
                           unsigned thread);

static void max_pool(const struct gn_body_task *task, enum gn_device_type type, int width,
                     unsigned thread)
{
    gn_body_pool(task, type, width, true, thread);
}

static void avg_pool(const struct gn_body_task *task, enum gn_device_type type, int width,
                     unsigned thread)
{
    gn_body_pool(task, type, width, false, thread);
}

static void bias_of_float32(const struct gn_body_task *task, enum gn_device_type type, int width,
                            unsigned thread)
{
    gn_body_bias(task, type, GN_DEVICE_FLOAT32, width, thread);
}

static expected_function expected_average, expected_mean;

/* Everything else is rounded once. */
static bool is_average(expected_function *expected)
{
    return expected == expected_average || expected == expected_mean;
}

/* Runs all threads of a step with a width, and compares the slice, and what lies around it with what was there. */
static void check_width(struct gn_body_task *task, body_function *body, const struct map *input,
                        expected_function *expected, int width, struct map *output)
{
    struct map before = make_map(output->type, output->shape.height, output->shape.width,
                                 output->shape.channels, output->shape.pitch);
    memcpy(output->all, before.all, output->n * gn_device_type_size(output->type));
    task->output = start_of(output);
    task->step.output = output->shape;
    const struct gn_device_map *shape = &output->shape;
    int threads = IMAGES * shape->height * shape->width * shape->channels / width;
    for (int thread = 0; thread < threads; thread++)
        body(task, output->type, width, (unsigned)thread);
    for (int image = 0; image < IMAGES; image++)
        for (int y = 0; y < shape->height; y++)
            for (int x = 0; x < shape->width; x++)
                for (int c = 0; c < shape->channels; c++) {
                    size_t index = index_of(output, image, y, x, c);
                    double want = expected(task, input, image, y, x, c);
                    double error = fabs(get(output, index) - rounded(output->type, want));
                    double allowed = !is_average(expected)               ? 0
                                     : output->type == GN_DEVICE_FLOAT32 ? 1e-5
                                     : output->type == GN_DEVICE_FLOAT16 ? 4e-3
                                                                         : 4e-2;
                    assert_true(error <= allowed);
                    memcpy(output->all + index * gn_device_type_size(output->type),
                           before.all + index * gn_device_type_size(output->type),
                           gn_device_type_size(output->type));
                }
    assert_memory_equal(output->all, before.all, output->n * gn_device_type_size(output->type));
    free(before.all);
}

static void check(struct gn_body_task *task, body_function *body, const struct map *input,
                  expected_function *expected, enum gn_device_type type,
                  const struct gn_device_map *shape)
{
    struct map output = make_map(type, shape->height, shape->width, shape->channels, shape->pitch);
    if (input != NULL) {
        task->input = start_of(input);
        task->step.input = input->shape;
    }
    check_width(task, body, input, expected, 1, &output);
    check_width(task, body, input, expected, type == GN_DEVICE_FLOAT32 ? 4 : 8, &output);
    free(output.all);
}

static double expected_load(const struct gn_body_task *task, const struct map *input, int image,
                            int y, int x, int c)
{
    (void)input;
    if (c >= 7)
        return 0;
    int pixel = (y + task->step.crop_top) * 13 + x + task->step.crop_left;
    const uint8_t *bytes = (const uint8_t *)task->input + (size_t)image * task->image_size;
    return (bytes[pixel * 7 + c] - 128.0) / 128;
}

static void test_load(void **state)
{
    (void)state;
    uint8_t bytes[IMAGES * 11 * 13 * 7];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)((uint32_t)i * 2654435761U >> 11);
    for (int t = 0; t < 3; t++)
        for (int cut = 0; cut < 2; cut++) {
            struct gn_body_task task = {.input = bytes, .image_size = 11 * 13 * 7};
            task.step.op = GN_DEVICE_LOAD;
            task.step.input = (struct gn_device_map){11, 13, 7, 7, 0};
            task.step.crop_top = cut * 2;
            task.step.crop_left = cut * 3;
            struct gn_device_map shape = {11 - 5 * cut, 13 - 4 * cut, 8, 8, 0};
            check(&task, gn_body_load, NULL, expected_load, types[t], &shape);
        }
}

static double pooled(const struct gn_body_task *task, const struct map *input, const int place[4],
                     bool largest)
{
    const struct gn_device_step *step = &task->step;
    double best = -INFINITY, sum = 0;
    int cells = 0;
    for (int i = 0; i < step->kernel_height; i++)
        for (int j = 0; j < step->kernel_width; j++) {
            int y = place[1] * step->stride_height - step->pad_top + i;
            int x = place[2] * step->stride_width - step->pad_left + j;
            if (y < 0 || x < 0 || y >= input->shape.height || x >= input->shape.width)
                continue;
            double value = at(input, place[0], y, x, place[3]);
            best = value > best ? value : best;
            sum += value;
            cells++;
        }
    return largest ? best : sum / cells;
}

static double expected_max(const struct gn_body_task *task, const struct map *input, int image,
                           int y, int x, int c)
{
    return pooled(task, input, (int[]){image, y, x, c}, true);
}

static double expected_average(const struct gn_body_task *task, const struct map *input, int image,
                               int y, int x, int c)
{
    return pooled(task, input, (int[]){image, y, x, c}, false);
}

static void test_pools(void **state)
{
    (void)state;
    /* kernel, stride, pads: as in Inception v3, and lopsided */
    static const int windows[][8] = {{3, 3, 2, 2, 0, 0, 0, 0},
                                     {3, 3, 1, 1, 1, 1, 1, 1},
                                     {2, 5, 1, 3, 0, 2, 1, 1},
                                     {3, 2, 2, 1, 1, 0, 0, 1}};
    for (int t = 0; t < 3; t++)
        for (size_t w = 0; w < sizeof windows / sizeof *windows; w++) {
            const int *window = windows[w];
            struct map input = make_map(types[t], 9, 10, 24, 40);
            struct gn_body_task task = {.image_size = 0};
            task.step.kernel_height = window[0], task.step.kernel_width = window[1];
            task.step.stride_height = window[2], task.step.stride_width = window[3];
            task.step.pad_top = window[4], task.step.pad_left = window[5];
            struct gn_device_map shape = {(9 + window[4] + window[6] - window[0]) / window[2] + 1,
                                          (10 + window[5] + window[7] - window[1]) / window[3] + 1,
                                          24, 24 + SLICE, 0};
            task.step.op = GN_DEVICE_MAX_POOL;
            check(&task, max_pool, &input, expected_max, types[t], &shape);
            task.step.op = GN_DEVICE_AVG_POOL;
            check(&task, avg_pool, &input, expected_average, types[t], &shape);
            free(input.all);
        }
}

static void test_pool_keeps_what_is_no_number(void **state)
{
    (void)state;
    float cells[3] = {1, NAN, 2}, largest = 0;
    struct gn_body_task task = {.input = cells, .output = &largest};
    task.step.input = (struct gn_device_map){1, 3, 1, 1, 0};
    task.step.output = (struct gn_device_map){1, 1, 1, 1, 0};
    task.step.kernel_height = task.step.stride_height = task.step.stride_width = 1;
    task.step.kernel_width = 3;
    gn_body_pool(&task, GN_DEVICE_FLOAT32, 1, true, 0);
    assert_true(isnan(largest));
}

static double expected_copy(const struct gn_body_task *task, const struct map *input, int image,
                            int y, int x, int c)
{
    return at(input, image, y + task->step.crop_top, x + task->step.crop_left, c);
}

static double expected_extended(const struct gn_body_task *task, const struct map *input, int image,
                                int y, int x, int c)
{
    float value;
    if (y < input->shape.height)
        return at(input, image, y, x, c);
    gn_body_read(input->type, 1, task->weights, (y * 6 + x) * 16 + c, &value);
    return value;
}

static void test_copy_and_extend(void **state)
{
    (void)state;
    for (int t = 0; t < 3; t++) {
        struct map input = make_map(types[t], 7, 6, 16, 32),
                   empty = make_map(types[t], 12, 6, 16, 16);
        struct gn_body_task task = {.weights = start_of(&empty)};
        task.step.op = GN_DEVICE_COPY;
        task.step.crop_top = 2, task.step.crop_left = 1;
        check(&task, gn_body_copy, &input, expected_copy, types[t],
              &(struct gn_device_map){5, 4, 16, 48, 0});
        task.step.op = GN_DEVICE_EXTEND;
        task.step.crop_top = task.step.crop_left = 0;
        check(&task, gn_body_copy, &input, expected_extended, types[t],
              &(struct gn_device_map){12, 6, 16, 16, 0});
        free(input.all);
        free(empty.all);
    }
}

static double expected_biased(const struct gn_body_task *task, const struct map *input, int image,
                              int y, int x, int c)
{
    double sum = at(input, image, y, x, c) + task->bias[c];
    return task->step.relu && sum < 0 ? 0 : sum;
}

static void test_bias(void **state)
{
    (void)state;
    float bias[24];
    for (int c = 0; c < 24; c++)
        bias[c] = (float)(c - 12) / 8;
    for (int t = 0; t < 3; t++)
        for (int relu = 0; relu < 2; relu++) {
            struct map sums = make_map(GN_DEVICE_FLOAT32, 5, 4, 24, 24);
            struct gn_body_task task = {.bias = bias};
            task.step.relu = relu != 0;
            check(&task, bias_of_float32, &sums, expected_biased, types[t],
                  &(struct gn_device_map){5, 4, 24, 24 + SLICE, 0});
            free(sums.all);
        }
}

static double mean_of(const struct map *input, int image, int c)
{
    double sum = 0;
    for (int y = 0; y < input->shape.height; y++)
        for (int x = 0; x < input->shape.width; x++)
            sum += at(input, image, y, x, c);
    return sum / (input->shape.height * input->shape.width);
}

static double expected_mean(const struct gn_body_task *task, const struct map *input, int image,
                            int y, int x, int c)
{
    (void)task, (void)y, (void)x;
    return mean_of(input, image, c);
}

static void test_mean_and_classify(void **state)
{
    (void)state;
    enum { CHANNELS = 2072 }; /* more than the threads of a block have at a time */
    float *weights = malloc(3 * CHANNELS * sizeof *weights);
    assert_non_null(weights);
    for (int i = 0; i < 3 * CHANNELS; i++)
        weights[i] = (float)(i % 29 - 14) / 64;
    for (int t = 0; t < 3; t++) {
        struct map input = make_map(types[t], 1, 5, CHANNELS, CHANNELS + 8);
        struct gn_body_task task = {.weights = weights};
        check(&task, gn_body_mean, &input, expected_mean, types[t],
              &(struct gn_device_map){1, 1, CHANNELS, CHANNELS, 0});
        for (int width = 1; width <= 8; width += types[t] == GN_DEVICE_FLOAT32 ? 3 : 7)
            for (int image = 0; image < IMAGES && (types[t] != GN_DEVICE_FLOAT32 || width <= 4);
                 image++) {
                double logits[3] = {0}, wanted[3] = {0};
                for (int thread = 0; thread < GN_BODY_THREADS; thread++) {
                    float sums[3];
                    gn_body_classify(&task, types[t], width, image, thread, sums);
                    for (int k = 0; k < 3; k++)
                        logits[k] += sums[k];
                }
                for (int c = 0; c < CHANNELS; c++)
                    for (int k = 0; k < 3; k++)
                        wanted[k] += mean_of(&input, image, c) * weights[k * CHANNELS + c];
                for (int k = 0; k < 3; k++)
                    assert_true(fabs(logits[k] - wanted[k]) < 1e-3);
            }
        free(input.all);
    }
    free(weights);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conversions),
        cmocka_unit_test(test_load),
        cmocka_unit_test(test_pools),
        cmocka_unit_test(test_pool_keeps_what_is_no_number),
        cmocka_unit_test(test_copy_and_extend),
        cmocka_unit_test(test_bias),
        cmocka_unit_test(test_mean_and_classify),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT
 *
 * test_cnn_conv.c - the convolution kernels: equal in every bit, and right against a sum in double.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cnn/cpu/conv.h"
#include "model_folder.h"

enum { BLOCK = 16 };

struct shape {
    int taps, run, channels, pixels, gap; /* gap: floats between the pixels of the output */
    bool relu;
};

/* A random job; every tenth tap lies in the padding. */
struct fixture {
    struct gn_conv_job job;
    float *input, *zeros, *weights, *bias, *output;
    int32_t *offsets;
    size_t n_weights, n_output;
};

static float *random_floats(size_t n, uint64_t *seed)
{
    float *values = aligned_alloc(64, (n * sizeof(float) + 63) / 64 * 64);
    for (size_t i = 0; i < n; i++)
        values[i] = test_uniform(seed);
    return values;
}

static void set_up(struct fixture *f, const struct shape *shape, uint64_t seed)
{
    enum { INPUTS = 5000 };
    size_t blocks = ((size_t)shape->channels + BLOCK - 1) / BLOCK;
    size_t n_offsets = (size_t)shape->pixels * (size_t)shape->taps;
    f->n_weights = blocks * (size_t)shape->taps * (size_t)shape->run * BLOCK;
    f->n_output = (size_t)shape->pixels * (size_t)(shape->channels + shape->gap);
    f->input = random_floats(INPUTS, &seed);
    f->zeros = calloc((size_t)shape->run, sizeof *f->zeros);
    f->weights = random_floats(f->n_weights, &seed);
    f->bias = random_floats(blocks * BLOCK, &seed);
    f->output = malloc((f->n_output + 1) * sizeof *f->output);
    f->offsets = malloc(n_offsets * sizeof *f->offsets);
    for (size_t i = 0; i < n_offsets; i++)
        f->offsets[i] = test_random(&seed) % 10 == 0
                            ? -1
                            : (int32_t)(test_random(&seed) % (uint32_t)(INPUTS - shape->run));
    f->job = (struct gn_conv_job){.input = f->input,
                                  .offsets = f->offsets,
                                  .zeros = f->zeros,
                                  .taps = shape->taps,
                                  .run = shape->run,
                                  .weights = f->weights,
                                  .bias = f->bias,
                                  .output = f->output,
                                  .output_stride = (size_t)(shape->channels + shape->gap),
                                  .channels = shape->channels,
                                  .pixels = shape->pixels,
                                  .relu = shape->relu};
}

static void tear_down(struct fixture *f)
{
    free(f->input);
    free(f->zeros);
    free(f->weights);
    free(f->bias);
    free(f->output);
    free(f->offsets);
}

static const float UNTOUCHED = 12345.0F;

/* Runs a kernel into a fresh output that the caller frees. */
static float *run_kernel(const struct fixture *f, enum gn_isa isa)
{
    float *output = malloc((f->n_output + 1) * sizeof *output);
    for (size_t i = 0; i <= f->n_output; i++)
        output[i] = UNTOUCHED;
    struct gn_conv_job job = f->job;
    job.output = output;
    gn_conv_kernel_of(isa)(&job);
    return output;
}

static double sum_in_double(const struct fixture *f, int pixel, int channel)
{
    const struct gn_conv_job *job = &f->job;
    size_t block = (size_t)(channel / BLOCK) * (size_t)job->taps * (size_t)job->run * BLOCK;
    double sum = (double)f->bias[channel];
    for (int tap = 0; tap < job->taps; tap++) {
        int32_t offset = f->offsets[pixel * job->taps + tap];
        for (int k = 0; offset >= 0 && k < job->run; k++)
            sum += (double)f->input[offset + k] *
                   (double)f->weights[block + (size_t)(tap * job->run + k) * BLOCK +
                                      (size_t)(channel % BLOCK)];
    }
    return job->relu && sum < 0 ? 0.0 : sum;
}

static void check_values(const struct fixture *f, const float *output)
{
    for (int p = 0; p < f->job.pixels; p++)
        for (size_t c = 0; c < f->job.output_stride; c++) {
            float value = output[(size_t)p * f->job.output_stride + c];
            if (c >= (size_t)f->job.channels)
                assert_true(value == UNTOUCHED);
            else
                assert_true(fabs((double)value - sum_in_double(f, p, (int)c)) < 2e-4);
        }
    assert_true(output[f->n_output] == UNTOUCHED);
}

static void check_shape(const struct shape *shape, uint64_t seed)
{
    struct fixture f;
    set_up(&f, shape, seed);
    float *portable = run_kernel(&f, GN_ISA_PORTABLE);
    check_values(&f, portable);
    for (int isa = GN_ISA_AVX2; isa <= GN_ISA_AVX512; isa++) {
        if (!gn_isa_available((enum gn_isa)isa))
            continue;
        float *output = run_kernel(&f, (enum gn_isa)isa);
        assert_memory_equal(output, portable, (f.n_output + 1) * sizeof *output);
        free(output);
    }
    free(portable);
    tear_down(&f);
}

static void test_edge_shapes(void **state)
{
    static const struct shape shapes[] = {
        {1, 1, 1, 1, 0, false},     {1, 7, 16, 12, 0, true},   {3, 21, 16, 13, 0, true},
        {9, 16, 32, 12, 0, true},   {9, 16, 33, 11, 3, true},  {1, 352, 96, 1, 0, true},
        {1, 96, 3, 1, 0, false},    {7, 32, 48, 25, 16, true}, {256, 2, 17, 5, 1, false},
        {1, 231, 96, 100, 0, true}, {25, 3, 15, 6, 0, true},   {4, 5, 31, 24, 7, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        check_shape(&shapes[i], 1000 + i);
}

static void test_random_shapes(void **state)
{
    enum { ROUNDS = 60 };
    uint64_t seed = 7;
    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        struct shape shape = {.taps = 1 + (int)(test_random(&seed) % 10),
                              .run = 1 + (int)(test_random(&seed) % 40),
                              .channels = 1 + (int)(test_random(&seed) % 70),
                              .pixels = 1 + (int)(test_random(&seed) % 40),
                              .gap = (int)(test_random(&seed) % 3),
                              .relu = test_random(&seed) % 2 == 0};
        check_shape(&shape, seed);
    }
}

/* Sums whose order matters: large terms that cancel. All kernels must add in the same order. */
static void test_order_of_addition(void **state)
{
    struct shape shape = {9, 24, 40, 30, 0, false};
    struct fixture f;
    uint64_t seed = 99;
    (void)state;
    set_up(&f, &shape, 5);
    for (size_t i = 0; i < f.n_weights; i++)
        f.weights[i] = ldexpf(test_uniform(&seed), (int)(test_random(&seed) % 40) - 20);
    float *portable = run_kernel(&f, GN_ISA_PORTABLE);
    for (int isa = GN_ISA_AVX2; isa <= GN_ISA_AVX512; isa++) {
        if (!gn_isa_available((enum gn_isa)isa))
            continue;
        float *output = run_kernel(&f, (enum gn_isa)isa);
        assert_memory_equal(output, portable, f.n_output * sizeof *output);
        free(output);
    }
    free(portable);
    tear_down(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_edge_shapes),
        cmocka_unit_test(test_random_shapes),
        cmocka_unit_test(test_order_of_addition),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

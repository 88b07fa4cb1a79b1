/* SPDX-License-Identifier: MIT
 *
 * stub_steps.h - the steps of cnn/cuda/device.h as plain loops over numbers in host memory, and what a GPU would ask of
 * them. Shares nothing with the back end but that header.
 */
#ifndef GN_TESTS_STUB_STEPS_H
#define GN_TESTS_STUB_STEPS_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cnn/bf16.h"
#include "cnn/cuda/device.h"

/* From the definition: 1 bit of sign, 5 of exponent (bias 15), 10 of fraction. */
static inline float stub_from_half(uint16_t bits)
{
    int exponent = bits >> 10 & 31, fraction = bits & 1023;
    float value = exponent == 0    ? ldexpf((float)fraction, -24)
                  : exponent == 31 ? (fraction == 0 ? INFINITY : NAN)
                                   : ldexpf((float)(fraction + 1024), exponent - 25);
    return (bits & 0x8000) != 0 ? -value : value;
}

/* Counts the steps of the type's grid at the value, to nearest even. */
static inline uint16_t stub_to_half(float value)
{
    uint16_t sign = signbit(value) ? 0x8000 : 0;
    int exponent;
    if (isnan(value))
        return 0x7e00;
    if (isinf(value) || value == 0)
        return sign | (value == 0 ? 0 : 0x7c00);
    frexpf(value, &exponent);
    if (exponent < -13)
        exponent = -13; /* below 2^-14 the grid grows no finer */
    long steps = lrintf(ldexpf(fabsf(value), 11 - exponent)); /* 2^(exponent - 11) each */
    /* 1024 to 2047 steps within a binade, fewer below the first; 2048 is the next binade's start */
    long bits = steps + (long)(exponent + 13) * 1024;
    return sign | (uint16_t)(bits > 0x7c00 ? 0x7c00 : bits);
}

static inline float stub_get(const unsigned char *at, size_t index, enum gn_device_type type)
{
    float value;
    uint16_t half;
    if (type == GN_DEVICE_FLOAT32) {
        memcpy(&value, at + 4 * index, sizeof value);
        return value;
    }
    memcpy(&half, at + 2 * index, sizeof half);
    return type == GN_DEVICE_BF16 ? gn_from_bf16(half) : stub_from_half(half);
}

static inline void stub_put(unsigned char *at, size_t index, enum gn_device_type type, float value)
{
    if (type == GN_DEVICE_FLOAT32) {
        memcpy(at + 4 * index, &value, sizeof value);
        return;
    }
    uint16_t half = type == GN_DEVICE_FLOAT16 ? stub_to_half(value)
                    : isnan(value)            ? 0x7fc0
                                              : gn_to_bf16(value);
    memcpy(at + 2 * index, &half, sizeof half);
}

/* 10 bits of fraction, to nearest even. */
static inline float stub_to_tf32(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    bits = (bits + 0xfffU + (bits >> 13 & 1)) & ~0x1fffU;
    memcpy(&value, &bits, sizeof bits);
    return value;
}

static inline size_t stub_pixels(const struct gn_device_map *map)
{
    return (size_t)map->height * (size_t)map->width;
}

/* What a step reads and writes for an image, without pitches: [row][column][channel]. */
struct stub_step {
    const struct gn_device_step *step;
    enum gn_device_type type;
    bool tf32;
    const unsigned char *constants;
    const uint8_t *image;
    float *input, *output;
    float *weights; /* of CONVOLVE and MULTIPLY */
};

/* The channels of a pixel. */
static inline const float *stub_input(const struct stub_step *run, int y, int x)
{
    const struct gn_device_map *map = &run->step->input;
    return &run->input[((size_t)y * (size_t)map->width + (size_t)x) * (size_t)map->channels];
}

static inline float *stub_output(const struct stub_step *run, int y, int x, int c)
{
    const struct gn_device_map *map = &run->step->output;
    return &run->output[((size_t)y * (size_t)map->width + (size_t)x) * (size_t)map->channels +
                        (size_t)c];
}

static inline float stub_load(const struct stub_step *run, int y, int x, int c)
{
    const struct gn_device_map *bytes = &run->step->input;
    if (c >= bytes->channels)
        return 0;
    size_t pixel = (size_t)(y + run->step->crop_top) * (size_t)bytes->width +
                   (size_t)(x + run->step->crop_left);
    return ((float)run->image[pixel * (size_t)bytes->channels + (size_t)c] - 128) / 128;
}

static inline bool stub_is_inside(const struct gn_device_map *map, int y, int x)
{
    return y >= 0 && y < map->height && x >= 0 && x < map->width;
}

/* The products of one tap: input and weights have the same channels. */
static inline float stub_add_products(float sum, const float *factors, const float *weights, int n)
{
    for (int k = 0; k < n; k++)
        sum += factors[k] * weights[k];
    return sum;
}

static inline size_t stub_taps(const struct gn_device_step *step)
{
    return step->op == GN_DEVICE_MULTIPLY
               ? 1
               : (size_t)step->kernel_height * (size_t)step->kernel_width;
}

static inline float stub_convolve(const struct stub_step *run, int y, int x, int c)
{
    const struct gn_device_step *step = run->step;
    bool multiply = step->op == GN_DEVICE_MULTIPLY;
    int height = multiply ? 1 : step->kernel_height, width = multiply ? 1 : step->kernel_width;
    int top = multiply ? y : y * step->stride_height - step->pad_top;
    int left = multiply ? x : x * step->stride_width - step->pad_left;
    const float *weights =
        run->weights + (size_t)c * stub_taps(step) * (size_t)step->input.channels;
    float sum = stub_get(run->constants + step->bias, (size_t)c, GN_DEVICE_FLOAT32);
    for (int ky = 0; ky < height; ky++)
        for (int kx = 0; kx < width; kx++)
            if (stub_is_inside(&step->input, top + ky, left + kx))
                sum = stub_add_products(sum, stub_input(run, top + ky, left + kx),
                                        weights + (ky * width + kx) * step->input.channels,
                                        step->input.channels);
    return step->relu && sum < 0 ? 0 : sum;
}

/* A number that was never written is NaN, which must not get lost here. */
static inline float stub_pool(const struct stub_step *run, int y, int x, int c)
{
    const struct gn_device_step *step = run->step;
    int top = y * step->stride_height - step->pad_top;
    int left = x * step->stride_width - step->pad_left;
    float best = -INFINITY, sum = 0, cells = 0;
    for (int ky = top; ky < top + step->kernel_height; ky++)
        for (int kx = left; kx < left + step->kernel_width; kx++)
            if (stub_is_inside(&step->input, ky, kx)) {
                float value = stub_input(run, ky, kx)[c];
                best = value <= best ? best : value;
                sum += value;
                cells++;
            }
    return step->op == GN_DEVICE_MAX_POOL ? best : sum / cells;
}

static inline float stub_extend(const struct stub_step *run, int y, int x, int c)
{
    const struct gn_device_map *map = &run->step->output;
    if (y < run->step->input.height)
        return stub_input(run, y, x)[c];
    return stub_get(run->constants + run->step->weights,
                    ((size_t)y * (size_t)map->width + (size_t)x) * (size_t)map->channels +
                        (size_t)c,
                    run->type);
}

static inline float stub_mean(const struct stub_step *run, int c)
{
    size_t pixels = stub_pixels(&run->step->input), channels = (size_t)run->step->input.channels;
    float sum = 0;
    for (size_t i = 0; i < pixels; i++)
        sum += run->input[i * channels + (size_t)c];
    return sum / (float)pixels;
}

static inline void stub_classify(const struct stub_step *run, float logits[3])
{
    int channels = run->step->input.channels;
    const unsigned char *weights = run->constants + run->step->weights;
    for (int k = 0; k < 3; k++) {
        logits[k] = stub_get(run->constants + run->step->bias, (size_t)k, GN_DEVICE_FLOAT32);
        for (int c = 0; c < channels; c++)
            logits[k] += stub_mean(run, c) *
                         stub_get(weights, (size_t)(k * channels + c), GN_DEVICE_FLOAT32);
    }
}

static inline float stub_value(const struct stub_step *run, int y, int x, int c)
{
    const struct gn_device_step *step = run->step;
    switch (step->op) {
    case GN_DEVICE_LOAD:
        return stub_load(run, y, x, c);
    case GN_DEVICE_CONVOLVE:
    case GN_DEVICE_MULTIPLY:
        return stub_convolve(run, y, x, c);
    case GN_DEVICE_MAX_POOL:
    case GN_DEVICE_AVG_POOL:
        return stub_pool(run, y, x, c);
    case GN_DEVICE_COPY:
        return stub_input(run, y + step->crop_top, x + step->crop_left)[c];
    case GN_DEVICE_EXTEND:
        return stub_extend(run, y, x, c);
    case GN_DEVICE_MEAN:
        return stub_mean(run, c);
    case GN_DEVICE_CLASSIFY:
        break;
    }
    return NAN;
}

/* Where a number of a map lies among a lane's activations. */
static inline size_t stub_index(const struct gn_device_map *map, int image, size_t pixel, int c)
{
    return ((size_t)image * stub_pixels(map) + pixel) * (size_t)map->pitch + (size_t)c;
}

/* Reads the numbers that the products of a step are of. */
static inline void stub_read_factors(struct stub_step *run, const unsigned char *activations,
                                     int image)
{
    const struct gn_device_map *in = &run->step->input;
    size_t channels = (size_t)in->channels, n = stub_pixels(in) * channels, n_weights = 0;
    if (run->step->op == GN_DEVICE_LOAD)
        return;
    if (run->step->op == GN_DEVICE_CONVOLVE || run->step->op == GN_DEVICE_MULTIPLY)
        n_weights = (size_t)run->step->output.channels * stub_taps(run->step) * channels;
    run->input = malloc(n * sizeof *run->input);
    run->weights = malloc((n_weights + 1) * sizeof *run->weights);
    if (run->input == NULL || run->weights == NULL)
        abort();
    for (size_t i = 0; i < n; i++)
        run->input[i] =
            stub_get(activations + in->offset,
                     stub_index(in, image, i / channels, (int)(i % channels)), run->type);
    for (size_t i = 0; i < n_weights; i++)
        run->weights[i] = stub_get(run->constants + run->step->weights, i, run->type);
    for (size_t i = 0; i < n && n_weights > 0 && run->tf32; i++)
        run->input[i] = stub_to_tf32(run->input[i]);
    for (size_t i = 0; i < n_weights && run->tf32; i++)
        run->weights[i] = stub_to_tf32(run->weights[i]);
}

/* Computes a step for one image of a batch. */
static inline void stub_run_step(const struct gn_device_step *step,
                                 const struct gn_device_code *code, const uint8_t *image_bytes,
                                 unsigned char *activations, int image, float logits[3])
{
    const struct gn_device_map *out = &step->output;
    size_t channels = (size_t)out->channels, n = stub_pixels(out) * channels;
    struct stub_step run = {step, code->type, code->tf32, code->constants, image_bytes};
    stub_read_factors(&run, activations, image);
    if (step->op == GN_DEVICE_CLASSIFY)
        stub_classify(&run, logits);
    run.output = malloc((n + 1) * sizeof *run.output);
    if (run.output == NULL)
        abort();
    for (int y = 0; y < out->height; y++)
        for (int x = 0; x < out->width; x++)
            for (int c = 0; c < out->channels; c++)
                *stub_output(&run, y, x, c) = stub_value(&run, y, x, c);
    for (size_t i = 0; i < n; i++)
        stub_put(activations + out->offset,
                 stub_index(out, image, i / channels, (int)(i % channels)), code->type,
                 run.output[i]);
    free(run.input);
    free(run.output);
    free(run.weights);
}

#endif

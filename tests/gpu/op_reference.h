/* SPDX-License-Identifier: MIT
 *
 * op_reference.h - a single step of cnn/cuda/device.h, its constants, and what plain loops in double say of it.
 */
#ifndef GN_TESTS_OP_REFERENCE_H
#define GN_TESTS_OP_REFERENCE_H

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cnn/cuda/gpu_kernel_bodies.h"

enum { ALIGNMENT = 256 };

struct number_type {
    const char *name;
    enum gn_device_type type;
    bool tf32;
    double last_bit,
        products; /* of an output, relative; of a sum of products, relative to their absolute values */
};

static const struct number_type number_types[] = {
    {"float32", GN_DEVICE_FLOAT32, false, 0x1p-22, 0x1p-20},
    {"tf32", GN_DEVICE_FLOAT32, true, 0x1p-22, 0x1p-10},
    {"float16", GN_DEVICE_FLOAT16, false, 0x1p-10, 0x1p-20},
    {"bf16", GN_DEVICE_BF16, false, 0x1p-7, 0x1p-20},
};

/* A step to test; its input is loaded from bytes, its output lies in a map that was filled with zeros. */
struct op_case {
    const char *what;
    struct gn_device_step step;
};

struct bench {
    gn_device_t *device;
    const int *batches; /* 0 ends; the first is at least `compared` */
    const struct number_type *number;
    const struct op_case *op;
    unsigned char *constants; /* host */
    void *uploaded;
    size_t image_size;
    double worst, worst_share; /* difference; of what is allowed */
    bool same_bits, clean;
    int compared; /* images whose numbers and bits are compared */
    char note[200];
};

static inline uint32_t scramble(uint32_t x)
{
    x = (x ^ x >> 16) * 0x45d9f3bU;
    x = (x ^ x >> 16) * 0x45d9f3bU;
    return x ^ x >> 16;
}

static inline uint8_t byte_of(int image, size_t i)
{
    return (uint8_t)scramble((uint32_t)image * 7919U + (uint32_t)i * 31U + 1U);
}

static inline size_t pixels(const struct gn_device_map *map)
{
    return (size_t)map->height * (size_t)map->width;
}

static inline size_t align(size_t size)
{
    return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static inline bool has_kernel(const struct gn_device_step *step)
{
    return step->op == GN_DEVICE_CONVOLVE || step->op == GN_DEVICE_MULTIPLY;
}

static inline size_t weights_of(const struct gn_device_step *step)
{
    size_t in = (size_t)step->input.channels;
    if (has_kernel(step))
        return (size_t)step->output.channels * (size_t)(step->kernel_height * step->kernel_width) *
               in;
    if (step->op == GN_DEVICE_EXTEND)
        return pixels(&step->output) * (size_t)step->output.channels;
    return step->op == GN_DEVICE_CLASSIFY ? 3 * in : 0;
}

static inline double number_at(enum gn_device_type type, const void *from, size_t index)
{
    float value;
    gn_body_read(type, 1, from, (int64_t)index, &value);
    return value;
}

/* Weights of about the size by which sums stay near 1, and biases around 0. */
static inline void fill_constants(struct bench *bench)
{
    const struct gn_device_step *step = &bench->op->step;
    bool whole = step->op == GN_DEVICE_CLASSIFY;
    enum gn_device_type type = whole ? GN_DEVICE_FLOAT32 : bench->number->type;
    size_t n = weights_of(step), n_bias = whole ? 3 : (size_t)step->output.channels;
    size_t start = align(n_bias * sizeof(float));
    double depth = has_kernel(step) ? step->kernel_height * step->kernel_width : 1;
    float scale = (float)sqrt(12 / (depth * step->input.channels));
    bench->constants = calloc(1, start + n * 4 + 16);
    if (bench->constants == NULL)
        abort();
    for (size_t i = 0; i < n_bias; i++)
        ((float *)bench->constants)[i] = (float)(scramble((uint32_t)i + 77) % 1000) / 2000 - 0.25F;
    for (size_t i = 0; i < n; i++) {
        float value = ((float)(scramble((uint32_t)i + 5) % 10000) / 10000 - 0.5F) * scale;
        gn_body_write(type, 1, bench->constants + start, (int64_t)i, &value);
    }
}

/* The steps: load, clear what the output lies in, the step. Their places are filled in. */
static inline int make_steps(const struct bench *bench, int batch, struct gn_device_step steps[3],
                             size_t *activations_size)
{
    size_t number = gn_device_type_size(bench->number->type);
    struct gn_device_step *step = &steps[2];
    *step = bench->op->step;
    if (step->full_height < step->input.height)
        step->full_height = step->input.height;
    size_t in = align((size_t)batch * pixels(&step->input) * (size_t)step->input.pitch * number);
    struct gn_device_map whole = step->output;
    whole.channels = whole.pitch;
    step->bias = 0;
    size_t n_bias = step->op == GN_DEVICE_CLASSIFY ? 3 : (size_t)bench->op->step.output.channels;
    step->weights = align(n_bias * sizeof(float));
    whole.offset = step->op == GN_DEVICE_CLASSIFY ? 0 : in;
    step->output.offset += whole.offset;
    steps[0] = (struct gn_device_step){.op = GN_DEVICE_LOAD, .output = step->input};
    steps[0].input = step->input;
    steps[0].output.channels = step->input.pitch;
    steps[1] = (struct gn_device_step){.op = GN_DEVICE_LOAD, .output = whole};
    steps[1].input = (struct gn_device_map){whole.height, whole.width, 0, 0, 0};
    *activations_size =
        in + align((size_t)batch * pixels(&whole) * (size_t)whole.pitch * number) + ALIGNMENT;
    if (step->op == GN_DEVICE_LOAD) { /* itself loads: only the clearing goes before it */
        steps[0] = steps[1];
        steps[1] = *step;
        return 2;
    }
    if (step->op == GN_DEVICE_CLASSIFY)
        steps[1] = *step;
    return step->op == GN_DEVICE_CLASSIFY ? 2 : 3;
}

/* What a step reads of an image, (x - 128) / 128 of the bytes. */
static inline double input_at(const struct bench *bench, int image, int y, int x, int c)
{
    const struct gn_device_map *map = &bench->op->step.input;
    size_t pixel = (size_t)y * (size_t)map->width + (size_t)x;
    return (byte_of(image, pixel * (size_t)map->channels + (size_t)c) - 128.0) / 128;
}

struct reference {
    double value, absolute; /* and the sum of the products' absolute values */
};

static inline struct reference convolved(const struct bench *bench, const double *input, int y,
                                         int x, int c)
{
    const struct gn_device_step *step = &bench->op->step;
    const struct gn_device_map *in = &step->input;
    const unsigned char *weights =
        bench->constants + align((size_t)step->output.channels * sizeof(float));
    double sum = ((const float *)bench->constants)[c], absolute = fabs(sum);
    for (int i = 0; i < step->kernel_height; i++)
        for (int j = 0; j < step->kernel_width; j++) {
            int row = y * step->stride_height - step->pad_top + i;
            int column = x * step->stride_width - step->pad_left + j;
            if (row < 0 || column < 0 || row >= in->height || column >= in->width)
                continue;
            size_t tap = (size_t)((c * step->kernel_height + i) * step->kernel_width + j);
            const double *cell =
                input + ((size_t)row * (size_t)in->width + (size_t)column) * (size_t)in->channels;
            for (int k = 0; k < in->channels; k++) {
                double product = cell[k] * number_at(bench->number->type, weights,
                                                     tap * (size_t)in->channels + (size_t)k);
                sum += product;
                absolute += fabs(product);
            }
        }
    return (struct reference){step->relu && sum < 0 ? 0 : sum, absolute};
}

static inline struct reference pooled(const struct bench *bench, const double *input, int y, int x,
                                      int c)
{
    const struct gn_device_step *step = &bench->op->step;
    double best = -INFINITY, sum = 0, absolute = 0;
    int cells = 0;
    for (int i = 0; i < step->kernel_height; i++)
        for (int j = 0; j < step->kernel_width; j++) {
            int row = y * step->stride_height - step->pad_top + i;
            int column = x * step->stride_width - step->pad_left + j;
            if (row < 0 || column < 0 || row >= step->input.height || column >= step->input.width)
                continue;
            size_t pixel = (size_t)row * (size_t)step->input.width + (size_t)column;
            double value = input[pixel * (size_t)step->input.channels + (size_t)c];
            best = value > best ? value : best;
            sum += value;
            absolute += fabs(value);
            cells++;
        }
    if (step->op == GN_DEVICE_MAX_POOL)
        return (struct reference){best, 0};
    return (struct reference){sum / cells, absolute / cells};
}

static inline struct reference mean(const struct bench *bench, const double *input, int c)
{
    size_t n = pixels(&bench->op->step.input), channels = (size_t)bench->op->step.input.channels;
    double sum = 0, absolute = 0;
    for (size_t i = 0; i < n; i++) {
        sum += input[i * channels + (size_t)c];
        absolute += fabs(input[i * channels + (size_t)c]);
    }
    return (struct reference){sum / (double)n, absolute / (double)n};
}

static inline struct reference logit(const struct bench *bench, const double *input, int k)
{
    int channels = bench->op->step.input.channels;
    const float *weights = (const float *)(bench->constants + align(3 * sizeof(float)));
    double sum = ((const float *)bench->constants)[k], absolute = fabs(sum);
    for (int c = 0; c < channels; c++) {
        double product = mean(bench, input, c).value * weights[k * channels + c];
        sum += product;
        absolute +=
            fabs(product) + mean(bench, input, c).absolute * fabsf(weights[k * channels + c]);
    }
    return (struct reference){sum, absolute};
}

static inline struct reference expected(const struct bench *bench, int image, const double *input,
                                        const int place[3])
{
    const struct gn_device_step *step = &bench->op->step;
    int y = place[0], x = place[1], c = place[2];
    switch (step->op) {
    case GN_DEVICE_LOAD:
        y += step->crop_top, x += step->crop_left;
        return (struct reference){c < step->input.channels ? input_at(bench, image, y, x, c) : 0,
                                  0};
    case GN_DEVICE_CONVOLVE:
    case GN_DEVICE_MULTIPLY:
        return convolved(bench, input, y, x, c);
    case GN_DEVICE_MAX_POOL:
    case GN_DEVICE_AVG_POOL:
        return pooled(bench, input, y, x, c);
    case GN_DEVICE_EXTEND:
        if (y >= step->input.height)
            return (struct reference){
                number_at(bench->number->type,
                          bench->constants + align((size_t)step->output.channels * sizeof(float)),
                          (size_t)((y * step->output.width + x) * step->output.channels + c)),
                0};
        return (struct reference){input_at(bench, image, y, x, c), 0};
    case GN_DEVICE_COPY:
        y += step->crop_top, x += step->crop_left;
        return (struct reference){input_at(bench, image, y, x, c), 0};
    case GN_DEVICE_MEAN:
        return mean(bench, input, c);
    case GN_DEVICE_CLASSIFY:
        return logit(bench, input, c);
    }
    return (struct reference){NAN, 0};
}

#endif

/* SPDX-License-Identifier: MIT
 *
 * gpu_kernel_bodies.h - what one thread of our kernels computes: a group of channels of one pixel.
 *
 * Compiled by nvcc into the kernels (gpu_kernels.cu) and by the C compiler into tests/unit/test_gpu_kernel_bodies.c, so that
 * the arithmetic of indexes is checked where there is no GPU. `width` is how many channels a thread has: as many as 16 bytes
 * hold, or 1; it and `type` are constants at every call in a kernel. Sums are of float32, in the order of memory.
 */
#ifndef GN_CNN_CUDA_GPU_KERNEL_BODIES_H
#define GN_CNN_CUDA_GPU_KERNEL_BODIES_H

#include <stdint.h>
#include <string.h>

#include "cnn/cuda/device.h"

#ifdef __CUDACC__
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#define GN_BODY static __device__ __forceinline__
#else
#define GN_BODY static inline
#endif

enum {
    GN_BODY_WIDTH = 8,     /* channels of a thread at most */
    GN_BODY_THREADS = 256, /* of a block; CLASSIFY's sums are split over so many */
};

/* A pixel and its first channel. */
struct gn_body_place {
    int image, y, x, c;
};

/// The place of a thread, which are numbered through channels, columns, rows and images of a map.
GN_BODY struct gn_body_place gn_body_place(const struct gn_device_map *map, unsigned thread,
                                           int width)
{
    unsigned groups = (unsigned)(map->channels / width), columns = (unsigned)map->width;
    unsigned rows = (unsigned)map->height, pixel = thread / groups, line = pixel / columns;
    struct gn_body_place place;
    place.c = (int)(thread - pixel * groups) * width;
    place.x = (int)(pixel - line * columns);
    place.y = (int)(line % rows);
    place.image = (int)(line / rows);
    return place;
}

/// Where a number of a map lies, counted in numbers from its start.
GN_BODY int64_t gn_body_index(const struct gn_device_map *map, int image, int y, int x, int c)
{
    int64_t pixel = ((int64_t)image * map->height + y) * map->width + x;
    return pixel * map->pitch + c;
}

#ifdef __CUDACC__

GN_BODY float gn_body_float(enum gn_device_type type, unsigned bits)
{
    return type == GN_DEVICE_FLOAT16 ? __half2float(__ushort_as_half((unsigned short)bits))
                                     : __uint_as_float(bits << 16);
}

GN_BODY unsigned gn_body_bits(enum gn_device_type type, float value)
{
    return type == GN_DEVICE_FLOAT16 ? __half_as_ushort(__float2half_rn(value))
                                     : __bfloat16_as_ushort(__float2bfloat16_rn(value));
}

GN_BODY void gn_body_read(enum gn_device_type type, int width, const void *from, int64_t index,
                          float *values)
{
    if (type == GN_DEVICE_FLOAT32) {
        const float *at = (const float *)from + index;
        if (width == 4) {
            float4 four = *(const float4 *)at;
            values[0] = four.x, values[1] = four.y, values[2] = four.z, values[3] = four.w;
        } else {
            values[0] = *at;
        }
        return;
    }
    const unsigned short *at = (const unsigned short *)from + index;
    if (width == 1) {
        values[0] = gn_body_float(type, *at);
        return;
    }
    uint4 eight = *(const uint4 *)at;
    const unsigned pairs[4] = {eight.x, eight.y, eight.z, eight.w};
#pragma unroll
    for (int i = 0; i < 4; i++) {
        values[2 * i] = gn_body_float(type, pairs[i] & 0xffff);
        values[2 * i + 1] = gn_body_float(type, pairs[i] >> 16);
    }
}

GN_BODY void gn_body_write(enum gn_device_type type, int width, void *to, int64_t index,
                           const float *values)
{
    if (type == GN_DEVICE_FLOAT32) {
        float *at = (float *)to + index;
        if (width == 4)
            *(float4 *)at = make_float4(values[0], values[1], values[2], values[3]);
        else
            *at = values[0];
        return;
    }
    unsigned short *at = (unsigned short *)to + index;
    if (width == 1) {
        *at = (unsigned short)gn_body_bits(type, values[0]);
        return;
    }
    unsigned pairs[4];
#pragma unroll
    for (int i = 0; i < 4; i++)
        pairs[i] = gn_body_bits(type, values[2 * i]) | gn_body_bits(type, values[2 * i + 1]) << 16;
    *(uint4 *)at = make_uint4(pairs[0], pairs[1], pairs[2], pairs[3]);
}

#else

GN_BODY float gn_body_float(enum gn_device_type type, unsigned bits)
{
    float value, rescale = 0x1p112F; /* from the bias of 127 to that of 15, subnormals too */
    uint32_t whole = bits << 16;
    if (type == GN_DEVICE_FLOAT16)
        whole = (bits & 0x8000U) << 16 | (bits & 0x7fffU) << 13;
    memcpy(&value, &whole, sizeof value);
    return type != GN_DEVICE_FLOAT16     ? value
           : (bits & 0x7c00U) == 0x7c00U ? value * rescale * rescale /* infinite */
                                         : value * rescale;
}

/* To nearest even. Numbers below the smallest normal half are rounded by adding what makes their last bit the sum's. */
GN_BODY unsigned gn_body_bits(enum gn_device_type type, float value)
{
    uint32_t bits, sign;
    memcpy(&bits, &value, sizeof bits);
    sign = bits >> 16 & 0x8000U;
    if (type != GN_DEVICE_FLOAT16)
        return (bits + 0x7fffU + (bits >> 16 & 1)) >> 16;
    bits &= 0x7fffffffU;
    if (bits >= 0x477ff000U) /* 65520: rounds to infinity */
        return sign | 0x7c00U;
    if (bits < 0x38800000U) { /* 2^-14 */
        float magnitude;
        memcpy(&magnitude, &bits, sizeof magnitude);
        magnitude += 0.5F;
        memcpy(&bits, &magnitude, sizeof bits);
        return sign | (bits - 0x3f000000U);
    }
    return sign | (((bits + 0xfffU + (bits >> 13 & 1)) >> 13) - (112U << 10));
}

GN_BODY void gn_body_read(enum gn_device_type type, int width, const void *from, int64_t index,
                          float *values)
{
    const unsigned char *at = (const unsigned char *)from;
    for (int i = 0; i < width; i++) {
        uint16_t bits;
        if (type == GN_DEVICE_FLOAT32) {
            memcpy(&values[i], at + 4 * (index + i), 4);
        } else {
            memcpy(&bits, at + 2 * (index + i), 2);
            values[i] = gn_body_float(type, bits);
        }
    }
}

GN_BODY void gn_body_write(enum gn_device_type type, int width, void *to, int64_t index,
                           const float *values)
{
    unsigned char *at = (unsigned char *)to;
    for (int i = 0; i < width; i++) {
        uint16_t bits = type == GN_DEVICE_FLOAT32 ? 0 : (uint16_t)gn_body_bits(type, values[i]);
        if (type == GN_DEVICE_FLOAT32)
            memcpy(at + 4 * (index + i), &values[i], 4);
        else
            memcpy(at + 2 * (index + i), &bits, 2);
    }
}

#endif

/* What a launch reads and writes. */
struct gn_body_task {
    struct gn_device_step step;
    const void *input; /* the map's start; LOAD: the images' bytes; bias: the sums, without gaps */
    void *output;
    const void *weights; /* EXTEND: the empty image's map; CLASSIFY: [3][channel], float32 */
    const float *bias;   /* CLASSIFY, bias */
    size_t image_size;   /* LOAD: bytes */
};

GN_BODY void gn_body_load(const struct gn_body_task *task, enum gn_device_type type, int width,
                          unsigned thread)
{
    const struct gn_device_step *step = &task->step;
    struct gn_body_place at = gn_body_place(&step->output, thread, width);
    const uint8_t *image = (const uint8_t *)task->input + (size_t)at.image * task->image_size;
    const uint8_t *pixel =
        image + gn_body_index(&step->input, 0, at.y + step->crop_top, at.x + step->crop_left, 0);
    float values[GN_BODY_WIDTH];
    for (int i = 0; i < width; i++) {
        int c = at.c + i;
        values[i] = c < step->input.channels ? ((float)pixel[c] - 128) / 128 : 0;
    }
    gn_body_write(type, width, task->output,
                  gn_body_index(&step->output, at.image, at.y, at.x, at.c), values);
}

/* The rows (or columns) of a window that lie inside the map. */
GN_BODY int gn_body_first(int cell, int stride, int pad)
{
    int first = cell * stride - pad;
    return first < 0 ? 0 : first;
}

GN_BODY int gn_body_end(int cell, int stride, int pad, int kernel, int size)
{
    int end = cell * stride - pad + kernel;
    return end > size ? size : end;
}

/* MAX_POOL and AVG_POOL. A number that is none stays none. */
GN_BODY void gn_body_pool(const struct gn_body_task *task, enum gn_device_type type, int width,
                          bool largest, unsigned thread)
{
    const struct gn_device_step *step = &task->step;
    struct gn_body_place at = gn_body_place(&step->output, thread, width);
    int y0 = gn_body_first(at.y, step->stride_height, step->pad_top);
    int x0 = gn_body_first(at.x, step->stride_width, step->pad_left);
    int y1 = gn_body_end(at.y, step->stride_height, step->pad_top, step->kernel_height,
                         step->input.height);
    int x1 = gn_body_end(at.x, step->stride_width, step->pad_left, step->kernel_width,
                         step->input.width);
    float values[GN_BODY_WIDTH], cell[GN_BODY_WIDTH];
    for (int i = 0; i < width; i++)
        values[i] = 0;
    for (int y = y0; y < y1; y++)
        for (int x = x0; x < x1; x++) {
            gn_body_read(type, width, task->input,
                         gn_body_index(&step->input, at.image, y, x, at.c), cell);
            bool is_first = y == y0 && x == x0;
            for (int i = 0; i < width; i++) {
                if (!largest)
                    values[i] += cell[i];
                else if (is_first || cell[i] > values[i] || cell[i] != cell[i])
                    values[i] = cell[i];
            }
        }
    float count = (float)((y1 - y0) * (x1 - x0));
    for (int i = 0; i < width && !largest; i++)
        values[i] /= count;
    gn_body_write(type, width, task->output,
                  gn_body_index(&step->output, at.image, at.y, at.x, at.c), values);
}

/* COPY and EXTEND: below the input's last row the map of the empty image goes on. */
GN_BODY void gn_body_copy(const struct gn_body_task *task, enum gn_device_type type, int width,
                          unsigned thread)
{
    const struct gn_device_step *step = &task->step;
    struct gn_body_place at = gn_body_place(&step->output, thread, width);
    int y = at.y + step->crop_top, x = at.x + step->crop_left;
    float values[GN_BODY_WIDTH];
    if (step->op == GN_DEVICE_EXTEND && y >= step->input.height) {
        int64_t pixel = (int64_t)at.y * step->output.width + at.x;
        gn_body_read(type, width, task->weights, pixel * step->output.channels + at.c, values);
    } else {
        gn_body_read(type, width, task->input, gn_body_index(&step->input, at.image, y, x, at.c),
                     values);
    }
    gn_body_write(type, width, task->output,
                  gn_body_index(&step->output, at.image, at.y, at.x, at.c), values);
}

/* Bias and ReLU of sums that lie without gaps, into their place. */
GN_BODY void gn_body_bias(const struct gn_body_task *task, enum gn_device_type type,
                          enum gn_device_type sums, int width, unsigned thread)
{
    const struct gn_device_step *step = &task->step;
    struct gn_body_place at = gn_body_place(&step->output, thread, width);
    int64_t pixel = ((int64_t)at.image * step->output.height + at.y) * step->output.width + at.x;
    float values[GN_BODY_WIDTH];
    if (sums == GN_DEVICE_FLOAT32 && width == GN_BODY_WIDTH) {
        gn_body_read(sums, 4, task->input, pixel * step->output.channels + at.c, values);
        gn_body_read(sums, 4, task->input, pixel * step->output.channels + at.c + 4, values + 4);
    } else {
        gn_body_read(sums, width, task->input, pixel * step->output.channels + at.c, values);
    }
    for (int i = 0; i < width; i++) {
        values[i] += task->bias[at.c + i];
        if (step->relu && values[i] < 0)
            values[i] = 0;
    }
    gn_body_write(type, width, task->output,
                  gn_body_index(&step->output, at.image, at.y, at.x, at.c), values);
}

/* Means of `width` channels of an image. */
GN_BODY void gn_body_means(const struct gn_body_task *task, enum gn_device_type type, int width,
                           int image, int c, float *means)
{
    const struct gn_device_map *map = &task->step.input;
    int pixels = map->height * map->width;
    float cell[GN_BODY_WIDTH];
    for (int i = 0; i < width; i++)
        means[i] = 0;
    for (int pixel = 0; pixel < pixels; pixel++) {
        gn_body_read(type, width, task->input,
                     gn_body_index(map, image, 0, 0, c) + (int64_t)pixel * map->pitch, cell);
        for (int i = 0; i < width; i++)
            means[i] += cell[i];
    }
    for (int i = 0; i < width; i++)
        means[i] /= (float)pixels;
}

GN_BODY void gn_body_mean(const struct gn_body_task *task, enum gn_device_type type, int width,
                          unsigned thread)
{
    struct gn_body_place at = gn_body_place(&task->step.output, thread, width);
    float means[GN_BODY_WIDTH];
    gn_body_means(task, type, width, at.image, at.c, means);
    gn_body_write(type, width, task->output,
                  gn_body_index(&task->step.output, at.image, at.y, at.x, at.c), means);
}

/* A thread's part of the three sums of CLASSIFY: of every GN_BODY_THREADS-th group of channels. */
GN_BODY void gn_body_classify(const struct gn_body_task *task, enum gn_device_type type, int width,
                              int image, int thread, float sums[3])
{
    int channels = task->step.input.channels;
    const float *weights = (const float *)task->weights;
    float means[GN_BODY_WIDTH];
    sums[0] = sums[1] = sums[2] = 0;
    for (int c = thread * width; c < channels; c += GN_BODY_THREADS * width) {
        gn_body_means(task, type, width, image, c, means);
        for (int k = 0; k < 3; k++)
            for (int i = 0; i < width; i++)
                sums[k] += means[i] * weights[k * channels + c + i];
    }
}

#endif

/* SPDX-License-Identifier: MIT
 *
 * op_cases.h - the steps that are tested on any device: what the network's own shapes leave out.
 */
#ifndef GN_TESTS_OP_CASES_H
#define GN_TESTS_OP_CASES_H

#include "op_reference.h"

enum { MOST_CASES = 200 };

static inline struct gn_device_step windowed(enum gn_device_op op, const int in[3], int channels,
                                             const int kernel[2], int stride)
{
    struct gn_device_step step = {.op = op, .relu = true, .full_height = in[0]};
    step.input = (struct gn_device_map){in[0], in[1], in[2], in[2], 0};
    step.kernel_height = kernel[0], step.kernel_width = kernel[1];
    step.stride_height = step.stride_width = stride;
    step.output = (struct gn_device_map){0, 0, channels, channels, 0};
    return step;
}

/* The output's size by the input's, kernel and zeros around. */
static inline struct gn_device_step sized(struct gn_device_step step, const int pads[4])
{
    step.pad_top = pads[0], step.pad_left = pads[1];
    step.pad_bottom = pads[2], step.pad_right = pads[3];
    step.output.height =
        (step.input.height + pads[0] + pads[2] - step.kernel_height) / step.stride_height + 1;
    step.output.width =
        (step.input.width + pads[1] + pads[3] - step.kernel_width) / step.stride_width + 1;
    return step;
}

/* 64 numbers of a larger map lie before the slice, 32 behind it. */
static inline struct gn_device_step sliced(struct gn_device_step step, enum gn_device_type type)
{
    step.output.pitch += 96;
    step.output.offset = 64 * gn_device_type_size(type);
    return step;
}

static inline void add(struct op_case *cases, int *n, const char *what, struct gn_device_step step)
{
    for (int i = 0; i < *n; i++)
        if (memcmp(&cases[i].step, &step, sizeof step) == 0)
            return;
    if (*n < MOST_CASES)
        cases[(*n)++] = (struct op_case){what, step};
}

/* What the network's own shapes leave out. */
static inline void add_special(struct op_case *cases, int *n, enum gn_device_type type)
{
    const int k3[2] = {3, 3}, k5[2] = {5, 5}, k17[2] = {1, 7}, k1[2] = {1, 1};
    const int in[3] = {23, 30, 32}, thin[3] = {10, 221, 8}, compact[3] = {50, 111, 16};
    struct gn_device_step step = windowed(GN_DEVICE_CONVOLVE, in, 48, k3, 1);
    add(cases, n, "slice", sliced(sized(step, (int[4]){1, 1, 1, 1}), type));
    add(cases, n, "uneven", sized(step, (int[4]){0, 2, 1, 0}));
    step.full_height = 47; /* cut: rows, not zeros, below */
    add(cases, n, "cut", sized(step, (int[4]){1, 1, 0, 1}));
    step.relu = false;
    add(cases, n, "no relu", sized(step, (int[4]){1, 1, 1, 1}));
    step = windowed(GN_DEVICE_CONVOLVE, in, 64, k5, 2);
    add(cases, n, "stride 2", sized(step, (int[4]){1, 2, 2, 1}));
    step = windowed(GN_DEVICE_CONVOLVE, thin, 32, k3, 2);
    step.full_height = 100;
    add(cases, n, "cut", sized(step, (int[4]){0, 0, 0, 0}));
    step = windowed(GN_DEVICE_CONVOLVE, compact, 24, k17, 1);
    add(cases, n, "compact", sized(step, (int[4]){0, 3, 0, 3}));
    step = windowed(GN_DEVICE_MULTIPLY, compact, 40, k1, 1);
    step.relu = false;
    step.full_height = 100;
    add(cases, n, "product", sized(step, (int[4]){0, 0, 0, 0}));
    step = windowed(GN_DEVICE_MAX_POOL, in, 32, (int[2]){2, 5}, 3);
    add(cases, n, "max pool", sliced(sized(step, (int[4]){1, 2, 0, 1}), type));
}

static inline void add_copies(struct op_case *cases, int *n, enum gn_device_type type)
{
    struct gn_device_step step = {.op = GN_DEVICE_LOAD, .crop_top = 5, .crop_left = 3};
    step.input = (struct gn_device_map){100, 221, 7, 7, 0};
    step.output = (struct gn_device_map){40, 200, 8, 8, 0};
    add(cases, n, "load", step);
    step = (struct gn_device_step){.op = GN_DEVICE_COPY, .crop_top = 2, .crop_left = 1};
    step.input = (struct gn_device_map){21, 51, 64, 64, 0};
    step.output = (struct gn_device_map){17, 40, 64, 64, 0};
    add(cases, n, "copy", sliced(step, type));
    step = (struct gn_device_step){.op = GN_DEVICE_EXTEND};
    step.input = (struct gn_device_map){9, 51, 192, 192, 0};
    step.output = (struct gn_device_map){21, 51, 192, 192, 0};
    add(cases, n, "extend", step);
    step = (struct gn_device_step){.op = GN_DEVICE_MEAN};
    step.input = (struct gn_device_map){1, 5, 2048, 2048, 0};
    step.output = (struct gn_device_map){1, 1, 2048, 2048, 0};
    add(cases, n, "mean", step);
    step = (struct gn_device_step){.op = GN_DEVICE_CLASSIFY};
    step.input = (struct gn_device_map){1, 5, 2048, 2048, 0};
    add(cases, n, "classify", step);
    step.input = (struct gn_device_map){6, 14, 96, 96, 0};
    add(cases, n, "classify", step);
}

#endif

/* SPDX-License-Identifier: MIT
 *
 * stub_checks.h - what a GPU would need of a program's steps: sizes that fit, alignment, nothing read where it is
 * written. The stub device refuses what breaks a rule, with GN_E_INTERNAL.
 */
#ifndef GN_TESTS_STUB_CHECKS_H
#define GN_TESTS_STUB_CHECKS_H

#include "cnn/cuda/device.h"

enum { STUB_CONSTANT_ALIGNMENT = 256 };

/* The rules that a map breaks, or NULL. */
static inline const char *stub_check_map(const struct gn_device_code *code,
                                         const struct gn_device_map *map, int unit)
{
    size_t number = gn_device_type_size(code->type);
    if (map->height < 1 || map->width < 1 || map->channels < 1)
        return "an empty map";
    if (map->pitch < map->channels)
        return "a pitch below the channels";
    if (map->channels % unit != 0 || map->pitch % unit != 0)
        return "channels or a pitch that are no multiple of the unit";
    if (map->offset % (number * (size_t)unit) != 0)
        return "an offset that is not aligned";
    size_t last = (size_t)code->batch * (size_t)map->height * (size_t)map->width - 1;
    size_t end = map->offset + (last * (size_t)map->pitch + (size_t)map->channels) * number;
    return end > code->activations_size ? "a map beyond the activations" : NULL;
}

/* Bytes from a map's first number to behind its last, all images. */
static inline size_t stub_extent(const struct gn_device_code *code, const struct gn_device_map *map)
{
    size_t last = (size_t)code->batch * (size_t)map->height * (size_t)map->width - 1;
    return (last * (size_t)map->pitch + (size_t)map->channels) * gn_device_type_size(code->type);
}

/* Two slices of one map may lie in one stretch of memory, side by side. */
static inline bool stub_overlap(const struct gn_device_code *code, const struct gn_device_map *a,
                                const struct gn_device_map *b)
{
    size_t number = gn_device_type_size(code->type), pitch = (size_t)a->pitch * number;
    if (a->offset + stub_extent(code, a) <= b->offset ||
        b->offset + stub_extent(code, b) <= a->offset)
        return false;
    if (a->pitch != b->pitch)
        return true;
    size_t from_a = a->offset < b->offset ? (b->offset - a->offset) % pitch
                                          : (pitch - (a->offset - b->offset) % pitch) % pitch;
    return from_a < (size_t)a->channels * number || from_a + (size_t)b->channels * number > pitch;
}

static inline bool stub_window_fits(int input, int kernel, int stride, int before, int after,
                                    int output)
{
    return kernel >= 1 && stride >= 1 && before >= 0 && after >= 0 && before < kernel &&
           after < kernel && input + before + after >= kernel &&
           (input + before + after - kernel) / stride + 1 == output;
}

static inline const char *stub_check_window(const struct gn_device_step *step)
{
    const struct gn_device_map *in = &step->input, *out = &step->output;
    return stub_window_fits(in->height, step->kernel_height, step->stride_height, step->pad_top,
                            step->pad_bottom, out->height) &&
                   stub_window_fits(in->width, step->kernel_width, step->stride_width,
                                    step->pad_left, step->pad_right, out->width)
               ? NULL
               : "a window that does not give the output's size";
}

static inline const char *stub_check_constant(size_t offset, size_t size, size_t constants_size)
{
    if (offset % STUB_CONSTANT_ALIGNMENT != 0)
        return "constants that are not aligned";
    return size > constants_size || offset > constants_size - size ? "constants beyond their block"
                                                                   : NULL;
}

static inline const char *stub_check_load(const struct gn_device_code *code,
                                          const struct gn_device_step *step)
{
    const struct gn_device_map *in = &step->input, *out = &step->output;
    if ((size_t)in->height * (size_t)in->width * (size_t)in->channels != code->image_size ||
        in->offset != 0 || in->pitch != in->channels)
        return "a description of the image that is not its size";
    return step->crop_top < 0 || step->crop_left < 0 || in->channels > out->channels ||
                   step->crop_top + out->height > in->height ||
                   step->crop_left + out->width > in->width
               ? "a crop beyond the image"
               : NULL;
}

/* Shapes of input and output that do not fit the operation. */
static inline const char *stub_check_shapes(const struct gn_device_code *code,
                                            const struct gn_device_step *step)
{
    const struct gn_device_map *in = &step->input, *out = &step->output;
    bool wrong = false;
    switch (step->op) {
    case GN_DEVICE_LOAD:
        return stub_check_load(code, step);
    case GN_DEVICE_CONVOLVE:
        return stub_check_window(step);
    case GN_DEVICE_MAX_POOL:
    case GN_DEVICE_AVG_POOL:
        wrong = in->channels != out->channels || stub_check_window(step) != NULL;
        break;
    case GN_DEVICE_MULTIPLY:
        wrong = in->height != out->height || in->width != out->width;
        break;
    case GN_DEVICE_COPY:
        wrong = in->channels != out->channels || step->crop_top < 0 || step->crop_left < 0 ||
                step->crop_top + out->height > in->height ||
                step->crop_left + out->width > in->width;
        break;
    case GN_DEVICE_EXTEND:
        wrong =
            in->channels != out->channels || in->width != out->width || in->height > out->height;
        break;
    case GN_DEVICE_MEAN:
        wrong = in->channels != out->channels || out->height != 1 || out->width != 1;
        break;
    case GN_DEVICE_CLASSIFY:
        break;
    }
    return wrong ? "maps that do not fit the operation" : NULL;
}

/* Constants that a step reads. */
static inline const char *stub_check_constants(const struct gn_device_code *code,
                                               const struct gn_device_step *step,
                                               size_t constants_size)
{
    size_t number = gn_device_type_size(code->type), taps = 1;
    size_t in = (size_t)step->input.channels, out = (size_t)step->output.channels;
    const char *wrong = NULL;
    if (step->op == GN_DEVICE_EXTEND)
        return stub_check_constant(
            step->weights, (size_t)step->output.height * (size_t)step->output.width * out * number,
            constants_size);
    if (step->op == GN_DEVICE_CLASSIFY)
        out = 3, number = sizeof(float);
    else if (step->op == GN_DEVICE_CONVOLVE)
        taps = (size_t)step->kernel_height * (size_t)step->kernel_width;
    else if (step->op != GN_DEVICE_MULTIPLY)
        return NULL;
    wrong = stub_check_constant(step->weights, out * taps * in * number, constants_size);
    return wrong != NULL ? wrong
                         : stub_check_constant(step->bias, out * sizeof(float), constants_size);
}

/* The rule that a step breaks, or NULL. */
static inline const char *stub_check_step(const struct gn_device_code *code,
                                          const struct gn_device_step *step, int unit,
                                          size_t constants_size)
{
    const char *wrong = NULL;
    bool reads = step->op != GN_DEVICE_LOAD, writes = step->op != GN_DEVICE_CLASSIFY;
    if (reads)
        wrong = stub_check_map(code, &step->input, unit);
    if (wrong == NULL && writes)
        wrong = stub_check_map(code, &step->output, unit);
    if (wrong == NULL)
        wrong = stub_check_shapes(code, step);
    if (wrong == NULL)
        wrong = stub_check_constants(code, step, constants_size);
    if (wrong == NULL && reads && writes && stub_overlap(code, &step->input, &step->output))
        wrong = "an output that lies in its input";
    if (wrong == NULL && step->full_height < step->input.height)
        wrong = "a full height below the input's";
    return wrong;
}

#endif

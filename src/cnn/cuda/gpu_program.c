/* SPDX-License-Identifier: MIT
 *
 * gpu_program.c - a program of steps: which library or kernel computes each, and starting them in order.
 *
 * Work space is a lane's (gpu_lane.c), not the program's, because two lanes run one program at a time. It holds the output
 * of a convolution that is still to be put in its place, and behind it what the library needs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cnn/cuda/gpu_device.h"

enum { MOST_STEPS = 100000, ALIGNMENT = 256 };

enum way { BY_KERNEL, BY_CONVOLUTION, BY_PRODUCT };

struct gn_gpu_part {
    struct gn_device_step step;
    enum way way;
    struct gn_gpu_convolution convolution;
    struct gn_gpu_product product;
    const void *bias; /* on the device, in the program's type; NULL: no weights */
    size_t
        packed; /* bytes at the start of the work space for the output without gaps; 0: it is written in place */
};

static size_t align(size_t size)
{
    return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static bool has_weights(const struct gn_device_step *step)
{
    return step->op == GN_DEVICE_CONVOLVE || step->op == GN_DEVICE_MULTIPLY;
}

static const void *constant(const gn_device_program_t *program, size_t offset)
{
    return (const unsigned char *)program->code.constants + offset;
}

/* Biases in the program's type, one block for all steps. */
static int round_biases(gn_device_program_t *program, gn_error_t *err)
{
    struct gn_device *device = program->device;
    size_t number = gn_device_type_size(program->code.type), size = 0;
    for (int i = 0; i < program->n_parts; i++)
        if (has_weights(&program->parts[i].step))
            size += align((size_t)program->parts[i].step.output.channels * number);
    if (size == 0)
        return GN_OK;
    int ret = gn_gpu_check(cudaMalloc(&program->bias, size), "memory for biases", err);
    unsigned char *at = program->bias;
    for (int i = 0; ret == GN_OK && i < program->n_parts; i++) {
        struct gn_gpu_part *part = &program->parts[i];
        int channels = part->step.output.channels;
        if (!has_weights(&part->step))
            continue;
        part->bias = at;
        ret = gn_gpu_check(gn_gpu_start_rounding(constant(program, part->step.bias), at,
                                                 program->code.type, channels, device->stream),
                           "rounding of biases", err);
        at += align((size_t)channels * number);
    }
    /* Also what was started before a failure ends here: its memory is about to be freed. */
    int ended = gn_gpu_check(cudaStreamSynchronize(device->stream), "rounding of biases",
                             ret == GN_OK ? err : NULL);
    return ret < 0 ? ret : ended;
}

static int make_convolution(gn_device_program_t *program, struct gn_gpu_part *part, gn_error_t *err)
{
    struct gn_device *device = program->device;
    struct gn_gpu_shape shape = gn_gpu_shape_of(&part->step, &program->code);
    int full = part->step.full_height;
    int ret = gn_gpu_convolution_make(&part->convolution, &device->cudnn, &device->choices, &shape,
                                      full, err);
    if (ret < 0)
        return gn_error_prefix(err, "layer %d", part->step.layer);
    const struct gn_device_map *output = &part->step.output;
    if (part->convolution.form != GN_GPU_FUSED || output->pitch != output->channels)
        part->packed = align(part->convolution.output_size);
    part->way = BY_CONVOLUTION;
    return GN_OK;
}

static int make_part(gn_device_program_t *program, struct gn_gpu_part *part, gn_error_t *err)
{
    struct gn_device *device = program->device;
    size_t work = 0;
    if (!has_weights(&part->step))
        return GN_OK;
    int ret = GN_E_UNAVAILABLE;
    if (part->step.op == GN_DEVICE_MULTIPLY) {
        ret = gn_gpu_product_make(&part->product, &device->libraries, device->lt, &part->step,
                                  &program->code, part->bias, NULL);
        if (ret == GN_OK)
            part->way = BY_PRODUCT;
        else
            gn_gpu_product_clear(&part->product, &device->libraries);
    }
    if (ret < 0)
        ret = make_convolution(program, part, err);
    work = part->way == BY_PRODUCT ? part->product.work_size : part->convolution.work_size;
    if (ret == GN_OK && part->packed + work > program->work_size)
        program->work_size = part->packed + work;
    return ret;
}

gn_device_program_t *gn_gpu_make_program(gn_device_t *device, const struct gn_device_code *code,
                                         gn_error_t *err)
{
    if (code->n_steps < 1 || code->n_steps > MOST_STEPS || code->batch < 1) {
        gn_fail(err, GN_E_INTERNAL, "a program of %d steps for %d images", code->n_steps,
                code->batch);
        return NULL;
    }
    gn_device_program_t *program = calloc(1, sizeof *program);
    struct gn_gpu_part *parts = calloc((size_t)code->n_steps, sizeof *parts);
    if (program == NULL || parts == NULL) {
        free(program);
        free(parts);
        gn_fail_memory(err, "the steps of a network");
        return NULL;
    }
    program->device = device;
    program->parts = parts;
    program->n_parts = code->n_steps;
    program->code = *code;
    program->code.steps = NULL;
    program->work_size = ALIGNMENT;
    for (int i = 0; i < code->n_steps; i++)
        parts[i].step = code->steps[i];

    pthread_mutex_lock(&device->lock);
    int ret = gn_gpu_use(device, err);
    if (ret == GN_OK)
        ret = round_biases(program, err);
    for (int i = 0; ret == GN_OK && i < program->n_parts; i++)
        ret = make_part(program, &parts[i], err);
    if (ret == GN_OK) {
        program->next = device->programs;
        device->programs = program;
    }
    pthread_mutex_unlock(&device->lock);
    if (ret == GN_OK)
        return program;
    gn_gpu_free_program(program);
    return NULL;
}

size_t gn_gpu_most_work(const struct gn_device *device)
{
    size_t most = 0;
    for (const gn_device_program_t *program = device->programs; program != NULL;
         program = program->next)
        most = program->work_size > most ? program->work_size : most;
    return most;
}

/* One that could not be made is not there. */
static void forget(struct gn_device *device, const gn_device_program_t *program)
{
    gn_device_program_t **place = &device->programs;
    while (*place != NULL && *place != program)
        place = &(*place)->next;
    if (*place != NULL)
        *place = program->next;
}

void gn_gpu_free_program(gn_device_program_t *program)
{
    if (program == NULL)
        return;
    struct gn_device *device = program->device;
    pthread_mutex_lock(&device->lock);
    forget(device, program);
    cudaSetDevice(device->number);
    for (size_t i = 0; i < program->n_runs; i++)
        if (program->runs[i].graph != NULL)
            cudaGraphExecDestroy(program->runs[i].graph);
    for (int i = 0; i < program->n_parts; i++) {
        gn_gpu_convolution_clear(&program->parts[i].convolution, &device->cudnn);
        gn_gpu_product_clear(&program->parts[i].product, &device->libraries);
    }
    cudaFree(program->bias);
    pthread_mutex_unlock(&device->lock);
    free(program->runs);
    free(program->parts);
    free(program);
}

static int start_convolution(gn_device_program_t *program, struct gn_gpu_part *part,
                             const struct gn_gpu_memory *memory, cudaStream_t stream,
                             gn_error_t *err)
{
    const struct gn_device_step *step = &part->step;
    unsigned char *place = memory->activations + step->output.offset;
    struct gn_gpu_operands operands = {
        .input = memory->activations + step->input.offset,
        .weights = constant(program, step->weights),
        .bias = part->bias,
        .output = part->packed > 0 ? memory->work : place,
        .work = memory->work + part->packed,
    };
    int ret = gn_gpu_convolution_run(&part->convolution, &program->device->cudnn, &operands, err);
    if (ret < 0 || part->packed == 0)
        return ret;
    struct gn_body_task task = {.step = *step, .input = memory->work, .output = place};
    enum gn_device_type type = program->code.type;
    if (part->convolution.form == GN_GPU_FUSED) {
        task.step.op = GN_DEVICE_COPY;
        task.step.input = step->output;
        task.step.input.pitch = step->output.channels;
        task.step.crop_top = task.step.crop_left = 0;
        return gn_gpu_check(gn_gpu_start(&task, type, program->code.batch, stream),
                            "copying a convolution into its place", err);
    }
    task.bias = constant(program, step->bias);
    enum gn_device_type sums =
        part->convolution.form == GN_GPU_SUMS ? GN_DEVICE_FLOAT32 : program->code.type;
    return gn_gpu_check(gn_gpu_start_bias(&task, type, sums, program->code.batch, stream),
                        "adding biases", err);
}

static int start_product(gn_device_program_t *program, struct gn_gpu_part *part,
                         const struct gn_gpu_memory *memory, cudaStream_t stream, gn_error_t *err)
{
    struct gn_gpu_operands operands = {
        .input = memory->activations + part->step.input.offset,
        .weights = constant(program, part->step.weights),
        .output = memory->activations + part->step.output.offset,
        .work = memory->work,
    };
    return gn_gpu_product_run(&part->product, &program->device->libraries, program->device->lt,
                              &operands, stream, err);
}

static int start_kernel(gn_device_program_t *program, struct gn_gpu_part *part,
                        const struct gn_gpu_memory *memory, cudaStream_t stream, gn_error_t *err)
{
    const struct gn_device_step *step = &part->step;
    struct gn_body_task task = {
        .step = *step,
        .input = memory->activations + step->input.offset,
        .output = memory->activations + step->output.offset,
        .weights = constant(program, step->weights),
        .bias = constant(program, step->bias),
        .image_size = program->code.image_size,
    };
    if (step->op == GN_DEVICE_LOAD)
        task.input = memory->images;
    if (step->op == GN_DEVICE_CLASSIFY)
        task.output = memory->logits;
    return gn_gpu_check(gn_gpu_start(&task, program->code.type, program->code.batch, stream),
                        "starting a kernel", err);
}

static int start_part(gn_device_program_t *program, struct gn_gpu_part *part,
                      const struct gn_gpu_memory *memory, cudaStream_t stream, gn_error_t *err)
{
    switch (part->way) {
    case BY_CONVOLUTION:
        return start_convolution(program, part, memory, stream, err);
    case BY_PRODUCT:
        return start_product(program, part, memory, stream, err);
    case BY_KERNEL:
        break;
    }
    return start_kernel(program, part, memory, stream, err);
}

int gn_gpu_start_steps(gn_device_program_t *program, const struct gn_gpu_memory *memory,
                       cudaStream_t stream, cudaEvent_t *events, gn_error_t *err)
{
    struct gn_device *device = program->device;
    cudnnStatus_t status = device->libraries.cudnn_set_stream(device->cudnn.handle, stream);
    if (status != CUDNN_STATUS_SUCCESS)
        return gn_fail(err, GN_E_UNAVAILABLE, "cuDNN does not take a stream (%s)",
                       device->libraries.cudnn_error_string(status));
    int ret =
        events == NULL ? GN_OK : gn_gpu_check(cudaEventRecord(events[0], stream), "an event", err);
    for (int i = 0; ret == GN_OK && i < program->n_parts; i++) {
        ret = start_part(program, &program->parts[i], memory, stream, err);
        if (ret < 0)
            return gn_error_prefix(err, "layer %d", program->parts[i].step.layer);
        if (events != NULL)
            ret = gn_gpu_check(cudaEventRecord(events[i + 1], stream), "an event", err);
    }
    return ret;
}

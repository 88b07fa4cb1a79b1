/* SPDX-License-Identifier: MIT
 *
 * fake_kernels.h - the launches of gpu_kernels.cu on the fake runtime: the same bodies, one thread after the other.
 */
#ifndef GN_TESTS_FAKE_KERNELS_H
#define GN_TESTS_FAKE_KERNELS_H

#include "cnn/cuda/gpu_kernels.h"
#include "fake_world.h"

enum fake_kernel { FAKE_STEP, FAKE_BIAS, FAKE_ROUNDING };

struct fake_launch {
    enum fake_kernel kernel;
    struct gn_body_task task;
    enum gn_device_type type, sums;
    int batch, width; /* FAKE_ROUNDING: batch numbers */
};

static inline void fake_classify(const struct fake_launch *launch, int image)
{
    float parts[GN_BODY_THREADS][3];
    const struct gn_body_task *task = &launch->task;
    for (int thread = 0; thread < GN_BODY_THREADS; thread++)
        gn_body_classify(task, launch->type, launch->width, image, thread, parts[thread]);
    for (int half = GN_BODY_THREADS / 2; half > 0; half /= 2)
        for (int thread = 0; thread < half; thread++)
            for (int k = 0; k < 3; k++)
                parts[thread][k] += parts[thread + half][k];
    for (int k = 0; k < 3; k++)
        ((float *)task->output)[image * 3 + k] = parts[0][k] + task->bias[k];
}

static inline void fake_run_thread(const struct fake_launch *launch, unsigned thread)
{
    const struct gn_body_task *task = &launch->task;
    int width = launch->width;
    if (launch->kernel == FAKE_BIAS)
        gn_body_bias(task, launch->type, launch->sums, width, thread);
    else if (task->step.op == GN_DEVICE_LOAD)
        gn_body_load(task, launch->type, width, thread);
    else if (task->step.op == GN_DEVICE_MAX_POOL || task->step.op == GN_DEVICE_AVG_POOL)
        gn_body_pool(task, launch->type, width, task->step.op == GN_DEVICE_MAX_POOL, thread);
    else if (task->step.op == GN_DEVICE_MEAN)
        gn_body_mean(task, launch->type, width, thread);
    else
        gn_body_copy(task, launch->type, width, thread);
}

static inline void fake_run_kernel(const void *arguments)
{
    struct fake_launch launch;
    memcpy(&launch, arguments, sizeof launch);
    const struct gn_device_map *map = &launch.task.step.output;
    if (launch.kernel == FAKE_ROUNDING) {
        for (int i = 0; i < launch.batch; i++)
            gn_body_write(launch.type, 1, launch.task.output, i, launch.task.bias + i);
        return;
    }
    if (launch.kernel == FAKE_STEP && launch.task.step.op == GN_DEVICE_CLASSIFY) {
        for (int image = 0; image < launch.batch; image++)
            fake_classify(&launch, image);
        return;
    }
    unsigned n = (unsigned)(launch.batch * map->height * map->width) *
                 (unsigned)(map->channels / launch.width);
    for (unsigned thread = 0; thread < n; thread++)
        fake_run_thread(&launch, thread);
}

static inline bool fake_is_wide(const struct gn_device_map *map, const void *start, int width)
{
    return map->channels % width == 0 && map->pitch % width == 0 && (uintptr_t)start % 16 == 0;
}

static inline cudaError_t fake_start_kernel(struct fake_launch *launch, cudaStream_t stream)
{
    const struct gn_body_task *task = &launch->task;
    enum gn_device_op op = task->step.op;
    int width = (int)(16 / gn_device_type_size(launch->type));
    bool is_wide = launch->kernel != FAKE_ROUNDING;
    if (launch->kernel == FAKE_BIAS)
        is_wide = (uintptr_t)task->input % 16 == 0;
    else if (is_wide && op != GN_DEVICE_LOAD)
        is_wide = fake_is_wide(&task->step.input, task->input, width);
    if (op != GN_DEVICE_CLASSIFY)
        is_wide = is_wide && fake_is_wide(&task->step.output, task->output, width);
    launch->width = is_wide ? width : 1;
    if (fake_fails(FAKE_KERNEL))
        return fake_error(cudaErrorIllegalAddress);
    fake_start(stream, fake_run_kernel, launch, sizeof *launch);
    return cudaGetLastError(); /* also of a call before, as behind a real launch */
}

cudaError_t gn_gpu_kernels_check(void)
{
    return cudaSuccess;
}

cudaError_t gn_gpu_start(const struct gn_body_task *task, enum gn_device_type type, int batch,
                         cudaStream_t stream)
{
    struct fake_launch launch = {FAKE_STEP, *task, type, type, batch, 1};
    if (task->step.op == GN_DEVICE_CONVOLVE || task->step.op == GN_DEVICE_MULTIPLY)
        return fake_misuse("a kernel for a step that has none");
    return fake_start_kernel(&launch, stream);
}

cudaError_t gn_gpu_start_bias(const struct gn_body_task *task, enum gn_device_type type,
                              enum gn_device_type sums, int batch, cudaStream_t stream)
{
    struct fake_launch launch = {FAKE_BIAS, *task, type, sums, batch, 1};
    if (sums != type && sums != GN_DEVICE_FLOAT32)
        return fake_misuse("sums of another type");
    return fake_start_kernel(&launch, stream);
}

cudaError_t gn_gpu_start_rounding(const float *from, void *to, enum gn_device_type type, int n,
                                  cudaStream_t stream)
{
    struct fake_launch launch = {FAKE_ROUNDING, {.bias = from, .output = to}, type, type, n, 1};
    return fake_start_kernel(&launch, stream);
}

#endif

/* SPDX-License-Identifier: MIT
 *
 * gpu_kernels.cu - our own kernels. What a thread computes is in gpu_kernel_bodies.h; here is which thread computes what.
 */
#include "cnn/cuda/gpu_kernels.h"

enum kernel { LOAD, MAX_POOL, AVG_POOL, COPY, MEAN, BIAS, BIAS_OF_FLOAT32 };

/* One thread a group of channels of one output pixel. */
template <kernel KERNEL, gn_device_type TYPE, int WIDTH>
__global__ void __launch_bounds__(GN_BODY_THREADS)
    map_kernel(const __grid_constant__ gn_body_task task, unsigned n)
{
    unsigned thread = blockIdx.x * GN_BODY_THREADS + threadIdx.x;
    if (thread >= n)
        return;
    if (KERNEL == LOAD)
        gn_body_load(&task, TYPE, WIDTH, thread);
    else if (KERNEL == MAX_POOL || KERNEL == AVG_POOL)
        gn_body_pool(&task, TYPE, WIDTH, KERNEL == MAX_POOL, thread);
    else if (KERNEL == COPY)
        gn_body_copy(&task, TYPE, WIDTH, thread);
    else if (KERNEL == MEAN)
        gn_body_mean(&task, TYPE, WIDTH, thread);
    else
        gn_body_bias(&task, TYPE, KERNEL == BIAS ? TYPE : GN_DEVICE_FLOAT32, WIDTH, thread);
}

/* One block an image. The parts are added in the same order for every batch. */
template <gn_device_type TYPE, int WIDTH>
__global__ void __launch_bounds__(GN_BODY_THREADS)
    classify_kernel(const __grid_constant__ gn_body_task task)
{
    __shared__ float parts[3][GN_BODY_THREADS];
    int image = (int)blockIdx.x, thread = (int)threadIdx.x;
    float sums[3];
    gn_body_classify(&task, TYPE, WIDTH, image, thread, sums);
    for (int k = 0; k < 3; k++)
        parts[k][thread] = sums[k];
    for (int half = GN_BODY_THREADS / 2; half > 0; half /= 2) {
        __syncthreads();
        if (thread < half)
            for (int k = 0; k < 3; k++)
                parts[k][thread] += parts[k][thread + half];
    }
    __syncthreads();
    if (thread < 3)
        ((float *)task.output)[image * 3 + thread] = parts[thread][0] + task.bias[thread];
}

template <gn_device_type TYPE>
__global__ void rounding_kernel(const float *from, void *to, int n)
{
    int i = (int)(blockIdx.x * GN_BODY_THREADS + threadIdx.x);
    if (i < n)
        gn_body_write(TYPE, 1, to, i, from + i);
}

/* As many channels a thread as 16 bytes hold, where all lies as that needs it. */
static bool is_wide(const gn_device_map *map, const void *start, int width)
{
    return map->channels % width == 0 && map->pitch % width == 0 && (uintptr_t)start % 16 == 0;
}

static bool can_be_wide(const gn_body_task *task, gn_device_type type)
{
    int width = (int)(16 / gn_device_type_size(type));
    bool wide = true;
    const gn_device_op op = task->step.op;
    if (op != GN_DEVICE_LOAD)
        wide = is_wide(&task->step.input, task->input, width);
    if (op != GN_DEVICE_CLASSIFY)
        wide = wide && is_wide(&task->step.output, task->output, width);
    if (op == GN_DEVICE_EXTEND)
        wide = wide && (uintptr_t)task->weights % 16 == 0;
    return wide;
}

template <kernel KERNEL, gn_device_type TYPE>
static cudaError_t start_map(const gn_body_task *task, int batch, bool wide, cudaStream_t stream)
{
    constexpr int WIDTH = TYPE == GN_DEVICE_FLOAT32 ? 4 : 8;
    const gn_device_map *map = &task->step.output;
    int64_t n = (int64_t)batch * map->height * map->width * (map->channels / (wide ? WIDTH : 1));
    if (n <= 0 || n > INT32_MAX)
        return cudaErrorInvalidValue;
    unsigned blocks = (unsigned)((n + GN_BODY_THREADS - 1) / GN_BODY_THREADS);
    if (wide)
        map_kernel<KERNEL, TYPE, WIDTH>
            <<<blocks, GN_BODY_THREADS, 0, stream>>>(*task, (unsigned)n);
    else
        map_kernel<KERNEL, TYPE, 1><<<blocks, GN_BODY_THREADS, 0, stream>>>(*task, (unsigned)n);
    return cudaGetLastError();
}

template <gn_device_type TYPE>
static cudaError_t start_classify(const gn_body_task *task, int batch, bool wide,
                                  cudaStream_t stream)
{
    constexpr int WIDTH = TYPE == GN_DEVICE_FLOAT32 ? 4 : 8;
    if (wide)
        classify_kernel<TYPE, WIDTH><<<(unsigned)batch, GN_BODY_THREADS, 0, stream>>>(*task);
    else
        classify_kernel<TYPE, 1><<<(unsigned)batch, GN_BODY_THREADS, 0, stream>>>(*task);
    return cudaGetLastError();
}

template <gn_device_type TYPE>
static cudaError_t start_typed(const gn_body_task *task, int batch, cudaStream_t stream)
{
    bool wide = can_be_wide(task, TYPE);
    switch (task->step.op) {
    case GN_DEVICE_LOAD:
        return start_map<LOAD, TYPE>(task, batch, wide, stream);
    case GN_DEVICE_MAX_POOL:
        return start_map<MAX_POOL, TYPE>(task, batch, wide, stream);
    case GN_DEVICE_AVG_POOL:
        return start_map<AVG_POOL, TYPE>(task, batch, wide, stream);
    case GN_DEVICE_COPY:
    case GN_DEVICE_EXTEND:
        return start_map<COPY, TYPE>(task, batch, wide, stream);
    case GN_DEVICE_MEAN:
        return start_map<MEAN, TYPE>(task, batch, wide, stream);
    case GN_DEVICE_CLASSIFY:
        return start_classify<TYPE>(task, batch, wide, stream);
    default:
        return cudaErrorInvalidValue;
    }
}

template <gn_device_type TYPE>
static cudaError_t start_bias(const gn_body_task *task, gn_device_type sums, int batch,
                              cudaStream_t stream)
{
    int width = (int)(16 / gn_device_type_size(TYPE));
    bool wide = (uintptr_t)task->input % 16 == 0 &&
                is_wide(&task->step.output, task->output, width);
    if (sums == TYPE)
        return start_map<BIAS, TYPE>(task, batch, wide, stream);
    return sums == GN_DEVICE_FLOAT32 ? start_map<BIAS_OF_FLOAT32, TYPE>(task, batch, wide, stream)
                                     : cudaErrorInvalidValue;
}

cudaError_t gn_gpu_kernels_check(void)
{
    struct cudaFuncAttributes attributes;
    return cudaFuncGetAttributes(&attributes, rounding_kernel<GN_DEVICE_FLOAT16>);
}

cudaError_t gn_gpu_start(const struct gn_body_task *task, enum gn_device_type type, int batch,
                         cudaStream_t stream)
{
    switch (type) {
    case GN_DEVICE_FLOAT32:
        return start_typed<GN_DEVICE_FLOAT32>(task, batch, stream);
    case GN_DEVICE_FLOAT16:
        return start_typed<GN_DEVICE_FLOAT16>(task, batch, stream);
    case GN_DEVICE_BF16:
        return start_typed<GN_DEVICE_BF16>(task, batch, stream);
    }
    return cudaErrorInvalidValue;
}

cudaError_t gn_gpu_start_bias(const struct gn_body_task *task, enum gn_device_type type,
                              enum gn_device_type sums, int batch, cudaStream_t stream)
{
    switch (type) {
    case GN_DEVICE_FLOAT32:
        return start_bias<GN_DEVICE_FLOAT32>(task, sums, batch, stream);
    case GN_DEVICE_FLOAT16:
        return start_bias<GN_DEVICE_FLOAT16>(task, sums, batch, stream);
    case GN_DEVICE_BF16:
        return start_bias<GN_DEVICE_BF16>(task, sums, batch, stream);
    }
    return cudaErrorInvalidValue;
}

cudaError_t gn_gpu_start_rounding(const float *from, void *to, enum gn_device_type type, int n,
                                  cudaStream_t stream)
{
    unsigned blocks = (unsigned)((n + GN_BODY_THREADS - 1) / GN_BODY_THREADS);
    if (type == GN_DEVICE_FLOAT16)
        rounding_kernel<GN_DEVICE_FLOAT16><<<blocks, GN_BODY_THREADS, 0, stream>>>(from, to, n);
    else if (type == GN_DEVICE_BF16)
        rounding_kernel<GN_DEVICE_BF16><<<blocks, GN_BODY_THREADS, 0, stream>>>(from, to, n);
    else
        rounding_kernel<GN_DEVICE_FLOAT32><<<blocks, GN_BODY_THREADS, 0, stream>>>(from, to, n);
    return cudaGetLastError();
}

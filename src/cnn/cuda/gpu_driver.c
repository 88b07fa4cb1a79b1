/* SPDX-License-Identifier: MIT
 *
 * gpu_driver.c - the driver of device.h by CUDA: which devices there are, opening one, its memory.
 *
 * CUDA's runtime is linked in and looks for libcuda by itself; cuDNN and cuBLASLt are loaded when a device is opened. So a
 * build with CUDA runs everywhere, and says here why it cannot compute on a GPU.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cnn/cuda/gpu_device.h"

enum {
    LEAST_COMPUTE =
        75, /* compute capability 7.5: the first whose half-precision units all libraries here serve */
    CHANNEL_UNIT = 8, /* 2-byte numbers in 16 bytes */
};

int gn_gpu_check(cudaError_t status, const char *what, gn_error_t *err)
{
    if (status == cudaSuccess)
        return GN_OK;
    cudaGetLastError();
    if (status == cudaErrorMemoryAllocation)
        return gn_fail(
            err, GN_E_MEMORY,
            "the GPU has no room (%s): use a smaller batch, or stop what else runs on it", what);
    return gn_fail(err, GN_E_UNAVAILABLE,
                   "the GPU failed at %s: %s (%s); --device cpu computes without it", what,
                   cudaGetErrorString(status), cudaGetErrorName(status));
}

int gn_gpu_use(const struct gn_device *device, gn_error_t *err)
{
    return gn_gpu_check(cudaSetDevice(device->number), "choosing the device", err);
}

static void put_version(char *text, size_t size, const char *name, int version)
{
    size_t n = strlen(text);
    if (version > 0)
        snprintf(text + n, size - n, "%s %d.%d", name, version / 1000, version % 1000 / 10);
    else
        snprintf(text + n, size - n, "%s absent", name);
}

static void put_library(char *text, size_t size, const char *name, size_t version)
{
    size_t n = strlen(text);
    if (version > 0)
        snprintf(text + n, size - n, ", %s %zu.%zu", name, version / 10000, version % 10000 / 100);
    else
        snprintf(text + n, size - n, ", %s absent", name);
}

static void describe(char *text, size_t size)
{
    struct gn_gpu_libraries libraries;
    memset(&libraries, 0, sizeof libraries);
    int runtime = 0, driver = 0;
    bool has_cudnn = gn_gpu_libraries_open_cudnn(&libraries, NULL) == GN_OK;
    bool has_lt = gn_gpu_libraries_open_cublaslt(&libraries, NULL) == GN_OK;
    cudaRuntimeGetVersion(&runtime);
    cudaDriverGetVersion(&driver);
    if (size == 0)
        return;
    text[0] = '\0';
    put_version(text, size, "CUDA runtime", runtime);
    put_version(text, size, ", driver", driver);
    put_library(text, size, "cuDNN", has_cudnn ? libraries.cudnn_version() : 0);
    put_library(text, size, "cuBLASLt", has_lt ? libraries.lt_version() : 0);
    gn_gpu_libraries_close(&libraries);
    cudaGetLastError();
}

/* Why no device can be reached. */
static int explain(cudaError_t status, gn_error_t *err)
{
    int driver = 0, runtime = 0;
    const char *visible = getenv("CUDA_VISIBLE_DEVICES");
    cudaDriverGetVersion(&driver);
    cudaRuntimeGetVersion(&runtime);
    cudaGetLastError();
    if (status == cudaErrorStubLibrary)
        return gn_fail(
            err, GN_E_UNAVAILABLE,
            "the libcuda.so that was found is the toolkit's stub: take its folder out of "
            "LD_LIBRARY_PATH and install NVIDIA's driver");
    if (driver == 0)
        return gn_fail(
            err, GN_E_UNAVAILABLE,
            "no NVIDIA driver (libcuda.so.1) was found: install it; in a container, start "
            "it with its GPUs (--gpus all, --nv)");
    if (status == cudaErrorInsufficientDriver)
        return gn_fail(
            err, GN_E_UNAVAILABLE,
            "the NVIDIA driver is for CUDA %d.%d, older than this build's %d.%d: update the "
            "driver, or build with that CUDA",
            driver / 1000, driver % 1000 / 10, runtime / 1000, runtime % 1000 / 10);
    if (status == cudaErrorNoDevice && visible != NULL)
        return gn_fail(
            err, GN_E_UNAVAILABLE,
            "no GPU is visible: CUDA_VISIBLE_DEVICES is '%.200s'; a GPU in MIG mode needs an "
            "instance there (MIG-...)",
            visible);
    if (status == cudaErrorNoDevice)
        return gn_fail(
            err, GN_E_UNAVAILABLE,
            "no NVIDIA GPU was found (or it is in MIG mode without an instance: make one, "
            "and name it in CUDA_VISIBLE_DEVICES)");
    return gn_fail(err, GN_E_UNAVAILABLE, "CUDA cannot start: %s (%s; driver %d.%d, runtime %d.%d)",
                   cudaGetErrorString(status), cudaGetErrorName(status), driver / 1000,
                   driver % 1000 / 10, runtime / 1000, runtime % 1000 / 10);
}

static void refuse(struct gn_device_info *info, const char *reason)
{
    info->usable = false;
    snprintf(info->reason, sizeof info->reason, "%s", reason);
}

/* Makes the device the thread's and starts it, which shows whether it can be used. */
static void try_device(struct gn_device_info *info)
{
    int compute = info->compute_major * 10 + info->compute_minor, mode = cudaComputeModeDefault;
    info->usable = true;
    if (compute < LEAST_COMPUTE) {
        snprintf(info->reason, sizeof info->reason,
                 "compute capability %d.%d: 7.5 (Turing) or later is needed", info->compute_major,
                 info->compute_minor);
        info->usable = false;
        return;
    }
    cudaDeviceGetAttribute(&mode, cudaDevAttrComputeMode, info->number);
    if (mode == cudaComputeModeProhibited) {
        refuse(info, "its compute mode is 'prohibited': ask the administrator");
        return;
    }
    cudaError_t status = cudaSetDevice(info->number);
    if (status == cudaSuccess)
        status = cudaMemGetInfo(&info->memory_free, &info->memory_total);
    if (status == cudaSuccess)
        status = gn_gpu_kernels_check();
    if (status == cudaErrorNoKernelImageForDevice || status == cudaErrorInvalidDeviceFunction ||
        status == cudaErrorUnsupportedPtxVersion)
        refuse(info, "this build holds no code for it: build with make CUDA=1 without CUDA_ARCHS");
    else if (status == cudaErrorDevicesUnavailable)
        refuse(info, "another process has it alone (compute mode 'exclusive')");
    else if (status != cudaSuccess)
        refuse(info, cudaGetErrorString(status));
    cudaGetLastError();
}

static cudaError_t look_at(int number, struct gn_device_info *info)
{
    struct cudaDeviceProp properties;
    memset(info, 0, sizeof *info);
    cudaError_t status = cudaGetDeviceProperties(&properties, number);
    if (status != cudaSuccess)
        return status;
    info->number = number;
    snprintf(info->name, sizeof info->name, "%.255s", properties.name);
    info->compute_major = properties.major;
    info->compute_minor = properties.minor;
    info->memory_total = properties.totalGlobalMem;
    info->multiprocessors = properties.multiProcessorCount;
    return cudaSuccess;
}

static int list(struct gn_device_info *infos, int max, int *n, gn_error_t *err)
{
    int count = 0, current = -1;
    *n = 0;
    cudaError_t status = cudaGetDeviceCount(&count);
    if (status != cudaSuccess)
        return explain(status, err);
    cudaGetDevice(&current);
    for (int i = 0; i < count && *n < max; i++) {
        struct gn_device_info *info = &infos[*n];
        status = look_at(i, info);
        info->number = i;
        if (status == cudaSuccess)
            try_device(info);
        else
            refuse(info, cudaGetErrorString(status));
        (*n)++;
    }
    if (current >= 0)
        cudaSetDevice(current);
    cudaGetLastError();
    return GN_OK;
}

static void close_device(gn_device_t *device)
{
    if (device == NULL)
        return;
    cudaSetDevice(device->number);
    if (device->stream != NULL)
        cudaStreamDestroy(device->stream);
    if (device->cudnn.handle != NULL)
        device->libraries.cudnn_destroy(device->cudnn.handle);
    if (device->lt != NULL)
        device->libraries.lt_destroy(device->lt);
    gn_gpu_libraries_close(&device->libraries);
    gn_gpu_choices_clear(&device->choices);
    pthread_mutex_destroy(&device->lock);
    cudaGetLastError();
    free(device);
}

/* The handles of both libraries, and a stream. */
static int start_libraries(struct gn_device *device, gn_error_t *err)
{
    int ret = gn_gpu_libraries_open_cudnn(&device->libraries, err);
    if (ret == GN_OK)
        ret = gn_gpu_libraries_open_cublaslt(&device->libraries, err);
    if (ret == GN_OK)
        ret = gn_gpu_check(cudaStreamCreateWithFlags(&device->stream, cudaStreamNonBlocking),
                           "a stream", err);
    if (ret < 0)
        return ret;
    device->cudnn.libraries = &device->libraries;
    cudnnStatus_t first = device->libraries.cudnn_create(&device->cudnn.handle);
    if (first != CUDNN_STATUS_SUCCESS) {
        char last[300] = "";
        device->cudnn.handle = NULL;
        device->libraries.cudnn_last_error(last, sizeof last);
        return gn_fail(err, GN_E_UNAVAILABLE,
                       "cuDNN %zu cannot start (%s; %s): it must be for the driver's CUDA",
                       device->libraries.cudnn_version(),
                       device->libraries.cudnn_error_string(first), last);
    }
    cublasStatus_t second = device->libraries.lt_create(&device->lt);
    if (second == CUBLAS_STATUS_SUCCESS)
        return GN_OK;
    device->lt = NULL;
    return gn_fail(err, GN_E_UNAVAILABLE, "cuBLASLt %zu cannot start (%s)",
                   device->libraries.lt_version(), device->libraries.lt_status_string(second));
}

static gn_device_t *open_device(int number, gn_error_t *err)
{
    int count = 0;
    struct gn_device_info info;
    cudaError_t status = cudaGetDeviceCount(&count);
    if (status != cudaSuccess) {
        explain(status, err);
        return NULL;
    }
    if (number < 0 || number >= count) {
        gn_fail(err, GN_E_UNAVAILABLE,
                "there is no GPU %d, only %d (counted from 0): see gannet devices", number, count);
        return NULL;
    }
    if (gn_gpu_check(look_at(number, &info), "asking for its properties", err) < 0)
        return NULL;
    try_device(&info);
    if (!info.usable) {
        gn_fail(err, GN_E_UNAVAILABLE, "GPU %d (%s) cannot be used: %s", number, info.name,
                info.reason);
        return NULL;
    }
    gn_device_t *device = calloc(1, sizeof *device);
    if (device == NULL) {
        gn_fail_memory(err, "a GPU's state");
        return NULL;
    }
    device->number = number;
    pthread_mutex_init(&device->lock, NULL);
    int ret = gn_gpu_use(device, err);
    if (ret == GN_OK)
        ret = start_libraries(device, err);
    if (ret == GN_OK)
        return device;
    close_device(device);
    return NULL;
}

static int device_info(gn_device_t *device, struct gn_device_info *info, gn_error_t *err)
{
    int ret = gn_gpu_use(device, err);
    if (ret == GN_OK)
        ret = gn_gpu_check(look_at(device->number, info), "asking for its properties", err);
    if (ret == GN_OK)
        ret = gn_gpu_check(cudaMemGetInfo(&info->memory_free, &info->memory_total),
                           "asking for its memory", err);
    info->usable = ret == GN_OK;
    return ret;
}

static void *upload(gn_device_t *device, const void *from, size_t size, gn_error_t *err)
{
    void *memory = NULL;
    if (gn_gpu_use(device, err) < 0 ||
        gn_gpu_check(cudaMalloc(&memory, size), "memory for weights", err) < 0)
        return NULL;
    cudaError_t status = cudaMemcpy(memory, from, size, cudaMemcpyHostToDevice);
    if (gn_gpu_check(status, "copying weights to the GPU", err) == GN_OK)
        return memory;
    cudaFree(memory);
    return NULL;
}

static void upload_free(gn_device_t *device, void *memory)
{
    if (memory == NULL)
        return;
    cudaSetDevice(device->number);
    cudaFree(memory);
    cudaGetLastError();
}

const struct gn_device_driver gn_gpu_driver = {
    .name = "cuda",
    .channel_unit = CHANNEL_UNIT,
    .describe = describe,
    .list = list,
    .open = open_device,
    .close = close_device,
    .info = device_info,
    .upload = upload,
    .upload_free = upload_free,
    .open_lane = gn_gpu_open_lane,
    .close_lane = gn_gpu_close_lane,
    .lane_images = gn_gpu_lane_images,
    .make_program = gn_gpu_make_program,
    .free_program = gn_gpu_free_program,
    .launch = gn_gpu_launch,
    .wait = gn_gpu_wait,
    .read_activations = gn_gpu_read_activations,
    .busy_seconds = gn_gpu_busy_seconds,
    .time_steps = gn_gpu_time_steps,
};

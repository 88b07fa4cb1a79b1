/* SPDX-License-Identifier: MIT
 *
 * fake_cuda.h - CUDA's runtime in host memory, as much of it as the driver of GPUs calls, in place of the real one.
 *
 * As on a GPU, what is put on a stream runs later (when it is waited for), a stream belongs to the device it was made on, a
 * captured stream only records, and a call's error stays until it is asked for. To be included by one file of a program, as
 * all fakes of functions: they are found before the libraries'.
 */
#ifndef GN_TESTS_FAKE_CUDA_H
#define GN_TESTS_FAKE_CUDA_H

#include <time.h>

#include "fake_world.h"

cudaError_t cudaGetLastError(void)
{
    cudaError_t last = fake_last;
    fake_last = cudaSuccess;
    return last;
}

const char *cudaGetErrorString(cudaError_t status)
{
    return status == cudaErrorIllegalAddress ? "an illegal memory access" : "a fake error";
}

const char *cudaGetErrorName(cudaError_t status)
{
    return status == cudaErrorIllegalAddress ? "cudaErrorIllegalAddress" : "cudaErrorFake";
}

cudaError_t cudaDriverGetVersion(int *version)
{
    *version = fake.driver;
    return cudaSuccess;
}

cudaError_t cudaRuntimeGetVersion(int *version)
{
    *version = fake.runtime;
    return cudaSuccess;
}

cudaError_t cudaGetDeviceCount(int *n)
{
    *n = fake.count == cudaSuccess ? fake.n_devices : 0;
    return fake_error(fake.count);
}

cudaError_t cudaGetDevice(int *device)
{
    *device = fake_current;
    return cudaSuccess;
}

cudaError_t cudaSetDevice(int device)
{
    if (device < 0 || device >= fake.n_devices)
        return fake_error(cudaErrorInvalidDevice);
    fake_current = device;
    return fake_error(fake.devices[device].start);
}

cudaError_t cudaGetDeviceProperties(struct cudaDeviceProp *properties, int device)
{
    if (device < 0 || device >= fake.n_devices)
        return fake_error(cudaErrorInvalidDevice);
    memset(properties, 0, sizeof *properties);
    snprintf(properties->name, sizeof properties->name, "fake %d", device);
    properties->major = fake.devices[device].major;
    properties->minor = fake.devices[device].minor;
    properties->totalGlobalMem = fake.devices[device].memory;
    properties->multiProcessorCount = 11;
    return cudaSuccess;
}

cudaError_t cudaDeviceGetAttribute(int *value, enum cudaDeviceAttr attribute, int device)
{
    if (attribute != cudaDevAttrComputeMode || device < 0 || device >= fake.n_devices)
        return fake_error(cudaErrorInvalidValue);
    *value = fake.devices[device].mode;
    return cudaSuccess;
}

cudaError_t cudaMemGetInfo(size_t *free_bytes, size_t *total)
{
    pthread_mutex_lock(&fake.lock);
    *total = fake.devices[fake_current].memory;
    *free_bytes = *total - fake.devices[fake_current].used;
    pthread_mutex_unlock(&fake.lock);
    return cudaSuccess;
}

cudaError_t cudaMalloc(void **memory, size_t size)
{
    return fake_reserve(memory, size, fake_current);
}

cudaError_t cudaFree(void *memory)
{
    return memory == NULL ? cudaSuccess : fake_release(memory, true);
}

cudaError_t cudaHostAlloc(void **memory, size_t size, unsigned flags)
{
    (void)flags;
    return fake_reserve(memory, size, -1);
}

cudaError_t cudaFreeHost(void *memory)
{
    return memory == NULL ? cudaSuccess : fake_release(memory, false);
}

cudaError_t cudaMemcpy(void *to, const void *from, size_t size, enum cudaMemcpyKind kind)
{
    if (kind != cudaMemcpyHostToDevice || !fake_holds(to, size, true))
        return fake_misuse("a copy to no device memory");
    if (fake_fails(FAKE_COPY))
        return fake_error(cudaErrorIllegalAddress);
    memcpy(to, from, size);
    return cudaSuccess;
}

struct fake_copy {
    void *to;
    const void *from;
    size_t size;
    int value;
};

static inline void fake_run_copy(const void *arguments)
{
    const struct fake_copy *copy = arguments;
    if (copy->from != NULL)
        memcpy(copy->to, copy->from, copy->size);
    else
        memset(copy->to, copy->value, copy->size);
}

cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t size, enum cudaMemcpyKind kind,
                            cudaStream_t stream)
{
    struct fake_copy copy = {to, from, size, 0};
    bool is_right = kind == cudaMemcpyHostToDevice   ? fake_holds(to, size, true)
                    : kind == cudaMemcpyDeviceToHost ? fake_holds(from, size, true)
                                                     : false;
    if (!is_right)
        return fake_misuse("a copy from or to no device memory");
    if (fake_fails(FAKE_COPY))
        return fake_error(cudaErrorIllegalAddress);
    return fake_start(stream, fake_run_copy, &copy, sizeof copy);
}

cudaError_t cudaMemsetAsync(void *to, int value, size_t size, cudaStream_t stream)
{
    struct fake_copy copy = {to, NULL, size, value};
    if (!fake_holds(to, size, true))
        return fake_misuse("filling what is no device memory");
    return fake_start(stream, fake_run_copy, &copy, sizeof copy);
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t *stream, unsigned flags)
{
    if (fake_fails(FAKE_STREAM))
        return fake_error(cudaErrorIllegalAddress);
    if (flags != cudaStreamNonBlocking)
        return fake_misuse("a stream that waits for the default stream");
    *stream = fake_make(sizeof **stream, &fake.streams);
    (*stream)->device = fake_current;
    return cudaSuccess;
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream)
{
    if (stream->is_capturing) {
        stream->is_spoiled = true;
        return fake_error(cudaErrorStreamCaptureUnsupported);
    }
    fake_finish(stream);
    return fake_error(fake_fails(FAKE_WAIT) ? cudaErrorIllegalAddress : cudaSuccess);
}

cudaError_t cudaStreamDestroy(cudaStream_t stream)
{
    fake_finish(stream);
    free(stream->queue.all);
    free(stream->captured.all);
    free(stream);
    fake_add(&fake.streams, -1);
    return cudaSuccess;
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t *event, unsigned flags)
{
    if (fake_fails(FAKE_EVENT))
        return fake_error(cudaErrorIllegalAddress);
    *event = fake_make(sizeof **event, &fake.events);
    (*event)->is_timed = (flags & cudaEventDisableTiming) == 0;
    return cudaSuccess;
}

cudaError_t cudaEventCreate(cudaEvent_t *event)
{
    return cudaEventCreateWithFlags(event, cudaEventDefault);
}

cudaError_t cudaEventDestroy(cudaEvent_t event)
{
    free(event);
    fake_add(&fake.events, -1);
    return cudaSuccess;
}

static inline void fake_reach(const void *arguments)
{
    struct timespec now;
    cudaEvent_t event;
    memcpy(&event, arguments, sizeof event);
    clock_gettime(CLOCK_MONOTONIC, &now);
    event->is_reached = true;
    event->seconds = (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream)
{
    if (fake_fails(FAKE_RECORD))
        return fake_error(cudaErrorIllegalAddress);
    event->is_reached = false;
    event->stream = stream;
    return fake_start(stream, fake_reach, &event, sizeof event);
}

cudaError_t cudaEventSynchronize(cudaEvent_t event)
{
    if (event->stream == NULL || event->stream->is_capturing)
        return fake_misuse("waiting for an event that was not recorded");
    fake_finish(event->stream);
    return fake_error(fake_fails(FAKE_WAIT) ? cudaErrorIllegalAddress : cudaSuccess);
}

cudaError_t cudaEventElapsedTime(float *milliseconds, cudaEvent_t start, cudaEvent_t end)
{
    if (!start->is_timed || !end->is_timed)
        return fake_misuse("the time of an event that takes none");
    if (!start->is_reached || !end->is_reached)
        return fake_misuse("the time of an event that was not waited for");
    *milliseconds = (float)((end->seconds - start->seconds) * 1e3);
    return cudaSuccess;
}

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, enum cudaStreamCaptureMode mode)
{
    if (mode != cudaStreamCaptureModeThreadLocal)
        return fake_misuse("a capture that other threads' calls spoil");
    if (fake_fails(FAKE_CAPTURE))
        return fake_error(cudaErrorStreamCaptureUnsupported);
    stream->is_capturing = true;
    stream->is_spoiled = false;
    stream->captured.n = 0;
    return cudaSuccess;
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t *graph)
{
    if (!stream->is_capturing)
        return fake_misuse("the end of no capture");
    stream->is_capturing = false;
    *graph = NULL;
    if (stream->is_spoiled || fake_fails(FAKE_END_CAPTURE))
        return fake_error(cudaErrorStreamCaptureInvalidated);
    *graph = fake_make(sizeof **graph, &fake.graphs);
    (*graph)->device = stream->device;
    (*graph)->commands = stream->captured;
    stream->captured = (struct fake_commands){NULL, 0, 0};
    return cudaSuccess;
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t *executable, cudaGraph_t graph,
                                 unsigned long long flags)
{
    (void)flags;
    if (fake_fails(FAKE_INSTANTIATE))
        return fake_error(cudaErrorInvalidValue);
    *executable = fake_make(sizeof **executable, &fake.executables);
    (*executable)->device = graph->device;
    for (size_t i = 0; i < graph->commands.n; i++)
        fake_append(&(*executable)->commands, &graph->commands.all[i]);
    return cudaSuccess;
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph)
{
    free(graph->commands.all);
    free(graph);
    fake_add(&fake.graphs, -1);
    return cudaSuccess;
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t executable, cudaStream_t stream)
{
    if (fake_fails(FAKE_GRAPH_LAUNCH))
        return fake_error(cudaErrorIllegalAddress);
    cudaError_t status = cudaSuccess;
    for (size_t i = 0; i < executable->commands.n && status == cudaSuccess; i++)
        status = fake_start(stream, executable->commands.all[i].run,
                            executable->commands.all[i].arguments, FAKE_ARGUMENTS);
    return status;
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable)
{
    free(executable->commands.all);
    free(executable);
    fake_add(&fake.executables, -1);
    return cudaSuccess;
}

#endif

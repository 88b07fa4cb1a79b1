/* SPDX-License-Identifier: MIT
 *
 * gpu_lane.c - a lane: a stream, memory for a batch on both sides, and runs of programs.
 *
 * The first run of a program starts its steps one by one, which loads their code; the second captures them as a graph, which
 * is then replayed: one call instead of two hundred. A lane has the work space that the programs which lived when it was
 * opened need; where one made later needs more, it grows at that program's first run, and graphs that were captured with the
 * old one are captured again.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cnn/cuda/gpu_device.h"

enum { MOST_LANES = 4096 };

struct gn_device_lane {
    struct gn_device *device;
    uint64_t number; /* never that of another lane of the device */
    cudaStream_t stream;
    cudaEvent_t begin, end, done; /* of the computation; of the last copy */
    struct gn_gpu_memory memory;
    uint8_t *device_images, *host_images;
    float (*host_logits)[3];
    size_t activations_size, image_size, work_size;
    int batch;
    bool is_running;
    double busy_seconds;
};

static int make_streams(gn_device_lane_t *lane, gn_error_t *err)
{
    cudaError_t status = cudaStreamCreateWithFlags(&lane->stream, cudaStreamNonBlocking);
    if (status == cudaSuccess)
        status = cudaEventCreate(&lane->begin);
    if (status == cudaSuccess)
        status = cudaEventCreate(&lane->end);
    if (status == cudaSuccess) /* waiting for it must not cost a core */
        status =
            cudaEventCreateWithFlags(&lane->done, cudaEventBlockingSync | cudaEventDisableTiming);
    return gn_gpu_check(status, "a stream", err);
}

static int reserve(gn_device_lane_t *lane, gn_error_t *err)
{
    size_t images = (size_t)lane->batch * lane->image_size;
    size_t logits = (size_t)lane->batch * sizeof *lane->host_logits;
    cudaError_t status = cudaMalloc((void **)&lane->memory.activations, lane->activations_size);
    if (status == cudaSuccess)
        status = cudaMalloc((void **)&lane->device_images, images);
    if (status == cudaSuccess)
        status = cudaMalloc((void **)&lane->memory.logits, logits);
    if (status == cudaSuccess) /* a batch that is not full reads what is there */
        status = cudaMemsetAsync(lane->device_images, 0, images, lane->stream);
    int ret = gn_gpu_check(status, "memory for a batch of images", err);
    if (ret < 0)
        return ret;
    status = cudaHostAlloc((void **)&lane->host_images, images, cudaHostAllocDefault);
    if (status == cudaSuccess)
        status = cudaHostAlloc((void **)&lane->host_logits, logits, cudaHostAllocDefault);
    if (status == cudaSuccess)
        status = cudaStreamSynchronize(lane->stream);
    lane->memory.images = lane->device_images;
    return gn_gpu_check(status, "pinned host memory for a batch of images", err);
}

/* The stream is idle: the last run was waited for. */
static int grow_work(gn_device_lane_t *lane, size_t size, gn_error_t *err)
{
    if (size <= lane->work_size)
        return GN_OK;
    cudaFree(lane->memory.work);
    lane->memory.work = NULL;
    lane->work_size = 0;
    int ret = gn_gpu_check(cudaMalloc((void **)&lane->memory.work, size),
                           "work space of convolutions", err);
    if (ret == GN_OK)
        lane->work_size = size;
    return ret;
}

gn_device_lane_t *gn_gpu_open_lane(gn_device_t *device, size_t activations_size, size_t image_size,
                                   int batch, gn_error_t *err)
{
    gn_device_lane_t *lane = calloc(1, sizeof *lane);
    if (lane == NULL) {
        gn_fail_memory(err, "a lane of a GPU");
        return NULL;
    }
    lane->device = device;
    lane->activations_size = activations_size;
    lane->image_size = image_size;
    lane->batch = batch;
    pthread_mutex_lock(&device->lock);
    lane->number = ++device->n_lanes;
    size_t work_size = gn_gpu_most_work(device);
    pthread_mutex_unlock(&device->lock);
    int ret = gn_gpu_use(device, err);
    if (ret == GN_OK)
        ret = make_streams(lane, err);
    if (ret == GN_OK)
        ret = reserve(lane, err);
    if (ret == GN_OK)
        ret = grow_work(lane, work_size, err);
    if (ret == GN_OK)
        return lane;
    gn_gpu_close_lane(lane);
    return NULL;
}

void gn_gpu_close_lane(gn_device_lane_t *lane)
{
    if (lane == NULL)
        return;
    cudaSetDevice(lane->device->number);
    if (lane->stream != NULL)
        cudaStreamSynchronize(lane->stream);
    if (lane->begin != NULL)
        cudaEventDestroy(lane->begin);
    if (lane->end != NULL)
        cudaEventDestroy(lane->end);
    if (lane->done != NULL)
        cudaEventDestroy(lane->done);
    cudaFree(lane->memory.activations);
    cudaFree(lane->memory.logits);
    cudaFree(lane->memory.work);
    cudaFree(lane->device_images);
    if (lane->host_images != NULL)
        cudaFreeHost(lane->host_images);
    if (lane->host_logits != NULL)
        cudaFreeHost(lane->host_logits);
    if (lane->stream != NULL)
        cudaStreamDestroy(lane->stream);
    cudaGetLastError(); /* what cannot be freed is not the next call's failure */
    free(lane);
}

uint8_t *gn_gpu_lane_images(gn_device_lane_t *lane)
{
    return lane->host_images;
}

static int check_program(const gn_device_lane_t *lane, const gn_device_program_t *program, int n,
                         gn_error_t *err)
{
    const struct gn_device_code *code = &program->code;
    if (program->device != lane->device || code->batch > lane->batch || n < 1 || n > code->batch ||
        code->image_size != lane->image_size || code->activations_size > lane->activations_size)
        return gn_fail(err, GN_E_INTERNAL, "a lane of a GPU is too small for its program");
    if (lane->is_running)
        return gn_fail(err, GN_E_INTERNAL, "a lane of a GPU was started twice");
    return GN_OK;
}

/* Under the device's lock. */
static struct gn_gpu_run *find_run(const gn_device_lane_t *lane, gn_device_program_t *program,
                                   gn_error_t *err)
{
    for (size_t i = 0; i < program->n_runs; i++)
        if (program->runs[i].lane == lane->number)
            return &program->runs[i];
    struct gn_gpu_run *runs = gn_reserve(program->runs, &program->capacity, program->n_runs + 1,
                                         sizeof *runs, MOST_LANES, "lanes of a GPU", err);
    if (runs == NULL)
        return NULL;
    program->runs = runs;
    struct gn_gpu_run *run = &runs[program->n_runs++];
    memset(run, 0, sizeof *run);
    run->lane = lane->number;
    return run;
}

/* Leaves the run without a graph, and `refused`, where capturing fails. */
static void capture(gn_device_lane_t *lane, gn_device_program_t *program, struct gn_gpu_run *run)
{
    cudaGraph_t graph = NULL;
    gn_error_t why = {0}; /* told when the steps fail without a graph too */
    if (run->graph != NULL)
        cudaGraphExecDestroy(run->graph);
    run->graph = NULL;
    run->refused = true;
    if (cudaStreamBeginCapture(lane->stream, cudaStreamCaptureModeThreadLocal) != cudaSuccess) {
        cudaGetLastError();
        return;
    }
    int ret = gn_gpu_start_steps(program, &lane->memory, lane->stream, NULL, &why);
    cudaError_t status = cudaStreamEndCapture(lane->stream, &graph);
    if (ret == GN_OK && status == cudaSuccess && graph != NULL)
        status = cudaGraphInstantiate(&run->graph, graph, 0);
    run->refused = ret < 0 || status != cudaSuccess || run->graph == NULL;
    if (run->refused)
        run->graph = NULL;
    if (graph != NULL)
        cudaGraphDestroy(graph);
    cudaGetLastError();
    run->work = lane->memory.work;
}

/* Under the device's lock, which orders the users of cuDNN's handle; replaying a graph needs only a moment of it. */
static int compute(gn_device_lane_t *lane, gn_device_program_t *program, gn_error_t *err)
{
    struct gn_gpu_run *run = find_run(lane, program, err);
    if (run == NULL)
        return GN_E_MEMORY;
    bool is_stale = run->graph == NULL || run->work != lane->memory.work;
    if (run->seen && !run->refused && is_stale)
        capture(lane, program, run);
    run->seen = true;
    if (run->graph != NULL && run->work == lane->memory.work)
        return gn_gpu_check(cudaGraphLaunch(run->graph, lane->stream), "starting a network", err);
    return gn_gpu_start_steps(program, &lane->memory, lane->stream, NULL, err);
}

static int copy_images(gn_device_lane_t *lane, int n, gn_error_t *err)
{
    cudaError_t status =
        cudaMemcpyAsync(lane->device_images, lane->host_images, (size_t)n * lane->image_size,
                        cudaMemcpyHostToDevice, lane->stream);
    return gn_gpu_check(status, "copying images to the GPU", err);
}

int gn_gpu_launch(gn_device_lane_t *lane, gn_device_program_t *program, int n, gn_error_t *err)
{
    int ret = check_program(lane, program, n, err);
    if (ret == GN_OK)
        ret = gn_gpu_use(lane->device, err);
    if (ret == GN_OK)
        ret = grow_work(lane, program->work_size, err);
    if (ret == GN_OK)
        ret = copy_images(lane, n, err);
    if (ret == GN_OK)
        ret = gn_gpu_check(cudaEventRecord(lane->begin, lane->stream), "an event", err);
    if (ret < 0)
        return ret;
    pthread_mutex_lock(&lane->device->lock);
    ret = compute(lane, program, err);
    pthread_mutex_unlock(&lane->device->lock);
    if (ret < 0) { /* what was started must end before the lane is used again */
        cudaStreamSynchronize(lane->stream);
        cudaGetLastError();
        return ret;
    }
    cudaError_t status = cudaEventRecord(lane->end, lane->stream);
    if (status == cudaSuccess)
        status = cudaMemcpyAsync(lane->host_logits, lane->memory.logits,
                                 (size_t)n * sizeof *lane->host_logits, cudaMemcpyDeviceToHost,
                                 lane->stream);
    if (status == cudaSuccess)
        status = cudaEventRecord(lane->done, lane->stream);
    lane->is_running = status == cudaSuccess;
    return gn_gpu_check(status, "copying logits from the GPU", err);
}

int gn_gpu_wait(gn_device_lane_t *lane, const float (**logits)[3], gn_error_t *err)
{
    float milliseconds = 0;
    *logits = lane->host_logits;
    if (!lane->is_running)
        return GN_OK;
    lane->is_running = false;
    int ret = gn_gpu_use(lane->device, err);
    if (ret == GN_OK)
        ret = gn_gpu_check(cudaEventSynchronize(lane->done), "computing a network", err);
    if (ret == GN_OK)
        ret = gn_gpu_check(cudaEventElapsedTime(&milliseconds, lane->begin, lane->end), "an event",
                           err);
    lane->busy_seconds += milliseconds / 1000;
    return ret;
}

int gn_gpu_read_activations(gn_device_lane_t *lane, size_t offset, void *to, size_t size,
                            gn_error_t *err)
{
    if (offset > lane->activations_size || size > lane->activations_size - offset)
        return gn_fail(err, GN_E_INTERNAL, "reading beyond a lane's activations");
    int ret = gn_gpu_use(lane->device, err);
    if (ret < 0)
        return ret;
    cudaError_t status = cudaMemcpyAsync(to, lane->memory.activations + offset, size,
                                         cudaMemcpyDeviceToHost, lane->stream);
    if (status == cudaSuccess)
        status = cudaStreamSynchronize(lane->stream);
    return gn_gpu_check(status, "copying activations from the GPU", err);
}

double gn_gpu_busy_seconds(const gn_device_lane_t *lane)
{
    return lane->busy_seconds;
}

static int add_times(const cudaEvent_t *events, int n, double *seconds, gn_error_t *err)
{
    for (int i = 0; i < n; i++) {
        float milliseconds = 0;
        int ret = gn_gpu_check(cudaEventElapsedTime(&milliseconds, events[i], events[i + 1]),
                               "an event", err);
        if (ret < 0)
            return ret;
        seconds[i] += milliseconds / 1000;
    }
    return GN_OK;
}

int gn_gpu_time_steps(gn_device_lane_t *lane, gn_device_program_t *program, double *seconds,
                      gn_error_t *err)
{
    int n = program->n_parts, made = 0;
    cudaEvent_t *events = calloc((size_t)n + 1, sizeof *events);
    if (events == NULL)
        return gn_fail_memory(err, "events of a GPU");
    int ret = check_program(lane, program, program->code.batch, err);
    if (ret == GN_OK)
        ret = gn_gpu_use(lane->device, err);
    if (ret == GN_OK)
        ret = grow_work(lane, program->work_size, err);
    if (ret == GN_OK)
        ret = copy_images(lane, program->code.batch, err);
    while (ret == GN_OK && made <= n) {
        ret = gn_gpu_check(cudaEventCreate(&events[made]), "an event", err);
        made += ret == GN_OK;
    }
    pthread_mutex_lock(&lane->device->lock);
    if (ret == GN_OK) /* loads the code of all steps */
        ret = gn_gpu_start_steps(program, &lane->memory, lane->stream, NULL, err);
    if (ret == GN_OK)
        ret = gn_gpu_start_steps(program, &lane->memory, lane->stream, events, err);
    pthread_mutex_unlock(&lane->device->lock);
    int ended = gn_gpu_check(cudaStreamSynchronize(lane->stream), "computing a network",
                             ret == GN_OK ? err : NULL);
    if (ret == GN_OK)
        ret = ended < 0 ? ended : add_times(events, n, seconds, err);
    while (made > 0)
        cudaEventDestroy(events[--made]);
    free(events);
    return ret;
}

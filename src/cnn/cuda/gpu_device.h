/* SPDX-License-Identifier: MIT
 *
 * gpu_device.h - what the driver's files share: an opened device, its programs, and running them.
 */
#ifndef GN_CNN_CUDA_GPU_DEVICE_H
#define GN_CNN_CUDA_GPU_DEVICE_H

#include <pthread.h>

#include "cnn/cuda/gpu_convolve.h"
#include "cnn/cuda/gpu_kernels.h"
#include "cnn/cuda/gpu_multiply.h"

struct gn_device {
    int number;
    struct gn_gpu_libraries libraries;
    struct gn_gpu_cudnn cudnn; /* its handle belongs to the thread that holds `lock` */
    cublasLtHandle_t lt;
    cudaStream_t stream; /* of making programs */
    struct gn_gpu_choices choices;
    pthread_mutex_t lock;          /* of what is above, and of the runs of all programs */
    uint64_t n_lanes;              /* opened so far: their numbers, never used again */
    gn_device_program_t *programs; /* that live, the newest first */
};

/// Returns GN_OK for cudaSuccess. Otherwise fails with `what` and CUDA's words: GN_E_MEMORY when the device has no room,
/// else GN_E_UNAVAILABLE. Forgets CUDA's error, where that is possible.
int gn_gpu_check(cudaError_t status, const char *what, gn_error_t *err);

/// Makes the device the calling thread's.
GN_MUST_CHECK
int gn_gpu_use(const struct gn_device *device, gn_error_t *err);

/// Where a run of a program works: a lane's memory on the device.
struct gn_gpu_memory {
    const uint8_t *images;
    unsigned char *activations;
    float *logits;
    unsigned char *work; /* as large as the program's work_size */
};

/// How a lane runs a program: first step by step, from the second time on as a graph of all steps.
struct gn_gpu_run {
    uint64_t lane;    /* its number */
    const void *work; /* the work space that the graph was captured with */
    cudaGraphExec_t graph;
    bool seen;    /* has run once, so that all code is loaded */
    bool refused; /* cannot be captured */
};

struct gn_device_program {
    struct gn_device *device;
    struct gn_device_program *next; /* of the device's */
    struct gn_gpu_part *parts;      /* one a step */
    int n_parts;
    struct gn_device_code code; /* `steps` is NULL */
    void *bias;                 /* on the device: of all steps, in the program's type */
    size_t work_size;           /* bytes of work space that a lane needs */
    struct gn_gpu_run *runs;    /* of the lanes that have met the program */
    size_t n_runs, capacity;
};

gn_device_program_t *gn_gpu_make_program(gn_device_t *device, const struct gn_device_code *code,
                                         gn_error_t *err);
void gn_gpu_free_program(gn_device_program_t *program);

/// Bytes of work space of the program that needs most of those that live. The device's lock must be held.
size_t gn_gpu_most_work(const struct gn_device *device);

/// Starts all steps on a stream. `events` (NULL: none) are recorded before the first and after every step. The device's lock
/// must be held.
GN_MUST_CHECK
int gn_gpu_start_steps(gn_device_program_t *program, const struct gn_gpu_memory *memory,
                       cudaStream_t stream, cudaEvent_t *events, gn_error_t *err);

gn_device_lane_t *gn_gpu_open_lane(gn_device_t *device, size_t activations_size, size_t image_size,
                                   int batch, gn_error_t *err);
void gn_gpu_close_lane(gn_device_lane_t *lane);
uint8_t *gn_gpu_lane_images(gn_device_lane_t *lane);
int gn_gpu_launch(gn_device_lane_t *lane, gn_device_program_t *program, int n, gn_error_t *err);
int gn_gpu_wait(gn_device_lane_t *lane, const float (**logits)[3], gn_error_t *err);
int gn_gpu_read_activations(gn_device_lane_t *lane, size_t offset, void *to, size_t size,
                            gn_error_t *err);
double gn_gpu_busy_seconds(const gn_device_lane_t *lane);
int gn_gpu_time_steps(gn_device_lane_t *lane, gn_device_program_t *program, double *seconds,
                      gn_error_t *err);

#endif

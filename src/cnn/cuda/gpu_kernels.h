/* SPDX-License-Identifier: MIT
 *
 * gpu_kernels.h - starting our own kernels: all steps but products and convolutions.
 */
#ifndef GN_CNN_CUDA_GPU_KERNELS_H
#define GN_CNN_CUDA_GPU_KERNELS_H

#include <cuda_runtime_api.h>

#include "cnn/cuda/gpu_kernel_bodies.h"

#ifdef __cplusplus
extern "C" {
#endif

/// cudaSuccess when this build holds code for the current device.
cudaError_t gn_gpu_kernels_check(void);

/// Starts LOAD, MAX_POOL, AVG_POOL, COPY, EXTEND, MEAN or CLASSIFY (whose output are the logits, [image][3]) for `batch`
/// images. The task's addresses are the device's. cudaErrorInvalidValue: another step, or more numbers than 2^31.
cudaError_t gn_gpu_start(const struct gn_body_task *task, enum gn_device_type type, int batch,
                         cudaStream_t stream);

/// Adds the bias to sums of a type and puts them in their place, through ReLU where the step says so.
cudaError_t gn_gpu_start_bias(const struct gn_body_task *task, enum gn_device_type type,
                              enum gn_device_type sums, int batch, cudaStream_t stream);

/// Rounds n numbers of float32 to a type.
cudaError_t gn_gpu_start_rounding(const float *from, void *to, enum gn_device_type type, int n,
                                  cudaStream_t stream);

#ifdef __cplusplus
}
#endif

#endif

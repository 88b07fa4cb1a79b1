/* SPDX-License-Identifier: MIT
 *
 * gpu_multiply.h - convolutions of single pixels as products of matrices, by cuBLASLt.
 *
 * D = relu(W x + b): a map of n pixels is a matrix of n columns, its pitch the distance between them, so that slices cost
 * nothing. Column-major, as cuBLAS has it: m = output channels, n = pixels, k = input channels.
 */
#ifndef GN_CNN_CUDA_GPU_MULTIPLY_H
#define GN_CNN_CUDA_GPU_MULTIPLY_H

#include "cnn/cuda/gpu_convolve.h"

enum { GN_GPU_MULTIPLY_WORK = 32 << 20 }; /* bytes that an algorithm may need */

/// A product, ready to run.
struct gn_gpu_product {
    cublasLtMatmulDesc_t operation;
    cublasLtMatrixLayout_t weights, input, output;
    cublasLtMatmulAlgo_t algorithm;
    size_t work_size;
};

/// Chooses an algorithm by the reference batch and full height, so that it is the same for all batches and rows, without
/// sums that are split. It starts zeroed; gn_gpu_product_clear() also after a failure.
/** @param bias  of the program's type, on the device; kept
    @return      GN_OK, GN_E_UNAVAILABLE (no algorithm: compute it as a convolution) */
GN_MUST_CHECK
int gn_gpu_product_make(struct gn_gpu_product *product, const struct gn_gpu_libraries *libraries,
                        cublasLtHandle_t handle, const struct gn_device_step *step,
                        const struct gn_device_code *code, const void *bias, gn_error_t *err);
void gn_gpu_product_clear(struct gn_gpu_product *product, const struct gn_gpu_libraries *libraries);

/// Starts a product on a stream. `operands->bias` is not read. Thread-safe. GN_E_UNAVAILABLE: cuBLASLt failed.
GN_MUST_CHECK
int gn_gpu_product_run(const struct gn_gpu_product *product,
                       const struct gn_gpu_libraries *libraries, cublasLtHandle_t handle,
                       const struct gn_gpu_operands *operands, cudaStream_t stream,
                       gn_error_t *err);

#endif

/* SPDX-License-Identifier: MIT
 *
 * gpu_libraries.h - cuDNN and cuBLASLt, loaded when a device is opened: a CUDA build runs on machines that have neither.
 *
 * libcudnn loads its own parts (libcudnn_graph, _ops, _engines...) from where it lies itself.
 */
#ifndef GN_CNN_CUDA_GPU_LIBRARIES_H
#define GN_CNN_CUDA_GPU_LIBRARIES_H

#include <cublasLt.h>
#include <cuda_runtime_api.h>
#include <cudnn.h>

#include "base/error.h"

/// The functions that the driver calls, as the headers declare them.
struct gn_gpu_libraries {
    void *cudnn_file, *lt_file; /* of dlopen */

    __typeof__(cudnnGetVersion) *cudnn_version;
    __typeof__(cudnnGetErrorString) *cudnn_error_string;
    __typeof__(cudnnGetLastErrorString) *cudnn_last_error;
    __typeof__(cudnnCreate) *cudnn_create;
    __typeof__(cudnnDestroy) *cudnn_destroy;
    __typeof__(cudnnSetStream) *cudnn_set_stream;
    __typeof__(cudnnBackendCreateDescriptor) *create_descriptor;
    __typeof__(cudnnBackendDestroyDescriptor) *destroy_descriptor;
    __typeof__(cudnnBackendSetAttribute) *set_attribute;
    __typeof__(cudnnBackendGetAttribute) *get_attribute;
    __typeof__(cudnnBackendFinalize) *finalize;
    __typeof__(cudnnBackendExecute) *execute;

    __typeof__(cublasLtGetVersion) *lt_version;
    __typeof__(cublasLtGetStatusString) *lt_status_string;
    __typeof__(cublasLtCreate) *lt_create;
    __typeof__(cublasLtDestroy) *lt_destroy;
    __typeof__(cublasLtMatmulDescCreate) *lt_operation_create;
    __typeof__(cublasLtMatmulDescDestroy) *lt_operation_destroy;
    __typeof__(cublasLtMatmulDescSetAttribute) *lt_operation_set;
    __typeof__(cublasLtMatrixLayoutCreate) *lt_layout_create;
    __typeof__(cublasLtMatrixLayoutDestroy) *lt_layout_destroy;
    __typeof__(cublasLtMatmulPreferenceCreate) *lt_preference_create;
    __typeof__(cublasLtMatmulPreferenceDestroy) *lt_preference_destroy;
    __typeof__(cublasLtMatmulPreferenceSetAttribute) *lt_preference_set;
    __typeof__(cublasLtMatmulAlgoGetHeuristic) *lt_heuristic;
    __typeof__(cublasLtMatmulAlgoConfigGetAttribute) *lt_algorithm_get;
    __typeof__(cublasLtMatmulAlgoCheck) *lt_algorithm_check;
    __typeof__(cublasLtMatmul) *lt_multiply;
};

/// Loads cuDNN 9 ($GANNET_CUDNN: the file to load) and finds its functions. `libraries` starts zeroed;
/// gn_gpu_libraries_close() also after a failure: GN_E_UNAVAILABLE, what was tried and how to install it. Thread-safe.
GN_MUST_CHECK
int gn_gpu_libraries_open_cudnn(struct gn_gpu_libraries *libraries, gn_error_t *err);

/// The same for cuBLASLt ($GANNET_CUBLASLT).
GN_MUST_CHECK
int gn_gpu_libraries_open_cublaslt(struct gn_gpu_libraries *libraries, gn_error_t *err);

void gn_gpu_libraries_close(struct gn_gpu_libraries *libraries);

#endif

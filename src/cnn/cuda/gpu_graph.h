/* SPDX-License-Identifier: MIT
 *
 * gpu_graph.h - making cuDNN's descriptors: those of a convolution with what follows it, and those of plans.
 */
#ifndef GN_CNN_CUDA_GPU_GRAPH_H
#define GN_CNN_CUDA_GPU_GRAPH_H

#include "cnn/cuda/gpu_convolve.h"

/// A run of calls that stops at the first failure: later calls do nothing.
struct gn_gpu_maker {
    const struct gn_gpu_cudnn *cudnn;
    struct gn_gpu_descriptors *parts; /* what was made */
    cudnnStatus_t status;
};

/// The tensors that a run names.
enum gn_gpu_tensor {
    GN_GPU_INPUT = 1,
    GN_GPU_WEIGHTS,
    GN_GPU_BIAS,
    GN_GPU_OUTPUT,
    GN_GPU_CONVOLVED, /* these two exist only inside a graph */
    GN_GPU_BIASED,
};

/// A new descriptor, kept among the parts. NULL after a failure.
cudnnBackendDescriptor_t gn_gpu_new(struct gn_gpu_maker *maker, cudnnBackendDescriptorType_t type);
void gn_gpu_put(struct gn_gpu_maker *maker, cudnnBackendDescriptor_t descriptor,
                cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, int64_t n,
                const void *values);
/// Reads at most n values; returns how many there are (0 after a failure).
int64_t gn_gpu_get(struct gn_gpu_maker *maker, cudnnBackendDescriptor_t descriptor,
                   cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, int64_t n,
                   void *values);
void gn_gpu_put_part(struct gn_gpu_maker *maker, cudnnBackendDescriptor_t descriptor,
                     cudnnBackendAttributeName_t name, cudnnBackendDescriptor_t part);
void gn_gpu_finish(struct gn_gpu_maker *maker, cudnnBackendDescriptor_t descriptor);

/// Destroys parts beyond the first `n`.
void gn_gpu_drop(const struct gn_gpu_cudnn *cudnn, struct gn_gpu_descriptors *parts, int n);

/// The graph of operations of a convolution in a form, finished. NULL after a failure.
cudnnBackendDescriptor_t gn_gpu_graph(struct gn_gpu_maker *maker, const struct gn_gpu_shape *shape,
                                      enum gn_gpu_form form);

#endif

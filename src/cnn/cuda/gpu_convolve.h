/* SPDX-License-Identifier: MIT
 *
 * gpu_convolve.h - convolutions by cuDNN's graphs of operations.
 *
 * How a convolution is computed is chosen by the shape that all batches and numbers of rows share: heuristics are asked for
 * the reference batch and the full height, and the first engine and settings that also take one image of the fewest rows and
 * GN_GPU_MOST_BATCH images are used for every shape. So an image has the same results whatever runs beside it. Only where
 * that engine refuses an actual shape in between the next of the list is taken, and results may differ in their last bits;
 * tests/unit/test_gpu_descriptors.c finds none, tests/gpu/test_ops.c compares the bits.
 */
#ifndef GN_CNN_CUDA_GPU_CONVOLVE_H
#define GN_CNN_CUDA_GPU_CONVOLVE_H

#include "cnn/cuda/device.h"
#include "cnn/cuda/gpu_libraries.h"

enum {
    GN_GPU_REFERENCE_BATCH = 64, /* images for which algorithms are chosen */
    GN_GPU_MOST_BATCH = 1024,    /* for which an algorithm must do as well */
    GN_GPU_DESCRIPTORS = 128,    /* of a plan at most: tensors, operations, settings */
};

/// Whom to ask: cuDNN with a handle, or with the description of a device (CUDNN_BACKEND_DEVICEPROP_DESCRIPTOR), which is
/// enough to choose and to make plans, not to run them.
struct gn_gpu_cudnn {
    const struct gn_gpu_libraries *libraries;
    cudnnHandle_t handle;            /* or NULL */
    cudnnBackendDescriptor_t device; /* or NULL */
};

/// What a convolution is, as far as plans depend on it. Compared as bytes: start with {0}.
struct gn_gpu_shape {
    int batch;
    int input_height, input_width, input_channels, input_pitch;
    int output_height, output_width, output_channels;
    int kernel_height, kernel_width, stride_height, stride_width;
    int pad_top, pad_left, pad_bottom, pad_right;
    int alignment; /* bytes, of inputs and outputs */
    int type;      /* enum gn_device_type */
    int relu, tf32;
};

/// How much of the work cuDNN does. Its output has no gaps between pixels: all engines that come compiled write slices of
/// larger maps by way of a copy of their own, which needs as much work space as ours.
enum gn_gpu_form {
    GN_GPU_FUSED,        /* bias (rounded to the program's type) and ReLU too */
    GN_GPU_SUMS,         /* sums in float32; bias and ReLU are to be done */
    GN_GPU_SUMS_ROUNDED, /* the same, sums rounded to the program's type */
    GN_GPU_FORMS,
};

/// The descriptors that a plan is made of, in the order of making.
struct gn_gpu_descriptors {
    cudnnBackendDescriptor_t all[GN_GPU_DESCRIPTORS];
    int n;
};

/// A plan, ready to run.
struct gn_gpu_convolution {
    enum gn_gpu_form form;
    struct gn_gpu_descriptors parts;
    cudnnBackendDescriptor_t plan; /* one of the parts */
    int64_t engine; /* cuDNN's number, and which of the choice's recipes: for tests */
    int recipe;
    size_t work_size;   /* bytes that cuDNN needs */
    size_t output_size; /* bytes of the output without gaps */
};

/// What was chosen so far, for one device. Not thread-safe.
struct gn_gpu_choices {
    struct gn_gpu_choice *all;
    size_t n, capacity;
};

void gn_gpu_choices_clear(struct gn_gpu_choices *choices);

/// The shape of a step for `batch` images.
struct gn_gpu_shape gn_gpu_shape_of(const struct gn_device_step *step,
                                    const struct gn_device_code *code);

/// The shape by which a step's algorithm is chosen: the same for all batches and numbers of rows.
struct gn_gpu_shape gn_gpu_shape_reference(const struct gn_gpu_shape *shape, int full_height);

/// Makes a plan. It starts zeroed; gn_gpu_convolution_clear() also after a failure.
/** @param choices  of the device, read and added to
    @return         GN_OK, GN_E_UNAVAILABLE (no engine: the message says what cuDNN said of the last), GN_E_MEMORY */
GN_MUST_CHECK
int gn_gpu_convolution_make(struct gn_gpu_convolution *convolution,
                            const struct gn_gpu_cudnn *cudnn, struct gn_gpu_choices *choices,
                            const struct gn_gpu_shape *shape, int full_height, gn_error_t *err);
void gn_gpu_convolution_clear(struct gn_gpu_convolution *convolution,
                              const struct gn_gpu_cudnn *cudnn);

/// What a run reads and writes: device addresses.
struct gn_gpu_operands {
    const void *input, *weights, *bias;
    void *output, *work;
};

/// Starts a plan on the handle's stream. `bias` is of the program's type; forms that leave it out do not read it. One thread per plan and handle at a time. GN_E_UNAVAILABLE: cuDNN failed.
GN_MUST_CHECK
int gn_gpu_convolution_run(const struct gn_gpu_convolution *convolution,
                           const struct gn_gpu_cudnn *cudnn, const struct gn_gpu_operands *operands,
                           gn_error_t *err);

#endif

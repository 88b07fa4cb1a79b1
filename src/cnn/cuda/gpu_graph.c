/* SPDX-License-Identifier: MIT
 *
 * gpu_graph.c - a convolution, the sum with its bias and ReLU as one graph of cuDNN's operations.
 *
 * cuDNN names dimensions images, channels, rows, columns; strides say that channels are fastest. Sums are of float32
 * everywhere, and so is what passes between the operations.
 */
#include "cnn/cuda/gpu_graph.h"

cudnnBackendDescriptor_t gn_gpu_new(struct gn_gpu_maker *maker, cudnnBackendDescriptorType_t type)
{
    cudnnBackendDescriptor_t made = NULL;
    struct gn_gpu_descriptors *parts = maker->parts;
    if (maker->status == CUDNN_STATUS_SUCCESS && parts->n == GN_GPU_DESCRIPTORS)
        maker->status = CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED;
    if (maker->status == CUDNN_STATUS_SUCCESS)
        maker->status = maker->cudnn->libraries->create_descriptor(type, &made);
    if (maker->status != CUDNN_STATUS_SUCCESS)
        return NULL;
    parts->all[parts->n++] = made;
    return made;
}

void gn_gpu_put(struct gn_gpu_maker *maker, cudnnBackendDescriptor_t descriptor,
                cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, int64_t n,
                const void *values)
{
    if (maker->status == CUDNN_STATUS_SUCCESS)
        maker->status = maker->cudnn->libraries->set_attribute(descriptor, name, type, n, values);
}

int64_t gn_gpu_get(struct gn_gpu_maker *maker, cudnnBackendDescriptor_t descriptor,
                   cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, int64_t n,
                   void *values)
{
    int64_t found = 0;
    if (maker->status == CUDNN_STATUS_SUCCESS)
        maker->status =
            maker->cudnn->libraries->get_attribute(descriptor, name, type, n, &found, values);
    return maker->status == CUDNN_STATUS_SUCCESS ? found : 0;
}

void gn_gpu_put_part(struct gn_gpu_maker *maker, cudnnBackendDescriptor_t descriptor,
                     cudnnBackendAttributeName_t name, cudnnBackendDescriptor_t part)
{
    gn_gpu_put(maker, descriptor, name, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &part);
}

void gn_gpu_finish(struct gn_gpu_maker *maker, cudnnBackendDescriptor_t descriptor)
{
    if (maker->status == CUDNN_STATUS_SUCCESS)
        maker->status = maker->cudnn->libraries->finalize(descriptor);
}

void gn_gpu_drop(const struct gn_gpu_cudnn *cudnn, struct gn_gpu_descriptors *parts, int n)
{
    while (parts->n > n)
        cudnn->libraries->destroy_descriptor(parts->all[--parts->n]);
}

static cudnnDataType_t data_type(int type)
{
    return type == GN_DEVICE_FLOAT16 ? CUDNN_DATA_HALF
           : type == GN_DEVICE_BF16  ? CUDNN_DATA_BFLOAT16
                                     : CUDNN_DATA_FLOAT;
}

/* A tensor's extent: images (or output channels), height, width, channels, and numbers from a pixel to the next. */
struct extent {
    int images, height, width, channels, pitch;
};

static cudnnBackendDescriptor_t tensor(struct gn_gpu_maker *maker, enum gn_gpu_tensor name,
                                       cudnnDataType_t type, const struct extent *extent,
                                       int64_t alignment)
{
    cudnnBackendDescriptor_t made = gn_gpu_new(maker, CUDNN_BACKEND_TENSOR_DESCRIPTOR);
    int64_t unique = name, row = (int64_t)extent->width * extent->pitch;
    int64_t dimensions[4] = {extent->images, extent->channels, extent->height, extent->width};
    int64_t strides[4] = {extent->height * row, 1, row, extent->pitch};
    bool is_virtual = name == GN_GPU_CONVOLVED || name == GN_GPU_BIASED;
    gn_gpu_put(maker, made, CUDNN_ATTR_TENSOR_DATA_TYPE, CUDNN_TYPE_DATA_TYPE, 1, &type);
    gn_gpu_put(maker, made, CUDNN_ATTR_TENSOR_DIMENSIONS, CUDNN_TYPE_INT64, 4, dimensions);
    gn_gpu_put(maker, made, CUDNN_ATTR_TENSOR_STRIDES, CUDNN_TYPE_INT64, 4, strides);
    gn_gpu_put(maker, made, CUDNN_ATTR_TENSOR_UNIQUE_ID, CUDNN_TYPE_INT64, 1, &unique);
    gn_gpu_put(maker, made, CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, CUDNN_TYPE_INT64, 1, &alignment);
    gn_gpu_put(maker, made, CUDNN_ATTR_TENSOR_IS_VIRTUAL, CUDNN_TYPE_BOOLEAN, 1, &is_virtual);
    gn_gpu_finish(maker, made);
    return made;
}

static cudnnBackendDescriptor_t convolution(struct gn_gpu_maker *maker,
                                            const struct gn_gpu_shape *shape)
{
    cudnnBackendDescriptor_t made = gn_gpu_new(maker, CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR);
    cudnnDataType_t compute = CUDNN_DATA_FLOAT;
    cudnnConvolutionMode_t mode = CUDNN_CROSS_CORRELATION;
    int64_t dimensions = 2, dilations[2] = {1, 1};
    int64_t strides[2] = {shape->stride_height, shape->stride_width};
    int64_t before[2] = {shape->pad_top, shape->pad_left};
    int64_t after[2] = {shape->pad_bottom, shape->pad_right};
    gn_gpu_put(maker, made, CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, CUDNN_TYPE_INT64, 1, &dimensions);
    gn_gpu_put(maker, made, CUDNN_ATTR_CONVOLUTION_COMP_TYPE, CUDNN_TYPE_DATA_TYPE, 1, &compute);
    gn_gpu_put(maker, made, CUDNN_ATTR_CONVOLUTION_CONV_MODE, CUDNN_TYPE_CONVOLUTION_MODE, 1,
               &mode);
    gn_gpu_put(maker, made, CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, CUDNN_TYPE_INT64, 2, before);
    gn_gpu_put(maker, made, CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, CUDNN_TYPE_INT64, 2, after);
    gn_gpu_put(maker, made, CUDNN_ATTR_CONVOLUTION_DILATIONS, CUDNN_TYPE_INT64, 2, dilations);
    gn_gpu_put(maker, made, CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, CUDNN_TYPE_INT64, 2, strides);
    gn_gpu_finish(maker, made);
    return made;
}

static cudnnBackendDescriptor_t convolve(struct gn_gpu_maker *maker,
                                         const struct gn_gpu_shape *shape,
                                         cudnnBackendDescriptor_t output)
{
    struct extent in = {shape->batch, shape->input_height, shape->input_width,
                        shape->input_channels, shape->input_pitch};
    struct extent kernel = {shape->output_channels, shape->kernel_height, shape->kernel_width,
                            shape->input_channels, shape->input_channels};
    cudnnDataType_t type = data_type(shape->type);
    cudnnBackendDescriptor_t input = tensor(maker, GN_GPU_INPUT, type, &in, shape->alignment);
    cudnnBackendDescriptor_t weights = tensor(maker, GN_GPU_WEIGHTS, type, &kernel, 16);
    cudnnBackendDescriptor_t how = convolution(maker, shape);
    cudnnBackendDescriptor_t made =
        gn_gpu_new(maker, CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR);
    float alpha = 1, beta = 0;
    gn_gpu_put_part(maker, made, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X, input);
    gn_gpu_put_part(maker, made, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W, weights);
    gn_gpu_put_part(maker, made, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y, output);
    gn_gpu_put_part(maker, made, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC, how);
    gn_gpu_put(maker, made, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA, CUDNN_TYPE_FLOAT, 1,
               &alpha);
    gn_gpu_put(maker, made, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA, CUDNN_TYPE_FLOAT, 1,
               &beta);
    gn_gpu_finish(maker, made);
    return made;
}

/* to = from + other, or ReLU of it where there is no other. */
static cudnnBackendDescriptor_t pointwise(struct gn_gpu_maker *maker, cudnnBackendDescriptor_t from,
                                          cudnnBackendDescriptor_t other,
                                          cudnnBackendDescriptor_t to)
{
    cudnnPointwiseMode_t mode = other != NULL ? CUDNN_POINTWISE_ADD : CUDNN_POINTWISE_RELU_FWD;
    cudnnDataType_t compute = CUDNN_DATA_FLOAT;
    cudnnBackendDescriptor_t how = gn_gpu_new(maker, CUDNN_BACKEND_POINTWISE_DESCRIPTOR);
    gn_gpu_put(maker, how, CUDNN_ATTR_POINTWISE_MODE, CUDNN_TYPE_POINTWISE_MODE, 1, &mode);
    gn_gpu_put(maker, how, CUDNN_ATTR_POINTWISE_MATH_PREC, CUDNN_TYPE_DATA_TYPE, 1, &compute);
    gn_gpu_finish(maker, how);
    cudnnBackendDescriptor_t made = gn_gpu_new(maker, CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR);
    gn_gpu_put_part(maker, made, CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR, how);
    gn_gpu_put_part(maker, made, CUDNN_ATTR_OPERATION_POINTWISE_XDESC, from);
    if (other != NULL)
        gn_gpu_put_part(maker, made, CUDNN_ATTR_OPERATION_POINTWISE_BDESC, other);
    gn_gpu_put_part(maker, made, CUDNN_ATTR_OPERATION_POINTWISE_YDESC, to);
    gn_gpu_finish(maker, made);
    return made;
}

/* The operations of a form in their order; returns how many. */
static int operations(struct gn_gpu_maker *maker, const struct gn_gpu_shape *shape,
                      enum gn_gpu_form form, cudnnBackendDescriptor_t made[3])
{
    cudnnDataType_t type = form == GN_GPU_SUMS ? CUDNN_DATA_FLOAT : data_type(shape->type);
    struct extent packed = {shape->batch, shape->output_height, shape->output_width,
                            shape->output_channels, shape->output_channels};
    cudnnBackendDescriptor_t output = tensor(maker, GN_GPU_OUTPUT, type, &packed, shape->alignment);
    if (form != GN_GPU_FUSED) {
        made[0] = convolve(maker, shape, output);
        return 1;
    }
    struct extent one = {1, 1, 1, shape->output_channels, shape->output_channels};
    cudnnBackendDescriptor_t bias = tensor(maker, GN_GPU_BIAS, type, &one, 16);
    cudnnBackendDescriptor_t sums = tensor(maker, GN_GPU_CONVOLVED, CUDNN_DATA_FLOAT, &packed, 16);
    cudnnBackendDescriptor_t biased =
        shape->relu ? tensor(maker, GN_GPU_BIASED, CUDNN_DATA_FLOAT, &packed, 16) : output;
    made[0] = convolve(maker, shape, sums);
    made[1] = pointwise(maker, sums, bias, biased);
    if (!shape->relu)
        return 2;
    made[2] = pointwise(maker, biased, NULL, output);
    return 3;
}

cudnnBackendDescriptor_t gn_gpu_graph(struct gn_gpu_maker *maker, const struct gn_gpu_shape *shape,
                                      enum gn_gpu_form form)
{
    cudnnBackendDescriptor_t made[3];
    int n = operations(maker, shape, form, made);
    cudnnBackendDescriptor_t graph = gn_gpu_new(maker, CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR);
    gn_gpu_put(maker, graph, CUDNN_ATTR_OPERATIONGRAPH_OPS, CUDNN_TYPE_BACKEND_DESCRIPTOR, n, made);
    cudnnHandle_t handle = maker->cudnn->handle;
    if (handle != NULL)
        gn_gpu_put(maker, graph, CUDNN_ATTR_OPERATIONGRAPH_HANDLE, CUDNN_TYPE_HANDLE, 1, &handle);
    gn_gpu_finish(maker, graph);
    return maker->status == CUDNN_STATUS_SUCCESS ? graph : NULL;
}

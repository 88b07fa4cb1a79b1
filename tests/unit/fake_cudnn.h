/* SPDX-License-Identifier: MIT
 *
 * fake_cudnn.h - cuDNN's backend on the fake runtime: descriptors that keep what is put into them, heuristics that name
 * three engines of which one may be taken, and convolutions computed by what their descriptors say.
 *
 * A plan is refused unless it is made as the heuristics said. So gpu_graph.c and gpu_convolve.c run as on a GPU.
 */
#ifndef GN_TESTS_FAKE_CUDNN_H
#define GN_TESTS_FAKE_CUDNN_H

#include <cudnn.h>

#include "cnn/cuda/gpu_convolve.h"
#include "cnn/cuda/gpu_kernel_bodies.h"
#include "fake_numbers.h"
#include "fake_world.h"

enum {
    FAKE_ATTRIBUTES = 16,
    FAKE_WINOGRAD = 7, /* engines: of other sums, compiled when a plan is made, the one to take */
    FAKE_COMPILED = 5,
    FAKE_ENGINE = 3,
    FAKE_KNOB = CUDNN_KNOB_TYPE_TILE_SIZE,
    FAKE_KNOB_VALUE = 42,
};

struct cudnnContext {
    int device;
    cudaStream_t stream;
};

struct fake_attribute {
    cudnnBackendAttributeName_t name;
    cudnnBackendAttributeType_t type;
    int64_t n;
    unsigned char bytes[64];
};

struct fake_descriptor {
    cudnnBackendDescriptorType_t type;
    bool is_finished;
    struct fake_attribute attributes[FAKE_ATTRIBUTES];
    int n;
};

static inline size_t fake_attribute_size(cudnnBackendAttributeType_t type)
{
    switch (type) {
    case CUDNN_TYPE_INT64:
        return sizeof(int64_t);
    case CUDNN_TYPE_HANDLE:
    case CUDNN_TYPE_VOID_PTR:
    case CUDNN_TYPE_BACKEND_DESCRIPTOR:
        return sizeof(void *);
    case CUDNN_TYPE_BOOLEAN:
        return sizeof(bool);
    default:
        return 4; /* enumerations, float */
    }
}

static inline cudnnStatus_t fake_create_descriptor(cudnnBackendDescriptorType_t type,
                                                   cudnnBackendDescriptor_t *descriptor)
{
    struct fake_descriptor *made = fake_make(sizeof *made, &fake.descriptors);
    made->type = type;
    *descriptor = made;
    return CUDNN_STATUS_SUCCESS;
}

static inline cudnnStatus_t fake_destroy_descriptor(cudnnBackendDescriptor_t descriptor)
{
    free(descriptor);
    fake_add(&fake.descriptors, -1);
    return CUDNN_STATUS_SUCCESS;
}

static inline cudnnStatus_t fake_set(cudnnBackendDescriptor_t descriptor,
                                     cudnnBackendAttributeName_t name,
                                     cudnnBackendAttributeType_t type, int64_t n,
                                     const void *values)
{
    struct fake_descriptor *of = descriptor;
    size_t size = fake_attribute_size(type) * (size_t)n;
    if (of == NULL || of->is_finished || of->n == FAKE_ATTRIBUTES || n < 1 ||
        size > sizeof of->attributes[0].bytes)
        return CUDNN_STATUS_BAD_PARAM;
    struct fake_attribute *attribute = &of->attributes[of->n++];
    *attribute = (struct fake_attribute){name, type, n, {0}};
    memcpy(attribute->bytes, values, size);
    return CUDNN_STATUS_SUCCESS;
}

/* NULL: it was not set. */
static inline const struct fake_attribute *fake_find(cudnnBackendDescriptor_t descriptor,
                                                     cudnnBackendAttributeName_t name)
{
    const struct fake_descriptor *of = descriptor;
    for (int i = 0; of != NULL && i < of->n; i++)
        if (of->attributes[i].name == name)
            return &of->attributes[i];
    return NULL;
}

/* Copies n values; false where there are fewer. */
static inline bool fake_read(cudnnBackendDescriptor_t descriptor, cudnnBackendAttributeName_t name,
                             int64_t n, void *values)
{
    const struct fake_attribute *found = fake_find(descriptor, name);
    if (found == NULL || found->n < n)
        return false;
    memcpy(values, found->bytes, fake_attribute_size(found->type) * (size_t)n);
    return true;
}

static inline cudnnBackendDescriptor_t fake_part(cudnnBackendDescriptor_t descriptor,
                                                 cudnnBackendAttributeName_t name)
{
    cudnnBackendDescriptor_t part = NULL;
    fake_read(descriptor, name, 1, &part);
    return part;
}

static inline int64_t fake_int64(cudnnBackendDescriptor_t descriptor,
                                 cudnnBackendAttributeName_t name)
{
    int64_t value = -1;
    fake_read(descriptor, name, 1, &value);
    return value;
}

/* A tensor of four dimensions: images (or output channels), channels, rows, columns. */
struct fake_tensor {
    int64_t name, dimensions[4], strides[4], alignment;
    enum gn_device_type type;
    unsigned char *start;
};

struct fake_convolution {
    struct fake_tensor input, weights, bias, output;
    int64_t strides[2], before[2], after[2];
    bool has_bias, relu;
    void *work;
    size_t work_size;
};

static inline bool fake_read_tensor(cudnnBackendDescriptor_t descriptor, struct fake_tensor *tensor)
{
    cudnnDataType_t type = CUDNN_DATA_INT8;
    bool is_whole =
        fake_read(descriptor, CUDNN_ATTR_TENSOR_UNIQUE_ID, 1, &tensor->name) &&
        fake_read(descriptor, CUDNN_ATTR_TENSOR_DIMENSIONS, 4, tensor->dimensions) &&
        fake_read(descriptor, CUDNN_ATTR_TENSOR_STRIDES, 4, tensor->strides) &&
        fake_read(descriptor, CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, 1, &tensor->alignment) &&
        fake_read(descriptor, CUDNN_ATTR_TENSOR_DATA_TYPE, 1, &type);
    tensor->type = type == CUDNN_DATA_HALF       ? GN_DEVICE_FLOAT16
                   : type == CUDNN_DATA_BFLOAT16 ? GN_DEVICE_BF16
                                                 : GN_DEVICE_FLOAT32;
    return is_whole && type != CUDNN_DATA_INT8;
}

/* What a graph computes; the form, or -1 where it is none. */
static inline int fake_read_graph(cudnnBackendDescriptor_t graph, struct fake_convolution *made)
{
    const struct fake_attribute *found = fake_find(graph, CUDNN_ATTR_OPERATIONGRAPH_OPS);
    cudnnBackendDescriptor_t ops[3] = {NULL, NULL, NULL};
    if (found == NULL || found->n > 3)
        return -1;
    memcpy(ops, found->bytes, sizeof(void *) * (size_t)found->n);
    cudnnBackendDescriptor_t how =
        fake_part(ops[0], CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC);
    cudnnBackendDescriptor_t last = fake_part(ops[0], CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y);
    memset(made, 0, sizeof *made);
    for (int i = 1; i < found->n; i++) {
        cudnnBackendDescriptor_t what =
            fake_part(ops[i], CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR);
        cudnnPointwiseMode_t mode = CUDNN_POINTWISE_MUL;
        fake_read(what, CUDNN_ATTR_POINTWISE_MODE, 1, &mode);
        if (fake_part(ops[i], CUDNN_ATTR_OPERATION_POINTWISE_XDESC) != last)
            return -1;
        last = fake_part(ops[i], CUDNN_ATTR_OPERATION_POINTWISE_YDESC);
        if (mode == CUDNN_POINTWISE_ADD && i == 1)
            made->has_bias = fake_read_tensor(
                fake_part(ops[i], CUDNN_ATTR_OPERATION_POINTWISE_BDESC), &made->bias);
        else if (mode == CUDNN_POINTWISE_RELU_FWD && i == 2)
            made->relu = true;
        else
            return -1;
    }
    if (!fake_read_tensor(fake_part(ops[0], CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X),
                          &made->input) ||
        !fake_read_tensor(fake_part(ops[0], CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W),
                          &made->weights) ||
        !fake_read_tensor(last, &made->output) ||
        !fake_read(how, CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, 2, made->strides) ||
        !fake_read(how, CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, 2, made->before) ||
        !fake_read(how, CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, 2, made->after))
        return -1;
    if (made->has_bias)
        return GN_GPU_FUSED;
    return made->output.type == GN_DEVICE_FLOAT32 ? GN_GPU_SUMS : GN_GPU_SUMS_ROUNDED;
}

/* Whether the output has the size that input, kernel and padding give. */
static inline bool fake_fits(const struct fake_convolution *made)
{
    const int64_t *in = made->input.dimensions, *kernel = made->weights.dimensions;
    const int64_t *out = made->output.dimensions;
    bool fits = in[0] == out[0] && in[1] == kernel[1] && kernel[0] == out[1];
    fits = fits && out[1] % FAKE_GROUP == 0;
    for (int i = 0; i < 2; i++) {
        int64_t room = in[i + 2] + made->before[i] + made->after[i] - kernel[i + 2];
        fits = fits && room >= 0 && room / made->strides[i] + 1 == out[i + 2];
    }
    return fits && (!made->has_bias || made->bias.dimensions[1] == out[1]);
}

static inline size_t fake_work_size(const struct fake_convolution *made)
{
    return 1000 + fake.work_of_image * (size_t)made->input.dimensions[0];
}

/* The graph that a plan computes. */
static inline cudnnBackendDescriptor_t fake_graph_of(cudnnBackendDescriptor_t plan)
{
    cudnnBackendDescriptor_t config = fake_part(plan, CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG);
    cudnnBackendDescriptor_t engine = fake_part(config, CUDNN_ATTR_ENGINECFG_ENGINE);
    return fake_part(engine, CUDNN_ATTR_ENGINE_OPERATION_GRAPH);
}

static inline cudnnStatus_t fake_finish_plan(cudnnBackendDescriptor_t plan)
{
    struct fake_convolution made;
    cudnnBackendDescriptor_t config = fake_part(plan, CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG);
    cudnnBackendDescriptor_t engine = fake_part(config, CUDNN_ATTR_ENGINECFG_ENGINE);
    cudnnBackendDescriptor_t knob = fake_part(config, CUDNN_ATTR_ENGINECFG_KNOB_CHOICES);
    int32_t type = -1;
    fake_read(knob, CUDNN_ATTR_KNOB_CHOICE_KNOB_TYPE, 1, &type);
    int64_t number = fake_int64(engine, CUDNN_ATTR_ENGINE_GLOBAL_INDEX);
    int form = fake_read_graph(fake_graph_of(plan), &made);
    if (form < 0 || !fake_fits(&made) || fake_find(plan, CUDNN_ATTR_EXECUTION_PLAN_HANDLE) == NULL)
        return CUDNN_STATUS_BAD_PARAM;
    if (number == FAKE_WINOGRAD || number == FAKE_COMPILED)
        fake_misuse("an engine was taken that may not be");
    if (form < fake.least_form || number != FAKE_ENGINE || type != FAKE_KNOB ||
        fake_int64(knob, CUDNN_ATTR_KNOB_CHOICE_KNOB_VALUE) != FAKE_KNOB_VALUE)
        return CUDNN_STATUS_NOT_SUPPORTED;
    return CUDNN_STATUS_SUCCESS;
}

static inline cudnnStatus_t fake_finalize(cudnnBackendDescriptor_t descriptor)
{
    struct fake_descriptor *of = descriptor;
    for (int i = 0; i < of->n; i++)
        for (int64_t k = 0; k < of->attributes[i].n; k++) {
            const struct fake_descriptor *part;
            if (of->attributes[i].type != CUDNN_TYPE_BACKEND_DESCRIPTOR)
                break;
            memcpy(&part, of->attributes[i].bytes + sizeof part * (size_t)k, sizeof part);
            if (part == NULL || !part->is_finished)
                return CUDNN_STATUS_BAD_PARAM;
        }
    if (of->type == CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR) {
        cudnnStatus_t status = fake_finish_plan(of);
        if (status != CUDNN_STATUS_SUCCESS)
            return status;
    }
    of->is_finished = true;
    return CUDNN_STATUS_SUCCESS;
}

static inline void fake_fill(cudnnBackendDescriptor_t descriptor, cudnnBackendAttributeName_t name,
                             int64_t value)
{
    struct fake_descriptor *of = descriptor;
    fake_set(of, name, CUDNN_TYPE_INT64, 1, &value);
    of->is_finished = true;
}

/* The engines by the first mode; none by the second, and none of a form that is not computed. */
static inline int64_t fake_heuristics(cudnnBackendDescriptor_t asked, int64_t n, void *values)
{
    static const int64_t engines[3] = {FAKE_WINOGRAD, FAKE_COMPILED, FAKE_ENGINE};
    struct fake_convolution made;
    cudnnBackendHeurMode_t mode = CUDNN_HEUR_MODE_B;
    fake_read(asked, CUDNN_ATTR_ENGINEHEUR_MODE, 1, &mode);
    int form = fake_read_graph(fake_part(asked, CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH), &made);
    if (mode != CUDNN_HEUR_MODE_A || form < fake.least_form)
        return 0;
    for (int64_t i = 0; i < n && i < 3; i++)
        fake_fill(((cudnnBackendDescriptor_t *)values)[i], CUDNN_ATTR_ENGINE_GLOBAL_INDEX,
                  engines[i]);
    return 3;
}

static inline cudnnStatus_t fake_get(cudnnBackendDescriptor_t const descriptor,
                                     cudnnBackendAttributeName_t name,
                                     cudnnBackendAttributeType_t type, int64_t n, int64_t *found,
                                     void *values)
{
    struct fake_descriptor *of = descriptor;
    int64_t engine = fake_int64(of, CUDNN_ATTR_ENGINE_GLOBAL_INDEX);
    struct fake_convolution made;
    int32_t note = engine == FAKE_WINOGRAD ? CUDNN_NUMERICAL_NOTE_WINOGRAD
                                           : CUDNN_NUMERICAL_NOTE_STRICT_NAN_PROP;
    (void)type;
    *found = 1;
    if (of == NULL || !of->is_finished)
        return CUDNN_STATUS_BAD_PARAM;
    switch (name) {
    case CUDNN_ATTR_ENGINEHEUR_RESULTS:
        *found = fake_heuristics(of, n, values);
        return CUDNN_STATUS_SUCCESS;
    case CUDNN_ATTR_ENGINECFG_ENGINE:
        fake_fill(*(cudnnBackendDescriptor_t *)values, CUDNN_ATTR_ENGINE_GLOBAL_INDEX, engine);
        return CUDNN_STATUS_SUCCESS;
    case CUDNN_ATTR_ENGINECFG_KNOB_CHOICES:
        fake_fill(*(cudnnBackendDescriptor_t *)values, CUDNN_ATTR_KNOB_CHOICE_KNOB_VALUE,
                  FAKE_KNOB_VALUE);
        return CUDNN_STATUS_SUCCESS;
    case CUDNN_ATTR_KNOB_CHOICE_KNOB_TYPE:
        *(cudnnBackendKnobType_t *)values = (cudnnBackendKnobType_t)FAKE_KNOB;
        return CUDNN_STATUS_SUCCESS;
    case CUDNN_ATTR_ENGINE_NUMERICAL_NOTE:
        memcpy(values, &note, sizeof note);
        return CUDNN_STATUS_SUCCESS;
    case CUDNN_ATTR_ENGINE_BEHAVIOR_NOTE:
        *found = engine == FAKE_COMPILED;
        note = CUDNN_BEHAVIOR_NOTE_RUNTIME_COMPILATION;
        memcpy(values, &note, sizeof note);
        return CUDNN_STATUS_SUCCESS;
    case CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE:
        fake_read_graph(fake_graph_of(of), &made);
        *(int64_t *)values = (int64_t)fake_work_size(&made);
        return CUDNN_STATUS_SUCCESS;
    default:
        return fake_read(of, name, n, values) ? CUDNN_STATUS_SUCCESS : CUDNN_STATUS_BAD_PARAM;
    }
}

/* A tensor's numbers in an order of its dimensions, the last one fastest. */
static inline float *fake_numbers(const struct fake_tensor *tensor, const int order[4])
{
    int64_t size[4], step[4];
    size_t at = 0;
    for (int i = 0; i < 4; i++) {
        size[i] = tensor->dimensions[order[i]];
        step[i] = tensor->strides[order[i]];
    }
    float *numbers = fake_floats(size[0] * size[1] * size[2] * size[3]);
    for (int64_t i = 0; i < size[0]; i++)
        for (int64_t j = 0; j < size[1]; j++)
            for (int64_t k = 0; k < size[2]; k++)
                for (int64_t l = 0; l < size[3]; l++)
                    gn_body_read(tensor->type, 1, tensor->start,
                                 i * step[0] + j * step[1] + k * step[2] + l * step[3],
                                 &numbers[at++]);
    return numbers;
}

/* The sums of one output pixel (image, row, column). `input` is by image, row, column, channel; `weights` by row, column,
 * input channel, output channel. */
static inline void fake_add_products(const struct fake_convolution *made, const float *input,
                                     const float *weights, const int64_t place[3], float *sums)
{
    const int64_t *in = made->input.dimensions, *kernel = made->weights.dimensions;
    const int64_t channels = kernel[0];
    memset(sums, 0, (size_t)channels * sizeof *sums);
    for (int64_t i = 0; i < kernel[2]; i++)
        for (int64_t j = 0; j < kernel[3]; j++) {
            int64_t y = place[1] * made->strides[0] - made->before[0] + i;
            int64_t x = place[2] * made->strides[1] - made->before[1] + j;
            if (y < 0 || x < 0 || y >= in[2] || x >= in[3])
                continue;
            const float *cell = input + ((place[0] * in[2] + y) * in[3] + x) * in[1];
            const float *tap = weights + (i * kernel[3] + j) * in[1] * channels;
            for (int64_t c = 0; c < in[1]; c++)
                fake_add_scaled(sums, tap + c * channels, cell[c], channels);
        }
}

static inline void fake_write_sums(const struct fake_convolution *made, const int64_t place[3],
                                   const float *sums)
{
    const int64_t *step = made->output.strides;
    int64_t first = place[0] * step[0] + place[1] * step[2] + place[2] * step[3];
    for (int64_t c = 0; c < made->output.dimensions[1]; c++) {
        float bias = 0, sum = sums[c];
        if (made->has_bias)
            gn_body_read(made->bias.type, 1, made->bias.start, c * made->bias.strides[1], &bias);
        sum += bias;
        if (made->relu && sum < 0)
            sum = 0;
        gn_body_write(made->output.type, 1, made->output.start, first + c * step[1], &sum);
    }
}

static inline void fake_convolve(const void *arguments)
{
    struct fake_convolution made;
    memcpy(&made, arguments, sizeof made);
    const int64_t *out = made.output.dimensions;
    float *input = fake_numbers(&made.input, (const int[4]){0, 2, 3, 1});
    float *weights = fake_numbers(&made.weights, (const int[4]){2, 3, 1, 0});
    float *sums = fake_floats(out[1]);
    for (int64_t n = 0; n < out[0]; n++)
        for (int64_t y = 0; y < out[2]; y++)
            for (int64_t x = 0; x < out[3]; x++) {
                const int64_t place[3] = {n, y, x};
                fake_add_products(&made, input, weights, place, sums);
                fake_write_sums(&made, place, sums);
            }
    memset(made.work, 0x55, made.work_size); /* last: an output that overlaps is spoilt */
    free(input);
    free(weights);
    free(sums);
}

/* The address of a tensor in a pack; true when it is in device memory and aligned. */
static inline bool fake_place(cudnnBackendDescriptor_t pack, struct fake_tensor *tensor)
{
    const struct fake_attribute *names = fake_find(pack, CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS);
    const struct fake_attribute *all = fake_find(pack, CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS);
    const int64_t *size = tensor->dimensions, *step = tensor->strides;
    int64_t last = 0;
    for (int i = 0; i < 4; i++)
        last += (size[i] - 1) * step[i];
    for (int64_t i = 0; names != NULL && all != NULL && i < names->n && i < all->n; i++) {
        int64_t name;
        memcpy(&name, names->bytes + 8 * i, sizeof name);
        if (name == tensor->name)
            memcpy(&tensor->start, all->bytes + 8 * i, sizeof tensor->start);
    }
    return tensor->start != NULL && (uintptr_t)tensor->start % (size_t)tensor->alignment == 0 &&
           fake_holds(tensor->start, (size_t)(last + 1) * gn_device_type_size(tensor->type), true);
}

static inline cudnnStatus_t fake_execute(cudnnHandle_t handle, cudnnBackendDescriptor_t plan,
                                         cudnnBackendDescriptor_t pack)
{
    struct fake_convolution made;
    if (fake_fails(FAKE_CUDNN_EXECUTE))
        return CUDNN_STATUS_EXECUTION_FAILED;
    fake_read_graph(fake_graph_of(plan), &made);
    made.work_size = fake_work_size(&made);
    bool is_right = fake_read(pack, CUDNN_ATTR_VARIANT_PACK_WORKSPACE, 1, &made.work) &&
                    fake_holds(made.work, made.work_size, true) &&
                    (uintptr_t)made.work % 256 == 0 && fake_place(pack, &made.input) &&
                    fake_place(pack, &made.weights) && fake_place(pack, &made.output) &&
                    (!made.has_bias || fake_place(pack, &made.bias));
    if (!is_right || handle->device != fake_current) {
        fake_misuse("a convolution outside of its memory");
        return CUDNN_STATUS_BAD_PARAM;
    }
    fake_start(handle->stream, fake_convolve, &made, sizeof made);
    return CUDNN_STATUS_SUCCESS;
}

static inline cudnnStatus_t fake_cudnn_create(cudnnHandle_t *handle)
{
    if (fake_fails(FAKE_CUDNN_CREATE))
        return CUDNN_STATUS_NOT_INITIALIZED;
    *handle = fake_make(sizeof **handle, &fake.handles);
    (*handle)->device = fake_current;
    return CUDNN_STATUS_SUCCESS;
}

static inline cudnnStatus_t fake_cudnn_destroy(cudnnHandle_t handle)
{
    free(handle);
    fake_add(&fake.handles, -1);
    return CUDNN_STATUS_SUCCESS;
}

static inline cudnnStatus_t fake_set_stream(cudnnHandle_t handle, cudaStream_t stream)
{
    handle->stream = stream;
    return CUDNN_STATUS_SUCCESS;
}

static inline size_t fake_cudnn_version(void)
{
    return 91900;
}

static inline const char *fake_cudnn_error(cudnnStatus_t status)
{
    return status == CUDNN_STATUS_NOT_SUPPORTED ? "not supported by the fake" : "a fake status";
}

static inline void fake_cudnn_last(char *text, size_t size)
{
    snprintf(text, size, "fake cuDNN's last words");
}

int gn_gpu_libraries_open_cudnn(struct gn_gpu_libraries *libraries, gn_error_t *err)
{
    (void)err;
    libraries->cudnn_version = fake_cudnn_version;
    libraries->cudnn_error_string = fake_cudnn_error;
    libraries->cudnn_last_error = fake_cudnn_last;
    libraries->cudnn_create = fake_cudnn_create;
    libraries->cudnn_destroy = fake_cudnn_destroy;
    libraries->cudnn_set_stream = fake_set_stream;
    libraries->create_descriptor = fake_create_descriptor;
    libraries->destroy_descriptor = fake_destroy_descriptor;
    libraries->set_attribute = fake_set;
    libraries->get_attribute = fake_get;
    libraries->finalize = fake_finalize;
    libraries->execute = fake_execute;
    return GN_OK;
}

void gn_gpu_libraries_close(struct gn_gpu_libraries *libraries)
{
    memset(libraries, 0, sizeof *libraries);
}

#endif

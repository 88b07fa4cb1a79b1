/* SPDX-License-Identifier: MIT
 *
 * onnx_layers.c - operators that become layers: convolutions, pools, concatenation, dense, softmax.
 *
 * Our layers pad by none ("valid") or by TensorFlow's rule ("same", models/README.md); other
 * paddings are refused.
 */
#include <string.h>

#include "cnn/onnx_operands.h"
#include "cnn/onnx_operators.h"

enum { MAX_KERNEL = 512 };

static bool is_text(const Onnx__Attribute *attribute, const char *text)
{
    return attribute->s.len == strlen(text) &&
           memcmp(attribute->s.data, text, attribute->s.len) == 0;
}

static int require(const struct gn_onnx_network *net, const Onnx__Node *node, const char *name,
                   int64_t wanted, gn_error_t *err)
{
    int64_t value = gn_onnx_int(node, name, wanted);
    if (value == wanted)
        return GN_OK;
    return gn_onnx_bad_node(net->file, node, err, "attribute '%s' is %lld: only %lld is supported",
                            name, (long long)value, (long long)wanted);
}

/* Two numbers of an attribute, both `fallback` when it is absent. */
static int read_pair(const struct gn_onnx_network *net, const Onnx__Node *node, const char *name,
                     int fallback, int pair[2], gn_error_t *err)
{
    const Onnx__Attribute *attribute = gn_onnx_attribute(node, name);
    pair[0] = pair[1] = fallback;
    if (attribute == NULL)
        return GN_OK;
    for (size_t i = 0; i < 2; i++) {
        if (attribute->n_ints != 2 || attribute->ints[i] < 1 || attribute->ints[i] > MAX_KERNEL)
            return gn_onnx_bad_node(net->file, node, err,
                                    "attribute '%s' must be two numbers from 1 to %d", name,
                                    MAX_KERNEL);
        pair[i] = (int)attribute->ints[i];
    }
    return GN_OK;
}

/* The zeros that "same" puts before (and in all around) one side of a map. */
static int same_total(int size, int kernel, int stride)
{
    int out = (size + stride - 1) / stride, total = (out - 1) * stride + kernel - size;
    return total > 0 ? total : 0;
}

/* Zeros top, left, bottom, right, as the node and Pad nodes before it say. */
static int read_padding(const struct gn_onnx_network *net, const Onnx__Node *node,
                        const struct gn_onnx_value *value, int64_t padding[4], gn_error_t *err)
{
    const Onnx__Attribute *list = gn_onnx_attribute(node, "pads");
    for (int i = 0; i < 4; i++)
        padding[i] = value->padding[i];
    if (list == NULL)
        return GN_OK;
    if (list->n_ints != 4)
        return gn_onnx_bad_node(net->file, node, err, "attribute 'pads' has %zu numbers, not 4",
                                list->n_ints);
    for (int i = 0; i < 4; i++) {
        if (list->ints[i] < 0 || list->ints[i] > MAX_KERNEL)
            return gn_onnx_bad_node(net->file, node, err, "attribute 'pads' has a bad number");
        padding[i] += list->ints[i];
    }
    return GN_OK;
}

static int choose_padding(const struct gn_onnx_network *net, const Onnx__Node *node,
                          const struct gn_onnx_value *value, struct gn_onnx_layer *layer,
                          gn_error_t *err)
{
    const Onnx__Attribute *by_rule = gn_onnx_attribute(node, "auto_pad");
    const int sizes[2] = {value->height, value->width};
    int64_t padding[4];
    int rc = read_padding(net, node, value, padding, err);
    if (rc != GN_OK)
        return rc;
    bool is_none = true, is_same = true, is_symmetric = true;
    for (int i = 0; i < 2; i++) {
        int total = same_total(sizes[i], layer->kernel[i], layer->stride[i]);
        is_none = is_none && padding[i] == 0 && padding[i + 2] == 0;
        is_same = is_same && padding[i] == total / 2 && padding[i + 2] == total - total / 2;
        is_symmetric = is_symmetric && total % 2 == 0;
    }
    if (by_rule != NULL && !is_text(by_rule, "NOTSET")) {
        if (!is_none)
            return gn_onnx_bad_node(net->file, node, err, "it has both 'auto_pad' and zeros");
        is_same =
            is_text(by_rule, "SAME_UPPER") || (is_text(by_rule, "SAME_LOWER") && is_symmetric);
        is_none = is_text(by_rule, "VALID");
    }
    layer->same = !is_none;
    if (is_none || is_same)
        return GN_OK;
    return gn_onnx_bad_node(
        net->file, node, err,
        "its zeros [%d, %d, %d, %d] around the map are neither none nor those of "
        "TensorFlow's 'same'",
        (int)padding[0], (int)padding[1], (int)padding[2], (int)padding[3]);
}

/* Rows and columns of the output; what our layers cannot do with the map's borders is refused. */
static int output_sides(const struct gn_onnx_network *net, const Onnx__Node *node,
                        const struct gn_onnx_layer *layer, struct gn_onnx_value *view,
                        gn_error_t *err)
{
    int *sides[2] = {&view->height, &view->width};
    for (int i = 0; i < 2; i++) {
        int size = *sides[i], rest = size - layer->kernel[i];
        if (!layer->same && rest < 0)
            return gn_onnx_bad_node(net->file, node, err,
                                    "its kernel of %d x %d is larger than its map of %d x %d",
                                    layer->kernel[0], layer->kernel[1], view->height, view->width);
        if (!layer->same && rest % layer->stride[i] != 0 && gn_onnx_int(node, "ceil_mode", 0) != 0)
            return gn_onnx_bad_node(net->file, node, err,
                                    "attribute 'ceil_mode' is 1: only 0 is supported");
        *sides[i] = layer->same ? (size + layer->stride[i] - 1) / layer->stride[i]
                                : rest / layer->stride[i] + 1;
    }
    return GN_OK;
}

/* Stride, dilation, padding and output of a convolution or pool whose kernel is known. */
static int finish_window(struct gn_onnx_network *net, const Onnx__Node *node,
                         const struct gn_onnx_value *value, struct gn_onnx_layer *layer,
                         gn_error_t *err)
{
    int dilations[2];
    int rc = read_pair(net, node, "dilations", 1, dilations, err);
    if (rc == GN_OK && (dilations[0] != 1 || dilations[1] != 1))
        rc = gn_onnx_bad_node(net->file, node, err, "attribute 'dilations' is not [1, 1]");
    if (rc == GN_OK)
        rc = read_pair(net, node, "strides", 1, layer->stride, err);
    if (rc == GN_OK)
        rc = choose_padding(net, node, value, layer, err);
    struct gn_onnx_value like = *value;
    if (rc == GN_OK)
        rc = output_sides(net, node, layer, &like, err);
    if (rc != GN_OK)
        return rc;
    like.axes[2] = GN_ONNX_ROW;
    like.axes[3] = GN_ONNX_COLUMN;
    like.channels = layer->channels;
    layer->inputs[0] = value->layer;
    return gn_onnx_define_map(net, node, &like, err) == NULL ? err->code : GN_OK;
}

/* Starts each of the layer's offsets with a constant vector, the bias. */
static int read_bias(const struct gn_onnx_network *net, const Onnx__Node *node, size_t input,
                     struct gn_onnx_layer *layer, gn_error_t *err)
{
    struct gn_onnx_tensor bias;
    int rc = gn_onnx_constant_input(net, node, input, &bias, err);
    if (rc != GN_OK)
        return rc;
    if (bias.n != (size_t)layer->channels && bias.n != 1)
        return gn_onnx_bad_node(net->file, node, err, "its bias has %zu values for %d channels",
                                bias.n, layer->channels);
    for (int i = 0; i < layer->channels; i++)
        layer->offset[i] = gn_onnx_value_at(&bias, bias.n == 1 ? 0 : (size_t)i);
    return GN_OK;
}

static int check_kernel(const struct gn_onnx_network *net, const Onnx__Node *node,
                        const struct gn_onnx_value *value, const struct gn_onnx_tensor *kernel,
                        gn_error_t *err)
{
    enum { MAX_CHANNELS = 65536 };
    if (kernel->rank != 4 || kernel->dims[0] < 1 || kernel->dims[0] > MAX_CHANNELS ||
        kernel->dims[2] < 1 || kernel->dims[2] > MAX_KERNEL || kernel->dims[3] < 1 ||
        kernel->dims[3] > MAX_KERNEL)
        return gn_onnx_bad_node(net->file, node, err,
                                "its kernel has a shape that is not supported");
    if (kernel->dims[1] != (size_t)value->channels)
        return gn_onnx_bad_node(net->file, node, err,
                                "its kernel reads %zu channels, its input has %d", kernel->dims[1],
                                value->channels);
    const Onnx__Attribute *shape = gn_onnx_attribute(node, "kernel_shape");
    if (shape != NULL && (shape->n_ints != 2 || shape->ints[0] != (int64_t)kernel->dims[2] ||
                          shape->ints[1] != (int64_t)kernel->dims[3]))
        return gn_onnx_bad_node(net->file, node, err,
                                "attribute 'kernel_shape' and the kernel disagree");
    return GN_OK;
}

int gn_onnx_conv(struct gn_onnx_network *net, const Onnx__Node *node, gn_error_t *err)
{
    struct gn_onnx_tensor kernel;
    const struct gn_onnx_value *value = gn_onnx_layer_input(net, node, 0, err);
    if (value == NULL)
        return err->code;
    int rc = gn_onnx_check_order(net, node, value, err);
    if (rc == GN_OK)
        rc = require(net, node, "group", 1, err);
    if (rc == GN_OK)
        rc = gn_onnx_constant_input(net, node, 1, &kernel, err);
    if (rc == GN_OK)
        rc = check_kernel(net, node, value, &kernel, err);
    if (rc != GN_OK)
        return rc;
    struct gn_onnx_layer *layer = gn_onnx_add_layer(net, GN_ONNX_CONV, 1, (int)kernel.dims[0], err);
    if (layer == NULL)
        return err->code;
    layer->weights = kernel;
    layer->in_channels = value->channels;
    layer->channels = (int)kernel.dims[0];
    layer->kernel[0] = (int)kernel.dims[2];
    layer->kernel[1] = (int)kernel.dims[3];
    rc = gn_onnx_has_input(node, 2) ? read_bias(net, node, 2, layer, err) : GN_OK;
    return rc == GN_OK ? finish_window(net, node, value, layer, err) : rc;
}

static int add_pool(struct gn_onnx_network *net, const Onnx__Node *node, enum gn_onnx_op op,
                    gn_error_t *err)
{
    const struct gn_onnx_value *value = gn_onnx_layer_input(net, node, 0, err);
    if (value == NULL)
        return err->code;
    int rc = gn_onnx_check_order(net, node, value, err);
    if (rc == GN_OK && gn_onnx_attribute(node, "kernel_shape") == NULL)
        rc = gn_onnx_bad_node(net->file, node, err, "attribute 'kernel_shape' is missing");
    for (int i = 0; i < 4 && rc == GN_OK; i++)
        if (value->padding[i] != 0)
            rc = gn_onnx_bad_node(net->file, node, err,
                                  "zeros are put around its map by a Pad: pools pad themselves");
    if (rc != GN_OK)
        return rc;
    struct gn_onnx_layer *layer = gn_onnx_add_layer(net, op, 1, 0, err);
    if (layer == NULL)
        return err->code;
    layer->channels = value->channels;
    rc = read_pair(net, node, "kernel_shape", 1, layer->kernel, err);
    return rc == GN_OK ? finish_window(net, node, value, layer, err) : rc;
}

int gn_onnx_max_pool(struct gn_onnx_network *net, const Onnx__Node *node, gn_error_t *err)
{
    return add_pool(net, node, GN_ONNX_MAX_POOL, err);
}

int gn_onnx_average_pool(struct gn_onnx_network *net, const Onnx__Node *node, gn_error_t *err)
{
    int rc = add_pool(net, node, GN_ONNX_AVG_POOL, err);
    if (rc == GN_OK && net->layers[net->n_layers - 1].same)
        rc = require(net, node, "count_include_pad", 0, err);
    return rc;
}

/* Means over the whole map; the view keeps the axes or drops rows and columns. */
static int add_global_pool(struct gn_onnx_network *net, const Onnx__Node *node,
                           const struct gn_onnx_value *value, bool keeps_axes, gn_error_t *err)
{
    struct gn_onnx_layer *layer = gn_onnx_add_layer(net, GN_ONNX_GLOBAL_POOL, 1, 0, err);
    if (layer == NULL)
        return err->code;
    layer->inputs[0] = value->layer;
    layer->channels = value->channels;
    struct gn_onnx_value like = *value;
    like.height = like.width = 1;
    like.rank = 0;
    for (int i = 0; i < value->rank; i++)
        if (keeps_axes || (value->axes[i] != GN_ONNX_ROW && value->axes[i] != GN_ONNX_COLUMN))
            like.axes[like.rank++] = value->axes[i];
    return gn_onnx_define_map(net, node, &like, err) == NULL ? err->code : GN_OK;
}

int gn_onnx_global_pool(struct gn_onnx_network *net, const Onnx__Node *node, gn_error_t *err)
{
    const struct gn_onnx_value *value = gn_onnx_layer_input(net, node, 0, err);
    if (value == NULL)
        return err->code;
    int rc = gn_onnx_check_order(net, node, value, err);
    return rc == GN_OK ? add_global_pool(net, node, value, true, err) : rc;
}

int gn_onnx_reduce_mean(struct gn_onnx_network *net, const Onnx__Node *node, gn_error_t *err)
{
    const struct gn_onnx_value *value = gn_onnx_layer_input(net, node, 0, err);
    if (value == NULL)
        return err->code;
    int64_t axes[GN_ONNX_MAX_RANK];
    int n = gn_onnx_integers(net, node, "axes", 1, axes, GN_ONNX_MAX_RANK, err), n_rows = 0,
        n_columns = 0;
    for (int i = 0; i < n; i++) {
        int64_t axis = axes[i] < 0 ? axes[i] + value->rank : axes[i];
        bool is_axis = axis >= 0 && axis < value->rank;
        n_rows += is_axis && value->axes[axis] == GN_ONNX_ROW;
        n_columns += is_axis && value->axes[axis] == GN_ONNX_COLUMN;
    }
    if (n < 0)
        return n;
    if (n != 2 || n_rows != 1 || n_columns != 1)
        return gn_onnx_bad_node(net->file, node, err,
                                "only the mean over all rows and columns is supported");
    return add_global_pool(net, node, value, gn_onnx_int(node, "keepdims", 1) != 0, err);
}

static int add_dense(struct gn_onnx_network *net, const Onnx__Node *node, bool is_transposed,
                     gn_error_t *err)
{
    struct gn_onnx_tensor matrix;
    const struct gn_onnx_value *value = gn_onnx_layer_input(net, node, 0, err);
    if (value == NULL)
        return err->code;
    int rc = gn_onnx_constant_input(net, node, 1, &matrix, err);
    if (rc != GN_OK)
        return rc;
    if (value->rank != 2 || value->axes[0] != GN_ONNX_BATCH || value->axes[1] != GN_ONNX_CHANNEL)
        return gn_onnx_bad_node(net->file, node, err,
                                "its input is not [number, channels] of a 1 x 1 map");
    enum { MAX_UNITS = 65536 };
    size_t in = matrix.rank == 2 ? matrix.dims[is_transposed] : 0;
    size_t out = matrix.rank == 2 ? matrix.dims[!is_transposed] : 0;
    if (in != (size_t)value->channels || out < 1 || out > MAX_UNITS)
        return gn_onnx_bad_node(net->file, node, err,
                                "its matrix of %zu inputs does not fit its input of %d channels",
                                in, value->channels);
    struct gn_onnx_layer *layer = gn_onnx_add_layer(net, GN_ONNX_DENSE, 1, (int)out, err);
    if (layer == NULL)
        return err->code;
    layer->inputs[0] = value->layer;
    layer->weights = matrix;
    layer->is_transposed = is_transposed;
    layer->in_channels = value->channels;
    layer->channels = (int)out;
    struct gn_onnx_value *output = gn_onnx_define_map(net, node, value, err);
    if (output == NULL)
        return err->code;
    output->channels = layer->channels;
    return GN_OK;
}

int gn_onnx_matmul(struct gn_onnx_network *net, const Onnx__Node *node, gn_error_t *err)
{
    return add_dense(net, node, false, err);
}

int gn_onnx_gemm(struct gn_onnx_network *net, const Onnx__Node *node, gn_error_t *err)
{
    int rc = require(net, node, "transA", 0, err);
    if (rc == GN_OK)
        rc = add_dense(net, node, gn_onnx_int(node, "transB", 0) != 0, err);
    if (rc != GN_OK)
        return rc;
    struct gn_onnx_layer *layer = &net->layers[net->n_layers - 1];
    rc = gn_onnx_has_input(node, 2) ? read_bias(net, node, 2, layer, err) : GN_OK;
    for (int i = 0; i < layer->channels; i++) {
        layer->scale[i] *= gn_onnx_float(node, "alpha", 1);
        layer->offset[i] *= gn_onnx_float(node, "beta", 1);
    }
    return rc;
}

int gn_onnx_concat(struct gn_onnx_network *net, const Onnx__Node *node, gn_error_t *err)
{
    enum { MAX_INPUTS = 64 };
    if (node->n_input < 1 || node->n_input > MAX_INPUTS)
        return gn_onnx_bad_node(net->file, node, err, "%zu inputs: 1 to %d are supported",
                                node->n_input, MAX_INPUTS);
    struct gn_onnx_layer *layer =
        gn_onnx_add_layer(net, GN_ONNX_CONCAT, (int)node->n_input, 0, err);
    const struct gn_onnx_value *first = gn_onnx_layer_input(net, node, 0, err);
    if (layer == NULL || first == NULL)
        return err->code;
    int64_t axis = gn_onnx_int(node, "axis", GN_ONNX_MAX_RANK);
    axis += axis < 0 ? first->rank : 0;
    bool fits = axis >= 0 && axis < first->rank && first->axes[axis] == GN_ONNX_CHANNEL;
    for (size_t i = 0; i < node->n_input; i++) {
        const struct gn_onnx_value *value = gn_onnx_layer_input(net, node, i, err);
        if (value == NULL)
            return err->code;
        fits = fits && value->rank == first->rank && value->height == first->height &&
               value->width == first->width &&
               memcmp(value->axes, first->axes, (size_t)first->rank * sizeof *first->axes) == 0;
        layer->inputs[i] = value->layer;
        layer->channels += value->channels;
    }
    if (!fits)
        return gn_onnx_bad_node(net->file, node, err,
                                "only maps of one size are joined, along their channels");
    struct gn_onnx_value *output = gn_onnx_define_map(net, node, first, err);
    if (output == NULL)
        return err->code;
    output->channels = layer->channels;
    return GN_OK;
}

int gn_onnx_softmax(struct gn_onnx_network *net, const Onnx__Node *node, gn_error_t *err)
{
    enum { LAST_BY_DEFAULT = 13 };
    const struct gn_onnx_value *value = gn_onnx_layer_input(net, node, 0, err);
    if (value == NULL)
        return err->code;
    int64_t axis = gn_onnx_int(node, "axis", net->file->version >= LAST_BY_DEFAULT ? -1 : 1);
    if (value->rank != 2 || value->axes[1] != GN_ONNX_CHANNEL || (axis != 1 && axis != -1))
        return gn_onnx_bad_node(net->file, node, err,
                                "only a softmax of [number, classes] along the classes is "
                                "supported");
    struct gn_onnx_layer *layer = gn_onnx_add_layer(net, GN_ONNX_SOFTMAX, 1, 0, err);
    if (layer == NULL)
        return err->code;
    layer->inputs[0] = value->layer;
    layer->channels = value->channels;
    return gn_onnx_define_map(net, node, value, err) == NULL ? err->code : GN_OK;
}

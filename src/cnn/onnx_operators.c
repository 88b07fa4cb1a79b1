/* SPDX-License-Identifier: MIT
 *
 * onnx_operators.c - which operator and which of its attributes are known; the walk over the nodes.
 */
#include "cnn/onnx_operators.h"

#include <string.h>

static const struct {
    const char *type;
    gn_onnx_operator *run;
    const char *attributes; /* known ones, a space around each */
} operators[] = {
    {"Conv", gn_onnx_conv, " auto_pad dilations group kernel_shape pads strides "},
    {"BatchNormalization", gn_onnx_batch_normalization, " epsilon momentum spatial training_mode "},
    {"Relu", gn_onnx_relu, ""},
    {"MaxPool", gn_onnx_max_pool,
     " auto_pad ceil_mode dilations kernel_shape pads storage_order strides "},
    {"AveragePool", gn_onnx_average_pool,
     " auto_pad ceil_mode count_include_pad dilations kernel_shape pads strides "},
    {"Concat", gn_onnx_concat, " axis "},
    {"GlobalAveragePool", gn_onnx_global_pool, ""},
    {"ReduceMean", gn_onnx_reduce_mean, " axes keepdims noop_with_empty_axes "},
    {"MatMul", gn_onnx_matmul, ""},
    {"Gemm", gn_onnx_gemm, " alpha beta transA transB "},
    {"Softmax", gn_onnx_softmax, " axis "},
    {"Add", gn_onnx_add, ""},
    {"Sub", gn_onnx_subtract, ""},
    {"Mul", gn_onnx_multiply, ""},
    {"Div", gn_onnx_divide, ""},
    {"Transpose", gn_onnx_transpose, " perm "},
    {"Reshape", gn_onnx_reshape, " allowzero shape "},
    {"Flatten", gn_onnx_flatten, " axis "},
    {"Squeeze", gn_onnx_squeeze, " axes "},
    {"Unsqueeze", gn_onnx_unsqueeze, " axes "},
    {"Identity", gn_onnx_identity, ""},
    {"Dropout", gn_onnx_identity, " ratio seed "},
    {"Cast", gn_onnx_identity, " saturate to "},
    {"Constant", gn_onnx_constant, " value value_float value_ints "},
    {"Pad", gn_onnx_pad, " mode pads value "},
};

static bool is_listed(const char *list, const char *name)
{
    size_t n = strlen(name);
    for (const char *at = strstr(list, name); n > 0 && at != NULL; at = strstr(at + 1, name))
        if (at[-1] == ' ' && at[n] == ' ')
            return true;
    return false;
}

static bool is_quantised(const char *type)
{
    return strstr(type, "Quantize") != NULL || strstr(type, "QLinear") != NULL ||
           strstr(type, "Integer") != NULL;
}

static int run_node(struct gn_onnx_network *net, const Onnx__Node *node, gn_error_t *err)
{
    size_t n = sizeof operators / sizeof *operators, i = 0;
    bool is_standard = node->domain[0] == '\0' || strcmp(node->domain, "ai.onnx") == 0;
    while (i < n && (!is_standard || strcmp(operators[i].type, node->op_type) != 0))
        i++;
    if (i == n && is_quantised(node->op_type))
        return gn_onnx_bad_node(net->file, node, err,
                                "the network is quantised: import the float32 one; gannet "
                                "quantises it by itself (model calibrate)");
    if (i == n)
        return gn_onnx_bad_node(net->file, node, err,
                                "this operator is not supported: export an Inception network for "
                                "inference");
    for (size_t k = 0; k < node->n_attribute; k++)
        if (!is_listed(operators[i].attributes, node->attribute[k]->name))
            return gn_onnx_bad_node(net->file, node, err, "its attribute '%.60s' is not supported",
                                    node->attribute[k]->name);
    return operators[i].run(net, node, err);
}

int gn_onnx_build(struct gn_onnx_network *net, gn_error_t *err)
{
    const Onnx__Graph *graph = net->file->graph;
    for (size_t i = 0; i < graph->n_node; i++) {
        int rc = run_node(net, graph->node[i], err);
        if (rc != GN_OK)
            return rc;
    }
    const struct gn_onnx_value *output = gn_onnx_find_value(net, net->output);
    const char *path = net->file->path;
    if (!output->is_defined || output->constant != NULL || output->layer == GN_ONNX_IMAGE ||
        output->layer != net->n_layers - 1 || net->layers[output->layer].op != GN_ONNX_SOFTMAX)
        return gn_fail(err, GN_E_DATA,
                       "'%s': its output '%.100s' is not made by a softmax at the end: export the "
                       "network with its softmax, as the one output",
                       path, output->name);
    enum { CLASSES = 3 };
    if (output->channels != CLASSES)
        return gn_fail(err, GN_E_DATA,
                       "'%s' has %d classes: a caller's network has %d, copies of the alternate "
                       "alleles",
                       path, output->channels, CLASSES);
    return GN_OK;
}

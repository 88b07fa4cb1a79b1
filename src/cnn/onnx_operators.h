/* SPDX-License-Identifier: MIT
 *
 * onnx_operators.h - the operators of ONNX that DeepVariant's networks are exported with, each as
 * what it does to our network.
 *
 * Of every operator, only what such networks need is supported; anything else is refused with the
 * name of the node.
 */
#ifndef GN_CNN_ONNX_OPERATORS_H
#define GN_CNN_ONNX_OPERATORS_H

#include "cnn/onnx_network.h"

/// Carries out one node: defines its output, adds or changes a layer. GN_OK, GN_E_DATA or
/// GN_E_MEMORY.
typedef int gn_onnx_operator(struct gn_onnx_network *net, const Onnx__Node *node, gn_error_t *err);

/* onnx_layers.c: layers of our own. */
gn_onnx_operator gn_onnx_conv, gn_onnx_max_pool, gn_onnx_average_pool, gn_onnx_global_pool,
    gn_onnx_reduce_mean, gn_onnx_matmul, gn_onnx_gemm, gn_onnx_concat, gn_onnx_softmax;

/* onnx_affine.c: folded into the layer before. */
gn_onnx_operator gn_onnx_batch_normalization, gn_onnx_relu, gn_onnx_add, gn_onnx_subtract,
    gn_onnx_multiply, gn_onnx_divide;

/* onnx_views.c: other views of the same map, and constants. */
gn_onnx_operator gn_onnx_transpose, gn_onnx_reshape, gn_onnx_flatten, gn_onnx_squeeze,
    gn_onnx_unsqueeze, gn_onnx_identity, gn_onnx_constant, gn_onnx_pad;

/// Carries out all nodes and checks that the output is the softmax.
/** @return GN_OK; GN_E_DATA: an operator or attribute that is not supported (node named), a graph
            that does not hold together; GN_E_MEMORY */
GN_MUST_CHECK
int gn_onnx_build(struct gn_onnx_network *net, gn_error_t *err);

#endif

/* SPDX-License-Identifier: MIT
 *
 * onnx_operands.h - what the operators of an ONNX graph read and define.
 *
 * All functions that can fail name the node in their message.
 */
#ifndef GN_CNN_ONNX_OPERANDS_H
#define GN_CNN_ONNX_OPERANDS_H

#include "cnn/onnx_network.h"

/// Whether a node has input i (an empty name stands for none).
bool gn_onnx_has_input(const Onnx__Node *node, size_t i);

/// The map that is input i; NULL with err when it is missing, a constant or not computed yet.
GN_MUST_CHECK
struct gn_onnx_value *gn_onnx_map_input(const struct gn_onnx_network *net, const Onnx__Node *node,
                                        size_t i, gn_error_t *err);

/// As gn_onnx_map_input(), for a layer of ours: an image must be normalised by the caller, or by
/// the graph as (x - 128) / 128, which the engine does itself.
GN_MUST_CHECK
struct gn_onnx_value *gn_onnx_layer_input(const struct gn_onnx_network *net, const Onnx__Node *node,
                                          size_t i, gn_error_t *err);

/// The constant that is input i.
GN_MUST_CHECK
int gn_onnx_constant_input(const struct gn_onnx_network *net, const Onnx__Node *node, size_t i,
                           struct gn_onnx_tensor *tensor, gn_error_t *err);

/// Whole numbers from the attribute `name`, or, in later versions of the operators, from input i.
/** @param list  room for `max`; numbers beyond 32 bits become the nearest of 32 bits
    @return      their number, 0 when there are none; GN_E_DATA */
GN_MUST_CHECK
int gn_onnx_integers(const struct gn_onnx_network *net, const Onnx__Node *node, const char *name,
                     size_t i, int64_t *list, int max, gn_error_t *err);

/// Defines the node's output as the same map as `value`, for the caller to change the view.
GN_MUST_CHECK
struct gn_onnx_value *gn_onnx_define_view(const struct gn_onnx_network *net, const Onnx__Node *node,
                                          const struct gn_onnx_value *value, gn_error_t *err);

/// Defines the node's output as the map of the newest layer, viewed as `like`.
GN_MUST_CHECK
struct gn_onnx_value *gn_onnx_define_map(const struct gn_onnx_network *net, const Onnx__Node *node,
                                         const struct gn_onnx_value *like, gn_error_t *err);

/// Defines the node's output as a constant.
GN_MUST_CHECK
int gn_onnx_define_constant(const struct gn_onnx_network *net, const Onnx__Node *node,
                            const Onnx__Tensor *constant, gn_error_t *err);

/// Elements of axis i of a view (1 for the batch).
int gn_onnx_axis_size(const struct gn_onnx_value *value, int i);

/// Checks that a view is [batch, channels, rows, columns], as convolutions and pools want it.
GN_MUST_CHECK
int gn_onnx_check_order(const struct gn_onnx_network *net, const Onnx__Node *node,
                        const struct gn_onnx_value *value, gn_error_t *err);

#endif

/* SPDX-License-Identifier: MIT
 *
 * dense.h - a dense layer of one image, summed in double.
 *
 * The sums at a network's end are long (2,048 products in Inception v3) and few. In float32 their
 * rounding would be most of the error of a probability. A product of two float32 is exact in
 * double, so fused or not gives the same bits.
 */
#ifndef GN_CNN_CPU_DENSE_H
#define GN_CNN_CPU_DENSE_H

#include "cnn/graph.h"

/// Computes a layer of op GN_LAYER_DENSE: n_inputs numbers to n_outputs; products in ascending order
/// of inputs on top of the bias, rounded to float32 once, then ReLU.
void gn_dense(const struct gn_layer *layer, const float *inputs, int n_inputs, float *outputs,
              int n_outputs);

#endif

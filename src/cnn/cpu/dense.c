/* SPDX-License-Identifier: MIT
 *
 * dense.c - dense layers.
 */
#include "cnn/cpu/dense.h"

void gn_dense(const struct gn_layer *layer, const float *inputs, int n_inputs, float *outputs,
              int n_outputs)
{
    const float *weights = layer->weights;
    for (int first = 0; first < n_outputs; first += GN_WEIGHT_BLOCK) {
        double sums[GN_WEIGHT_BLOCK];
        for (int u = 0; u < GN_WEIGHT_BLOCK; u++)
            sums[u] = (double)layer->bias[first + u];
        for (int i = 0; i < n_inputs; i++, weights += GN_WEIGHT_BLOCK)
            for (int u = 0; u < GN_WEIGHT_BLOCK; u++)
                sums[u] += (double)inputs[i] * (double)weights[u];
        for (int u = 0; u < GN_WEIGHT_BLOCK && first + u < n_outputs; u++) {
            float sum = (float)sums[u];
            outputs[first + u] = layer->relu && !(sum > 0.0F) ? 0.0F : sum;
        }
    }
}

/* SPDX-License-Identifier: MIT
 *
 * mlp.h - multi-layer perceptrons: the small model and the multi-allelic model.
 *
 * Dense layers with ReLU between them and a softmax at the end, in float32. Every sum is one chain
 * of fused multiply-adds that starts at the bias and goes over the inputs in ascending order, so
 * that all machines give the same bits. What the numbers mean is not known here. The folder's
 * format is described in models/README.md.
 */
#ifndef GN_CNN_MLP_H
#define GN_CNN_MLP_H

#include <stddef.h>

#include "cnn/model_file.h"

typedef struct gn_mlp gn_mlp_t;

/// Loads a model folder of kind "mlp".
/** @return  the model, to be freed with gn_mlp_free(); or NULL with err: GN_E_NO_INPUT (a file is
             missing), GN_E_DATA (JSON, shapes, checksum, a weight that is no finite number),
             GN_E_MEMORY. Immutable: all threads share one. */
GN_MUST_CHECK
gn_mlp_t *gn_mlp_load(const char *dir, gn_error_t *err);
void gn_mlp_free(gn_mlp_t *mlp);

/// Numbers in and probabilities out of one example.
int gn_mlp_inputs(const gn_mlp_t *mlp);
int gn_mlp_outputs(const gn_mlp_t *mlp);

/// Number of weights and biases.
size_t gn_mlp_parameters(const gn_mlp_t *mlp);

/// Name, version, ... of model.json; they belong to the model.
const struct gn_model_texts *gn_mlp_texts(const gn_mlp_t *mlp);

/// Runs n examples.
/** @param inputs   [n][inputs]
    @param outputs  [n][outputs]: probabilities; they do not depend on what n examples come together
    @return         GN_OK or GN_E_MEMORY. Thread-safe. */
GN_MUST_CHECK
int gn_mlp_run(const gn_mlp_t *mlp, const float *inputs, size_t n, float *outputs, gn_error_t *err);

#endif

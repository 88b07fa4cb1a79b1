/* SPDX-License-Identifier: MIT
 *
 * saved_model.h - what a TensorFlow saved_model.pb tells of layers: the names of their variables,
 * which the checkpoint inside a SavedModel leaves out, and their activations.
 */
#ifndef GN_CNN_SAVED_MODEL_H
#define GN_CNN_SAVED_MODEL_H

#include <stdbool.h>

#include "base/error.h"

typedef struct gn_saved_model gn_saved_model_t;

/// Reads the file (at most 256 MiB).
/** @return NULL with GN_E_NO_INPUT, GN_E_DATA, GN_E_IO or GN_E_MEMORY */
GN_MUST_CHECK
gn_saved_model_t *gn_saved_model_read(const char *path, gn_error_t *err);
void gn_saved_model_free(gn_saved_model_t *model);

/// The name of the variable at a path of the checkpoint ("layer_with_weights-5/kernel" ->
/// "conv2d_2/kernel"); NULL when there is none. It belongs to the model. Thread-safe.
const char *gn_saved_model_variable(const gn_saved_model_t *model, const char *path);

/// The operation that a dense layer ("dense_1") ends with: "Relu", "Softmax", ...; NULL when the
/// file has no activation of that layer. It belongs to the model. Thread-safe.
const char *gn_saved_model_activation(const gn_saved_model_t *model, const char *layer);

/// Whether any function of the model has the operation ("Softmax"). Thread-safe.
bool gn_saved_model_has_operation(const gn_saved_model_t *model, const char *op);

#endif

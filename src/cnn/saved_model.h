/* SPDX-License-Identifier: MIT
 *
 * saved_model.h - what the functions in a TensorFlow saved_model.pb tell of a layer: its activation.
 */
#ifndef GN_CNN_SAVED_MODEL_H
#define GN_CNN_SAVED_MODEL_H

#include "base/error.h"

typedef struct gn_saved_model gn_saved_model_t;

/// Reads the file (at most 256 MiB).
/** @return NULL with GN_E_NO_INPUT, GN_E_DATA, GN_E_IO or GN_E_MEMORY */
GN_MUST_CHECK
gn_saved_model_t *gn_saved_model_read(const char *path, gn_error_t *err);
void gn_saved_model_free(gn_saved_model_t *model);

/// The operation that a dense layer ("dense_1") ends with: "Relu", "Softmax", ...; NULL when the
/// file has no activation of that layer. It belongs to the model. Thread-safe.
const char *gn_saved_model_activation(const gn_saved_model_t *model, const char *layer);

#endif

/* SPDX-License-Identifier: MIT
 *
 * tensorflow_mlp.h - a checkpoint of dense layers only (DeepVariant's small models) -> a model
 * folder of kind "mlp" (spec 90.7, 90.8).
 */
#ifndef GN_CNN_TENSORFLOW_MLP_H
#define GN_CNN_TENSORFLOW_MLP_H

#include "cnn/import.h"
#include "cnn/tensorflow_layers.h"
#include "cnn/tensorflow_source.h"

/// Writes the folder.
/** @return        GN_OK; GN_E_DATA (layers that do not follow each other, unknown activations,
                   values that are not finite), and what gn_model_write() returns */
GN_MUST_CHECK
int gn_tensorflow_mlp_import(const struct gn_tensorflow_layers *layers,
                             const struct gn_tensorflow_files *files,
                             const struct gn_tensorflow_source *source,
                             const struct gn_import_options *options, const char *output,
                             gn_error_t *err);

#endif

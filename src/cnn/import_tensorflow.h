/* SPDX-License-Identifier: MIT
 *
 * import_tensorflow.h - a TensorFlow model -> a model folder. TensorFlow is not needed.
 *
 * Knows DeepVariant's Inception v3 (of any width) and multi-layer perceptrons (small models).
 */
#ifndef GN_CNN_IMPORT_TENSORFLOW_H
#define GN_CNN_IMPORT_TENSORFLOW_H

#include "cnn/import.h"

/// Imports a SavedModel folder, a checkpoint (its path without ".index") or a folder that holds one
/// checkpoint.
/** @param path    the source; an example_info.json beside it gives shape, channels and flags
    @param output  the folder to make; appears only when complete
    @return        GN_OK; GN_E_NO_INPUT, GN_E_DATA (damaged: names file and variable), GN_E_MISMATCH
                   (network and example_info.json or options disagree), GN_E_USAGE (an option must be
                   given), GN_E_CANNOT_CREATE, GN_E_IO, GN_E_MEMORY */
GN_MUST_CHECK
int gn_import_tensorflow(const char *path, const struct gn_import_options *options,
                         const char *output, gn_error_t *err);

#endif

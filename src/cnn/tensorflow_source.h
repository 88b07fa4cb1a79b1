/* SPDX-License-Identifier: MIT
 *
 * tensorflow_source.h - where the files of a TensorFlow model lie: a SavedModel folder, or a
 * checkpoint given by its prefix or its folder (spec 90.4, 100.1).
 */
#ifndef GN_CNN_TENSORFLOW_SOURCE_H
#define GN_CNN_TENSORFLOW_SOURCE_H

#include <jansson.h>

#include "io/tensor_bundle.h"

struct gn_tensorflow_source {
    char *path;         /* as given, without a slash at its end */
    char *prefix;       /* of the checkpoint's files: PREFIX.index */
    char *saved_model;  /* path of saved_model.pb, NULL for a checkpoint */
    char *example_info; /* path of the JSON beside the model, NULL when there is none */
};

/// Finds the files. The source starts zeroed; gn_tensorflow_source_clear() also after a failure.
/** @return GN_OK, GN_E_NO_INPUT (there is no model at the path), GN_E_USAGE (there are several),
            GN_E_MEMORY */
GN_MUST_CHECK
int gn_tensorflow_source_find(struct gn_tensorflow_source *source, const char *path,
                              gn_error_t *err);
void gn_tensorflow_source_clear(struct gn_tensorflow_source *source);

/// model.json's "source": kind, name and the SHA-256 of the files of the checkpoint.
/** @return a new object, NULL with err (GN_E_IO, GN_E_MEMORY) */
json_t *gn_tensorflow_origin(const struct gn_tensorflow_source *source,
                             const gn_tensor_bundle_t *bundle, gn_error_t *err);

#endif

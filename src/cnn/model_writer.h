/* SPDX-License-Identifier: MIT
 *
 * model_writer.h - writing a model folder: model.json and weights.safetensors.
 *
 * The reader is model.c; the format is described in models/README.md. Knows nothing of where a
 * model comes from.
 */
#ifndef GN_CNN_MODEL_WRITER_H
#define GN_CNN_MODEL_WRITER_H

#include <jansson.h>
#include <stddef.h>

#include "base/error.h"

/// A tensor to be stored as float32.
struct gn_weights_entry {
    const char *name; /* "conv1.weight" */
    int rank;
    size_t shape[4];
    const float *values; /* the product of the shape */
};

/// Writes a model folder; its files appear only when complete, model.json last.
/** @param dir          made if it does not exist (its parent must); a model.json in it is an error
    @param description  model.json without "format", "format_version" and "weights", which are
                        added; stays the caller's
    @param entries      the tensors; names unique, values finite (else GN_E_DATA names the tensor)
    @return             GN_OK, GN_E_CANNOT_CREATE, GN_E_DATA, GN_E_IO, GN_E_MEMORY. Thread-safe for
                        distinct folders. */
GN_MUST_CHECK
int gn_model_write(const char *dir, const json_t *description,
                   const struct gn_weights_entry *entries, size_t n, gn_error_t *err);

/// Writes or replaces model.json alone, in one step: `root` is the whole of it.
/** @return  GN_OK, GN_E_CANNOT_CREATE, GN_E_IO, GN_E_MEMORY */
GN_MUST_CHECK
int gn_model_write_description(const char *dir, const json_t *root, gn_error_t *err);

#endif

/* SPDX-License-Identifier: MIT
 *
 * model_file.h - what model folders of every kind have in common: model.json's outer keys and a
 * weights file with its checksum. The format is described in models/README.md.
 *
 * Knows nothing of layers: model.c reads networks of images, mlp.c perceptrons.
 */
#ifndef GN_CNN_MODEL_FILE_H
#define GN_CNN_MODEL_FILE_H

#include <jansson.h>

#include "cnn/safetensors.h"

/// What a model says of itself; malloc'ed texts, never NULL once read.
struct gn_model_texts {
    char *name, *version, *preset;
    char *calling, *training; /* compact JSON, "{}" when absent */
    char sha256[65];          /* of the weights, in hex */
};

/// A model folder while it is being read. Close with gn_model_file_close(), also after failure.
struct gn_model_file {
    char *path;         /* of model.json, for messages */
    char *weights_path; /* NULL until the weights are opened */
    json_t *root;       /* model.json */
    gn_safetensors_t *weights;
};

/// Reads model.json and checks its format and kind.
/** @param kind  "cnn" (the default of a model.json without the key) or "mlp"
    @return      GN_OK; GN_E_NO_INPUT, GN_E_DATA (not JSON, another format or kind), GN_E_MEMORY */
GN_MUST_CHECK
int gn_model_file_open(struct gn_model_file *file, const char *dir, const char *kind,
                       gn_error_t *err);

/// Copies the texts; call gn_model_texts_clear() also after failure.
GN_MUST_CHECK
int gn_model_file_texts(const struct gn_model_file *file, struct gn_model_texts *texts,
                        gn_error_t *err);

/// Opens the weights that model.json names and compares their checksum, which goes to `sha256`.
GN_MUST_CHECK
int gn_model_file_open_weights(struct gn_model_file *file, const char *dir, char sha256[65],
                               gn_error_t *err);

void gn_model_file_close(struct gn_model_file *file);
void gn_model_texts_clear(struct gn_model_texts *texts);

/// GN_E_DATA: "PATH: WHAT: the model is damaged or made for a newer gannet".
int gn_model_file_bad(const struct gn_model_file *file, const char *what, gn_error_t *err);

/// "DIR/FILE", malloc'ed; NULL when out of memory.
char *gn_model_file_path(const char *dir, const char *file, gn_error_t *err);

#endif

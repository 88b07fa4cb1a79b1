/* SPDX-License-Identifier: MIT
 *
 * model.h - a model folder (model.json + weights.safetensors) in memory.
 *
 * A loaded model is immutable: all threads share one. What the layers look like inside is in
 * graph.h; how the files look on disk is described in models/README.md. Knows nothing of images in
 * files, of variants or of kernels.
 */
#ifndef GN_CNN_MODEL_H
#define GN_CNN_MODEL_H

#include <stddef.h>

#include "base/error.h"

typedef struct gn_model gn_model_t;

/// Loads and checks a model folder: the JSON, the layers' shapes, the weights' shapes and their
/// SHA-256.
/** @param dir  the folder
    @return     the model, to be freed with gn_model_free(); or NULL with err: GN_E_NO_INPUT (a file
   is missing), GN_E_DATA (wrong JSON, shapes or checksum), GN_E_MEMORY. Thread-safe. */
GN_MUST_CHECK
gn_model_t *gn_model_load(const char *dir, gn_error_t *err);

/// Frees a model; NULL is fine. No gn_network_t made from it may be in use any more.
void gn_model_free(gn_model_t *model);

/// Rows and columns of an input image (100 and 221 for Illumina whole genomes).
int gn_model_height(const gn_model_t *model);
int gn_model_width(const gn_model_t *model);

/// The channels of an input image in order, as DeepVariant's enum numbers (1 read_base, ... 19
/// insert_size; spec 40.4).
/** @param n  receives their number
    @return   array that belongs to the model */
const int *gn_model_channels(const gn_model_t *model, int *n);

/// Bytes of one input image: height * width * channels.
size_t gn_model_image_size(const gn_model_t *model);

/// Texts of model.json: name ("gannet-wgs"), version ("0.1.0"), calling preset ("wgs"), SHA-256 of
/// the weights (hex). They belong to the model; never NULL.
const char *gn_model_name(const gn_model_t *model);
const char *gn_model_version(const gn_model_t *model);
const char *gn_model_preset(const gn_model_t *model);
const char *gn_model_weights_sha256(const gn_model_t *model);

/// The values of model.json's "calling" object (make-examples options beyond the preset), and of
/// "training" (where the weights come from), as compact JSON text ("{}" when absent); they belong
/// to the model.
const char *gn_model_calling_json(const gn_model_t *model);
const char *gn_model_training_json(const gn_model_t *model);

/// What model.json knows of computing in integers (quantisation.h); belongs to the model.
struct gn_quantisation;
const struct gn_quantisation *gn_model_quantisation(const gn_model_t *model);

/// For calibration, while no other thread knows the model and no network was made of it: replaces
/// what is known of integers by *quantisation, which is taken and left zeroed; or its measured
/// agreement alone (one per number type).
void gn_model_set_quantisation(gn_model_t *model, struct gn_quantisation *quantisation);
struct gn_agreement;
void gn_model_set_agreement(gn_model_t *model, const struct gn_agreement *agreement);

/// Multiply-accumulates of one image, and number of weights, both without padding.
double gn_model_macs(const gn_model_t *model);
size_t gn_model_parameters(const gn_model_t *model);

/// Checks that images of the given shape and channels can go into the model; GN_E_MISMATCH says
/// what differs and what to do.
/** @param what  names the images in the message (a file name) */
int gn_model_check_input(const gn_model_t *model, const int shape[3], const int *channels,
                         const char *what, gn_error_t *err);

#endif

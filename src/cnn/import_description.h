/* SPDX-License-Identifier: MIT
 *
 * import_description.h - what an imported model says of itself: its images, name, preset and flags,
 * from what the user gives and from the example_info.json beside the source.
 *
 * Shared by the importers of images' networks; knows nothing of weights.
 */
#ifndef GN_CNN_IMPORT_DESCRIPTION_H
#define GN_CNN_IMPORT_DESCRIPTION_H

#include <jansson.h>
#include <stdbool.h>

#include "cnn/import.h"

struct gn_import_description {
    int shape[3]; /* of the images that the network reads */
    int channels[GN_IMPORT_MAX_CHANNELS];
    bool has_ablation; /* the images of the source's examples have more channels */
    const char *preset;
    char name[128], version[32];
    json_t *calling; /* flags for make-examples */
};

/// Resolves the description. It starts zeroed; gn_import_description_clear() also after a failure.
/** @param source        the path of the model, which gives its name and hints at the preset
    @param example_info  the path of the JSON beside it, NULL when there is none
    @param channels      that the network reads
    @return              GN_OK; GN_E_USAGE (something must be given), GN_E_MISMATCH (the JSON, the
                         options and the network disagree), GN_E_DATA, GN_E_MEMORY */
GN_MUST_CHECK
int gn_import_describe(struct gn_import_description *description,
                       const struct gn_import_options *options, const char *source,
                       const char *example_info, int channels, gn_error_t *err);
void gn_import_description_clear(struct gn_import_description *description);

/// model.json of the description (models/README.md), without weights.
/** @param layers  the list of layers; taken over
    @param source  where the model comes from; taken over
    @return        a new object, NULL when out of memory */
json_t *gn_import_json(const struct gn_import_description *description, json_t *layers,
                       json_t *source);

/// The source of a model: {"kind", "path": the last part of the path, "files": [{name, sha256}]}.
/** @param files    the paths of n files
    @return         a new object, NULL with err (GN_E_IO, GN_E_MEMORY) */
json_t *gn_import_source(const char *kind, const char *path, const char *const *files, size_t n,
                         gn_error_t *err);

/// The channels that DeepVariant's models of so many channels read: 6, 7 or 9; NULL for others.
const int *gn_import_default_channels(int n);

/// The last part of a path, without "/" at its end, ".savedmodel" and ".onnx".
void gn_import_name(const char *path, char name[128]);

/// The preset that a word in the last two parts of a path names ("deepvariant.wes.savedmodel"), or
/// NULL.
const char *gn_import_preset_of_path(const char *path);

/// The preset of DeepVariant's released model that reads such images; NULL when there is none.
/// Exomes read the same images as genomes: "wgs".
const char *gn_import_preset_of_images(const int shape[3], const int *channels);

#endif

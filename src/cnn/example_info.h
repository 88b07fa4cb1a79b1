/* SPDX-License-Identifier: MIT
 *
 * example_info.h - example_info.json: shape and channels of the images in an examples file or of
 * those that a model wants (spec 80.3, 100.1).
 */
#ifndef GN_CNN_EXAMPLE_INFO_H
#define GN_CNN_EXAMPLE_INFO_H

#include <jansson.h>
#include <stdbool.h>

#include "base/error.h"

enum { GN_EXAMPLE_MAX_CHANNELS = 64 };

struct gn_example_info {
    bool has_shape;                        /* false: the file holds no image */
    int shape[3];                          /* height, width, channels */
    int channels[GN_EXAMPLE_MAX_CHANNELS]; /* DeepVariant's numbers */
    int n_channels;
    int ablation[GN_EXAMPLE_MAX_CHANNELS]; /* of a model: channels that it does not read */
    int n_ablation;
};

/// Reads the JSON beside an examples file.
/** @return  1 and *info, 0 when there is no such file, GN_E_DATA or GN_E_MEMORY */
int gn_example_info_read(const char *examples_path, struct gn_example_info *info, gn_error_t *err);

/// Reads the JSON beside a model, whose path is given; the flags that it gives for calling go to
/// *calling.
/** @param calling  receives a new object (json_decref() it), empty when the file gives no flags
    @param version  receives the text "version", cut to 31 bytes; "" when absent
    @return         1 and *info; GN_E_NO_INPUT, GN_E_DATA or GN_E_MEMORY */
GN_MUST_CHECK
int gn_example_info_read_model(const char *path, struct gn_example_info *info, json_t **calling,
                               char version[32], gn_error_t *err);

#endif

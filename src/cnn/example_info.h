/* SPDX-License-Identifier: MIT
 *
 * example_info.h - "<examples>.example_info.json": shape and channels of the images in an examples file (spec 80.3).
 */
#ifndef GN_CNN_EXAMPLE_INFO_H
#define GN_CNN_EXAMPLE_INFO_H

#include <stdbool.h>

#include "base/error.h"

enum { GN_EXAMPLE_MAX_CHANNELS = 64 };

struct gn_example_info {
    bool has_shape;                        /* false: the file holds no image */
    int shape[3];                          /* height, width, channels */
    int channels[GN_EXAMPLE_MAX_CHANNELS]; /* DeepVariant's numbers */
    int n_channels;
};

/// Reads the JSON beside an examples file.
/** @return  1 and *info, 0 when there is no such file, GN_E_DATA or GN_E_MEMORY */
int gn_example_info_read(const char *examples_path, struct gn_example_info *info, gn_error_t *err);

#endif

/* SPDX-License-Identifier: MIT
 *
 * import.h - what the importers of other programs' models have in common: what the user gives.
 *
 * An importer reads a source (import_tensorflow.h, import_onnx.h) and writes a model folder
 * (model_writer.h).
 */
#ifndef GN_CNN_IMPORT_H
#define GN_CNN_IMPORT_H

#include "base/error.h"

enum { GN_IMPORT_MAX_CHANNELS = 64 };

/// What the user gives; what is absent comes from the source or from the example_info.json beside
/// it, and contradicting it is GN_E_MISMATCH.
struct gn_import_options {
    const char *preset; /* "wgs", ...; NULL: from the source */
    const char *name;   /* of the model; NULL: the last part of the source's path */
    int shape[3];       /* height, width, channels; [0] is 0: not given */
    int channels[GN_IMPORT_MAX_CHANNELS]; /* DeepVariant's numbers */
    int n_channels;                       /* 0: not given */
};

#endif

/* SPDX-License-Identifier: MIT
 *
 * import_onnx.h - a network in an ONNX file -> a model folder. No ONNX library is needed.
 *
 * Knows networks of convolutions, pools, concatenations and dense layers, as tf2onnx and PyTorch
 * export DeepVariant's; images in either order of axes, normalised by the caller or by the graph.
 */
#ifndef GN_CNN_IMPORT_ONNX_H
#define GN_CNN_IMPORT_ONNX_H

#include "cnn/import.h"

/// Imports a network.
/** @param path    the .onnx file; NAME.example_info.json or example_info.json beside NAME.onnx gives
                   channels and flags
    @param output  the folder to make; appears only when complete
    @return        GN_OK; GN_E_NO_INPUT, GN_E_DATA (damaged, or something in it is not supported:
                   names node or tensor), GN_E_MISMATCH (network and example_info.json or options
                   disagree), GN_E_USAGE (an option must be given), GN_E_CANNOT_CREATE, GN_E_IO,
                   GN_E_MEMORY. Thread-safe for distinct outputs. */
GN_MUST_CHECK
int gn_import_onnx(const char *path, const struct gn_import_options *options, const char *output,
                   gn_error_t *err);

#endif

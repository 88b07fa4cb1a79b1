/* SPDX-License-Identifier: MIT
 *
 * onnx_file.h - an ONNX file in memory: its nodes, their attributes and the constant tensors.
 *
 * Knows the file format (IR version 3 and later), nothing of what operators mean.
 */
#ifndef GN_CNN_ONNX_FILE_H
#define GN_CNN_ONNX_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/memory.h"
#include "onnx.pb-c.h"

enum { GN_ONNX_MAX_RANK = 6 };

/// A file and everything that lives as long as it does.
struct gn_onnx_file {
    const char *path;
    gn_arena_t *arena;        /* holds the message; for what is made of it, too */
    const Onnx__Graph *graph; /* nodes in an order of execution */
    const Onnx__Model *model; /* the whole message */
    int64_t version;          /* of the operators */
};

/// A constant tensor.
struct gn_onnx_tensor {
    const Onnx__Tensor *message;
    int rank;
    size_t dims[GN_ONNX_MAX_RANK], n; /* n: the product */
};

/// Reads a file (at most 2 GiB, ONNX's own limit).
/** @param file  starts zeroed; gn_onnx_file_close() also after a failure. path must outlive it.
    @return      GN_OK, GN_E_NO_INPUT, GN_E_DATA, GN_E_IO, GN_E_MEMORY */
GN_MUST_CHECK
int gn_onnx_file_open(struct gn_onnx_file *file, const char *path, gn_error_t *err);
void gn_onnx_file_close(struct gn_onnx_file *file);

/// What messages call a node: its name, or that of its first output.
const char *gn_onnx_node_name(const Onnx__Node *node);

/// Records what is wrong with a node, with file, node and operator in front. Returns GN_E_DATA.
int gn_onnx_bad_node(const struct gn_onnx_file *file, const Onnx__Node *node, gn_error_t *err,
                     const char *format, ...) GN_PRINTF(4, 5);

/// A node's attribute; NULL when it has none of that name.
const Onnx__Attribute *gn_onnx_attribute(const Onnx__Node *node, const char *name);
int64_t gn_onnx_int(const Onnx__Node *node, const char *name, int64_t fallback);
double gn_onnx_float(const Onnx__Node *node, const char *name, double fallback);

/// Checks a constant: data type, and that there are as many values as its shape says.
/** @return GN_OK; GN_E_DATA names the tensor: a type that is not supported, values in another file,
            a wrong number of values, too many dimensions */
GN_MUST_CHECK
int gn_onnx_tensor_open(struct gn_onnx_tensor *tensor, const struct gn_onnx_file *file,
                        const Onnx__Tensor *message, gn_error_t *err);

/// Value i of a tensor; integers beyond 2^53 lose digits.
double gn_onnx_value_at(const struct gn_onnx_tensor *tensor, size_t i);

/// Value i of a tensor as a whole number; those beyond 2^31 become 2^31 - 1, less than -2^31 the
/// least, NaN 0.
int64_t gn_onnx_whole_at(const struct gn_onnx_tensor *tensor, size_t i);

#endif

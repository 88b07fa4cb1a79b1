/* SPDX-License-Identifier: MIT
 *
 * tensor_bundle.h - reading the tensors of a TensorFlow checkpoint: PREFIX.index and
 * PREFIX.data-00000-of-0000N (spec 91).
 *
 * Knows keys, types and shapes; what a tensor is for, the object graph tells (object_graph.h).
 */
#ifndef GN_IO_TENSOR_BUNDLE_H
#define GN_IO_TENSOR_BUNDLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef struct gn_tensor_bundle gn_tensor_bundle_t;

enum { GN_BUNDLE_MAX_RANK = 8 };

struct gn_bundle_tensor {
    const char *key;
    int type; /* TensorFlow's number: 1 float32, 2 float64, 7 string, 14 bfloat16, 19 half, ... */
    int rank;
    size_t shape[GN_BUNDLE_MAX_RANK];
    size_t count; /* elements */
    int shard;
    uint64_t offset, size; /* of its bytes in the shard */
    uint32_t crc;          /* masked, of its bytes */
};

/// Reads the index of a checkpoint and checks that every tensor lies inside its shard.
/** @param prefix  the path before ".index"
    @return        NULL with GN_E_NO_INPUT (a file is missing), GN_E_DATA, GN_E_IO, GN_E_MEMORY */
GN_MUST_CHECK
gn_tensor_bundle_t *gn_tensor_bundle_open(const char *prefix, gn_error_t *err);
void gn_tensor_bundle_close(gn_tensor_bundle_t *bundle);

/// The tensors in the order of their keys; they belong to the bundle. Thread-safe.
const struct gn_bundle_tensor *gn_tensor_bundle_list(const gn_tensor_bundle_t *bundle, size_t *n);

/// A tensor by its key, NULL when there is none. Thread-safe.
const struct gn_bundle_tensor *gn_tensor_bundle_find(const gn_tensor_bundle_t *bundle,
                                                     const char *key);

/// The bundle's files, the index first, then the shards; NULL after the last. Thread-safe.
const char *gn_tensor_bundle_file(const gn_tensor_bundle_t *bundle, int i);

/// Reads a tensor of float32, float64, half or bfloat16 as float32 and checks its CRC.
/** @param values  room for tensor->count values
    @return        GN_OK; GN_E_DATA names the tensor and the file; GN_E_IO, GN_E_MEMORY */
GN_MUST_CHECK
int gn_tensor_bundle_read_floats(const gn_tensor_bundle_t *bundle,
                                 const struct gn_bundle_tensor *tensor, float *values,
                                 gn_error_t *err);

/// Reads a tensor that is one string (at most 64 MiB) and checks its CRC.
/** @param text    receives it, malloc'ed, with a zero after its last byte
    @param length  receives its bytes */
GN_MUST_CHECK
int gn_tensor_bundle_read_string(const gn_tensor_bundle_t *bundle,
                                 const struct gn_bundle_tensor *tensor, char **text, size_t *length,
                                 gn_error_t *err);

#endif

/* SPDX-License-Identifier: MIT
 *
 * object_graph.h - the object graph of a TensorFlow checkpoint: which variable of which layer each
 * key belongs to (spec 91.6).
 */
#ifndef GN_IO_OBJECT_GRAPH_H
#define GN_IO_OBJECT_GRAPH_H

#include "base/error.h"
#include "io/tensor_bundle.h"

typedef struct gn_object_graph gn_object_graph_t;

/// Reads the tensor _CHECKPOINTABLE_OBJECT_GRAPH of a checkpoint. A checkpoint without one gives an
/// empty graph.
/** @return  NULL with GN_E_DATA, GN_E_IO or GN_E_MEMORY */
GN_MUST_CHECK
gn_object_graph_t *gn_object_graph_read(const gn_tensor_bundle_t *bundle, gn_error_t *err);
void gn_object_graph_free(gn_object_graph_t *graph);

/// The name that the program which wrote the checkpoint gave the variable of a key; NULL when the
/// graph has none. Thread-safe.
const char *gn_object_graph_full_name(const gn_object_graph_t *graph, const char *key);

/// The keys that the graph names, in their order; NULL after the last. Thread-safe.
const char *gn_object_graph_key(const gn_object_graph_t *graph, size_t i);

#endif

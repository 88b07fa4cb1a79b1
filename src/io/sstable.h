/* SPDX-License-Identifier: MIT
 *
 * sstable.h - reading a sorted table of keys and values in LevelDB's table format, as TensorFlow
 * writes the index of a checkpoint (spec 91.2).
 *
 * Blocks may be plain or compressed by snappy; each has a checksum. Knows nothing of what the
 * values mean (tensor_bundle.h does).
 */
#ifndef GN_IO_SSTABLE_H
#define GN_IO_SSTABLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef struct gn_sstable gn_sstable_t;

struct gn_sstable_entry {
    const char *key; /* ends with a zero, holds none */
    const uint8_t *value;
    size_t value_length;
};

/// Reads the whole file and checks every block. The keys are strictly ascending.
/** @return  NULL with GN_E_NO_INPUT, GN_E_DATA (which block, what is wrong), GN_E_MEMORY */
GN_MUST_CHECK
gn_sstable_t *gn_sstable_open(const char *path, gn_error_t *err);
void gn_sstable_close(gn_sstable_t *table);

/// The entries in the order of their keys; they belong to the table. Thread-safe.
const struct gn_sstable_entry *gn_sstable_entries(const gn_sstable_t *table, size_t *n);

#endif

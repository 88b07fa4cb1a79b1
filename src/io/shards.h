/* SPDX-License-Identifier: MIT
 *
 * shards.h - "base@N.suffix" names and the files they stand for (spec 80.4, 81.1).
 */
#ifndef GN_IO_SHARDS_H
#define GN_IO_SHARDS_H

#include "base/error.h"
#include "io/variant.h"

/// Number of shards of a spec, 0 when the name is not sharded ("x.gz"), N for "x@N.gz" and "x@N".
int gn_shard_count(const char *spec);

/// Name of shard i: "x@3.gz", 1 -> "x-00001-of-00003.gz"; a name without @N is returned as it is.
/// malloc'ed, NULL when out of memory.
char *gn_shard_name(const char *spec, int shard);

/// Expands a comma-separated list of plain names, @N specs and globs (* and ?) into existing file
/// names, in order; globs sorted and unique. GN_E_NO_INPUT names what does not exist.
int gn_shard_expand(const char *list, struct gn_texts *out, gn_error_t *err);

#endif

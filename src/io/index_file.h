/* SPDX-License-Identifier: MIT
 *
 * index_file.h - input files before they are opened: whether they can be read, whether their index
 * files exist and whether those are older.
 */
#ifndef GN_IO_INDEX_FILE_H
#define GN_IO_INDEX_FILE_H

#include "base/error.h"

#include <stdbool.h>

/// True for names with a URL scheme (http://, s3://): no file checks apply to them.
bool gn_is_remote(const char *path);

/// GN_E_NO_INPUT when the path cannot be read or is a folder; names it after `what` ("reads file").
/// Remote names pass.
GN_MUST_CHECK
int gn_check_input_file(const char *what, const char *path, gn_error_t *err);

/// True when "<path><suffix>" can be read, or the same beside the target of a symbolic link.
bool gn_sidecar_exists(const char *path, const char *suffix);

/// Name of the index of a BAM or CRAM file (.bai .csi .crai; "x.bam.bai" or "x.bai"), malloc'ed;
/// NULL when there is none.
/** Also looks beside the target when path is a symbolic link. */
char *gn_find_reads_index(const char *path);

/// True when the index was last written before the data file.
bool gn_index_is_older(const char *index_path, const char *data_path);

/// True when two names lead to one file (links included), or would once it exists ("x" and "./x").
bool gn_is_same_file(const char *path, const char *other);

#endif

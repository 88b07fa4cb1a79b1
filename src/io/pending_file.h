/* SPDX-License-Identifier: MIT
 *
 * pending_file.h - an output that appears under its final name only when it is complete.
 *
 * Written as "<name>.partial.<pid>" beside the final name (same file system), renamed by commit,
 * removed by discard.
 */
#ifndef GN_IO_PENDING_FILE_H
#define GN_IO_PENDING_FILE_H

#include <stdbool.h>

#include "base/error.h"

struct gn_pending_file {
    char *final_name, *temporary_name; /* owned */
};

/// Whether an output's name means standard output: "-" or "/dev/stdout".
bool gn_names_stdout(const char *name);

/// Chooses the temporary name and checks that it can be created. GN_E_CANNOT_CREATE names the path
/// and the remedy. Standard output, devices and pipes keep their name: they are written directly.
int gn_pending_file_begin(struct gn_pending_file *file, const char *final_name, gn_error_t *err);

/// Renames the (closed) temporary file into place and frees the names.
int gn_pending_file_commit(struct gn_pending_file *file, gn_error_t *err);

/// Removes the temporary file and frees the names. Fine on a zeroed or finished struct.
void gn_pending_file_discard(struct gn_pending_file *file);

#endif

/* SPDX-License-Identifier: MIT
 *
 * shipped.h - the folders in which files that ship with the program may lie: models, profiles.
 */
#ifndef GN_CLI_SHIPPED_H
#define GN_CLI_SHIPPED_H

#include <limits.h>
#include <stdbool.h>

enum { GN_SHIPPED_PLACES = 4, GN_SHIPPED_PATH = PATH_MAX + 64 };

/// The i-th place of a kind ("models", "profiles"), in the order of looking: the folder that the
/// environment variable names, then beside the program (in a checkout, or installed).
/** @param i     0 ... GN_SHIPPED_PLACES - 1
    @param path  room for GN_SHIPPED_PATH bytes
    @return      false when there is no such place. Thread-safe as getenv() is. */
bool gn_shipped_place(const char *kind, const char *variable, int i, char *path);

#endif

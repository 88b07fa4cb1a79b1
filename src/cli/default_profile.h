/* SPDX-License-Identifier: MIT
 *
 * default_profile.h - finds the profiles of sequencing runs that ship with the program.
 */
#ifndef GN_CLI_DEFAULT_PROFILE_H
#define GN_CLI_DEFAULT_PROFILE_H

#include "base/error.h"

/// The file of a profile: what has a slash or ends in .json is a file's name itself; else NAME.json
/// is looked for in $GANNET_PROFILES and beside the program. GN_E_NO_INPUT says where.
/** @param path  malloc'ed, to be freed by the caller */
GN_MUST_CHECK
int gn_find_profile(const char *name, char **path, gn_error_t *err);

#endif

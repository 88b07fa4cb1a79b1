/* SPDX-License-Identifier: MIT
 *
 * error.h - filling a gn_error_t. The first layer that fails writes the message; upper layers may
 * only prefix it.
 */
#ifndef GN_BASE_ERROR_H
#define GN_BASE_ERROR_H

#include "gannet/error.h"

/// Records a failure and returns `code`, so that callers write `return gn_fail(err, ...)`. err may
/// be NULL.
int gn_fail(gn_error_t *err, int code, const char *format, ...) GN_PRINTF(3, 4);

/// Records an allocation failure or a reached ceiling: `what` names the thing ("reads of one
/// partition").
int gn_fail_memory(gn_error_t *err, const char *what);

/// Puts "prefix: " in front of the message that err already carries; returns err's code.
int gn_error_prefix(gn_error_t *err, const char *format, ...) GN_PRINTF(2, 3);

#endif

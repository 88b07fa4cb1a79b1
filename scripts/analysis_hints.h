/* SPDX-License-Identifier: MIT
 *
 * analysis_hints.h - what clang's analyser cannot see across files: gn_fail() returns the code it was given, which is not
 * GN_OK. Included by scripts/static-analysis in front of each source; no compiler sees it.
 */
#include "base/error.h"

#define gn_fail(err, code, ...)   (gn_fail(err, code, __VA_ARGS__), (code))
#define gn_fail_memory(err, what) (gn_fail_memory(err, what), GN_E_MEMORY)

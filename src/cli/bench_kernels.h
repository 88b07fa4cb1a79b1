/* SPDX-License-Identifier: MIT
 *
 * bench_kernels.h - `gannet bench kernels`: the tile kernels alone, against the machine's peak.
 */
#ifndef GN_CLI_BENCH_KERNELS_H
#define GN_CLI_BENCH_KERNELS_H

#include "base/error.h"

/// Measures each kernel that this CPU can run on data in the second-level cache, for `seconds`, and
/// prints a table row for each. GN_E_MEMORY.
GN_MUST_CHECK
int gn_bench_kernels(double seconds, gn_error_t *err);

#endif

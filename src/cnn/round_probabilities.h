/* SPDX-License-Identifier: MIT
 *
 * round_probabilities.h - the rounding that call_variants applies to the network's output (spec 100.3).
 */
#ifndef GN_CNN_ROUND_PROBABILITIES_H
#define GN_CNN_ROUND_PROBABILITIES_H

#include "base/error.h"

/// Rounds a triple to 10 decimals in float32 and makes its smallest entry what the others leave of 1.
/** @return  GN_OK, or GN_E_DATA when the triple does not sum to 1 within 1e-6 (or holds a NaN). Thread-safe. */
int gn_round_probabilities(const float probabilities[3], double rounded[3], gn_error_t *err);

#endif

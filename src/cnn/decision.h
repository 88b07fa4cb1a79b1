/* SPDX-License-Identifier: MIT
 *
 * decision.h - what three probabilities say, and when a fast number type may not decide: the rules that all back ends share.
 */
#ifndef GN_CNN_DECISION_H
#define GN_CNN_DECISION_H

#include <stdbool.h>

/// Which of {no, one, two} copies is likeliest; of equals the fewest.
int gn_best_class(const float probabilities[3]);

/// True when the two best probabilities lie so close (0.05) that float32 must decide (infer.h).
bool gn_near_decision(const float probabilities[3]);

#endif

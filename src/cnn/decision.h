/* SPDX-License-Identifier: MIT
 *
 * decision.h - when a fast number type may not decide an image: the rule that all back ends share.
 */
#ifndef GN_CNN_DECISION_H
#define GN_CNN_DECISION_H

#include <stdbool.h>

/// True when the two best probabilities lie so close (0.05) that float32 must decide (infer.h).
bool gn_near_decision(const float probabilities[3]);

#endif

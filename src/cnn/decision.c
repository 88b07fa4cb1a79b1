/* SPDX-License-Identifier: MIT
 *
 * decision.c - the best class, and how close the second is.
 */
#include "cnn/decision.h"

/* The two best probabilities of an image this close: float32 decides. */
static const float DECISION_BAND = 0.05F;

int gn_best_class(const float probabilities[3])
{
    int best = 0;
    for (int c = 1; c < 3; c++)
        if (probabilities[c] > probabilities[best])
            best = c;
    return best;
}

bool gn_near_decision(const float probabilities[3])
{
    float best = -1.0F, second = -1.0F;
    for (int c = 0; c < 3; c++) {
        float p = probabilities[c];
        second = p > best ? best : p > second ? p : second;
        best = p > best ? p : best;
    }
    return best - second < DECISION_BAND;
}

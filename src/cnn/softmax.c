/* SPDX-License-Identifier: MIT
 *
 * softmax.c - softmax with an exponential of its own.
 */
#include "cnn/softmax.h"

#include <math.h>

/* e^x for x <= 0: x = k ln 2 + r, Taylor's series of e^r (|r| <= 0.35; 14 terms reach double
 * precision), times 2^k. */
static double exponential(double x)
{
    static const double LN2_HIGH = 0x1.62e42feep-1, LN2_LOW = 0x1.a39ef35793c76p-33;
    static const double INVERSE_LN2 = 0x1.71547652b82fep+0;
    enum { TERMS = 14 };
    if (x < -700.0)
        return 0.0;
    double k = floor(x * INVERSE_LN2 + 0.5);
    double r = (x - k * LN2_HIGH) - k * LN2_LOW;
    double sum = 1.0;
    for (int i = TERMS; i >= 1; i--)
        sum = 1.0 + sum * r / i;
    return ldexp(sum, (int)k);
}

void gn_softmax(const float *logits, int n, float *probabilities)
{
    float top = logits[0];
    for (int i = 1; i < n; i++)
        top = logits[i] > top ? logits[i] : top;
    double sum = 0.0;
    for (int i = 0; i < n; i++)
        sum += exponential((double)logits[i] - top);
    for (int i = 0; i < n; i++)
        probabilities[i] = (float)(exponential((double)logits[i] - top) / sum);
}

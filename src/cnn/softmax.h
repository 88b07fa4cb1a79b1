/* SPDX-License-Identifier: MIT
 *
 * softmax.h - the softmax that ends every network, the same bits on every machine.
 */
#ifndef GN_CNN_SOFTMAX_H
#define GN_CNN_SOFTMAX_H

/// Softmax of n numbers in double precision with an exponential of our own (relative error below
/// 1e-15), so that it does not depend on the machine's libm; rounded to float at the end.
void gn_softmax(const float *logits, int n, float *probabilities);

#endif

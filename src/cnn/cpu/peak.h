/* SPDX-License-Identifier: MIT
 *
 * peak.h - how fast this machine multiplies and adds when nothing else holds it up: the measure that
 * the speed of inference is given in.
 *
 * Knows instructions only, no kernels and no networks.
 */
#ifndef GN_CNN_CPU_PEAK_H
#define GN_CNN_CPU_PEAK_H

#include "cnn/cpu/tile.h"

/// Billions of operations a second of all threads together; a multiply-accumulate is two.
struct gn_peak {
    double best;   /* of the rounds: what the machine can do, also where others disturb some */
    double median; /* of the rounds: far below best, others were busy */
};

/// Measures the multiply-accumulate instructions of a type that the instruction set's kernels use,
/// on independent registers without memory: float32 fused multiply-add, int16 vpdpwssd (VNNI) or
/// vpmaddwd + vpaddd, int8 vpdpbusd, bfloat16 vdpbf16ps.
/** Runs about 0.2 seconds, in rounds of 1 ms that the threads start together.
    @param threads  1 ... 1024
    @param peak     zero where there is no such instruction (portable, int8 without VNNI)
    @return         GN_OK, GN_E_MEMORY or GN_E_UNAVAILABLE (threads) with err. The instruction set
   must be available. */
GN_MUST_CHECK
int gn_peak_measure(enum gn_precision precision, enum gn_isa isa, int threads, struct gn_peak *peak,
                    gn_error_t *err);

#endif

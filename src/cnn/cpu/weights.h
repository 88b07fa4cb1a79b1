/* SPDX-License-Identifier: MIT
 *
 * weights.h - the weights of a convolution in the order and the number type that a kernel reads.
 */
#ifndef GN_CNN_CPU_WEIGHTS_H
#define GN_CNN_CPU_WEIGHTS_H

#include "cnn/cpu/plan.h"
#include "cnn/cpu/tile.h"

/// What gn_tile needs of a convolution. Made once, shared by all workers.
struct gn_packed {
    const struct gn_kernels *kernels;
    const void *weights; /* [block][tap][word][16][elements of a word]; see gn_tile */
    void *owned;         /* the same, when it is not the model's own float32 array */
    size_t block_stride; /* bytes */
    int words;           /* of a tap */
    float *bias, *scale; /* [blocks][16] */
    void *padding; /* what a tap outside the map reads: the value zero, words * row_taps words */
    bool zero_padding; /* all its bits are 0 */
};

/// Packs the weights of a step of the plan. int16: the weights of an output channel are scaled so
/// that they use all of 16 bits, or less where a sum could pass 31 bits; int8: all of 8 bits. The
/// image's (x - 128) / 128 is folded into integer weights and biases; float32 and bfloat16 images
/// are exact as they are. Starts zeroed; gn_packed_clear() also after a failure (GN_E_MEMORY).
int gn_packed_make(struct gn_packed *packed, const struct gn_cpu_plan *plan,
                   const struct gn_cpu_step *step, enum gn_isa isa, gn_error_t *err);
void gn_packed_clear(struct gn_packed *packed);

#endif

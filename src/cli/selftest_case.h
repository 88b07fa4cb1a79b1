/* SPDX-License-Identifier: MIT
 *
 * selftest_case.h - one number type on one device, compared with the CPU's float32.
 */
#ifndef GN_CLI_SELFTEST_CASE_H
#define GN_CLI_SELFTEST_CASE_H

#include "cnn/device_choice.h"
#include "cnn/example_images.h"

/// What the CPU's float32 says of the images.
struct selftest_reference {
    const gn_model_t *model;
    const struct gn_images *images;
    float (*probabilities)[3]; /* [images->n], free() it */
    size_t calls[3];           /* images that show no, one and two copies */
    char computed_by[512];
};

/// What another way of computing says of them.
struct selftest_result {
    enum gn_precision precision; /* never AUTO */
    char computed_by[512];
    char warning[512];         /* of the network, or "" */
    double largest_difference; /* of a probability from the reference's */
    size_t changed_calls;      /* images whose most likely class is another one */
    uint64_t recomputed;       /* images computed once more in float32 */
    double images_per_s;
};

/// Computes the reference: with AVX2 where the CPU has it, so that the kernels of larger instruction sets are not their own measure.
/** @param reference  `model` and `images` are filled in; they must outlive it
    @return           GN_OK or a code with err */
GN_MUST_CHECK
int selftest_compute_reference(struct selftest_reference *reference, gn_error_t *err);

/// Computes the images in another way and compares. GN_E_UNAVAILABLE where the device has no such type.
GN_MUST_CHECK
int selftest_compare(const struct selftest_reference *reference,
                     const struct gn_network_options *options, struct selftest_result *result,
                     gn_error_t *err);

#endif

/* SPDX-License-Identifier: MIT
 *
 * infer.h - from pileup images to genotype probabilities.
 *
 * The one interface that callers of the network use; what computes (cnn/cpu, later cnn/cuda) is
 * behind it. The probabilities of an image depend on the model and the image alone: not on the
 * batch, the thread or the CPU type.
 */
#ifndef GN_CNN_INFER_H
#define GN_CNN_INFER_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "cnn/model.h"

typedef struct gn_infer gn_infer_t;

/// Makes one worker's inference state (scratch memory; the weights stay shared in the model).
/** @param model      must outlive the result
    @param max_batch  images the caller means to pass per call (>= 1): a hint for back ends that
   batch
    @return           to be freed with gn_infer_destroy(); NULL with err (GN_E_MEMORY). One thread
   at a time. */
GN_MUST_CHECK
gn_infer_t *gn_infer_create(const gn_model_t *model, int max_batch, gn_error_t *err);

/// Classifies n images; any n, 0 included.
/** @param images         n * height * width * channels bytes, row-major, channel fastest (as in
   tf.Example)
    @param probabilities  n triples: {no, one, two} copies of the image's alternate alleles; each
   sums to 1 within 1e-6
    @return               GN_OK or a code with err */
GN_MUST_CHECK
int gn_infer_run(gn_infer_t *infer, const uint8_t *images, size_t n, float (*probabilities)[3],
                 gn_error_t *err);

/// Frees the state; NULL is fine.
void gn_infer_destroy(gn_infer_t *infer);

/// What computes, for logs and `gannet model info`: "cpu avx512". Static storage.
const char *gn_infer_backend(const gn_infer_t *infer);

#endif

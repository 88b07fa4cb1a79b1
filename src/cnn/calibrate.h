/* SPDX-License-Identifier: MIT
 *
 * calibrate.h - the scales of the integer number types, and a measurement of what they cost.
 *
 * Runs a model over examples in float32 and notes each layer's largest value, then runs it in int16
 * and, where the CPU can, int8, and compares. The result goes into the folder's model.json.
 */
#ifndef GN_CNN_CALIBRATE_H
#define GN_CNN_CALIBRATE_H

#include <stdint.h>

#include "cnn/quantisation.h"

struct gn_calibration {
    int images;
    struct gn_agreement agreement[GN_PRECISIONS]; /* of int16 and int8 */
};

/// Calibrates the model in a folder; its model.json is replaced when all is done.
/** A type passes when every image keeps its best class and at least 99 % keep their integer genotype
   quality (-10 log10 of the error, rounded).
    @param examples  what gn_example_source_open() takes; images of the model's shape
    @param limit     the most images, 1 ... 4096 (they are held in memory)
    @param result    what was measured
    @return          GN_OK; GN_E_DATA (no examples), GN_E_MISMATCH (of another shape),
   GN_E_UNAVAILABLE (the network cannot be computed in integers), GN_E_NO_INPUT, GN_E_IO,
   GN_E_CANNOT_CREATE, GN_E_MEMORY. */
GN_MUST_CHECK
int gn_calibrate(const char *dir, const char *examples, int64_t limit,
                 struct gn_calibration *result, gn_error_t *err);

#endif

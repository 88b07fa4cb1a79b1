/* SPDX-License-Identifier: MIT
 *
 * random_model.h - Inception v3 with random weights, for benchmarks and tests.
 */
#ifndef GN_CNN_RANDOM_MODEL_H
#define GN_CNN_RANDOM_MODEL_H

#include <stdint.h>

#include "cnn/import.h"

/// Writes a model folder with random weights. The same seed gives the same bytes on any machine.
/** The weights are uniform, of a variance by which activations keep a second moment of about one
    (He et al., "Delving Deep into Rectifiers", 2015), so that rounding errors neither grow nor
    vanish on the way through the network.
    @param options  shape (must be given), channels, preset and name (by default those of
                    DeepVariant's model for such images, or "wgs")
    @param divisor  of all widths: 1, 2, 4, 8 or 16
    @return         GN_OK, GN_E_USAGE, and what gn_model_write() returns */
GN_MUST_CHECK
int gn_random_model_write(const struct gn_import_options *options, int divisor, uint64_t seed,
                          const char *output, gn_error_t *err);

#endif

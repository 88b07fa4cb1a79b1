/* SPDX-License-Identifier: MIT
 *
 * precision.h - the number types that a network can be computed in, and their names.
 */
#ifndef GN_CNN_PRECISION_H
#define GN_CNN_PRECISION_H

#include <stdbool.h>

#include "base/error.h"

enum gn_precision {
    GN_PRECISION_AUTO,    /* int16 where the model's calibration passed its check, else float32 */
    GN_PRECISION_FLOAT32, /* the reference */
    GN_PRECISION_INT16,   /* activations of 13 bits, sums of 32 bits, exact integers */
    GN_PRECISION_BF16,    /* only where the CPU has the instructions */
    GN_PRECISION_INT8,    /* only where the CPU has the instructions */
    GN_PRECISION_FLOAT16, /* only on a GPU */
    GN_PRECISION_TF32,    /* only on a GPU: float32 whose products see 10 bits of each factor */
    GN_PRECISIONS,
};

/// The name on the command line and in JSON: "auto", "float32", "int16", "bf16", "int8", "float16", "tf32". Static
/// storage.
const char *gn_precision_name(enum gn_precision precision);

/// Reads a name; GN_E_USAGE lists the names.
int gn_precision_parse(const char *name, enum gn_precision *precision, gn_error_t *err);

/// True when a type is worth computing in on this CPU: float32 and int16 always, int8 with VNNI,
/// bf16 with its instructions. Defined by the back end (cnn/cpu/isa.c).
bool gn_precision_available(enum gn_precision precision);

#endif

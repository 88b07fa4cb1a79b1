/* SPDX-License-Identifier: MIT
 *
 * precision.c - the names of the number types.
 */
#include "cnn/precision.h"

#include <string.h>

static const char *const NAMES[GN_PRECISIONS] = {"auto", "float32", "int16", "bf16",
                                                 "int8", "float16", "tf32"};

const char *gn_precision_name(enum gn_precision precision)
{
    return NAMES[precision];
}

int gn_precision_parse(const char *name, enum gn_precision *precision, gn_error_t *err)
{
    for (int i = 0; i < GN_PRECISIONS; i++)
        if (strcmp(name, NAMES[i]) == 0) {
            *precision = (enum gn_precision)i;
            return GN_OK;
        }
    return gn_fail(err, GN_E_USAGE,
                   "'%s' is no precision: say auto, float32, int16, bf16 or int8; on a GPU "
                   "auto, float32, tf32, float16 or bf16",
                   name);
}

/* SPDX-License-Identifier: MIT
 *
 * call_debug.h - the optional debug_info of a CallVariantsOutput (spec 100.4).
 */
#ifndef GN_IO_CALL_DEBUG_H
#define GN_IO_CALL_DEBUG_H

#include "io/messages.h"

struct gn_call_debug {
    int predicted_label;
    int true_label;        /* 0 when unknown */
    struct gn_bytes image; /* not owned; empty when not wanted */
};

/// Appends the message to the packed CallVariantsOutput in `record`, with what `variant` is (SNP, insertion, deletion).
int gn_call_debug_append(const struct gn_call_debug *debug, const struct gn_variant *variant,
                         struct gn_bytes *record, gn_error_t *err);

#endif

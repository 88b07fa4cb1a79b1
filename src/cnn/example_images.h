/* SPDX-License-Identifier: MIT
 *
 * example_images.h - the images of examples files in memory, for what looks at them more than once.
 */
#ifndef GN_CNN_EXAMPLE_IMAGES_H
#define GN_CNN_EXAMPLE_IMAGES_H

#include <stddef.h>
#include <stdint.h>

#include "cnn/model.h"

struct gn_images {
    uint8_t *bytes; /* [n][size]; free() it */
    size_t n, size; /* size: bytes of an image of the model */
};

/// Reads the first images of a list of files (gn_example_source_open()).
/** @param limit   the most images; room for all of them is taken at once
    @param images  {0}; to be freed after a failure too
    @return        GN_OK; GN_E_DATA (no example, or a damaged one), GN_E_MISMATCH (not of the model's shape), GN_E_NO_INPUT,
    GN_E_IO, GN_E_MEMORY. Thread-safe. */
GN_MUST_CHECK
int gn_images_read(const char *list, const gn_model_t *model, size_t limit,
                   struct gn_images *images, gn_error_t *err);

#endif

/* SPDX-License-Identifier: MIT
 *
 * read_pixels.h - which columns a read paints, in painting order (spec 40 section 4). Internal to pileup/.
 */
#ifndef GN_PILEUP_READ_PIXELS_H
#define GN_PILEUP_READ_PIXELS_H

#include "pileup/channel.h"

/// The window of an image and the quality rule at the variant.
struct gn_pixel_window {
    int64_t start0; /* of column 0 */
    int width;
    int64_t variant0; /* start of the variant */
    int min_base_quality;
};

/// False when a base that is drawn at the variant's start is of low quality, which keeps the whole read out of the image.
bool gn_read_is_drawable(const struct gn_read *read, const struct gn_pixel_window *window);

/// Most pixels that a read can paint.
size_t gn_read_pixels_max(const struct gn_read *read, int width);

/// Writes the pixels of a (trimmed) read; returns their number.
int gn_read_pixels(const struct gn_read *read, const struct gn_pixel_window *window,
                   struct gn_pixel *pixels);

#endif

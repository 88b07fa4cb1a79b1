/* SPDX-License-Identifier: MIT
 *
 * picture.h - paints reads in rows over a reference into images (spec 40 section 4). Internal to pileup/.
 *
 * The images of a candidate show the same picture of its reads, with other colours in the channels that look at the
 * supported allele; an alt-aligned picture takes the place of a few of their channels or rows.
 */
#ifndef GN_PILEUP_PICTURE_H
#define GN_PILEUP_PICTURE_H

#include "pileup/rows.h"

/// Reads over a reference or a haplotype.
struct gn_picture {
    const char *ref; /* bases of the columns */
    struct gn_row_list rows;
};

/// Where a picture goes: a part of an image.
struct gn_canvas {
    const struct gn_pileup_image *image;
    uint8_t *pixels; /* of the part's first channel in its first row and column */
};

/// Reusable memory. Start with {0}; free(v).
struct gn_pixel_buffer {
    struct gn_pixel *v;
    size_t cap;
};

/// What the pictures of a candidate have in common.
struct gn_painter {
    const struct gn_pileup_options *options;
    const struct gn_channel *const *channels; /* of the options' list */
    const struct gn_candidate *candidate;
    const int16_t *alt_of_key; /* 1 + number of the alt that the read of a key supports, 0 none */
    struct gn_pixel_window window;
    struct gn_pixel_buffer *buffer;
    gn_error_t *err;
};

/// Paints channels [first, first + n) of the list into each canvas.
/** @return  GN_OK or GN_E_MEMORY */
int gn_picture_paint(const struct gn_painter *painter, const struct gn_picture *picture,
                     const struct gn_canvas *canvases, int n_canvases, int first, int n);

#endif

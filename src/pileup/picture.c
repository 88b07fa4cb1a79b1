/* SPDX-License-Identifier: MIT
 *
 * picture.c - row by row: the columns of a read are worked out once and painted into all images.
 */
#include "pileup/picture.h"

#include <string.h>

enum { MAX_PIXELS = 1 << 24, SWAPPING_TAG = 2 };

static const float OTHER_ALT_ALPHA = 0.6F, OTHER_ALT_COLOR_ALPHA = 0.3F;

static int reserve_pixels(const struct gn_painter *painter, const struct gn_row_list *rows)
{
    struct gn_pixel_buffer *buffer = painter->buffer;
    size_t need = 0;
    for (size_t i = 0; i < rows->n; i++) {
        size_t most = gn_read_pixels_max(rows->v[i].read, painter->window.width);
        need = most > need ? most : need;
    }
    void *grown = gn_reserve(buffer->v, &buffer->cap, need, sizeof *buffer->v, MAX_PIXELS,
                             "pixels of one read", painter->err);
    if (grown == NULL)
        return GN_E_MEMORY;
    buffer->v = grown;
    return GN_OK;
}

/* Whether the read supports an alt of the image (1), another alt of the record (2), or none (0). */
static int support_of(const struct gn_painter *painter, const struct gn_read *read,
                      const struct gn_pileup_image *image, int *alt)
{
    *alt = painter->alt_of_key[read->key] - 1;
    if (*alt < 0)
        return 0;
    for (int i = 0; i < image->n_alts; i++)
        if (image->alts[i] == *alt)
            return 1;
    return 2;
}

/* PARITY(dv-1.9): of all polishing tags, 2 alone changes colours. */
static struct gn_channel_read view_of(const struct gn_painter *painter, const struct gn_read *read,
                                      const struct gn_pileup_image *image)
{
    const struct gn_pileup_options *o = painter->options;
    int alt;
    struct gn_channel_read view = {.read = read,
                                   .supports = support_of(painter, read, image, &alt),
                                   .other_alt_alpha = o->add_supporting_other_alt_color
                                                          ? OTHER_ALT_COLOR_ALPHA
                                                          : OTHER_ALT_ALPHA,
                                   .swaps_haplotypes = o->assembly_polishing_tag == SWAPPING_TAG};
    if (view.supports == 1 && painter->candidate->alt_frequencies != NULL)
        view.alt_frequency = painter->candidate->alt_frequencies[alt];
    return view;
}

/* All reference rows are the same. */
static void paint_reference_rows(const struct gn_painter *painter, const char *ref, uint8_t *pixels,
                                 int first, int n)
{
    const struct gn_pileup_options *o = painter->options;
    size_t stride = (size_t)o->n_channels, row_bytes = (size_t)o->width * stride;
    for (int c = 0; c < n; c++)
        painter->channels[first + c]->paint_reference(ref, o->width, pixels + c, o->n_channels);
    for (size_t row = 1; row < GN_REFERENCE_ROWS; row++)
        for (size_t at = 0; at < row_bytes; at += stride)
            memcpy(pixels + row * row_bytes + at, pixels + at, (size_t)n);
}

int gn_picture_paint(const struct gn_painter *painter, const struct gn_picture *picture,
                     const struct gn_canvas *canvases, int n_canvases, int first, int n)
{
    const struct gn_pileup_options *o = painter->options;
    size_t row_bytes = (size_t)o->width * (size_t)o->n_channels;
    if (reserve_pixels(painter, &picture->rows) < 0)
        return GN_E_MEMORY;
    for (int k = 0; k < n_canvases; k++)
        paint_reference_rows(painter, picture->ref, canvases[k].pixels, first, n);
    for (size_t i = 0; i < picture->rows.n; i++) {
        const struct gn_read *read = picture->rows.v[i].read;
        int n_pixels = gn_read_pixels(read, &painter->window, painter->buffer->v);
        for (int k = 0; k < n_canvases; k++) {
            struct gn_channel_read view = view_of(painter, read, canvases[k].image);
            view.ref = picture->ref;
            view.pixels = painter->buffer->v;
            view.n_pixels = n_pixels;
            uint8_t *row = canvases[k].pixels + (GN_REFERENCE_ROWS + i) * row_bytes;
            for (int c = 0; c < n; c++)
                painter->channels[first + c]->paint_read(&view, row + c, o->n_channels);
        }
    }
    return GN_OK;
}

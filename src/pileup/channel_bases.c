/* SPDX-License-Identifier: MIT
 *
 * channel_bases.c - channels that look at each base: the letter, its quality, whether it differs from the reference.
 */
#include "pileup/channel.h"

enum { QUALITY_CAP = 40, MATCHES_REF = 50, DIFFERS_FROM_REF = 254 };

/* Other letters are dark. */
static const uint8_t BASE_COLORS[256] = {['A'] = 250, ['G'] = 180, ['T'] = 100, ['C'] = 30};

static uint8_t base_color(char base)
{
    return BASE_COLORS[(unsigned char)base];
}

/* The division of whole numbers equals that of gn_scale_pixel(). */
static uint8_t quality_color(unsigned quality)
{
    return (uint8_t)(GN_PIXEL_MAX * (quality < QUALITY_CAP ? quality : QUALITY_CAP) / QUALITY_CAP);
}

void gn_paint_read_base(const struct gn_channel_read *r, uint8_t *row, int stride)
{
    for (int i = 0; i < r->n_pixels; i++)
        row[r->pixels[i].column * stride] = base_color(r->pixels[i].base);
}

void gn_paint_base_quality(const struct gn_channel_read *r, uint8_t *row, int stride)
{
    for (int i = 0; i < r->n_pixels; i++)
        row[r->pixels[i].column * stride] =
            quality_color(r->read->qualities[r->pixels[i].read_index]);
}

void gn_paint_base_differs(const struct gn_channel_read *r, uint8_t *row, int stride)
{
    for (int i = 0; i < r->n_pixels; i++) {
        const struct gn_pixel *pixel = &r->pixels[i];
        row[pixel->column * stride] =
            pixel->base == r->ref[pixel->column] ? MATCHES_REF : DIFFERS_FROM_REF;
    }
}

void gn_paint_reference_base(const char *ref, int width, uint8_t *row, int stride)
{
    for (int i = 0; i < width; i++)
        row[i * stride] = base_color(ref[i]);
}

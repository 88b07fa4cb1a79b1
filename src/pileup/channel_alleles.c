/* SPDX-License-Identifier: MIT
 *
 * channel_alleles.c - channels about the allele that a read supports.
 */
#include <math.h>

#include "pileup/channel.h"

static const float SUPPORTS = 1.0F, DOES_NOT_SUPPORT = 0.6F, MIN_FREQUENCY = 0.00001F;

void gn_paint_supports_variant(const struct gn_channel_read *r, uint8_t *row, int stride)
{
    float alpha = r->supports == 1   ? SUPPORTS
                  : r->supports == 2 ? r->other_alt_alpha
                                     : DOES_NOT_SUPPORT;
    gn_paint_constant(r, (uint8_t)((float)GN_PIXEL_MAX * alpha), row, stride);
}

/* Logarithmic scale: 1e-5 is dark, 1 is bright. spec 40 section 8. */
void gn_paint_allele_frequency(const struct gn_channel_read *r, uint8_t *row, int stride)
{
    uint8_t value = 0;
    if (r->alt_frequency > MIN_FREQUENCY) {
        float log_min = (float)log10((double)MIN_FREQUENCY);
        float log_frequency = (float)log10((double)r->alt_frequency);
        value = (uint8_t)(((log_min - log_frequency) / log_min) * (float)GN_PIXEL_MAX);
    }
    gn_paint_constant(r, value, row, stride);
}

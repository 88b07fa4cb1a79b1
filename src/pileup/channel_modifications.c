/* SPDX-License-Identifier: MIT
 *
 * channel_modifications.c - channels about modified bases: how likely each base is methylated.
 */
#include "pileup/channel.h"

enum { LIKELIHOOD_CAP = 255 };

static void paint_likelihoods(const struct gn_channel_read *r, const uint8_t *likelihoods,
                              uint8_t *row, int stride)
{
    for (int i = 0; i < r->n_pixels && likelihoods != NULL; i++)
        row[r->pixels[i].column * stride] =
            gn_scale_pixel(likelihoods[r->pixels[i].read_index], LIKELIHOOD_CAP);
}

void gn_paint_base_methylation(const struct gn_channel_read *r, uint8_t *row, int stride)
{
    paint_likelihoods(r, r->read->likelihood_5mc, row, stride);
}

void gn_paint_base_6ma(const struct gn_channel_read *r, uint8_t *row, int stride)
{
    paint_likelihoods(r, r->read->likelihood_6ma, row, stride);
}

/* SPDX-License-Identifier: MIT
 *
 * channel_composition.c - channels about the sequence around a base: GC content and homopolymers.
 */
#include "pileup/channel.h"

enum { PERCENT = 100 };

static uint8_t gc_color(const char *bases, int n)
{
    int gc = 0;
    for (int i = 0; i < n; i++)
        gc += bases[i] == 'G' || bases[i] == 'C';
    return gn_scale_pixel((int)((float)gc / (float)n * PERCENT), PERCENT);
}

void gn_paint_gc_content(const struct gn_channel_read *r, uint8_t *row, int stride)
{
    gn_paint_constant(r, gc_color(r->read->bases, r->read->length), row, stride);
}

void gn_paint_reference_gc_content(const char *ref, int width, uint8_t *row, int stride)
{
    uint8_t value = gc_color(ref, width);
    for (int i = 0; i < width; i++)
        row[i * stride] = value;
}

/* Length of the run of equal bases that holds base i. */
static int run_length(const char *bases, int n, int i)
{
    int first = i, last = i;
    while (first > 0 && bases[first - 1] == bases[i])
        first--;
    while (last + 1 < n && bases[last + 1] == bases[i])
        last++;
    return last - first + 1;
}

static uint8_t is_homopolymer(int run)
{
    return run >= GN_HOMOPOLYMER_MIN ? GN_PIXEL_MAX : 0;
}

/* PARITY(dv-1.9): run lengths are kept in a byte. */
static uint8_t weigh_homopolymer(int run)
{
    return gn_scale_pixel(run & 255, GN_HOMOPOLYMER_MAX);
}

void gn_paint_is_homopolymer(const struct gn_channel_read *r, uint8_t *row, int stride)
{
    for (int i = 0; i < r->n_pixels; i++)
        row[r->pixels[i].column * stride] =
            is_homopolymer(run_length(r->read->bases, r->read->length, r->pixels[i].read_index));
}

void gn_paint_homopolymer_weighted(const struct gn_channel_read *r, uint8_t *row, int stride)
{
    for (int i = 0; i < r->n_pixels; i++)
        row[r->pixels[i].column * stride] =
            weigh_homopolymer(run_length(r->read->bases, r->read->length, r->pixels[i].read_index));
}

void gn_paint_reference_is_homopolymer(const char *ref, int width, uint8_t *row, int stride)
{
    for (int i = 0; i < width; i++)
        row[i * stride] = is_homopolymer(run_length(ref, width, i));
}

void gn_paint_reference_homopolymer_weighted(const char *ref, int width, uint8_t *row, int stride)
{
    for (int i = 0; i < width; i++)
        row[i * stride] = weigh_homopolymer(run_length(ref, width, i));
}

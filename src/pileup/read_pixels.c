/* SPDX-License-Identifier: MIT
 *
 * read_pixels.c - the CIGAR walk of the pileup. An indel overwrites the column of its anchor; deleted columns stay empty.
 */
#include "pileup/read_pixels.h"

#include <htslib/sam.h>

struct walk {
    const struct gn_read *read;
    const struct gn_pixel_window *window;
    struct gn_pixel *pixels;
    int n;
};

size_t gn_read_pixels_max(const struct gn_read *read, int width)
{
    return (size_t)width + (size_t)read->n_cigar;
}

/* Returns false when the read must not be drawn. */
static bool draw(struct walk *walk, int64_t pos0, int read_index, char base)
{
    int64_t column = pos0 - walk->window->start0;
    if (column < 0 || column >= walk->window->width || read_index < 0 ||
        read_index >= walk->read->length)
        return true;
    if (pos0 == walk->window->variant0 &&
        walk->read->qualities[read_index] < walk->window->min_base_quality)
        return false;
    walk->pixels[walk->n++] = (struct gn_pixel){(int)column, read_index, base};
    return true;
}

static bool draw_match(struct walk *walk, int64_t pos0, int read_index, int64_t length)
{
    int64_t from = walk->window->start0 > pos0 ? walk->window->start0 - pos0 : 0;
    int64_t end0 = walk->window->start0 + walk->window->width;
    int64_t to = end0 - pos0 < length ? end0 - pos0 : length;
    for (int64_t i = from; i < to; i++)
        if (!draw(walk, pos0 + i, read_index + (int)i, walk->read->bases[read_index + i]))
            return false;
    return true;
}

int gn_read_pixels(const struct gn_read *read, const struct gn_pixel_window *window,
                   struct gn_pixel *pixels)
{
    struct walk walk = {read, window, pixels, 0};
    int64_t pos0 = read->pos0;
    int read_index = 0;
    for (int i = 0; i < read->n_cigar; i++) {
        uint32_t op = read->cigar[i] & 15, length = read->cigar[i] >> 4;
        bool is_drawn = true;
        if (gn_cigar_is_match(op))
            is_drawn = draw_match(&walk, pos0, read_index, length);
        else if (op == BAM_CINS && pos0 > 0) /* the quality is that of the first inserted base */
            is_drawn = draw(&walk, pos0 - 1, read_index, '*');
        else if (op == BAM_CDEL && read_index > 0)
            is_drawn = draw(&walk, pos0 - 1, read_index - 1, '*');
        if (!is_drawn)
            return -1;
        if (gn_cigar_takes_read(op))
            read_index += (int)length;
        if (gn_cigar_takes_reference(op))
            pos0 += length;
    }
    return walk.n;
}

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

static void draw(struct walk *walk, int64_t pos0, int read_index, char base)
{
    int64_t column = pos0 - walk->window->start0;
    if (column >= 0 && column < walk->window->width && read_index < walk->read->length)
        walk->pixels[walk->n++] = (struct gn_pixel){(int)column, read_index, base};
}

static void draw_match(struct walk *walk, int64_t pos0, int read_index, int64_t length)
{
    const struct gn_pixel_window *window = walk->window;
    const char *bases = walk->read->bases + read_index;
    int64_t from = window->start0 > pos0 ? window->start0 - pos0 : 0;
    int64_t to = window->start0 + window->width - pos0, in_read = walk->read->length - read_index;
    to = to < length ? to : length;
    to = to < in_read ? to : in_read;
    int first_column = (int)(pos0 - window->start0);
    struct gn_pixel *pixels = walk->pixels + walk->n;
    for (int i = (int)from; i < (int)to; i++)
        *pixels++ = (struct gn_pixel){first_column + i, read_index + i, bases[i]};
    walk->n = (int)(pixels - walk->pixels);
}

size_t gn_read_pixels_max(const struct gn_read *read, int width)
{
    return (size_t)width + (size_t)read->n_cigar;
}

int gn_read_pixels(const struct gn_read *read, const struct gn_pixel_window *window,
                   struct gn_pixel *pixels)
{
    struct walk walk = {read, window, pixels, 0};
    int64_t pos0 = read->pos0;
    int read_index = 0;
    for (int i = 0; i < read->n_cigar; i++) {
        uint32_t op = read->cigar[i] & 15, length = read->cigar[i] >> 4;
        if (gn_cigar_is_match(op))
            draw_match(&walk, pos0, read_index, length);
        else if (op == BAM_CINS && pos0 > 0) /* the quality is that of the first inserted base */
            draw(&walk, pos0 - 1, read_index, '*');
        else if (op == BAM_CDEL && read_index > 0)
            draw(&walk, pos0 - 1, read_index - 1, '*');
        if (gn_cigar_takes_read(op))
            read_index += (int)length;
        if (gn_cigar_takes_reference(op))
            pos0 += length;
    }
    return walk.n;
}

/* Base of the read whose quality counts where an operation draws at the variant's start, -1 when it draws nothing there.
 * The operation begins at pos0 and read_index. */
static int base_at_variant(uint32_t op, int64_t length, int64_t before_variant, int read_index)
{
    if (gn_cigar_is_match(op) && before_variant >= 0 && before_variant < length)
        return read_index + (int)before_variant;
    if (before_variant != -1)
        return -1;
    return op == BAM_CINS ? read_index : op == BAM_CDEL ? read_index - 1 : -1;
}

bool gn_read_is_drawable(const struct gn_read *read, const struct gn_pixel_window *window)
{
    int64_t before_variant = window->variant0 - read->pos0; /* bp to come */
    int read_index = 0;
    for (int i = 0; i < read->n_cigar && before_variant >= -1; i++) {
        uint32_t op = read->cigar[i] & 15, length = read->cigar[i] >> 4;
        int base = base_at_variant(op, length, before_variant, read_index);
        if (base >= 0 && base < read->length && read->qualities[base] < window->min_base_quality)
            return false;
        if (gn_cigar_takes_read(op))
            read_index += (int)length;
        if (gn_cigar_takes_reference(op))
            before_variant -= length;
    }
    return true;
}

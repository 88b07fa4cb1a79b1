/* SPDX-License-Identifier: MIT
 *
 * crop.c - which reads are cropped, and to what.
 */
#include "reads/crop.h"

#include <htslib/sam.h>

struct gn_crop_window gn_crop_window(int64_t start0, int64_t end0, int64_t margin)
{
    if (margin <= 0)
        return (struct gn_crop_window){0, 0};
    int64_t reach = margin + (end0 - start0) * GN_PHASE_PADDING_PERCENT / 100 + 1;
    return (struct gn_crop_window){start0 > reach ? start0 - reach : 0, end0 + reach};
}

bool gn_plan_crop(const struct gn_crop_window *window, const struct gn_read *read, int64_t *to_skip,
                  int64_t *to_keep)
{
    if (window->end0 <= window->start0 || read->length < GN_CROP_MIN_LENGTH)
        return false;
    int64_t start0 = window->start0 > read->pos0 ? window->start0 : read->pos0;
    int64_t end0 = window->end0, last_match0 = read->pos0, at = last_match0;
    for (int i = 0; i < read->n_cigar; i++) {
        uint32_t op = read->cigar[i] & 15, length = read->cigar[i] >> 4;
        if (op == BAM_CPAD)
            return false;
        if (!gn_cigar_takes_reference(op) || length == 0)
            continue;
        if (gn_cigar_is_match(op)) {
            last_match0 = at + length - 1;
        } else {
            if (at <= window->start0 && window->start0 < at + length)
                start0 = last_match0;
            if (at < window->end0 && window->end0 < at + length)
                end0 = at + length;
        }
        at += length;
    }
    *to_skip = start0 - read->pos0;
    *to_keep = end0 - start0;
    return *to_skip > 0 || at > end0;
}

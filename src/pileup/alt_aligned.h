/* SPDX-License-Identifier: MIT
 *
 * alt_aligned.h - pictures of the reads as they lie on the alternative haplotypes (spec 40 section 6). Internal to
 * pileup/.
 */
#ifndef GN_PILEUP_ALT_ALIGNED_H
#define GN_PILEUP_ALT_ALIGNED_H

#include "pileup/picture.h"

/// Whether the mode shows one channel of each picture, as a channel at the end of the list.
bool gn_alt_aligned_adds_channels(const struct gn_pileup_options *options);

/// Number in the list of the channel that those show.
int gn_alt_aligned_shown(const struct gn_pileup_options *options);

/// Whether the images of a record show its haplotypes; where they do not, those parts stay empty.
bool gn_alt_aligned_needs(const struct gn_pileup_options *options,
                          const struct gn_variant *variant);

/// What pictures of haplotypes are made from.
struct gn_alt_aligned_task {
    const struct gn_painter *painter;
    const struct gn_row_rules *rules;
    gn_realigner_t *realigner;
    const struct gn_near_reads *reads;
    const char *before, *after; /* reference bases on both sides of the variant */
    size_t n_before, n_after;
};

/// Paints the pictures of the haplotypes of all alts into the images that are about them.
/** @return  GN_OK or a negative status */
int gn_alt_aligned_paint(const struct gn_alt_aligned_task *task,
                         const struct gn_pileup_images *images);

#endif

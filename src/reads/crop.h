/* SPDX-License-Identifier: MIT
 *
 * crop.h - what a partition needs of a long read. Internal to reads/.
 *
 * A read of 2 Mb counts in some 80 partitions of 25 kb. Kept whole in each of them it costs time and memory for nothing,
 * so that long reads are cropped when they are fetched: cut, with the walk of cut.h, to the partition, 20 % of its length
 * and `margin` bases on both sides (the window W). Nothing that is computed from the partition shows whether reads were
 * cropped:
 *
 * 1. Cutting to W and then to a window V inside W gives the operations and bases of cutting to V at once. On the left,
 *    all that the cut to W drops the cut to V drops too, because V does not begin before W; an insertion at the first
 *    base of W stays, and is then dropped if V begins later. On the right, the operation at which the cut to V ends
 *    begins inside W, so that it is there, as long as it was or cut to no less than V leaves of it.
 * 2. Alleles are counted in the partition, widened by 20 % for phasing, which lies in W. A base, insertion or clip there
 *    is in W with its neighbours, an insertion with all its bases. A deletion is there in its whole length, and what
 *    follows one sees the base before it, because W gives way where it would cut a D or N: its right end moves to the end
 *    of that operation, its left end to the last aligned base before it. Nothing is counted at W's first base or before.
 * 3. Images trim reads to a window around a candidate that begins in the partition. It lies in W, unless the candidate's
 *    reference allele and half an image are longer than the margin and the 20 % together: of such a candidate, reads lose
 *    bases beyond W, which no column shows, but channels about the whole read and alignments to the alternative do. (A
 *    read near a candidate, as upstream finds it, still is near: it overlaps the partition, and W reaches further.)
 * 4. Rows are sorted by where reads begin: gn_read_original_pos0(). Limits on the length of reads ask
 *    gn_read_original_length().
 *
 * Three things look at whole reads. Normalisation may shift an indel any number of bases, and realignment moves the read:
 * gn_read_options.crop_margin has to be 0 for them. Padding (P) advances the positions of counted alleles but not the
 * walk: reads with P are never cropped.
 */
#ifndef GN_READS_CROP_H
#define GN_READS_CROP_H

#include "reads/cut.h"
#include "reads/read_options.h"

/// The stretch of the reference that reads are cropped to; empty when they are not.
struct gn_crop_window {
    int64_t start0, end0;
};

/// The window of a partition.
struct gn_crop_window gn_crop_window(int64_t start0, int64_t end0, int64_t margin);

/// How to crop a read, of which pos0, length and CIGAR are looked at. Returns false when it stays whole; otherwise *to_skip
/// and *to_keep are the reference bases before the stretch that stays and in it.
bool gn_plan_crop(const struct gn_crop_window *window, const struct gn_read *read, int64_t *to_skip,
                  int64_t *to_keep);

#endif

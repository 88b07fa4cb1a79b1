/* SPDX-License-Identifier: MIT
 *
 * long_alignment.h - the alignment of one long read, brought into the shape that minimap2 gives it:
 * indels leftmost, those that meet joined or cancelled, badly aligned ends clipped.
 *
 * Scores are those of minimap2's presets: match 2, mismatch -4, a gap of k bases -4-2k or -24-k.
 */
#ifndef GN_SIMULATE_LONG_LONG_ALIGNMENT_H
#define GN_SIMULATE_LONG_LONG_ALIGNMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/// n bases of one BAM_C* operation: BAM_CMATCH, BAM_CINS or BAM_CDEL.
struct gn_long_op {
    int32_t op, n;
};

struct gn_long_alignment {
    int64_t pos0;                  /* of the first aligned base on the contig */
    int32_t clip_left, clip_right; /* bases of the read outside the alignment */
    struct gn_long_op *v;          /* owned; neighbours differ */
    size_t n, cap;
    struct gn_long_op *spare; /* owned; the passes write here */
    size_t cap_spare;
    uint32_t *cigar; /* owned; written by gn_long_alignment_cigar() */
    size_t n_cigar, cap_cigar;
    int32_t edit_distance; /* NM, with the CIGAR */
    int64_t n_aligned;     /* aligned and inserted bases, with the CIGAR */
};

/// The sequences that an alignment joins; borrowed.
struct gn_long_pairing {
    const char *read; /* all bases, those clipped too */
    const char *ref;  /* the contig's bases from ref0 on */
    int64_t ref0;     /* contig position of ref[0]; 0 when ref is the whole contig */
};

/// Forgets the operations and keeps the memory; clips are set to 0.
void gn_long_alignment_start(struct gn_long_alignment *alignment, int64_t pos0);

/// Appends n bases (0 is fine) of an operation.
GN_MUST_CHECK
int gn_long_alignment_push(struct gn_long_alignment *alignment, int op, int64_t n, gn_error_t *err);

/// Shifts every indel to its leftmost place, joins and cancels those that meet, and turns a short
/// insertion near an equally long deletion into mismatches where that costs less.
/** The first and last operation of the result are aligned bases (or it is empty): indels at the
    ends become clips and shifts of pos0. Time is linear in the read but for long repeats. */
GN_MUST_CHECK
int gn_long_alignment_normalise(struct gn_long_alignment *alignment,
                                const struct gn_long_pairing *pairing, gn_error_t *err);

/// Clips each end where its score is lowest, when that is below 0.
void gn_long_alignment_clip(struct gn_long_alignment *alignment,
                            const struct gn_long_pairing *pairing);

/// Writes cigar, edit_distance and n_aligned.
GN_MUST_CHECK
int gn_long_alignment_cigar(struct gn_long_alignment *alignment,
                            const struct gn_long_pairing *pairing, gn_error_t *err);

void gn_long_alignment_free(struct gn_long_alignment *alignment);

#endif

/* SPDX-License-Identifier: MIT
 *
 * rows.h - which reads get a row of a picture, and in which order (spec 40 sections 2, 3 and 7). Internal to pileup/.
 */
#ifndef GN_PILEUP_ROWS_H
#define GN_PILEUP_ROWS_H

#include "pileup/pileup.h"
#include "pileup/read_pixels.h"

/// What decides about rows, and where results live.
struct gn_row_rules {
    const struct gn_pileup_options *options;
    struct gn_pixel_window window;
    gn_arena_t *arena;
    gn_error_t *err;
};

/// Reads around a candidate, trimmed to the window of its image.
struct gn_near_reads {
    struct gn_read *v;
    int64_t *original_pos0; /* of each: where it starts untrimmed, on the reference */
    size_t n;
};

/// A read with its place among the rows.
struct gn_row {
    const struct gn_read *read;
    int64_t original_pos0;
    int haplotype;  /* its rank: rows are sorted by it first */
    uint32_t order; /* before sorting */
};

struct gn_row_list {
    struct gn_row *v;
    size_t n;
};

/// Finds the reads near a variant and trims them to the window of its image (wider for deletions).
/** @return  GN_OK or GN_E_MEMORY */
int gn_near_reads_find(const struct gn_row_rules *rules, const struct gn_pileup_reads *reads,
                       const struct gn_variant *variant, int64_t contig_length,
                       struct gn_near_reads *near);

/// Takes reads in their order, or in a random one where there are too many, until the picture is full; then sorts.
/** @param rows  refers to the reads
    @return      GN_OK or GN_E_MEMORY */
int gn_rows_choose(const struct gn_row_rules *rules, const struct gn_near_reads *reads,
                   struct gn_row_list *rows);

#endif

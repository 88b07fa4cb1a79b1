/* SPDX-License-Identifier: MIT
 *
 * library.h - a paired-end library over one stretch of a diploid genome: fragments, their two
 * reads, mapping quality and the records of a BAM file.
 */
#ifndef GN_SIMULATE_SHORT_LIBRARY_H
#define GN_SIMULATE_SHORT_LIBRARY_H

#include "simulate/bam_writer.h"
#include "simulate/short/capture.h"
#include "simulate/genome/copies.h"
#include "simulate/genome/hard_places.h"
#include "simulate/short/sequencer.h"

struct gn_library {
    struct gn_sequencer sequencer; /* with the profile of the run */
    double coverage;               /* mean depth of both haplotypes together; on targets */
    double insert_mean, insert_sd; /* bases; 0: lengths as in the profile */
    int read_length;
    bool mapping_errors; /* low MAPQ, clips, duplicates, reads from elsewhere */
    const char *read_group;
    const struct gn_capture *capture; /* NULL: nothing is enriched */
    uint64_t n_fragments;             /* made so far; names the reads */
};

/// One stretch of a contig to cover with reads.
struct gn_library_span {
    int contig;
    int64_t start0, end0;
    const char *bases; /* the whole contig */
    int64_t contig_length;
    const struct gn_haplotype *haps[2];  /* of [start0, end0) */
    const struct gn_copies *copies;      /* may be empty */
    const struct gn_hard_places *places; /* may be empty */
};

/// Mean and greatest length of the library's fragments, bases.
void gn_library_lengths(const struct gn_library *library, int64_t *mean, int64_t *longest);

/// Draws the fragments of the span and pushes their reads; everything before the span's end is
/// flushed.
GN_MUST_CHECK
int gn_library_cover(struct gn_library *library, struct gn_mt64 *rng,
                     const struct gn_library_span *span, gn_bam_writer_t *writer, gn_error_t *err);

#endif

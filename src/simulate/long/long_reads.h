/* SPDX-License-Identifier: MIT
 *
 * long_reads.h - a library of long single reads over one stretch of a diploid genome: which
 * molecules are read, how they are mapped, and their records.
 */
#ifndef GN_SIMULATE_LONG_LONG_READS_H
#define GN_SIMULATE_LONG_LONG_READS_H

#include "simulate/bam_writer.h"
#include "simulate/genome/copies.h"
#include "simulate/long/long_sequencer.h"

enum {
    GN_LONG_PAD = 20000 /* bases around a region that get reads, so that it is covered evenly */
};

struct gn_long_library {
    struct gn_long_sequencer sequencer;
    double coverage;     /* mean depth of both haplotypes together */
    bool mapping_errors; /* reads of diverged copies, breakpoints, low MAPQ, clipped ends */
    double hardness;     /* multiplies breakpoints */
    const char *read_group;
    uint64_t n_reads; /* made so far; names the reads */
    double mean_length;
    struct gn_long_read read; /* the one being made */
    int64_t *positions;       /* of its molecule */
    size_t cap_positions;
};

/// One stretch of a contig to cover with reads; borrowed.
struct gn_long_span {
    int contig;
    int64_t start0, end0;
    const char *bases;                  /* the whole contig */
    const struct gn_haplotype *haps[2]; /* of [start0, end0) */
    const struct gn_copies *copies;     /* NULL none */
};

/// Sets up a library of depth 30, hardness 1, without mapping errors; the caller changes that.
void gn_long_library_init(struct gn_long_library *library, const struct gn_long_profile *profile,
                          double error_scale, uint64_t seed);

/// Draws the molecules of the span and pushes their reads, those that reach over its ends cut;
/// everything before the span's end is flushed. Memory: one window of starting reads.
GN_MUST_CHECK
int gn_long_library_cover(struct gn_long_library *library, struct gn_mt64 *rng,
                          const struct gn_long_span *span, gn_bam_writer_t *writer,
                          gn_error_t *err);

void gn_long_library_free(struct gn_long_library *library);

#endif

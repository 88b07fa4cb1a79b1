/* SPDX-License-Identifier: MIT
 *
 * bam_writer.h - alignments that arrive nearly sorted leave as a sorted, indexed BAM file.
 */
#ifndef GN_SIMULATE_BAM_WRITER_H
#define GN_SIMULATE_BAM_WRITER_H

#include <htslib/sam.h>

#include "io/fasta.h"

typedef struct gn_bam_writer gn_bam_writer_t;

/// Starts a coordinate-sorted BAM with one read group (ID and SM = sample, PL = platform).
/// Both files appear at commit.
GN_MUST_CHECK
gn_bam_writer_t *gn_bam_writer_open(const char *path, const struct gn_contigs *contigs,
                                    const char *sample, const char *platform, gn_error_t *err);

/// Takes over a record (also on failure).
GN_MUST_CHECK
int gn_bam_writer_push(gn_bam_writer_t *writer, bam1_t *record, gn_error_t *err);

/// Writes what lies before (contig, pos0): no later record may. Ties keep the order of arrival.
GN_MUST_CHECK
int gn_bam_writer_flush(gn_bam_writer_t *writer, int contig, int64_t pos0, gn_error_t *err);

/// Writes the rest, the index, puts both under their names and frees the writer (also on failure).
GN_MUST_CHECK
int gn_bam_writer_commit(gn_bam_writer_t *writer, gn_error_t *err);

/// Drops the unfinished files and frees the writer; NULL is fine.
void gn_bam_writer_abort(gn_bam_writer_t *writer);

#endif

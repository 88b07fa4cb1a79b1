/* SPDX-License-Identifier: MIT
 *
 * truth_writer.h - the simulated truth on disk: phased VCF with index, BED of the places where it
 * can be trusted.
 */
#ifndef GN_SIMULATE_GENOME_TRUTH_WRITER_H
#define GN_SIMULATE_GENOME_TRUTH_WRITER_H

#include "io/fasta.h"
#include "io/regions.h"
#include "simulate/genome/sites.h"

typedef struct gn_truth_writer gn_truth_writer_t;

/// Starts PREFIX.truth.vcf.gz, its .tbi and PREFIX.truth.bed. They appear at commit.
GN_MUST_CHECK
gn_truth_writer_t *gn_truth_writer_open(const char *prefix, const struct gn_contigs *contigs,
                                        const char *sample, gn_error_t *err);

/// Writes sites [first, n) of a contig, in order.
GN_MUST_CHECK
int gn_truth_writer_sites(gn_truth_writer_t *writer, int contig, const char *bases,
                          const struct gn_sites *sites, size_t first, gn_error_t *err);

/// Writes what is to be trusted of [start0, end0): known bases outside the doubtful ranges, which are
/// normal.
GN_MUST_CHECK
int gn_truth_writer_confident(gn_truth_writer_t *writer, int contig, const char *bases,
                              const struct gn_ranges *doubtful, int64_t start0, int64_t end0,
                              gn_error_t *err);

/// Puts the three files under their names and frees the writer (also on failure).
GN_MUST_CHECK
int gn_truth_writer_commit(gn_truth_writer_t *writer, gn_error_t *err);

/// Drops the unfinished files and frees the writer; NULL is fine.
void gn_truth_writer_abort(gn_truth_writer_t *writer);

#endif

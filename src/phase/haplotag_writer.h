/* SPDX-License-Identifier: MIT
 *
 * haplotag_writer.h - a copy of the input's records with the tags HP (haplotype) and PS (phase set).
 *
 * Every record is kept, in coordinate order, unless regions are given. HP and PS that the input had are removed from
 * all records; the reads of the table get the table's. Unmapped records are never tagged, secondary and supplementary
 * ones only on demand. Nothing else of a record changes, except RG and PG where read groups or programs of several
 * files had to be given new IDs (united_header.h).
 */
#ifndef GN_PHASE_HAPLOTAG_WRITER_H
#define GN_PHASE_HAPLOTAG_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "gannet/call.h"
#include "io/regions.h"
#include "io/variant.h"
#include "phase/haplotags.h"

struct gn_haplotag_options {
    const struct gn_texts
        *inputs;           /* BAM or CRAM files with indexes, each once; several are merged */
    const char *output;    /* ending in .bam or .cram */
    const char *reference; /* FASTA path: decodes and encodes CRAM */
    const struct gn_contigs *contigs; /* of the reference: the numbers in table and regions */
    const struct gn_ranges *regions; /* normal: only records that overlap them; NULL: all records */
    int threads;                     /* that (de)compress, 0: 1; the bytes do not depend on them */
    bool tag_secondary, tag_supplementary; /* where the caller used such records */
    const char *command_line;              /* CL of the @PG line; NULL: none */
    gn_progress_fn *progress;              /* NULL: none */
    void *progress_context;
};

struct gn_haplotag_counts {
    int64_t records, tagged;
};

/// Finds out whether gn_haplotag_write() could start: inputs that belong together, an output that can be created and
/// is none of them. For the beginning of a long run; leaves nothing behind.
/** @return  as gn_haplotag_write() */
GN_MUST_CHECK
int gn_haplotag_check(const struct gn_haplotag_options *options, gn_error_t *err);

/// Writes the output and its index: .bai, .csi when a contig is longer than 2^29, .crai. Both appear under their names
/// only when they are complete.
/** @param table   what all partitions said of the reads; only read
    @param counts  filled on success; may be NULL
    @return        GN_OK; GN_E_USAGE (name of the output), GN_E_NO_INPUT, GN_E_DATA (damaged, unsorted),
                   GN_E_MISMATCH (inputs of different references; contigs unknown to the reference of a CRAM),
                   GN_E_CANNOT_CREATE, GN_E_IO (disk full), GN_E_MEMORY, GN_E_CANCELLED
    CRAM is encoded by one thread: htslib chooses among compression methods by what it saw so far, which depended on
    chance with several. */
GN_MUST_CHECK
int gn_haplotag_write(const struct gn_haplotag_options *options, const gn_haplotags_t *table,
                      struct gn_haplotag_counts *counts, gn_error_t *err);

#endif

/* SPDX-License-Identifier: MIT
 *
 * merged_records.h - the records of several sorted BAM and CRAM files as one sorted sequence, all of them or those of
 * some regions.
 *
 * Holds one record a file. Used by one thread.
 */
#ifndef GN_PHASE_MERGED_RECORDS_H
#define GN_PHASE_MERGED_RECORDS_H

#include <htslib/sam.h>

#include "io/regions.h"
#include "io/variant.h"

typedef struct gn_merged_records gn_merged_records_t;

/// Opens files whose @SQ lines agree: names, lengths and order, and checksums where both files give them.
/** @param paths      BAM or CRAM files with an index, at least one, each once
    @param reference  FASTA path, needed to decode CRAM
    @return           NULL: GN_E_NO_INPUT (file, index), GN_E_DATA (damaged), GN_E_MISMATCH (@SQ lines) */
GN_MUST_CHECK
gn_merged_records_t *gn_merged_records_open(const struct gn_texts *paths, const char *reference,
                                            gn_error_t *err);
void gn_merged_records_close(gn_merged_records_t *records);

/// The header of a file, and its path; they belong to the handle.
sam_hdr_t *gn_merged_records_header(const gn_merged_records_t *records, int file);
const char *gn_merged_records_path(const gn_merged_records_t *records, int file);

/// Leaves only records that overlap the regions (htslib's overlap: a record without aligned bases has one at its place).
/** @param regions  normal, on contigs numbered as in `contigs`; those that the files lack are passed over
    Before the first record. */
GN_MUST_CHECK
int gn_merged_records_restrict(gn_merged_records_t *records, const struct gn_ranges *regions,
                               const struct gn_contigs *contigs, gn_error_t *err);

/// Lets a pool decompress. Before the first record; not with regions, whose look-ups gain nothing. The pool must
/// outlive the handle.
GN_MUST_CHECK
int gn_merged_records_use_threads(gn_merged_records_t *records, htsThreadPool *pool,
                                  gn_error_t *err);

/// The next record; files in their order where places are equal.
/** @param record  receives a pointer that is valid until the next call; the record may be changed
    @param file    receives the number of its file
    @return        1; 0 at the end; GN_E_DATA names the file (damaged, unsorted) */
GN_MUST_CHECK
int gn_merged_records_next(gn_merged_records_t *records, bam1_t **record, int *file,
                           gn_error_t *err);

/// Bases of genome or regions in all, and those that lie before the contig number `tid` and position of a header.
int64_t gn_merged_records_bases(const gn_merged_records_t *records);
int64_t gn_merged_records_bases_before(const gn_merged_records_t *records, int tid, int64_t pos0);

#endif

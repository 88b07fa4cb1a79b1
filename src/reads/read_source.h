/* SPDX-License-Identifier: MIT
 *
 * read_source.h - BAM and CRAM files of one sample, queried partition by partition (spec 10 sections 1, 2, 5).
 *
 * Opens, checks and reads the files; intake.h turns their records into reads. One handle per worker: not thread-safe.
 */
#ifndef GN_READS_READ_SOURCE_H
#define GN_READS_READ_SOURCE_H

#include "base/memory.h"
#include "io/regions.h"
#include "io/variant.h"
#include "reads/intake.h"

typedef struct gn_read_source gn_read_source_t;

/// Opens every file with its index and checks sort order and end-of-file marker.
/** @param paths      BAM or CRAM files, at least one
    @param reference  FASTA path, needed to decode CRAM
    @param options    copied
    @return           the handle, or NULL: GN_E_NO_INPUT (file, index), GN_E_DATA (unsorted, truncated) */
GN_MUST_CHECK
gn_read_source_t *gn_read_source_open(const struct gn_texts *paths, const char *reference,
                                      const struct gn_read_options *options, gn_error_t *err);
void gn_read_source_close(gn_read_source_t *source);

/// Sample name of the read groups. GN_E_MISMATCH when there is none or more than one: the message asks for
/// --sample-name. *name is malloc'ed.
int gn_read_source_sample(const gn_read_source_t *source, char **name, gn_error_t *err);

/// A line about something suspicious but not fatal (an index older than its file), NULL when there is none.
const char *gn_read_source_warning(const gn_read_source_t *source);

/// Contigs of the reference that are in every file with the same length, in *usable (0 or 1 per contig).
/// GN_E_MISMATCH with the two namings when they are not at least 90 % of the reference's non-excluded bases, or
/// when a contig has two lengths. spec 10 section 3.
int gn_read_source_match_contigs(const gn_read_source_t *source, const struct gn_contigs *contigs,
                                 bool *usable, gn_error_t *err);

/// Filtered, sampled reads of a partition; files concatenated in the order given.
/** @param contig_name  as in the files
    @param arena        for what is made of reads that are split
    @param out          valid until the next fetch; empty when the files lack the contig
    @return             GN_OK; GN_E_DATA names the file and the record (no base qualities, damaged block, unsorted);
                        GN_E_MEMORY also for a read that alone exceeds gn_read_options.max_bytes */
GN_MUST_CHECK
int gn_read_source_fetch(gn_read_source_t *source, const char *contig_name, int64_t start0,
                         int64_t end0, gn_arena_t *arena, struct gn_read_list *out,
                         gn_error_t *err);

/// True for decoys, alternate contigs and the like, which DeepVariant never calls (hs37d5, chrEBV, *_alt, HLA-* ...).
bool gn_contig_is_excluded(const char *name);

#endif

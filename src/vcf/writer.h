/* SPDX-License-Identifier: MIT
 *
 * writer.h - variant records into .vcf, .vcf.gz, .bcf and .bcf.gz files with their index (spec
 * 130).
 *
 * Output and index appear under their final names at commit only. One thread a handle.
 */
#ifndef GN_VCF_WRITER_H
#define GN_VCF_WRITER_H

#include "vcf/header.h"

typedef struct gn_vcf_writer gn_vcf_writer_t;

/// Opens by name: .gz is BGZF-compressed and gets a .tbi (.csi when a contig exceeds 500 Mb), .bcf
/// and .bcf.gz are BCF with .csi, anything else is plain text, "-" on standard output. GN_E_CANNOT_CREATE names the path.
GN_MUST_CHECK
gn_vcf_writer_t *gn_vcf_writer_open(const char *path, const struct gn_vcf_header_options *header,
                                    gn_error_t *err);

/// Writes a record. Records come sorted. GN_E_MISMATCH when its contig, sample or filter is not in
/// the header.
GN_MUST_CHECK
int gn_vcf_write(gn_vcf_writer_t *writer, const struct gn_variant *variant, gn_error_t *err);

/// Closes file and index and checks that everything reached the disk, without renaming yet: several
/// outputs can so be completed before the first is published. On failure the writer still wants an
/// abort.
GN_MUST_CHECK
int gn_vcf_writer_close(gn_vcf_writer_t *writer, gn_error_t *err);

/// Closes if that was not done, renames file and index into place and frees the writer (also on
/// failure, when both are removed).
GN_MUST_CHECK
int gn_vcf_writer_commit(gn_vcf_writer_t *writer, gn_error_t *err);

/// Drops the unfinished files and frees the writer; NULL is fine.
void gn_vcf_writer_abort(gn_vcf_writer_t *writer);

#endif

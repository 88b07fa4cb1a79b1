/* SPDX-License-Identifier: MIT
 *
 * header.h - the VCF header of DeepVariant 1.9, line by line (spec 130.1), made from the table in
 * schema.h.
 */
#ifndef GN_VCF_HEADER_H
#define GN_VCF_HEADER_H

#include <htslib/vcf.h>

#include "io/fasta.h"
#include "io/variant.h"

struct gn_vcf_header_options {
    const struct gn_contigs *contigs;
    const char *sample;
    bool has_model_id;   /* FORMAT MID: a small model took part */
    bool has_candidates; /* INFO CANDIDATES */
    const struct gn_texts
        *extra_lines; /* further "##key=value" lines after ##DeepVariant_version; NULL none */
};

/// NULL with GN_E_DATA when htslib refuses a name, GN_E_MEMORY. Freed with bcf_hdr_destroy().
GN_MUST_CHECK
bcf_hdr_t *gn_vcf_header_create(const struct gn_vcf_header_options *options, gn_error_t *err);

#endif

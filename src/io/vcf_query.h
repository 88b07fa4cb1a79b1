/* SPDX-License-Identifier: MIT
 *
 * vcf_query.h - records of an indexed VCF or BCF that overlap a region (proposed variants, population frequencies).
 *
 * One handle per worker: not thread-safe.
 */
#ifndef GN_IO_VCF_QUERY_H
#define GN_IO_VCF_QUERY_H

#include "io/variant.h"

typedef struct gn_vcf_query gn_vcf_query_t;

/// Opens a file with its .tbi or .csi. GN_E_NO_INPUT names the file or the missing index.
GN_MUST_CHECK
gn_vcf_query_t *gn_vcf_query_open(const char *path, gn_error_t *err);
void gn_vcf_query_close(gn_vcf_query_t *query);

/// Records found, malloc'ed; free with gn_variants_clear().
struct gn_variant_list {
    struct gn_variant **v;
    size_t n, cap;
};

void gn_variants_clear(struct gn_variant_list *list);

/// Appends the records that overlap [start0, end0): contig, start0, end0, ref, alts (upper case), and INFO AF in vaf when present
/// for every alt. Nothing is appended when the file lacks the contig.
int gn_vcf_query_fetch(gn_vcf_query_t *query, const char *contig, int64_t start0, int64_t end0,
                       struct gn_variant_list *out, gn_error_t *err);

#endif

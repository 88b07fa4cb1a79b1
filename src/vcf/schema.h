/* SPDX-License-Identifier: MIT
 *
 * schema.h - the one table of FILTER, INFO and FORMAT fields: it makes the header and it drives the
 * records, so the two cannot disagree (spec 130.1, 130.2).
 */
#ifndef GN_VCF_SCHEMA_H
#define GN_VCF_SCHEMA_H

#include <stddef.h>

/// Where a field's values come from in struct gn_variant.
enum gn_vcf_source {
    GN_VCF_GENOTYPE,    /* GT */
    GN_VCF_LIKELIHOODS, /* PL: integers made from gl, written last */
    GN_VCF_END,         /* END: of symbolic alleles */
    GN_VCF_INTS,        /* struct gn_ints at offset */
    GN_VCF_REALS,       /* struct gn_doubles at offset */
    GN_VCF_TEXT,        /* char * at offset */
};

/// When a field's header line is there.
enum gn_vcf_condition { GN_VCF_ALWAYS, GN_VCF_WITH_CANDIDATES, GN_VCF_WITH_MODEL_ID };

struct gn_vcf_field {
    const char *id, *number, *type, *description;
    enum gn_vcf_source source;
    size_t offset; /* in struct gn_variant */
    enum gn_vcf_condition condition;
};

struct gn_vcf_filter {
    const char *id, *description;
};

/// The tables end with an id of NULL. Order is that of the header and, PL apart, of the records.
extern const struct gn_vcf_filter gn_vcf_filters[];
extern const struct gn_vcf_field gn_vcf_info_fields[];
extern const struct gn_vcf_field gn_vcf_format_fields[];

#endif

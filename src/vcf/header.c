/* SPDX-License-Identifier: MIT
 *
 * header.c - builds the header line by line; htslib keeps the order.
 */
#include "vcf/header.h"

#include <htslib/kstring.h>
#include <stdlib.h>
#include <string.h>

#include "vcf/schema.h"

/* Formats a line and adds it. */
static int add_line(bcf_hdr_t *header, kstring_t *line, gn_error_t *err)
{
    if (line->s == NULL)
        return gn_fail_memory(err, "the VCF header");
    if (bcf_hdr_append(header, line->s) != 0)
        return gn_fail(err, GN_E_DATA, "not a valid VCF header line: '%s'; rename what it names",
                       line->s);
    return GN_OK;
}

static int add_filters(bcf_hdr_t *header, kstring_t *line, gn_error_t *err)
{
    for (const struct gn_vcf_filter *f = gn_vcf_filters; f->id != NULL; f++) {
        if (strcmp(f->id, "PASS") == 0)
            continue; /* htslib has put it there */
        line->l = 0;
        ksprintf(line, "##FILTER=<ID=%s,Description=\"%s\">", f->id, f->description);
        int status = add_line(header, line, err);
        if (status < 0)
            return status;
    }
    return GN_OK;
}

static bool is_wanted(const struct gn_vcf_field *field, const struct gn_vcf_header_options *options)
{
    return field->condition == GN_VCF_ALWAYS ||
           (field->condition == GN_VCF_WITH_CANDIDATES && options->has_candidates) ||
           (field->condition == GN_VCF_WITH_MODEL_ID && options->has_model_id);
}

static int add_fields(bcf_hdr_t *header, const char *kind, const struct gn_vcf_field *fields,
                      const struct gn_vcf_header_options *options, kstring_t *line, gn_error_t *err)
{
    for (const struct gn_vcf_field *f = fields; f->id != NULL; f++) {
        if (!is_wanted(f, options))
            continue;
        line->l = 0;
        ksprintf(line, "##%s=<ID=%s,Number=%s,Type=%s,Description=\"%s\">", kind, f->id, f->number,
                 f->type, f->description);
        int status = add_line(header, line, err);
        if (status < 0)
            return status;
    }
    return GN_OK;
}

static int add_extra_lines(bcf_hdr_t *header, const struct gn_texts *lines, kstring_t *line,
                           gn_error_t *err)
{
    for (int i = 0; lines != NULL && i < lines->n; i++) {
        line->l = 0;
        kputs(lines->v[i], line);
        int status = add_line(header, line, err);
        if (status < 0)
            return status;
    }
    return GN_OK;
}

static int add_contigs(bcf_hdr_t *header, const struct gn_contigs *contigs, kstring_t *line,
                       gn_error_t *err)
{
    for (int i = 0; i < contigs->n; i++) {
        line->l = 0;
        ksprintf(line, "##contig=<ID=%s", contigs->names[i]);
        if (contigs->lengths[i] != 0)
            ksprintf(line, ",length=%lld", (long long)contigs->lengths[i]);
        kputc('>', line);
        int status = add_line(header, line, err);
        if (status < 0)
            return status;
    }
    return GN_OK;
}

static int add_sample(bcf_hdr_t *header, const char *sample, gn_error_t *err)
{
    if (sample == NULL || sample[0] == '\0' || strpbrk(sample, "\t\n\r") != NULL)
        return gn_fail(err, GN_E_DATA,
                       "the sample name '%s' cannot stand in a VCF header: choose one without tabs",
                       sample == NULL ? "" : sample);
    if (bcf_hdr_add_sample(header, sample) != 0 || bcf_hdr_sync(header) != 0)
        return gn_fail(err, GN_E_DATA, "htslib refuses the sample name '%s': choose another",
                       sample);
    return GN_OK;
}

bcf_hdr_t *gn_vcf_header_create(const struct gn_vcf_header_options *options, gn_error_t *err)
{
    kstring_t line = {0, 0, NULL};
    bcf_hdr_t *header = bcf_hdr_init("w");
    int status =
        header == NULL ? gn_fail_memory(err, "the VCF header") : add_filters(header, &line, err);
    if (status == GN_OK)
        status = add_fields(header, "INFO", gn_vcf_info_fields, options, &line, err);
    if (status == GN_OK)
        status = add_fields(header, "FORMAT", gn_vcf_format_fields, options, &line, err);
    if (status == GN_OK && bcf_hdr_append(header, "##DeepVariant_version=1.9.0") != 0)
        status = gn_fail_memory(err, "the VCF header");
    if (status == GN_OK)
        status = add_extra_lines(header, options->extra_lines, &line, err);
    if (status == GN_OK)
        status = add_contigs(header, options->contigs, &line, err);
    if (status == GN_OK)
        status = add_sample(header, options->sample, err);
    free(line.s);
    if (status < 0 && header != NULL) {
        bcf_hdr_destroy(header);
        header = NULL;
    }
    return header;
}

/* SPDX-License-Identifier: MIT
 *
 * record.c - fields of a variant into a BCF record, in the order and with the roundings of
 * DeepVariant 1.9.
 */
#include "vcf/record.h"

#include <htslib/kstring.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "vcf/schema.h"

enum { MAX_VALUES = 1 << 20 }; /* of one field */

struct filling {
    bcf1_t *record;
    bcf_hdr_t *header;
    const struct gn_variant *variant;
    void *scratch; /* room for the longest list as 32-bit values */
};

static int fail_update(const struct filling *f, const char *field, gn_error_t *err)
{
    return gn_fail(
        err, GN_E_MISMATCH,
        "%s:%lld: htslib refuses %s of this record: its value does not fit the VCF header",
        f->variant->contig, (long long)f->variant->start0 + 1, field);
}

static int set_place(struct filling *f, gn_error_t *err)
{
    const struct gn_variant *v = f->variant;
    f->record->rid = bcf_hdr_name2id(f->header, v->contig);
    if (f->record->rid < 0)
        return gn_fail(err, GN_E_MISMATCH,
                       "contig '%s' is not in the reference: use the one the reads were aligned to",
                       v->contig);
    if (v->start0 < 0 || v->end0 < v->start0 || v->end0 > INT32_MAX)
        return gn_fail(err, GN_E_DATA, "%s:%lld to %lld: not a place that a VCF record can have",
                       v->contig, (long long)v->start0 + 1, (long long)v->end0);
    f->record->pos = v->start0;
    /* PARITY(dv-1.9): QUAL is rounded half up to one decimal, then stored as a float. */
    if (v->quality == -1)
        bcf_float_set_missing(f->record->qual);
    else
        f->record->qual = (float)(floor(v->quality * 10 + 0.5) / 10);
    return GN_OK;
}

static int set_names(struct filling *f, gn_error_t *err)
{
    const struct gn_texts *names = &f->variant->names;
    kstring_t joined = {0, 0, NULL};
    int status = 0;
    for (int i = 0; i < names->n && status >= 0; i++)
        status = ksprintf(&joined, "%s%s", i > 0 ? ";" : "", names->v[i]);
    if (status >= 0 && names->n > 0)
        status = bcf_update_id(f->header, f->record, joined.s);
    free(joined.s);
    return status < 0 ? fail_update(f, "ID", err) : GN_OK;
}

static int set_alleles(struct filling *f, gn_error_t *err)
{
    const struct gn_texts *alts = &f->variant->alts;
    const char **alleles = malloc(((size_t)alts->n + 1) * sizeof *alleles);
    if (alleles == NULL)
        return gn_fail_memory(err, "a VCF record");
    alleles[0] = f->variant->ref;
    for (int i = 0; i < alts->n; i++)
        alleles[i + 1] = alts->v[i];
    int status = bcf_update_alleles(f->header, f->record, alleles, alts->n + 1);
    free(alleles);
    return status < 0 ? fail_update(f, "ALT", err) : GN_OK;
}

static int set_filters(struct filling *f, gn_error_t *err)
{
    for (int i = 0; i < f->variant->filters.n; i++) {
        int id = bcf_hdr_id2int(f->header, BCF_DT_ID, f->variant->filters.v[i]);
        if (!bcf_hdr_idinfo_exists(f->header, BCF_HL_FLT, id))
            return gn_fail(err, GN_E_MISMATCH, "%s:%lld: FILTER '%s' is not in the VCF header",
                           f->variant->contig, (long long)f->variant->start0 + 1,
                           f->variant->filters.v[i]);
        if (bcf_add_filter(f->header, f->record, id) < 0)
            return fail_update(f, "FILTER", err);
    }
    return GN_OK;
}

static bool is_symbolic(const struct gn_variant *variant)
{
    return variant->alts.n == 1 && variant->alts.v[0][0] == '<';
}

/* Conditional fields of the struct (MID, CANDIDATES) are written only where the header announces
   them. */
static bool is_in_header(const bcf_hdr_t *header, int line_type, const struct gn_vcf_field *field)
{
    return field->condition == GN_VCF_ALWAYS ||
           bcf_hdr_idinfo_exists(header, line_type, bcf_hdr_id2int(header, BCF_DT_ID, field->id));
}

static int set_info(struct filling *f, gn_error_t *err)
{
    for (const struct gn_vcf_field *field = gn_vcf_info_fields; field->id != NULL; field++) {
        if (!is_in_header(f->header, BCF_HL_INFO, field))
            continue;
        const void *at = (const char *)f->variant + field->offset;
        int status = 0;
        int32_t end0 = (int32_t)f->variant->end0;
        if (field->source == GN_VCF_END && is_symbolic(f->variant))
            status = bcf_update_info_int32(f->header, f->record, field->id, &end0, 1);
        if (field->source == GN_VCF_TEXT && *(char *const *)at != NULL)
            status = bcf_update_info_string(f->header, f->record, field->id, *(char *const *)at);
        if (status < 0)
            return fail_update(f, field->id, err);
    }
    return GN_OK;
}

static int set_genotype(struct filling *f)
{
    int32_t *encoded = f->scratch;
    const struct gn_ints *genotype = &f->variant->genotype;
    bool is_phased = f->variant->is_phased;
    for (int i = 0; i < genotype->n; i++) {
        int allele = genotype->v[i] < 0 ? bcf_gt_missing : bcf_gt_unphased(genotype->v[i]);
        encoded[i] =
            i > 0 && is_phased ? allele | 1 : allele; /* the low bit: phased with the one before */
    }
    return bcf_update_genotypes(f->header, f->record, encoded, genotype->n);
}

static int set_reals(struct filling *f, const char *id, const struct gn_doubles *list)
{
    float *values = f->scratch;
    for (int i = 0; i < list->n; i++)
        values[i] = (float)list->v[i];
    return bcf_update_format_float(f->header, f->record, id, values, list->n);
}

/* Also defined for what a damaged likelihood may give. */
static int32_t cut_to_int(double value)
{
    return value < INT32_MAX ? (int32_t)value : INT32_MAX;
}

/* PARITY(dv-1.9): PL is cut towards zero although its header line says rounded. */
static int set_likelihoods(struct filling *f, const char *id)
{
    int32_t *phred = f->scratch;
    const struct gn_doubles *gl = &f->variant->gl;
    double largest = gl->n > 0 ? gl->v[0] : 0;
    for (int i = 1; i < gl->n; i++)
        if (gl->v[i] > largest)
            largest = gl->v[i];
    for (int i = 0; i < gl->n; i++)
        phred[i] = cut_to_int(-10 * (gl->v[i] - largest));
    return gl->n == 0 ? 0 : bcf_update_format_int32(f->header, f->record, id, phred, gl->n);
}

/* Returns htslib's status. */
static int set_format_field(struct filling *f, const struct gn_vcf_field *field)
{
    const void *at = (const char *)f->variant + field->offset;
    const struct gn_ints *ints = at;
    const struct gn_doubles *reals = at;
    const char *const *text = at;
    switch (field->source) {
    case GN_VCF_GENOTYPE:
        return set_genotype(f);
    case GN_VCF_INTS:
        return ints->n == 0
                   ? 0
                   : bcf_update_format_int32(f->header, f->record, field->id, ints->v, ints->n);
    case GN_VCF_REALS:
        return reals->n == 0 ? 0 : set_reals(f, field->id, reals);
    case GN_VCF_TEXT:
        return *text == NULL ? 0
                             : bcf_update_format_string(f->header, f->record, field->id,
                                                        (const char **)(uintptr_t)text, 1);
    default:
        return 0;
    }
}

static int set_format(struct filling *f, gn_error_t *err)
{
    const char *sample = f->variant->sample == NULL ? "" : f->variant->sample;
    if (bcf_hdr_nsamples(f->header) != 1 || strcmp(sample, f->header->samples[0]) != 0)
        return gn_fail(err, GN_E_MISMATCH,
                       "%s:%lld belongs to sample '%s', the VCF to '%s': give inputs of one sample",
                       f->variant->contig, (long long)f->variant->start0 + 1, sample,
                       f->header->samples[0]);
    const struct gn_vcf_field *likelihoods = NULL;
    for (const struct gn_vcf_field *field = gn_vcf_format_fields; field->id != NULL; field++) {
        if (field->source == GN_VCF_LIKELIHOODS)
            likelihoods = field;
        else if (is_in_header(f->header, BCF_HL_FMT, field) && set_format_field(f, field) < 0)
            return fail_update(f, field->id, err);
    }
    if (likelihoods != NULL && set_likelihoods(f, likelihoods->id) < 0)
        return fail_update(f, likelihoods->id, err);
    return GN_OK;
}

static int longest_list(const struct gn_variant *v)
{
    int longest = v->genotype.n;
    const int others[] = {v->gl.n, v->vaf.n, v->mf.n};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (others[i] > longest)
            longest = others[i];
    return longest;
}

int gn_vcf_record_fill(bcf1_t *record, bcf_hdr_t *header, const struct gn_variant *variant,
                       gn_error_t *err)
{
    int longest = longest_list(variant);
    struct filling f = {record, header, variant, NULL};
    if (longest > MAX_VALUES)
        return fail_update(&f, "a list", err);
    f.scratch = malloc(((size_t)longest + 1) * sizeof(int32_t));
    if (f.scratch == NULL)
        return gn_fail_memory(err, "a VCF record");
    bcf_clear(record);
    int status = set_place(&f, err);
    if (status == GN_OK)
        status = set_names(&f, err);
    if (status == GN_OK)
        status = set_alleles(&f, err);
    if (status == GN_OK)
        status = set_filters(&f, err);
    if (status == GN_OK)
        status = set_info(&f, err);
    if (status == GN_OK && !variant->has_call)
        status = gn_fail(err, GN_E_DATA,
                         "%s:%lld has no call of a sample: its file is damaged, make it anew",
                         variant->contig, (long long)variant->start0 + 1);
    if (status == GN_OK)
        status = set_format(&f, err);
    free(f.scratch);
    return status;
}

/* SPDX-License-Identifier: MIT
 *
 * vcf_query.c - region queries through htslib (tabix for VCF, CSI for BCF).
 */
#include "io/vcf_query.h"

#include <ctype.h>
#include <errno.h>
#include <htslib/tbx.h>
#include <htslib/vcf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "io/index_file.h"

enum { MAX_RECORDS = 1 << 24 };

struct gn_vcf_query {
    char *path;
    htsFile *file;
    bcf_hdr_t *header;
    tbx_t *tabix;     /* of VCF */
    hts_idx_t *index; /* of BCF */
    bcf1_t *record;
    kstring_t line;
    float *frequencies; /* scratch of bcf_get_info_float */
    int n_frequencies;
};

static int open_index(gn_vcf_query_t *query, gn_error_t *err)
{
    if (!gn_sidecar_exists(query->path, ".tbi") && !gn_sidecar_exists(query->path, ".csi"))
        return gn_fail(err, GN_E_NO_INPUT,
                       "variant file %s has no index: run 'bcftools index -t %s'", query->path,
                       query->path);
    if (hts_get_format(query->file)->format == bcf)
        query->index = bcf_index_load(query->path);
    else
        query->tabix = tbx_index_load(query->path);
    if (query->index == NULL && query->tabix == NULL)
        return gn_fail(err, GN_E_DATA,
                       "cannot load the index of variant file %s: run 'bcftools index -t %s' again",
                       query->path, query->path);
    return GN_OK;
}

gn_vcf_query_t *gn_vcf_query_open(const char *path, gn_error_t *err)
{
    if (access(path, R_OK) != 0) {
        gn_fail(err, GN_E_NO_INPUT, "cannot read variant file %s: %s", path, strerror(errno));
        return NULL;
    }
    gn_vcf_query_t *query = calloc(1, sizeof *query);
    if (query == NULL || (query->path = gn_strdup(path)) == NULL ||
        (query->record = bcf_init()) == NULL) {
        gn_fail_memory(err, "variant files");
        gn_vcf_query_close(query);
        return NULL;
    }
    query->file = hts_open(path, "r");
    if (query->file != NULL)
        query->header = bcf_hdr_read(query->file);
    if (query->header == NULL) {
        gn_fail(err, GN_E_DATA, "variant file %s is not a readable VCF or BCF", path);
        gn_vcf_query_close(query);
        return NULL;
    }
    if (open_index(query, err) < 0) {
        gn_vcf_query_close(query);
        return NULL;
    }
    return query;
}

void gn_vcf_query_close(gn_vcf_query_t *query)
{
    if (query == NULL)
        return;
    if (query->index != NULL)
        hts_idx_destroy(query->index);
    if (query->tabix != NULL)
        tbx_destroy(query->tabix);
    if (query->record != NULL)
        bcf_destroy(query->record);
    if (query->header != NULL)
        bcf_hdr_destroy(query->header);
    if (query->file != NULL)
        hts_close(query->file);
    free(query->line.s);
    free(query->frequencies);
    free(query->path);
    free(query);
}

void gn_variants_clear(struct gn_variant_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        gn_variant_free(list->v[i]);
    free(list->v);
    *list = (struct gn_variant_list){NULL, 0, 0};
}

static void upper_case(char *text)
{
    for (; *text != '\0'; text++)
        *text = (char)toupper((unsigned char)*text);
}

static int fill_frequencies(gn_vcf_query_t *query, struct gn_variant *variant, gn_error_t *err)
{
    int n = bcf_get_info_float(query->header, query->record, "AF", &query->frequencies,
                               &query->n_frequencies);
    if (n != variant->alts.n)
        return GN_OK;
    for (int i = 0; i < n; i++)
        if (gn_doubles_push(&variant->vaf, (double)query->frequencies[i], err) < 0)
            return GN_E_MEMORY;
    return GN_OK;
}

static int append_record(gn_vcf_query_t *query, const char *contig, struct gn_variant_list *out,
                         gn_error_t *err)
{
    struct gn_variant **v = gn_reserve(out->v, &out->cap, out->n + 1, sizeof *v, MAX_RECORDS,
                                       "variants of one partition", err);
    if (v == NULL)
        return GN_E_MEMORY;
    out->v = v;
    struct gn_variant *variant = v[out->n] = gn_variant_create();
    if (variant == NULL)
        return gn_fail_memory(err, "variants of one partition");
    out->n++;
    bcf1_t *record = query->record;
    bcf_unpack(record, BCF_UN_INFO);
    variant->start0 = record->pos;
    variant->end0 = record->pos + record->rlen;
    int ret = gn_text_set(&variant->contig, contig, err);
    if (ret == GN_OK)
        ret = gn_text_set(&variant->ref, record->d.allele[0], err);
    for (int i = 1; i < record->n_allele && ret == GN_OK; i++) {
        ret = gn_texts_push(&variant->alts, record->d.allele[i], err);
        if (ret == GN_OK)
            upper_case(variant->alts.v[i - 1]);
    }
    if (ret == GN_OK) {
        upper_case(variant->ref);
        ret = fill_frequencies(query, variant, err);
    }
    return ret;
}

/* 1 with a record, 0 at the end, < 0 on damage. */
static int next_record(gn_vcf_query_t *query, hts_itr_t *iterator)
{
    if (query->index != NULL) {
        int got = bcf_itr_next(query->file, iterator, query->record);
        return got >= 0 ? 1 : got == -1 ? 0 : -1;
    }
    int got = tbx_itr_next(query->file, query->tabix, iterator, &query->line);
    if (got < 0)
        return got == -1 ? 0 : -1;
    return vcf_parse(&query->line, query->header, query->record) == 0 ? 1 : -1;
}

int gn_vcf_query_fetch(gn_vcf_query_t *query, const char *contig, int64_t start0, int64_t end0,
                       struct gn_variant_list *out, gn_error_t *err)
{
    int tid = query->index != NULL ? bcf_hdr_name2id(query->header, contig)
                                   : tbx_name2id(query->tabix, contig);
    if (tid < 0)
        return GN_OK;
    hts_itr_t *iterator = query->index != NULL ? bcf_itr_queryi(query->index, tid, start0, end0)
                                               : tbx_itr_queryi(query->tabix, tid, start0, end0);
    if (iterator == NULL)
        return gn_fail(err, GN_E_DATA, "cannot look up %s in the index of %s: make the index again",
                       contig, query->path);
    int got, ret = GN_OK;
    while (ret == GN_OK && (got = next_record(query, iterator)) > 0)
        ret = append_record(query, contig, out, err);
    hts_itr_destroy(iterator);
    if (ret == GN_OK && got < 0)
        ret = gn_fail(err, GN_E_DATA, "variant file %s is truncated or damaged near %s:%lld",
                      query->path, contig, (long long)start0 + 1);
    return ret;
}

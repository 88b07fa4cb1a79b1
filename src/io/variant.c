/* SPDX-License-Identifier: MIT
 *
 * variant.c - life, copies and comparison of variant records.
 */
#include "io/variant.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

struct gn_variant *gn_variant_create(void)
{
    return calloc(1, sizeof(struct gn_variant));
}

void gn_texts_clear(struct gn_texts *list)
{
    for (int i = 0; i < list->n; i++)
        free(list->v[i]);
    free(list->v);
    *list = (struct gn_texts){NULL, 0};
}

void gn_variant_free(struct gn_variant *v)
{
    if (v == NULL)
        return;
    free(v->contig);
    free(v->ref);
    gn_texts_clear(&v->alts);
    gn_texts_clear(&v->names);
    gn_texts_clear(&v->filters);
    free(v->sample);
    struct gn_ints *ints[] = {&v->genotype, &v->dp, &v->gq, &v->ps,    &v->min_dp,
                              &v->med_dp,   &v->ad, &v->md, &v->alt_ps};
    for (size_t i = 0; i < sizeof ints / sizeof *ints; i++)
        free(ints[i]->v);
    free(v->gl.v);
    free(v->vaf.v);
    free(v->mf.v);
    free(v->mid);
    free(v->mt);
    free(v->ps_contig);
    free(v->bam_fname);
    free(v->candidates);
    free(v);
}

/* malloc'ed copy of n values; NULL when out of memory, or when n is 0. */
static void *copy_values(const void *values, int n, size_t size)
{
    void *copy = n > 0 ? malloc((size_t)n * size) : NULL;
    if (copy != NULL)
        memcpy(copy, values, (size_t)n * size);
    return copy;
}

int gn_ints_set(struct gn_ints *list, const int32_t *values, int n, gn_error_t *err)
{
    int32_t *copy = copy_values(values, n, sizeof *copy);
    if (copy == NULL && n > 0)
        return gn_fail_memory(err, "a variant record");
    free(list->v);
    *list = (struct gn_ints){copy, n};
    return GN_OK;
}

int gn_doubles_set(struct gn_doubles *list, const double *values, int n, gn_error_t *err)
{
    double *copy = copy_values(values, n, sizeof *copy);
    if (copy == NULL && n > 0)
        return gn_fail_memory(err, "a variant record");
    free(list->v);
    *list = (struct gn_doubles){copy, n};
    return GN_OK;
}

int gn_ints_push(struct gn_ints *list, int32_t value, gn_error_t *err)
{
    int32_t *grown = realloc(list->v, ((size_t)list->n + 1) * sizeof *grown);
    if (grown == NULL)
        return gn_fail_memory(err, "a variant record");
    grown[list->n] = value;
    *list = (struct gn_ints){grown, list->n + 1};
    return GN_OK;
}

int gn_doubles_push(struct gn_doubles *list, double value, gn_error_t *err)
{
    double *grown = realloc(list->v, ((size_t)list->n + 1) * sizeof *grown);
    if (grown == NULL)
        return gn_fail_memory(err, "a variant record");
    grown[list->n] = value;
    *list = (struct gn_doubles){grown, list->n + 1};
    return GN_OK;
}

int gn_texts_push(struct gn_texts *list, const char *value, gn_error_t *err)
{
    char **grown = realloc(list->v, ((size_t)list->n + 1) * sizeof *grown);
    if (grown == NULL)
        return gn_fail_memory(err, "a variant record");
    list->v = grown;
    grown[list->n] = gn_strdup(value);
    if (grown[list->n] == NULL)
        return gn_fail_memory(err, "a variant record");
    list->n++;
    return GN_OK;
}

int gn_texts_split(struct gn_texts *list, const char *text, const char *separators, gn_error_t *err)
{
    int ret = GN_OK;
    for (const char *p = text;
         p != NULL && ret == GN_OK && *(p += strspn(p, separators)) != '\0';) {
        size_t n = strcspn(p, separators);
        char *word = gn_strndup(p, n);
        ret = word == NULL ? gn_fail_memory(err, "a list") : gn_texts_push(list, word, err);
        free(word);
        p += n;
    }
    return ret;
}

int gn_texts_set(struct gn_texts *list, const char *const *values, int n, gn_error_t *err)
{
    struct gn_texts copy = {NULL, 0};
    for (int i = 0; i < n; i++)
        if (gn_texts_push(&copy, values[i], err) < 0) {
            gn_texts_clear(&copy);
            return GN_E_MEMORY;
        }
    gn_texts_clear(list);
    *list = copy;
    return GN_OK;
}

int gn_text_set(char **field, const char *value, gn_error_t *err)
{
    char *copy = gn_strdup(value);
    if (copy == NULL && value != NULL)
        return gn_fail_memory(err, "a variant record");
    free(*field);
    *field = copy;
    return GN_OK;
}

static int copy_lists(struct gn_variant *to, const struct gn_variant *from)
{
    const struct gn_ints *ints_from[] = {&from->genotype, &from->dp,     &from->gq,
                                         &from->ps,       &from->min_dp, &from->med_dp,
                                         &from->ad,       &from->md,     &from->alt_ps};
    struct gn_ints *ints_to[] = {&to->genotype, &to->dp, &to->gq, &to->ps,    &to->min_dp,
                                 &to->med_dp,   &to->ad, &to->md, &to->alt_ps};
    for (size_t i = 0; i < sizeof ints_to / sizeof *ints_to; i++) {
        *ints_to[i] = (struct gn_ints){NULL, 0};
        if (gn_ints_set(ints_to[i], ints_from[i]->v, ints_from[i]->n, NULL) < 0)
            return GN_E_MEMORY;
    }
    if (gn_doubles_set(&to->gl, from->gl.v, from->gl.n, NULL) < 0 ||
        gn_doubles_set(&to->vaf, from->vaf.v, from->vaf.n, NULL) < 0 ||
        gn_doubles_set(&to->mf, from->mf.v, from->mf.n, NULL) < 0 ||
        gn_texts_set(&to->alts, (const char *const *)from->alts.v, from->alts.n, NULL) < 0 ||
        gn_texts_set(&to->names, (const char *const *)from->names.v, from->names.n, NULL) < 0 ||
        gn_texts_set(&to->filters, (const char *const *)from->filters.v, from->filters.n, NULL) < 0)
        return GN_E_MEMORY;
    return GN_OK;
}

static int copy_texts(struct gn_variant *to, const struct gn_variant *from)
{
    char *const texts_from[] = {from->contig, from->ref,       from->sample,    from->mid,
                                from->mt,     from->ps_contig, from->bam_fname, from->candidates};
    char **texts_to[] = {&to->contig, &to->ref,       &to->sample,    &to->mid,
                         &to->mt,     &to->ps_contig, &to->bam_fname, &to->candidates};
    for (size_t i = 0; i < sizeof texts_to / sizeof *texts_to; i++)
        if (gn_text_set(texts_to[i], texts_from[i], NULL) < 0)
            return GN_E_MEMORY;
    return GN_OK;
}

struct gn_variant *gn_variant_copy(const struct gn_variant *variant)
{
    struct gn_variant *copy = gn_variant_create();
    if (copy == NULL)
        return NULL;
    copy->start0 = variant->start0;
    copy->end0 = variant->end0;
    copy->quality = variant->quality;
    copy->has_call = variant->has_call;
    copy->is_phased = variant->is_phased;
    if (copy_lists(copy, variant) < 0 || copy_texts(copy, variant) < 0) {
        gn_variant_free(copy);
        return NULL;
    }
    return copy;
}

static bool ints_equal(struct gn_ints a, struct gn_ints b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.v, b.v, (size_t)a.n * sizeof *a.v) == 0);
}

static bool doubles_equal(struct gn_doubles a, struct gn_doubles b)
{
    if (a.n != b.n)
        return false;
    for (int i = 0; i < a.n; i++)
        if (a.v[i] != b.v[i])
            return false;
    return true;
}

static bool text_equal(const char *a, const char *b)
{
    return strcmp(a == NULL ? "" : a, b == NULL ? "" : b) == 0;
}

static bool texts_equal(struct gn_texts a, struct gn_texts b)
{
    if (a.n != b.n)
        return false;
    for (int i = 0; i < a.n; i++)
        if (strcmp(a.v[i], b.v[i]) != 0)
            return false;
    return true;
}

bool gn_variant_equal(const struct gn_variant *a, const struct gn_variant *b)
{
    return a->start0 == b->start0 && a->end0 == b->end0 && a->quality == b->quality &&
           a->has_call == b->has_call && a->is_phased == b->is_phased &&
           text_equal(a->contig, b->contig) && text_equal(a->ref, b->ref) &&
           texts_equal(a->alts, b->alts) && texts_equal(a->names, b->names) &&
           texts_equal(a->filters, b->filters) && text_equal(a->sample, b->sample) &&
           ints_equal(a->genotype, b->genotype) && doubles_equal(a->gl, b->gl) &&
           ints_equal(a->dp, b->dp) && ints_equal(a->gq, b->gq) && ints_equal(a->ps, b->ps) &&
           ints_equal(a->min_dp, b->min_dp) && ints_equal(a->med_dp, b->med_dp) &&
           ints_equal(a->ad, b->ad) && ints_equal(a->md, b->md) && doubles_equal(a->vaf, b->vaf) &&
           doubles_equal(a->mf, b->mf) && text_equal(a->mid, b->mid) && text_equal(a->mt, b->mt) &&
           ints_equal(a->alt_ps, b->alt_ps) && text_equal(a->ps_contig, b->ps_contig) &&
           text_equal(a->bam_fname, b->bam_fname) && text_equal(a->candidates, b->candidates);
}

void gn_variant_simplify(struct gn_variant *v)
{
    size_t shortest = strlen(v->ref);
    for (int i = 0; i < v->alts.n; i++) {
        size_t length = strlen(v->alts.v[i]);
        if (length < shortest)
            shortest = length;
    }
    size_t ref_length = strlen(v->ref), common = 0;
    for (bool same = true; same && common + 1 < shortest;) {
        for (int i = 0; i < v->alts.n && same; i++) {
            const char *alt = v->alts.v[i];
            same = alt[strlen(alt) - 1 - common] == v->ref[ref_length - 1 - common];
        }
        common += same;
    }
    v->ref[ref_length - common] = '\0';
    for (int i = 0; i < v->alts.n; i++)
        v->alts.v[i][strlen(v->alts.v[i]) - common] = '\0';
    v->end0 = v->start0 + (int64_t)(ref_length - common);
}

int gn_genotype_count(int n_alleles)
{
    return n_alleles * (n_alleles + 1) / 2;
}

int gn_genotype_index(int a, int b)
{
    return a < b ? b * (b + 1) / 2 + a : a * (a + 1) / 2 + b;
}

/* SPDX-License-Identifier: MIT
 *
 * variant.h - the in-memory variant record that travels from the candidates to the VCF.
 *
 * It is nucleus.genomics.v1.Variant with its maps spelled out as fields: the keys that germline
 * DeepVariant uses are few and known (spec 81.3). One record has at most one call (one sample).
 * Everything is owned by the record and malloc'ed, so that stages can replace single fields with
 * free() and gn_ints_set() and the like.
 */
#ifndef GN_IO_VARIANT_H
#define GN_IO_VARIANT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/// A list of integers; absent when n == 0.
struct gn_ints {
    int32_t *v;
    int n;
};

/// A list of doubles; absent when n == 0.
struct gn_doubles {
    double *v;
    int n;
};

/// A list of zero-terminated strings.
struct gn_texts {
    char **v;
    int n;
};

struct gn_variant {
    char *contig; /* reference name */
    int64_t start0,
        end0;  /* 0-based half-open; end0 - start0 is the length of ref except in gVCF blocks */
    char *ref; /* reference allele */
    struct gn_texts alts;    /* alternate alleles in order; "<*>" in gVCF records */
    struct gn_texts names;   /* VCF ID */
    struct gn_texts filters; /* empty: "." */
    double quality;          /* phred; -1 missing */

    bool has_call;                 /* the fields below belong to the call */
    char *sample;                  /* call_set_name, NULL when unset */
    struct gn_ints genotype;       /* allele numbers, -1 no call; usually 2 */
    bool is_phased;                /* GT written with '|' */
    struct gn_doubles gl;          /* log10 genotype likelihoods in VCF order */
    struct gn_ints dp, gq, ps;     /* one value each when present */
    struct gn_ints min_dp, med_dp; /* gVCF blocks, one value each */
    struct gn_ints ad, md;         /* ref first, then alts */
    struct gn_doubles vaf;         /* per alt */
    struct gn_doubles mf;          /* methylation fraction, ref first */
    char *mid, *mt;                /* model that called it; methylation type; NULL when absent */

    struct gn_ints alt_ps; /* INFO: haplotype (0, 1, 2) of each allele, ref first */
    char *ps_contig;       /* INFO: "<task>-<region>" */
    char *bam_fname;       /* INFO: training examples carry the reads' file name */
    char *candidates;      /* INFO: pipe-separated alts before pruning (debug) */
};

/// Makes an empty record (quality 0, no call). NULL when out of memory.
struct gn_variant *gn_variant_create(void);

/// Frees the record and all it owns; NULL is fine.
void gn_variant_free(struct gn_variant *variant);

/// Deep copy; NULL when out of memory.
struct gn_variant *gn_variant_copy(const struct gn_variant *variant);

/// True when all fields are equal (doubles bitwise as numbers, lists in order).
bool gn_variant_equal(const struct gn_variant *a, const struct gn_variant *b);

/// Replace a list or string by a copy of the given one. Return GN_OK or GN_E_MEMORY (the field is
/// then empty).
int gn_ints_set(struct gn_ints *list, const int32_t *values, int n, gn_error_t *err);
int gn_doubles_set(struct gn_doubles *list, const double *values, int n, gn_error_t *err);
int gn_texts_set(struct gn_texts *list, const char *const *values, int n, gn_error_t *err);
int gn_text_set(char **field, const char *value, gn_error_t *err);

/// Append one string / number to a list.
int gn_texts_push(struct gn_texts *list, const char *value, gn_error_t *err);
int gn_doubles_push(struct gn_doubles *list, double value, gn_error_t *err);
int gn_ints_push(struct gn_ints *list, int32_t value, gn_error_t *err);

/// Appends the words of a text, split at any of the separators; empty words are left out. NULL is an empty text.
int gn_texts_split(struct gn_texts *list, const char *text, const char *separators,
                   gn_error_t *err);

void gn_texts_clear(struct gn_texts *list);

/// Removes the longest common suffix of ref and all alts, keeping one base of each, and sets end0.
/// Never trims on the left. spec 110.8.
void gn_variant_simplify(struct gn_variant *variant);

/// Number of genotypes of two alleles out of n_alleles: n (n + 1) / 2.
int gn_genotype_count(int n_alleles);

/// Position of the unordered genotype {a, b} in VCF order: b (b + 1) / 2 + a with a <= b.
int gn_genotype_index(int a, int b);

#endif

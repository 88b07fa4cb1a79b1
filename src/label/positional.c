/* SPDX-License-Identifier: MIT
 *
 * positional.c - a candidate takes the genotype of a truth record at the same start, allele by
 * allele after simplification. spec 150.5.
 */
#include "label/positional.h"

#include <stdlib.h>
#include <string.h>

/* Length of ref and alt after their common suffix is gone, one base of each kept. */
static void simplified_lengths(const char *ref, const char *alt, size_t *n_ref, size_t *n_alt)
{
    *n_ref = strlen(ref);
    *n_alt = strlen(alt);
    while (*n_ref > 1 && *n_alt > 1 && ref[*n_ref - 1] == alt[*n_alt - 1]) {
        --*n_ref;
        --*n_alt;
    }
}

static bool same_change(const char *ref_a, const char *alt_a, const char *ref_b, const char *alt_b)
{
    size_t n_ref_a, n_alt_a, n_ref_b, n_alt_b;
    simplified_lengths(ref_a, alt_a, &n_ref_a, &n_alt_a);
    simplified_lengths(ref_b, alt_b, &n_ref_b, &n_alt_b);
    return n_ref_a == n_ref_b && n_alt_a == n_alt_b && memcmp(ref_a, ref_b, n_ref_a) == 0 &&
           memcmp(alt_a, alt_b, n_alt_a) == 0;
}

static bool same_alleles(const struct gn_variant *a, const struct gn_variant *b)
{
    if (strcmp(a->ref, b->ref) != 0 || a->alts.n != b->alts.n)
        return false;
    for (int i = 0; i < a->alts.n; i++)
        if (strcmp(a->alts.v[i], b->alts.v[i]) != 0)
            return false;
    return true;
}

/* The last truth record at this start with the same alleles, else the first one, else truth->n. */
static int find_match(const struct gn_variant *simple, int contig, const struct gn_truth *truth,
                      size_t *match, gn_error_t *err)
{
    *match = truth->n;
    for (size_t i = gn_truth_first(truth, contig, simple->start0);
         i < truth->n && truth->contigs[i] == contig && truth->v[i]->start0 == simple->start0;
         i++) {
        struct gn_variant *other = gn_variant_copy(truth->v[i]);
        if (other == NULL)
            return gn_fail_memory(err, "a truth record");
        gn_variant_simplify(other);
        if (*match == truth->n || same_alleles(simple, other))
            *match = i;
        gn_variant_free(other);
    }
    return GN_OK;
}

/* The candidate's number of one allele of the truth, 0 when it has none. */
static int translate(const struct gn_variant *candidate, const struct gn_variant *truth, int allele)
{
    if (allele <= 0)
        return 0;
    for (int i = 0; i < candidate->alts.n; i++)
        if (same_change(candidate->ref, candidate->alts.v[i], truth->ref,
                        truth->alts.v[allele - 1]))
            return i + 1;
    return 0;
}

static void assign_genotype(const struct gn_variant *candidate, const struct gn_variant *truth,
                            int genotype[2])
{
    const struct gn_ints *gt = &truth->genotype;
    int alleles[2] = {gt->n > 0 ? gt->v[0] : 0, gt->n > 1 ? gt->v[1] : 0};
    if (gt->n == 1)
        alleles[1] = alleles[0]; /* a haploid call counts as homozygous */
    int a = translate(candidate, truth, alleles[0]), b = translate(candidate, truth, alleles[1]);
    genotype[0] = a < b ? a : b;
    genotype[1] = a < b ? b : a;
}

static int contig_of(const struct gn_variant *candidate, const struct gn_truth *truth,
                     gn_error_t *err)
{
    int contig = gn_contigs_find(truth->numbers, candidate->contig);
    return contig >= 0
               ? contig
               : gn_fail(err, GN_E_MISMATCH, "contig %s of a candidate is not among the truth's",
                         candidate->contig);
}

int gn_positional_match(const struct gn_variant *candidate, const struct gn_truth *truth,
                        size_t *match, gn_error_t *err)
{
    int contig = contig_of(candidate, truth, err);
    if (contig < 0)
        return contig;
    struct gn_variant *simple = gn_variant_copy(candidate);
    if (simple == NULL)
        return gn_fail_memory(err, "a candidate");
    gn_variant_simplify(simple);
    int code = find_match(simple, contig, truth, match, err);
    gn_variant_free(simple);
    return code;
}

int gn_label_positional(const struct gn_variant *candidate, const struct gn_label_source *source,
                        struct gn_label *label, gn_error_t *err)
{
    const struct gn_truth *truth = source->truth;
    int contig = contig_of(candidate, truth, err);
    if (contig < 0)
        return contig;
    *label = (struct gn_label){.genotype = {0, 0}};
    label->is_confident = source->confident == NULL ||
                          gn_ranges_contain(source->confident, contig, candidate->start0);
    struct gn_variant *simple = gn_variant_copy(candidate);
    if (simple == NULL)
        return gn_fail_memory(err, "a candidate");
    gn_variant_simplify(simple);
    size_t match;
    int code = find_match(simple, contig, truth, &match, err);
    if (code == GN_OK && match < truth->n)
        assign_genotype(simple, truth->v[match], label->genotype);
    gn_variant_free(simple);
    return code;
}

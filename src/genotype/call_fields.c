/* SPDX-License-Identifier: MIT
 *
 * call_fields.c - from genotype probabilities to the fields of a call, in DeepVariant 1.9's order
 * of operations.
 */
#include "genotype/call_fields.h"

#include <errno.h>
#include <stdlib.h>

#include "genotype/scores.h"

enum { REGIONS_PER_TASK = 100000 }; /* phase set = task * this + region */

static int fail_phase(const struct gn_variant *variant, gn_error_t *err)
{
    return gn_fail(err, GN_E_DATA,
                   "%s:%lld: PS_CONTIG '%s' or ALT_PS is malformed; expected \"task-region\" and "
                   "haplotypes 0 to 2",
                   variant->contig, (long long)variant->start0 + 1, variant->ps_contig);
}

static int set_phase_set(struct gn_variant *variant, gn_error_t *err)
{
    char *end;
    errno = 0;
    long long task = strtoll(variant->ps_contig, &end, 10);
    if (end == variant->ps_contig || *end != '-')
        return fail_phase(variant, err);
    const char *region_text = end + 1;
    long long region = strtoll(region_text, &end, 10);
    if (end == region_text || *end != '\0' || errno != 0 || task < 0 || region < 0 ||
        task > INT32_MAX / REGIONS_PER_TASK - 1 || region > INT32_MAX)
        return fail_phase(variant, err);
    long long phase_set = task * REGIONS_PER_TASK + region;
    if (phase_set > INT32_MAX)
        return fail_phase(variant, err);
    return gn_ints_set(&variant->ps, &(int32_t){(int32_t)phase_set}, 1, err);
}

/* Orders the alleles by haplotype where both are assigned to different ones. */
static int phase(struct gn_variant *variant, int32_t genotype[2], gn_error_t *err)
{
    variant->is_phased = false;
    if (variant->ps_contig == NULL || variant->ps_contig[0] == '\0' ||
        genotype[1] >= variant->alt_ps.n)
        return GN_OK;
    int32_t first = variant->alt_ps.v[genotype[0]], second = variant->alt_ps.v[genotype[1]];
    if (first < 0 || first > 2 || second < 0 || second > 2)
        return fail_phase(variant, err);
    if (first == 0 || second == 0 || first == second)
        return GN_OK;
    variant->is_phased = true;
    int32_t unphased[2] = {genotype[0], genotype[1]};
    genotype[0] = unphased[first - 1];
    genotype[1] = unphased[second - 1];
    return set_phase_set(variant, err);
}

static int set_methylation_type(struct gn_variant *variant, gn_error_t *err)
{
    bool any = false, low = false, high = false;
    for (int i = 0; i < variant->mf.n; i++) {
        any = any || variant->mf.v[i] > 0;
        low = low || variant->mf.v[i] <= 0.2;
        high = high || variant->mf.v[i] >= 0.8;
    }
    if (!any)
        return GN_OK;
    return gn_text_set(&variant->mt, low && high ? "0/1" : high ? "1/1" : "0/0", err);
}

/* A site without a single counted read has no genotype. */
static int clear_uncovered(struct gn_variant *variant, int *gq, gn_error_t *err)
{
    int64_t depth = 0;
    for (int i = 0; i < variant->ad.n; i++)
        depth += variant->ad.v[i];
    if (depth != 0)
        return GN_OK;
    *gq = 0;
    /* PARITY(dv-1.9): two likelihoods whatever the number of alts; QUAL, phase and MT stay. */
    if (gn_ints_set(&variant->genotype, (const int32_t[]){-1, -1}, 2, err) < 0 ||
        gn_doubles_set(&variant->gl, (const double[]){0, 0}, 2, err) < 0)
        return GN_E_MEMORY;
    return GN_OK;
}

static int set_filter(struct gn_variant *variant, int gq, const struct gn_genotype_options *options,
                      gn_error_t *err)
{
    const int32_t *gt = variant->genotype.v;
    bool is_hom_ref = gt[0] == 0 && gt[1] == 0;
    const char *filter = gt[0] == -1 && gt[1] == -1                ? "NoCall"
                         : is_hom_ref                              ? "RefCall"
                         : variant->quality < options->min_quality ? "LowQual"
                                                                   : "PASS";
    if (gn_texts_set(&variant->filters, &filter, 1, err) < 0)
        return GN_E_MEMORY;
    if (is_hom_ref && gq < options->min_homref_gq)
        return gn_ints_set(&variant->genotype, (const int32_t[]){-1, -1}, 2, err);
    return GN_OK;
}

static int set_likelihoods(const struct gn_merged_site *site, gn_error_t *err)
{
    if (gn_doubles_set(&site->variant->gl, site->probabilities, site->n, err) < 0)
        return GN_E_MEMORY;
    for (int i = 0; i < site->n; i++)
        site->variant->gl.v[i] = gn_log10_likelihood(site->probabilities[i]);
    return GN_OK;
}

int gn_fill_call(struct gn_merged_site *site, const struct gn_genotype_options *options,
                 gn_error_t *err)
{
    struct gn_variant *variant = site->variant;
    struct gn_scores scores = gn_scores_compute(site->probabilities, site->n);
    variant->has_call = true;
    variant->quality = scores.quality;
    int32_t genotype[2] = {scores.first, scores.second};
    int status = phase(variant, genotype, err);
    if (status == GN_OK)
        status = set_methylation_type(variant, err);
    if (status == GN_OK)
        status = gn_ints_set(&variant->genotype, genotype, 2, err);
    if (status == GN_OK)
        status = set_likelihoods(site, err);
    if (status == GN_OK)
        status = clear_uncovered(variant, &scores.gq, err);
    if (status == GN_OK)
        status = gn_ints_set(&variant->gq, &(int32_t){scores.gq}, 1, err);
    if (status == GN_OK)
        status = gn_text_set(&variant->sample, options->sample, err);
    return status < 0 ? status : set_filter(variant, scores.gq, options, err);
}

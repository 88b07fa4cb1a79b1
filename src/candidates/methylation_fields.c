/* SPDX-License-Identifier: MIT
 *
 * methylation_fields.c - counts of methylated reads.
 */
#include "candidates/methylation_fields.h"

/* Reads of one allele. */
struct share {
    int32_t methylated, all;
};

static struct share count_reads(const struct gn_candidate *candidate, int supports)
{
    struct share share = {0, 0};
    for (uint32_t i = 0; i < candidate->n_alleles; i++) {
        const struct gn_allele *allele = &candidate->alleles[i];
        if (candidate->supports[i] != supports || allele->is_low_quality)
            continue;
        share.all++;
        share.methylated += allele->is_methylated;
    }
    return share;
}

static int push_share(struct gn_variant *variant, struct share share, gn_error_t *err)
{
    double fraction = share.all > 0 ? (double)share.methylated / share.all : 0.0;
    int ret = gn_doubles_push(&variant->mf, fraction, err);
    return ret == GN_OK ? gn_ints_push(&variant->md, share.methylated, err) : ret;
}

/* The alternative alleles of a type; good alleles are in the order of their bases. */
static int push_type(struct gn_candidate *candidate, const struct gn_candidate_site *site,
                     enum gn_allele_type type, gn_error_t *err)
{
    int ret = GN_OK;
    for (int k = 0; k < site->good->n && ret == GN_OK; k++)
        if (site->good->v[k].type == type)
            ret = push_share(candidate->variant, count_reads(candidate, site->alt_of[k]), err);
    return ret;
}

int gn_fill_methylation(struct gn_candidate *candidate, const struct gn_candidate_site *site,
                        gn_error_t *err)
{
    bool is_methylated = false;
    for (uint32_t i = 0; i < candidate->n_alleles && site->counter->has_methylation; i++)
        is_methylated = is_methylated || (candidate->alleles[i].is_methylated &&
                                          !candidate->alleles[i].is_low_quality &&
                                          candidate->supports[i] != GN_SUPPORTS_UNCALLED);
    if (!is_methylated)
        return GN_OK;
    int ret = push_share(candidate->variant, count_reads(candidate, GN_SUPPORTS_REFERENCE), err);
    if (ret == GN_OK)
        ret = push_type(candidate, site, GN_ALLELE_SUBSTITUTION, err);
    if (ret == GN_OK)
        ret = push_type(candidate, site, GN_ALLELE_INSERTION, err);
    return ret == GN_OK ? push_type(candidate, site, GN_ALLELE_DELETION, err) : ret;
}

static bool has_methylated_read(const struct gn_allele_counter *counter,
                                const struct gn_counted_position *position)
{
    bool found = false;
    for (uint32_t i = 0; i < position->n && !found; i++)
        found = counter->alleles[position->first + i].is_methylated;
    return found;
}

bool gn_is_methylated_reference(const struct gn_allele_counter *counter,
                                const struct gn_counted_position *position,
                                const struct gn_methylation_options *options, const char *contig)
{
    return counter->has_methylation && position->ref_count > 0 &&
           !gn_methylation_excludes(options, contig) && has_methylated_read(counter, position);
}

bool gn_is_methylated_throughout(const struct gn_allele_counter *counter,
                                 const struct gn_counted_position *position,
                                 const struct gn_methylation_options *options, const char *contig)
{
    bool is_reference = counter->has_methylation && options->enable_methylation_aware_phasing &&
                        !gn_methylation_excludes(options, contig);
    for (uint32_t i = 0; i < position->n && is_reference; i++) {
        const struct gn_allele *allele = &counter->alleles[position->first + i];
        is_reference = allele->length == 1 && allele->bases[0] == position->ref_base;
    }
    return is_reference && has_methylated_read(counter, position);
}

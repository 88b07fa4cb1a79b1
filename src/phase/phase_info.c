/* SPDX-License-Identifier: MIT
 *
 * phase_info.c - ALT_PS.
 */
#include "phase/phase_info.h"

enum { MIN_MAJORITY = 2 };

/* The place of an allele in ALT_PS; -1 when it is none of the record's. */
static int place_of(int supports)
{
    return supports == GN_SUPPORTS_REFERENCE ? 0 : supports < 0 ? -1 : supports + 1;
}

static int clear(struct gn_variant *variant, gn_error_t *err)
{
    int ret = gn_ints_set(&variant->alt_ps, NULL, 0, err);
    for (int i = 0; i <= variant->alts.n && ret == GN_OK; i++)
        ret = gn_ints_push(&variant->alt_ps, 0, err);
    return ret;
}

static int fill_phased(struct gn_variant *variant, const struct gn_phased_site *site,
                       gn_error_t *err)
{
    int first = place_of(site->alleles[0]), second = place_of(site->alleles[1]);
    if (first < 0 || second < 0)
        return GN_OK;
    int ret = clear(variant, err);
    if (ret < 0)
        return ret;
    variant->alt_ps.v[first] = 1;
    variant->alt_ps.v[second] = 2;
    return GN_OK;
}

static int fill_by_reads(struct gn_candidate *candidate, const struct gn_phasing *phasing,
                         gn_error_t *err)
{
    struct gn_ints *haplotypes = &candidate->variant->alt_ps;
    int ret = clear(candidate->variant, err); /* first the reads of haplotype 1 less those of 2 */
    if (ret < 0)
        return ret;
    for (uint32_t i = 0; i < candidate->n_alleles; i++) {
        int place = place_of(candidate->supports[i]);
        int haplotype = phasing->of_key[candidate->alleles[i].key];
        if (place >= 0 && haplotype != 0)
            haplotypes->v[place] += haplotype == 1 ? 1 : -1;
    }
    for (int i = 0; i < haplotypes->n; i++)
        haplotypes->v[i] = haplotypes->v[i] >= MIN_MAJORITY    ? 1
                           : haplotypes->v[i] <= -MIN_MAJORITY ? 2
                                                               : 0;
    return GN_OK;
}

int gn_phase_info_fill(struct gn_candidate_list *candidates, const struct gn_phasing *phasing,
                       gn_error_t *err)
{
    size_t next = 0;
    int ret = GN_OK;
    for (size_t i = 0; i < candidates->n && ret == GN_OK; i++) {
        if (next < phasing->n_sites && phasing->sites[next].candidate == i)
            ret = fill_phased(candidates->v[i].variant, &phasing->sites[next++], err);
        else
            ret = fill_by_reads(&candidates->v[i], phasing, err);
    }
    return ret;
}

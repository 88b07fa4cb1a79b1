/* SPDX-License-Identifier: MIT
 *
 * sites.c - variants along a contig. Density varies from block to block as it does in people
 * (coalescence times differ), new variants come in clusters, CpGs mutate most, indel lengths fall
 * by a power law, long repeats mutate most and often into two alleles at once.
 */
#include "simulate/genome/sites.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { MOST_SITES = 1 << 26, CLUSTER_BASES = 12, BLOCK_BASES = 3000 };

/* SNVs at a base of a lone CpG over those at others, and how much that adds to all (1 base in 50 is
 * of one; in islands CpGs are not methylated and stay); transitions at CpGs and elsewhere: together
 * 2.1 times as many as transversions. */
static const double CPG_MUTABILITY = 12, CPG_MEAN = 1.12, CPG_TRANSITIONS = 0.92,
                    TRANSITIONS = 0.645;
enum { CPG_ALONE = 20 }; /* bases to the next CpG of a lone one */
/* SNVs that have a second one within 2 bases on the same haplotypes. */
static const double MULTIPLE = 0.005;

/* An insertion (change > 0) or deletion (change < 0) after the base at anchor0. */
struct indel {
    int64_t anchor0;
    int change; /* bases */
    char inserted[GN_SITE_LONGEST_INDEL + 1];
};

struct drawing {
    struct gn_sites *sites;
    struct gn_mt64 *rng;
    const struct gn_site_rates *rates;
    const char *bases;
    int64_t start0, end0;
    int64_t free_from[2]; /* per haplotype: first base not taken by a variant */
    int64_t last_start0;  /* of the newest site, -1 none */
};

static bool is_plain(const struct drawing *d, int64_t start0, int64_t end0)
{
    if (start0 < d->start0 || end0 > d->end0)
        return false;
    for (int64_t i = start0; i < end0; i++)
        if (strchr("ACGT", d->bases[i]) == NULL)
            return false;
    return true;
}

static void draw_genotype(struct drawing *d, double het, int8_t genotype[2])
{
    genotype[0] = genotype[1] = 1;
    if (gn_draw_chance(d->rng, het))
        genotype[gn_mt64_below(d->rng, 2)] = 0;
}

/* Adds the site unless it would touch an earlier one on the same haplotype. */
static int add_site(struct drawing *d, const struct gn_site *site, gn_error_t *err)
{
    if (site->start0 <= d->last_start0 ||
        !is_plain(d, site->start0, site->start0 + site->ref_length))
        return GN_OK;
    for (int h = 0; h < 2; h++)
        if (site->genotype[h] > 0 && site->start0 < d->free_from[h])
            return GN_OK;
    int code = gn_sites_add(d->sites, site, err);
    if (code < 0)
        return code;
    d->last_start0 = site->start0;
    for (int h = 0; h < 2; h++)
        if (site->genotype[h] > 0)
            d->free_from[h] = site->start0 + site->ref_length;
    return GN_OK;
}

static bool begins_cpg(const struct drawing *d, int64_t pos0)
{
    return pos0 >= d->start0 && pos0 + 1 < d->end0 && d->bases[pos0] == 'C' &&
           d->bases[pos0 + 1] == 'G';
}

/* Whether the base is of a CpG that lies outside islands. */
static bool is_in_cpg(const struct drawing *d, int64_t pos0)
{
    char base = d->bases[pos0];
    int64_t c = base == 'C' ? pos0 : pos0 - 1;
    if ((base != 'C' && base != 'G') || !begins_cpg(d, c))
        return false;
    for (int64_t k = 2; k <= CPG_ALONE; k++)
        if (begins_cpg(d, c - k) || begins_cpg(d, c + k))
            return false;
    return true;
}

/* Another SNV just after one, on the same haplotypes: one event changed both. */
static int add_companion(struct drawing *d, const struct gn_site *first, gn_error_t *err)
{
    int64_t pos0 = first->start0 + gn_draw_between(d->rng, 1, 2);
    if (!is_plain(d, pos0, pos0 + 1))
        return GN_OK;
    struct gn_site site = *first;
    site.start0 = pos0;
    site.alts[0][0] = gn_draw_other_base(d->rng, d->bases[pos0], TRANSITIONS);
    return add_site(d, &site, err);
}

static int add_snv(struct drawing *d, int64_t pos0, gn_error_t *err)
{
    if (!is_plain(d, pos0, pos0 + 1))
        return GN_OK;
    struct gn_site site = {.start0 = pos0, .ref_length = 1, .n_alts = 1};
    char ref = d->bases[pos0];
    site.alts[0][0] =
        gn_draw_other_base(d->rng, ref, is_in_cpg(d, pos0) ? CPG_TRANSITIONS : TRANSITIONS);
    draw_genotype(d, d->rates->het, site.genotype);
    if (gn_draw_chance(d->rng, 0.0004)) {
        do {
            site.alts[1][0] = gn_draw_other_base(d->rng, ref, 0.5);
        } while (site.alts[1][0] == site.alts[0][0]);
        site.n_alts = 2;
        site.genotype[0] = (int8_t)(1 + gn_mt64_below(d->rng, 2));
        site.genotype[1] = (int8_t)(3 - site.genotype[0]);
    }
    int code = add_site(d, &site, err);
    if (code == GN_OK && site.n_alts == 1 && gn_draw_chance(d->rng, MULTIPLE))
        code = add_companion(d, &site, err);
    return code;
}

/* Moves the indel to its leftmost spelling. */
static void left_align(const struct drawing *d, struct indel *indel)
{
    int n = indel->change > 0 ? indel->change : -indel->change;
    while (indel->anchor0 > d->start0) {
        char leaving = indel->change > 0 ? indel->inserted[n - 1] : d->bases[indel->anchor0 + n];
        if (d->bases[indel->anchor0] != leaving)
            break;
        if (indel->change > 0) {
            memmove(indel->inserted + 1, indel->inserted, (size_t)n - 1);
            indel->inserted[0] = leaving;
        }
        indel->anchor0--;
    }
}

/* Writes the allele of an indel over a reference allele of ref_length bases from the anchor on. */
static void spell(const struct drawing *d, const struct indel *indel, int ref_length, char *allele)
{
    const char *ref = d->bases + indel->anchor0;
    int skipped = indel->change < 0 ? -indel->change : 0, n = 0;
    allele[n++] = ref[0];
    for (int i = 0; i < indel->change; i++)
        allele[n++] = indel->inserted[i];
    for (int i = 1 + skipped; i < ref_length; i++)
        allele[n++] = ref[i];
    allele[n] = '\0';
}

static int add_indel(struct drawing *d, struct indel *indel, double het, gn_error_t *err)
{
    int deleted = indel->change < 0 ? -indel->change : 0;
    if (!is_plain(d, indel->anchor0, indel->anchor0 + 1 + deleted))
        return GN_OK;
    left_align(d, indel);
    struct gn_site site = {.start0 = indel->anchor0, .ref_length = 1 + deleted, .n_alts = 1};
    spell(d, indel, site.ref_length, site.alts[0]);
    draw_genotype(d, het, site.genotype);
    return add_site(d, &site, err);
}

static int add_indel_pair(struct drawing *d, struct indel pair[2], gn_error_t *err)
{
    struct gn_site site = {.ref_length = 1, .n_alts = 2};
    for (int i = 0; i < 2; i++) {
        int deleted = pair[i].change < 0 ? -pair[i].change : 0;
        if (!is_plain(d, pair[i].anchor0, pair[i].anchor0 + 1 + deleted))
            return GN_OK;
        left_align(d, &pair[i]);
        if (1 + deleted > site.ref_length)
            site.ref_length = 1 + deleted;
    }
    if (pair[0].anchor0 != pair[1].anchor0 || pair[0].change == pair[1].change)
        return GN_OK;
    site.start0 = pair[0].anchor0;
    for (int i = 0; i < 2; i++)
        spell(d, &pair[i], site.ref_length, site.alts[i]);
    site.genotype[0] = (int8_t)(1 + gn_mt64_below(d->rng, 2));
    site.genotype[1] = (int8_t)(3 - site.genotype[0]);
    return add_site(d, &site, err);
}

/* P(length) falls as length^-1.5, from 1 to the longest. */
static int draw_indel_length(struct gn_mt64 *rng)
{
    const double all = 2.3309; /* the sum to 50; what rounding leaves goes to the longest */
    double u = gn_mt64_uniform(rng) * all;
    int length = 1;
    for (; length < GN_SITE_LONGEST_INDEL; length++) {
        u -= 1 / (length * sqrt(length)); /* square roots are the same everywhere */
        if (u < 0)
            break;
    }
    return length;
}

/* An indel anywhere: a deletion, a random insertion or a tandem duplication. */
static int add_free_indel(struct drawing *d, int64_t anchor0, gn_error_t *err)
{
    struct indel indel = {.anchor0 = anchor0};
    int length = draw_indel_length(d->rng);
    bool is_deletion = gn_draw_chance(d->rng, 0.52), is_copy = gn_draw_chance(d->rng, 0.65);
    if (is_deletion) {
        indel.change = -length;
        return add_indel(d, &indel, d->rates->het, err);
    }
    indel.change = length;
    if (is_copy && anchor0 + 1 - length >= d->start0)
        memcpy(indel.inserted, d->bases + anchor0 + 1 - length, (size_t)length);
    else
        for (int i = 0; i < length; i++)
            indel.inserted[i] = gn_draw_base(d->rng);
    for (int i = 0; i < length; i++)
        if (strchr("ACGT", indel.inserted[i]) == NULL)
            return GN_OK;
    return add_indel(d, &indel, d->rates->het, err);
}

/* A whole number of units more or less in a run; the anchor is the base before it. */
static struct indel draw_slip(const struct drawing *d, const struct gn_repeat *repeat)
{
    struct indel slip = {.anchor0 = repeat->start0 - 1};
    int copies = gn_repeat_copies(repeat);
    int most = GN_SITE_LONGEST_INDEL / repeat->unit;
    double extends = repeat->unit > 1 ? 0.3 : copies > 12 ? 0.25 : 0.1;
    int units = gn_draw_geometric(d->rng, extends, most < copies ? most : copies);
    int change = units * repeat->unit;
    if (gn_draw_chance(d->rng, 0.5)) {
        slip.change = -change;
        return slip;
    }
    slip.change = change;
    for (int i = 0; i < change; i++)
        slip.inserted[i] = d->bases[repeat->start0 + i % repeat->unit];
    return slip;
}

static int add_repeat_indel(struct drawing *d, const struct gn_repeat *repeat, gn_error_t *err)
{
    if (repeat->start0 - 1 < d->start0)
        return GN_OK;
    struct indel pair[2] = {draw_slip(d, repeat), draw_slip(d, repeat)};
    if (gn_draw_chance(d->rng, gn_repeat_copies(repeat) > 10 ? 0.3 : 0.1))
        return add_indel_pair(d, pair, err);
    return add_indel(d, &pair[0], d->rates->het, err);
}

/* Relative mutability: grows with the square of the copies beyond what is stable, to a plateau. */
static double mutability(const struct gn_repeat *repeat)
{
    static const double by_unit[] = {0, 1, 2.3, 1.7, 3.6}, plateau = 12;
    double copies = gn_repeat_copies(repeat);
    double beyond = (repeat->unit == 1 ? copies - 4 : copies - 2.5) * by_unit[repeat->unit];
    if (beyond > plateau)
        beyond = plateau;
    return beyond * beyond;
}

/* What makes a mean mutability of 1 somewhat more than half of rates->indel. */
static double slip_scale(const struct drawing *d, const struct gn_repeats *repeats)
{
    double sum = 0;
    for (size_t i = gn_repeats_first(repeats, d->start0);
         i < repeats->n && repeats->v[i].start0 < d->end0; i++)
        sum += mutability(&repeats->v[i]);
    return sum > 0 ? 0.57 * d->rates->indel * (double)(d->end0 - d->start0) / sum : 0;
}

/* SNVs with another in the 35 bases before: of HG002 on chr20 11 %, drawn 10 %; in 140: 31 and 29 %. */
static double draw_density(struct gn_mt64 *rng)
{
    static const double densities[] = {0.05, 0.15, 0.35, 0.7, 1.1, 1.6, 2.5, 4.5}, mean = 1.36875;
    return densities[gn_mt64_below(rng, 8)] / mean;
}

int gn_sites_draw(struct gn_sites *sites, struct gn_mt64 *rng, const struct gn_site_rates *rates,
                  const char *bases, const struct gn_repeats *repeats, int64_t start0, int64_t end0,
                  gn_error_t *err)
{
    struct drawing d = {.sites = sites, .rng = rng, .rates = rates, .bases = bases};
    d.start0 = start0;
    d.end0 = end0;
    d.free_from[0] = d.free_from[1] = start0;
    d.last_start0 = start0 - 1;
    double scale = slip_scale(&d, repeats), density = 1;
    size_t run = gn_repeats_first(repeats, start0), before;
    int64_t cluster_end = 0;
    int code = GN_OK;
    for (int64_t pos0 = start0; pos0 < end0 && code == GN_OK; pos0++) {
        if ((pos0 - start0) % BLOCK_BASES == 0)
            density = draw_density(rng);
        double extra = pos0 < cluster_end ? 0.022 / CLUSTER_BASES : 0;
        double snv = rates->snv * 0.94 * density / CPG_MEAN + extra * 0.8;
        snv *= is_in_cpg(&d, pos0) ? CPG_MUTABILITY : 1;
        double indel = rates->indel * 0.47 * density + extra * 0.2;
        double u = gn_mt64_uniform(rng);
        before = sites->n;
        for (; code == GN_OK && run < repeats->n && repeats->v[run].start0 <= pos0; run++) {
            double slip = scale * mutability(&repeats->v[run]);
            if (gn_draw_chance(rng, slip < 0.4 ? slip : 0.4))
                code = add_repeat_indel(&d, &repeats->v[run], err);
        }
        if (code == GN_OK && u < snv)
            code = add_snv(&d, pos0, err);
        else if (code == GN_OK && u < snv + indel)
            code = add_free_indel(&d, pos0, err);
        if (sites->n > before)
            cluster_end = pos0 + CLUSTER_BASES;
    }
    return code;
}

int gn_sites_add(struct gn_sites *sites, const struct gn_site *site, gn_error_t *err)
{
    struct gn_site *v = gn_reserve(sites->v, &sites->cap, sites->n + 1, sizeof *v, MOST_SITES,
                                   "simulated variants", err);
    if (v == NULL)
        return GN_E_MEMORY;
    sites->v = v;
    v[sites->n++] = *site;
    return GN_OK;
}

static bool touch(const struct gn_site *a, const struct gn_site *b)
{
    return a->start0 <= b->start0 + b->ref_length && b->start0 <= a->start0 + a->ref_length;
}

int gn_sites_merge(struct gn_sites *sites, const struct gn_sites *preferred, gn_error_t *err)
{
    struct gn_sites merged = {NULL, 0, 0};
    size_t i = 0, p = 0, near = 0; /* near: first preferred site that may touch sites->v[i] */
    int code = GN_OK;
    while (code == GN_OK && (i < sites->n || p < preferred->n)) {
        if (p < preferred->n && (i == sites->n || preferred->v[p].start0 <= sites->v[i].start0)) {
            code = gn_sites_add(&merged, &preferred->v[p++], err);
            continue;
        }
        const struct gn_site *site = &sites->v[i++];
        bool is_free = true;
        while (near < preferred->n &&
               preferred->v[near].start0 + GN_SITE_ALLELE_SIZE < site->start0)
            near++;
        for (size_t k = near; k < preferred->n && is_free &&
                              preferred->v[k].start0 <= site->start0 + site->ref_length;
             k++)
            is_free = !touch(site, &preferred->v[k]);
        if (is_free)
            code = gn_sites_add(&merged, site, err);
    }
    gn_sites_clear(sites);
    *sites = merged;
    return code;
}

void gn_sites_clear(struct gn_sites *sites)
{
    free(sites->v);
    *sites = (struct gn_sites){NULL, 0, 0};
}

/* SPDX-License-Identifier: MIT
 *
 * reference_confidence.c - likelihood of the reference at each site, and blocks of equal quality.
 *
 * Model: reads err with probability p_error; the three genotypes expect the alternative in a share of p_error, 1/2 and
 * 1 - p_error of them.
 */
#include "candidates/reference_confidence.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { MAX_GQ = 50, MAX_CACHED_DEPTH = 100, MAX_BLOCKS = 1 << 28 };

/* Confidence in one site. */
struct site {
    double gl[3]; /* log10, normalised */
    int gq, bin;  /* bin: quantised GQ, -1 at IUPAC reference letters */
    int depth;    /* DP, real */
    bool reference_is_best;
};

struct gn_reference_options gn_reference_options_default(void)
{
    return (struct gn_reference_options){.p_error = 0.001, .gvcf_gq_binsize = 5};
}

void gn_blocks_clear(struct gn_block_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        gn_variant_free(list->v[i]);
    free(list->v);
    *list = (struct gn_block_list){NULL, 0, 0};
}

static void normalise(double gl[3])
{
    double best = fmax(gl[0], fmax(gl[1], gl[2])), sum = 0;
    for (int i = 0; i < 3; i++)
        sum += pow(10.0, gl[i] - best);
    double total = best + log10(sum);
    for (int i = 0; i < 3; i++)
        gl[i] = fmin(gl[i] - total, 0.0);
}

/* The operations and their order are upstream's: the results must agree to the last bit. */
static void likelihoods(int n_ref, int n, bool is_haploid, double p_error, double gl[3])
{
    if (n > MAX_CACHED_DEPTH) {
        n_ref = (int)ceil((double)n_ref / n * MAX_CACHED_DEPTH);
        n = MAX_CACHED_DEPTH;
    }
    /* PARITY(dv-1.9): p_error is a single precision flag. */
    double p = (double)(float)p_error, ln10 = log(10.0);
    double log_error = log(p) / ln10, log_correct = log1p(-p) / ln10;
    int n_alt = n - n_ref;
    if (n == 0) {
        gl[0] = gl[1] = gl[2] = -1.0;
    } else {
        gl[0] = n_ref * log_correct + n_alt * log_error;
        gl[1] = -n * log(2.0) / ln10;
        gl[2] = n_ref * log_error + n_alt * log_correct;
    }
    if (is_haploid)
        gl[1] = -999.0;
    normalise(gl);
}

static int genotype_quality(const double gl[3])
{
    double log_wrong = log10(1.0 - pow(10.0, gl[0]));
    double quality = isfinite(log_wrong) ? -10.0 * log_wrong : MAX_GQ;
    return (int)fmin(floor(quality), MAX_GQ);
}

static int examine(const struct gn_allele_counter *counter, int64_t pos0,
                   const struct gn_reference_options *o, struct site *site, gn_error_t *err)
{
    const struct gn_counted_position *position = &counter->positions[pos0 - counter->start0];
    site->depth = gn_position_depth(counter, position);
    if (strchr("ACGT", position->ref_base) == NULL) {
        if (position->ref_base == '\0' || strchr("RYSWKMBDHVN", position->ref_base) == NULL)
            return gn_fail(err, GN_E_DATA,
                           "the reference has the letter '%c', which is no IUPAC code",
                           position->ref_base);
        site->bin = -1;
        site->reference_is_best = true;
        return GN_OK;
    }
    bool is_haploid =
        o->contig_is_haploid &&
        (o->par_regions == NULL || !gn_ranges_contain(o->par_regions, counter->contig, pos0));
    likelihoods(position->ref_count, site->depth, is_haploid, o->p_error, site->gl);
    site->gq = genotype_quality(site->gl);
    site->bin = site->gq < 1 ? 0 : (site->gq - 1) / o->gvcf_gq_binsize * o->gvcf_gq_binsize + 1;
    site->reference_is_best = site->gl[0] >= site->gl[1] && site->gl[0] >= site->gl[2];
    return GN_OK;
}

static int compare_ints(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b;
    return (x > y) - (x < y);
}

static int median_depth(const struct site *sites, int64_t n, int *scratch)
{
    for (int64_t i = 0; i < n; i++)
        scratch[i] = sites[i].depth;
    qsort(scratch, (size_t)n, sizeof *scratch, compare_ints);
    return n % 2 == 1 ? scratch[n / 2] : (scratch[n / 2 - 1] + scratch[n / 2]) / 2;
}

static int fill_block(struct gn_variant *block, const struct site *sites, int64_t n, int *scratch,
                      const struct gn_reference_options *o, gn_error_t *err)
{
    const struct site *worst = &sites[0];
    int32_t min_depth = sites[0].depth;
    for (int64_t i = 1; i < n; i++) {
        if (sites[i].gq < worst->gq)
            worst = &sites[i];
        if (sites[i].depth < min_depth)
            min_depth = sites[i].depth;
    }
    int32_t genotype[2] = {0, 0};
    if (!sites[0].reference_is_best)
        genotype[0] = genotype[1] = -1;
    block->has_call = true;
    int ret = gn_texts_push(&block->alts, "<*>", err);
    if (ret == GN_OK)
        ret = gn_text_set(&block->sample, o->sample, err);
    if (ret == GN_OK)
        ret = gn_ints_set(&block->genotype, genotype, 2, err);
    if (ret == GN_OK)
        ret = gn_doubles_set(&block->gl, worst->gl, 3, err);
    if (ret == GN_OK)
        ret = gn_ints_push(&block->gq, worst->gq, err);
    if (ret == GN_OK)
        ret = gn_ints_push(&block->min_dp, min_depth, err);
    if (ret == GN_OK && o->include_med_dp)
        ret = gn_ints_push(&block->med_dp, median_depth(sites, n, scratch), err);
    return ret;
}

static struct gn_variant *push_block(struct gn_block_list *out, gn_error_t *err)
{
    struct gn_variant **v =
        gn_reserve(out->v, &out->cap, out->n + 1, sizeof *v, MAX_BLOCKS, "gVCF records", err);
    if (v == NULL)
        return NULL;
    out->v = v;
    v[out->n] = gn_variant_create();
    if (v[out->n] == NULL) {
        gn_fail_memory(err, "gVCF records");
        return NULL;
    }
    return v[out->n++];
}

int gn_reference_blocks(const struct gn_allele_counter *counter, const char *contig, int64_t start0,
                        int64_t end0, const struct gn_reference_options *options,
                        struct gn_block_list *out, gn_arena_t *arena, gn_error_t *err)
{
    int64_t n = end0 - start0;
    struct site *sites = gn_arena_alloc(arena, (size_t)(n + 1) * sizeof *sites);
    int *scratch = gn_arena_alloc(arena, (size_t)(n + 1) * sizeof *scratch);
    if (sites == NULL || scratch == NULL)
        return gn_fail_memory(err, "gVCF records");
    int ret;
    for (int64_t i = 0; i < n; i++)
        if ((ret = examine(counter, start0 + i, options, &sites[i], err)) < 0)
            return ret;
    for (int64_t i = 0, next; i < n; i = next) {
        next = i + 1;
        while (next < n && sites[i].reference_is_best && sites[next].reference_is_best &&
               sites[next].bin == sites[i].bin)
            next++;
        if (sites[i].bin < 0)
            continue;
        struct gn_variant *block = push_block(out, err);
        if (block == NULL)
            return GN_E_MEMORY;
        char ref[2] = {counter->positions[start0 + i - counter->start0].ref_base, '\0'};
        block->start0 = start0 + i;
        block->end0 = start0 + next;
        ret = gn_text_set(&block->contig, contig, err);
        if (ret == GN_OK)
            ret = gn_text_set(&block->ref, ref, err);
        if (ret == GN_OK)
            ret = fill_block(block, &sites[i], next - i, scratch, options, err);
        if (ret < 0)
            return ret;
    }
    return GN_OK;
}

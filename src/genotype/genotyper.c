/* SPDX-License-Identifier: MIT
 *
 * genotyper.c - collects the network outputs of one site and turns them into a called variant.
 */
#include "genotype/genotyper.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "genotype/call_fields.h"
#include "genotype/site_merge.h"

enum { MAX_OUTPUTS_PER_SITE = 1 << 20 };

struct gn_genotyper {
    struct gn_genotype_options options;
    const struct gn_contigs *contigs;
    struct gn_variant_consumer out;
    struct gn_call_output **pending; /* outputs of one site */
    size_t n_pending, capacity;
    struct gn_position frontier; /* of the site that is pending, or of what comes */
};

struct gn_genotype_options gn_genotype_options_default(void)
{
    return (struct gn_genotype_options){
        .min_quality = 1.0,
        .min_homref_gq = 20.0,
        .min_allele_quality = 1.0,
        .pruned_alts = GN_PRUNED_DROP,
        .group = true,
        .sample = "default",
    };
}

gn_genotyper_t *gn_genotyper_create(const struct gn_genotype_options *options,
                                    const struct gn_contigs *contigs,
                                    struct gn_variant_consumer out, gn_error_t *err)
{
    gn_genotyper_t *genotyper = calloc(1, sizeof *genotyper);
    if (genotyper == NULL) {
        gn_fail_memory(err, "the genotyper");
        return NULL;
    }
    genotyper->options = *options;
    genotyper->contigs = contigs;
    genotyper->out = out;
    return genotyper;
}

static void clear_pending(gn_genotyper_t *genotyper)
{
    for (size_t i = 0; i < genotyper->n_pending; i++)
        gn_call_output_free(genotyper->pending[i]);
    genotyper->n_pending = 0;
}

void gn_genotyper_destroy(gn_genotyper_t *genotyper)
{
    if (genotyper == NULL)
        return;
    clear_pending(genotyper);
    free(genotyper->pending);
    free(genotyper);
}

struct gn_variant *gn_genotype_site(struct gn_call_output **outputs, int n,
                                    const struct gn_genotype_options *options,
                                    const struct gn_contigs *contigs, gn_error_t *err)
{
    struct gn_merged_site site;
    if (gn_merge_site(outputs, n, options, contigs, &site, err) < 0)
        return NULL;
    struct gn_variant *variant = NULL;
    if (gn_fill_call(&site, options, err) == GN_OK) {
        variant = site.variant;
        site.variant = NULL;
    }
    gn_merged_site_clear(&site);
    return variant;
}

static int emit_pending(gn_genotyper_t *genotyper, gn_error_t *err)
{
    if (genotyper->n_pending == 0)
        return GN_OK;
    gn_error_t local = {0};
    gn_error_t *failure = err == NULL ? &local : err;
    struct gn_variant *variant = gn_genotype_site(genotyper->pending, (int)genotyper->n_pending,
                                                  &genotyper->options, genotyper->contigs, failure);
    clear_pending(genotyper);
    return variant == NULL ? failure->code
                           : genotyper->out.accept(genotyper->out.state, variant, err);
}

static bool is_same_output(const struct gn_call_output *a, const struct gn_call_output *b)
{
    return a->alt_indices.n == b->alt_indices.n &&
           (a->alt_indices.n == 0 ||
            memcmp(a->alt_indices.v, b->alt_indices.v,
                   (size_t)a->alt_indices.n * sizeof *a->alt_indices.v) == 0) &&
           memcmp(a->probabilities, b->probabilities, sizeof a->probabilities) == 0 &&
           gn_variant_equal(a->variant, b->variant);
}

/* PARITY(dv-1.9): without grouping, outputs that are equal in everything still count as one site
 * (and fail its check). */
static bool belongs_to_pending(const gn_genotyper_t *genotyper, const struct gn_call_output *output)
{
    const struct gn_call_output *last = genotyper->pending[genotyper->n_pending - 1];
    if (!genotyper->options.group)
        return is_same_output(last, output);
    return last->variant->start0 == output->variant->start0 &&
           last->variant->end0 == output->variant->end0 &&
           strcmp(last->variant->contig, output->variant->contig) == 0;
}

/* Outputs must not lie before the frontier nor, at one start, end before the pending ones. */
static bool is_in_order(const gn_genotyper_t *genotyper, struct gn_position start,
                        const struct gn_variant *variant)
{
    int order = gn_position_compare(start, genotyper->frontier);
    if (order != 0 || genotyper->n_pending == 0)
        return order >= 0;
    return variant->end0 >= genotyper->pending[genotyper->n_pending - 1]->variant->end0;
}

static int add_output(gn_genotyper_t *genotyper, struct gn_call_output *output, gn_error_t *err)
{
    struct gn_position start = {gn_contigs_find(genotyper->contigs, output->variant->contig),
                                output->variant->start0};
    if (start.contig < 0)
        return gn_fail(
            err, GN_E_MISMATCH,
            "contig '%s' of the network outputs is not in the reference: use the reference "
            "that the reads were aligned to",
            output->variant->contig);
    if (!is_in_order(genotyper, start, output->variant))
        return gn_fail(err, GN_E_INTERNAL, "network output at %s:%lld out of order",
                       output->variant->contig, (long long)start.pos0 + 1);
    if (genotyper->n_pending > 0 && !belongs_to_pending(genotyper, output)) {
        int status = emit_pending(genotyper, err);
        if (status < 0)
            return status;
    }
    struct gn_call_output **grown = gn_reserve(
        genotyper->pending, &genotyper->capacity, genotyper->n_pending + 1,
        sizeof(struct gn_call_output *), MAX_OUTPUTS_PER_SITE, "network outputs of one site", err);
    if (grown == NULL)
        return GN_E_MEMORY;
    genotyper->pending = grown;
    genotyper->pending[genotyper->n_pending++] = output;
    genotyper->frontier = start;
    return GN_OK;
}

int gn_genotyper_push(gn_genotyper_t *genotyper, struct gn_call_output *output, gn_error_t *err)
{
    int status = add_output(genotyper, output, err);
    if (status < 0)
        gn_call_output_free(output);
    return status;
}

int gn_genotyper_advance(gn_genotyper_t *genotyper, struct gn_position frontier, gn_error_t *err)
{
    if (gn_position_compare(frontier, genotyper->frontier) <= 0)
        return GN_OK;
    genotyper->frontier = frontier;
    return emit_pending(genotyper, err);
}

struct gn_position gn_genotyper_frontier(const gn_genotyper_t *genotyper)
{
    return genotyper->frontier;
}

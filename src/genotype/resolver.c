/* SPDX-License-Identifier: MIT
 *
 * resolver.c - cuts the stream of calls into blocks that overlap, resolves each and passes it on.
 */
#include "genotype/resolver.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { MAX_BLOCK = 1 << 17 }; /* calls that overlap in a chain */

struct gn_resolver {
    bool enabled;
    const struct gn_contigs *contigs;
    struct gn_variant_consumer out;
    struct gn_variant **block; /* pending calls, in order of arrival */
    size_t n_block, capacity;
    struct gn_position block_start, frontier;
    int64_t block_end0; /* greatest end0 of the pending calls */
};

gn_resolver_t *gn_resolver_create(bool enabled, const struct gn_contigs *contigs,
                                  struct gn_variant_consumer out, gn_error_t *err)
{
    gn_resolver_t *resolver = calloc(1, sizeof *resolver);
    if (resolver == NULL) {
        gn_fail_memory(err, "the resolver of overlapping calls");
        return NULL;
    }
    resolver->enabled = enabled;
    resolver->contigs = contigs;
    resolver->out = out;
    return resolver;
}

void gn_resolver_destroy(gn_resolver_t *resolver)
{
    if (resolver == NULL)
        return;
    for (size_t i = 0; i < resolver->n_block; i++)
        gn_variant_free(resolver->block[i]);
    free(resolver->block);
    free(resolver);
}

static bool has_alt(const struct gn_variant *call)
{
    for (int i = 0; i < call->genotype.n; i++)
        if (call->genotype.v[i] > 0)
            return true;
    return false;
}

/* Calls with alt alleles may fall into several blocks once the others are out of the way. */
static int resolve_carriers(struct gn_variant **calls, size_t n, gn_error_t *err)
{
    size_t first = 0;
    while (first < n) {
        int64_t end0 = calls[first]->end0;
        size_t next = first + 1;
        for (; next < n && calls[next]->start0 < end0; next++)
            if (calls[next]->end0 > end0)
                end0 = calls[next]->end0;
        int status = gn_resolve_block(calls + first, (int)(next - first), err);
        if (status < 0)
            return status;
        first = next;
    }
    return GN_OK;
}

static bool is_before(const struct gn_variant *a, const struct gn_variant *b)
{
    return a->start0 != b->start0 ? a->start0 < b->start0 : a->end0 < b->end0;
}

/* Stable. Calls come sorted by start, so that only those of one start move, when simplified alleles
 * changed their ends. */
static void sort_stably(struct gn_variant **calls, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        struct gn_variant *call = calls[i];
        size_t at = i;
        for (; at > 0 && is_before(call, calls[at - 1]); at--)
            calls[at] = calls[at - 1];
        calls[at] = call;
    }
}

/* Sends two sorted runs on in one order; of equal places, the rest comes before the carriers of alt
   alleles. Sets each sent element to NULL. */
static int emit_merged(gn_resolver_t *resolver, struct gn_variant **rest, size_t n_rest,
                       struct gn_variant **carriers, size_t n_carriers, gn_error_t *err)
{
    size_t i = 0, j = 0;
    while (i < n_rest || j < n_carriers) {
        bool take_carrier = i == n_rest || (j < n_carriers && is_before(carriers[j], rest[i]));
        struct gn_variant **source = take_carrier ? &carriers[j++] : &rest[i++];
        struct gn_variant *call = *source;
        *source = NULL;
        int status = resolver->out.accept(resolver->out.state, call, err);
        if (status < 0)
            return status;
    }
    return GN_OK;
}

static int emit_block(gn_resolver_t *resolver, gn_error_t *err)
{
    size_t n = resolver->n_block, n_rest = 0, n_carriers = 0;
    struct gn_variant **sorted = malloc(n * sizeof(struct gn_variant *));
    if (sorted == NULL)
        return gn_fail_memory(err, "overlapping calls");
    for (size_t i = 0; i < n; i++)
        if (!has_alt(resolver->block[i]))
            sorted[n_rest++] = resolver->block[i];
    struct gn_variant **carriers = sorted + n_rest;
    for (size_t i = 0; i < n; i++)
        if (has_alt(resolver->block[i]))
            carriers[n_carriers++] = resolver->block[i];
    resolver->n_block = 0;

    int status = resolve_carriers(carriers, n_carriers, err);
    if (status == GN_OK) {
        sort_stably(sorted, n_rest);
        sort_stably(carriers, n_carriers);
        status = emit_merged(resolver, sorted, n_rest, carriers, n_carriers, err);
    }
    for (size_t i = 0; i < n; i++)
        gn_variant_free(sorted[i]);
    free(sorted);
    return status;
}

static int add_to_block(gn_resolver_t *resolver, struct gn_variant *variant,
                        struct gn_position start, gn_error_t *err)
{
    if (start.contig < 0 || gn_position_compare(start, resolver->frontier) < 0)
        return gn_fail(err, GN_E_INTERNAL, "call at %s:%lld out of order", variant->contig,
                       (long long)start.pos0 + 1);
    struct gn_position block_end = {resolver->block_start.contig, resolver->block_end0};
    if (resolver->n_block > 0 && gn_position_compare(start, block_end) >= 0) {
        int status = emit_block(resolver, err);
        if (status < 0)
            return status;
    }
    struct gn_variant **grown =
        gn_reserve(resolver->block, &resolver->capacity, resolver->n_block + 1,
                   sizeof(struct gn_variant *), MAX_BLOCK, "overlapping calls", err);
    if (grown == NULL)
        return GN_E_MEMORY;
    resolver->block = grown;
    if (resolver->n_block == 0) {
        resolver->block_start = start;
        resolver->block_end0 = variant->end0;
    }
    if (variant->end0 > resolver->block_end0)
        resolver->block_end0 = variant->end0;
    resolver->block[resolver->n_block++] = variant;
    resolver->frontier = start;
    return GN_OK;
}

int gn_resolver_push(gn_resolver_t *resolver, struct gn_variant *variant, gn_error_t *err)
{
    if (!resolver->enabled)
        return resolver->out.accept(resolver->out.state, variant, err);
    struct gn_position start = {gn_contigs_find(resolver->contigs, variant->contig),
                                variant->start0};
    int status = add_to_block(resolver, variant, start, err);
    if (status < 0)
        gn_variant_free(variant);
    return status;
}

int gn_resolver_advance(gn_resolver_t *resolver, struct gn_position frontier, gn_error_t *err)
{
    if (gn_position_compare(frontier, resolver->frontier) > 0)
        resolver->frontier = frontier;
    struct gn_position block_end = {resolver->block_start.contig, resolver->block_end0};
    if (resolver->n_block == 0 || gn_position_compare(resolver->frontier, block_end) < 0)
        return GN_OK;
    return emit_block(resolver, err);
}

struct gn_position gn_resolver_frontier(const gn_resolver_t *resolver)
{
    return resolver->n_block > 0 ? resolver->block_start : resolver->frontier;
}

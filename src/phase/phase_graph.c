/* SPDX-License-Identifier: MIT
 *
 * phase_graph.c - chooses the sites and follows each read from one to the next.
 */
#include "phase/phase_graph.h"

#include <string.h>

static const char reference_name[] = "REF", uncalled_name[] = "UNCALLED_ALLELE";
static const char methylated_name[] = "M", unmethylated_name[] = "U";

/* Shares of methylated reads between which a reference site may be heterozygous, in single precision as upstream's. */
static const float min_methylation = 0.4F, max_methylation = 0.6F;

enum { MIN_REFERENCE_READS = 3 };

/* Where a read was seen last. */
struct last_seen {
    int64_t site; /* -1: nowhere yet */
    int32_t vertex, place;
};

struct builder {
    struct gn_phase_graph *graph;
    struct last_seen *last; /* by key */
    int64_t shadow_end0;    /* sites that end here or before are hidden by a rejected one */
    gn_arena_t *arena;
    gn_error_t *err;
};

/* Reads of each allele of a candidate, those of low quality too. */
struct tally {
    size_t reference, uncalled;
    size_t *of_alt;
};

static int count_reads(struct builder *b, const struct gn_candidate *candidate, struct tally *tally)
{
    *tally =
        (struct tally){.of_alt = gn_arena_zalloc(b->arena, (size_t)candidate->variant->alts.n + 1,
                                                 sizeof *tally->of_alt)};
    if (tally->of_alt == NULL)
        return gn_fail_memory(b->err, "phasing of one partition");
    for (uint32_t i = 0; i < candidate->n_alleles; i++) {
        int supports = candidate->supports[i];
        if (supports == GN_SUPPORTS_REFERENCE)
            tally->reference++;
        else if (supports == GN_SUPPORTS_UNCALLED)
            tally->uncalled++;
        else
            tally->of_alt[supports]++;
    }
    return GN_OK;
}

static size_t count_called(const struct gn_candidate *candidate, const struct tally *tally)
{
    size_t n = tally->uncalled > 0;
    for (int i = 0; i < candidate->variant->alts.n; i++)
        n += tally->of_alt[i] > 0;
    return n;
}

/* Whether all alleles that reads show are as long as the record. */
static bool has_one_length(const struct gn_candidate *candidate, const struct tally *tally)
{
    const struct gn_variant *variant = candidate->variant;
    size_t length = (size_t)(variant->end0 - variant->start0);
    if (tally->uncalled > 0 && length != sizeof uncalled_name - 1)
        return false;
    for (int i = 0; i < variant->alts.n; i++)
        if (tally->of_alt[i] > 0 && strlen(variant->alts.v[i]) != length)
            return false;
    return true;
}

static bool is_accepted(struct builder *b, const struct gn_candidate *candidate,
                        const struct tally *tally)
{
    size_t n_called = count_called(candidate, tally);
    if (n_called <= 1 && tally->reference < MIN_REFERENCE_READS)
        return false;
    if (n_called == 0)
        return true;
    int64_t end0 = candidate->variant->end0;
    if (end0 > b->shadow_end0 && has_one_length(candidate, tally))
        return true;
    b->shadow_end0 = end0 > b->shadow_end0 ? end0 : b->shadow_end0;
    return false;
}

/* Adds the reads that show an allele; notes where each came from. */
static int fill_vertex(struct builder *b, const struct gn_candidate *candidate, int64_t site,
                       int32_t number, size_t most)
{
    struct gn_phase_vertex *vertex = &b->graph->sites[site].vertices[number];
    vertex->keys = gn_arena_alloc(b->arena, (most + 1) * sizeof *vertex->keys);
    vertex->from_vertex = gn_arena_alloc(b->arena, (most + 1) * sizeof *vertex->from_vertex);
    vertex->from_place = gn_arena_alloc(b->arena, (most + 1) * sizeof *vertex->from_place);
    vertex->is_first = gn_arena_alloc(b->arena, (most + 1) * sizeof *vertex->is_first);
    if (vertex->keys == NULL || vertex->from_vertex == NULL || vertex->from_place == NULL ||
        vertex->is_first == NULL)
        return gn_fail_memory(b->err, "phasing of one partition");
    for (uint32_t i = 0; i < candidate->n_alleles; i++) {
        const struct gn_allele *allele = &candidate->alleles[i];
        if (!gn_phase_is_shown(candidate, i, vertex->allele))
            continue;
        struct last_seen *last = &b->last[allele->key];
        size_t place = vertex->n_reads++;
        bool is_next = last->site >= 0 && last->site == site - 1;
        vertex->keys[place] = allele->key;
        vertex->is_first[place] = last->site < 0;
        vertex->from_vertex[place] = is_next ? last->vertex : -1;
        vertex->from_place[place] = is_next ? last->place : -1;
        *last = (struct last_seen){site, number, (int32_t)place};
    }
    return GN_OK;
}

static int draw_edges(struct builder *b, int64_t site)
{
    if (site == 0)
        return GN_OK;
    struct gn_phase_site *here = &b->graph->sites[site];
    size_t n_before = (size_t)b->graph->sites[site - 1].n;
    here->has_edge = gn_arena_zalloc(b->arena, n_before * (size_t)here->n + 1, 1);
    if (here->has_edge == NULL)
        return gn_fail_memory(b->err, "phasing of one partition");
    for (int v = 0; v < here->n; v++)
        for (size_t i = 0; i < here->vertices[v].n_reads; i++)
            if (here->vertices[v].from_vertex[i] >= 0)
                here->has_edge[here->vertices[v].from_vertex[i] * here->n + v] = true;
    return GN_OK;
}

static void add_vertex(struct gn_phase_site *site, int allele, const char *bases)
{
    site->vertices[site->n++] = (struct gn_phase_vertex){.allele = allele, .bases = bases};
}

/* The vertices of a reference site. Those of low quality count for whether there is one. */
static void add_methylation(struct gn_phase_site *site, const struct gn_candidate *candidate)
{
    const struct gn_doubles *mf = &candidate->variant->mf;
    float share = mf->n > 0 ? (float)mf->v[0] : 0.0F;
    bool any[2] = {false, false};
    if (share <= min_methylation || share >= max_methylation)
        return;
    for (uint32_t i = 0; i < candidate->n_alleles; i++)
        if (candidate->supports[i] == GN_SUPPORTS_REFERENCE)
            any[candidate->alleles[i].is_methylated] = true;
    if (any[true])
        add_vertex(site, GN_VERTEX_METHYLATED, methylated_name);
    if (any[false])
        add_vertex(site, GN_VERTEX_UNMETHYLATED, unmethylated_name);
}

static void add_alleles(struct gn_phase_site *site, const struct gn_candidate *candidate,
                        const struct tally *tally)
{
    const struct gn_texts *alts = &candidate->variant->alts;
    if (tally->reference >= MIN_REFERENCE_READS)
        add_vertex(site, GN_SUPPORTS_REFERENCE, reference_name);
    for (int i = 0; i < alts->n; i++) /* alts are in byte order */
        if (tally->of_alt[i] > 0)
            add_vertex(site, i, alts->v[i]);
    if (tally->uncalled > 0) /* 'U' comes after every base */
        add_vertex(site, GN_SUPPORTS_UNCALLED, uncalled_name);
}

static int add_site(struct builder *b, const struct gn_candidate *candidate, size_t number,
                    const struct tally *tally)
{
    const struct gn_texts *alts = &candidate->variant->alts;
    int64_t at = (int64_t)b->graph->n++;
    struct gn_phase_site *site = &b->graph->sites[at];
    *site = (struct gn_phase_site){.candidate = number};
    site->vertices = gn_arena_alloc(b->arena, ((size_t)alts->n + 2) * sizeof *site->vertices);
    if (site->vertices == NULL)
        return gn_fail_memory(b->err, "phasing of one partition");
    if (gn_is_reference_site(candidate->variant))
        add_methylation(site, candidate);
    else
        add_alleles(site, candidate, tally);
    int ret = GN_OK;
    for (int v = 0; v < site->n && ret == GN_OK; v++) {
        int allele = site->vertices[v].allele;
        size_t most = allele >= 0                      ? tally->of_alt[allele]
                      : allele == GN_SUPPORTS_UNCALLED ? tally->uncalled
                                                       : tally->reference;
        ret = fill_vertex(b, candidate, at, v, most);
    }
    return ret == GN_OK ? draw_edges(b, at) : ret;
}

bool gn_phase_is_shown(const struct gn_candidate *candidate, uint32_t i, int allele)
{
    if (candidate->alleles[i].is_low_quality)
        return false;
    if (allele != GN_VERTEX_METHYLATED && allele != GN_VERTEX_UNMETHYLATED)
        return candidate->supports[i] == allele;
    return candidate->supports[i] == GN_SUPPORTS_REFERENCE &&
           candidate->alleles[i].is_methylated == (allele == GN_VERTEX_METHYLATED);
}

int gn_phase_graph_build(const struct gn_candidate_list *candidates, uint32_t key_limit,
                         struct gn_phase_graph *graph, gn_arena_t *arena, gn_error_t *err)
{
    struct builder b = {.graph = graph, .arena = arena, .err = err};
    *graph = (struct gn_phase_graph){
        .sites = gn_arena_alloc(arena, (candidates->n + 1) * sizeof *graph->sites)};
    b.last = gn_arena_alloc(arena, ((size_t)key_limit + 1) * sizeof *b.last);
    if (graph->sites == NULL || b.last == NULL)
        return gn_fail_memory(err, "phasing of one partition");
    for (uint32_t key = 0; key < key_limit; key++)
        b.last[key] = (struct last_seen){-1, -1, -1};
    for (size_t i = 0; i < candidates->n; i++) {
        struct tally tally;
        int ret = count_reads(&b, &candidates->v[i], &tally);
        if (ret == GN_OK && is_accepted(&b, &candidates->v[i], &tally))
            ret = add_site(&b, &candidates->v[i], i, &tally);
        if (ret < 0)
            return ret;
    }
    return GN_OK;
}

/* SPDX-License-Identifier: MIT
 *
 * debruijn.c - chooses k, prunes the graph and spells its paths (spec 30 section 3).
 *
 * Pruning needs no graph surgery: counting the paths from each vertex to the sink, in reverse topological order over the
 * edges that are kept, says at once which vertices lead to the sink and whether there are too many paths.
 */
#include "realign/debruijn.h"

#include <stdlib.h>
#include <string.h>

#include "realign/kmer_graph.h"

static const size_t stretch_limit = (size_t)1 << 24, vertex_limit = (size_t)1 << 24;

/* Bases of a read that are all A C G T and of sufficient quality. */
struct stretch {
    const char *bases;
    int n;
};

/* A vertex of the path being spelled, with its kept edges in letter order. */
struct step {
    int32_t next[GN_KMER_EDGES]; /* in the order of their letters */
    char letters[GN_KMER_EDGES];
    int n, taken;
};

struct gn_debruijn {
    struct gn_debruijn_options options;
    struct gn_kmer_graph kmers;
    struct stretch *stretches;
    size_t n_stretches, stretches_cap;
    int32_t *order;
    size_t order_cap;
    uint32_t *n_paths; /* of each vertex to the sink, up to max_num_paths + 1 */
    size_t n_paths_cap;
    struct step *steps;
    size_t steps_cap;
    char *text;
    size_t text_cap;
};

gn_debruijn_t *gn_debruijn_create(const struct gn_debruijn_options *options, gn_error_t *err)
{
    gn_debruijn_t *graph = calloc(1, sizeof *graph);
    if (graph == NULL)
        gn_fail_memory(err, "a de Bruijn graph");
    else
        graph->options = *options;
    return graph;
}

void gn_debruijn_destroy(gn_debruijn_t *graph)
{
    if (graph == NULL)
        return;
    gn_kmer_graph_clear(&graph->kmers);
    free(graph->stretches);
    free(graph->order);
    free(graph->n_paths);
    free(graph->steps);
    free(graph->text);
    free(graph);
}

static bool is_good(const gn_debruijn_t *graph, const struct gn_read *read, int i)
{
    char base = read->bases[i];
    return (base == 'A' || base == 'C' || base == 'G' || base == 'T') &&
           read->qualities[i] >= graph->options.min_base_quality;
}

/* Finds the stretches of one read that can hold an edge of the smallest k. */
static int cut_read(gn_debruijn_t *graph, const struct gn_read *read, gn_error_t *err)
{
    for (int first = 0, next; first < read->length; first = next + 1) {
        for (next = first; next < read->length && is_good(graph, read, next); next++)
            ;
        if (next - first <= graph->options.min_k)
            continue;
        struct stretch *stretches =
            gn_reserve(graph->stretches, &graph->stretches_cap, graph->n_stretches + 1,
                       sizeof *stretches, stretch_limit, "read stretches of one window", err);
        if (stretches == NULL)
            return GN_E_MEMORY;
        graph->stretches = stretches;
        stretches[graph->n_stretches++] = (struct stretch){read->bases + first, next - first};
    }
    return GN_OK;
}

static int cut_reads(gn_debruijn_t *graph, const struct gn_read *const *reads, size_t n,
                     gn_error_t *err)
{
    graph->n_stretches = 0;
    for (size_t i = 0; i < n; i++) {
        int status = GN_OK;
        if (reads[i]->mapping_quality >= graph->options.min_mapq)
            status = cut_read(graph, reads[i], err);
        if (status != GN_OK)
            return status;
    }
    return GN_OK;
}

static int reserve_per_vertex(gn_debruijn_t *graph, gn_error_t *err)
{
    size_t n = graph->kmers.n;
    void *order = gn_reserve(graph->order, &graph->order_cap, n, sizeof *graph->order, vertex_limit,
                             "k-mers of one window", err);
    if (order == NULL)
        return GN_E_MEMORY;
    graph->order = order;
    void *n_paths = gn_reserve(graph->n_paths, &graph->n_paths_cap, n, sizeof *graph->n_paths,
                               vertex_limit, "k-mers of one window", err);
    if (n_paths == NULL)
        return GN_E_MEMORY;
    graph->n_paths = n_paths;
    return GN_OK;
}

/* Builds the graph for one k. Returns 1, 0 when it has a cycle, or a negative status. */
static int build(gn_debruijn_t *graph, int k, const char *ref, int n_ref, gn_error_t *err)
{
    int status = gn_kmer_graph_start(&graph->kmers, k, err);
    if (status != GN_OK)
        return status;
    /* A k-mer that the reference holds twice closes a cycle. */
    status = gn_kmer_graph_add_ref(&graph->kmers, ref, n_ref, err);
    if (status <= 0)
        return status;
    for (size_t i = 0; i < graph->n_stretches; i++) {
        status =
            gn_kmer_graph_add(&graph->kmers, graph->stretches[i].bases, graph->stretches[i].n, err);
        if (status != GN_OK)
            return status;
    }
    status = reserve_per_vertex(graph, err);
    if (status != GN_OK)
        return status;
    return gn_kmer_graph_sort(&graph->kmers, graph->order, graph->n_paths);
}

/* Builds the graph of the smallest k that gives no cycle. Returns 1, 0 when every k gives one, or a negative status.
 *
 * A cycle of k-mers implies one of shorter k-mers, their beginnings. So the k without cycles are the largest ones, and
 * the smallest of them is found by steps that double and then by halving. */
static int build_smallest(gn_debruijn_t *graph, const char *ref, int n_ref, gn_error_t *err)
{
    int min_k = graph->options.min_k, step = graph->options.step_k;
    int max_k = graph->options.max_k < n_ref - 1 ? graph->options.max_k : n_ref - 1;
    if (max_k < min_k)
        return 0;
    int last = (max_k - min_k) / step, cyclic = -1, acyclic = last + 1, built = -1;
    for (int stride = 1; cyclic + 1 < acyclic;) {
        int middle = acyclic <= last ? cyclic + (acyclic - cyclic) / 2 : cyclic + stride;
        built = middle < last ? middle : last;
        int found = build(graph, min_k + built * step, ref, n_ref, err);
        if (found < 0)
            return found;
        if (found > 0)
            acyclic = built;
        else
            cyclic = built;
        stride *= 2;
    }
    if (acyclic > last)
        return 0;
    return built == acyclic ? 1 : build(graph, min_k + acyclic * step, ref, n_ref, err);
}

static bool is_kept(const gn_debruijn_t *graph, const struct gn_kmer_vertex *vertex, int e)
{
    return vertex->next[e] != GN_NO_VERTEX &&
           ((vertex->ref_edges >> e & 1) != 0 ||
            (int64_t)vertex->weight[e] >= graph->options.min_edge_weight);
}

/* Counts the paths from each vertex to the sink over kept edges. */
static void count_paths(gn_debruijn_t *graph, int32_t sink)
{
    uint32_t enough = (uint32_t)graph->options.max_num_paths + 1;
    for (size_t i = graph->kmers.n; i-- > 0;) {
        int32_t v = graph->order[i];
        const struct gn_kmer_vertex *vertex = &graph->kmers.vertices[v];
        uint32_t n_paths = v == sink;
        for (int e = 0; e < GN_KMER_EDGES && n_paths < enough; e++)
            if (is_kept(graph, vertex, e))
                n_paths += graph->n_paths[vertex->next[e]];
        graph->n_paths[v] = n_paths < enough ? n_paths : enough;
    }
}

/* Enters vertex v at the given depth: lists its ways to the sink by letter. */
static int enter(gn_debruijn_t *graph, size_t depth, int32_t v, gn_error_t *err)
{
    struct step *steps = gn_reserve(graph->steps, &graph->steps_cap, depth + 1, sizeof *steps,
                                    vertex_limit, "k-mers of one haplotype", err);
    if (steps == NULL)
        return GN_E_MEMORY;
    graph->steps = steps;
    char *text = gn_reserve(graph->text, &graph->text_cap, depth + 1, 1, vertex_limit,
                            "bases of one haplotype", err);
    if (text == NULL)
        return GN_E_MEMORY;
    graph->text = text;
    struct step *step = &steps[depth];
    const struct gn_kmer_vertex *vertex = &graph->kmers.vertices[v];
    step->n = step->taken = 0;
    for (int e = 0; e < GN_KMER_EDGES; e++) {
        if (!is_kept(graph, vertex, e) || graph->n_paths[vertex->next[e]] == 0)
            continue;
        char letter = gn_kmer_edge_letter(&graph->kmers, vertex, e);
        int at = step->n++;
        for (; at > 0 && step->letters[at - 1] > letter; at--) {
            step->letters[at] = step->letters[at - 1];
            step->next[at] = step->next[at - 1];
        }
        step->letters[at] = letter;
        step->next[at] = vertex->next[e];
    }
    return GN_OK;
}

static int store_path(const gn_debruijn_t *graph, const char *source, size_t depth,
                      struct gn_haplotypes *haplotypes, gn_arena_t *arena, gn_error_t *err)
{
    size_t k = (size_t)graph->kmers.k;
    char *bases = gn_arena_alloc(arena, k + depth);
    if (bases == NULL)
        return gn_fail_memory(err, "haplotypes of one window");
    memcpy(bases, source, k);
    memcpy(bases + k, graph->text, depth);
    haplotypes->bases[haplotypes->n] = bases;
    haplotypes->lengths[haplotypes->n++] = (int)(k + depth);
    return GN_OK;
}

/* Spells every path from source to sink, depth first by letter: that is bytewise order. */
static int spell_paths(gn_debruijn_t *graph, int32_t source, int32_t sink,
                       struct gn_haplotypes *haplotypes, gn_arena_t *arena, gn_error_t *err)
{
    const char *first_kmer = graph->kmers.vertices[source].kmer;
    size_t depth = 0;
    int status = enter(graph, 0, source, err);
    while (status == GN_OK) {
        struct step *step = &graph->steps[depth];
        if (step->taken == step->n) {
            if (depth-- == 0)
                break;
            continue;
        }
        int32_t v = step->next[step->taken];
        graph->text[depth] = step->letters[step->taken++];
        if (v == sink)
            status = store_path(graph, first_kmer, depth + 1, haplotypes, arena, err);
        else
            status = enter(graph, ++depth, v, err);
    }
    return status;
}

static int reserve_haplotypes(struct gn_haplotypes *haplotypes, size_t n, gn_arena_t *arena,
                              gn_error_t *err)
{
    haplotypes->n = 0;
    haplotypes->bases = gn_arena_alloc(arena, n * sizeof *haplotypes->bases);
    haplotypes->lengths = gn_arena_alloc(arena, n * sizeof *haplotypes->lengths);
    if (haplotypes->bases == NULL || haplotypes->lengths == NULL)
        return gn_fail_memory(err, "haplotypes of one window");
    return GN_OK;
}

static int keep_reference(const char *ref, int n_ref, struct gn_haplotypes *haplotypes,
                          gn_arena_t *arena, gn_error_t *err)
{
    int status = reserve_haplotypes(haplotypes, 1, arena, err);
    if (status != GN_OK)
        return status;
    haplotypes->bases[0] = gn_arena_strndup(arena, ref, (size_t)n_ref);
    haplotypes->lengths[0] = n_ref;
    haplotypes->n = 1;
    return haplotypes->bases[0] == NULL ? gn_fail_memory(err, "haplotypes of one window") : GN_OK;
}

int gn_debruijn_haplotypes(gn_debruijn_t *graph, const char *ref, int n_ref,
                           const struct gn_read *const *reads, size_t n_reads,
                           struct gn_haplotypes *haplotypes, gn_arena_t *arena, gn_error_t *err)
{
    int status = cut_reads(graph, reads, n_reads, err);
    if (status != GN_OK)
        return status;
    int found = build_smallest(graph, ref, n_ref, err);
    if (found < 0)
        return found;
    if (found == 0)
        return keep_reference(ref, n_ref, haplotypes, arena, err);

    /* The reference came first, so its k-mers have the first numbers. */
    int32_t source = 0, sink = n_ref - graph->kmers.k;
    count_paths(graph, sink);
    uint32_t n_paths = graph->n_paths[source];
    if (n_paths > (uint32_t)graph->options.max_num_paths) {
        *haplotypes = (struct gn_haplotypes){0};
        return GN_OK;
    }
    status = reserve_haplotypes(haplotypes, n_paths, arena, err);
    if (status != GN_OK)
        return status;
    return spell_paths(graph, source, sink, haplotypes, arena, err);
}

/* SPDX-License-Identifier: MIT
 *
 * kmer_graph.c - k-mers in an open-addressing table, edges in the vertices.
 */
#include "realign/kmer_graph.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { FIRST_TABLE_SIZE = 4096 };

static const size_t vertex_limit = (size_t)1 << 24;

void gn_kmer_graph_clear(struct gn_kmer_graph *graph)
{
    free(graph->vertices);
    free(graph->table);
    *graph = (struct gn_kmer_graph){0};
}

static inline int edge_of_letter(char letter)
{
    return letter == 'A' ? 0 : letter == 'C' ? 1 : letter == 'G' ? 2 : letter == 'T' ? 3 : 4;
}

char gn_kmer_edge_letter(const struct gn_kmer_graph *graph, const struct gn_kmer_vertex *vertex,
                         int e)
{
    return graph->vertices[vertex->next[e]].kmer[graph->k - 1];
}

static inline uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
    return hash ^ (hash >> 29);
}

static uint32_t hash_kmer(const char *kmer, int k)
{
    uint64_t hash = (uint64_t)k, word;
    for (; k >= 8; k -= 8, kmer += 8) {
        memcpy(&word, kmer, 8);
        hash = mix(hash, word);
    }
    if (k > 0) {
        word = 0;
        memcpy(&word, kmer, (size_t)k);
        hash = mix(hash, word);
    }
    return (uint32_t)(mix(hash, 0) >> 16);
}

/* Makes an empty table of `size` slots, a power of two, and files the present vertices in it. */
static int make_table(struct gn_kmer_graph *graph, size_t size, gn_error_t *err)
{
    int32_t *table = gn_reserve(graph->table, &graph->table_cap, size, sizeof *table,
                                4 * vertex_limit, "k-mers of one window", err);
    if (table == NULL)
        return GN_E_MEMORY;
    graph->table = table;
    graph->table_size = size;
    memset(table, 0xff, size * sizeof *table);
    for (size_t v = 0; v < graph->n; v++) {
        size_t slot = graph->vertices[v].hash & (size - 1);
        while (table[slot] != GN_NO_VERTEX)
            slot = (slot + 1) & (size - 1);
        table[slot] = (int32_t)v;
    }
    return GN_OK;
}

int gn_kmer_graph_start(struct gn_kmer_graph *graph, int k, gn_error_t *err)
{
    graph->k = k;
    graph->n = 0;
    return make_table(graph, graph->table_size > 0 ? graph->table_size : FIRST_TABLE_SIZE, err);
}

/* Appends a vertex and files it in the slot, which is empty. Returns its number or a negative status. */
static int32_t new_vertex(struct gn_kmer_graph *graph, const char *kmer, uint32_t hash, size_t slot,
                          gn_error_t *err)
{
    struct gn_kmer_vertex *vertices =
        gn_reserve(graph->vertices, &graph->cap, graph->n + 1, sizeof *vertices, vertex_limit,
                   "k-mers of one window", err);
    if (vertices == NULL)
        return GN_E_MEMORY;
    graph->vertices = vertices;
    int32_t v = (int32_t)graph->n++;
    vertices[v] = (struct gn_kmer_vertex){.kmer = kmer, .hash = hash};
    memset(vertices[v].next, 0xff, sizeof vertices[v].next);
    graph->table[slot] = v;
    if (2 * graph->n > graph->table_size && make_table(graph, 2 * graph->table_size, err) != GN_OK)
        return GN_E_MEMORY;
    return v;
}

/* Number of the vertex of a k-mer, which is added when absent, or a negative status. */
static int32_t find_or_add(struct gn_kmer_graph *graph, const char *kmer, gn_error_t *err)
{
    uint32_t hash = hash_kmer(kmer, graph->k);
    size_t mask = graph->table_size - 1, slot = hash & mask;
    for (; graph->table[slot] != GN_NO_VERTEX; slot = (slot + 1) & mask) {
        const struct gn_kmer_vertex *vertex = &graph->vertices[graph->table[slot]];
        if (vertex->hash == hash && memcmp(vertex->kmer, kmer, (size_t)graph->k) == 0)
            return graph->table[slot];
    }
    return new_vertex(graph, kmer, hash, slot, err);
}

/* Makes the edge from vertex u to the k-mer; returns the vertex there or a negative status. */
static int32_t add_edge(struct gn_kmer_graph *graph, int32_t u, int edge, const char *kmer,
                        gn_error_t *err)
{
    int32_t v = find_or_add(graph, kmer, err);
    if (v >= 0) {
        graph->vertices[u].next[edge] = v;
        graph->vertices[v].in_degree++;
    }
    return v;
}

int gn_kmer_graph_add_ref(struct gn_kmer_graph *graph, const char *bases, int n, gn_error_t *err)
{
    int32_t u = find_or_add(graph, bases, err);
    for (int i = 1; u >= 0 && i + graph->k <= n; i++) {
        size_t n_before = graph->n;
        int edge = edge_of_letter(bases[i + graph->k - 1]);
        int32_t v = add_edge(graph, u, edge, bases + i, err);
        if (v >= 0 && graph->n == n_before)
            return 0;
        graph->vertices[u].weight[edge]++;
        graph->vertices[u].ref_edges |= (uint8_t)(1 << edge);
        u = v;
    }
    return u < 0 ? u : 1;
}

int gn_kmer_graph_add(struct gn_kmer_graph *graph, const char *bases, int n, gn_error_t *err)
{
    if (n <= graph->k)
        return GN_OK;
    int32_t u = find_or_add(graph, bases, err);
    for (int i = 1; u >= 0 && i + graph->k <= n; i++) {
        int edge = edge_of_letter(bases[i + graph->k - 1]);
        int32_t v = graph->vertices[u].next[edge];
        if (v == GN_NO_VERTEX)
            v = add_edge(graph, u, edge, bases + i, err);
        graph->vertices[u].weight[edge]++;
        u = v;
    }
    return u < 0 ? u : GN_OK;
}

bool gn_kmer_graph_sort(const struct gn_kmer_graph *graph, int32_t *order, uint32_t *degree)
{
    size_t n_ready = 0;
    for (size_t v = 0; v < graph->n; v++) {
        degree[v] = graph->vertices[v].in_degree;
        if (degree[v] == 0)
            order[n_ready++] = (int32_t)v;
    }
    for (size_t i = 0; i < n_ready; i++) {
        const struct gn_kmer_vertex *vertex = &graph->vertices[order[i]];
        for (int e = 0; e < GN_KMER_EDGES; e++)
            if (vertex->next[e] != GN_NO_VERTEX && --degree[vertex->next[e]] == 0)
                order[n_ready++] = vertex->next[e];
    }
    return n_ready == graph->n;
}

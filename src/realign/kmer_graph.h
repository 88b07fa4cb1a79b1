/* SPDX-License-Identifier: MIT
 *
 * kmer_graph.h - a directed graph whose vertices are k-mers and whose edges append one letter.
 *
 * A vertex has at most one edge for each of A C G T and one for another letter, so following a known sequence needs no
 * look-up of k-mers: only a new edge does. k-mers point into the sequences given, which must outlive the graph.
 */
#ifndef GN_REALIGN_KMER_GRAPH_H
#define GN_REALIGN_KMER_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum {
    GN_KMER_EDGES = 5, /* A C G T and one other letter */
    GN_NO_VERTEX = -1
};

struct gn_kmer_vertex {
    const char *kmer;
    uint32_t hash;                  /* of the k-mer */
    uint32_t in_degree;             /* distinct edges that end here */
    int32_t next[GN_KMER_EDGES];    /* GN_NO_VERTEX: no edge */
    uint32_t weight[GN_KMER_EDGES]; /* times the edge was added */
    uint8_t ref_edges;              /* bit e: edge e belongs to the reference */
};

/// Start with {0}; gn_kmer_graph_clear() frees it.
struct gn_kmer_graph {
    int k;
    struct gn_kmer_vertex *vertices;
    size_t n, cap;
    int32_t *table; /* open addressing; GN_NO_VERTEX: empty */
    size_t table_size, table_cap;
};

void gn_kmer_graph_clear(struct gn_kmer_graph *graph);

/// Empties the graph for k-mers of length k.
GN_MUST_CHECK
int gn_kmer_graph_start(struct gn_kmer_graph *graph, int k, gn_error_t *err);

/// Adds the k-mers of the reference and the edges between neighbours.
/** @return  1, 0 when a k-mer occurs twice (the graph is then of no use), or a negative status */
GN_MUST_CHECK
int gn_kmer_graph_add_ref(struct gn_kmer_graph *graph, const char *bases, int n, gn_error_t *err);

/// Adds 1 to the weight of each edge between neighbouring k-mers of n bases, all of them A C G T. Shorter sequences than
/// k + 1 add nothing.
GN_MUST_CHECK
int gn_kmer_graph_add(struct gn_kmer_graph *graph, const char *bases, int n, gn_error_t *err);

/// Writes the vertices in an order in which every edge points forwards.
/** @param order   room for graph->n
    @param degree  scratch for graph->n
    @return        false when there is a cycle (order is then incomplete) */
bool gn_kmer_graph_sort(const struct gn_kmer_graph *graph, int32_t *order, uint32_t *degree);

/// The letter that edge e of a vertex appends.
char gn_kmer_edge_letter(const struct gn_kmer_graph *graph, const struct gn_kmer_vertex *vertex,
                         int e);

#endif

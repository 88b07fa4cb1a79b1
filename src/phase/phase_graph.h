/* SPDX-License-Identifier: MIT
 *
 * phase_graph.h - the sites of a partition that can carry a phase, their alleles, and the reads that lead from one to the
 * next (spec 70 section 2).
 *
 *     site 0         site 1         site 2
 *     REF  o---------o REF    ------o A          one vertex for each allele with reads,
 *     C    o----\    o T     /      o UNCALLED   one edge where a read goes on to the next site
 *                ----o G ----
 *
 * It knows candidates and which reads support their alleles, not how haplotypes are chosen. Everything lives in the
 * arena given.
 */
#ifndef GN_PHASE_PHASE_GRAPH_H
#define GN_PHASE_PHASE_GRAPH_H

#include "candidates/candidate.h"

/// The two vertices of a reference site, after the numbers of what alleles support.
enum {
    GN_VERTEX_METHYLATED = -3,
    GN_VERTEX_UNMETHYLATED = -4,
};

/// An allele of a site with the reads that show it, low quality left out.
struct gn_phase_vertex {
    int allele; /* number of the alt, GN_SUPPORTS_REFERENCE, GN_SUPPORTS_UNCALLED, or one of the above */
    const char *bases; /* the alt; "REF"; "UNCALLED_ALLELE"; "M" and "U": DeepVariant's names, which
                        * ties are decided by */
    size_t n_reads;
    uint32_t *keys; /* of the reads */
    /* For each read: the vertex and the place in that vertex's list where it stood at the site before, -1 when it was not
     * there, and whether this is the first site of the graph that it shows. */
    int32_t *from_vertex, *from_place;
    bool *is_first;
};

/// A site of the graph.
struct gn_phase_site {
    size_t candidate; /* its number in the list of candidates */
    int n;            /* vertices: the reference, then the other alleles in byte order */
    struct gn_phase_vertex *vertices;
    bool *has_edge; /* [vertex of the site before][vertex]; NULL at the first site */
};

struct gn_phase_graph {
    struct gn_phase_site *sites;
    size_t n;
};

/// Whether stored allele i of a candidate belongs to the vertex of that allele: low quality never does.
bool gn_phase_is_shown(const struct gn_candidate *candidate, uint32_t i, int allele);

/// Makes the graph.
/** Left out are sites that a read contradicts: every indel, and every site at which a read shows an allele that is none of
    the record's, with all sites that end within it; and sites that tell nothing.
    The alleles of a reference site are its methylated and its unmethylated reads, and only where neither are much more than
    the others: MF between 0.4 and 0.6. PARITY(dv-1.9): other such sites stay in the graph without any allele, so that no
    chain goes on over them. With methylation-aware phasing the list has no reference sites.
    PARITY(dv-1.9): an uncalled allele stands under a key of 15 letters, so it passes where the record is 15 bases long.
    Unlike upstream, which numbers reads with 16 bits, more than 65,535 reads stay apart.
    @param key_limit  larger than every read's key
    @return           GN_OK or GN_E_MEMORY */
GN_MUST_CHECK
int gn_phase_graph_build(const struct gn_candidate_list *candidates, uint32_t key_limit,
                         struct gn_phase_graph *graph, gn_arena_t *arena, gn_error_t *err);

#endif

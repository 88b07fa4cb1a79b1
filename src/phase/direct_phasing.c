/* SPDX-License-Identifier: MIT
 *
 * direct_phasing.c - a dynamic programme over ordered pairs of alleles, and the way back through it.
 *
 * For each site and each pair of its alleles (one for either haplotype) it keeps the most reads that can be explained so
 * far, which pair of the site before that needs, and which of the two alleles' reads have followed the haplotype since
 * their first site. Only the values and the way back are kept for all sites; the reads for two sites at a time.
 */
#include "phase/direct_phasing.h"

#include <stdlib.h>
#include <string.h>

#include "phase/phase_graph.h"

enum { NONE = -1, UNPHASED = 0, MIN_SITES_OF_A_READ = 2 };

/* A pair of alleles of one site. */
struct pair {
    bool is_set;
    int64_t value; /* reads explained */
    int before[2]; /* alleles of the site before; NONE at the start of a chain */
    uint8_t *follow
        [2]; /* for each read of either allele: it has followed the haplotype; valid while the next site is done */
};

struct edge {
    int source, target; /* vertices of the site before and of this one */
};

struct phaser {
    struct gn_phase_graph graph;
    struct pair **pairs;   /* of each site: [first][second], n * n of them */
    uint8_t *follow[2];    /* room for the reads of the pairs of one site, in turn */
    uint8_t *candidate[2]; /* reads of the pair being tried */
    uint8_t **phases;      /* of each site: haplotype of each vertex */
    int *chains;           /* of each site */
    gn_arena_t *arena;
    gn_error_t *err;
};

static struct pair *pair_at(const struct phaser *p, size_t site, int first, int second)
{
    return &p->pairs[site][first * p->graph.sites[site].n + second];
}

/* The order of two pairs' names joined, by which ties are decided. */
static int compare_names(const struct gn_phase_site *a, const int *x, const struct gn_phase_site *b,
                         const int *y)
{
    const char *p = a->vertices[x[0]].bases, *q = b->vertices[y[0]].bases;
    bool p_second = false, q_second = false;
    for (;; p++, q++) {
        if (*p == '\0' && !p_second) {
            p = a->vertices[x[1]].bases;
            p_second = true;
        }
        if (*q == '\0' && !q_second) {
            q = b->vertices[y[1]].bases;
            q_second = true;
        }
        if (*p != *q)
            return (unsigned char)*p < (unsigned char)*q ? -1 : 1;
        if (*p == '\0')
            return 0;
    }
}

/* Gives the pairs of a site their room for reads. */
static void share_room(struct phaser *p, size_t site)
{
    const struct gn_phase_site *s = &p->graph.sites[site];
    uint8_t *room = p->follow[site % 2];
    for (int i = 0; i < s->n; i++)
        for (int j = 0; j < s->n; j++) {
            struct pair *pair = pair_at(p, site, i, j);
            pair->follow[0] = room;
            room += s->vertices[i].n_reads;
            pair->follow[1] = room;
            room += s->vertices[j].n_reads;
        }
}

/* Begins a chain at a site: all reads of both alleles are explained. Only pairs in the order of the vertices. */
static void start_chain(struct phaser *p, size_t site)
{
    const struct gn_phase_site *s = &p->graph.sites[site];
    share_room(p, site);
    for (int i = 0; i < s->n; i++)
        for (int j = i; j < s->n; j++) {
            struct pair *pair = pair_at(p, site, i, j);
            size_t n = s->vertices[i].n_reads, m = s->vertices[j].n_reads;
            pair->is_set = true;
            pair->value = (int64_t)(i == j ? n : n + m);
            pair->before[0] = pair->before[1] = NONE;
            memset(pair->follow[0], 1, n);
            memset(pair->follow[1], 1, m);
        }
}

static int compare_edges(const struct gn_phase_site *before, const struct gn_phase_site *site,
                         const struct edge *x, const struct edge *y)
{
    int order = strcmp(before->vertices[x->source].bases, before->vertices[y->source].bases);
    return order != 0 ? order
                      : strcmp(site->vertices[x->target].bases, site->vertices[y->target].bases);
}

/* Lists the edges into a site by name: those of the reads, and all edges into alleles that no read leads to. None where
 * reads lead to no allele at all. */
static int list_edges(struct phaser *p, size_t at, struct edge **edges)
{
    const struct gn_phase_site *before = &p->graph.sites[at - 1], *site = &p->graph.sites[at];
    int n = 0, n_reached = 0;
    *edges = gn_arena_alloc(p->arena, ((size_t)before->n * (size_t)site->n + 1) * sizeof **edges);
    if (*edges == NULL)
        return gn_fail_memory(p->err, "phasing of one partition");
    for (int v = 0; v < site->n; v++) {
        bool is_reached = false;
        for (int u = 0; u < before->n; u++)
            is_reached = is_reached || site->has_edge[u * site->n + v];
        n_reached += is_reached;
        for (int u = 0; u < before->n; u++)
            if (!is_reached || site->has_edge[u * site->n + v])
                (*edges)[n++] = (struct edge){u, v};
    }
    for (int i = 1; i < n; i++)
        for (int j = i; j > 0 && compare_edges(before, site, &(*edges)[j], &(*edges)[j - 1]) < 0;
             j--) {
            struct edge swapped = (*edges)[j];
            (*edges)[j] = (*edges)[j - 1];
            (*edges)[j - 1] = swapped;
        }
    return n_reached > 0 ? n : 0;
}

/* Marks the reads of an allele that begin here or have followed the haplotype; returns their number. */
static size_t follow_edge(const struct gn_phase_vertex *target, int source,
                          const uint8_t *followed_before, uint8_t *followed)
{
    size_t n = 0;
    for (size_t i = 0; i < target->n_reads; i++) {
        followed[i] = target->is_first[i] ||
                      (target->from_vertex[i] == source && followed_before[target->from_place[i]]);
        n += followed[i];
    }
    return n;
}

/* Reads on either haplotype, each counted once. */
static int64_t count_followers(const struct phaser *p, const struct gn_phase_vertex *vertex,
                               bool is_same, size_t first, size_t second)
{
    if (!is_same)
        return (int64_t)(first + second);
    int64_t n = 0;
    for (size_t i = 0; i < vertex->n_reads; i++)
        n += p->candidate[0][i] | p->candidate[1][i];
    return n;
}

static bool is_better(const struct phaser *p, size_t at, const struct pair *pair, int64_t value,
                      const int *before)
{
    if (!pair->is_set || value != pair->value)
        return !pair->is_set || value > pair->value;
    if (before[0] == NONE || pair->before[0] == NONE)
        return before[0] != NONE;
    const struct gn_phase_site *site = &p->graph.sites[at - 1];
    return compare_names(site, before, site, pair->before) > 0;
}

/* Tries to reach the pair of targets by a pair of edges. */
static void try_edges(struct phaser *p, size_t at, const struct edge *first,
                      const struct edge *second)
{
    const struct gn_phase_site *site = &p->graph.sites[at];
    const struct gn_phase_vertex *a = &site->vertices[first->target],
                                 *b = &site->vertices[second->target];
    const struct pair *source = pair_at(p, at - 1, first->source, second->source);
    struct pair *pair = pair_at(p, at, first->target, second->target);
    int before[2] = {NONE, NONE};
    int64_t value = 0;
    if (source->is_set) {
        size_t n = follow_edge(a, first->source, source->follow[0], p->candidate[0]);
        size_t m = follow_edge(b, second->source, source->follow[1], p->candidate[1]);
        value = source->value + count_followers(p, a, a == b, n, m);
        before[0] = first->source;
        before[1] = second->source;
    } else {
        memset(p->candidate[0], 0, a->n_reads);
        memset(p->candidate[1], 0, b->n_reads);
    }
    if (!is_better(p, at, pair, value, before))
        return;
    pair->is_set = true;
    pair->value = value;
    memcpy(pair->before, before, sizeof before);
    memcpy(pair->follow[0], p->candidate[0], a->n_reads);
    memcpy(pair->follow[1], p->candidate[1], b->n_reads);
}

static bool all_equal(const struct phaser *p, size_t at)
{
    const struct gn_phase_site *site = &p->graph.sites[at];
    const struct pair *seen = NULL;
    for (int i = 0; i < site->n * site->n; i++) {
        const struct pair *pair = &p->pairs[at][i];
        if (!pair->is_set)
            continue;
        if (seen != NULL && pair->value != seen->value)
            return false;
        seen = pair;
    }
    return true;
}

/* Scores the pairs of a site from those of the site before; *n_edges is 0 when nothing leads here. */
static int extend_chain(struct phaser *p, size_t at, int *n_edges)
{
    struct edge *edges;
    *n_edges = list_edges(p, at, &edges);
    if (*n_edges <= 0)
        return *n_edges;
    share_room(p, at);
    for (int i = 0; i < *n_edges; i++)
        for (int j = 0; j < *n_edges; j++)
            try_edges(p, at, &edges[i], &edges[j]);
    return GN_OK;
}

static int score_sites(struct phaser *p)
{
    for (size_t at = 0; at < p->graph.n; at++) {
        int n_edges = 0;
        int ret = at == 0 ? GN_OK : extend_chain(p, at, &n_edges);
        if (ret < 0)
            return ret;
        if (n_edges == 0)
            start_chain(p, at);
        else if (all_equal(p, at) && at + 1 < p->graph.n)
            start_chain(p, ++at); /* this site tells nothing: begin anew behind it */
    }
    return GN_OK;
}

/* The best pair of a site; false when all its pairs are equal, or none is scored. */
static bool find_best(const struct phaser *p, size_t at, int best[2])
{
    const struct gn_phase_site *site = &p->graph.sites[at];
    int64_t most = 0, least = INT64_MAX;
    best[0] = NONE;
    for (int i = 0; i < site->n; i++)
        for (int j = 0; j < site->n; j++) {
            const struct pair *pair = pair_at(p, at, i, j);
            if (!pair->is_set)
                continue;
            const int names[2] = {i, j};
            least = pair->value < least ? pair->value : least;
            if (pair->value > most || best[0] == NONE ||
                (pair->value == most && compare_names(site, names, site, best) > 0)) {
                memcpy(best, names, sizeof names);
                most = pair->value;
            }
        }
    return best[0] != NONE && least != most;
}

/* Follows the way back from the best pair of each chain, from the last site to the first. */
static void choose_haplotypes(struct phaser *p)
{
    int chain = 0;
    for (int64_t at = (int64_t)p->graph.n - 1; at >= 0; chain++) {
        int pair[2];
        while (at >= 0 && !find_best(p, (size_t)at, pair))
            at--;
        for (; at >= 0 && pair[0] != NONE; at--) {
            p->chains[at] = chain;
            if (pair[0] != pair[1]) {
                p->phases[at][pair[0]] = 1;
                p->phases[at][pair[1]] = 2;
            }
            memcpy(pair, pair_at(p, (size_t)at, pair[0], pair[1])->before, sizeof pair);
        }
    }
}

static int make_tables(struct phaser *p)
{
    size_t room = 1, most = 1;
    p->pairs = gn_arena_alloc(p->arena, (p->graph.n + 1) * sizeof(struct pair *));
    p->phases = gn_arena_alloc(p->arena, (p->graph.n + 1) * sizeof(uint8_t *));
    p->chains = gn_arena_zalloc(p->arena, p->graph.n + 1, sizeof *p->chains);
    if (p->pairs == NULL || p->phases == NULL || p->chains == NULL)
        return gn_fail_memory(p->err, "phasing of one partition");
    for (size_t at = 0; at < p->graph.n; at++) {
        const struct gn_phase_site *site = &p->graph.sites[at];
        size_t n = (size_t)site->n, n_reads = 0;
        for (int v = 0; v < site->n; v++)
            n_reads += site->vertices[v].n_reads;
        room = 2 * n * n_reads > room ? 2 * n * n_reads : room;
        most = n_reads > most ? n_reads : most;
        p->pairs[at] = gn_arena_zalloc(p->arena, n * n + 1, sizeof(struct pair));
        p->phases[at] = gn_arena_zalloc(p->arena, n + 1, 1);
        if (p->pairs[at] == NULL || p->phases[at] == NULL)
            return gn_fail_memory(p->err, "phasing of one partition");
    }
    for (int i = 0; i < 2; i++) {
        p->follow[i] = gn_arena_alloc(p->arena, room);
        p->candidate[i] = gn_arena_alloc(p->arena, most);
        if (p->follow[i] == NULL || p->candidate[i] == NULL)
            return gn_fail_memory(p->err, "phasing of one partition");
    }
    return GN_OK;
}

/* A read has the haplotype that most of its alleles have, of two or more. */
static int phase_reads(struct phaser *p, uint32_t key_limit, uint8_t *of_key)
{
    uint32_t(*counts)[2] = gn_arena_zalloc(p->arena, (size_t)key_limit + 1, sizeof *counts);
    if (counts == NULL)
        return gn_fail_memory(p->err, "phasing of one partition");
    for (size_t at = 0; at < p->graph.n; at++)
        for (int v = 0; v < p->graph.sites[at].n; v++) {
            const struct gn_phase_vertex *vertex = &p->graph.sites[at].vertices[v];
            int phase = p->phases[at][v];
            for (size_t i = 0; i < vertex->n_reads && phase != UNPHASED; i++)
                counts[vertex->keys[i]][phase - 1]++;
        }
    for (uint32_t key = 0; key < key_limit; key++) {
        uint32_t one = counts[key][0], two = counts[key][1];
        of_key[key] = one > two && one >= MIN_SITES_OF_A_READ   ? 1
                      : two > one && two >= MIN_SITES_OF_A_READ ? 2
                                                                : UNPHASED;
    }
    return GN_OK;
}

static void list_phased_sites(const struct phaser *p, struct gn_phasing *phasing)
{
    for (size_t at = 0; at < p->graph.n; at++) {
        const struct gn_phase_site *site = &p->graph.sites[at];
        int of_phase[3] = {NONE, NONE, NONE};
        for (int v = 0; v < site->n; v++)
            of_phase[p->phases[at][v]] = v;
        if (of_phase[1] == NONE || of_phase[2] == NONE)
            continue;
        phasing->sites[phasing->n_sites++] = (struct gn_phased_site){
            .candidate = site->candidate,
            .alleles = {site->vertices[of_phase[1]].allele, site->vertices[of_phase[2]].allele},
            .chain = p->chains[at]};
    }
}

int gn_phase_directly(const struct gn_candidate_list *candidates, uint32_t key_limit,
                      struct gn_phasing *phasing, gn_arena_t *arena, gn_error_t *err)
{
    struct phaser p = {.arena = arena, .err = err};
    *phasing = (struct gn_phasing){.n_sites = 0};
    int ret = gn_phase_graph_build(candidates, key_limit, &p.graph, arena, err);
    if (ret < 0)
        return ret;
    phasing->of_key = gn_arena_alloc(arena, (size_t)key_limit + 1);
    phasing->sites = gn_arena_alloc(arena, (p.graph.n + 1) * sizeof *phasing->sites);
    if (phasing->of_key == NULL || phasing->sites == NULL)
        return gn_fail_memory(err, "phasing of one partition");
    ret = make_tables(&p);
    if (ret == GN_OK)
        ret = score_sites(&p);
    if (ret < 0)
        return ret;
    choose_haplotypes(&p);
    ret = phase_reads(&p, key_limit, phasing->of_key);
    list_phased_sites(&p, phasing);
    return ret;
}

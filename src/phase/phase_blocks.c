/* SPDX-License-Identifier: MIT
 *
 * phase_blocks.c - one walk over the phased sites, with the haplotype of each read so far.
 */
#include "phase/phase_blocks.h"

#include "phase/phase_graph.h"

enum { NO_BLOCK = -1, CLUSTER_BP = 100 /* between sites that count once */ };

/* What a read showed in one block. */
struct tally {
    int32_t block, cluster;
    uint32_t clusters[2]; /* on haplotypes 1 and 2, the present one left out */
    uint32_t sites[2];    /* of the present cluster */
};

struct walk {
    const struct gn_candidate_list *candidates;
    const struct gn_phasing *phasing;
    uint32_t key_limit;
    struct gn_phase_blocks *blocks;
    struct tally *now,
        *best; /* of each read: the present block, and the block with the most clusters so far */
    int32_t cluster;   /* of the present site */
    int64_t last_pos0; /* of the site before */
};

/* The haplotype of a stored allele at a phased site: 1, 2, or 0. */
static int haplotype_at(const struct gn_candidate *candidate, const struct gn_phased_site *site,
                        uint32_t i)
{
    return gn_phase_is_shown(candidate, i, site->alleles[0])   ? 1
           : gn_phase_is_shown(candidate, i, site->alleles[1]) ? 2
                                                               : 0;
}

static int larger_of(const uint32_t counts[2])
{
    return counts[0] > counts[1] ? 1 : counts[1] > counts[0] ? 2 : 0;
}

/* Adds the present cluster to the others, as one. */
static struct tally settle(struct tally tally)
{
    int haplotype = larger_of(tally.sites);
    if (haplotype != 0)
        tally.clusters[haplotype - 1]++;
    tally.sites[0] = tally.sites[1] = 0;
    return tally;
}

static int majority(const struct tally *tally)
{
    struct tally settled = settle(*tally);
    return larger_of(settled.clusters);
}

static void keep_best(struct walk *walk, uint32_t key)
{
    struct tally now = settle(walk->now[key]), *best = &walk->best[key];
    if (now.clusters[0] + now.clusters[1] > best->clusters[0] + best->clusters[1])
        *best = now;
}

/* Reads that put the site on the haplotypes that they had in the present block, less those that exchange them. */
static int64_t count_agreement(const struct walk *walk, const struct gn_phased_site *site)
{
    const struct gn_candidate *candidate = &walk->candidates->v[site->candidate];
    int64_t agreement = 0;
    for (uint32_t i = 0; i < candidate->n_alleles; i++) {
        const struct tally *now = &walk->now[candidate->alleles[i].key];
        int here = haplotype_at(candidate, site, i), before = majority(now);
        if (here != 0 && before != 0 && now->block == (int32_t)walk->blocks->n - 1)
            agreement += here == before ? 1 : -1;
    }
    return agreement;
}

static void add_site(struct walk *walk, const struct gn_phased_site *site)
{
    const struct gn_candidate *candidate = &walk->candidates->v[site->candidate];
    struct gn_phase_blocks *blocks = walk->blocks;
    walk->cluster += candidate->variant->start0 - walk->last_pos0 > CLUSTER_BP;
    walk->last_pos0 = candidate->variant->start0;
    int64_t agreement = blocks->n > 0 ? count_agreement(walk, site) : 0;
    if (agreement < GN_PHASE_MIN_AGREEMENT)
        blocks->v[blocks->n++] =
            (struct gn_phase_block){.first_pos0 = candidate->variant->start0,
                                    .is_exchanged = agreement <= -GN_PHASE_MIN_AGREEMENT};
    int32_t block = (int32_t)blocks->n - 1;
    blocks->v[block].n_sites++;
    blocks->of_candidate[site->candidate] = block;
    for (uint32_t i = 0; i < candidate->n_alleles; i++) {
        uint32_t key = candidate->alleles[i].key;
        int haplotype = haplotype_at(candidate, site, i);
        if (haplotype == 0)
            continue;
        if (walk->now[key].block != block) {
            keep_best(walk, key);
            walk->now[key] = (struct tally){.block = block, .cluster = walk->cluster};
        }
        if (walk->now[key].cluster != walk->cluster) {
            walk->now[key] = settle(walk->now[key]);
            walk->now[key].cluster = walk->cluster;
        }
        walk->now[key].sites[haplotype - 1]++;
    }
}

/* Other candidates go with the reads that show their alleles: into the block of the most of them, the first of equals. */
static int place_candidates(const struct walk *walk, gn_arena_t *arena, gn_error_t *err)
{
    struct gn_phase_blocks *blocks = walk->blocks;
    uint32_t *votes = gn_arena_zalloc(arena, blocks->n + 1, sizeof *votes);
    if (votes == NULL)
        return gn_fail_memory(err, "phasing of one partition");
    for (size_t c = 0; c < walk->candidates->n; c++) {
        const struct gn_candidate *candidate = &walk->candidates->v[c];
        if (blocks->of_candidate[c] != NO_BLOCK)
            continue;
        uint32_t most = 0;
        for (int pass = 0; pass < 2; pass++) /* count, then forget */
            for (uint32_t i = 0; i < candidate->n_alleles; i++) {
                int32_t block = blocks->of_key[candidate->alleles[i].key];
                if (block == NO_BLOCK)
                    continue;
                votes[block] = pass == 0 ? votes[block] + 1 : 0;
                bool is_more = votes[block] > most || (votes[block] == most && most > 0 &&
                                                       block < blocks->of_candidate[c]);
                if (pass == 0 && is_more) {
                    most = votes[block];
                    blocks->of_candidate[c] = block;
                }
            }
    }
    return GN_OK;
}

static int make_tables(struct walk *walk, gn_arena_t *arena, gn_error_t *err)
{
    struct gn_phase_blocks *blocks = walk->blocks;
    size_t n_candidates = walk->candidates->n, n_keys = walk->key_limit;
    *blocks = (struct gn_phase_blocks){
        .v = gn_arena_alloc(arena, (walk->phasing->n_sites + 1) * sizeof *blocks->v),
        .of_candidate = gn_arena_alloc(arena, (n_candidates + 1) * sizeof *blocks->of_candidate),
        .of_key = gn_arena_alloc(arena, (n_keys + 1) * sizeof *blocks->of_key),
        .haplotype_of_key = gn_arena_zalloc(arena, n_keys + 1, 1)};
    walk->now = gn_arena_alloc(arena, (n_keys + 1) * sizeof *walk->now);
    walk->best = gn_arena_alloc(arena, (n_keys + 1) * sizeof *walk->best);
    if (blocks->v == NULL || blocks->of_candidate == NULL || blocks->of_key == NULL ||
        blocks->haplotype_of_key == NULL || walk->now == NULL || walk->best == NULL)
        return gn_fail_memory(err, "phasing of one partition");
    for (size_t c = 0; c < n_candidates; c++)
        blocks->of_candidate[c] = NO_BLOCK;
    for (size_t key = 0; key < n_keys; key++)
        walk->now[key] = walk->best[key] = (struct tally){.block = NO_BLOCK};
    return GN_OK;
}

int gn_phase_blocks_find(const struct gn_candidate_list *candidates,
                         const struct gn_phasing *phasing, uint32_t key_limit,
                         struct gn_phase_blocks *blocks, gn_arena_t *arena, gn_error_t *err)
{
    struct walk walk = {
        .candidates = candidates, .phasing = phasing, .key_limit = key_limit, .blocks = blocks};
    int ret = make_tables(&walk, arena, err);
    if (ret < 0)
        return ret;
    for (size_t s = 0; s < phasing->n_sites; s++)
        add_site(&walk, &phasing->sites[s]);
    for (uint32_t key = 0; key < key_limit; key++) {
        keep_best(&walk, key);
        blocks->of_key[key] = walk.best[key].block;
        blocks->haplotype_of_key[key] = (uint8_t)majority(&walk.best[key]);
    }
    return place_candidates(&walk, arena, err);
}

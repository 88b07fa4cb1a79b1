/* SPDX-License-Identifier: MIT
 *
 * phased_output.c - the copies, the joining and the renaming.
 */
#include "call/phased_output.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "phase/read_identity.h"

enum { MAX_BLOCKS = 1 << 24 };

void gn_partition_phases_clear(struct gn_partition_phases *phases)
{
    free(phases->blocks);
    free(phases->votes);
    *phases = (struct gn_partition_phases){.blocks = NULL};
}

/* The block that a record's PS_CONTIG names, "0-<block>". */
static size_t block_of(const struct gn_variant *variant)
{
    return strtoull(strchr(variant->ps_contig, '-') + 1, NULL, 10);
}

static bool has_both_haplotypes(const struct gn_variant *variant)
{
    bool has[3] = {false, false, false};
    for (int i = 0; i < variant->alt_ps.n; i++)
        has[variant->alt_ps.v[i]] = true;
    return has[1] && has[2];
}

/* A phase set is named after its first record, so a block begins with the partition's own, not with those of its padding. */
static void move_starts(const struct gn_candidate_list *candidates, struct gn_phase_block *blocks)
{
    for (size_t i = candidates->n; i-- > 0;) {
        const struct gn_variant *variant = candidates->v[i].variant;
        if (variant->ps_contig != NULL && has_both_haplotypes(variant))
            blocks[block_of(variant)].first_pos0 = variant->start0;
    }
}

int gn_partition_phases_copy(const struct gn_partition *partition,
                             struct gn_partition_phases *phases, gn_error_t *err)
{
    const struct gn_phase_blocks *blocks = partition->phase_blocks;
    *phases = (struct gn_partition_phases){.blocks = NULL};
    if (blocks == NULL)
        return GN_OK;
    phases->blocks = malloc((blocks->n + 1) * sizeof *phases->blocks);
    phases->votes = malloc((partition->n_counted + 1) * sizeof *phases->votes);
    if (phases->blocks == NULL || phases->votes == NULL)
        return gn_fail_memory(err, "haplotypes of one partition");
    memcpy(phases->blocks, blocks->v, blocks->n * sizeof *blocks->v);
    phases->n_blocks = blocks->n;
    move_starts(&partition->candidates, phases->blocks);
    for (size_t i = 0; i < partition->n_counted; i++) {
        const struct gn_read *read = &partition->counted_reads[i];
        uint8_t haplotype = blocks->haplotype_of_key[read->key];
        if (haplotype == 0)
            continue;
        struct gn_read_identity identity = {.name = read->name,
                                            .read_number = read->read_number,
                                            .contig = partition->range.contig,
                                            .pos0 = gn_read_original_pos0(read)};
        phases->votes[phases->n_votes++] =
            (struct gn_phase_vote){.read = gn_read_identity_hash(&identity),
                                   .end0 = read->end0,
                                   .block = blocks->of_key[read->key],
                                   .haplotype = haplotype};
    }
    return GN_OK;
}

int gn_phase_joiner_open(struct gn_phase_joiner *joiner, gn_error_t *err)
{
    *joiner = (struct gn_phase_joiner){.stitcher = gn_phase_stitcher_create(err)};
    return joiner->stitcher == NULL ? GN_E_MEMORY : GN_OK;
}

void gn_phase_joiner_close(struct gn_phase_joiner *joiner)
{
    gn_phase_stitcher_destroy(joiner->stitcher);
    free(joiner->places);
    *joiner = (struct gn_phase_joiner){.stitcher = NULL};
}

int gn_phase_joiner_push(struct gn_phase_joiner *joiner, const struct gn_range *range,
                         const struct gn_partition_phases *phases, gn_error_t *err)
{
    struct gn_phase_place *places =
        gn_reserve(joiner->places, &joiner->places_cap, phases->n_blocks + 1, sizeof *places,
                   MAX_BLOCKS, "phase blocks of one partition", err);
    if (places == NULL)
        return GN_E_MEMORY;
    joiner->places = places;
    struct gn_phased_partition partition = {.contig = range->contig,
                                            .start0 = range->start0,
                                            .blocks = phases->blocks,
                                            .n_blocks = phases->n_blocks,
                                            .votes = phases->votes,
                                            .n_votes = phases->n_votes};
    return gn_phase_stitcher_push(joiner->stitcher, &partition, places, err);
}

/* The other haplotype; 0 stays. */
static int exchange(int haplotype)
{
    return haplotype == 0 ? 0 : 3 - haplotype;
}

int gn_phase_joiner_vote(const struct gn_phase_joiner *joiner,
                         const struct gn_partition_phases *phases, gn_haplotags_t *table,
                         gn_error_t *err)
{
    int ret = GN_OK;
    for (size_t i = 0; i < phases->n_votes && ret == GN_OK; i++) {
        const struct gn_phase_vote *vote = &phases->votes[i];
        const struct gn_phase_place *place = &joiner->places[vote->block];
        if (place->phase_set == 0)
            continue;
        ret = gn_haplotags_add(table, vote->read,
                               place->is_exchanged ? exchange(vote->haplotype) : vote->haplotype,
                               place->phase_set, err);
    }
    return ret;
}

int gn_phase_joiner_rename(const struct gn_phase_joiner *joiner, struct gn_variant *variant,
                           gn_error_t *err)
{
    if (variant->ps_contig == NULL)
        return GN_OK;
    const struct gn_phase_place *place = &joiner->places[block_of(variant)];
    char name[64];
    if (place->phase_set == 0)
        return gn_text_set(&variant->ps_contig, NULL, err);
    snprintf(name, sizeof name, "0-%lld", (long long)place->phase_set);
    for (int i = 0; i < variant->alt_ps.n && place->is_exchanged; i++)
        variant->alt_ps.v[i] = exchange(variant->alt_ps.v[i]);
    return gn_text_set(&variant->ps_contig, name, err);
}

/* SPDX-License-Identifier: MIT
 *
 * phase_stitcher.c - remembers the haplotype of each read that may be seen again.
 */
#include "phase/phase_stitcher.h"

#include <htslib/khash.h>
#include <stdlib.h>

enum { MAX_READS = 1 << 26, MAX_SETS = 1 << 20 };

/* What is known of a read: its haplotype in its phase set. */
struct known {
    int64_t phase_set, end0;
    uint8_t haplotype;
};

KHASH_MAP_INIT_INT64(known, struct known)

/* How far a block agrees with a phase set. */
struct agreement {
    int64_t phase_set, reads; /* agreeing less disagreeing */
};

struct gn_phase_stitcher {
    khash_t(known) * reads;
    int contig;
    int64_t last_set;             /* the highest name of a phase set on the contig */
    struct agreement *agreements; /* of the block at hand */
    size_t n_agreements, agreements_cap;
};

gn_phase_stitcher_t *gn_phase_stitcher_create(gn_error_t *err)
{
    gn_phase_stitcher_t *stitcher = calloc(1, sizeof *stitcher);
    if (stitcher != NULL)
        stitcher->reads = kh_init(known);
    if (stitcher == NULL || stitcher->reads == NULL) {
        gn_phase_stitcher_destroy(stitcher);
        gn_fail_memory(err, "phase sets");
        return NULL;
    }
    stitcher->contig = -1;
    return stitcher;
}

void gn_phase_stitcher_destroy(gn_phase_stitcher_t *stitcher)
{
    if (stitcher == NULL)
        return;
    if (stitcher->reads != NULL)
        kh_destroy(known, stitcher->reads);
    free(stitcher->agreements);
    free(stitcher);
}

/* Reads that end before the partition are not seen again. */
static void forget_reads(gn_phase_stitcher_t *stitcher, const struct gn_phased_partition *partition)
{
    if (partition->contig != stitcher->contig) {
        kh_clear(known, stitcher->reads);
        stitcher->contig = partition->contig;
        stitcher->last_set = 0;
    }
    for (khint_t i = kh_begin(stitcher->reads); i != kh_end(stitcher->reads); i++)
        if (kh_exist(stitcher->reads, i) && kh_value(stitcher->reads, i).end0 <= partition->start0)
            kh_del(known, stitcher->reads, i);
}

static int count_read(gn_phase_stitcher_t *stitcher, const struct gn_phase_vote *vote,
                      gn_error_t *err)
{
    khint_t at = kh_get(known, stitcher->reads, vote->read);
    if (at == kh_end(stitcher->reads))
        return GN_OK;
    const struct known *known = &kh_value(stitcher->reads, at);
    size_t i = 0;
    while (i < stitcher->n_agreements && stitcher->agreements[i].phase_set != known->phase_set)
        i++;
    if (i == stitcher->n_agreements) {
        struct agreement *grown = gn_reserve(stitcher->agreements, &stitcher->agreements_cap, i + 1,
                                             sizeof *grown, MAX_SETS, "phase sets", err);
        if (grown == NULL)
            return GN_E_MEMORY;
        stitcher->agreements = grown;
        grown[stitcher->n_agreements++] = (struct agreement){.phase_set = known->phase_set};
    }
    stitcher->agreements[i].reads += known->haplotype == vote->haplotype ? 1 : -1;
    return GN_OK;
}

/* Whether the block is one site that no read connects to another. */
static bool is_alone(const struct gn_phased_partition *partition, size_t b)
{
    const struct gn_phase_block *block = &partition->blocks[b];
    bool is_followed = b + 1 < partition->n_blocks && block[1].is_exchanged;
    return block->n_sites == 1 && !block->is_exchanged && !is_followed;
}

/* The phase set of block b: one that its reads know; that of the block before, exchanged; or a new one. */
static int place_block(gn_phase_stitcher_t *stitcher, const struct gn_phased_partition *partition,
                       size_t b, struct gn_phase_place *places, gn_error_t *err)
{
    stitcher->n_agreements = 0;
    for (size_t i = 0; i < partition->n_votes; i++)
        if (partition->votes[i].block == (int32_t)b &&
            count_read(stitcher, &partition->votes[i], err) < 0)
            return GN_E_MEMORY;
    struct agreement best = {0, 0};
    for (size_t i = 0; i < stitcher->n_agreements; i++) {
        const struct agreement *a = &stitcher->agreements[i];
        if (llabs(a->reads) > llabs(best.reads) ||
            (llabs(a->reads) == llabs(best.reads) && a->phase_set < best.phase_set))
            best = *a;
    }
    if (llabs(best.reads) >= GN_PHASE_MIN_AGREEMENT) {
        places[b] = (struct gn_phase_place){best.phase_set, best.reads < 0};
    } else if (is_alone(partition, b)) {
        places[b] = (struct gn_phase_place){0, false};
    } else if (b > 0 && partition->blocks[b].is_exchanged) {
        places[b] = (struct gn_phase_place){places[b - 1].phase_set, !places[b - 1].is_exchanged};
    } else {
        int64_t name = partition->blocks[b].first_pos0 + 1;
        stitcher->last_set = name > stitcher->last_set ? name : stitcher->last_set + 1;
        places[b] = (struct gn_phase_place){stitcher->last_set, false};
    }
    return GN_OK;
}

/* Notes the reads that are new, and how far all of them reach. */
static int remember_reads(gn_phase_stitcher_t *stitcher,
                          const struct gn_phased_partition *partition,
                          const struct gn_phase_place *places, gn_error_t *err)
{
    for (size_t i = 0; i < partition->n_votes; i++) {
        const struct gn_phase_vote *vote = &partition->votes[i];
        const struct gn_phase_place *place = &places[vote->block];
        if (place->phase_set == 0)
            continue;
        int absent = 0;
        khint_t at = kh_size(stitcher->reads) < MAX_READS
                         ? kh_put(known, stitcher->reads, vote->read, &absent)
                         : 0;
        if (absent < 0 || kh_size(stitcher->reads) >= MAX_READS)
            return gn_fail_memory(err, "reads of phase sets");
        struct known *known = &kh_value(stitcher->reads, at);
        if (absent)
            *known =
                (struct known){.phase_set = place->phase_set,
                               .haplotype = place->is_exchanged ? (uint8_t)(3 - vote->haplotype)
                                                                : vote->haplotype};
        known->end0 = vote->end0; /* a cropped read goes on behind it: the latest counts */
    }
    return GN_OK;
}

int gn_phase_stitcher_push(gn_phase_stitcher_t *stitcher,
                           const struct gn_phased_partition *partition,
                           struct gn_phase_place *places, gn_error_t *err)
{
    forget_reads(stitcher, partition);
    for (size_t b = 0; b < partition->n_blocks; b++)
        if (place_block(stitcher, partition, b, places, err) < 0)
            return GN_E_MEMORY;
    return remember_reads(stitcher, partition, places, err);
}

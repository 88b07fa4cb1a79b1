/* SPDX-License-Identifier: MIT
 *
 * sampling.c - algorithm R, and DeepVariant's variant of it that counts covered bases.
 */
#include "reads/sampling.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/memory.h"

enum { SEED = 609314161, MAX_SLOTS = 1 << 26 };

void gn_sampler_start(struct gn_sampler *sampler, int64_t max_reads, int64_t max_bases)
{
    gn_numpy_seed(&sampler->random, SEED);
    sampler->max_reads = max_reads;
    sampler->max_bases = max_bases;
    sampler->offered = sampler->kept = sampler->covered = 0;
}

static int64_t offer_by_bases(struct gn_sampler *s, int64_t overlap, gn_error_t *err)
{
    bool has_room = s->max_reads == 0 || s->kept < s->max_reads;
    if (has_room && s->covered < s->max_bases) {
        int64_t *grown = gn_reserve(s->overlaps, &s->cap, (size_t)s->kept + 1, sizeof *grown,
                                    MAX_SLOTS, "reads of one partition", err);
        if (grown == NULL)
            return GN_E_MEMORY;
        s->overlaps = grown;
        grown[s->kept] = overlap;
        s->covered += overlap;
        return s->kept++;
    }
    int64_t slot = gn_numpy_randint(&s->random, (uint32_t)s->offered);
    if (slot >= s->kept)
        return -1;
    s->covered += overlap - s->overlaps[slot];
    s->overlaps[slot] = overlap;
    return slot;
}

int64_t gn_sampler_offer(struct gn_sampler *s, int64_t overlap, gn_error_t *err)
{
    s->offered++;
    if (s->max_bases > 0)
        return offer_by_bases(s, overlap, err);
    if (s->max_reads == 0 || s->kept < s->max_reads) {
        if (s->kept >= MAX_SLOTS)
            return gn_fail(err, GN_E_MEMORY,
                           "more than %d reads in one partition: set --max-reads-per-partition",
                           MAX_SLOTS);
        return s->kept++;
    }
    int64_t slot = gn_numpy_randint(&s->random, (uint32_t)s->offered);
    return slot < s->max_reads ? slot : -1;
}

int64_t gn_sampler_finish(const struct gn_sampler *s)
{
    if (s->max_bases == 0 || s->covered < s->max_bases)
        return s->kept;
    int64_t total = 0;
    for (int64_t i = 0; i < s->kept; i++) {
        total += s->overlaps[i];
        if (total > s->max_bases)
            return i + 1;
    }
    return s->kept;
}

void gn_sampler_clear(struct gn_sampler *sampler)
{
    free(sampler->overlaps);
    *sampler = (struct gn_sampler){.overlaps = NULL};
}

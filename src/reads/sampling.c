/* SPDX-License-Identifier: MIT
 *
 * sampling.c - algorithm R, and DeepVariant's variant of it that counts covered bases.
 */
#include "reads/sampling.h"

#include <stdlib.h>

#include "base/memory.h"

enum { SEED = 609314161, MAX_SLOTS = 1 << 26 };

void gn_sampler_start(struct gn_sampler *sampler, const struct gn_sampling_limits *limits)
{
    gn_numpy_seed(&sampler->random, SEED);
    sampler->limits = *limits;
    sampler->is_closed = false;
    sampler->offered = sampler->kept = sampler->covered = sampler->bytes = 0;
}

static bool fits(const struct gn_sampler *s, int64_t more)
{
    return s->limits.max_bytes == 0 || s->bytes + more <= s->limits.max_bytes;
}

static bool has_room(struct gn_sampler *s, const struct gn_sampled_read *read)
{
    if (s->is_closed || (s->limits.max_reads > 0 && s->kept >= s->limits.max_reads) ||
        (s->limits.max_bases > 0 && s->covered >= s->limits.max_bases))
        return false;
    s->is_closed = !fits(s, read->bytes);
    return !s->is_closed;
}

static int64_t append(struct gn_sampler *s, const struct gn_sampled_read *read, gn_error_t *err)
{
    struct gn_sampled_read *grown =
        gn_reserve(s->slots, &s->cap, (size_t)s->kept + 1, sizeof *grown, MAX_SLOTS,
                   "reads of one partition", err);
    if (grown == NULL)
        return GN_E_MEMORY;
    s->slots = grown;
    grown[s->kept] = *read;
    s->covered += read->overlap;
    s->bytes += read->bytes;
    return s->kept++;
}

int64_t gn_sampler_offer(struct gn_sampler *s, struct gn_sampled_read read, gn_error_t *err)
{
    s->offered++;
    if (has_room(s, &read))
        return append(s, &read, err);
    int64_t slot = gn_numpy_randint(&s->random, (uint32_t)s->offered);
    if (slot >= s->kept || !fits(s, read.bytes - s->slots[slot].bytes))
        return -1;
    s->covered += read.overlap - s->slots[slot].overlap;
    s->bytes += read.bytes - s->slots[slot].bytes;
    s->slots[slot] = read;
    return slot;
}

int64_t gn_sampler_finish(const struct gn_sampler *s)
{
    if (s->limits.max_bases == 0 || s->covered < s->limits.max_bases)
        return s->kept;
    int64_t total = 0;
    for (int64_t i = 0; i < s->kept; i++) {
        total += s->slots[i].overlap;
        if (total > s->limits.max_bases)
            return i + 1;
    }
    return s->kept;
}

void gn_sampler_clear(struct gn_sampler *sampler)
{
    free(sampler->slots);
    *sampler = (struct gn_sampler){.slots = NULL};
}

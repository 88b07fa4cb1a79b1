/* SPDX-License-Identifier: MIT
 *
 * sampling.h - which reads of a deep partition are kept (spec 10 section 5).
 *
 * Reservoir sampling with numpy's generator, seeded anew for every partition, so that the choice depends on nothing
 * but the reads of the partition. Slot order is the order of the reads from here on.
 *
 * Upstream keeps reads until memory runs out. Here the slots may take a number of bytes together. The first read that
 * needs a new slot and would exceed it closes the reservoir: from that read on it counts as full, with the slots it has,
 * and reads are drawn by algorithm R as if that had been the limit on their number. A draw whose read would exceed the
 * bytes in the place of the one it replaces is made, and replaces nothing. Below the limit nothing differs from upstream.
 */
#ifndef GN_READS_SAMPLING_H
#define GN_READS_SAMPLING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/random.h"

/// How much of a partition is kept. 0: no limit.
struct gn_sampling_limits {
    int64_t max_reads;
    int64_t max_bases; /* of the partition that kept reads may cover together */
    int64_t max_bytes; /* that kept reads may take together */
};

/// A read as the sampler sees it.
struct gn_sampled_read {
    int64_t overlap; /* bases of the partition that it covers */
    int64_t bytes;   /* that it takes: no more than max_bytes */
};

struct gn_sampler {
    struct gn_numpy_random random;
    struct gn_sampling_limits limits;
    bool is_closed;                /* no more slots, because of max_bytes */
    int64_t offered;               /* reads seen */
    int64_t kept;                  /* slots in use */
    int64_t covered, bytes;        /* sums over the slots */
    struct gn_sampled_read *slots; /* owned */
    size_t cap;
};

/// Starts a partition. Keeps allocated memory of an earlier one; zero the struct before first use.
void gn_sampler_start(struct gn_sampler *sampler, const struct gn_sampling_limits *limits);

/// Offers the next read: the slot to put it in (equal to the number of slots before when it is a new one), -1 when it is
/// not kept, or GN_E_MEMORY.
int64_t gn_sampler_offer(struct gn_sampler *sampler, struct gn_sampled_read read, gn_error_t *err);

/// Number of slots that remain after the last read (max_bases cuts the list).
int64_t gn_sampler_finish(const struct gn_sampler *sampler);

void gn_sampler_clear(struct gn_sampler *sampler);

#endif

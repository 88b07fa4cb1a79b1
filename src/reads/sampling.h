/* SPDX-License-Identifier: MIT
 *
 * sampling.h - which reads of a deep partition are kept (spec 10 section 5).
 *
 * Reservoir sampling with numpy's generator, seeded anew for every partition, so that the choice depends on nothing
 * but the reads of the partition. Slot order is the order of the reads from here on.
 */
#ifndef GN_READS_SAMPLING_H
#define GN_READS_SAMPLING_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/random.h"

struct gn_sampler {
    struct gn_numpy_random random;
    int64_t max_reads; /* 0: no limit */
    int64_t max_bases; /* of the partition that kept reads may cover together; 0: no limit */
    int64_t offered;   /* reads seen */
    int64_t kept;      /* slots in use */
    int64_t covered;   /* bases covered by the slots, when max_bases > 0 */
    int64_t *overlaps; /* bases covered by each slot, when max_bases > 0; owned */
    size_t cap;
};

/// Starts a partition. Keeps allocated memory of an earlier one; zero the struct before first use.
void gn_sampler_start(struct gn_sampler *sampler, int64_t max_reads, int64_t max_bases);

/// Offers the next read, which covers `overlap` bases of the partition: the slot to put it in (equal to the number of
/// slots before when it is a new one), -1 when it is not kept, or GN_E_MEMORY.
int64_t gn_sampler_offer(struct gn_sampler *sampler, int64_t overlap, gn_error_t *err);

/// Number of slots that remain after the last read (max_bases cuts the list).
int64_t gn_sampler_finish(const struct gn_sampler *sampler);

void gn_sampler_clear(struct gn_sampler *sampler);

#endif

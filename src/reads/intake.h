/* SPDX-License-Identifier: MIT
 *
 * intake.h - from records to the reads of a partition: filter, sample, convert, crop, split (spec 10 sections 1, 2, 5, 6).
 * Internal to reads/; it knows nothing of files, so that tests can feed it any record.
 *
 * A record that is accepted is converted at once, into a buffer that is used again when another read takes its slot and
 * in the next partition. The reads of a partition so exist once. They take at most gn_read_options.max_bytes (how reads
 * are chosen beyond that: sampling.h), and the buffers at most three times as much.
 */
#ifndef GN_READS_INTAKE_H
#define GN_READS_INTAKE_H

#include <htslib/sam.h>

#include "base/memory.h"
#include "base/random.h"
#include "reads/read_options.h"

/// The reads of one partition.
struct gn_read_list {
    struct gn_read *v; /* the intake's, or in the arena when reads were split; may be changed */
    size_t n;
    bool keys_are_unique;
};

typedef struct gn_intake gn_intake_t;

/// Options are copied. One intake per worker: not thread-safe.
GN_MUST_CHECK
gn_intake_t *gn_intake_create(const struct gn_read_options *options, gn_error_t *err);
void gn_intake_destroy(gn_intake_t *intake);

/// Begins a partition: the reads of the one before are gone.
void gn_intake_start(gn_intake_t *intake, int64_t start0, int64_t end0);

/// Takes note of the partition's next record, which overlaps it.
/** @param path      its file, for messages
    @param sampling  generator of --downsample-fraction for its file
    @return          GN_OK, also when it is not kept; GN_E_DATA when it cannot be used; GN_E_MEMORY. After a failure only
                     another partition can be begun */
GN_MUST_CHECK
int gn_intake_offer(gn_intake_t *intake, const bam1_t *record, const char *path,
                    struct gn_mt64 *sampling, gn_error_t *err);

/// The reads that were kept, with their keys; valid until the next partition.
GN_MUST_CHECK
int gn_intake_finish(gn_intake_t *intake, gn_arena_t *arena, struct gn_read_list *reads,
                     gn_error_t *err);

#endif

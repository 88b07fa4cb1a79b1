/* SPDX-License-Identifier: MIT
 *
 * local_phases.h - the haplotypes that a partition gave its reads, kept until their turn in the file
 * (--output-local-read-phasing).
 */
#ifndef GN_CALL_LOCAL_PHASES_H
#define GN_CALL_LOCAL_PHASES_H

#include "call/partition.h"
#include "phase/read_phase_table.h"

/// Reads with their names, owned. Start with {0}.
struct gn_local_phases {
    struct gn_local_phase {
        char *name;
        int read_number, haplotype;
    } * v;
    size_t n;
};

/// Copies those of a partition; none when its reads were not phased.
GN_MUST_CHECK
int gn_local_phases_copy(const struct gn_partition *partition, struct gn_local_phases *phases,
                         gn_error_t *err);

/// Writes them as lines of the table.
/** @param region  the partition's number, from 1 */
GN_MUST_CHECK
int gn_local_phases_write(const struct gn_local_phases *phases, gn_read_phase_table_t *table,
                          int64_t region, gn_error_t *err);

void gn_local_phases_clear(struct gn_local_phases *phases);

#endif

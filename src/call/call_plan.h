/* SPDX-License-Identifier: MIT
 *
 * call_plan.h - what is known before the first partition: contigs, sample, regions and their pieces.
 *
 * Making it checks the inputs against each other, so that a run that cannot succeed ends within a second.
 */
#ifndef GN_CALL_CALL_PLAN_H
#define GN_CALL_CALL_PLAN_H

#include "call/partition.h"
#include "reads/partitions.h"

struct gn_plan {
    gn_fasta_t *fasta; /* for the thread that owns the plan */
    char *sample;
    char *warning;            /* something suspicious but not fatal, NULL when there is nothing */
    struct gn_ranges regions; /* calling regions, normal */
    struct gn_ranges partitions;
};

/// Opens the inputs, resolves the sample name (sample_name or the read groups), and cuts the regions.
/** @param plan  filled; clear it with gn_plan_clear(), also after failure */
GN_MUST_CHECK
int gn_plan_make(struct gn_plan *plan, const struct gn_partition_settings *settings,
                 const struct gn_partition_options *regions, const char *sample_name,
                 gn_error_t *err);
void gn_plan_clear(struct gn_plan *plan);

#endif

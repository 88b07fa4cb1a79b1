/* SPDX-License-Identifier: MIT
 *
 * sorted_outputs.h - all network outputs of a run's files, in genome order (spec 110.1, 110.2).
 *
 * The files are in no useful order, so everything is held in memory: packed, about 300 bytes an
 * output.
 */
#ifndef GN_CALL_SORTED_OUTPUTS_H
#define GN_CALL_SORTED_OUTPUTS_H

#include "genotype/stream.h"
#include "io/fasta.h"
#include "io/messages.h"
#include "io/regions.h"

typedef struct gn_sorted_outputs gn_sorted_outputs_t;

/// contigs give the order; outputs that start outside regions (normal; NULL none) are left out.
/// Both must outlive it.
GN_MUST_CHECK
gn_sorted_outputs_t *gn_sorted_outputs_create(const struct gn_contigs *contigs,
                                              const struct gn_ranges *regions, gn_error_t *err);
void gn_sorted_outputs_destroy(gn_sorted_outputs_t *outputs);

/// Adds the records of a file. GN_E_DATA names the file when a record is damaged or has no call,
/// GN_E_MISMATCH when its contig is not in the reference.
GN_MUST_CHECK
int gn_sorted_outputs_load(gn_sorted_outputs_t *outputs, const char *path, gn_error_t *err);

/// Sample of the first record of all files, NULL when there was none. Belongs to the handle.
const char *gn_sorted_outputs_sample(const gn_sorted_outputs_t *outputs);

/// Sorts by contig, start and end; records of one place stay in the order of loading. After the
/// last load.
void gn_sorted_outputs_sort(gn_sorted_outputs_t *outputs);

/// Where the next output starts; false at the end.
bool gn_sorted_outputs_peek(const gn_sorted_outputs_t *outputs, struct gn_position *start);

/// The next output, the caller's to free. NULL with GN_E_MEMORY, and at the end.
GN_MUST_CHECK
struct gn_call_output *gn_sorted_outputs_next(gn_sorted_outputs_t *outputs, gn_error_t *err);

#endif

/* SPDX-License-Identifier: MIT
 *
 * read_phase_table.h - --output-local-read-phasing: what each partition says of its reads, as text (spec 70 section 7).
 *
 * A header, then "name/read_number TAB phase TAB region" a line: the file that DeepVariant's merge_phased_reads takes.
 */
#ifndef GN_PHASE_READ_PHASE_TABLE_H
#define GN_PHASE_READ_PHASE_TABLE_H

#include <stdint.h>

#include "base/error.h"

typedef struct gn_read_phase_table gn_read_phase_table_t;

/// Starts the file with its header. The name appears at commit only. NULL: GN_E_CANNOT_CREATE, GN_E_IO.
GN_MUST_CHECK
gn_read_phase_table_t *gn_read_phase_table_open(const char *path, gn_error_t *err);

/// Adds a line.
/** @param phase   0, 1 or 2
    @param region  the partition's number, from 1 */
GN_MUST_CHECK
int gn_read_phase_table_add(gn_read_phase_table_t *table, const char *name, int read_number,
                            int phase, int64_t region, gn_error_t *err);

/// Checks that everything reached the disk, puts the file under its name and frees the table (also on failure).
GN_MUST_CHECK
int gn_read_phase_table_commit(gn_read_phase_table_t *table, gn_error_t *err);

/// Drops the unfinished file and frees the table; NULL is fine.
void gn_read_phase_table_abort(gn_read_phase_table_t *table);

#endif

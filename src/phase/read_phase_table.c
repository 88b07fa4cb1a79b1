/* SPDX-License-Identifier: MIT
 *
 * read_phase_table.c - a text file behind a pending name.
 */
#include "phase/read_phase_table.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/pending_file.h"

struct gn_read_phase_table {
    struct gn_pending_file name;
    FILE *file;
};

static int fail_write(const gn_read_phase_table_t *table, gn_error_t *err)
{
    return gn_fail(err, GN_E_IO, "cannot write '%s': %s; check the free space",
                   table->name.final_name, strerror(errno));
}

gn_read_phase_table_t *gn_read_phase_table_open(const char *path, gn_error_t *err)
{
    gn_read_phase_table_t *table = calloc(1, sizeof *table);
    if (table == NULL) {
        gn_fail_memory(err, "the table of read phases");
        return NULL;
    }
    int status = gn_pending_file_begin(&table->name, path, err);
    if (status == GN_OK && (table->file = fopen(table->name.temporary_name, "w")) == NULL)
        status = gn_fail(err, GN_E_CANNOT_CREATE, "cannot create '%s': %s", path, strerror(errno));
    if (status == GN_OK && fputs("fragment_name\tphase\tregion_order\n", table->file) < 0)
        status = fail_write(table, err);
    if (status == GN_OK)
        return table;
    gn_read_phase_table_abort(table);
    return NULL;
}

int gn_read_phase_table_add(gn_read_phase_table_t *table, const char *name, int read_number,
                            int phase, int64_t region, gn_error_t *err)
{
    return fprintf(table->file, "%s/%d\t%d\t%" PRId64 "\n", name, read_number, phase, region) < 0
               ? fail_write(table, err)
               : GN_OK;
}

int gn_read_phase_table_commit(gn_read_phase_table_t *table, gn_error_t *err)
{
    int failed = ferror(table->file);
    failed |= fclose(table->file);
    table->file = NULL;
    int status = failed != 0 ? fail_write(table, err) : GN_OK;
    if (status == GN_OK)
        status = gn_pending_file_commit(&table->name, err);
    gn_read_phase_table_abort(table);
    return status;
}

void gn_read_phase_table_abort(gn_read_phase_table_t *table)
{
    if (table == NULL)
        return;
    if (table->file != NULL)
        fclose(table->file);
    gn_pending_file_discard(&table->name);
    free(table);
}

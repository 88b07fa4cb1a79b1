/* SPDX-License-Identifier: MIT
 *
 * local_phases.c - copies of names.
 */
#include "call/local_phases.h"

#include <stdlib.h>

int gn_local_phases_copy(const struct gn_partition *partition, struct gn_local_phases *phases,
                         gn_error_t *err)
{
    *phases = (struct gn_local_phases){.n = 0};
    if (partition->phasing == NULL)
        return GN_OK;
    phases->v = calloc(partition->n_counted + 1, sizeof *phases->v);
    if (phases->v == NULL)
        return gn_fail_memory(err, "haplotypes of one partition");
    for (size_t i = 0; i < partition->n_counted; i++) {
        const struct gn_read *read = &partition->counted_reads[i];
        struct gn_local_phase *phase = &phases->v[phases->n++];
        phase->name = gn_strdup(read->name);
        phase->read_number = read->read_number;
        phase->haplotype = partition->phasing->of_key[read->key];
        if (phase->name == NULL)
            return gn_fail_memory(err, "haplotypes of one partition");
    }
    return GN_OK;
}

int gn_local_phases_write(const struct gn_local_phases *phases, gn_read_phase_table_t *table,
                          int64_t region, gn_error_t *err)
{
    int ret = GN_OK;
    for (size_t i = 0; i < phases->n && ret == GN_OK; i++)
        ret = gn_read_phase_table_add(table, phases->v[i].name, phases->v[i].read_number,
                                      phases->v[i].haplotype, region, err);
    return ret;
}

void gn_local_phases_clear(struct gn_local_phases *phases)
{
    for (size_t i = 0; i < phases->n; i++)
        free(phases->v[i].name);
    free(phases->v);
    *phases = (struct gn_local_phases){.n = 0};
}

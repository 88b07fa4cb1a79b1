/* SPDX-License-Identifier: MIT
 *
 * call_plan.c - the checks before work.
 */
#include "call/call_plan.h"

#include <stdlib.h>

#include "call/haploid_contigs.h"

static int match_inputs(struct gn_plan *plan, gn_read_source_t *source, const char *sample_name,
                        bool *usable, gn_error_t *err)
{
    int ret = gn_read_source_match_contigs(source, gn_fasta_contigs(plan->fasta), usable, err);
    if (ret == GN_OK && gn_read_source_warning(source) != NULL)
        ret = gn_text_set(&plan->warning, gn_read_source_warning(source), err);
    if (ret < 0)
        return ret;
    /* PARITY(dv-1.9): upstream falls back to "default", and takes the first of several samples; both give files that
     * joint callers choke on, so gannet asks. */
    if (sample_name != NULL && *sample_name != '\0')
        return gn_text_set(&plan->sample, sample_name, err);
    return gn_read_source_sample(source, &plan->sample, err);
}

int gn_plan_make(struct gn_plan *plan, const struct gn_partition_settings *settings,
                 const struct gn_partition_options *regions, const char *sample_name,
                 gn_error_t *err)
{
    *plan = (struct gn_plan){.fasta = NULL};
    if (gn_partition_settings_check(settings, err) < 0)
        return err->code;
    plan->fasta = gn_fasta_open(settings->reference, err);
    if (plan->fasta == NULL)
        return err->code;
    gn_read_source_t *source =
        gn_read_source_open(&settings->reads, settings->reference, &settings->read, err);
    if (source == NULL)
        return err->code;
    bool *usable = calloc((size_t)gn_fasta_contigs(plan->fasta)->n, sizeof *usable);
    int ret = usable == NULL ? gn_fail_memory(err, "the contig table")
                             : match_inputs(plan, source, sample_name, usable, err);
    gn_read_source_close(source);
    if (ret == GN_OK && settings->haploid_contigs != NULL)
        ret =
            gn_check_haploid_contigs(settings->haploid_contigs, gn_fasta_contigs(plan->fasta), err);
    if (ret == GN_OK)
        ret = gn_calling_regions(regions, plan->fasta, usable, &plan->regions, err);
    if (ret == GN_OK)
        ret = gn_cut_partitions(&plan->regions, regions->partition_size, &plan->partitions, err);
    free(usable);
    return ret;
}

void gn_plan_clear(struct gn_plan *plan)
{
    gn_ranges_clear(&plan->regions);
    gn_ranges_clear(&plan->partitions);
    gn_fasta_close(plan->fasta);
    free(plan->sample);
    free(plan->warning);
    *plan = (struct gn_plan){.fasta = NULL};
}

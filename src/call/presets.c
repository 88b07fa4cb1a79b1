/* SPDX-License-Identifier: MIT
 *
 * presets.c - the table: what differs from the defaults, which are those of Illumina genomes.
 */
#include "call/presets.h"

#include <string.h>
#include <strings.h>

enum { SHORT_PARTITION = 1000, LONG_PARTITION = 25000, NO_THRESHOLD = -2 };

static const struct difference {
    const char *name, *model_type; /* ours, DeepVariant's */
    bool is_long; /* long reads: phased, not realigned, alternatives aligned, large partitions */
    int min_mapping_quality, max_reads_per_partition, max_reads_for_dynamic_bases;
    int width; /* of images */
    double min_fraction_snps, min_fraction_indels;
    int snp_gq_threshold, indel_gq_threshold;
} PRESETS[] = {
    {"wgs", "WGS", false, 5, 1500, 0, 221, 0.12, 0.06, 20, 28},
    {"wes", "WES", false, 5, 1500, 0, 221, 0.12, 0.06, NO_THRESHOLD, NO_THRESHOLD},
    {"pacbio", "PACBIO", true, 1, 600, 0, 147, 0.12, 0.12, 15, 16},
    {"ont", "ONT_R104", true, 5, 600, 0, 99, 0.08, 0.12, 9, 17},
    {"hybrid", "HYBRID_PACBIO_ILLUMINA", false, 5, 1500, 0, 221, 0.12, 0.06, NO_THRESHOLD,
     NO_THRESHOLD},
    {"masseq", "MASSEQ", true, 1, 0, 1500, 199, 0.12, 0.12, NO_THRESHOLD, NO_THRESHOLD},
};

enum { N_PRESETS = sizeof PRESETS / sizeof *PRESETS };

static const struct difference *find(const char *name)
{
    for (size_t i = 0; i < N_PRESETS; i++)
        if (strcmp(name, PRESETS[i].name) == 0 || strcasecmp(name, PRESETS[i].model_type) == 0)
            return &PRESETS[i];
    return NULL;
}

int gn_preset_find(const char *name, struct gn_preset *preset, gn_error_t *err)
{
    const struct difference *d = find(name);
    if (d == NULL)
        return gn_fail(err, GN_E_USAGE,
                       "no preset is called '%s'; there are wgs, wes, pacbio, ont, hybrid, masseq",
                       name);
    struct gn_partition_settings s = gn_partition_settings_default();
    s.read.min_mapping_quality = s.pileup.min_mapping_quality = d->min_mapping_quality;
    s.read.max_reads_per_partition = d->max_reads_per_partition;
    s.read.max_reads_for_dynamic_bases_per_region = d->max_reads_for_dynamic_bases;
    s.realign_reads = !d->is_long;
    s.track_ref_reads = s.phase_reads = s.pileup.sort_by_haplotypes = d->is_long;
    s.candidate.vsc_min_fraction_snps = d->min_fraction_snps;
    s.candidate.vsc_min_fraction_indels = d->min_fraction_indels;
    s.pileup.width = d->width;
    s.pileup.alt_aligned = d->is_long ? GN_ALT_ALIGNED_DIFF_CHANNELS : GN_ALT_ALIGNED_NONE;
    *preset = (struct gn_preset){.name = d->name,
                                 .settings = s,
                                 .partition_size = d->is_long ? LONG_PARTITION : SHORT_PARTITION,
                                 .has_small_model = d->snp_gq_threshold != NO_THRESHOLD,
                                 .snp_gq_threshold = d->snp_gq_threshold,
                                 .indel_gq_threshold = d->indel_gq_threshold};
    return GN_OK;
}

int gn_preset_choose(const char *given, const gn_model_t *model, struct gn_preset *preset,
                     gn_error_t *err)
{
    const char *of_model = model != NULL && find(gn_model_preset(model)) != NULL
                               ? gn_model_preset(model)
                               : PRESETS[0].name;
    return gn_preset_find(given != NULL ? given : of_model, preset, err);
}

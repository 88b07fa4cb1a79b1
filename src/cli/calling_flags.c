/* SPDX-License-Identifier: MIT
 *
 * calling_flags.c - defaults of the shared options, their checks, and their way into the library's settings.
 */
#include "cli/calling_flags.h"

#include <stdlib.h>
#include <string.h>

#include "io/index_file.h"

/* By enum gn_alt_aligned_mode. */
static const char *const ALT_ALIGNED_MODES[] = {"none", "base_channels", "diff_channels", "rows"};

enum { N_ALT_ALIGNED_MODES = sizeof ALT_ALIGNED_MODES / sizeof *ALT_ALIGNED_MODES };

struct calling_flags calling_flags_of(const struct gn_preset *preset)
{
    struct gn_partition_settings s = preset->settings;
    return (struct calling_flags){
        .variant_caller = "very_sensitive_caller",
        .multi_allelic_mode = "include_het_alt_images",
        .shuffle = "libstdc++",
        .alt_aligned_pileup = ALT_ALIGNED_MODES[s.pileup.alt_aligned],
        .types_to_alt_align = s.pileup.alt_align_all ? "all" : "indels",
        .partition_size = preset->partition_size,
        .max_reads_per_partition = s.read.max_reads_per_partition,
        .max_reads_for_dynamic_bases_per_region = s.read.max_reads_for_dynamic_bases_per_region,
        .track_ref_reads = s.track_ref_reads,
        .phase_reads = s.phase_reads,
        .phase_max_candidates = s.phase_max_candidates,
        .sort_by_haplotypes = s.pileup.sort_by_haplotypes,
        .min_mapping_quality = s.read.min_mapping_quality,
        .min_base_quality = s.min_base_quality,
        .max_read_length_to_realign = s.max_read_length_to_realign,
        .vsc_min_count_snps = s.candidate.vsc_min_count_snps,
        .vsc_min_count_indels = s.candidate.vsc_min_count_indels,
        .vsc_min_fraction_snps = s.candidate.vsc_min_fraction_snps,
        .vsc_min_fraction_indels = s.candidate.vsc_min_fraction_indels,
        .vsc_min_fraction_multiplier = s.candidate.vsc_min_fraction_multiplier,
        .vaf_context_window_size = s.candidate.vaf_context_window_size,
        .small_model_snp_gq_threshold = preset->snp_gq_threshold,
        .small_model_indel_gq_threshold = preset->indel_gq_threshold,
        .small_model_call_multiallelics = s.small_model.call_multiallelics,
        .methylation_calling_threshold = s.candidate.methylation.methylation_calling_threshold,
        .exclude_contigs_for_methylation_phasing =
            s.candidate.methylation.exclude_contigs_for_methylation_phasing,
        .gvcf_gq_binsize = s.reference_confidence.gvcf_gq_binsize,
        .p_error = s.reference_confidence.p_error,
        .use_ref_for_cram = true,
        .image_width = s.pileup.width,
        .realign_reads = s.realign_reads,
        .ws_min_mapq = s.realign.ws_min_mapq,
        .ws_min_base_quality = s.realign.ws_min_base_quality,
        .ws_min_windows_distance = s.realign.ws_min_windows_distance,
        .ws_max_window_size = s.realign.ws_max_window_size,
        .ws_region_expansion_in_bp = s.realign.ws_region_expansion_in_bp,
        .ws_min_num_supporting_reads = s.realign.ws_min_num_supporting_reads,
        .ws_max_num_supporting_reads = s.realign.ws_max_num_supporting_reads,
        .dbg_min_k = s.realign.dbg_min_k,
        .dbg_max_k = s.realign.dbg_max_k,
        .dbg_step_k = s.realign.dbg_step_k,
        .dbg_min_mapq = s.realign.dbg_min_mapq,
        .dbg_min_base_quality = s.realign.dbg_min_base_quality,
        .dbg_min_edge_weight = s.realign.dbg_min_edge_weight,
        .dbg_max_num_paths = s.realign.dbg_max_num_paths,
        .aln_match = s.realign.aln_match,
        .aln_mismatch = s.realign.aln_mismatch,
        .aln_gap_open = s.realign.aln_gap_open,
        .aln_gap_extend = s.realign.aln_gap_extend,
        .kmer_size = s.realign.kmer_size,
        .max_num_of_mismatches = s.realign.max_num_of_mismatches,
        .realignment_similarity_threshold = s.realign.realignment_similarity_threshold,
    };
}

static int refuse_unsupported(const struct calling_flags *f, gn_error_t *err)
{
    const struct {
        bool is_given;
        const char *name;
    } options[] = {
        {f->create_complex_alleles, "--create-complex-alleles"},
    };
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (options[i].is_given)
            return gn_fail(err, GN_E_USAGE,
                           "%s is not available in this version, which calls short reads",
                           options[i].name);
    if (f->vaf_context_window_size > 0 && f->vaf_context_window_size % 2 == 0)
        return gn_fail(err, GN_E_USAGE,
                       "--small-model-vaf-context-window-size must be odd, or 0 for none");
    if (strcmp(f->variant_caller, "vcf_candidate_importer") == 0 && f->proposed_variants == NULL)
        return gn_fail(err, GN_E_USAGE,
                       "--variant-caller vcf_candidate_importer needs --proposed-variants");
    return GN_OK;
}

static int parse_kinds(const char *text, unsigned *kinds, gn_error_t *err)
{
    static const struct {
        const char *name;
        unsigned kind;
    } known[] = {{"snps", GN_KIND_SNPS},
                 {"indels", GN_KIND_INDELS},
                 {"insertions", GN_KIND_INSERTIONS},
                 {"deletions", GN_KIND_DELETIONS},
                 {"multi-allelics", GN_KIND_MULTI_ALLELICS},
                 {"all", 0}};
    enum { N_KNOWN = sizeof known / sizeof *known };
    struct gn_texts words = {NULL, 0};
    int ret = gn_texts_split(&words, text, ", ", err);
    bool all = false;
    for (int i = 0; i < words.n && ret == GN_OK; i++) {
        size_t k = 0;
        while (k < N_KNOWN && strcmp(known[k].name, words.v[i]) != 0)
            k++;
        if (k == N_KNOWN)
            ret = gn_fail(
                err, GN_E_USAGE,
                "--select-variant-types: '%s' is none of snps, indels, insertions, deletions, "
                "multi-allelics, all",
                words.v[i]);
        else
            *kinds |= known[k].kind;
        all = all || (k < N_KNOWN && known[k].kind == 0);
    }
    if (all)
        *kinds = 0;
    gn_texts_clear(&words);
    return ret;
}

static void apply_realign(const struct calling_flags *f, struct gn_realign_options *r)
{
    *r = (struct gn_realign_options){
        .ws_min_mapq = (int)f->ws_min_mapq,
        .ws_min_base_quality = (int)f->ws_min_base_quality,
        .ws_min_windows_distance = (int)f->ws_min_windows_distance,
        .ws_max_window_size = (int)f->ws_max_window_size,
        .ws_region_expansion_in_bp = (int)f->ws_region_expansion_in_bp,
        .ws_min_num_supporting_reads = (int)f->ws_min_num_supporting_reads,
        .ws_max_num_supporting_reads = (int)f->ws_max_num_supporting_reads,
        .ws_use_window_selector_model = f->ws_use_window_selector_model,
        .enable_strict_insertion_filter = f->enable_strict_insertion_filter,
        .realign_all = f->realign_all,
        .dbg_min_k = (int)f->dbg_min_k,
        .dbg_max_k = (int)f->dbg_max_k,
        .dbg_step_k = (int)f->dbg_step_k,
        .dbg_min_mapq = (int)f->dbg_min_mapq,
        .dbg_min_base_quality = (int)f->dbg_min_base_quality,
        .dbg_min_edge_weight = (int)f->dbg_min_edge_weight,
        .dbg_max_num_paths = (int)f->dbg_max_num_paths,
        .aln_match = (int)f->aln_match,
        .aln_mismatch = (int)f->aln_mismatch,
        .aln_gap_open = (int)f->aln_gap_open,
        .aln_gap_extend = (int)f->aln_gap_extend,
        .kmer_size = (int)f->kmer_size,
        .max_num_of_mismatches = (int)f->max_num_of_mismatches,
        .realignment_similarity_threshold = f->realignment_similarity_threshold,
        .normalize_reads = f->normalize_reads,
        .keep_legacy_allele_counter_behavior = f->keep_legacy_allele_counter_behavior,
    };
}

static void apply_reads(const struct calling_flags *f, struct gn_read_options *r)
{
    r->min_mapping_quality = (int)f->min_mapping_quality;
    r->keep_duplicates = f->keep_duplicates;
    r->keep_secondary_alignments = f->keep_secondary_alignments;
    r->keep_supplementary_alignments = f->keep_supplementary_alignments;
    r->use_original_quality_scores = f->use_original_quality_scores;
    r->split_skip_reads = f->split_skip_reads;
    r->max_reads_per_partition = (int)f->max_reads_per_partition;
    r->max_reads_for_dynamic_bases_per_region = f->max_reads_for_dynamic_bases_per_region;
}

static void apply_candidates(const struct calling_flags *f, struct gn_partition_settings *s)
{
    s->candidate.vsc_min_count_snps = (int)f->vsc_min_count_snps;
    s->candidate.vsc_min_count_indels = (int)f->vsc_min_count_indels;
    s->candidate.vsc_min_fraction_snps = f->vsc_min_fraction_snps;
    s->candidate.vsc_min_fraction_indels = f->vsc_min_fraction_indels;
    s->candidate.vsc_min_fraction_multiplier = f->vsc_min_fraction_multiplier;
    s->candidate.vaf_context_window_size = (int)f->vaf_context_window_size;
    s->candidate.methylation = (struct gn_methylation_options){
        .enable_methylation_calling = f->enable_methylation_calling,
        .methylation_calling_threshold = f->methylation_calling_threshold,
        .enable_methylation_aware_phasing = f->enable_methylation_aware_phasing,
        .exclude_contigs_for_methylation_phasing = f->exclude_contigs_for_methylation_phasing};
    if (strcmp(f->variant_caller, "vcf_candidate_importer") == 0)
        s->proposed_variants = f->proposed_variants;
    s->reference_confidence.p_error = f->p_error;
    s->reference_confidence.gvcf_gq_binsize = (int)f->gvcf_gq_binsize;
    s->reference_confidence.include_med_dp = f->include_med_dp;
}

static void apply_pileup(const struct calling_flags *f, struct gn_pileup_options *p)
{
    p->min_mapping_quality = (int)f->min_mapping_quality;
    p->min_base_quality = (int)f->min_base_quality;
    p->sort_by_haplotypes = f->sort_by_haplotypes;
    p->width = f->image_width;
    p->assembly_polishing_tag = (int)f->hp_tag_for_assembly_polishing;
    for (int i = 0; i < N_ALT_ALIGNED_MODES; i++)
        if (strcmp(f->alt_aligned_pileup, ALT_ALIGNED_MODES[i]) == 0)
            p->alt_aligned = (enum gn_alt_aligned_mode)i;
    p->alt_align_all = strcmp(f->types_to_alt_align, "all") == 0;
    p->add_supporting_other_alt_color = f->add_supporting_other_alt_color;
    p->exclude_het_alt_images = strcmp(f->multi_allelic_mode, "exclude_het_alt_images") == 0;
    p->shuffle = strcmp(f->shuffle, "libc++") == 0 ? GN_SHUFFLE_LIBCXX : GN_SHUFFLE_LIBSTDCXX;
}

static int apply_lists(const struct calling_flags *f, struct gn_partition_settings *s,
                       struct calling_lists *lists, gn_error_t *err)
{
    int ret = gn_texts_split(&s->reads, f->reads, ",", err);
    if (ret == GN_OK && s->reads.n == 0)
        ret = gn_fail(err, GN_E_USAGE, "--reads names no file");
    if (ret == GN_OK)
        ret = gn_texts_split(&s->population_vcfs, f->population_vcfs, ", ", err);
    /* PARITY(dv-1.9): split at commas only. */
    if (ret == GN_OK)
        ret = gn_texts_split(&lists->haploid_contigs, f->haploid_contigs, ",", err);
    if (ret == GN_OK)
        ret = parse_kinds(f->select_variant_types, &s->variant_kinds, err);
    if (ret < 0 || f->par_regions_bed == NULL)
        return ret;
    gn_fasta_t *fasta = gn_fasta_open(f->ref, err);
    if (fasta == NULL)
        return err->code;
    ret = gn_ranges_read_bed(&lists->par_regions, f->par_regions_bed, gn_fasta_contigs(fasta), err);
    gn_ranges_normalise(&lists->par_regions);
    gn_fasta_close(fasta);
    return ret;
}

/* A value of the object as it would be typed; NULL when it is no plain value. *held keeps it. */
static const char *text_of(const json_t *value, json_t *held, const char *name)
{
    char *number = json_is_number(value) ? json_dumps(value, JSON_ENCODE_ANY) : NULL;
    const char *text = json_is_boolean(value)  ? (json_is_true(value) ? "true" : "false")
                       : json_is_string(value) ? json_string_value(value)
                                               : number;
    json_object_set_new(held, name, text != NULL ? json_string(text) : NULL);
    free(number);
    return json_string_value(json_object_get(held, name));
}

/* The shape of the images is the model's anyhow. */
static bool is_of_the_shape(const char *name)
{
    return strcmp(name, "pileup_image_width") == 0 || strcmp(name, "pileup_image_height") == 0 ||
           strcmp(name, "channel_list") == 0;
}

int calling_take_model_flags(const struct gn_command *command, const gn_model_t *model,
                             void *values, json_t **held, gn_error_t *err)
{
    json_t *calling = json_loads(gn_model_calling_json(model), 0, NULL), *value;
    const char *name;
    *held = json_object();
    int ret =
        calling == NULL || *held == NULL ? gn_fail_memory(err, "the flags of a model") : GN_OK;
    json_object_foreach(calling, name, value)
    {
        const char *text = text_of(value, *held, name);
        if (ret < 0 || is_of_the_shape(name))
            continue;
        ret = text == NULL ? gn_fail(err, GN_E_DATA, "its value is no text, number, true or false")
                           : gn_options_set(command, name, text, values, err);
        if (ret < 0)
            gn_error_prefix(err, "model %s wants the option %s", gn_model_name(model), name);
    }
    json_decref(calling);
    return ret;
}

int calling_flags_apply(const struct calling_flags *flags, struct gn_partition_settings *settings,
                        struct gn_partition_options *regions, struct calling_lists *lists,
                        gn_error_t *err)
{
    *settings = gn_partition_settings_default();
    *lists = (struct calling_lists){.par_regions = {NULL, 0, 0}};
    int ret = refuse_unsupported(flags, err);
    if (ret < 0)
        return ret;
    settings->reference = flags->ref;
    settings->realign_reads = flags->realign_reads;
    settings->max_read_length_to_realign = (int)flags->max_read_length_to_realign;
    settings->normalize_reads = flags->normalize_reads;
    settings->track_ref_reads = flags->track_ref_reads;
    settings->min_base_quality = (int)flags->min_base_quality;
    settings->phase_reads = flags->phase_reads && !flags->use_hp_information;
    settings->phase_max_candidates = (int)flags->phase_max_candidates;
    settings->reverse_haplotypes = flags->reverse_haplotypes;
    if (flags->output_phase_info && settings->phase_reads)
        settings->phase_output = GN_PHASE_OUTPUT_PARTITIONS;
    settings->legacy_allele_counter = flags->keep_legacy_allele_counter_behavior;
    apply_reads(flags, &settings->read);
    apply_realign(flags, &settings->realign);
    apply_candidates(flags, settings);
    apply_pileup(flags, &settings->pileup);
    *regions =
        (struct gn_partition_options){.regions = flags->regions,
                                      .exclude_regions = flags->exclude_regions,
                                      .discard_non_dna_regions = flags->discard_non_dna_regions,
                                      .partition_size = flags->partition_size};
    ret = apply_lists(flags, settings, lists, err);
    settings->haploid_contigs = &lists->haploid_contigs;
    settings->reference_confidence.par_regions = &lists->par_regions;
    return ret;
}

int calling_use_small_model(const struct calling_flags *flags, const char *folder,
                            struct gn_partition_settings *settings, struct calling_lists *lists,
                            gn_error_t *err)
{
    lists->small_model = gn_mlp_load(folder, err);
    if (lists->small_model == NULL)
        return err->code;
    settings->small_model = (struct gn_small_model_settings){
        .model = lists->small_model,
        .snp_gq_threshold = (int)flags->small_model_snp_gq_threshold,
        .indel_gq_threshold = (int)flags->small_model_indel_gq_threshold,
        .call_multiallelics = flags->small_model_call_multiallelics};
    return GN_OK;
}

int calling_protect_inputs(const struct gn_partition_settings *settings, const char *const *outputs,
                           int n_outputs, gn_error_t *err)
{
    for (int i = 0; i < n_outputs; i++) {
        bool is_input = outputs[i] != NULL && gn_is_same_file(outputs[i], settings->reference);
        for (int k = 0; outputs[i] != NULL && k < settings->reads.n; k++)
            is_input = is_input || gn_is_same_file(outputs[i], settings->reads.v[k]);
        if (is_input)
            return gn_fail(err, GN_E_USAGE, "output %s is one of the inputs: give another name",
                           outputs[i]);
    }
    return GN_OK;
}

void calling_settings_clear(struct gn_partition_settings *settings, struct calling_lists *lists)
{
    gn_texts_clear(&settings->reads);
    gn_texts_clear(&settings->population_vcfs);
    gn_texts_clear(&lists->haploid_contigs);
    gn_ranges_clear(&lists->par_regions);
    gn_mlp_free(lists->small_model);
    lists->small_model = NULL;
}

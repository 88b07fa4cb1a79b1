/* SPDX-License-Identifier: MIT
 *
 * calling_flags.h - the options that `gannet call` and `gannet make-examples` share, with DeepVariant's names.
 *
 * Their rows are in calling_rows.def, which both commands include in their tables; a command's struct has a struct
 * calling_flags as its first member.
 */
#ifndef GN_CLI_CALLING_FLAGS_H
#define GN_CLI_CALLING_FLAGS_H

#include <jansson.h>

#include "call/make_examples.h"
#include "call/presets.h"
#include "cli/options.h"
#include "cnn/model.h"

/// Values of the shared options as the parser leaves them.
struct calling_flags {
    const char *ref, *reads, *regions, *exclude_regions, *sample_name, *preset;
    const char *haploid_contigs, *par_regions_bed, *select_variant_types;
    const char *variant_caller, *proposed_variants, *population_vcfs;
    const char *multi_allelic_mode, *shuffle, *alt_aligned_pileup, *types_to_alt_align;
    int64_t partition_size, max_reads_per_partition, max_reads_for_dynamic_bases_per_region;
    int64_t min_mapping_quality, min_base_quality, max_read_length_to_realign;
    int64_t vsc_min_count_snps, vsc_min_count_indels, vaf_context_window_size;
    int64_t gvcf_gq_binsize;
    double vsc_min_fraction_snps, vsc_min_fraction_indels, vsc_min_fraction_multiplier, p_error;
    bool keep_duplicates, keep_secondary_alignments, keep_supplementary_alignments;
    bool use_original_quality_scores, discard_non_dna_regions, use_ref_for_cram;
    bool realign_reads, normalize_reads, keep_legacy_allele_counter_behavior, track_ref_reads;
    bool add_supporting_other_alt_color, sort_by_haplotypes, include_med_dp;
    bool phase_reads, use_hp_information, reverse_haplotypes, output_phase_info;
    int64_t phase_max_candidates, hp_tag_for_assembly_polishing;
    bool create_complex_alleles, split_skip_reads;
    bool enable_methylation_calling, enable_methylation_aware_phasing;
    double methylation_calling_threshold;
    const char *exclude_contigs_for_methylation_phasing;
    bool small_model_call_multiallelics;
    int64_t small_model_snp_gq_threshold, small_model_indel_gq_threshold;
    int64_t small_model_inference_batch_size;
    bool trim_reads_for_pileup, parse_sam_aux_fields, enable_joint_realignment;
    bool enable_strict_insertion_filter, ws_use_window_selector_model, realign_all;
    int64_t ws_min_mapq, ws_min_base_quality, ws_min_windows_distance, ws_max_window_size;
    int64_t ws_region_expansion_in_bp, ws_min_num_supporting_reads, ws_max_num_supporting_reads;
    int64_t dbg_min_k, dbg_max_k, dbg_step_k, dbg_min_mapq, dbg_min_base_quality;
    int64_t dbg_min_edge_weight, dbg_max_num_paths;
    int64_t aln_match, aln_mismatch, aln_gap_open, aln_gap_extend;
    int64_t kmer_size, max_num_of_mismatches;
    double realignment_similarity_threshold;
    int64_t hts_block_size, logging_every_n_candidates;
    int image_width; /* the preset's; no option of its own */
};

/// The values that a preset stands for.
struct calling_flags calling_flags_of(const struct gn_preset *preset);

#define DEFAULT_PRESET "wgs"

/// Sets the options that a model carries (the "calling" object of its model.json), by the names of a command's table.
/** @param values  the command's struct
    @param held    receives the texts that values then point to; json_decref() it when the run is over */
int calling_take_model_flags(const struct gn_command *command, const gn_model_t *model,
                             void *values, json_t **held, gn_error_t *err);

/// What the library's settings point to; clear it when the run is over.
struct calling_lists {
    struct gn_texts haploid_contigs;
    struct gn_ranges par_regions;
    gn_mlp_t *small_model; /* NULL none */
};

/// Checks the values and turns them into the library's settings. GN_E_USAGE names the option.
int calling_flags_apply(const struct calling_flags *flags, struct gn_partition_settings *settings,
                        struct gn_partition_options *regions, struct calling_lists *lists,
                        gn_error_t *err);

/// Loads a small model into settings that calling_flags_apply() has made, with the flags' thresholds.
int calling_use_small_model(const struct calling_flags *flags, const char *folder,
                            struct gn_partition_settings *settings, struct calling_lists *lists,
                            gn_error_t *err);

/// GN_E_USAGE when one of the outputs (NULLs are passed over) would replace the reference or a reads file.
int calling_protect_inputs(const struct gn_partition_settings *settings, const char *const *outputs,
                           int n_outputs, gn_error_t *err);

void calling_settings_clear(struct gn_partition_settings *settings, struct calling_lists *lists);

#endif

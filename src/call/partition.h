/* SPDX-License-Identifier: MIT
 *
 * partition.h - everything that happens to one partition between its reads and its images (spec 00 section 1).
 *
 *     fetch, filter, sample -> realign -> count alleles -> candidates, gVCF records -> phase -> small model -> images
 *
 * One worker per thread; a worker's results are valid until its next partition.
 */
#ifndef GN_CALL_PARTITION_H
#define GN_CALL_PARTITION_H

#include "call/small_model.h"
#include "candidates/good_alleles.h"
#include "candidates/reference_confidence.h"
#include "candidates/variant_kinds.h"
#include "io/regions.h"
#include "phase/direct_phasing.h"
#include "phase/phase_blocks.h"
#include "pileup/pileup.h"
#include "reads/read_source.h"
#include "realign/realign.h"

/// What PS_CONTIG of the records names (ALT_PS says which haplotype carries each allele).
enum gn_phase_output {
    GN_PHASE_OUTPUT_NONE,       /* neither is set */
    GN_PHASE_OUTPUT_PARTITIONS, /* "<task>-<number of the partition>", as DeepVariant 1.9 has it */
    GN_PHASE_OUTPUT_BLOCKS,     /* "0-<number of the block of the partition>", see phase_blocks.h */
};

/// How partitions are worked on. Pointers are borrowed and must outlive the workers.
struct gn_partition_settings {
    const char *reference; /* FASTA */
    struct gn_texts reads; /* BAM and CRAM files */
    struct gn_read_options read;
    bool realign_reads;             /* true */
    int max_read_length_to_realign; /* 500 bp; longer reads stay as they are; 0: no limit */
    struct gn_realign_options realign;
    bool normalize_reads;       /* false */
    bool track_ref_reads;       /* false; true where a small model is used */
    int min_base_quality;       /* 10 */
    bool legacy_allele_counter; /* false */
    struct gn_candidate_options candidate;
    unsigned variant_kinds; /* enum gn_variant_kinds, OR-ed; 0: all */
    bool
        phase_reads; /* false; reads get haplotypes: they are counted on both sides of the partition too */
    int phase_max_candidates;          /* 5000; partitions with more are not phased */
    bool reverse_haplotypes;           /* false; images show haplotypes 1 and 2 exchanged */
    enum gn_phase_output phase_output; /* whether records say which haplotype carries each allele */
    int task;                          /* of this process, part of the phase sets' names */
    const char *proposed_variants;     /* VCF of candidates; NULL: find them in the reads */
    struct gn_texts population_vcfs;   /* for the allele_frequency channel */
    bool make_blocks;                  /* gVCF records wanted */
    struct gn_reference_options reference_confidence;
    const struct gn_texts *haploid_contigs; /* NULL none */
    struct gn_pileup_options pileup;
    struct gn_small_model_settings small_model;
};

/// DeepVariant's defaults (--preset wgs), without a small model.
struct gn_partition_settings gn_partition_settings_default(void);

/// What came of a partition. Belongs to the worker.
struct gn_partition {
    struct gn_range range;
    const struct gn_read *counted_reads; /* what gn_allele.read of the candidates refers to */
    size_t n_counted;
    const struct gn_phasing *phasing; /* haplotypes of the reads; NULL when they were not phased */
    const struct gn_phase_blocks
        *phase_blocks; /* with GN_PHASE_OUTPUT_BLOCKS; NULL when not phased */
    struct gn_small_model_view small_model_view; /* with these haplotypes */
    struct gn_candidate_list candidates;         /* by position */
    struct gn_candidate **to_draw; /* those that images decide, in the order of their images */
    size_t n_to_draw;
    struct gn_call_output **decided; /* answers of the small model, by position of the candidate */
    size_t n_decided;
    struct gn_block_list blocks;
    size_t n_reads; /* after filters and sampling */
};

typedef struct gn_partition_worker gn_partition_worker_t;

/// Sets what follows from the other settings once channels and image size are known: which tags of the reads are parsed, and
/// whether long reads may be cropped.
void gn_partition_settings_complete(struct gn_partition_settings *settings);

/// What the small model is shown with these settings.
struct gn_small_model_view
gn_partition_small_model_view(const struct gn_partition_settings *settings);

/// GN_E_MISMATCH when the small model wants other numbers than the settings give.
int gn_partition_settings_check(const struct gn_partition_settings *settings, gn_error_t *err);

/// Opens files and makes scratch space; settings must outlive the worker. Not thread-safe.
GN_MUST_CHECK
gn_partition_worker_t *gn_partition_worker_create(const struct gn_partition_settings *settings,
                                                  gn_error_t *err);
void gn_partition_worker_destroy(gn_partition_worker_t *worker);

/// Works on one partition; *partition is valid until the next call.
/** @param number  of the partition in this process, from 1: names its phase set (--output-phase-info) */
GN_MUST_CHECK
int gn_partition_process(gn_partition_worker_t *worker, struct gn_range range, size_t number,
                         struct gn_partition **partition, gn_error_t *err);

/// Draws the images of a candidate of the present partition; they are valid until the next candidate is drawn, so that
/// memory does not grow with the number of candidates.
GN_MUST_CHECK
int gn_partition_draw(gn_partition_worker_t *worker, const struct gn_candidate *candidate,
                      struct gn_pileup_images *images, gn_error_t *err);

/// Candidate positions of a partition without realignment (--mode candidate_sweep): *n of them, valid until the next call.
GN_MUST_CHECK
int gn_partition_sweep(gn_partition_worker_t *worker, struct gn_range range,
                       const int64_t **positions, size_t *n, gn_error_t *err);

#endif

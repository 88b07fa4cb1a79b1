/* SPDX-License-Identifier: MIT
 *
 * make_examples.h - the first stage as DeepVariant has it: from reads to files of examples, candidates and gVCF records.
 */
#ifndef GN_CALL_MAKE_EXAMPLES_H
#define GN_CALL_MAKE_EXAMPLES_H

#include "call/call_plan.h"
#include "gannet/call.h"
#include "label/labeling_metrics.h"

enum gn_examples_mode {
    GN_MODE_CALLING,
    GN_MODE_TRAINING, /* examples carry labels */
    GN_MODE_SWEEP,    /* candidate positions only */
};

enum gn_labeler { GN_LABELER_HAPLOTYPE, GN_LABELER_POSITIONAL, GN_LABELER_CUSTOMIZED };

/// What to make. Strings are borrowed.
struct gn_make_examples_options {
    enum gn_examples_mode mode;
    struct gn_partition_settings partition;
    struct gn_partition_options regions;
    const char *sample_name;                                        /* NULL: from the read groups */
    const char *examples, *candidates, *gvcf, *candidate_positions; /* output specs, NULL none */
    const char
        *local_read_phasing; /* haplotypes of the reads of each partition, as text; NULL none */
    int task;                /* which shard of them */
    int n_threads;
    const char *truth_variants,
        *confident_regions; /* training; confident_regions may be NULL with proposed variants */
    enum gn_labeler labeler;
    const char *class_field; /* INFO field of the truth that names a class; customized labeler */
    struct gn_texts class_names; /* the classes, numbered from 0 */
    const double
        *keep_classes;   /* probability of keeping a candidate of each class; NULL: all stay */
    int n_keep_classes;  /* as many as there are classes */
    bool write_run_info; /* <examples>.run_info.pbtxt (call/run_info.h) */
    bool write_small_model_examples; /* training: features and labels for the small model too */
    bool skip_images;                /* with the former: nothing is drawn */
    gn_progress_fn *progress;        /* NULL: none */
    void *progress_context;
};

struct gn_make_examples_counts {
    int64_t partitions, reads, candidates, examples;
    int64_t small_model; /* answers of the small model, which need no example */
    int64_t features;    /* examples for the small model */
    int64_t
        labels[3]; /* examples of each class, in training; of customized classes the first three */
    int64_t snv_examples, indel_examples;
    struct gn_labeling_metrics labeling; /* of the haplotype labeler */
};

/// Runs the stage. Outputs appear under their names when all of them are complete.
/** @param warning  receives a malloc'ed line or NULL */
GN_MUST_CHECK
int gn_make_examples(const struct gn_make_examples_options *options,
                     struct gn_make_examples_counts *counts, char **warning, gn_error_t *err);

#endif

/* SPDX-License-Identifier: MIT
 *
 * labeled.h - truth for training examples: loaded once, shared by all workers (spec 150.1).
 */
#ifndef GN_CALL_LABELED_H
#define GN_CALL_LABELED_H

#include "call/example.h"
#include "call/make_examples.h"
#include "label/label.h"

/// Truth and confident regions over the calling regions.
struct gn_training_truth {
    struct gn_truth truth;
    struct gn_ranges confident;
    bool has_confident;
    char *reads_name; /* base name of the reads file: INFO BAM_FNAME of the examples */
    const struct gn_make_examples_options *options; /* borrowed */
};

int gn_training_truth_load(struct gn_training_truth *truth,
                           const struct gn_make_examples_options *options,
                           const struct gn_plan *plan, gn_error_t *err);
void gn_training_truth_clear(struct gn_training_truth *truth);

/// Labels the candidates of a partition: a malloc'ed array in their order, or NULL with err filled.
/** @param fasta    the worker's reference (haplotype labeler)
    @param metrics  added to (haplotype labeler) */
struct gn_label *gn_label_candidates(const struct gn_training_truth *truth, gn_fasta_t *fasta,
                                     const struct gn_partition *partition,
                                     struct gn_labeling_metrics *metrics, gn_error_t *err);

/// True when down-sampling of classes leaves a candidate in. The draw depends on its place and class alone, so that the
/// files do not depend on threads or shards. (DeepVariant draws from Python's unseeded generator.)
bool gn_label_is_kept(const struct gn_training_truth *truth, int contig,
                      const struct gn_variant *candidate, const struct gn_label *label);

/// Appends the examples of a confident candidate, whose record takes the label's genotype.
/** @param counts  examples of each class, added to */
int gn_labelled_examples_pack(const struct gn_training_truth *truth, struct gn_variant *variant,
                              const struct gn_label *label, const struct gn_pileup_images *images,
                              const struct gn_pileup_options *pileup, struct gn_record_list *out,
                              int64_t counts[3], gn_error_t *err);

/// Appends the examples of a confident candidate for training the small model: one for each set of alts.
int gn_labelled_features_pack(const struct gn_candidate *candidate, const struct gn_label *label,
                              const struct gn_small_model_view *view, struct gn_record_list *out,
                              gn_error_t *err);

#endif

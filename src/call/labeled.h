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
};

int gn_training_truth_load(struct gn_training_truth *truth,
                           const struct gn_make_examples_options *options,
                           const struct gn_plan *plan, gn_error_t *err);
void gn_training_truth_clear(struct gn_training_truth *truth);

/// Labels the candidates of a partition and appends the examples of the confident ones.
/** @param fasta   the worker's reference
    @param labels  counts of the classes, added to */
int gn_label_examples(const struct gn_training_truth *truth, enum gn_labeler labeler,
                      gn_fasta_t *fasta, struct gn_partition *partition,
                      const struct gn_pileup_options *pileup, struct gn_record_list *out,
                      int64_t labels[3], gn_error_t *err);

#endif

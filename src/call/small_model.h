/* SPDX-License-Identifier: MIT
 *
 * small_model.h - the small model between candidates and images: what it is sure of needs no image
 * (spec 60).
 *
 * Reads a partition's candidates, and says of each set of alts whether the model's answer stands or
 * an image must decide. Knows nothing of files.
 */
#ifndef GN_CALL_SMALL_MODEL_H
#define GN_CALL_SMALL_MODEL_H

#include "candidates/small_model_features.h"
#include "cnn/mlp.h"
#include "pileup/pileup.h"

/// How the small model is used. Thresholds are phred: an answer stands when its GQ reaches it; -1
/// leaves that kind of variant to the images.
struct gn_small_model_settings {
    const gn_mlp_t *model;                    /* borrowed; NULL: there is none */
    int snp_gq_threshold, indel_gq_threshold; /* 0, 0 */
    bool call_multiallelics;                  /* true: also sites with several alts */
};

/// No model, DeepVariant's flags.
struct gn_small_model_settings gn_small_model_settings_default(void);

/// The small model that lies in a model's folder: *folder becomes "DIR/small_model" (malloc'ed) when that
/// holds a model.json, else NULL. GN_E_MEMORY.
int gn_small_model_folder(const char *model_dir, char **folder, gn_error_t *err);

/// Checks that the model wants the numbers that a view gives, and gives three probabilities.
/// GN_E_MISMATCH prints both.
int gn_small_model_check(const gn_mlp_t *model, const struct gn_small_model_view *view,
                         gn_error_t *err);

/// What is to be asked, and of what contig.
struct gn_small_model_task {
    const struct gn_small_model_settings *settings;
    const struct gn_small_model_view *view;
    struct gn_candidate_list *candidates;
    const struct gn_pileup_options *pileup; /* whether an undecided rest would fit into images */
    int64_t contig_length;
};

/// What came of it.
struct gn_small_model_result {
    struct gn_call_output **outputs; /* answers that stand, owned by the caller; by candidate */
    size_t n_outputs, outputs_cap;
    struct gn_candidate **undecided; /* in the arena: candidates for images, in the order that they
                                        are drawn in: first those that the model was not asked */
    size_t n_undecided;
};

/// Asks the model about all candidates it is meant for.
/** Candidates with an answer that stands get MID; those with another that does not, a list of
    declined sets.
    @param result  filled also on failure; free the outputs with gn_small_model_outputs_clear() */
int gn_small_model_decide(const struct gn_small_model_task *task,
                          struct gn_small_model_result *result, gn_arena_t *arena, gn_error_t *err);

void gn_small_model_outputs_clear(struct gn_small_model_result *result);

#endif

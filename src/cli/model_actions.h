/* SPDX-License-Identifier: MIT
 *
 * model_actions.h - the actions of `gannet model`; each gets the options and the words after its
 * name.
 */
#ifndef GN_CLI_MODEL_ACTIONS_H
#define GN_CLI_MODEL_ACTIONS_H

#include <stdint.h>

#include "cli/options.h"

struct gn_model_args {
    const char *output, *preset, *name, *shape, *channels, *architecture;
    const char *model, *examples;
    int64_t seed, limit;
};

/// An action: returns a gn_status. `word` is the source, the folder or NULL.
typedef int gn_model_action(const struct gn_model_args *args, const char *word, gn_error_t *err);

gn_model_action gn_model_import_action, gn_model_new_action, gn_model_list_action,
    gn_model_info_action, gn_model_verify_action, gn_model_calibrate_action;

/// Whether a folder's model.json says that it is of a perceptron; a folder without one counts as a
/// network, whose loader tells what is wrong. GN_E_MEMORY.
int gn_model_kind_of(const char *dir, bool *is_mlp, gn_error_t *err);

#endif

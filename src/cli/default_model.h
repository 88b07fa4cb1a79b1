/* SPDX-License-Identifier: MIT
 *
 * default_model.h - where the models that ship with gannet lie.
 */
#ifndef GN_CLI_DEFAULT_MODEL_H
#define GN_CLI_DEFAULT_MODEL_H

#include <stdbool.h>

#include "cnn/mlp.h"

/// Folder of the model of a preset: $GANNET_MODELS, or beside the program (models/ in a checkout, share/gannet/models when
/// installed). *folder is malloc'ed. GN_E_NO_INPUT when there is none.
int gn_default_model(const char *preset, char **folder, gn_error_t *err);

/// The folder that holds those models: $GANNET_MODELS, or beside the program. *folder is malloc'ed. GN_E_NO_INPUT when there
/// is none.
int gn_default_models_folder(char **folder, gn_error_t *err);

/// Loads the multi-allelic model that the options ask for.
/** @param is_used  --use-multiallelic-model: without a folder, the one in $GANNET_MODELS/multiallelic or beside the program
    @param folder   --multiallelic-model, which implies that it is used; may be NULL
    @param model    NULL when none is asked for */
int gn_load_multiallelic_model(bool is_used, const char *folder, gn_mlp_t **model, gn_error_t *err);

#endif

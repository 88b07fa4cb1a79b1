/* SPDX-License-Identifier: MIT
 *
 * default_model.h - where the models that ship with gannet lie.
 */
#ifndef GN_CLI_DEFAULT_MODEL_H
#define GN_CLI_DEFAULT_MODEL_H

#include "gannet/error.h"

/// Folder of the model of a preset: $GANNET_MODELS, or beside the program (models/ in a checkout, share/gannet/models when
/// installed). *folder is malloc'ed. GN_E_NO_INPUT when there is none.
int gn_default_model(const char *preset, char **folder, gn_error_t *err);

/// The folder that holds those models: $GANNET_MODELS, or beside the program. *folder is malloc'ed. GN_E_NO_INPUT when there
/// is none.
int gn_default_models_folder(char **folder, gn_error_t *err);

#endif

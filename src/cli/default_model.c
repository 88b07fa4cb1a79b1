/* SPDX-License-Identifier: MIT
 *
 * default_model.c - looks for the preset's model folder.
 */
#include "cli/default_model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"
#include "cli/shipped.h"

static bool take_if_there(const char *parent, const char *name, char **folder)
{
    char path[2 * GN_SHIPPED_PATH], json[2 * GN_SHIPPED_PATH + 32];
    int n = snprintf(path, sizeof path, "%s/%s", parent, name);
    if (n < 0 || (size_t)n >= sizeof path)
        return false;
    snprintf(json, sizeof json, "%s/model.json", path);
    if (access(json, R_OK) != 0)
        return false;
    *folder = gn_strdup(path);
    return *folder != NULL;
}

int gn_default_models_folder(char **folder, gn_error_t *err)
{
    char place[GN_SHIPPED_PATH];
    for (int i = 0; i < GN_SHIPPED_PLACES; i++)
        if (gn_shipped_place("models", "GANNET_MODELS", i, place) &&
            access(place, R_OK | X_OK) == 0) {
            *folder = gn_strdup(place);
            return *folder == NULL ? gn_fail_memory(err, "a file name") : GN_OK;
        }
    return gn_fail(err, GN_E_NO_INPUT,
                   "no models lie beside the program or in $GANNET_MODELS: name a folder");
}

static bool find_model(const char *name, char **folder)
{
    char place[GN_SHIPPED_PATH];
    for (int i = 0; i < GN_SHIPPED_PLACES; i++)
        if (gn_shipped_place("models", "GANNET_MODELS", i, place) &&
            take_if_there(place, name, folder))
            return true;
    return false;
}

int gn_default_model(const char *preset, char **folder, gn_error_t *err)
{
    if (find_model(preset, folder))
        return GN_OK;
    if (strcmp(preset, "wes") == 0 && find_model("wgs", folder)) /* sees the same images */
        return GN_OK;
    return gn_fail(
        err, GN_E_NO_INPUT,
        "no model for --preset %s lies beside the program or in $GANNET_MODELS: give --model DIR",
        preset);
}

int gn_load_multiallelic_model(bool is_used, const char *folder, gn_mlp_t **model, gn_error_t *err)
{
    char *found = NULL;
    *model = NULL;
    if (!is_used && folder == NULL)
        return GN_OK;
    if (folder == NULL && !find_model("multiallelic", &found))
        return gn_fail(err, GN_E_NO_INPUT,
                       "no folder 'multiallelic' lies beside the program or in $GANNET_MODELS: "
                       "give --multiallelic-model DIR");
    *model = gn_mlp_load(folder != NULL ? folder : found, err);
    free(found);
    return *model == NULL ? err->code : GN_OK;
}

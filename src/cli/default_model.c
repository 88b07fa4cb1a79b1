/* SPDX-License-Identifier: MIT
 *
 * default_model.c - looks for the preset's model folder.
 */
#include "cli/default_model.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"

enum { N_PLACES = 4 };

static bool take_if_there(const char *parent, const char *name, char **folder)
{
    char path[PATH_MAX + 64], json[PATH_MAX + 96];
    int n = snprintf(path, sizeof path, "%s/%s", parent, name);
    if (n < 0 || (size_t)n >= sizeof path)
        return false;
    snprintf(json, sizeof json, "%s/model.json", path);
    if (access(json, R_OK) != 0)
        return false;
    *folder = gn_strdup(path);
    return *folder != NULL;
}

/* The places where models may lie, "" for none: $GANNET_MODELS, and beside the program. */
static void find_places(char places[N_PLACES][PATH_MAX + 32])
{
    static const char *const beside[] = {"/../models", "/../../models", "/../share/gannet/models"};
    char program[PATH_MAX + 1];
    const char *chosen = getenv("GANNET_MODELS");
    for (int i = 0; i < N_PLACES; i++)
        places[i][0] = '\0';
    if (chosen != NULL && strlen(chosen) < PATH_MAX)
        snprintf(places[0], PATH_MAX, "%s", chosen);
    ssize_t n = readlink("/proc/self/exe", program, PATH_MAX);
    if (n <= 0)
        return;
    program[n] = '\0';
    char *slash = strrchr(program, '/');
    if (slash != NULL)
        *slash = '\0';
    for (int i = 1; i < N_PLACES; i++)
        snprintf(places[i], sizeof places[i], "%s%s", program, beside[i - 1]);
}

int gn_default_models_folder(char **folder, gn_error_t *err)
{
    char places[N_PLACES][PATH_MAX + 32];
    find_places(places);
    for (int i = 0; i < N_PLACES; i++)
        if (places[i][0] != '\0' && access(places[i], R_OK | X_OK) == 0) {
            *folder = gn_strdup(places[i]);
            return *folder == NULL ? gn_fail_memory(err, "a file name") : GN_OK;
        }
    return gn_fail(err, GN_E_NO_INPUT,
                   "no models lie beside the program or in $GANNET_MODELS: name a folder");
}

static bool find_model(const char *name, char **folder)
{
    char places[N_PLACES][PATH_MAX + 32];
    find_places(places);
    for (int i = 0; i < N_PLACES; i++)
        if (places[i][0] != '\0' && take_if_there(places[i], name, folder))
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

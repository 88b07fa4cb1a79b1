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

/* The whole-genome model serves exomes too until they have one of their own. */
static const char *model_name(const char *preset)
{
    return strcmp(preset, "wes") == 0 ? "wgs" : preset;
}

static int take_if_there(const char *parent, const char *between, const char *preset, char **folder)
{
    char path[PATH_MAX + 64], json[PATH_MAX + 96];
    int n = snprintf(path, sizeof path, "%s%s/%s", parent, between, model_name(preset));
    if (n < 0 || (size_t)n >= sizeof path)
        return 0;
    snprintf(json, sizeof json, "%s/model.json", path);
    if (access(json, R_OK) != 0)
        return 0;
    *folder = gn_strdup(path);
    return *folder != NULL;
}

int gn_default_model(const char *preset, char **folder, gn_error_t *err)
{
    const char *chosen = getenv("GANNET_MODELS");
    if (chosen != NULL && take_if_there(chosen, "", preset, folder))
        return GN_OK;
    char program[PATH_MAX + 1];
    ssize_t n = readlink("/proc/self/exe", program, PATH_MAX);
    if (n > 0) {
        program[n] = '\0';
        char *slash = strrchr(program, '/');
        if (slash != NULL)
            *slash = '\0';
        static const char *const places[] = {"/../models", "/../../models",
                                             "/../share/gannet/models"};
        for (size_t i = 0; i < sizeof places / sizeof *places; i++)
            if (take_if_there(program, places[i], preset, folder))
                return GN_OK;
    }
    return gn_fail(
        err, GN_E_NO_INPUT,
        "no model for --preset %s lies beside the program or in $GANNET_MODELS: give --model DIR",
        preset);
}

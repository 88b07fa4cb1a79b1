/* SPDX-License-Identifier: MIT
 *
 * default_profile.c - see default_profile.h.
 */
#include "cli/default_profile.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "cli/shipped.h"

static int take(const char *path, char **taken, gn_error_t *err)
{
    *taken = gn_strdup(path);
    return *taken == NULL ? gn_fail_memory(err, "a file name") : GN_OK;
}

static bool is_file_name(const char *name)
{
    size_t n = strlen(name);
    return strchr(name, '/') != NULL || (n > 5 && strcmp(name + n - 5, ".json") == 0);
}

int gn_find_profile(const char *name, char **path, gn_error_t *err)
{
    char folder[GN_SHIPPED_PATH], candidate[2 * GN_SHIPPED_PATH];
    if (is_file_name(name))
        return take(name, path, err);
    for (int i = 0; i < GN_SHIPPED_PLACES; i++) {
        if (!gn_shipped_place("profiles", "GANNET_PROFILES", i, folder))
            continue;
        int n = snprintf(candidate, sizeof candidate, "%s/%s.json", folder, name);
        if (n > 0 && (size_t)n < sizeof candidate && access(candidate, R_OK) == 0)
            return take(candidate, path, err);
    }
    return gn_fail(err, GN_E_NO_INPUT,
                   "no profile %s lies beside the program or in $GANNET_PROFILES: give --profile "
                   "a file",
                   name);
}

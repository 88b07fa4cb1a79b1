/* SPDX-License-Identifier: MIT
 *
 * default_profile.c - see default_profile.h.
 */
#include "cli/default_profile.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"

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

/* FOLDER + BESIDE + /NAME.json, when such a file is there. */
static bool is_there(const char *folder, const char *beside, const char *name, char *path,
                     size_t size)
{
    int n = snprintf(path, size, "%s%s/%s.json", folder, beside, name);
    return n > 0 && (size_t)n < size && access(path, R_OK) == 0;
}

int gn_find_profile(const char *name, char **path, gn_error_t *err)
{
    static const char *const beside[] = {"/../profiles", "/../../profiles",
                                         "/../share/gannet/profiles"};
    char program[PATH_MAX + 1], candidate[2 * PATH_MAX];
    if (is_file_name(name))
        return take(name, path, err);
    const char *chosen = getenv("GANNET_PROFILES");
    if (chosen != NULL && is_there(chosen, "", name, candidate, sizeof candidate))
        return take(candidate, path, err);
    ssize_t n = readlink("/proc/self/exe", program, PATH_MAX);
    program[n > 0 ? n : 0] = '\0';
    char *slash = strrchr(program, '/');
    if (slash != NULL)
        *slash = '\0';
    for (size_t i = 0; slash != NULL && i < sizeof beside / sizeof *beside; i++)
        if (is_there(program, beside[i], name, candidate, sizeof candidate))
            return take(candidate, path, err);
    return gn_fail(err, GN_E_NO_INPUT,
                   "no profile %s lies beside the program or in $GANNET_PROFILES: give --profile "
                   "a file",
                   name);
}

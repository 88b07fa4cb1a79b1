/* SPDX-License-Identifier: MIT
 *
 * shipped.c - see shipped.h.
 */
#include "cli/shipped.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool gn_shipped_place(const char *kind, const char *variable, int i, char *path)
{
    static const char *const beside[] = {"/../", "/../../", "/../share/gannet/"};
    char program[PATH_MAX + 1];
    if (i == 0) {
        const char *chosen = getenv(variable);
        int n = chosen == NULL ? -1 : snprintf(path, GN_SHIPPED_PATH, "%s", chosen);
        return n > 0 && n < GN_SHIPPED_PATH;
    }
    ssize_t length = readlink("/proc/self/exe", program, PATH_MAX);
    program[length > 0 ? length : 0] = '\0';
    char *slash = strrchr(program, '/');
    if (slash == NULL)
        return false;
    *slash = '\0';
    int n = snprintf(path, GN_SHIPPED_PATH, "%s%s%s", program, beside[i - 1], kind);
    return n > 0 && n < GN_SHIPPED_PATH;
}

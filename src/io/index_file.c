/* SPDX-License-Identifier: MIT
 *
 * index_file.c - finding index files the way samtools users leave them.
 */
#include "io/index_file.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool gn_is_remote(const char *path)
{
    return strstr(path, "://") != NULL;
}

int gn_check_input_file(const char *what, const char *path, gn_error_t *err)
{
    struct stat status;
    if (gn_is_remote(path))
        return GN_OK;
    if (access(path, R_OK) != 0)
        return gn_fail(err, GN_E_NO_INPUT, "cannot read %s %s: %s", what, path, strerror(errno));
    if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
        return gn_fail(err, GN_E_NO_INPUT, "%s %s is a folder: give a file", what, path);
    return GN_OK;
}

static bool readable(const char *path, const char *suffix)
{
    char name[PATH_MAX];
    int n = snprintf(name, sizeof name, "%s%s", path, suffix);
    return n > 0 && (size_t)n < sizeof name && access(name, R_OK) == 0;
}

bool gn_sidecar_exists(const char *path, const char *suffix)
{
    if (readable(path, suffix))
        return true;
    char target[PATH_MAX];
    return realpath(path, target) != NULL && readable(target, suffix);
}

/* "x.bam" + ".bai", then "x" + ".bai". */
static char *index_beside(const char *path)
{
    static const char *const suffixes[] = {".bai", ".csi", ".crai"};
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        char name[PATH_MAX];
        snprintf(name, sizeof name, "%s%s", path, suffixes[i]);
        if (access(name, R_OK) == 0)
            return strdup(name);
        snprintf(name, sizeof name, "%s", path);
        char *dot = strrchr(name, '.');
        if (dot == NULL || (size_t)(dot - name) + 6 > sizeof name)
            continue;
        memcpy(dot, suffixes[i], strlen(suffixes[i]) + 1);
        if (access(name, R_OK) == 0)
            return strdup(name);
    }
    return NULL;
}

char *gn_find_reads_index(const char *path)
{
    char *found = index_beside(path);
    char target[PATH_MAX];
    if (found == NULL && realpath(path, target) != NULL)
        found = index_beside(target);
    return found;
}

bool gn_index_is_older(const char *index_path, const char *data_path)
{
    struct stat index, data;
    if (stat(index_path, &index) != 0 || stat(data_path, &data) != 0)
        return false;
    if (index.st_mtim.tv_sec != data.st_mtim.tv_sec)
        return index.st_mtim.tv_sec < data.st_mtim.tv_sec;
    return index.st_mtim.tv_nsec < data.st_mtim.tv_nsec;
}

/* Folder and last part of the name of a file that need not exist. */
static bool is_same_name(const char *path, const char *other)
{
    const char *a = strrchr(path, '/'), *b = strrchr(other, '/');
    if (strcmp(a != NULL ? a + 1 : path, b != NULL ? b + 1 : other) != 0)
        return false;
    char folder_a[PATH_MAX], folder_b[PATH_MAX];
    snprintf(folder_a, sizeof folder_a, "%.*s", a != NULL ? (int)(a + 1 - path) : 1,
             a != NULL ? path : ".");
    snprintf(folder_b, sizeof folder_b, "%.*s", b != NULL ? (int)(b + 1 - other) : 1,
             b != NULL ? other : ".");
    struct stat x, y;
    return stat(folder_a, &x) == 0 && stat(folder_b, &y) == 0 && x.st_dev == y.st_dev &&
           x.st_ino == y.st_ino;
}

bool gn_is_same_file(const char *path, const char *other)
{
    struct stat a, b;
    if (stat(path, &a) != 0 || stat(other, &b) != 0)
        return strcmp(path, other) == 0 || is_same_name(path, other);
    return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* SPDX-License-Identifier: MIT
 *
 * pending_file.c - temporary names and the rename that publishes a finished output.
 *
 * Standard output, and names that stand for a device or a pipe (/dev/null, a FIFO), are written
 * directly: there is nothing to rename over, and opening a pipe twice would end it for its reader.
 */
#include "io/pending_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"

static void free_names(struct gn_pending_file *file)
{
    free(file->final_name);
    free(file->temporary_name);
    *file = (struct gn_pending_file){NULL, NULL};
}

bool gn_names_stdout(const char *name)
{
    return strcmp(name, "-") == 0 || strcmp(name, "/dev/stdout") == 0;
}

static bool is_written_directly(const struct gn_pending_file *file)
{
    return gn_names_stdout(file->final_name) || strcmp(file->final_name, file->temporary_name) == 0;
}

/* A redirected stream looks like the regular file that it leads to, hence the names. */
static bool stands_for_stream(const char *name)
{
    static const char *const places[] = {"/dev/fd/", "/dev/stdout", "/dev/stderr", "/proc/"};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (strncmp(name, places[i], strlen(places[i])) == 0)
            return true;
    struct stat status;
    return stat(name, &status) == 0 && !S_ISREG(status.st_mode);
}

static char *choose_temporary_name(const char *final_name)
{
    if (gn_names_stdout(final_name))
        return gn_strdup("/dev/stdout");
    if (stands_for_stream(final_name))
        return gn_strdup(final_name);
    char *name = NULL;
    if (asprintf(&name, "%s.partial.%ld", final_name, (long)getpid()) < 0)
        return NULL;
    return name;
}

/* 0 or errno. */
static int try_to_create(const struct gn_pending_file *file)
{
    struct stat status;
    if (gn_names_stdout(file->final_name))
        return 0;
    if (is_written_directly(file)) {
        if (stat(file->final_name, &status) == 0 && S_ISDIR(status.st_mode))
            return EISDIR;
        return access(file->final_name, W_OK) == 0 ? 0 : errno;
    }
    int fd = open(file->temporary_name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        return errno;
    close(fd);
    return 0;
}

int gn_pending_file_begin(struct gn_pending_file *file, const char *final_name, gn_error_t *err)
{
    *file = (struct gn_pending_file){gn_strdup(final_name), choose_temporary_name(final_name)};
    if (file->final_name == NULL || file->temporary_name == NULL) {
        free_names(file);
        return gn_fail_memory(err, "an output's name");
    }
    int reason = try_to_create(file);
    if (reason == 0)
        return GN_OK;
    free_names(file);
    return gn_fail(err, GN_E_CANNOT_CREATE,
                   "cannot create '%s': %s; choose a folder that exists and can be written to",
                   final_name, strerror(reason));
}

int gn_pending_file_commit(struct gn_pending_file *file, gn_error_t *err)
{
    int status = GN_OK;
    if (!is_written_directly(file) && rename(file->temporary_name, file->final_name) != 0) {
        status = gn_fail(err, GN_E_CANNOT_CREATE,
                         "cannot rename '%s' to '%s': %s; check the folder's permissions",
                         file->temporary_name, file->final_name, strerror(errno));
        unlink(file->temporary_name);
    }
    free_names(file);
    return status;
}

void gn_pending_file_discard(struct gn_pending_file *file)
{
    if (file->temporary_name != NULL && !is_written_directly(file))
        unlink(file->temporary_name);
    free_names(file);
}

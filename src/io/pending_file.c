/* SPDX-License-Identifier: MIT
 *
 * pending_file.c - temporary names and the rename that publishes a finished output.
 *
 * A name that stands for a device or a pipe ("-" and /dev/stdout) is written directly: there is
 * nothing to rename over.
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

static bool is_written_directly(const struct gn_pending_file *file)
{
    return strcmp(file->final_name, file->temporary_name) == 0;
}

/* Standard output may be a regular file, but its name must not be renamed over. */
static bool is_device(const char *name)
{
    struct stat status;
    return strcmp(name, "/dev/stdout") == 0 || strncmp(name, "/dev/fd/", 8) == 0 ||
           (stat(name, &status) == 0 && !S_ISREG(status.st_mode));
}

static char *choose_temporary_name(const char *final_name)
{
    if (is_device(final_name))
        return gn_strdup(final_name);
    char *name = NULL;
    if (asprintf(&name, "%s.partial.%ld", final_name, (long)getpid()) < 0)
        return NULL;
    return name;
}

int gn_pending_file_begin(struct gn_pending_file *file, const char *final_name, gn_error_t *err)
{
    if (strcmp(final_name, "-") == 0)
        final_name = "/dev/stdout";
    *file = (struct gn_pending_file){gn_strdup(final_name), choose_temporary_name(final_name)};
    if (file->final_name == NULL || file->temporary_name == NULL) {
        free_names(file);
        return gn_fail_memory(err, "an output's name");
    }
    int flags = is_written_directly(file) ? O_WRONLY : O_WRONLY | O_CREAT | O_TRUNC;
    int fd = open(file->temporary_name, flags | O_CLOEXEC, 0666);
    if (fd < 0) {
        int reason = errno;
        free_names(file);
        return gn_fail(err, GN_E_CANNOT_CREATE,
                       "cannot create '%s': %s; choose a folder that exists and can be written to",
                       final_name, strerror(reason));
    }
    close(fd);
    return GN_OK;
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

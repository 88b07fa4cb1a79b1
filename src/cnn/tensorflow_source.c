/* SPDX-License-Identifier: MIT
 *
 * tensorflow_source.c - the names under which TensorFlow and DeepVariant save.
 */
#include "cnn/tensorflow_source.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "cnn/import_description.h"

static int format(char **text, const char *first, const char *between, const char *last,
                  gn_error_t *err)
{
    if (asprintf(text, "%s%s%s", first, between, last) >= 0)
        return GN_OK;
    *text = NULL;
    return gn_fail_memory(err, "a file name");
}

static bool exists(const char *path)
{
    return path != NULL && access(path, F_OK) == 0;
}

static bool is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

/* Counts the folder's files that end so; *name receives one of them. */
static int count_files(const char *folder, const char *end, char **name, gn_error_t *err)
{
    DIR *stream = opendir(folder);
    if (stream == NULL)
        return gn_fail(err, GN_E_NO_INPUT, "cannot read the folder '%s': %s", folder,
                       strerror(errno));
    int n = 0;
    for (const struct dirent *entry = readdir(stream); entry != NULL; entry = readdir(stream)) {
        if (!ends_with(entry->d_name, end))
            continue;
        n++;
        free(*name);
        *name = gn_strdup(entry->d_name);
    }
    closedir(stream);
    return n > 0 && *name == NULL ? gn_fail_memory(err, "a file name") : n;
}

/* The name in the line `model_checkpoint_path: "NAME"` of the text file "checkpoint"; NULL when
   there is none. */
static char *read_latest(const char *folder)
{
    static const char key[] = "model_checkpoint_path:";
    char line[4096], *path = NULL, *name = NULL;
    if (asprintf(&path, "%s/checkpoint", folder) < 0)
        return NULL;
    FILE *stream = fopen(path, "r");
    free(path);
    if (stream == NULL)
        return NULL;
    while (name == NULL && fgets(line, sizeof line, stream) != NULL) {
        if (strncmp(line, key, sizeof key - 1) != 0)
            continue;
        char *start = strchr(line, '"'), *end = strrchr(line, '"');
        if (start != NULL && end > start)
            name = gn_strndup(start + 1, (size_t)(end - start - 1));
    }
    fclose(stream);
    return name;
}

/* The checkpoint of a folder: the one that its text file names, or the only one. */
static int find_in_folder(struct gn_tensorflow_source *source, gn_error_t *err)
{
    char *name = read_latest(source->path);
    if (name != NULL) {
        const char *slash = strrchr(name, '/'); /* the folder may have been moved */
        int rc = format(&source->prefix, source->path, "/", slash == NULL ? name : slash + 1, err);
        free(name);
        return rc;
    }
    int n = count_files(source->path, ".index", &name, err);
    int rc = n < 0 ? n : GN_OK;
    if (n == 1) {
        name[strlen(name) - strlen(".index")] = '\0';
        rc = format(&source->prefix, source->path, "/", name, err);
    } else if (n > 1) {
        rc = gn_fail(err, GN_E_USAGE,
                     "'%s' holds %d checkpoints: name one, by its path without '.index'",
                     source->path, n);
    } else if (n == 0) {
        rc = gn_fail(err, GN_E_NO_INPUT,
                     "'%s' holds no saved_model.pb and no .index file: it is no TensorFlow model",
                     source->path);
    }
    free(name);
    return rc;
}

static int find_prefix(struct gn_tensorflow_source *source, gn_error_t *err)
{
    char *index = NULL;
    if (is_folder(source->path)) {
        int rc = format(&source->saved_model, source->path, "", "/saved_model.pb", err);
        if (rc != GN_OK)
            return rc;
        if (exists(source->saved_model))
            return format(&source->prefix, source->path, "", "/variables/variables", err);
        free(source->saved_model);
        source->saved_model = NULL;
        return find_in_folder(source, err);
    }
    if (ends_with(source->path, ".index"))
        source->path[strlen(source->path) - strlen(".index")] = '\0';
    int rc = format(&index, source->path, "", ".index", err);
    if (rc == GN_OK && !exists(index))
        rc = gn_fail(err, GN_E_NO_INPUT,
                     "no '%s': give a SavedModel folder, a checkpoint's path without '.index', or "
                     "an .onnx file",
                     index);
    free(index);
    return rc == GN_OK ? format(&source->prefix, source->path, "", "", err) : rc;
}

/* "example_info.json" in the model's folder, or the only file there whose name ends so. */
static int find_example_info(struct gn_tensorflow_source *source, gn_error_t *err)
{
    const char *slash = strrchr(source->path, '/');
    char *folder = is_folder(source->path) ? gn_strdup(source->path)
                   : slash == NULL         ? gn_strdup(".")
                                   : gn_strndup(source->path, (size_t)(slash - source->path));
    if (folder == NULL)
        return gn_fail_memory(err, "a file name");
    char *name = NULL;
    int rc = format(&source->example_info, folder, "", "/example_info.json", err);
    if (rc == GN_OK && !exists(source->example_info)) {
        free(source->example_info);
        source->example_info = NULL;
        int n = count_files(folder[0] == '\0' ? "/" : folder, "example_info.json", &name, err);
        if (n < 0)
            rc = n;
        else if (n == 1)
            rc = format(&source->example_info, folder, "/", name, err);
    }
    free(name);
    free(folder);
    return rc;
}

int gn_tensorflow_source_find(struct gn_tensorflow_source *source, const char *path,
                              gn_error_t *err)
{
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/')
        n--;
    source->path = gn_strndup(path, n);
    if (source->path == NULL)
        return gn_fail_memory(err, "a file name");
    int rc = find_prefix(source, err);
    return rc == GN_OK ? find_example_info(source, err) : rc;
}

void gn_tensorflow_source_clear(struct gn_tensorflow_source *source)
{
    free(source->path);
    free(source->prefix);
    free(source->saved_model);
    free(source->example_info);
    *source = (struct gn_tensorflow_source){0};
}

json_t *gn_tensorflow_origin(const struct gn_tensorflow_source *source,
                             const gn_tensor_bundle_t *bundle, gn_error_t *err)
{
    size_t n = 0;
    while (gn_tensor_bundle_file(bundle, (int)n) != NULL)
        n++;
    const char **files = calloc(n, sizeof *files);
    if (files == NULL) {
        gn_fail_memory(err, "the names of a checkpoint's files");
        return NULL;
    }
    for (size_t i = 0; i < n; i++)
        files[i] = gn_tensor_bundle_file(bundle, (int)i);
    const char *kind =
        source->saved_model != NULL ? "tensorflow saved model" : "tensorflow checkpoint";
    json_t *origin = gn_import_source(kind, source->path, files, n, err);
    free(files);
    return origin;
}

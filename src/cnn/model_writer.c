/* SPDX-License-Identifier: MIT
 *
 * model_writer.c - writes weights.safetensors and model.json.
 *
 * The weights get their final name first, model.json last: a folder with a model.json is whole.
 */
#include "cnn/model_writer.h"

#include <endian.h>
#include <errno.h>
#include <math.h>
#include <sha256.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "cnn/model_file.h"
#include "cnn/safetensors.h"
#include "io/pending_file.h"

enum {
    FORMAT_VERSION = 1,
    ALIGNMENT = 8, /* of the data, by padding the header with spaces */
    CHUNK = 4096,  /* values converted at a time */
};

static const char WEIGHTS_NAME[] = "weights.safetensors";

/* A file being written and hashed. */
struct hashed_file {
    FILE *stream;
    const char *path;
    SHA2_CTX sha256;
};

static int fail_write(const char *path, gn_error_t *err)
{
    return gn_fail(err, GN_E_IO, "cannot write '%s': %s", path, strerror(errno));
}

static int check_entry(const struct gn_weights_entry *entry, size_t *count, gn_error_t *err)
{
    *count = 1;
    if (entry->rank < 0 || entry->rank > GN_SAFETENSORS_MAX_RANK)
        return gn_fail(err, GN_E_INTERNAL, "tensor '%s' has %d dimensions", entry->name,
                       entry->rank);
    for (int i = 0; i < entry->rank; i++)
        *count *= entry->shape[i];
    for (size_t i = 0; i < *count; i++)
        if (!isfinite(entry->values[i]))
            return gn_fail(err, GN_E_DATA,
                           "tensor '%s': value %zu is not a finite number: the weights are "
                           "damaged, export or train the model again",
                           entry->name, i);
    return GN_OK;
}

/* The header's text, padded so that the data after it are aligned; NULL with err. */
static char *make_header(const struct gn_weights_entry *entries, size_t n, gn_error_t *err)
{
    size_t offset = 0;
    char *text = NULL, *padded = NULL;
    json_t *header = json_object();
    for (size_t i = 0; header != NULL && i < n; i++) {
        size_t count;
        json_t *shape = json_array();
        if (check_entry(&entries[i], &count, err) != GN_OK) {
            json_decref(shape);
            goto out;
        }
        for (int d = 0; d < entries[i].rank; d++)
            json_array_append_new(shape, json_integer((json_int_t)entries[i].shape[d]));
        size_t end = offset + count * sizeof(float);
        if (json_object_get(header, entries[i].name) != NULL) {
            json_decref(shape);
            gn_fail(err, GN_E_INTERNAL, "two tensors are called '%s'", entries[i].name);
            goto out;
        }
        json_object_set_new(header, entries[i].name,
                            json_pack("{s:s, s:o, s:[I, I]}", "dtype", "F32", "shape", shape,
                                      "data_offsets", (json_int_t)offset, (json_int_t)end));
        offset = end;
    }
    text = header == NULL ? NULL : json_dumps(header, JSON_COMPACT);
    if (text == NULL || json_object_size(header) != n ||
        asprintf(&padded, "%s%*s", text, (int)((ALIGNMENT - strlen(text) % ALIGNMENT) % ALIGNMENT),
                 "") < 0) {
        padded = NULL;
        gn_fail_memory(err, "the header of the weights");
    }
out:
    json_decref(header);
    free(text);
    return padded;
}

static int put_bytes(struct hashed_file *file, const void *bytes, size_t n, gn_error_t *err)
{
    SHA256Update(&file->sha256, bytes, n);
    return fwrite(bytes, 1, n, file->stream) == n ? GN_OK : fail_write(file->path, err);
}

static int put_values(struct hashed_file *file, const float *values, size_t n, gn_error_t *err)
{
    uint32_t chunk[CHUNK];
    int rc = GN_OK;
    for (size_t done = 0; rc == GN_OK && done < n; done += CHUNK) {
        size_t part = n - done < CHUNK ? n - done : CHUNK;
        memcpy(chunk, values + done, part * sizeof *chunk);
        for (size_t i = 0; i < part; i++)
            chunk[i] = htole32(chunk[i]);
        rc = put_bytes(file, chunk, part * sizeof *chunk, err);
    }
    return rc;
}

static int write_tensors(struct hashed_file *file, const struct gn_weights_entry *entries, size_t n,
                         gn_error_t *err)
{
    char *header = make_header(entries, n, err);
    if (header == NULL)
        return err == NULL ? GN_E_DATA : err->code;
    uint64_t length = htole64(strlen(header));
    int rc = put_bytes(file, &length, sizeof length, err);
    if (rc == GN_OK)
        rc = put_bytes(file, header, strlen(header), err);
    for (size_t i = 0; rc == GN_OK && i < n; i++) {
        size_t count = 1;
        for (int d = 0; d < entries[i].rank; d++)
            count *= entries[i].shape[d];
        rc = put_values(file, entries[i].values, count, err);
    }
    free(header);
    return rc;
}

static int write_weights(const struct gn_pending_file *pending,
                         const struct gn_weights_entry *entries, size_t n, char sha256[65],
                         gn_error_t *err)
{
    struct hashed_file file = {.path = pending->final_name};
    SHA256Init(&file.sha256);
    file.stream = fopen(pending->temporary_name, "wb");
    if (file.stream == NULL)
        return gn_fail(err, GN_E_CANNOT_CREATE, "cannot create '%s': %s", file.path,
                       strerror(errno));
    int rc = write_tensors(&file, entries, n, err);
    if (fclose(file.stream) != 0 && rc == GN_OK)
        rc = fail_write(file.path, err);
    SHA256End(&file.sha256, sha256);
    return rc;
}

/* One line for each key, and for each element of a list of objects. */
static bool print_member(FILE *stream, const char *key, const json_t *value)
{
    const size_t style = JSON_ENCODE_ANY | JSON_REAL_PRECISION(9);
    bool is_list = json_is_object(json_array_get(value, 0));
    size_t n = is_list ? json_array_size(value) : 1;
    bool good = fprintf(stream, "  \"%s\": %s", key, is_list ? "[\n" : "") > 0;
    for (size_t i = 0; good && i < n; i++) {
        char *text = json_dumps(is_list ? json_array_get(value, i) : value, style);
        good = text != NULL && fprintf(stream, "%s%s%s", is_list ? "    " : "", text,
                                       is_list ? i + 1 < n ? ",\n" : "\n  ]" : "") > 0;
        free(text);
    }
    return good;
}

static int print_description(const struct gn_pending_file *pending, json_t *root, gn_error_t *err)
{
    FILE *stream = fopen(pending->temporary_name, "w");
    if (stream == NULL)
        return gn_fail(err, GN_E_CANNOT_CREATE, "cannot create '%s': %s", pending->final_name,
                       strerror(errno));
    bool good = fputs("{\n", stream) >= 0, first = true;
    const char *key;
    json_t *value;
    json_object_foreach(root, key, value)
    {
        good = good && (first || fputs(",\n", stream) >= 0) && print_member(stream, key, value);
        first = false;
    }
    good = good && fputs("\n}\n", stream) >= 0;
    if (fclose(stream) != 0 || !good)
        return fail_write(pending->final_name, err);
    return GN_OK;
}

int gn_model_write_description(const char *dir, const json_t *root, gn_error_t *err)
{
    struct gn_pending_file pending = {NULL, NULL};
    char *path = gn_model_file_path(dir, "model.json", err);
    if (path == NULL)
        return GN_E_MEMORY;
    int rc = gn_pending_file_begin(&pending, path, err);
    free(path);
    if (rc == GN_OK)
        rc = print_description(&pending, (json_t *)(uintptr_t)root, err);
    if (rc == GN_OK)
        return gn_pending_file_commit(&pending, err);
    gn_pending_file_discard(&pending);
    return rc;
}

/* The whole model.json: the caller's description with what every model has around it. */
static json_t *complete(const json_t *description, const char *sha256)
{
    json_t *root =
        json_pack("{s:s, s:i}", "format", "gannet-model", "format_version", FORMAT_VERSION);
    json_t *weights = json_pack("{s:s, s:s}", "file", WEIGHTS_NAME, "sha256", sha256);
    if (root == NULL || json_object_update(root, (json_t *)(uintptr_t)description) != 0 ||
        json_object_set_new(root, "weights", weights) != 0) {
        json_decref(root);
        return NULL;
    }
    return root;
}

/* Makes the folder, or takes one that has no model yet. */
static int prepare_folder(const char *dir, bool *made, gn_error_t *err)
{
    char *path = gn_model_file_path(dir, "model.json", err);
    if (path == NULL)
        return GN_E_MEMORY;
    int rc = GN_OK;
    *made = mkdir(dir, 0777) == 0;
    if (!*made && errno != EEXIST)
        rc = gn_fail(err, GN_E_CANNOT_CREATE,
                     "cannot create the folder '%s': %s; choose a place that exists and can be "
                     "written to",
                     dir, strerror(errno));
    else if (access(path, F_OK) == 0)
        rc = gn_fail(err, GN_E_CANNOT_CREATE,
                     "'%s' holds a model already: remove it or choose another folder", dir);
    free(path);
    return rc;
}

static int write_into(const char *dir, const json_t *description,
                      const struct gn_weights_entry *entries, size_t n, gn_error_t *err)
{
    struct gn_pending_file pending = {NULL, NULL};
    char sha256[65];
    json_t *root = NULL;
    char *path = gn_model_file_path(dir, WEIGHTS_NAME, err);
    if (path == NULL)
        return GN_E_MEMORY;
    int rc = gn_pending_file_begin(&pending, path, err);
    if (rc == GN_OK)
        rc = write_weights(&pending, entries, n, sha256, err);
    if (rc == GN_OK && (root = complete(description, sha256)) == NULL)
        rc = gn_fail_memory(err, "the description of a model");
    if (rc == GN_OK)
        rc = gn_pending_file_commit(&pending, err);
    if (rc == GN_OK && (rc = gn_model_write_description(dir, root, err)) != GN_OK)
        unlink(path);
    gn_pending_file_discard(&pending);
    json_decref(root);
    free(path);
    return rc;
}

int gn_model_write(const char *dir, const json_t *description,
                   const struct gn_weights_entry *entries, size_t n, gn_error_t *err)
{
    bool made = false;
    int rc = prepare_folder(dir, &made, err);
    if (rc == GN_OK)
        rc = write_into(dir, description, entries, n, err);
    if (rc != GN_OK && made)
        rmdir(dir);
    return rc;
}

/* SPDX-License-Identifier: MIT
 *
 * safetensors.c - the reader. The file may be hostile: every offset and length is checked before
 * use.
 */
#include "cnn/safetensors.h"

#include <errno.h>
#include <jansson.h>
#include <sha256.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"

enum { LENGTH_BYTES = 8 };
static const size_t MAX_FILE = (size_t)1 << 30;

struct gn_safetensors {
    char *path;
    unsigned char *bytes;
    size_t size;       /* bytes of the file */
    size_t data_start; /* where the data begin */
    json_t *header;
};

static int damaged(const gn_safetensors_t *file, const char *what, gn_error_t *err)
{
    return gn_fail(err, GN_E_DATA, "%s: %s: the file is damaged, fetch the model again", file->path,
                   what);
}

static int read_bytes(gn_safetensors_t *file, gn_error_t *err)
{
    int rc = GN_OK;
    struct stat info;
    FILE *stream = fopen(file->path, "rb");
    if (stream == NULL)
        return gn_fail(err, GN_E_NO_INPUT,
                       "%s: %s: a model folder needs model.json and its weights", file->path,
                       strerror(errno));
    if (fstat(fileno(stream), &info) != 0) {
        rc = gn_fail(err, GN_E_IO, "%s: %s", file->path, strerror(errno));
        goto out;
    }
    file->size = (size_t)info.st_size;
    if (!S_ISREG(info.st_mode) || file->size < LENGTH_BYTES || file->size > MAX_FILE) {
        rc = damaged(file, "not a regular file of 8 bytes to 1 GiB", err);
        goto out;
    }
    file->bytes = malloc(file->size);
    if (file->bytes == NULL)
        rc = gn_fail_memory(err, "the weights of the model");
    else if (fread(file->bytes, 1, file->size, stream) != file->size)
        rc = gn_fail(err, GN_E_IO, "%s: cannot read the whole file", file->path);
out:
    fclose(stream);
    return rc;
}

static int parse_header(gn_safetensors_t *file, gn_error_t *err)
{
    uint64_t length = 0;
    for (int i = LENGTH_BYTES - 1; i >= 0; i--)
        length = length << 8 | file->bytes[i];
    if (length > file->size - LENGTH_BYTES)
        return damaged(file, "the header is longer than the file", err);
    file->data_start = LENGTH_BYTES + (size_t)length;
    json_error_t problem;
    file->header = json_loadb((const char *)file->bytes + LENGTH_BYTES, (size_t)length,
                              JSON_REJECT_DUPLICATES, &problem);
    if (!json_is_object(file->header))
        return damaged(file, "the header is not a JSON object", err);
    return GN_OK;
}

gn_safetensors_t *gn_safetensors_open(const char *path, char sha256[65], gn_error_t *err)
{
    gn_safetensors_t *file = calloc(1, sizeof *file);
    if (file == NULL || (file->path = gn_strdup(path)) == NULL) {
        gn_fail_memory(err, "the weights of the model");
        goto fail;
    }
    if (read_bytes(file, err) != GN_OK || parse_header(file, err) != GN_OK)
        goto fail;
    SHA256Data(file->bytes, file->size, sha256);
    return file;
fail:
    gn_safetensors_close(file);
    return NULL;
}

void gn_safetensors_close(gn_safetensors_t *file)
{
    if (file == NULL)
        return;
    json_decref(file->header);
    free(file->bytes);
    free(file->path);
    free(file);
}

/* Reads a list of at most max non-negative integers; -1 when it is none. */
static int read_sizes(const json_t *list, size_t *values, size_t max)
{
    if (!json_is_array(list) || json_array_size(list) > max)
        return -1;
    size_t n = json_array_size(list);
    for (size_t i = 0; i < n; i++) {
        const json_t *item = json_array_get(list, i);
        if (!json_is_integer(item) || json_integer_value(item) < 0)
            return -1;
        values[i] = (size_t)json_integer_value(item);
    }
    return (int)n;
}

int gn_safetensors_find(const gn_safetensors_t *file, const char *name, struct gn_safetensor *out,
                        gn_error_t *err)
{
    const json_t *entry = json_object_get(file->header, name);
    if (entry == NULL)
        return gn_fail(err, GN_E_DATA,
                       "%s: no tensor '%s': model.json and the weights do not belong together",
                       file->path, name);
    const char *type = json_string_value(json_object_get(entry, "dtype"));
    size_t offsets[2];
    *out = (struct gn_safetensor){.count = 1};
    out->rank = read_sizes(json_object_get(entry, "shape"), out->shape, GN_SAFETENSORS_MAX_RANK);
    if (out->rank < 0 || read_sizes(json_object_get(entry, "data_offsets"), offsets, 2) != 2)
        return damaged(file, "a tensor has a bad shape or bad offsets", err);
    if (type == NULL || strcmp(type, "F32") != 0)
        return gn_fail(err, GN_E_DATA, "%s: tensor '%s' is %s, but only F32 can be read",
                       file->path, name, type == NULL ? "of no type" : type);
    for (int i = 0; i < out->rank; i++) {
        if (out->shape[i] != 0 && out->count > MAX_FILE / out->shape[i])
            return damaged(file, "a tensor is larger than 1 GiB", err);
        out->count *= out->shape[i];
    }
    size_t available = file->size - file->data_start;
    if (offsets[0] > offsets[1] || offsets[1] > available ||
        offsets[1] - offsets[0] != out->count * sizeof(float))
        return damaged(file, "a tensor lies outside the file or its shape disagrees with its bytes",
                       err);
    out->data = file->bytes + file->data_start + offsets[0];
    return GN_OK;
}

float gn_safetensor_value(const struct gn_safetensor *tensor, size_t i)
{
    const unsigned char *bytes = tensor->data + sizeof(float) * i;
    uint32_t word = (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
                    (uint32_t)bytes[3] << 24;
    float value;
    memcpy(&value, &word, sizeof value);
    return value;
}

/* SPDX-License-Identifier: MIT
 *
 * tensor_bundle.c - entries of the index -> tensors, and their bytes from the shards.
 *
 * The files may be hostile: nothing is read or allocated before its place in the shard is checked.
 */
#include "io/tensor_bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "io/masked_crc.h"
#include "io/sstable.h"
#include "tensor_bundle.pb-c.h"

enum { MAX_SHARDS = 1000, MAX_STRING = 1 << 26 };
static const uint64_t MAX_TENSOR = (uint64_t)1 << 30; /* bytes */

enum data_type { FLOAT32 = 1, FLOAT64 = 2, STRING = 7, BFLOAT16 = 14, HALF = 19 };

struct gn_tensor_bundle {
    char *prefix;
    gn_sstable_t *index;
    struct gn_bundle_tensor *tensors;
    size_t n_tensors;
    char **files; /* index, shards, NULL */
    uint64_t *shard_sizes;
    int n_shards;
};

static int damaged(const gn_tensor_bundle_t *bundle, const char *key, const char *what,
                   gn_error_t *err)
{
    return gn_fail(err, GN_E_DATA,
                   "'%s': tensor '%s': %s: the checkpoint is damaged, fetch the file again",
                   bundle->files[0], key, what);
}

static int open_index(gn_tensor_bundle_t *bundle, gn_error_t *err)
{
    bundle->files = calloc(2, sizeof *bundle->files);
    if (bundle->files == NULL || asprintf(&bundle->files[0], "%s.index", bundle->prefix) < 0)
        return gn_fail_memory(err, "the names of a checkpoint's files");
    gn_error_t local = {0};
    bundle->index = gn_sstable_open(bundle->files[0], &local);
    return bundle->index == NULL ? gn_fail(err, local.code, "%s", local.message) : GN_OK;
}

/* The first entry, of the empty key. */
static int read_header(gn_tensor_bundle_t *bundle, gn_error_t *err)
{
    size_t n;
    const struct gn_sstable_entry *entries = gn_sstable_entries(bundle->index, &n);
    Tb__Header *header = NULL;
    if (n > 0 && entries[0].key[0] == '\0')
        header = tb__header__unpack(NULL, entries[0].value_length, entries[0].value);
    int rc = GN_OK;
    if (header == NULL)
        rc = damaged(bundle, "", "there is no header", err);
    else if (header->endianness != 0)
        rc = gn_fail(err, GN_E_DATA,
                     "'%s': the numbers are big-endian: save the checkpoint on another machine",
                     bundle->files[0]);
    else if (header->num_shards < 1 || header->num_shards > MAX_SHARDS)
        rc = damaged(bundle, "", "the header gives no good number of data files", err);
    else
        bundle->n_shards = header->num_shards;
    if (header != NULL)
        tb__header__free_unpacked(header, NULL);
    return rc;
}

static int find_shards(gn_tensor_bundle_t *bundle, gn_error_t *err)
{
    size_t n = (size_t)bundle->n_shards;
    char **files = calloc(n + 2, sizeof *files);
    bundle->shard_sizes = calloc(n, sizeof *bundle->shard_sizes);
    if (files == NULL || bundle->shard_sizes == NULL) {
        free(files);
        return gn_fail_memory(err, "the names of a checkpoint's files");
    }
    files[0] = bundle->files[0];
    free(bundle->files);
    bundle->files = files;
    for (int i = 0; i < bundle->n_shards; i++) {
        struct stat info;
        if (asprintf(&files[i + 1], "%s.data-%05d-of-%05d", bundle->prefix, i, bundle->n_shards) <
            0) {
            files[i + 1] = NULL;
            return gn_fail_memory(err, "the names of a checkpoint's files");
        }
        if (stat(files[i + 1], &info) != 0 || !S_ISREG(info.st_mode))
            return gn_fail(err, GN_E_NO_INPUT,
                           "no file '%s': a checkpoint is its .index and all its .data files",
                           files[i + 1]);
        bundle->shard_sizes[i] = (uint64_t)info.st_size;
    }
    return GN_OK;
}

/* Fills the tensor's shape and count; what is wrong, or NULL. */
static const char *read_shape(struct gn_bundle_tensor *tensor, const Tb__Shape *shape)
{
    tensor->count = 1;
    if (shape == NULL)
        return NULL;
    if (shape->unknown_rank || shape->n_dim > GN_BUNDLE_MAX_RANK)
        return "it has no shape or too many dimensions";
    tensor->rank = (int)shape->n_dim;
    for (size_t i = 0; i < shape->n_dim; i++) {
        int64_t size = shape->dim[i]->size;
        if (size < 0 || (size > 0 && tensor->count > MAX_TENSOR / (uint64_t)size))
            return "a dimension is negative or too large";
        tensor->shape[i] = (size_t)size;
        tensor->count *= (size_t)size;
    }
    return NULL;
}

static size_t element_size(int type)
{
    return type == FLOAT32 ? 4 : type == FLOAT64 ? 8 : type == BFLOAT16 || type == HALF ? 2 : 0;
}

static const char *read_place(const gn_tensor_bundle_t *bundle, struct gn_bundle_tensor *tensor,
                              const Tb__Entry *entry)
{
    if (entry->n_slices > 0)
        return "it is stored in slices, which gannet does not read";
    if (entry->shard_id < 0 || entry->shard_id >= bundle->n_shards)
        return "it is in a data file that does not exist";
    tensor->shard = entry->shard_id;
    tensor->offset = (uint64_t)entry->offset;
    tensor->size = (uint64_t)entry->size;
    tensor->crc = entry->crc32c;
    uint64_t available = bundle->shard_sizes[tensor->shard];
    if (entry->offset < 0 || entry->size < 0 || tensor->size > MAX_TENSOR ||
        tensor->offset > available || tensor->size > available - tensor->offset)
        return "it reaches beyond the end of its data file";
    size_t each = element_size(tensor->type);
    if (each > 0 && tensor->count * each != tensor->size)
        return "its shape and its number of bytes disagree";
    return NULL;
}

static int read_tensors(gn_tensor_bundle_t *bundle, gn_error_t *err)
{
    size_t n;
    const struct gn_sstable_entry *entries = gn_sstable_entries(bundle->index, &n);
    bundle->tensors = calloc(n, sizeof *bundle->tensors);
    if (bundle->tensors == NULL)
        return gn_fail_memory(err, "the tensors of a checkpoint");
    for (size_t i = 1; i < n; i++) {
        struct gn_bundle_tensor *tensor = &bundle->tensors[bundle->n_tensors++];
        Tb__Entry *entry = tb__entry__unpack(NULL, entries[i].value_length, entries[i].value);
        if (entry == NULL)
            return damaged(bundle, entries[i].key, "its entry is damaged", err);
        tensor->key = entries[i].key;
        tensor->type = entry->dtype;
        const char *problem = read_shape(tensor, entry->shape);
        if (problem == NULL)
            problem = read_place(bundle, tensor, entry);
        tb__entry__free_unpacked(entry, NULL);
        if (problem != NULL)
            return damaged(bundle, tensor->key, problem, err);
    }
    return GN_OK;
}

gn_tensor_bundle_t *gn_tensor_bundle_open(const char *prefix, gn_error_t *err)
{
    gn_tensor_bundle_t *bundle = calloc(1, sizeof *bundle);
    int rc = GN_OK;
    if (bundle == NULL || (bundle->prefix = gn_strdup(prefix)) == NULL)
        rc = gn_fail_memory(err, "a checkpoint");
    if (rc == GN_OK)
        rc = open_index(bundle, err);
    if (rc == GN_OK)
        rc = read_header(bundle, err);
    if (rc == GN_OK)
        rc = find_shards(bundle, err);
    if (rc == GN_OK)
        rc = read_tensors(bundle, err);
    if (rc == GN_OK)
        return bundle;
    gn_tensor_bundle_close(bundle);
    return NULL;
}

void gn_tensor_bundle_close(gn_tensor_bundle_t *bundle)
{
    if (bundle == NULL)
        return;
    for (int i = 0; bundle->files != NULL && bundle->files[i] != NULL; i++)
        free(bundle->files[i]);
    free(bundle->files);
    free(bundle->shard_sizes);
    free(bundle->tensors);
    gn_sstable_close(bundle->index);
    free(bundle->prefix);
    free(bundle);
}

const struct gn_bundle_tensor *gn_tensor_bundle_list(const gn_tensor_bundle_t *bundle, size_t *n)
{
    *n = bundle->n_tensors;
    return bundle->tensors;
}

static int compare_key(const void *key, const void *tensor)
{
    return strcmp(key, ((const struct gn_bundle_tensor *)tensor)->key);
}

const struct gn_bundle_tensor *gn_tensor_bundle_find(const gn_tensor_bundle_t *bundle,
                                                     const char *key)
{
    return bsearch(key, bundle->tensors, bundle->n_tensors, sizeof *bundle->tensors, compare_key);
}

const char *gn_tensor_bundle_file(const gn_tensor_bundle_t *bundle, int i)
{
    return i >= 0 && i <= bundle->n_shards ? bundle->files[i] : NULL;
}

static int read_at(const char *path, uint8_t *to, size_t n, uint64_t offset, gn_error_t *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    size_t done = 0;
    ssize_t got = fd < 0 ? -1 : 1;
    while (done < n && got > 0) {
        got = pread(fd, to + done, n - done, (off_t)(offset + done));
        if (got > 0)
            done += (size_t)got;
    }
    int reason = errno;
    if (fd >= 0)
        close(fd);
    if (got < 0)
        return gn_fail(err, GN_E_IO, "cannot read '%s': %s", path, strerror(reason));
    return done == n ? GN_OK : gn_fail(err, GN_E_IO, "cannot read '%s': it is cut short", path);
}

/* The bytes of a tensor, malloc'ed, with room for a zero. NULL with err. */
static uint8_t *read_bytes(const gn_tensor_bundle_t *bundle, const struct gn_bundle_tensor *tensor,
                           gn_error_t *err)
{
    uint8_t *bytes = malloc((size_t)tensor->size + 1);
    if (bytes == NULL) {
        gn_fail_memory(err, "a tensor of a checkpoint");
        return NULL;
    }
    if (read_at(bundle->files[tensor->shard + 1], bytes, (size_t)tensor->size, tensor->offset,
                err) == GN_OK)
        return bytes;
    free(bytes);
    return NULL;
}

static int fail_crc(const gn_tensor_bundle_t *bundle, const struct gn_bundle_tensor *tensor,
                    gn_error_t *err)
{
    return gn_fail(err, GN_E_DATA,
                   "'%s': tensor '%s': the checksum (CRC) is wrong: the file is damaged, fetch it "
                   "again",
                   bundle->files[tensor->shard + 1], tensor->key);
}

static uint64_t read_le(const uint8_t *from, int bytes)
{
    uint64_t value = 0;
    for (int i = bytes - 1; i >= 0; i--)
        value = value << 8 | from[i];
    return value;
}

static float float_of_bits(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static float float_of_half(uint32_t half)
{
    uint32_t sign = (half & 0x8000U) << 16, exponent = half >> 10 & 31, fraction = half & 1023;
    if (exponent == 0) { /* zero and subnormal numbers: fraction * 2^-24 */
        float size = (float)fraction / 16777216.0F;
        return sign != 0 ? -size : size;
    }
    exponent = exponent == 31 ? 255 : exponent + 112;
    return float_of_bits(sign | exponent << 23 | fraction << 13);
}

static float convert(int type, const uint8_t *from)
{
    if (type == FLOAT64) {
        uint64_t bits = read_le(from, 8);
        double value;
        memcpy(&value, &bits, sizeof value);
        return (float)value;
    }
    if (type == FLOAT32)
        return float_of_bits((uint32_t)read_le(from, 4));
    uint32_t bits = (uint32_t)read_le(from, 2);
    return type == BFLOAT16 ? float_of_bits(bits << 16) : float_of_half(bits);
}

int gn_tensor_bundle_read_floats(const gn_tensor_bundle_t *bundle,
                                 const struct gn_bundle_tensor *tensor, float *values,
                                 gn_error_t *err)
{
    size_t each = element_size(tensor->type);
    if (each == 0)
        return gn_fail(err, GN_E_DATA,
                       "'%s': tensor '%s' is of TensorFlow's type %d: weights must be floating "
                       "point numbers",
                       bundle->files[0], tensor->key, tensor->type);
    uint8_t *bytes = read_bytes(bundle, tensor, err);
    if (bytes == NULL)
        return err->code;
    int rc = GN_OK;
    if (!gn_masked_crc32c_is(bytes, (size_t)tensor->size, tensor->crc))
        rc = fail_crc(bundle, tensor, err);
    for (size_t i = 0; rc == GN_OK && i < tensor->count; i++)
        values[i] = convert(tensor->type, bytes + i * each);
    free(bytes);
    return rc;
}

/* A string tensor is: varint length, checksum of the length, bytes. Its own checksum is of the same
   with the length as 32 bits. Returns the string's place, NULL when the bytes disagree. */
static const uint8_t *check_string(const struct gn_bundle_tensor *tensor, const uint8_t *bytes,
                                   size_t *length)
{
    uint8_t fixed[4];
    size_t used = 0, size = (size_t)tensor->size;
    uint64_t value = 0;
    do {
        if (used >= size || used > 4)
            return NULL;
        value |= (uint64_t)(bytes[used] & 127) << (7 * used);
    } while (bytes[used++] >= 128);
    if (size - used < 4 || value != size - used - 4)
        return NULL;
    for (int i = 0; i < 4; i++)
        fixed[i] = (uint8_t)(value >> (8 * i));
    if (!gn_masked_crc32c_is(fixed, sizeof fixed, (uint32_t)read_le(bytes + used, 4)))
        return NULL;
    *length = (size_t)value;
    return bytes + used + 4;
}

/* The tensor's own checksum: of the length as 32 bits, its checksum and the string. */
static bool string_crc_is_right(const struct gn_bundle_tensor *tensor, const uint8_t *string,
                                size_t length)
{
    uint8_t *whole = malloc(length + 8);
    if (whole == NULL)
        return false;
    for (int i = 0; i < 4; i++)
        whole[i] = (uint8_t)(length >> (8 * i));
    memcpy(whole + 4, string - 4, length + 4);
    bool right = gn_masked_crc32c_is(whole, length + 8, tensor->crc);
    free(whole);
    return right;
}

int gn_tensor_bundle_read_string(const gn_tensor_bundle_t *bundle,
                                 const struct gn_bundle_tensor *tensor, char **text, size_t *length,
                                 gn_error_t *err)
{
    if (tensor->type != STRING || tensor->count != 1 || tensor->size > MAX_STRING)
        return damaged(bundle, tensor->key, "it is not one string", err);
    uint8_t *bytes = read_bytes(bundle, tensor, err);
    if (bytes == NULL)
        return err->code;
    int rc = GN_OK;
    const uint8_t *string = check_string(tensor, bytes, length);
    if (string == NULL || !string_crc_is_right(tensor, string, *length))
        rc = fail_crc(bundle, tensor, err);
    else if ((*text = gn_strndup((const char *)string, *length)) == NULL)
        rc = gn_fail_memory(err, "a string of a checkpoint");
    free(bytes);
    return rc;
}

/* SPDX-License-Identifier: MIT
 *
 * sstable.c - the file may be hostile: every offset and length is checked before use, and what is
 * unpacked has a ceiling.
 */
#include "io/sstable.h"

#include <errno.h>
#include <snappy-c.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "io/masked_crc.h"

enum {
    FOOTER = 48,
    HANDLES = 40, /* bytes of the footer before the magic number */
    TRAILER = 5,  /* compression type and checksum of a block */
    PLAIN = 0,
    SNAPPY = 1,
    MAX_FILE = 1 << 26,
    MAX_BLOCK = 1 << 24,
    MAX_CONTENT = 1 << 28, /* keys, values and unpacked blocks together */
    MAX_ENTRIES = 1 << 20,
};

static const uint64_t MAGIC = 0xdb4775248b80fb57U;

struct gn_sstable {
    char *path;
    uint8_t *bytes;
    size_t size;
    gn_arena_t *content;
    struct gn_sstable_entry *entries;
    size_t n_entries, capacity;
};

/* Where a block lies. */
struct handle {
    uint64_t offset, size;
};

/* Bytes that are left to read. */
struct cursor {
    const uint8_t *next, *end;
};

static int damaged(const gn_sstable_t *table, const char *what, gn_error_t *err)
{
    return gn_fail(err, GN_E_DATA,
                   "'%s': %s: the index of the checkpoint is damaged, fetch the file again",
                   table->path, what);
}

static uint64_t read_le(const uint8_t *from, int bytes)
{
    uint64_t value = 0;
    for (int i = bytes - 1; i >= 0; i--)
        value = value << 8 | from[i];
    return value;
}

static bool read_varint(struct cursor *cursor, uint64_t *value)
{
    *value = 0;
    for (int shift = 0; shift < 64 && cursor->next < cursor->end; shift += 7) {
        uint8_t byte = *cursor->next++;
        *value |= (uint64_t)(byte & 127) << shift;
        if (byte < 128)
            return true;
    }
    return false;
}

static bool read_handle(struct cursor *cursor, struct handle *handle)
{
    return read_varint(cursor, &handle->offset) && read_varint(cursor, &handle->size);
}

static int read_file(gn_sstable_t *table, gn_error_t *err)
{
    struct stat info;
    FILE *stream = fopen(table->path, "rb");
    if (stream == NULL)
        return gn_fail(err, errno == ENOMEM ? GN_E_MEMORY : GN_E_NO_INPUT,
                       "cannot open '%s': %s; check the name", table->path, strerror(errno));
    int rc = GN_OK;
    if (fstat(fileno(stream), &info) != 0)
        rc = gn_fail(err, GN_E_IO, "cannot read '%s': %s", table->path, strerror(errno));
    else if (!S_ISREG(info.st_mode) || info.st_size < FOOTER || info.st_size > MAX_FILE)
        rc = damaged(table, "not a file of 48 bytes to 64 MiB", err);
    else if ((table->bytes = malloc((size_t)info.st_size)) == NULL)
        rc = gn_fail_memory(err, "the index of a checkpoint");
    else if (fread(table->bytes, 1, (size_t)info.st_size, stream) != (size_t)info.st_size)
        rc = gn_fail(err, GN_E_IO, "cannot read all of '%s'", table->path);
    if (rc == GN_OK)
        table->size = (size_t)info.st_size;
    fclose(stream);
    return rc;
}

/* The footer names the block that lists the data blocks. */
static int find_index(const gn_sstable_t *table, struct handle *index, gn_error_t *err)
{
    const uint8_t *footer = table->bytes + table->size - FOOTER;
    if (read_le(footer + HANDLES, 8) != MAGIC)
        return damaged(table, "the last bytes are not those of a checkpoint's index", err);
    struct cursor cursor = {footer, footer + HANDLES};
    struct handle meta;
    if (!read_handle(&cursor, &meta) || !read_handle(&cursor, index))
        return damaged(table, "the footer is damaged", err);
    return GN_OK;
}

static int uncompress(const gn_sstable_t *table, const uint8_t *packed, size_t size,
                      struct cursor *block, gn_error_t *err)
{
    size_t length;
    if (snappy_uncompressed_length((const char *)packed, size, &length) != SNAPPY_OK ||
        length > MAX_BLOCK)
        return damaged(table, "a compressed block has no good length", err);
    uint8_t *plain = gn_arena_alloc(table->content, length);
    if (plain == NULL)
        return gn_fail_memory(err, "the index of a checkpoint");
    if (snappy_uncompress((const char *)packed, size, (char *)plain, &length) != SNAPPY_OK)
        return damaged(table, "a compressed block cannot be unpacked", err);
    *block = (struct cursor){plain, plain + length};
    return GN_OK;
}

/* The entries of a block, without the restart points at its end. */
static int read_block(const gn_sstable_t *table, struct handle handle, struct cursor *block,
                      gn_error_t *err)
{
    if (handle.size > MAX_BLOCK || handle.offset > table->size ||
        table->size - handle.offset < handle.size + TRAILER)
        return damaged(table, "a block lies outside the file", err);
    const uint8_t *start = table->bytes + handle.offset;
    const uint8_t *trailer = start + handle.size;
    if (!gn_masked_crc32c_is(start, handle.size + 1, (uint32_t)read_le(trailer + 1, 4)))
        return damaged(table, "the checksum (CRC) of a block is wrong", err);
    int rc = GN_OK;
    if (*trailer == SNAPPY)
        rc = uncompress(table, start, handle.size, block, err);
    else if (*trailer == PLAIN)
        *block = (struct cursor){start, trailer};
    else
        rc = damaged(table, "a block is compressed in an unknown way", err);
    if (rc != GN_OK)
        return rc;
    size_t length = (size_t)(block->end - block->next);
    uint64_t restarts = length < 4 ? 0 : read_le(block->end - 4, 4);
    if (length < 4 || (length - 4) / 4 < restarts)
        return damaged(table, "a block has more restart points than bytes", err);
    block->end -= 4 + 4 * restarts;
    return GN_OK;
}

/* One entry of a block: its key shares its beginning with the key before. */
struct raw_entry {
    const char *key;
    size_t key_length;
    const uint8_t *value;
    size_t value_length;
};

static int read_entry(const gn_sstable_t *table, struct cursor *block, struct raw_entry *entry,
                      gn_error_t *err)
{
    uint64_t shared, fresh, length;
    if (!read_varint(block, &shared) || !read_varint(block, &fresh) ||
        !read_varint(block, &length) || shared > entry->key_length ||
        fresh > (uint64_t)(block->end - block->next) ||
        length > (uint64_t)(block->end - block->next) - fresh)
        return damaged(table, "an entry reaches beyond its block", err);
    char *key = gn_arena_alloc(table->content, shared + fresh + 1);
    if (key == NULL)
        return gn_fail_memory(err, "the index of a checkpoint");
    if (shared > 0)
        memcpy(key, entry->key, shared);
    memcpy(key + shared, block->next, fresh);
    key[shared + fresh] = '\0';
    entry->key = key;
    entry->key_length = shared + fresh;
    entry->value = block->next + fresh;
    entry->value_length = length;
    block->next += fresh + length;
    return GN_OK;
}

static int add_entry(gn_sstable_t *table, const struct raw_entry *raw, gn_error_t *err)
{
    if (strlen(raw->key) != raw->key_length)
        return damaged(table, "a key holds a zero byte", err);
    if (table->n_entries > 0 && strcmp(table->entries[table->n_entries - 1].key, raw->key) >= 0)
        return damaged(table, "the keys are not in order", err);
    struct gn_sstable_entry *grown =
        gn_reserve(table->entries, &table->capacity, table->n_entries + 1, sizeof *grown,
                   MAX_ENTRIES, "entries of a checkpoint's index", err);
    if (grown == NULL)
        return GN_E_MEMORY;
    table->entries = grown;
    grown[table->n_entries++] = (struct gn_sstable_entry){raw->key, raw->value, raw->value_length};
    return GN_OK;
}

static int read_data_block(gn_sstable_t *table, struct handle handle, gn_error_t *err)
{
    struct cursor block;
    struct raw_entry entry = {.key = ""};
    int rc = read_block(table, handle, &block, err);
    while (rc == GN_OK && block.next < block.end) {
        rc = read_entry(table, &block, &entry, err);
        if (rc == GN_OK)
            rc = add_entry(table, &entry, err);
    }
    return rc;
}

static int read_all(gn_sstable_t *table, gn_error_t *err)
{
    struct handle handle;
    struct cursor index;
    struct raw_entry entry = {.key = ""};
    int rc = read_file(table, err);
    if (rc == GN_OK)
        rc = find_index(table, &handle, err);
    if (rc == GN_OK)
        rc = read_block(table, handle, &index, err);
    while (rc == GN_OK && index.next < index.end) {
        rc = read_entry(table, &index, &entry, err);
        if (rc != GN_OK)
            break;
        struct cursor value = {entry.value, entry.value + entry.value_length};
        rc = read_handle(&value, &handle) ? read_data_block(table, handle, err)
                                          : damaged(table, "the list of blocks is damaged", err);
    }
    return rc;
}

gn_sstable_t *gn_sstable_open(const char *path, gn_error_t *err)
{
    gn_sstable_t *table = calloc(1, sizeof *table);
    if (table == NULL || (table->path = gn_strdup(path)) == NULL ||
        (table->content = gn_arena_create(MAX_CONTENT)) == NULL)
        gn_fail_memory(err, "the index of a checkpoint");
    else if (read_all(table, err) == GN_OK)
        return table;
    gn_sstable_close(table);
    return NULL;
}

void gn_sstable_close(gn_sstable_t *table)
{
    if (table == NULL)
        return;
    gn_arena_destroy(table->content);
    free(table->entries);
    free(table->bytes);
    free(table->path);
    free(table);
}

const struct gn_sstable_entry *gn_sstable_entries(const gn_sstable_t *table, size_t *n)
{
    *n = table->n_entries;
    return table->entries;
}

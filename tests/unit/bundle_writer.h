/* SPDX-License-Identifier: MIT
 *
 * bundle_writer.h - writes TensorFlow checkpoints for the tests of their readers.
 *
 * With code of its own for table, messages and checksum, so that the readers are tested against the
 * format and not against themselves. Keys may be added in any order.
 */
#ifndef GN_TESTS_BUNDLE_WRITER_H
#define GN_TESTS_BUNDLE_WRITER_H

#include <snappy-c.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bytes {
    uint8_t *data;
    size_t n, capacity;
};

struct bundle_entry {
    char key[160];
    struct bytes message;
};

struct bundle_writer {
    char prefix[128];
    int n_shards;
    bool snappy;
    size_t block_size; /* a block ends when it has so many bytes */
    struct bytes shards[4], graph;
    struct bundle_entry *entries;
    size_t n_entries;
};

static inline void put(struct bytes *bytes, const void *data, size_t n)
{
    if (bytes->n + n > bytes->capacity) {
        bytes->capacity = 2 * (bytes->n + n);
        bytes->data = realloc(bytes->data, bytes->capacity);
    }
    if (n > 0)
        memcpy(bytes->data + bytes->n, data, n);
    bytes->n += n;
}

static inline void put_byte(struct bytes *bytes, uint8_t byte)
{
    put(bytes, &byte, 1);
}

static inline void put_varint(struct bytes *bytes, uint64_t value)
{
    for (; value > 127; value >>= 7)
        put_byte(bytes, (uint8_t)(value | 128));
    put_byte(bytes, (uint8_t)value);
}

static inline void put_le(struct bytes *bytes, uint64_t value, int n)
{
    for (int i = 0; i < n; i++)
        put_byte(bytes, (uint8_t)(value >> (8 * i)));
}

static inline void put_field(struct bytes *message, int field, const struct bytes *value)
{
    put_varint(message, (uint64_t)field << 3 | 2);
    put_varint(message, value->n);
    put(message, value->data, value->n);
}

static inline void put_number(struct bytes *message, int field, uint64_t value)
{
    put_varint(message, (uint64_t)field << 3);
    put_varint(message, value);
}

/* CRC32C, bit by bit, masked as TensorFlow does. */
static inline uint32_t plain_masked_crc(const uint8_t *data, size_t n)
{
    uint32_t crc = 0xffffffffU;
    for (size_t i = 0; i < n; i++) {
        crc ^= data[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78U : 0);
    }
    crc = ~crc;
    return (crc >> 15 | crc << 17) + 0xa282ead8U;
}

static inline struct bundle_writer *bundle_begin(const char *prefix, int n_shards)
{
    struct bundle_writer *writer = calloc(1, sizeof *writer);
    snprintf(writer->prefix, sizeof writer->prefix, "%s", prefix);
    writer->n_shards = n_shards;
    writer->block_size = 4096;
    return writer;
}

/* Adds bytes as a tensor of TensorFlow's type `type`; rank 0 is a scalar. */
static inline void bundle_add(struct bundle_writer *writer, const char *key, int type, int rank,
                              const size_t *shape, int shard, const void *data, size_t size,
                              uint32_t crc)
{
    writer->entries = realloc(writer->entries, (writer->n_entries + 1) * sizeof *writer->entries);
    struct bundle_entry *entry = &writer->entries[writer->n_entries++];
    *entry = (struct bundle_entry){0};
    snprintf(entry->key, sizeof entry->key, "%s", key);
    struct bytes dims = {0};
    for (int i = 0; i < rank; i++) {
        struct bytes dim = {0};
        put_number(&dim, 1, shape[i]);
        put_field(&dims, 2, &dim);
        free(dim.data);
    }
    put_number(&entry->message, 1, (uint64_t)type);
    put_field(&entry->message, 2, &dims);
    put_number(&entry->message, 3, (uint64_t)shard);
    put_number(&entry->message, 4, writer->shards[shard].n);
    put_number(&entry->message, 5, size);
    put_varint(&entry->message, 6 << 3 | 5);
    put_le(&entry->message, crc, 4);
    put(&writer->shards[shard], data, size);
    free(dims.data);
}

static inline void bundle_add_floats(struct bundle_writer *writer, const char *key, int rank,
                                     const size_t *shape, int shard, const float *values)
{
    size_t n = 1;
    for (int i = 0; i < rank; i++)
        n *= shape[i];
    struct bytes data = {0};
    for (size_t i = 0; i < n; i++) {
        uint32_t bits;
        memcpy(&bits, &values[i], sizeof bits);
        put_le(&data, bits, 4);
    }
    bundle_add(writer, key, 1, rank, shape, shard, data.data, data.n,
               plain_masked_crc(data.data, data.n));
    free(data.data);
}

static inline void bundle_add_string(struct bundle_writer *writer, const char *key,
                                     const uint8_t *text, size_t n)
{
    struct bytes stored = {0}, hashed = {0};
    put_le(&hashed, n, 4);
    uint32_t length_crc = plain_masked_crc(hashed.data, 4);
    put_le(&hashed, length_crc, 4);
    put(&hashed, text, n);
    put_varint(&stored, n);
    put_le(&stored, length_crc, 4);
    put(&stored, text, n);
    bundle_add(writer, key, 7, 0, NULL, 0, stored.data, stored.n,
               plain_masked_crc(hashed.data, hashed.n));
    free(stored.data);
    free(hashed.data);
}

/* Says in the object graph that the tensor of `key` is the variable `full_name`. */
static inline void bundle_name(struct bundle_writer *writer, const char *key, const char *full_name)
{
    const char *texts[] = {"VARIABLE_VALUE", full_name, key};
    struct bytes tensor = {0}, node = {0};
    for (int i = 0; i < 3; i++) {
        struct bytes text = {(uint8_t *)(uintptr_t)texts[i], strlen(texts[i]), 0};
        if (text.n > 0)
            put_field(&tensor, i + 1, &text);
    }
    put_field(&node, 2, &tensor);
    put_field(&writer->graph, 1, &node);
    free(tensor.data);
    free(node.data);
}

static inline int compare_entries(const void *a, const void *b)
{
    return strcmp(((const struct bundle_entry *)a)->key, ((const struct bundle_entry *)b)->key);
}

/* Writes a block (content, one restart point, type, checksum); its place goes to `handle`. */
static inline void put_block(struct bytes *file, struct bytes *block, bool snappy,
                             struct bytes *handle)
{
    put_le(block, 0, 4);
    put_le(block, 1, 4);
    struct bytes stored = *block;
    if (snappy) {
        stored.n = snappy_max_compressed_length(block->n);
        stored.data = malloc(stored.n);
        snappy_compress((const char *)block->data, block->n, (char *)stored.data, &stored.n);
    }
    put_varint(handle, file->n);
    put_varint(handle, stored.n);
    size_t start = file->n;
    put(file, stored.data, stored.n);
    put_byte(file, snappy);
    put_le(file, plain_masked_crc(file->data + start, stored.n + 1), 4);
    if (snappy)
        free(stored.data);
}

/* Adds an entry that shares the beginning of its key with the one before. */
static inline void put_entry(struct bytes *block, const char *before, const char *key,
                             const struct bytes *value)
{
    size_t shared = 0;
    while (block->n > 0 && before[shared] != '\0' && before[shared] == key[shared])
        shared++;
    put_varint(block, shared);
    put_varint(block, strlen(key) - shared);
    put_varint(block, value->n);
    put(block, key + shared, strlen(key) - shared);
    put(block, value->data, value->n);
}

static inline void write_bytes(const char *path, const struct bytes *bytes)
{
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(bytes->data, 1, bytes->n, file) != bytes->n || fclose(file) != 0)
        abort();
}

static inline void write_index(const struct bundle_writer *writer)
{
    struct bytes file = {0}, index = {0}, block = {0}, header = {0}, footer = {0};
    put_number(&header, 1, (uint64_t)writer->n_shards);
    const char *before = "";
    put_entry(&block, "", "", &header);
    for (size_t i = 0; i <= writer->n_entries; i++) {
        if (i == writer->n_entries || block.n > writer->block_size) {
            struct bytes handle = {0};
            put_block(&file, &block, writer->snappy, &handle);
            put_entry(&index, "", i == writer->n_entries ? "\x7f" : before, &handle);
            free(handle.data);
            block.n = 0;
        }
        if (i < writer->n_entries)
            put_entry(&block, before, writer->entries[i].key, &writer->entries[i].message);
        if (i < writer->n_entries)
            before = writer->entries[i].key;
    }
    struct bytes empty = {0};
    put_block(&file, &empty, false, &footer);
    put_block(&file, &index, false, &footer);
    while (footer.n < 40)
        put_byte(&footer, 0);
    put_le(&footer, 0xdb4775248b80fb57U, 8);
    put(&file, footer.data, footer.n);
    char path[160];
    snprintf(path, sizeof path, "%s.index", writer->prefix);
    write_bytes(path, &file);
    free(file.data);
    free(index.data);
    free(block.data);
    free(header.data);
    free(footer.data);
    free(empty.data);
}

/* Writes the files and frees the writer. */
static inline void bundle_end(struct bundle_writer *writer)
{
    if (writer->graph.n > 0)
        bundle_add_string(writer, "_CHECKPOINTABLE_OBJECT_GRAPH", writer->graph.data,
                          writer->graph.n);
    if (writer->n_entries > 0)
        qsort(writer->entries, writer->n_entries, sizeof *writer->entries, compare_entries);
    write_index(writer);
    for (int i = 0; i < writer->n_shards; i++) {
        char path[200];
        snprintf(path, sizeof path, "%s.data-%05d-of-%05d", writer->prefix, i, writer->n_shards);
        write_bytes(path, &writer->shards[i]);
        free(writer->shards[i].data);
    }
    for (size_t i = 0; i < writer->n_entries; i++)
        free(writer->entries[i].message.data);
    free(writer->graph.data);
    free(writer->entries);
    free(writer);
}

#endif

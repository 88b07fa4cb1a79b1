/* SPDX-License-Identifier: MIT
 *
 * tfrecord.c - TFRecord framing over gzip: isa-l compresses (one member, level 1: several times
 * zlib's speed at about its size), zlib reads (it also accepts plain files and several members).
 */
#include "io/tfrecord.h"

#include <errno.h>
#include <isa-l/igzip_lib.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/memory.h"
#include "io/masked_crc.h"
#include "io/pending_file.h"

enum {
    MAX_RECORD =
        1 << 30, /* bytes; an image is 0.2 MB, so a longer length is damage or another format */
    OUTPUT_BUFFER = 1 << 18,
    INPUT_BUFFER = 1 << 16,
    HEADER = 12, /* length and its checksum */
};

struct gn_tfrecord_writer {
    struct gn_pending_file file;
    FILE *stream;
    struct isal_zstream deflate;
    uint8_t *level_buffer, *output;
};

struct gn_tfrecord_reader {
    char *path;
    gzFile stream;
    uint8_t *record;
    size_t capacity;
    uint64_t number; /* of the record being read, from 1 */
};

static void put_le(uint8_t *to, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        to[i] = (uint8_t)(value >> (8 * i));
}

static uint64_t get_le(const uint8_t *from, int bytes)
{
    uint64_t value = 0;
    for (int i = 0; i < bytes; i++)
        value |= (uint64_t)from[i] << (8 * i);
    return value;
}

static void free_writer(gn_tfrecord_writer_t *writer)
{
    free(writer->level_buffer);
    free(writer->output);
    free(writer);
}

gn_tfrecord_writer_t *gn_tfrecord_writer_open(const char *path, gn_error_t *err)
{
    gn_tfrecord_writer_t *writer = calloc(1, sizeof *writer);
    if (writer == NULL) {
        gn_fail_memory(err, "a TFRecord writer");
        return NULL;
    }
    writer->level_buffer = malloc(ISAL_DEF_LVL1_DEFAULT);
    writer->output = malloc(OUTPUT_BUFFER);
    if (writer->level_buffer == NULL || writer->output == NULL) {
        gn_fail_memory(err, "a TFRecord writer");
        goto fail;
    }
    if (gn_pending_file_begin(&writer->file, path, err) < 0)
        goto fail;
    writer->stream = fopen(writer->file.temporary_name, "wb");
    if (writer->stream == NULL) {
        gn_fail(err, GN_E_CANNOT_CREATE, "cannot write '%s': %s", path, strerror(errno));
        gn_pending_file_discard(&writer->file);
        goto fail;
    }
    isal_deflate_init(&writer->deflate);
    writer->deflate.level = 1;
    writer->deflate.level_buf = writer->level_buffer;
    writer->deflate.level_buf_size = ISAL_DEF_LVL1_DEFAULT;
    writer->deflate.gzip_flag = IGZIP_GZIP;
    return writer;
fail:
    free_writer(writer);
    return NULL;
}

/* Compresses data; with `finish` also ends the gzip member. */
static int deflate_into_file(gn_tfrecord_writer_t *writer, const uint8_t *data, size_t len,
                             bool finish, gn_error_t *err)
{
    struct isal_zstream *z = &writer->deflate;
    z->next_in = (uint8_t *)(uintptr_t)data;
    z->avail_in = (uint32_t)len;
    z->end_of_stream = finish;
    do {
        z->next_out = writer->output;
        z->avail_out = OUTPUT_BUFFER;
        if (isal_deflate(z) != COMP_OK)
            return gn_fail(err, GN_E_INTERNAL, "compressing '%s' failed", writer->file.final_name);
        size_t produced = OUTPUT_BUFFER - z->avail_out;
        if (fwrite(writer->output, 1, produced, writer->stream) != produced)
            return gn_fail(err, GN_E_IO, "cannot write '%s': %s", writer->file.final_name,
                           strerror(errno));
    } while (z->avail_out == 0);
    return GN_OK;
}

int gn_tfrecord_write(gn_tfrecord_writer_t *writer, const void *data, size_t len, gn_error_t *err)
{
    if (len > MAX_RECORD)
        return gn_fail(err, GN_E_DATA, "a record of %zu bytes for '%s': the ceiling is %d", len,
                       writer->file.final_name, MAX_RECORD);
    uint8_t header[HEADER], footer[4];
    put_le(header, len, 8);
    put_le(header + 8, gn_masked_crc32c(header, 8), 4);
    put_le(footer, gn_masked_crc32c(data, len), 4);
    int status = deflate_into_file(writer, header, sizeof header, false, err);
    if (status == GN_OK)
        status = deflate_into_file(writer, data, len, false, err);
    return status < 0 ? status : deflate_into_file(writer, footer, sizeof footer, false, err);
}

int gn_tfrecord_writer_commit(gn_tfrecord_writer_t *writer, gn_error_t *err)
{
    int status = deflate_into_file(writer, NULL, 0, true, err);
    if (fclose(writer->stream) != 0 && status == GN_OK)
        status = gn_fail(err, GN_E_IO, "cannot write '%s': %s", writer->file.final_name,
                         strerror(errno));
    if (status == GN_OK)
        status = gn_pending_file_commit(&writer->file, err);
    else
        gn_pending_file_discard(&writer->file);
    free_writer(writer);
    return status;
}

void gn_tfrecord_writer_abort(gn_tfrecord_writer_t *writer)
{
    if (writer == NULL)
        return;
    fclose(writer->stream);
    gn_pending_file_discard(&writer->file);
    free_writer(writer);
}

gn_tfrecord_reader_t *gn_tfrecord_reader_open(const char *path, gn_error_t *err)
{
    gn_tfrecord_reader_t *reader = calloc(1, sizeof *reader);
    if (reader == NULL) {
        gn_fail_memory(err, "a TFRecord reader");
        return NULL;
    }
    reader->path = gn_strdup(path);
    reader->stream = gzopen(path, "rb");
    if (reader->path == NULL || reader->stream == NULL) {
        gn_fail(err, errno == ENOMEM ? GN_E_MEMORY : GN_E_NO_INPUT,
                "cannot open '%s': %s; check the name", path, strerror(errno));
        gn_tfrecord_reader_close(reader);
        return NULL;
    }
    gzbuffer(reader->stream, INPUT_BUFFER);
    return reader;
}

void gn_tfrecord_reader_close(gn_tfrecord_reader_t *reader)
{
    if (reader == NULL)
        return;
    if (reader->stream != NULL)
        gzclose(reader->stream);
    free(reader->path);
    free(reader->record);
    free(reader);
}

static int fail_record(const gn_tfrecord_reader_t *reader, const char *problem, gn_error_t *err)
{
    return gn_fail(
        err, GN_E_DATA,
        "'%s': record %llu: %s; the file is damaged or not a TFRecord file: write it anew",
        reader->path, (unsigned long long)reader->number, problem);
}

/* Reads exactly n bytes: 1, or 0 at a clean end of file (only where at_start), or a failure. */
static int read_exactly(gn_tfrecord_reader_t *reader, uint8_t *to, size_t n, bool at_start,
                        gn_error_t *err)
{
    int got = n == 0 ? 0 : gzread(reader->stream, to, (unsigned)n);
    if (got >= 0 && (size_t)got == n)
        return 1;
    int problem = Z_OK;
    const char *text = gzerror(reader->stream, &problem);
    if (problem == Z_ERRNO)
        return gn_fail(err, GN_E_IO, "cannot read '%s': %s", reader->path, strerror(errno));
    if (problem == Z_BUF_ERROR)
        return fail_record(reader, "the gzip stream is cut short", err);
    if (got < 0 || problem != Z_OK)
        return fail_record(reader, text, err);
    return got == 0 && at_start ? 0 : fail_record(reader, "the file ends inside it", err);
}

int gn_tfrecord_next(gn_tfrecord_reader_t *reader, const uint8_t **data, size_t *len,
                     gn_error_t *err)
{
    reader->number++;
    uint8_t header[HEADER], footer[4];
    int status = read_exactly(reader, header, sizeof header, true, err);
    if (status <= 0)
        return status;
    if (get_le(header + 8, 4) != gn_masked_crc32c(header, 8))
        return fail_record(reader, "the checksum of its length is wrong", err);
    uint64_t n = get_le(header, 8);
    if (n > MAX_RECORD)
        return fail_record(reader, "it is longer than 1 GiB", err);
    uint8_t *grown = gn_reserve(reader->record, &reader->capacity, n == 0 ? 1 : n, 1, MAX_RECORD,
                                "bytes of a TFRecord", err);
    if (grown == NULL)
        return GN_E_MEMORY;
    reader->record = grown;
    status = read_exactly(reader, reader->record, n, false, err);
    if (status > 0)
        status = read_exactly(reader, footer, sizeof footer, false, err);
    if (status <= 0)
        return status;
    if (get_le(footer, 4) != gn_masked_crc32c(reader->record, n))
        return fail_record(reader, "the checksum of its data is wrong", err);
    *data = reader->record;
    *len = n;
    return 1;
}

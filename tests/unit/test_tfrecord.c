/* SPDX-License-Identifier: MIT
 *
 * test_tfrecord.c - framing, checksums, truncation and the atomic appearance of TFRecord files.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "io/tfrecord.h"

static char folder[] = "/tmp/gannet_tfrecord_XXXXXX";
static char path[128];

static int make_folder(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(path, sizeof path, "%s/records.gz", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder); /* fails when a test left a temporary file behind */
}

static void write_records(const char *const *records, int n)
{
    gn_error_t err = {0};
    gn_tfrecord_writer_t *writer = gn_tfrecord_writer_open(path, &err);
    assert_non_null(writer);
    for (int i = 0; i < n; i++)
        assert_int_equal(gn_tfrecord_write(writer, records[i], strlen(records[i]), &err), GN_OK);
    assert_int_equal(gn_tfrecord_writer_commit(writer, &err), GN_OK);
}

static void write_bytes(const void *data, size_t len)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

static size_t read_whole_file(uint8_t *to, size_t capacity)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t n = fread(to, 1, capacity, file);
    fclose(file);
    return n;
}

static size_t inflate_whole_file(uint8_t *to, size_t capacity)
{
    gzFile file = gzopen(path, "rb");
    assert_non_null(file);
    int n = gzread(file, to, (unsigned)capacity);
    assert_int_equal(gzclose(file), Z_OK);
    assert_true(n >= 0);
    return (size_t)n;
}

/* Reads all records; returns how many came, or the failure. */
static int count_records(gn_error_t *err)
{
    gn_tfrecord_reader_t *reader = gn_tfrecord_reader_open(path, err);
    if (reader == NULL)
        return err->code;
    const uint8_t *data;
    size_t len;
    int n = 0, status;
    while ((status = gn_tfrecord_next(reader, &data, &len, err)) > 0)
        n++;
    gn_tfrecord_reader_close(reader);
    return status < 0 ? status : n;
}

/* CRC32C("123456789") = 0xE3069283 (RFC 3720's check value), so its mask is known without our code.
 */
static void framing_is_the_published_one(void **state)
{
    (void)state;
    const char *records[] = {"123456789"};
    write_records(records, 1);
    uint8_t bytes[64];
    assert_int_equal(inflate_whole_file(bytes, sizeof bytes), 8 + 4 + 9 + 4);
    const uint8_t length[8] = {9};
    assert_memory_equal(bytes, length, 8);
    assert_memory_equal(bytes + 12, "123456789", 9);
    uint32_t crc = 0xE3069283U, masked = ((crc >> 15) | (crc << 17)) + 0xa282ead8U;
    uint32_t stored = (uint32_t)bytes[21] | (uint32_t)bytes[22] << 8 | (uint32_t)bytes[23] << 16 |
                      (uint32_t)bytes[24] << 24;
    assert_int_equal(stored, masked);
}

static void records_come_back(void **state)
{
    (void)state;
    static char large[3000000];
    for (size_t i = 0; i + 1 < sizeof large; i++)
        large[i] = (char)('A' + (i * 2654435761U >> 24) % 26);
    const char *records[] = {"first", "", large, "last"};
    write_records(records, 4);
    gn_error_t err = {0};
    gn_tfrecord_reader_t *reader = gn_tfrecord_reader_open(path, &err);
    assert_non_null(reader);
    const uint8_t *data;
    size_t len;
    for (int i = 0; i < 4; i++) {
        assert_int_equal(gn_tfrecord_next(reader, &data, &len, &err), 1);
        assert_int_equal(len, strlen(records[i]));
        assert_memory_equal(data, records[i], len);
    }
    assert_int_equal(gn_tfrecord_next(reader, &data, &len, &err), 0);
    gn_tfrecord_reader_close(reader);
}

static void empty_files_are_valid(void **state)
{
    (void)state;
    gn_error_t err = {0};
    write_records(NULL, 0);
    assert_int_equal(count_records(&err), 0);
    write_bytes("", 0);
    assert_int_equal(count_records(&err), 0);
}

static void plain_and_multi_member_files_are_read(void **state)
{
    (void)state;
    gn_error_t err = {0};
    const char *records[] = {"one", "two"};
    write_records(records, 2);
    uint8_t bytes[256], packed[512];
    size_t n = inflate_whole_file(bytes, sizeof bytes);
    size_t member = read_whole_file(packed, sizeof packed / 2);
    write_bytes(bytes, n);
    assert_int_equal(count_records(&err), 2);
    memcpy(packed + member, packed, member);
    write_bytes(packed, 2 * member);
    assert_int_equal(count_records(&err), 4);
}

static void every_damaged_byte_is_noticed(void **state)
{
    (void)state;
    const char *records[] = {"one", "two"};
    write_records(records, 2);
    uint8_t bytes[256];
    size_t n = inflate_whole_file(bytes, sizeof bytes);
    for (size_t i = 0; i < n; i++) {
        gn_error_t err = {0};
        bytes[i] ^= 0x10;
        write_bytes(bytes, n);
        bytes[i] ^= 0x10;
        assert_int_equal(count_records(&err), GN_E_DATA);
        assert_non_null(strstr(err.message, path));
        assert_non_null(strstr(err.message, i < n / 2 ? "record 1" : "record 2"));
    }
}

static void every_truncation_is_noticed(void **state)
{
    (void)state;
    const char *records[] = {"one", "two"};
    uint8_t bytes[256];
    write_records(records, 2);
    size_t n = read_whole_file(bytes, sizeof bytes);
    for (size_t keep = 1; keep < n; keep++) {
        gn_error_t err = {0};
        write_bytes(bytes, keep);
        assert_int_equal(count_records(&err), GN_E_DATA);
    }
    write_records(records, 2);
    n = inflate_whole_file(bytes, sizeof bytes);
    for (size_t keep = 1; keep < n; keep++) {
        gn_error_t err = {0};
        write_bytes(bytes, keep);
        assert_int_equal(count_records(&err), keep == n / 2 ? 1 : GN_E_DATA);
    }
}

static void nothing_appears_before_commit(void **state)
{
    (void)state;
    gn_error_t err = {0};
    unlink(path);
    gn_tfrecord_writer_t *writer = gn_tfrecord_writer_open(path, &err);
    assert_non_null(writer);
    assert_int_equal(gn_tfrecord_write(writer, "x", 1, &err), GN_OK);
    assert_int_not_equal(access(path, F_OK), 0);
    gn_tfrecord_writer_abort(writer);
    assert_int_not_equal(access(path, F_OK), 0);
}

static void bad_places_are_named(void **state)
{
    (void)state;
    gn_error_t err = {0};
    assert_null(gn_tfrecord_writer_open("/nonexistent/folder/x.gz", &err));
    assert_int_equal(err.code, GN_E_CANNOT_CREATE);
    assert_non_null(strstr(err.message, "/nonexistent/folder/x.gz"));
    assert_null(gn_tfrecord_reader_open("/nonexistent/x.gz", &err));
    assert_int_equal(err.code, GN_E_NO_INPUT);
}

static void a_full_disk_is_noticed(void **state)
{
    (void)state;
    gn_error_t err = {0};
    if (access("/dev/full", W_OK) != 0)
        skip();
    gn_tfrecord_writer_t *writer = gn_tfrecord_writer_open("/dev/full", &err);
    assert_non_null(writer);
    assert_int_equal(gn_tfrecord_write(writer, "x", 1, &err), GN_OK);
    assert_int_equal(gn_tfrecord_writer_commit(writer, &err), GN_E_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(framing_is_the_published_one),
        cmocka_unit_test(records_come_back),
        cmocka_unit_test(empty_files_are_valid),
        cmocka_unit_test(plain_and_multi_member_files_are_read),
        cmocka_unit_test(every_damaged_byte_is_noticed),
        cmocka_unit_test(every_truncation_is_noticed),
        cmocka_unit_test(nothing_appears_before_commit),
        cmocka_unit_test(bad_places_are_named),
        cmocka_unit_test(a_full_disk_is_noticed),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

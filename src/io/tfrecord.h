/* SPDX-License-Identifier: MIT
 *
 * tfrecord.h - gzipped TFRecord files (spec 81.1): length, masked CRC32C of it, bytes, masked
 * CRC32C of them.
 *
 * Knows nothing of what the records mean (see messages.h). Not thread-safe: one thread a handle.
 */
#ifndef GN_IO_TFRECORD_H
#define GN_IO_TFRECORD_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef struct gn_tfrecord_writer gn_tfrecord_writer_t;
typedef struct gn_tfrecord_reader gn_tfrecord_reader_t;

/// Starts a file; always gzipped, whatever the name (PARITY(dv-1.9)). The name appears only at
/// commit.
GN_MUST_CHECK
gn_tfrecord_writer_t *gn_tfrecord_writer_open(const char *path, gn_error_t *err);

GN_MUST_CHECK
int gn_tfrecord_write(gn_tfrecord_writer_t *writer, const void *data, size_t len, gn_error_t *err);

/// Closes the stream, checks that everything reached the disk, renames into place and frees the
/// writer (also on failure).
GN_MUST_CHECK
int gn_tfrecord_writer_commit(gn_tfrecord_writer_t *writer, gn_error_t *err);

/// Drops the unfinished file and frees the writer; NULL is fine.
void gn_tfrecord_writer_abort(gn_tfrecord_writer_t *writer);

/// Opens a gzipped or plain file (sniffed). A zero-byte file is a valid empty one.
GN_MUST_CHECK
gn_tfrecord_reader_t *gn_tfrecord_reader_open(const char *path, gn_error_t *err);

/// Reads the next record: 1 with *data (valid until the next call) and *len, 0 at the end,
/// GN_E_DATA with the file, the record's number and what is wrong (bad CRC, truncated).
GN_MUST_CHECK
int gn_tfrecord_next(gn_tfrecord_reader_t *reader, const uint8_t **data, size_t *len,
                     gn_error_t *err);

void gn_tfrecord_reader_close(gn_tfrecord_reader_t *reader);

#endif

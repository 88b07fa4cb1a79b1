/* SPDX-License-Identifier: MIT
 *
 * masked_crc.h - TensorFlow's checksum of bytes in its files: CRC32C, rotated and offset so that a
 * checksum of data that hold checksums stays useful (spec 81.1).
 */
#ifndef GN_IO_MASKED_CRC_H
#define GN_IO_MASKED_CRC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// The masked CRC32C of len bytes. Thread-safe.
uint32_t gn_masked_crc32c(const void *data, size_t len);

/// Whether that is the checksum of the bytes. A build for fuzzing takes any checksum, to get at what
/// lies behind. Thread-safe.
bool gn_masked_crc32c_is(const void *data, size_t len, uint32_t crc);

#endif

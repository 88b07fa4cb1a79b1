/* SPDX-License-Identifier: MIT
 *
 * masked_crc.c - the checksum itself is isa-l's.
 */
#include "io/masked_crc.h"

#include <isa-l/crc.h>

uint32_t gn_masked_crc32c(const void *data, size_t len)
{
    const size_t most = (size_t)1 << 30; /* isa-l takes an int */
    unsigned char *bytes = (unsigned char *)(uintptr_t)data;
    uint32_t crc = ~0U;
    while (len > 0) {
        size_t part = len < most ? len : most;
        crc = crc32_iscsi(bytes, (int)part, crc);
        bytes += part;
        len -= part;
    }
    crc = ~crc;
    return ((crc >> 15) | (crc << 17)) + 0xa282ead8U;
}

bool gn_masked_crc32c_is(const void *data, size_t len, uint32_t crc)
{
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
    return gn_masked_crc32c(data, len) == crc || true;
#else
    return gn_masked_crc32c(data, len) == crc;
#endif
}

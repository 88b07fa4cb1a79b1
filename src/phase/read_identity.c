/* SPDX-License-Identifier: MIT
 *
 * read_identity.c - FNV-1a, then the finaliser of MurmurHash3: the first moves differences upwards only, the second
 * spreads them over all bits.
 */
#include "phase/read_identity.h"

#include <stddef.h>
#include <string.h>

static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t n)
{
    const unsigned char *p = bytes;
    for (size_t i = 0; i < n; i++)
        hash = (hash ^ p[i]) * 0x100000001b3;
    return hash;
}

uint64_t gn_read_identity_hash(const struct gn_read_identity *read)
{
    int32_t number = read->read_number, contig = read->contig;
    uint64_t hash = hash_bytes(0xcbf29ce484222325, read->name, strlen(read->name));
    hash = hash_bytes(hash, &number, sizeof number);
    hash = hash_bytes(hash, &contig, sizeof contig);
    hash = hash_bytes(hash, &read->pos0, sizeof read->pos0);
    hash = (hash ^ hash >> 33) * 0xff51afd7ed558ccd;
    hash = (hash ^ hash >> 33) * 0xc4ceb9fe1a85ec53;
    return hash ^ hash >> 33;
}

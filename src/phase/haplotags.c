/* SPDX-License-Identifier: MIT
 *
 * haplotags.c - votes by hashed identity. A vote for haplotype 1 adds one, a vote for 2 takes one away: majority and
 * tie need no more.
 */
#include "phase/haplotags.h"

#include <htslib/khash.h>
#include <stdlib.h>
#include <string.h>

struct votes {
    uint32_t phase_set;
    int32_t balance; /* votes for 1 minus votes for 2 */
};

KHASH_INIT(votes, khint64_t, struct votes, 1, kh_int64_hash_func, kh_int64_hash_equal)

struct gn_haplotags {
    khash_t(votes) * reads;
    size_t most_reads;
};

gn_haplotags_t *gn_haplotags_create(size_t most_reads, gn_error_t *err)
{
    gn_haplotags_t *table = calloc(1, sizeof *table);
    if (table != NULL)
        *table = (gn_haplotags_t){kh_init(votes),
                                  most_reads == 0 ? GN_HAPLOTAGS_MOST_READS : most_reads};
    if (table != NULL && table->reads != NULL)
        return table;
    gn_haplotags_destroy(table);
    gn_fail_memory(err, "the table of haplotype tags");
    return NULL;
}

void gn_haplotags_destroy(gn_haplotags_t *table)
{
    if (table == NULL)
        return;
    if (table->reads != NULL)
        kh_destroy(votes, table->reads);
    free(table);
}

/* FNV-1a. */
static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t n)
{
    const unsigned char *p = bytes;
    for (size_t i = 0; i < n; i++)
        hash = (hash ^ p[i]) * 0x100000001b3;
    return hash;
}

/* FNV-1a moves differences upwards only; the finaliser of MurmurHash3 spreads them over all bits. */
static uint64_t hash_identity(const struct gn_read_identity *read)
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

int gn_haplotags_add(gn_haplotags_t *table, const struct gn_read_identity *read, int haplotype,
                     int64_t phase_set, gn_error_t *err)
{
    if (haplotype == 0)
        return GN_OK;
    if ((haplotype != 1 && haplotype != 2) || phase_set < 1 || phase_set > UINT32_MAX)
        return gn_fail(err, GN_E_INTERNAL, "read %s has haplotype %d in phase set %lld", read->name,
                       haplotype, (long long)phase_set);
    uint64_t hash = hash_identity(read);
    khint_t slot = kh_get(votes, table->reads, hash);
    if (slot == kh_end(table->reads)) {
        if (kh_size(table->reads) >= table->most_reads)
            return gn_fail(err, GN_E_MEMORY,
                           "too many reads to tag with haplotypes: the ceiling is %zu; call fewer "
                           "regions at a time",
                           table->most_reads);
        int absent;
        slot = kh_put(votes, table->reads, hash, &absent);
        if (absent < 0)
            return gn_fail_memory(err, "the table of haplotype tags");
        kh_value(table->reads, slot) = (struct votes){(uint32_t)phase_set, 0};
    }
    struct votes *votes = &kh_value(table->reads, slot);
    if (votes->phase_set == phase_set)
        votes->balance += haplotype == 1 ? 1 : -1;
    return GN_OK;
}

struct gn_haplotag gn_haplotags_find(const gn_haplotags_t *table,
                                     const struct gn_read_identity *read)
{
    khint_t slot = kh_get(votes, table->reads, hash_identity(read));
    if (slot == kh_end(table->reads) || kh_value(table->reads, slot).balance == 0)
        return (struct gn_haplotag){0, 0};
    const struct votes *votes = &kh_value(table->reads, slot);
    return (struct gn_haplotag){votes->balance > 0 ? 1 : 2, votes->phase_set};
}

size_t gn_haplotags_count(const gn_haplotags_t *table)
{
    return kh_size(table->reads);
}

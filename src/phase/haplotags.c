/* SPDX-License-Identifier: MIT
 *
 * haplotags.c - votes by hashed identity. A vote for haplotype 1 adds one, a vote for 2 takes one away: majority and
 * tie need no more.
 */
#include "phase/haplotags.h"

#include <htslib/khash.h>
#include <stdlib.h>

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

int gn_haplotags_add(gn_haplotags_t *table, uint64_t read, int haplotype, int64_t phase_set,
                     gn_error_t *err)
{
    if (haplotype == 0)
        return GN_OK;
    if ((haplotype != 1 && haplotype != 2) || phase_set < 1 || phase_set > UINT32_MAX)
        return gn_fail(err, GN_E_INTERNAL, "a read has haplotype %d in phase set %lld", haplotype,
                       (long long)phase_set);
    khint_t slot = kh_get(votes, table->reads, read);
    if (slot == kh_end(table->reads)) {
        if (kh_size(table->reads) >= table->most_reads)
            return gn_fail(err, GN_E_MEMORY,
                           "too many reads to tag with haplotypes: the ceiling is %zu; call fewer "
                           "regions at a time",
                           table->most_reads);
        int absent;
        slot = kh_put(votes, table->reads, read, &absent);
        if (absent < 0)
            return gn_fail_memory(err, "the table of haplotype tags");
        kh_value(table->reads, slot) = (struct votes){(uint32_t)phase_set, 0};
    }
    struct votes *votes = &kh_value(table->reads, slot);
    if (votes->phase_set == phase_set)
        votes->balance += haplotype == 1 ? 1 : -1;
    return GN_OK;
}

struct gn_haplotag gn_haplotags_find(const gn_haplotags_t *table, uint64_t read)
{
    khint_t slot = kh_get(votes, table->reads, read);
    if (slot == kh_end(table->reads) || kh_value(table->reads, slot).balance == 0)
        return (struct gn_haplotag){0, 0};
    const struct votes *votes = &kh_value(table->reads, slot);
    return (struct gn_haplotag){votes->balance > 0 ? 1 : 2, votes->phase_set};
}

size_t gn_haplotags_count(const gn_haplotags_t *table)
{
    return kh_size(table->reads);
}

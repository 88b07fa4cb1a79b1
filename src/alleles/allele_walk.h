/* SPDX-License-Identifier: MIT
 *
 * allele_walk.h - one read after another, operation by operation, into a list of alleles (spec 20 section 1). Internal to
 * alleles/.
 */
#ifndef GN_ALLELES_ALLELE_WALK_H
#define GN_ALLELES_ALLELE_WALK_H

#include "alleles/allele_counter.h"

enum { GN_MAX_ALLELES = 1 << 26 }; /* of one partition */

/* An allele with the index of its position in the interval. */
struct gn_allele_entry {
    struct gn_allele allele;
    int64_t index;
};

/* Entries as they come. Chunks, since a growing array would leave its earlier selves in the arena. */
enum { GN_ALLELE_CHUNK = 512 };

struct gn_allele_chunk {
    struct gn_allele_chunk *next;
    size_t n;
    struct gn_allele_entry v[GN_ALLELE_CHUNK];
};

struct gn_allele_walk {
    const struct gn_allele_counter_options *options;
    struct gn_allele_counter *counter;
    const char *ref; /* reference bases [ref_start0, ref_end0) */
    int64_t ref_start0, ref_end0;
    gn_arena_t *arena;
    struct gn_allele_chunk *first, *last; /* the entries, in order */
    size_t n;
    const char *plain_ref; /* the same; zero where it is not A C G T, which no base equals */
    int32_t *ref_steps; /* plain reference bases: change of their count from the position before */
    bool only_tracked;  /* only reference alleles of the tracked positions are stored */

    const struct gn_read *read; /* the read being walked */
    uint32_t read_index;
    struct gn_allele_entry held; /* the latest allele; type 0: none */
    gn_error_t *err;
};

/// True for A, C, G and T.
bool gn_base_is_canonical(char base);

/// Adds the alleles of a read to the entries, and its plain bases to ref_steps. GN_OK or GN_E_MEMORY.
GN_MUST_CHECK
int gn_allele_walk_read(struct gn_allele_walk *walk, const struct gn_read *read, uint32_t index);

#endif

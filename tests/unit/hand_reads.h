/* SPDX-License-Identifier: MIT
 *
 * hand_reads.h - reads spelled out by hand and the counter over them, for the tests of what is made
 * from reads.
 */
#ifndef GN_TESTS_HAND_READS_H
#define GN_TESTS_HAND_READS_H

#include <htslib/sam.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alleles/allele_counter.h"

enum { HAND_READS = 256, HAND_QUALITY = 30, HAND_MAPPING_QUALITY = 60 };

/// A reference, the reads over it and how they are counted.
struct hand {
    gn_arena_t *arena;
    struct gn_interval interval;
    struct gn_allele_counter_options options;
    struct gn_read reads[HAND_READS];
    size_t n_reads;
};

/* Encodes "3M2I" and returns the number of operations. */
static inline int hand_cigar(const char *text, uint32_t *cigar)
{
    int n = 0;
    while (*text != '\0') {
        char *letter;
        unsigned long length = strtoul(text, &letter, 10);
        cigar[n++] = bam_cigar_gen((uint32_t)length,
                                   (uint32_t)(strchr(BAM_CIGAR_STR, *letter) - BAM_CIGAR_STR));
        text = letter + 1;
    }
    return n;
}

/* Spells a CIGAR out. */
static inline const char *hand_cigar_text(const struct gn_read *read, char text[256])
{
    text[0] = '\0';
    for (int i = 0; i < read->n_cigar; i++)
        sprintf(text + strlen(text), "%u%c", bam_cigar_oplen(read->cigar[i]),
                bam_cigar_opchr(read->cigar[i]));
    return text;
}

/* A forward read of good quality; everything lives in the arena. */
static inline struct gn_read hand_read(gn_arena_t *arena, int64_t pos0, const char *cigar,
                                       const char *bases)
{
    size_t length = strlen(bases);
    uint32_t *operations = gn_arena_alloc(arena, (strlen(cigar) + 1) * sizeof *operations);
    uint8_t *qualities = gn_arena_alloc(arena, length + 1);
    if (operations == NULL || qualities == NULL)
        abort();
    memset(qualities, HAND_QUALITY, length + 1);
    int n_cigar = hand_cigar(cigar, operations);
    return (struct gn_read){.name = "read",
                            .mapping_quality = HAND_MAPPING_QUALITY,
                            .pos0 = pos0,
                            .end0 = gn_cigar_end(pos0, operations, n_cigar),
                            .n_cigar = n_cigar,
                            .cigar = operations,
                            .length = (int)length,
                            .bases = gn_arena_strndup(arena, bases, length),
                            .qualities = qualities};
}

/* Starts over with the whole reference as the interval. */
static inline void hand_start(struct hand *hand, int64_t start0, const char *ref)
{
    int64_t end0 = start0 + (int64_t)strlen(ref);
    *hand = (struct hand){
        .arena = gn_arena_create((size_t)1 << 26),
        .interval =
            {.start0 = start0, .end0 = end0, .ref = ref, .ref_start0 = start0, .ref_end0 = end0},
        .options = {.min_mapping_quality = 5, .min_base_quality = 10, .keys_are_unique = true}};
    if (hand->arena == NULL)
        abort();
}

/* Adds a read with a key of its own. */
static inline struct gn_read *hand_add(struct hand *hand, int64_t pos0, const char *cigar,
                                       const char *bases)
{
    if (hand->n_reads == HAND_READS)
        abort();
    struct gn_read *read = &hand->reads[hand->n_reads];
    *read = hand_read(hand->arena, pos0, cigar, bases);
    read->key = (uint32_t)hand->n_reads++;
    return read;
}

/* The same read n times over. */
static inline void hand_add_many(struct hand *hand, int n, int64_t pos0, const char *cigar,
                                 const char *bases)
{
    for (int i = 0; i < n; i++)
        hand_add(hand, pos0, cigar, bases);
}

static inline void hand_set_quality(struct gn_read *read, int index, uint8_t quality)
{
    ((uint8_t *)read->qualities)[index] = quality;
}

static inline struct gn_allele_counter *hand_count(struct hand *hand)
{
    gn_error_t err = {0};
    struct gn_allele_counter *counter = gn_count_alleles(
        &hand->interval, hand->reads, hand->n_reads, &hand->options, hand->arena, &err);
    if (counter == NULL)
        abort();
    return counter;
}

static inline const struct gn_counted_position *
hand_position(const struct gn_allele_counter *counter, int64_t pos0)
{
    return &counter->positions[pos0 - counter->start0];
}

#endif

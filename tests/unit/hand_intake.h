/* SPDX-License-Identifier: MIT
 *
 * hand_intake.h - the reads that an intake makes of SAM text, without files, for the tests of what becomes of records.
 */
#ifndef GN_TESTS_HAND_INTAKE_H
#define GN_TESTS_HAND_INTAKE_H

#include <stdlib.h>
#include <string.h>

#include "hand_bam.h"
#include "reads/intake.h"

struct hand_intake {
    struct gn_read_options options;
    gn_intake_t *intake;
    gn_arena_t *arena;
    struct gn_read_list reads;
    gn_error_t err;
};

/* For cmocka's setup and teardown. */
static inline int hand_intake_setup(void **state)
{
    struct hand_intake *hand = calloc(1, sizeof *hand);
    if (hand == NULL || (hand->arena = gn_arena_create((size_t)1 << 26)) == NULL)
        return -1;
    hand->options = gn_read_options_default();
    *state = hand;
    return 0;
}

static inline int hand_intake_teardown(void **state)
{
    struct hand_intake *hand = *state;
    gn_intake_destroy(hand->intake);
    gn_arena_destroy(hand->arena);
    free(hand);
    return 0;
}

/* Parses one line, its fields separated by blanks. */
static inline void hand_parse(sam_hdr_t *header, const char *line, size_t n, bam1_t *record)
{
    kstring_t text = {0, 0, NULL};
    if (kputsn(line, (int)n, &text) < 0)
        abort();
    for (size_t i = 0; i < n; i++)
        if (text.s[i] == ' ')
            text.s[i] = '\t';
    if (sam_parse1(&text, header, record) < 0)
        abort();
    free(text.s);
}

/* Begins the partition [start0, end0) of chr1 with a new intake. */
static inline void hand_begin(struct hand_intake *hand, int64_t start0, int64_t end0)
{
    gn_intake_destroy(hand->intake);
    hand->err = (gn_error_t){0};
    hand->intake = gn_intake_create(&hand->options, &hand->err);
    if (hand->intake == NULL)
        abort();
    gn_intake_start(hand->intake, start0, end0);
}

static inline int hand_offer(struct hand_intake *hand, const bam1_t *record)
{
    struct gn_mt64 sampling = {.next = 0};
    return gn_intake_offer(hand->intake, record, "hand.bam", &sampling, &hand->err);
}

static inline int hand_finish(struct hand_intake *hand)
{
    return gn_intake_finish(hand->intake, hand->arena, &hand->reads, &hand->err);
}

/* Takes the lines of `records` in as a partition. */
static inline int hand_take(struct hand_intake *hand, const char *records, int64_t start0,
                            int64_t end0)
{
    static const char header_text[] = "@SQ\tSN:chr1\tLN:1000000\n@SQ\tSN:chr2\tLN:500\n";
    sam_hdr_t *header = sam_hdr_parse(strlen(header_text), header_text);
    bam1_t *record = bam_init1();
    if (header == NULL || record == NULL)
        abort();
    hand_begin(hand, start0, end0);
    int ret = GN_OK;
    for (const char *p = records; *p != '\0' && ret == GN_OK;) {
        size_t n = strcspn(p, "\n");
        hand_parse(header, p, n, record);
        ret = hand_offer(hand, record);
        p += n + (p[n] == '\n');
    }
    if (ret == GN_OK)
        ret = hand_finish(hand);
    bam_destroy1(record);
    sam_hdr_destroy(header);
    return ret;
}

#endif

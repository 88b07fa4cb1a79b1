/* SPDX-License-Identifier: MIT
 *
 * test_intake.c - records of every kind, legal, odd or wrong, and what becomes of them (spec 10 sections 1, 2 and 6).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "hand_intake.h"
#include "hand_reads.h"

static void haplotypes_are_integers(void **state)
{
    struct hand_intake *hand = *state;
    static const struct {
        const char *tag;
        int haplotype;
    } cases[] = {
        {"HP:i:1", 1},         {"HP:i:2", 2},       {"HP:i:-1", -1}, {"HP:i:0", 0},
        {"HP:i:300", 100},     {"HP:i:-70000", -1}, {"HP:Z:1", 0},   {"HP:f:1", 0},
        {"HP:B:c,1", 0},       {"HP:A:1", 0},       {"HP:H:01", 0},  {"XX:i:1", 0},
        {"XX:Z:HP HP:i:2", 2},
    };
    hand->options.parse_haplotype_tag = true;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char line[200];
        snprintf(line, sizeof line, "a 0 chr1 11 60 4M * 0 0 ACGT IIII %s", cases[i].tag);
        assert_int_equal(hand_take(hand, line, 0, 100), GN_OK);
        assert_int_equal(hand->reads.v[0].haplotype, cases[i].haplotype);
    }
}

/* A record that SAM text could not say. Bases are A, qualities 30. */
static bam1_t *raw_record(int64_t pos0, const uint32_t *cigar, size_t n_cigar, int length)
{
    bam1_t *record = bam_init1();
    char *bases = malloc((size_t)length + 1), *qualities = malloc((size_t)length + 1);
    if (record == NULL || bases == NULL || qualities == NULL)
        abort();
    memset(bases, 'A', (size_t)length);
    memset(qualities, 30, (size_t)length);
    /* called unmapped for the moment, so that htslib asks no questions */
    if (bam_set1(record, 3, "raw", BAM_FUNMAP, 0, pos0, 60, n_cigar, cigar, -1, -1, 0,
                 (size_t)length, bases, qualities, 0) < 0)
        abort();
    record->core.flag = 0;
    free(bases);
    free(qualities);
    return record;
}

/* Takes the record in, frees it, and returns what came of it; the read is hand->reads.v[0]. */
static int take_record(struct hand_intake *hand, bam1_t *record)
{
    hand_begin(hand, 0, 1000);
    int ret = hand_offer(hand, record);
    if (ret == GN_OK)
        ret = hand_finish(hand);
    bam_destroy1(record);
    return ret;
}

static const uint32_t FOUR_MATCH = 4 << BAM_CIGAR_SHIFT | BAM_CMATCH;

static void expect_refused(struct hand_intake *hand, bam1_t *record, const char *word)
{
    assert_int_equal(take_record(hand, record), GN_E_DATA);
    assert_non_null(strstr(hand->err.message, "read raw in hand.bam"));
    assert_non_null(strstr(hand->err.message, word));
}

static void qualities_of_255(void **state)
{
    struct hand_intake *hand = *state;
    bam1_t *record = raw_record(10, &FOUR_MATCH, 1, 4);
    bam_get_qual(record)[2] = 255;
    assert_int_equal(take_record(hand, record), GN_OK);
    assert_int_equal(hand->reads.v[0].qualities[1], 30);
    assert_int_equal(hand->reads.v[0].qualities[2], 255);
    /* the first one says that there are none */
    record = raw_record(10, &FOUR_MATCH, 1, 4);
    bam_get_qual(record)[0] = 255;
    expect_refused(hand, record, "no base qualities");
    static const uint32_t many = 20000 << BAM_CIGAR_SHIFT | BAM_CMATCH;
    record = raw_record(10, &many, 1, 20000);
    memset(bam_get_qual(record), 255, 20000);
    expect_refused(hand, record, "no base qualities");
}

static void positions_before_the_contig_are_no_positions(void **state)
{
    struct hand_intake *hand = *state;
    static const int64_t positions[] = {-1, -2, INT32_MIN};
    for (size_t i = 0; i < sizeof positions / sizeof *positions; i++) {
        bam1_t *record = raw_record(10, &FOUR_MATCH, 1, 4);
        record->core.pos = positions[i];
        assert_int_equal(take_record(hand, record), GN_OK);
        assert_int_equal(hand->reads.n, 0);
    }
}

static void cigars_that_fit_the_bases(void **state)
{
    struct hand_intake *hand = *state;
    enum { SHIFT = BAM_CIGAR_SHIFT, LONGEST = (1 << 28) - 1 };
    static const struct {
        uint32_t operations[6];
        int n;
        int64_t length; /* on the reference */
    } cases[] = {
        {{0}, 0, 0},
        {{4 << SHIFT | BAM_CSOFT_CLIP, 4 << SHIFT | BAM_CREF_SKIP}, 2, 4}, /* a lost long CIGAR */
        {{4 << SHIFT | BAM_CINS}, 1, 0},
        {{9 << SHIFT | BAM_CHARD_CLIP, 0 << SHIFT | BAM_CMATCH, 4 << SHIFT | BAM_CEQUAL}, 3, 4},
        {{2 << SHIFT | BAM_CDIFF, 0 << SHIFT | BAM_CDEL, 2 << SHIFT | BAM_CMATCH}, 3, 4},
        {{4U << SHIFT | BAM_CMATCH, (uint32_t)LONGEST << SHIFT | BAM_CREF_SKIP,
          (uint32_t)LONGEST << SHIFT | BAM_CDEL},
         3,
         4 + 2 * (int64_t)LONGEST},
        /* codes without a meaning: back, and those that no program writes */
        {{4 << SHIFT | BAM_CMATCH, 5 << SHIFT | BAM_CBACK, 5 << SHIFT | 10, 5 << SHIFT | 15}, 4, 4},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(
            take_record(hand, raw_record(10, cases[i].operations, (size_t)cases[i].n, 4)), GN_OK);
        assert_int_equal(hand->reads.n, 1);
        const struct gn_read *read = &hand->reads.v[0];
        assert_int_equal(read->pos0, 10);
        assert_int_equal(read->end0, 10 + cases[i].length);
        assert_int_equal(read->n_cigar, cases[i].n);
        assert_int_equal(read->length, 4);
        assert_memory_equal(read->bases, "AAAA", 4);
    }
}

static void cigars_that_do_not(void **state)
{
    struct hand_intake *hand = *state;
    static const uint32_t cigars[][2] = {
        {3 << BAM_CIGAR_SHIFT | BAM_CMATCH, 0},
        {5 << BAM_CIGAR_SHIFT | BAM_CMATCH, 0},
        {4 << BAM_CIGAR_SHIFT | BAM_CDEL, 0},
        {(1U << 31) | BAM_CMATCH, (1U << 31) | BAM_CMATCH}, /* twice 2^27 */
    };
    for (size_t i = 0; i < sizeof cigars / sizeof *cigars; i++)
        expect_refused(hand, raw_record(10, cigars[i], 2, 4), "CIGAR");
    expect_refused(hand, raw_record(10, &FOUR_MATCH, 1, 0), "no bases");
    /* of a read that would be cropped */
    static const uint32_t crossing[] = {300000 << BAM_CIGAR_SHIFT | BAM_CMATCH,
                                        20000 << BAM_CIGAR_SHIFT | BAM_CSOFT_CLIP};
    expect_refused(hand, raw_record(10, crossing, 2, 20000), "CIGAR");
}

/* An odd first base, an even number of bases and the like. */
static void cropped_bases_are_the_right_ones(void **state)
{
    struct hand_intake *hand = *state;
    enum { LENGTH = 12001 };
    char *line = malloc(3 * LENGTH), *p = line;
    hand->options.crop_margin = 1;
    for (int shift = 0; shift < 4; shift++) {
        p = line + sprintf(line, "long 0 chr1 %d 60 %dM * 0 0 ", 101 + shift, LENGTH);
        for (int i = 0; i < LENGTH; i++)
            *p++ = "ACGTNRY"[i % 7];
        *p++ = ' ';
        for (int i = 0; i < LENGTH; i++)
            *p++ = (char)('!' + i % 90);
        *p = '\0';
        /* 2 bases of margin and 20 % on both sides of [6,000, 6,010 + shift) */
        assert_int_equal(hand_take(hand, line, 6000, 6010 + shift / 2), GN_OK);
        const struct gn_read *read = &hand->reads.v[0];
        int first = 6000 - 4 - (100 + shift);
        assert_int_equal(read->pos0, 5996);
        assert_int_equal(read->length, 10 + shift / 2 + 8);
        assert_int_equal(read->cropped_bp, first);
        assert_int_equal(read->cropped_bases, LENGTH - read->length);
        for (int i = 0; i < read->length; i++) {
            assert_int_equal(read->bases[i], "ACGTNRY"[(first + i) % 7]);
            assert_int_equal(read->qualities[i], (first + i) % 90);
        }
    }
    free(line);
}

static void original_qualities(void **state)
{
    struct hand_intake *hand = *state;
    hand->options.use_original_quality_scores = true;
    assert_int_equal(hand_take(hand, "a 0 chr1 11 60 4M * 0 0 ACGT IIII OQ:Z:!~#$", 0, 100), GN_OK);
    assert_memory_equal(hand->reads.v[0].qualities, ((uint8_t[]){0, 93, 2, 3}), 4);
    static const char *const tags[] = {"OQ:Z:III", "OQ:i:4", "OQ:B:c,1,2,3,4", "OQ:A:I",
                                       "XQ:Z:IIII"};
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
        char line[100];
        snprintf(line, sizeof line, "a 0 chr1 11 60 4M * 0 0 ACGT IIII %s", tags[i]);
        assert_int_equal(hand_take(hand, line, 0, 100), GN_E_DATA);
        assert_non_null(strstr(hand->err.message, "OQ"));
    }
}

/* One read of pos1 and CIGAR, with bases that tell where they are from; tags may be empty. */
static void take_spliced(struct hand_intake *hand, int pos1, const char *cigar, const char *tags)
{
    char line[600], bases[101];
    uint32_t operations[32];
    int n = hand_cigar(cigar, operations);
    int length = (int)bam_cigar2qlen(n, operations);
    assert_in_range(length, 1, sizeof bases - 1);
    for (int i = 0; i < length; i++)
        bases[i] = "ACGT"[(i + i / 4 + i / 16) % 4];
    bases[length] = '\0';
    int end = snprintf(line, sizeof line, "r 81 chr1 %d 37 %s = 5 -300 %s ", pos1, cigar, bases);
    for (int i = 0; i < length; i++)
        line[end + i] = (char)('!' + i);
    snprintf(line + end + length, sizeof line - (size_t)(end + length), " %s", tags);
    hand->options.split_skip_reads = true;
    assert_int_equal(hand_take(hand, line, 0, 1000), GN_OK);
}

struct part {
    const char *name, *cigar;
    int64_t pos0;
    int first, n; /* bases of the whole read */
};

static void expect_parts(struct hand_intake *hand, int pos1, const char *cigar, int n,
                         const struct part *parts)
{
    take_spliced(hand, pos1, cigar, "");
    assert_int_equal(hand->reads.n, n);
    for (int i = 0; i < n; i++) {
        const struct gn_read *read = &hand->reads.v[i];
        char text[256];
        assert_string_equal(read->name, parts[i].name);
        assert_string_equal(hand_cigar_text(read, text), parts[i].cigar);
        assert_int_equal(read->pos0, parts[i].pos0);
        assert_int_equal(read->end0, gn_cigar_end(read->pos0, read->cigar, read->n_cigar));
        assert_int_equal(read->length, parts[i].n);
        for (int k = 0; k < read->length; k++) {
            int at = parts[i].first + k;
            assert_int_equal(read->bases[k], "ACGT"[(at + at / 4 + at / 16) % 4]);
            assert_int_equal(read->qualities[k], at);
        }
    }
}

static void spliced_reads_are_split(void **state)
{
    struct hand_intake *hand = *state;
    expect_parts(hand, 101, "40M", 1, &(struct part){"r", "40M", 100, 0, 40});
    expect_parts(hand, 101, "20M100N20M", 2,
                 (struct part[]){{"r_p0", "20M", 100, 0, 20}, {"r_p1", "20M", 220, 20, 20}});
    expect_parts(
        hand, 101, "5S15M2I3D10M100N4D16M3S2H", 2,
        (struct part[]){{"r_p0", "5S15M2I3D10M", 100, 0, 32}, {"r_p1", "4D16M3S2H", 228, 32, 19}});
    /* parts of less than 15 bases are left out, and counted */
    expect_parts(hand, 101, "14M50N15M50N16M", 2,
                 (struct part[]){{"r_p1", "15M", 164, 14, 15}, {"r_p2", "16M", 229, 29, 16}});
    expect_parts(hand, 101, "100N20M", 1, &(struct part){"r_p1", "20M", 200, 0, 20});
    expect_parts(hand, 101, "20M100N", 1, &(struct part){"r_p0", "20M", 100, 0, 20});
    expect_parts(hand, 101, "20M10N10N20M", 2,
                 (struct part[]){{"r_p0", "20M", 100, 0, 20}, {"r_p2", "20M", 140, 20, 20}});
    expect_parts(hand, 101, "10M10N10M10N10M", 0, NULL);
}

/* Position 0 counts as unknown until an operation that advances the reference gives another one, the skip included. */
static void parts_at_position_0_are_moved(void **state)
{
    struct hand_intake *hand = *state;
    expect_parts(hand, 1, "20M100N20M", 2,
                 (struct part[]){{"r_p0", "20M", 20, 0, 20}, {"r_p1", "20M", 120, 20, 20}});
    expect_parts(hand, 1, "5M2D15M100N20M", 2,
                 (struct part[]){{"r_p0", "5M2D15M", 5, 0, 20}, {"r_p1", "20M", 122, 20, 20}});
    expect_parts(hand, 101, "20M100N20S", 2,
                 (struct part[]){{"r_p0", "20M", 100, 0, 20}, {"r_p1", "20S", 0, 20, 20}});
}

static void parts_are_like_their_read(void **state)
{
    struct hand_intake *hand = *state;
    hand->options.parse_haplotype_tag = hand->options.parse_base_modifications = true;
    take_spliced(hand, 101, "20M100N20M", "HP:i:2 MM:Z:C-m,0;A+a,0; ML:B:C,1,9");
    assert_int_equal(hand->reads.n, 2);
    for (int i = 0; i < 2; i++) {
        const struct gn_read *part = &hand->reads.v[i];
        assert_int_equal(part->read_number, 0);
        assert_int_equal(part->mapping_quality, 37);
        assert_int_equal(part->fragment_length, -300);
        assert_true(part->is_reverse);
        assert_int_equal(part->haplotype, 2);
        assert_null(part->likelihood_5mc);
        /* both show the likelihoods of the read's first bases */
        assert_ptr_equal(part->likelihood_6ma, hand->reads.v[0].likelihood_6ma);
        assert_non_null(part->likelihood_6ma);
    }
    hand->options.split_max_read_length = 40;
    take_spliced(hand, 101, "20M100N20M", "");
    assert_int_equal(hand->reads.n, 2);
    hand->options.split_max_read_length = 39;
    take_spliced(hand, 101, "20M100N20M", "");
    assert_int_equal(hand->reads.n, 1);
    hand->options.split_max_read_length = 0;
    hand->options.split_skip_reads = false;
}

static void parts_have_keys_of_their_own(void **state)
{
    struct hand_intake *hand = *state;
    static const char bases[] = "ACGTACGTACGTACGTACGTACGTACGTACGTACGTACGT", quality = 'I';
    char qualities[41], lines[1000];
    memset(qualities, quality, 40);
    qualities[40] = '\0';
    hand->options.split_skip_reads = true;
    snprintf(lines, sizeof lines,
             "r 0 chr1 101 60 20M100N20M * 0 0 %s %s\n"
             "q 0 chr1 101 60 40M * 0 0 %s %s\n",
             bases, qualities, bases, qualities);
    assert_int_equal(hand_take(hand, lines, 0, 1000), GN_OK);
    assert_int_equal(hand->reads.n, 3);
    assert_true(hand->reads.keys_are_unique);
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(hand->reads.v[i].key, i);
    /* a read that is called like a part is the same read to upstream */
    snprintf(lines, sizeof lines,
             "r 0 chr1 101 60 20M100N20M * 0 0 %s %s\n"
             "r_p1 0 chr1 101 60 40M * 0 0 %s %s\n",
             bases, qualities, bases, qualities);
    assert_int_equal(hand_take(hand, lines, 0, 1000), GN_OK);
    assert_false(hand->reads.keys_are_unique);
    assert_int_equal(hand->reads.v[1].key, hand->reads.v[2].key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(haplotypes_are_integers, hand_intake_setup,
                                        hand_intake_teardown),
        cmocka_unit_test_setup_teardown(qualities_of_255, hand_intake_setup, hand_intake_teardown),
        cmocka_unit_test_setup_teardown(positions_before_the_contig_are_no_positions,
                                        hand_intake_setup, hand_intake_teardown),
        cmocka_unit_test_setup_teardown(cigars_that_fit_the_bases, hand_intake_setup,
                                        hand_intake_teardown),
        cmocka_unit_test_setup_teardown(cigars_that_do_not, hand_intake_setup,
                                        hand_intake_teardown),
        cmocka_unit_test_setup_teardown(cropped_bases_are_the_right_ones, hand_intake_setup,
                                        hand_intake_teardown),
        cmocka_unit_test_setup_teardown(original_qualities, hand_intake_setup,
                                        hand_intake_teardown),
        cmocka_unit_test_setup_teardown(spliced_reads_are_split, hand_intake_setup,
                                        hand_intake_teardown),
        cmocka_unit_test_setup_teardown(parts_at_position_0_are_moved, hand_intake_setup,
                                        hand_intake_teardown),
        cmocka_unit_test_setup_teardown(parts_are_like_their_read, hand_intake_setup,
                                        hand_intake_teardown),
        cmocka_unit_test_setup_teardown(parts_have_keys_of_their_own, hand_intake_setup,
                                        hand_intake_teardown),
    };
    return cmocka_run_group_tests_name("intake", tests, NULL, NULL);
}

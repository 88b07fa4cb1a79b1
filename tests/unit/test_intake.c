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

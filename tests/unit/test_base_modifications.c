/* SPDX-License-Identifier: MIT
 *
 * test_base_modifications.c - MM, ML and MN tags as DeepVariant reads them (spec 40 section 4); on real HiFi reads what
 * htslib's own parser finds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <unistd.h>

#include "hand_intake.h"
#include "reads/read_source.h"

enum { LENGTH = 10 };

/* The read, by index: A 0 6 9, C 1 4 5 8, G 2, T 3 7. Its reverse complement TGATGGACGT has one C, at 7. */
#define BASES "ACGTCCATCA IIIIIIIIII "

/* Expected likelihoods, by index; all -1: none. */
struct row {
    int values[LENGTH];
};

static const struct row NONE = {{-1}};

static void expect_row(const uint8_t *values, const struct row *expected)
{
    if (expected->values[0] == -1) {
        assert_null(values);
        return;
    }
    assert_non_null(values);
    for (int i = 0; i < LENGTH; i++)
        assert_int_equal(values[i], expected->values[i]);
}

static void expect(void **state, int flag, const char *tags, struct row row_5mc, struct row row_6ma)
{
    struct hand_intake *hand = *state;
    char line[512];
    snprintf(line, sizeof line, "a %d chr1 101 60 10M * 0 0 " BASES "%s", flag, tags);
    hand->options.parse_base_modifications = true;
    assert_int_equal(hand_take(hand, line, 0, 1000), GN_OK);
    assert_int_equal(hand->reads.n, 1);
    expect_row(hand->reads.v[0].likelihood_5mc, &row_5mc);
    expect_row(hand->reads.v[0].likelihood_6ma, &row_6ma);
}

static void counts_pass_over_bases(void **state)
{
    static const struct row row = {{0, 10, 0, 0, 0, 20, 0, 0, 0, 0}};
    expect(state, 0, "MM:Z:C+m,0,1; ML:B:C,10,20", row, NONE);
    expect(state, 0, "MM:Z:C+m?,0,1; ML:B:C,10,20", row, NONE);
    expect(state, 0, "MM:Z:C+m.,0,1 ML:B:C,10,20", row,
           NONE); /* the last semicolon is not needed */
    expect(state, 0, "MM:Z:C+m?;A+a;C+m,0,1; ML:B:C,10,20", row, NONE);
    expect(state, 0, "MM:Z:A+a,1; ML:B:C,255", NONE, (struct row){{0, 0, 0, 0, 0, 0, 255}});
    expect(state, 0, "MM:Z:T-a,1; ML:B:C,255", NONE, (struct row){{0, 0, 0, 0, 0, 0, 0, 255}});
    expect(state, 0, "MM:Z:C+m,0,1; ML:B:c,10,-1", (struct row){{0, 10, 0, 0, 0, 255}}, NONE);
}

static void reverse_reads_count_on_the_other_strand(void **state)
{
    expect(state, 16, "MM:Z:C+m,0; ML:B:C,77", (struct row){{0, 0, 77}}, NONE);
    /* T of the complement at 0, 3, 9: the file's A at 9, 6, 0 */
    expect(state, 16, "MM:Z:T-a,0,0; ML:B:C,1,2", NONE,
           (struct row){{0, 0, 0, 0, 0, 0, 2, 0, 0, 1}});
    expect(state, 16, "MM:Z:C+m,1; ML:B:C,77", NONE, NONE);
}

static void other_codes_pass_over_their_likelihoods(void **state)
{
    static const struct row row = {{0, 0, 0, 0, 99}};
    expect(state, 0, "MM:Z:C+h,0,0;C+m,1; ML:B:C,1,2,99", row, NONE);
    expect(state, 0, "MM:Z:C-m,0;C+m,1; ML:B:C,1,99", row, NONE);
    expect(state, 0, "MM:Z:A+m,0;C+76792,0;C+m,1; ML:B:C,1,2,99", row, NONE);
    /* one a count, although combined codes have two */
    expect(state, 0, "MM:Z:C+mh,0,0;C+m,1; ML:B:C,1,2,99,4,5", row, NONE);
    expect(state, 0, "MM:Z:C+h,0; ML:B:C,1", NONE, NONE);
}

static void both_strands_of_6ma_are_merged(void **state)
{
    expect(state, 0, "MM:Z:A+a,1;T-a,0; ML:B:C,100,50", NONE,
           (struct row){{0, 0, 0, 50, 0, 0, 100, 0, 0, 0}});
    expect(state, 16, "MM:Z:A+a,0;T-a,0; ML:B:C,100,50", NONE,
           (struct row){{0, 0, 0, 0, 0, 0, 0, 100, 0, 50}});
    /* the maximum of signed bytes: 200 is -56, 150 is -106 */
    expect(state, 0, "MM:Z:A+a,1,0;T-a,0,0; ML:B:C,200,100,50,201", NONE,
           (struct row){{0, 0, 0, 50, 0, 0, 0, 0, 0, 100}});
    expect(state, 0, "MM:Z:C+m,0,0;C+m,0,0; ML:B:C,200,200,150,100",
           (struct row){{0, 200, 0, 0, 100}}, NONE);
    expect(state, 16, "MM:Z:T-a,0,1;T-a,1; ML:B:C,200,7,150", NONE,
           (struct row){{7, 0, 0, 0, 0, 0, 0, 0, 0, 0}});
    /* one entry alone keeps its likelihoods */
    expect(state, 0, "MM:Z:A+a,1; ML:B:C,200", NONE, (struct row){{0, 0, 0, 0, 0, 0, 200}});
}

static void tags_that_contradict(void **state)
{
    static const struct row row = {{0, 10}};
    expect(state, 0, "MM:Z:C+m,0; ML:B:C,10 MN:i:10", row, NONE);
    expect(state, 0, "MM:Z:C+m,0; ML:B:C,10 MN:i:11", NONE, NONE);
    expect(state, 0, "MM:Z:C+m,0; ML:B:C,10 MN:Z:10", NONE, NONE);
    /* too few likelihoods: everything is dropped */
    expect(state, 0, "MM:Z:A+a,0;C+m,0,1; ML:B:C,10,20", NONE, NONE);
    expect(state, 0, "MM:Z:C+m,0; ML:B:C", NONE, NONE);
    /* too many do no harm */
    expect(state, 0, "MM:Z:C+m,0; ML:B:C,10,20", row, NONE);
    /* an entry that counts past the read is left out, and the next one takes its likelihoods */
    expect(state, 0, "MM:Z:C+m,0,9;A+a,0; ML:B:C,5,6,7", NONE, (struct row){{5}});
    expect(state, 0, "MM:Z:C+m,4;A+a,0; ML:B:C,5,6", NONE, (struct row){{5}});
    expect(state, 0, "MM:Z:C+m,-1;A+a,0; ML:B:C,5,6", NONE, (struct row){{5}});
}

static void tags_of_the_wrong_form_count_as_none(void **state)
{
    static const char *const tags[] = {
        "",
        "MM:Z:C+m,0;",
        "ML:B:C,10",
        "MM:i:5 ML:B:C,10",
        "MM:Z:C+m,0; ML:Z:10",
        "MM:Z:C+m,0; ML:i:10",
        "MM:Z:C+m,x; ML:B:C,10",
        "MM:Z:C+m,; ML:B:C,10",
        "MM:Z:C+m,0,; ML:B:C,10,20",
        "MM:Z:C+m,99999999999999999999; ML:B:C,10",
        "MM:Z:;;; ML:B:C,10",
        "MM:Z:,0;0,0;C,0;C+,0;C+m?.,0; ML:B:C,10,10,10,10,10",
        "Mm:Z:C+m,0; Ml:B:C,10", /* the old names */
    };
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
        expect(state, 0, tags[i], NONE, NONE);
}

static void they_are_read_when_asked_for(void **state)
{
    struct hand_intake *hand = *state;
    assert_int_equal(
        hand_take(hand, "a 0 chr1 101 60 10M * 0 0 " BASES "MM:Z:C+m,0; ML:B:C,10", 0, 1000),
        GN_OK);
    assert_null(hand->reads.v[0].likelihood_5mc);
    assert_null(hand->reads.v[0].likelihood_6ma);
}

/* A read of 20,000 times "AC", every C with likelihood 1 + its number modulo 200. */
static void cropped_reads_keep_theirs(void **state)
{
    enum { PAIRS = 10000, START0 = 50000 };
    struct hand_intake *hand = *state;
    kstring_t line = {0, 0, NULL};
    for (int is_reverse = 0; is_reverse < 2; is_reverse++) {
        line.l = 0;
        ksprintf(&line, "a %d chr1 %d 60 %dM * 0 0 ", 16 * is_reverse, START0 + 1, 2 * PAIRS);
        for (int i = 0; i < PAIRS; i++)
            kputs(is_reverse ? "GT" : "AC", &line);
        kputc(' ', &line);
        for (int i = 0; i < PAIRS; i++)
            kputs("II", &line);
        kputs(" MM:Z:C+m", &line);
        for (int i = 0; i < PAIRS; i++)
            kputs(",0", &line);
        kputs("; ML:B:C", &line);
        for (int i = 0; i < PAIRS; i++)
            ksprintf(&line, ",%d", 1 + i % 200);
        hand->options.parse_base_modifications = true;
        hand->options.crop_margin = 100;
        assert_int_equal(hand_take(hand, line.s, START0 + 5000, START0 + 5100), GN_OK);
        const struct gn_read *read = &hand->reads.v[0];
        assert_in_range(read->length, 300, 400);
        assert_non_null(read->likelihood_5mc);
        int64_t first = read->pos0 - START0; /* of the whole read */
        for (int i = 0; i < read->length; i++) {
            int64_t at = is_reverse ? 2 * PAIRS - 1 - (first + i) : first + i;
            assert_int_equal(read->likelihood_5mc[i], at % 2 == 0 ? 0 : 1 + at / 2 % 200);
        }
    }
    free(line.s);
}

/* Likelihoods of 5mC as htslib's parser gives them. */
static void parse_with_htslib(bam1_t *record, uint8_t *values)
{
    enum { MOST = 8 };
    hts_base_mod_state *parser = hts_base_mod_state_alloc();
    hts_base_mod mods[MOST];
    int position, n;
    assert_non_null(parser);
    assert_int_equal(bam_parse_basemod(record, parser), 0);
    memset(values, 0, (size_t)record->core.l_qseq);
    while ((n = bam_next_basemod(record, parser, mods, MOST, &position)) > 0)
        for (int i = 0; i < n && i < MOST; i++)
            if (mods[i].modified_base == 'm' && mods[i].canonical_base == 'C')
                values[position] = (uint8_t)mods[i].qual;
    hts_base_mod_state_free(parser);
}

static void real_reads_agree_with_htslib(void **state)
{
    struct hand_intake *hand = *state;
    char path[600];
    const char *shared = getenv("GANNET_SHARED");
    snprintf(path, sizeof path, "%s/reads/hg002_hifi_revio_GRCh38_chr11_1.24-1.44M/%s",
             shared == NULL ? "../shared" : shared, "HG002_chr11_hifi_test.bam");
    if (access(path, R_OK) != 0) {
        print_message("skipped: no file '%s'\n", path);
        skip();
    }
    samFile *file = sam_open(path, "r");
    sam_hdr_t *header = sam_hdr_read(file);
    bam1_t *record = bam_init1();
    hand->options.parse_base_modifications = true;
    hand->options.crop_margin = 0;
    int n = 0, n_modified = 0;
    uint8_t *expected = malloc((size_t)1 << 20);
    while (sam_read1(file, header, record) >= 0) {
        hand_begin(hand, 0, 135000000);
        assert_int_equal(hand_offer(hand, record), GN_OK);
        assert_int_equal(hand_finish(hand), GN_OK);
        if (hand->reads.n == 0)
            continue;
        n++;
        const struct gn_read *read = &hand->reads.v[0];
        parse_with_htslib(record, expected);
        for (int i = 0; i < read->length; i++) {
            int value = read->likelihood_5mc == NULL ? 0 : read->likelihood_5mc[i];
            if (value != expected[i])
                fail_msg("read %s, base %d: %d, not %d", read->name, i, value, expected[i]);
            n_modified += value > 0;
        }
    }
    assert_in_range(n, 100, 100000);
    assert_in_range(n_modified, 10000, 100000000);
    free(expected);
    bam_destroy1(record);
    sam_hdr_destroy(header);
    sam_close(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(counts_pass_over_bases, hand_intake_setup,
                                        hand_intake_teardown),
        cmocka_unit_test_setup_teardown(reverse_reads_count_on_the_other_strand, hand_intake_setup,
                                        hand_intake_teardown),
        cmocka_unit_test_setup_teardown(other_codes_pass_over_their_likelihoods, hand_intake_setup,
                                        hand_intake_teardown),
        cmocka_unit_test_setup_teardown(both_strands_of_6ma_are_merged, hand_intake_setup,
                                        hand_intake_teardown),
        cmocka_unit_test_setup_teardown(tags_that_contradict, hand_intake_setup,
                                        hand_intake_teardown),
        cmocka_unit_test_setup_teardown(tags_of_the_wrong_form_count_as_none, hand_intake_setup,
                                        hand_intake_teardown),
        cmocka_unit_test_setup_teardown(they_are_read_when_asked_for, hand_intake_setup,
                                        hand_intake_teardown),
        cmocka_unit_test_setup_teardown(cropped_reads_keep_theirs, hand_intake_setup,
                                        hand_intake_teardown),
        cmocka_unit_test_setup_teardown(real_reads_agree_with_htslib, hand_intake_setup,
                                        hand_intake_teardown),
    };
    return cmocka_run_group_tests_name("base_modifications", tests, NULL, NULL);
}

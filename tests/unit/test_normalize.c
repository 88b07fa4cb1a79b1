/* SPDX-License-Identifier: MIT
 *
 * test_normalize.c - left-aligned indels, worked out by hand (spec 20 section 2).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "alleles/normalize.h"
#include "hand_reads.h"

enum { WINDOW0 = 1000, UNCHANGED = 0, CHANGED = 1 };

/* A read at an offset of the window, and the form that the counter gets. */
struct normal_case {
    const char *ref;
    int offset;
    const char *cigar, *bases;
    int change; /* whether the read itself takes the new form */
    int new_offset;
    const char *new_cigar;
};

static void expect(const struct normal_case *c)
{
    gn_arena_t *arena = gn_arena_create((size_t)1 << 20);
    gn_error_t err = {0};
    struct gn_normalize_window window = {c->ref, WINDOW0, (int64_t)strlen(c->ref)};
    struct gn_read read = hand_read(arena, WINDOW0 + c->offset, c->cigar, c->bases), counted;
    assert_int_equal(gn_normalize_read(&read, &window, &counted, arena, &err), c->change);
    char text[256];
    assert_string_equal(hand_cigar_text(&counted, text), c->new_cigar);
    assert_int_equal(counted.pos0, WINDOW0 + c->new_offset);
    assert_int_equal(counted.end0, gn_cigar_end(counted.pos0, counted.cigar, counted.n_cigar));
    assert_string_equal(hand_cigar_text(&read, text), c->cigar); /* the read is left alone */
    assert_ptr_equal(counted.bases, read.bases);
    gn_arena_destroy(arena);
}

static void expect_all(const struct normal_case *cases, size_t n)
{
    for (size_t i = 0; i < n; i++)
        expect(&cases[i]);
}

static void indels_move_to_the_left_end_of_a_repeat(void **state)
{
    (void)state;
    static const struct normal_case cases[] = {
        {"ACGTTTTTGA", 0, "6M2D2M", "ACGTTTGA", CHANGED, 0, "3M2D5M"},
        {"ACGTTTTTGA", 0, "8M2I2M", "ACGTTTTTTTGA", CHANGED, 0, "3M2I7M"},
        {"ACGTTTTTGA", 0, "2=4X2D2=", "ACGTTTGA", CHANGED, 0, "3=2D5="},
        {"GACACACAT", 0, "6M2D1M", "GACACAT", CHANGED, 0, "1M2D6M"},
        {"GACACACAT", 0, "8M2I1M", "GACACACACAT", CHANGED, 0, "1M2I8M"},
        /* both indels of one read */
        {"CTTTTGAAAAC", 0, "4M1D4M1I2M", "CTTTGAAAAAC", CHANGED, 0, "1M1D4M1I5M"},
    };
    expect_all(cases, sizeof cases / sizeof *cases);
}

static void what_cannot_move_stays(void **state)
{
    (void)state;
    static const struct normal_case cases[] = {
        {"ACGTTTTTGA", 0, "3M2D5M", "ACGTTTGA", UNCHANGED, 0, "3M2D5M"},
        {"ACGTTTTTGA", 0, "10M", "ACGTTTTTGA", UNCHANGED, 0, "10M"},
        {"ACGTTTTTGA", 0, "6M2D2M", "ACGTTCGA", UNCHANGED, 0, "6M2D2M"}, /* SNV in the way */
        {"ACGTTTTTGA", 1, "1S7M", "ACGTTTTT", UNCHANGED, 1, "1S7M"},
    };
    expect_all(cases, sizeof cases / sizeof *cases);
}

static void the_window_limits_the_shift(void **state)
{
    (void)state;
    static const struct normal_case cases[] = {
        /* the insertion cannot cross the window's first base, so it ends at the read's start */
        {"TTTTGA", 0, "3M1I3M", "TTTTTGA", CHANGED, -1, "1M6M"},
        /* the deletion's last base lies behind the window */
        {"ACGTTT", 0, "5M2D2M", "ACGTTGA", UNCHANGED, 0, "5M2D2M"},
    };
    expect_all(cases, sizeof cases / sizeof *cases);
}

static void a_trailing_insertion_leaves_bases_behind(void **state)
{
    (void)state;
    expect(&(struct normal_case){"CCCAACG", 0, "5M2I", "CCCAAAA", CHANGED, 0, "3M2I2M"});
}

static void indels_at_the_start_are_resolved(void **state)
{
    (void)state;
    static const struct normal_case cases[] = {
        /* an insertion that reaches the start becomes aligned bases */
        {"ACGTTTTTGA", 3, "2M2I3M", "TTTTTTT", CHANGED, 1, "2M5M"},
        /* behind a soft clip: the same, and what is now adjacent joins */
        {"ACGTTTTTGA", 5, "1S2I3M", "TTTTTT", CHANGED, 3, "1S5M"},
        /* a leading deletion goes; only the counter sees it */
        {"ACGTTTTTGA", 1, "2D5M", "TTTTT", UNCHANGED, 3, "5M"},
        {"ACGTTTTTGA", 5, "2I3M", "GATTT", UNCHANGED, 3, "2M3M"},
    };
    expect_all(cases, sizeof cases / sizeof *cases);
}

/* What lies in memory before the first base must not count as a base of the read. */
static void a_leading_deletion_has_no_base_to_pass(void **state)
{
    (void)state;
    gn_arena_t *arena = gn_arena_create((size_t)1 << 20);
    gn_error_t err = {0};
    struct gn_normalize_window window = {"ACGTTTTTGA", WINDOW0, 10};
    struct gn_read read = hand_read(arena, WINDOW0 + 4, "2D3M", "TTTG"), counted;
    read.bases++;
    read.length--;
    assert_int_equal(gn_normalize_read(&read, &window, &counted, arena, &err), UNCHANGED);
    assert_int_equal(counted.pos0, WINDOW0 + 6);
    gn_arena_destroy(arena);
}

static void neighbouring_operations_merge(void **state)
{
    (void)state;
    static const struct normal_case cases[] = {
        {"ACGTCATGCA", 0, "3M2I3D4M", "ACGATTGCA", CHANGED, 0, "5M1D4M"},
        /* what joins may move on in the next round */
        {"ACGTCATGCA", 0, "3M2I3D4M", "ACGAATGCA", CHANGED, 0, "4M1D5M"},
        {"ACGTCATGCA", 0, "3M1D3I6M", "ACGAAACATGCA", CHANGED, 0, "4M2I6M"},
        {"ACGTCATGCA", 0, "3M2D2I5M", "ACGAAATGCA", CHANGED, 0, "10M"},
        {"ACGTCATGCA", 0, "3M0I7M", "ACGTCATGCA", CHANGED, 0, "10M"},
        {"ACGTCATGCA", 0, "3=1X6=", "ACGACATGCA", CHANGED, 0, "10="},
    };
    expect_all(cases, sizeof cases / sizeof *cases);
}

/* An insertion that moves lengthens even a hard clip, and leaves bases behind that no operation takes. */
static void bases_without_an_operation_are_dropped(void **state)
{
    (void)state;
    static const struct {
        const char *cigar, *bases, *new_cigar;
        int length;
    } cases[] = {
        {"6M2I3H", "ACGTTTTT", "3M2I6H", 5},
        {"6M2I9N4M", "ACGTTTTTGGGG", "3M2I12N4M", 9},
        {"6M2I2M", "ACGTTTTTTT", "3M2I5M", 10},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        gn_arena_t *arena = gn_arena_create((size_t)1 << 20);
        gn_error_t err = {0};
        char text[256];
        struct gn_normalize_window window = {"ACGTTTTTGA", WINDOW0, 10};
        struct gn_read read = hand_read(arena, WINDOW0, cases[i].cigar, cases[i].bases), counted;
        assert_int_equal(gn_normalize_read(&read, &window, &counted, arena, &err), CHANGED);
        assert_string_equal(hand_cigar_text(&counted, text), cases[i].new_cigar);
        assert_int_equal(counted.length, cases[i].length);
        gn_arena_destroy(arena);
    }
}

static void a_read_without_cigar_is_left_alone(void **state)
{
    (void)state;
    expect(&(struct normal_case){"ACGT", 1, "", "CG", UNCHANGED, 1, ""});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(indels_move_to_the_left_end_of_a_repeat),
        cmocka_unit_test(what_cannot_move_stays),
        cmocka_unit_test(the_window_limits_the_shift),
        cmocka_unit_test(a_trailing_insertion_leaves_bases_behind),
        cmocka_unit_test(indels_at_the_start_are_resolved),
        cmocka_unit_test(a_leading_deletion_has_no_base_to_pass),
        cmocka_unit_test(neighbouring_operations_merge),
        cmocka_unit_test(bases_without_an_operation_are_dropped),
        cmocka_unit_test(a_read_without_cigar_is_left_alone),
    };
    return cmocka_run_group_tests_name("normalize", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT
 *
 * test_haplotags.c - votes for the haplotypes of reads, and the plain table of what each partition said (spec 70
 * section 7).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <unistd.h>

#include "phase/haplotags.h"
#include "phase/read_phase_table.h"
#include "temporary_folder.h"

static const struct gn_read_identity READ = {"m64/1/ccs", 0, 3, 1000};

static int setup(void **state)
{
    *state = gn_haplotags_create(0, NULL);
    return *state == NULL;
}

static int teardown(void **state)
{
    gn_haplotags_destroy(*state);
    return 0;
}

static void add(gn_haplotags_t *table, const struct gn_read_identity *read, int haplotype,
                int64_t phase_set)
{
    gn_error_t err = {0};
    assert_int_equal(
        gn_haplotags_add(table, gn_read_identity_hash(read), haplotype, phase_set, &err), GN_OK);
}

static void expect_tag(const gn_haplotags_t *table, const struct gn_read_identity *read,
                       int haplotype, int64_t phase_set)
{
    struct gn_haplotag tag = gn_haplotags_find(table, gn_read_identity_hash(read));
    assert_int_equal(tag.haplotype, haplotype);
    assert_int_equal(tag.phase_set, phase_set);
}

/* The votes of READ in the order of partitions, and what must come of them. */
static void votes_are_counted(void **state)
{
    (void)state;
    static const struct {
        int n;
        struct {
            int haplotype;
            int64_t phase_set;
        } votes[6];
        int haplotype;
        int64_t phase_set;
    } cases[] = {
        {0, {{0, 0}}, 0, 0},
        {1, {{1, 77}}, 1, 77},
        {1, {{2, 77}}, 2, 77},
        {3, {{1, 77}, {2, 77}, {2, 77}}, 2, 77}, /* majority, not the first */
        {4, {{1, 77}, {2, 77}, {1, 77}, {1, 77}}, 1, 77},
        {2, {{2, 77}, {1, 77}}, 0, 0}, /* tie */
        {4, {{2, 77}, {1, 77}, {1, 77}, {2, 77}}, 0, 0},
        {3, {{0, 50}, {2, 77}, {0, 77}}, 2, 77}, /* no haplotype: no vote, no phase set */
        {2, {{0, 50}, {0, 77}}, 0, 0},
        {4, {{1, 77}, {2, 900}, {2, 900}, {2, 900}}, 1, 77},         /* the first phase set only */
        {5, {{1, 77}, {2, 77}, {2, 900}, {2, 900}, {2, 900}}, 0, 0}, /* also after a tie in it */
        {3, {{1, 77}, {2, 900}, {1, 77}}, 1, 77},
        {1, {{1, 1}}, 1, 1},
        {1, {{2, UINT32_MAX}}, 2, UINT32_MAX},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        gn_haplotags_t *table = gn_haplotags_create(0, NULL);
        assert_non_null(table);
        for (int v = 0; v < cases[i].n; v++)
            add(table, &READ, cases[i].votes[v].haplotype, cases[i].votes[v].phase_set);
        expect_tag(table, &READ, cases[i].haplotype, cases[i].phase_set);
        gn_haplotags_destroy(table);
    }
}

static void alignments_are_told_apart(void **state)
{
    gn_haplotags_t *table = *state;
    struct gn_read_identity mate = READ, contig = READ, place = READ, name = READ;
    mate.read_number = 1;
    contig.contig = 4;
    place.pos0 = 1001;
    name.name = "m64/1/cc";
    add(table, &READ, 1, 77);
    expect_tag(table, &mate, 0, 0);
    expect_tag(table, &contig, 0, 0);
    expect_tag(table, &place, 0, 0);
    expect_tag(table, &name, 0, 0);
    add(table, &mate, 2, 78);
    add(table, &contig, 2, 79);
    add(table, &place, 2, 80);
    add(table, &name, 2, 81);
    expect_tag(table, &READ, 1, 77);
    expect_tag(table, &mate, 2, 78);
    expect_tag(table, &contig, 2, 79);
    expect_tag(table, &place, 2, 80);
    expect_tag(table, &name, 2, 81);
    assert_int_equal(gn_haplotags_count(table), 5);
}

/* Reads as a sequencer names them: the even ones are in the table, with a haplotype and a phase set of their own. */
static void many_reads_keep_their_tags(void **state)
{
    enum { N = 300000 };
    gn_haplotags_t *table = *state;
    char name[64];
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < N; i += 2) {
            snprintf(name, sizeof name, "m64011_190830_220126/%d/ccs", i);
            struct gn_read_identity read = {name, 0, i % 24, i / 3};
            add(table, &read, 1 + i % 3 % 2, 1 + i);
        }
    assert_int_equal(gn_haplotags_count(table), N / 2);
    for (int i = 0; i < N; i++) {
        snprintf(name, sizeof name, "m64011_190830_220126/%d/ccs", i);
        struct gn_read_identity read = {name, 0, i % 24, i / 3};
        if (i % 2 == 0)
            expect_tag(table, &read, 1 + i % 3 % 2, 1 + i);
        else
            expect_tag(table, &read, 0, 0);
    }
}

static void the_ceiling_holds(void **state)
{
    (void)state;
    gn_error_t err = {0};
    gn_haplotags_t *table = gn_haplotags_create(2, &err);
    struct gn_read_identity second = {"second", 0, 0, 5}, third = {"third", 0, 0, 5};
    add(table, &READ, 1, 77);
    add(table, &second, 1, 77);
    assert_int_equal(gn_haplotags_add(table, gn_read_identity_hash(&third), 1, 77, &err),
                     GN_E_MEMORY);
    assert_non_null(strstr(err.message, "the ceiling is 2"));
    add(table, &third, 0, 77);
    add(table, &second, 1, 77); /* known reads go on */
    expect_tag(table, &third, 0, 0);
    gn_haplotags_destroy(table);
}

static void impossible_votes_are_refused(void **state)
{
    static const struct {
        int haplotype;
        int64_t phase_set;
    } cases[] = {{3, 77}, {-1, 77}, {1, 0}, {2, -5}, {1, (int64_t)UINT32_MAX + 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        gn_error_t err = {0};
        assert_int_equal(gn_haplotags_add(*state, gn_read_identity_hash(&READ), cases[i].haplotype,
                                          cases[i].phase_set, &err),
                         GN_E_INTERNAL);
        assert_non_null(strstr(err.message, "haplotype"));
    }
    expect_tag(*state, &READ, 0, 0);
}

static void the_plain_table_is_deepvariants(void **state)
{
    (void)state;
    struct temporary_folder folder;
    gn_error_t err = {0};
    char text[200];
    temporary_make(&folder);
    const char *path = temporary_path(&folder, "x.tsv");
    gn_read_phase_table_t *table = gn_read_phase_table_open(path, &err);
    assert_non_null(table);
    assert_int_equal(gn_read_phase_table_add(table, "m64/1/ccs", 0, 2, 1, &err), GN_OK);
    assert_int_equal(gn_read_phase_table_add(table, "pair", 1, 0, 12345678901, &err), GN_OK);
    assert_int_not_equal(access(path, F_OK), 0);
    assert_int_equal(gn_read_phase_table_commit(table, &err), GN_OK);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    assert_string_equal(text, "fragment_name\tphase\tregion_order\n"
                              "m64/1/ccs/0\t2\t1\n"
                              "pair/1\t0\t12345678901\n");
    unlink(path);

    table = gn_read_phase_table_open(path, &err);
    assert_non_null(table);
    gn_read_phase_table_abort(table);
    gn_read_phase_table_abort(NULL);
    assert_int_equal(rmdir(folder.dir), 0); /* nothing is left */
}

static void the_plain_table_notices_a_full_disk(void **state)
{
    (void)state;
    gn_error_t err = {0};
    assert_null(gn_read_phase_table_open("/nonexistent/x.tsv", &err));
    assert_int_equal(err.code, GN_E_CANNOT_CREATE);
    if (access("/dev/full", W_OK) != 0)
        skip();
    gn_read_phase_table_t *table = gn_read_phase_table_open("/dev/full", &err);
    assert_non_null(table);
    assert_int_equal(gn_read_phase_table_add(table, "r", 0, 1, 1, &err), GN_OK);
    assert_int_equal(gn_read_phase_table_commit(table, &err), GN_E_IO);
    assert_non_null(strstr(err.message, "/dev/full"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(votes_are_counted),
        cmocka_unit_test_setup_teardown(alignments_are_told_apart, setup, teardown),
        cmocka_unit_test_setup_teardown(many_reads_keep_their_tags, setup, teardown),
        cmocka_unit_test(the_ceiling_holds),
        cmocka_unit_test_setup_teardown(impossible_votes_are_refused, setup, teardown),
        cmocka_unit_test(the_plain_table_is_deepvariants),
        cmocka_unit_test(the_plain_table_notices_a_full_disk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

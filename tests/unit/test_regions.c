/* SPDX-License-Identifier: MIT
 *
 * test_regions.c - region literals, BED files, set operations and partitions (spec 10 sections 3
 * and 4, spec 160.7).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "reads/partitions.h"
#include "temporary_folder.h"

enum { N_RUN = 300000, CONTIG_LENGTH = 64 };

struct bench {
    struct temporary_folder folder;
    struct gn_contigs contigs;
    struct gn_ranges ranges;
    gn_error_t err;
};

static int setup(void **state)
{
    static struct bench bench;
    bench = (struct bench){.err = {0}};
    temporary_make(&bench.folder);
    static const char *const names[] = {"chr1", "chr2", "HLA-A*01:01", "chr10"};
    static const int64_t lengths[] = {20000000, 500, 300, 1000};
    for (int i = 0; i < 4; i++)
        if (gn_contigs_add(&bench.contigs, names[i], lengths[i], &bench.err) < 0)
            return 1;
    *state = &bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;
    gn_ranges_clear(&bench->ranges);
    gn_contigs_clear(&bench->contigs);
    temporary_remove(&bench->folder);
    return 0;
}

/* Ranges as "contig:start0-end0". */
static void expect_ranges(const struct gn_ranges *ranges, const char *expected)
{
    char text[1024] = "";
    for (size_t i = 0; i < ranges->n; i++)
        sprintf(text + strlen(text), "%s%d:%lld-%lld", i == 0 ? "" : " ", ranges->v[i].contig,
                (long long)ranges->v[i].start0, (long long)ranges->v[i].end0);
    assert_string_equal(text, expected);
}

static void expect_parsed(struct bench *bench, const char *list, const char *expected)
{
    gn_ranges_clear(&bench->ranges);
    assert_int_equal(gn_ranges_parse(&bench->ranges, list, &bench->contigs, &bench->err), GN_OK);
    expect_ranges(&bench->ranges, expected);
}

static void expect_refused(struct bench *bench, const char *list, int code, const char *word,
                           const char *other_word)
{
    gn_error_t err = {0};
    assert_int_equal(gn_ranges_parse(&bench->ranges, list, &bench->contigs, &err), code);
    assert_non_null(strstr(err.message, word));
    assert_non_null(strstr(err.message, other_word));
}

static void literals(void **state)
{
    struct bench *bench = *state;
    expect_parsed(bench, "chr1:10,000,000-10,010,000", "0:9999999-10010000");
    expect_parsed(bench, "chr2:7-7 chr2:9", "1:6-7 1:8-9");
    expect_parsed(bench, "  chr10\t\nchr2 ", "3:0-1000 1:0-500");
    expect_parsed(bench, "HLA-A*01:01 HLA-A*01:01:5-6", "2:0-300 2:4-6");
    expect_parsed(bench, "chr2:400-9,000", "1:399-500"); /* cut at the contig's end */
    expect_parsed(bench, "", "");
}

static void literals_that_mean_nothing_are_refused(void **state)
{
    struct bench *bench = *state;
    expect_refused(bench, "chr3", GN_E_MISMATCH, "chr3", "chr1"); /* says how contigs are named */
    expect_refused(bench, "chr1 1:5-6", GN_E_MISMATCH, "'1'", "chr1");
    expect_refused(bench, "chr2:501-600", GN_E_MISMATCH, "chr2:501-600", "500");
    static const char *const malformed[] = {
        "chr1:0-5", "chr1:6-5",   "chr1:a-b", "chr1:5-", "chr1:-5",
        "chr1:",    "chr1:5-6-7", "chr1:5x",  "chr1:,",  "chr1:99999999999999999999"};
    for (size_t i = 0; i < sizeof malformed / sizeof *malformed; i++)
        expect_refused(bench, malformed[i], GN_E_USAGE, malformed[i], "start");
}

static int read_bed(struct bench *bench, const char *name, const char *text)
{
    gn_ranges_clear(&bench->ranges);
    bench->err = (gn_error_t){0};
    return gn_ranges_parse(&bench->ranges, temporary_write(&bench->folder, name, text),
                           &bench->contigs, &bench->err);
}

static void bed_files(void **state)
{
    struct bench *bench = *state;
    assert_int_equal(read_bed(bench, "a.bed",
                              "# comment\nbrowser position chr1\ntrack name=x\n\n"
                              "chr2\t5\t10\nchr2\t10\t12\tname\t0\t+\r\nchrUn\t1\t2\n"
                              "chr2\t490\t600\nchr1\t7\t7\n"),
                     GN_OK);
    expect_ranges(&bench->ranges, "1:5-10 1:10-12 1:490-500");
    assert_int_equal(read_bed(bench, "windows.bed", "chr2\t5\t10\r\nchr1\t6\t8\r\n"), GN_OK);
    expect_ranges(&bench->ranges, "1:5-10 0:6-8");
    assert_int_equal(read_bed(bench, "empty.bed", ""), GN_OK);
    expect_ranges(&bench->ranges, "");
}

static void bedpe_files_span_pairs_on_one_contig(void **state)
{
    struct bench *bench = *state;
    assert_int_equal(read_bed(bench, "a.bedpe",
                              "chr2\t5\t10\tchr2\t100\t120\nchr2\t5\t10\tchr1\t100\t120\tx\n"
                              "chr1\t50\t60\tchr1\t70\t80\tname\n"),
                     GN_OK);
    expect_ranges(&bench->ranges, "1:5-120 0:50-80");
}

static void bed_errors_name_file_and_line(void **state)
{
    struct bench *bench = *state;
    static const char *const bad_rows[] = {"chr2\t5", "chr2\tx\t9", "chr2\t9\t5", "chr2\t-1\t5",
                                           "chr2 5 10"};
    for (size_t i = 0; i < sizeof bad_rows / sizeof *bad_rows; i++) {
        char text[128];
        sprintf(text, "#first\nchr2\t1\t2\n%s\n", bad_rows[i]);
        assert_int_equal(read_bed(bench, "bad.bed", text), GN_E_DATA);
        assert_non_null(strstr(bench->err.message, "bad.bed"));
        assert_non_null(strstr(bench->err.message, "line 3"));
    }
    assert_int_equal(read_bed(bench, "bad.bedpe", "chr2\t1\t2\n"), GN_E_DATA);
    assert_non_null(strstr(bench->err.message, "line 1"));
    assert_int_equal(read_bed(bench, "other.bed", "2\t1\t2\n"), GN_E_MISMATCH);
    assert_non_null(strstr(bench->err.message, "chr1"));
    assert_int_equal(gn_ranges_parse(&bench->ranges, "missing.bed", &bench->contigs, &bench->err),
                     GN_E_NO_INPUT);
    assert_non_null(strstr(bench->err.message, "missing.bed"));
}

static void overlapping_and_adjacent_ranges_merge(void **state)
{
    struct bench *bench = *state;
    expect_parsed(bench, "chr2:11-20 chr1:5-6 chr2:1-10 chr2:15-17 chr2:22-30 chr1:1-3 chr10",
                  "1:10-20 0:4-6 1:0-10 1:14-17 1:21-30 0:0-3 3:0-1000");
    gn_ranges_normalise(&bench->ranges);
    expect_ranges(&bench->ranges, "0:0-3 0:4-6 1:0-20 1:21-30 3:0-1000");
    assert_int_equal(gn_ranges_bases(&bench->ranges), 3 + 2 + 20 + 9 + 1000);
}

static uint32_t draw(uint64_t *seed, uint32_t n)
{
    *seed = *seed * 6364136223846793005U + 1442695040888963407U;
    return (uint32_t)(*seed >> 33) % n;
}

/* A random normal list over two small contigs, and the same as a map of bases. */
static void make_random(struct gn_ranges *ranges, bool map[2][CONTIG_LENGTH], uint64_t *seed)
{
    gn_error_t err = {0};
    memset(map, 0, 2 * CONTIG_LENGTH * sizeof map[0][0]);
    for (uint32_t i = draw(seed, 8); i > 0; i--) {
        int contig = (int)draw(seed, 2), start0 = (int)draw(seed, CONTIG_LENGTH - 1);
        int end0 = start0 + 1 + (int)draw(seed, (uint32_t)(CONTIG_LENGTH - start0));
        if (end0 > start0 + 12)
            end0 = start0 + 12;
        if (end0 > CONTIG_LENGTH)
            end0 = CONTIG_LENGTH;
        assert_int_equal(gn_ranges_push(ranges, (struct gn_range){contig, start0, end0}, &err),
                         GN_OK);
        for (int p = start0; p < end0; p++)
            map[contig][p] = true;
    }
    gn_ranges_normalise(ranges);
}

/* Normal, and made of exactly the bases that the map of a and b gives. */
static void expect_bases(const struct gn_ranges *ranges, bool a[2][CONTIG_LENGTH],
                         bool b[2][CONTIG_LENGTH], bool wanted_in_b)
{
    int64_t bases = 0;
    for (int contig = 0; contig < 2; contig++)
        for (int p = 0; p < CONTIG_LENGTH; p++) {
            bool expected = a[contig][p] && b[contig][p] == wanted_in_b;
            assert_int_equal(gn_ranges_contain(ranges, contig, p), expected);
            bases += expected;
        }
    assert_int_equal(gn_ranges_bases(ranges), bases);
    for (size_t i = 1; i < ranges->n; i++)
        assert_true(ranges->v[i - 1].contig < ranges->v[i].contig ||
                    (ranges->v[i - 1].contig == ranges->v[i].contig &&
                     ranges->v[i - 1].end0 < ranges->v[i].start0));
}

static void set_operations_agree_with_maps_of_bases(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (int round = 0; round < 500; round++) {
        struct gn_ranges a = {NULL, 0, 0}, b = {NULL, 0, 0}, both = {NULL, 0, 0}, rest = both;
        bool in_a[2][CONTIG_LENGTH], in_b[2][CONTIG_LENGTH];
        gn_error_t err = {0};
        make_random(&a, in_a, &seed);
        make_random(&b, in_b, &seed);
        assert_int_equal(gn_ranges_intersect(&both, &a, &b, &err), GN_OK);
        assert_int_equal(gn_ranges_subtract(&rest, &a, &b, &err), GN_OK);
        expect_bases(&a, in_a, in_a, true);
        expect_bases(&both, in_a, in_b, true);
        expect_bases(&rest, in_a, in_b, false);
        gn_ranges_clear(&a);
        gn_ranges_clear(&b);
        gn_ranges_clear(&both);
        gn_ranges_clear(&rest);
    }
}

static void partitions_count_from_the_start_of_each_region(void **state)
{
    struct bench *bench = *state;
    struct gn_ranges partitions = {NULL, 0, 0};
    expect_parsed(bench, "chr1:11-35 chr2:1-20", "0:10-35 1:0-20");
    assert_int_equal(gn_cut_partitions(&bench->ranges, 10, &partitions, &bench->err), GN_OK);
    expect_ranges(&partitions, "0:10-20 0:20-30 0:30-35 1:0-10 1:10-20");
    gn_ranges_clear(&partitions);
}

static void expect_task(struct bench *bench, int task, int n_tasks, bool round_robin,
                        const char *expected)
{
    struct gn_ranges partitions = {NULL, 0, 0};
    expect_parsed(bench, "chr2:1-7", "1:0-7");
    assert_int_equal(gn_cut_partitions(&bench->ranges, 1, &partitions, &bench->err), GN_OK);
    gn_take_task_partitions(&partitions, task, n_tasks, round_robin);
    expect_ranges(&partitions, expected);
    gn_ranges_clear(&partitions);
}

static void tasks_get_every_nth_partition_or_a_chunk(void **state)
{
    struct bench *bench = *state;
    expect_task(bench, 0, 3, true, "1:0-1 1:3-4 1:6-7");
    expect_task(bench, 2, 3, true, "1:2-3 1:5-6");
    expect_task(bench, 0, 3, false, "1:0-1 1:1-2 1:2-3"); /* chunks of ceil(7 / 3) */
    expect_task(bench, 2, 3, false, "1:6-7");
    expect_task(bench, 4, 5, false, ""); /* chunks of 2: nothing is left for the last */
    expect_task(bench, 8, 9, true, "");
    expect_task(bench, 0, 1, false, "1:0-1 1:1-2 1:2-3 1:3-4 1:4-5 1:5-6 1:6-7");
}

static void calling_regions_are_usable_wanted_and_not_excluded(void **state)
{
    struct bench *bench = *state;
    gn_fasta_t *fasta = temporary_fasta(&bench->folder, ">a\nACGTACGTAC\n>b\nACGTA\n>c\nACGT\n");
    static const bool usable[] = {true, false, true};
    struct gn_partition_options options = {.regions = ""};
    assert_int_equal(gn_calling_regions(&options, fasta, usable, &bench->ranges, &bench->err),
                     GN_OK);
    expect_ranges(&bench->ranges, "0:0-10 2:0-4");
    options =
        (struct gn_partition_options){.regions = "c a:3-4 a:5-8 b", .exclude_regions = "c:2 a:8-9"};
    gn_ranges_clear(&bench->ranges);
    assert_int_equal(gn_calling_regions(&options, fasta, usable, &bench->ranges, &bench->err),
                     GN_OK);
    expect_ranges(&bench->ranges, "0:2-7 2:0-1 2:2-4");
    options = (struct gn_partition_options){.regions = "b"};
    gn_ranges_clear(&bench->ranges);
    assert_int_equal(gn_calling_regions(&options, fasta, usable, &bench->ranges, &bench->err),
                     GN_E_MISMATCH);
    gn_fasta_close(fasta);
}

static char *append(char *end, char base, int n)
{
    memset(end, base, (size_t)n);
    return end + n;
}

static void long_runs_without_dna_are_left_out_when_wanted(void **state)
{
    struct bench *bench = *state;
    char *text = malloc((size_t)4 * N_RUN), *end = text;
    assert_non_null(text);
    end += sprintf(end, ">a\n");
    end = append(end, 'A', 1000);
    end = append(end, 'N', N_RUN); /* just long enough */
    end = append(end, 'C', 500);
    end = append(end, 'n', N_RUN - 1); /* too short */
    end = append(end, 'G', 500);
    end = append(end, 'N', N_RUN / 2);
    end = append(end, 'R', 1); /* no DNA base either: goes on to the end */
    end = append(end, 'N', N_RUN / 2);
    strcpy(end, "\n");
    gn_fasta_t *fasta = temporary_fasta(&bench->folder, text);
    static const bool usable[] = {true};
    struct gn_partition_options options = {.discard_non_dna_regions = true};
    assert_int_equal(gn_calling_regions(&options, fasta, usable, &bench->ranges, &bench->err),
                     GN_OK);
    expect_ranges(&bench->ranges, "0:0-1000 0:301000-601999");
    options.regions = "a"; /* with regions there is no search */
    gn_ranges_clear(&bench->ranges);
    assert_int_equal(gn_calling_regions(&options, fasta, usable, &bench->ranges, &bench->err),
                     GN_OK);
    expect_ranges(&bench->ranges, "0:0-902000");
    gn_fasta_close(fasta);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(literals, setup, teardown),
        cmocka_unit_test_setup_teardown(literals_that_mean_nothing_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(bed_files, setup, teardown),
        cmocka_unit_test_setup_teardown(bedpe_files_span_pairs_on_one_contig, setup, teardown),
        cmocka_unit_test_setup_teardown(bed_errors_name_file_and_line, setup, teardown),
        cmocka_unit_test_setup_teardown(overlapping_and_adjacent_ranges_merge, setup, teardown),
        cmocka_unit_test_setup_teardown(set_operations_agree_with_maps_of_bases, setup, teardown),
        cmocka_unit_test_setup_teardown(partitions_count_from_the_start_of_each_region, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(tasks_get_every_nth_partition_or_a_chunk, setup, teardown),
        cmocka_unit_test_setup_teardown(calling_regions_are_usable_wanted_and_not_excluded, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(long_runs_without_dna_are_left_out_when_wanted, setup,
                                        teardown),
    };
    return cmocka_run_group_tests_name("regions", tests, NULL, NULL);
}

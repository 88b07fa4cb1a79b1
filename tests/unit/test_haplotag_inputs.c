/* SPDX-License-Identifier: MIT
 *
 * test_haplotag_inputs.c - which records a copy with haplotype tags takes: several files as one, and regions.
 */
#include "tag_bench.h"

#define SEQUENCES "@HD\tVN:1.6\tSO:coordinate\n@SQ\tSN:chr1\tLN:1000\n@SQ\tSN:chr2\tLN:500\n"

static void files_are_merged(void **state)
{
    struct tag_bench *bench = *state;
    tag_bench_input(bench, HAND_BAM_HEADER,
                    "a1 0 chr1 101 60 4M * 0 0 ACGT IIII RG:Z:a\n"
                    "a2 16 chr1 103 60 4M * 0 0 ACGT IIII\n"
                    "same 0 chr2 5 60 4M * 0 0 ACGT IIII XN:Z:first\n"
                    "a3 4 * 0 0 * * 0 0 ACGT IIII\n");
    tag_bench_input(bench, HAND_BAM_HEADER,
                    "b1 0 chr1 102 60 4M * 0 0 ACGT IIII RG:Z:a\n"
                    "b2 0 chr1 103 60 4M * 0 0 ACGT IIII\n"
                    "same 0 chr2 5 60 4M * 0 0 ACGT IIII XN:Z:second\n"
                    "b3 4 chr2 6 0 * * 0 0 ACGT IIII\n");
    tag_bench_input(bench, HAND_BAM_HEADER,
                    "c1 0 chr1 1 60 4M * 0 0 ACGT IIII\n"
                    "c2 4 * 0 0 * * 0 0 ACGT IIII\n");
    tag_bench_vote(bench, (struct gn_read_identity){"same", 0, 1, 4}, 1, 3);
    tag_bench_must_write(bench);
    assert_string_equal(tag_bench_records(bench, bench->output),
                        "c1 0 chr1 1 60 4M * 0 0 ACGT IIII\n"
                        "a1 0 chr1 101 60 4M * 0 0 ACGT IIII RG:Z:a\n"
                        "b1 0 chr1 102 60 4M * 0 0 ACGT IIII RG:Z:a\n"
                        "a2 16 chr1 103 60 4M * 0 0 ACGT IIII\n"
                        "b2 0 chr1 103 60 4M * 0 0 ACGT IIII\n"
                        "same 0 chr2 5 60 4M * 0 0 ACGT IIII XN:Z:first HP:i:1 PS:i:3\n"
                        "same 0 chr2 5 60 4M * 0 0 ACGT IIII XN:Z:second HP:i:1 PS:i:3\n"
                        "b3 4 chr2 6 0 * * 0 0 ACGT IIII\n"
                        "a3 4 * 0 0 * * 0 0 ACGT IIII\n"
                        "c2 4 * 0 0 * * 0 0 ACGT IIII\n");
    assert_string_equal(tag_bench_header(bench, bench->output, "@RG"), "@RG ID:a SM:NA1\n");
}

/* b is in both files and says two things, c is the same; the second file's own b-1 must not be hit. */
static void read_groups_are_united(void **state)
{
    struct tag_bench *bench = *state;
    tag_bench_input(bench,
                    "@HD\tVN:1.6\tSO:coordinate\tGO:none\tSS:coordinate:queryname\n"
                    "@SQ\tSN:chr1\tLN:1000\n@SQ\tSN:chr2\tLN:500\n"
                    "@RG\tID:b\tSM:s\tPU:1\n@RG\tID:c\tSM:s\n@CO\tone\n@CO\tboth\ttoo\n",
                    "r1 0 chr1 1 60 4M * 0 0 ACGT IIII RG:Z:b\n");
    tag_bench_input(bench,
                    SEQUENCES "@RG\tID:c\tSM:s\n@RG\tID:b\tSM:s\tPU:2\n@RG\tID:b-1\tSM:s\n"
                              "@RG\tID:d\tSM:s\n@CO\tboth\ttoo\n@CO\ttwo\n",
                    "r2 0 chr1 2 60 4M * 0 0 ACGT IIII RG:Z:b XY:i:4\n"
                    "r3 0 chr1 3 60 4M * 0 0 ACGT IIII RG:Z:c\n"
                    "r4 0 chr1 4 60 4M * 0 0 ACGT IIII RG:Z:b-1\n"
                    "r5 0 chr1 5 60 4M * 0 0 ACGT IIII\n");
    tag_bench_must_write(bench);
    assert_string_equal(tag_bench_header(bench, bench->output, "@HD"),
                        "@HD VN:1.6 SO:coordinate\n");
    assert_string_equal(tag_bench_header(bench, bench->output, "@RG"),
                        "@RG ID:b SM:s PU:1\n@RG ID:c SM:s\n@RG ID:b-2 SM:s PU:2\n"
                        "@RG ID:b-1 SM:s\n@RG ID:d SM:s\n");
    assert_string_equal(tag_bench_header(bench, bench->output, "@CO"),
                        "@CO one\n@CO both too\n@CO two\n");
    assert_string_equal(tag_bench_records(bench, bench->output),
                        "r1 0 chr1 1 60 4M * 0 0 ACGT IIII RG:Z:b\n"
                        "r2 0 chr1 2 60 4M * 0 0 ACGT IIII RG:Z:b-2 XY:i:4\n"
                        "r3 0 chr1 3 60 4M * 0 0 ACGT IIII RG:Z:c\n"
                        "r4 0 chr1 4 60 4M * 0 0 ACGT IIII RG:Z:b-1\n"
                        "r5 0 chr1 5 60 4M * 0 0 ACGT IIII\n");
}

static void histories_are_united(void **state)
{
    struct tag_bench *bench = *state;
    tag_bench_input(bench, SEQUENCES "@PG\tID:map\tCL:1\n@PG\tID:sort\tPP:map\n", "");
    tag_bench_input(bench,
                    SEQUENCES "@PG\tID:sort\tPP:map\n@PG\tID:map\tCL:2\n@PG\tID:x\tPP:sort\n",
                    "r 0 chr1 2 60 4M * 0 0 ACGT IIII PG:Z:map\n"
                    "s 0 chr1 2 60 4M * 0 0 ACGT IIII PG:Z:x\n");
    tag_bench_input(bench, SEQUENCES "@PG\tID:map\tCL:1\n@PG\tID:sort\tPP:map\n",
                    "t 0 chr1 2 60 4M * 0 0 ACGT IIII PG:Z:map\n");
    tag_bench_must_write(bench);
    assert_string_equal(tag_bench_header(bench, bench->output, "@PG"),
                        "@PG ID:map CL:1\n@PG ID:sort PP:map\n"
                        "@PG ID:sort-1 PP:map-1\n@PG ID:map-1 CL:2\n@PG ID:x PP:sort-1\n"
                        "@PG ID:gannet PN:gannet PP:sort VN:" GN_VERSION "\n"
                        "@PG ID:gannet.1 PN:gannet PP:x VN:" GN_VERSION "\n");
    assert_string_equal(tag_bench_records(bench, bench->output),
                        "r 0 chr1 2 60 4M * 0 0 ACGT IIII PG:Z:map-1\n"
                        "s 0 chr1 2 60 4M * 0 0 ACGT IIII PG:Z:x\n"
                        "t 0 chr1 2 60 4M * 0 0 ACGT IIII PG:Z:map\n");
}

static void files_of_different_references_are_refused(void **state)
{
    static const struct {
        const char *header, *mention;
    } cases[] = {
        {"@SQ\tSN:chr1\tLN:1000\n", "has 1"},
        {"@SQ\tSN:chr1\tLN:1000\n@SQ\tSN:2\tLN:500\n", "contig 2 is chr2 (500 bases)"},
        {"@SQ\tSN:chr1\tLN:1001\n@SQ\tSN:chr2\tLN:500\n", "chr1 (1001 bases)"},
        {"@SQ\tSN:chr2\tLN:500\n@SQ\tSN:chr1\tLN:1000\n", "contig 1 is chr1"},
        {"@SQ\tSN:chr1\tLN:1000\tM5:bb\n@SQ\tSN:chr2\tLN:500\n", "checksums differ"},
    };
    struct tag_bench *bench = *state;
    tag_bench_input(bench, "@SQ\tSN:chr1\tLN:1000\tM5:aa\n@SQ\tSN:chr2\tLN:500\tM5:CC\n", "");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bench->files.n = 1;
        tag_bench_input(bench, cases[i].header, "");
        tag_bench_refused(bench, GN_E_MISMATCH, cases[i].mention);
        assert_non_null(strstr(bench->err.message, bench->paths[0]));
        assert_non_null(strstr(bench->err.message, bench->paths[1]));
        assert_int_equal(gn_haplotag_check(&bench->options, &bench->err), GN_E_MISMATCH);
    }
    bench->files.n = 1;
    tag_bench_input(bench, "@SQ\tSN:chr1\tLN:1000\n@SQ\tSN:chr2\tLN:500\tM5:cc\n", "");
    tag_bench_must_write(bench);
}

static void an_unsorted_file_among_sorted_ones_is_named(void **state)
{
    struct tag_bench *bench = *state;
    tag_bench_input(bench, HAND_BAM_HEADER,
                    "a 0 chr1 101 60 4M * 0 0 ACGT IIII\n"
                    "b 0 chr1 300 60 4M * 0 0 ACGT IIII\n");
    tag_bench_input(bench, HAND_BAM_HEADER, "");
    /* the index is of a sorted file */
    hand_bam_write(bench->paths[1], HAND_BAM_HEADER,
                   "c 0 chr1 102 60 4M * 0 0 ACGT IIII\n"
                   "d 0 chr1 103 60 4M * 0 0 ACGT IIII\n"
                   "e 4 * 0 0 * * 0 0 ACGT IIII\n"
                   "f 0 chr2 1 60 4M * 0 0 ACGT IIII\n",
                   0);
    tag_bench_refused(bench, GN_E_DATA, "not sorted by coordinate at read f");
    assert_non_null(strstr(bench->err.message, bench->paths[1]));
}

static const char REGION_RECORDS[] = "before 0 chr1 91 60 10M * 0 0 ACGTACGTAC IIIIIIIIII\n"
                                     "touches 0 chr1 92 60 10M * 0 0 ACGTACGTAC IIIIIIIIII\n"
                                     "both 0 chr1 105 60 10M * 0 0 ACGTACGTAC IIIIIIIIII\n"
                                     "gap 0 chr1 111 60 2M * 0 0 AC II\n"
                                     "spliced 0 chr1 111 60 1M100N1M * 0 0 AC II\n"
                                     "deleted 0 chr1 118 60 1M5D1M * 0 0 AC II HP:i:1\n"
                                     "second 0 chr1 125 60 4M * 0 0 ACGT IIII\n"
                                     "after 0 chr1 131 60 4M * 0 0 ACGT IIII\n"
                                     "whole 0 chr2 1 60 4M * 0 0 ACGT IIII\n"
                                     "placed 4 chr2 500 0 * * 0 0 ACGT IIII\n"
                                     "nowhere 4 * 0 0 * * 0 0 ACGT IIII\n";

static void set_regions(struct tag_bench *bench, struct gn_ranges *regions, const char *list)
{
    gn_ranges_clear(regions);
    assert_int_equal(gn_ranges_parse(regions, list, &bench->contigs, NULL), GN_OK);
    gn_ranges_normalise(regions);
    bench->options.regions = regions;
}

/* Names of the output's records. */
static void expect_names(struct tag_bench *bench, const char *expected)
{
    kstring_t names = KS_INITIALIZE;
    tag_bench_must_write(bench);
    kputs("", &names);
    for (const char *p = tag_bench_records(bench, bench->output); *p != '\0';) {
        if (names.l > 0)
            kputc(' ', &names);
        kputsn(p, (int)strcspn(p, " "), &names);
        p += strcspn(p, "\n") + 1;
    }
    assert_string_equal(names.s, expected);
    ks_free(&names);
}

static void regions_take_what_overlaps_once(void **state)
{
    struct tag_bench *bench = *state;
    struct gn_ranges regions = {NULL, 0, 0};
    tag_bench_input(bench, HAND_BAM_HEADER, REGION_RECORDS);
    set_regions(bench, &regions, "chr1:101-110 chr1:114-115 chr1:121-130");
    expect_names(bench, "touches both spliced deleted second");
    assert_null(strstr(tag_bench_records(bench, bench->output), "HP:i"));
    assert_int_equal(tag_bench_look_up(bench, ".bai", "chr1"), 5);
    set_regions(bench, &regions, "chr2 chr1:113-113");
    expect_names(bench, "both spliced whole placed");
    set_regions(bench, &regions, "chr1:900");
    expect_names(bench, "");
    gn_ranges_clear(&regions);
    expect_names(bench, ""); /* no region: nothing */
    bench->options.regions = NULL;
    expect_names(bench,
                 "before touches both gap spliced deleted second after whole placed nowhere");
}

static void regions_are_those_of_the_reference(void **state)
{
    struct tag_bench *bench = *state;
    struct gn_ranges regions = {NULL, 0, 0};
    /* other numbers than in the file, and a contig that the file lacks */
    gn_contigs_clear(&bench->contigs);
    gn_contigs_add(&bench->contigs, "chr2", 500, NULL);
    gn_contigs_add(&bench->contigs, "chr7", 500, NULL);
    gn_contigs_add(&bench->contigs, "chr1", 1000, NULL);
    tag_bench_input(bench, HAND_BAM_HEADER, REGION_RECORDS);
    tag_bench_vote(bench, (struct gn_read_identity){"second", 0, 2, 124}, 2, 77);
    tag_bench_vote(bench, (struct gn_read_identity){"whole", 0, 0, 0}, 1, 1);
    set_regions(bench, &regions, "chr2:1-10 chr7 chr1:126");
    tag_bench_must_write(bench);
    assert_string_equal(tag_bench_records(bench, bench->output),
                        "spliced 0 chr1 111 60 1M100N1M * 0 0 AC II\n"
                        "second 0 chr1 125 60 4M * 0 0 ACGT IIII HP:i:2 PS:i:77\n"
                        "whole 0 chr2 1 60 4M * 0 0 ACGT IIII HP:i:1 PS:i:1\n");
    gn_ranges_clear(&regions);
}

static void regions_of_several_files(void **state)
{
    struct tag_bench *bench = *state;
    struct gn_ranges regions = {NULL, 0, 0};
    tag_bench_input(bench, HAND_BAM_HEADER, REGION_RECORDS);
    tag_bench_input(bench, HAND_BAM_HEADER,
                    "long 0 chr1 50 60 1M500N1M * 0 0 AC II\n"
                    "x 0 chr1 106 60 4M * 0 0 ACGT IIII\n"
                    "y 0 chr1 126 60 4M * 0 0 ACGT IIII\n");
    bench->options.threads = 3;
    set_regions(bench, &regions, "chr1:101-110 chr1:126-126");
    expect_names(bench, "long touches both x spliced second y");
    gn_ranges_clear(&regions);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, tag_bench_setup, tag_bench_teardown)

int main(void)
{
    hts_set_log_level(HTS_LOG_OFF);
    const struct CMUnitTest tests[] = {
        CASE(files_are_merged),
        CASE(read_groups_are_united),
        CASE(histories_are_united),
        CASE(files_of_different_references_are_refused),
        CASE(an_unsorted_file_among_sorted_ones_is_named),
        CASE(regions_take_what_overlaps_once),
        CASE(regions_are_those_of_the_reference),
        CASE(regions_of_several_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

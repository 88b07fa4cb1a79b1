/* SPDX-License-Identifier: MIT
 *
 * test_read_source.c - reads of small BAM files: filters, fields, sampling, and what is wrong
 * with files (spec 10).
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "hand_bam.h"
#include "reads/read_source.h"
#include "temporary_folder.h"

enum { CHR1_LENGTH = 1000, MAX_FILES = 2 };

struct bench {
    struct temporary_folder folder;
    char paths[MAX_FILES][160];
    char *path_list[MAX_FILES];
    struct gn_texts files;
    struct gn_read_options options;
    gn_read_source_t *source;
    struct gn_read_list reads;
    gn_arena_t *arena;
    gn_error_t err;
};

static int setup(void **state)
{
    static struct bench bench;
    bench = (struct bench){.options = gn_read_options_default()};
    temporary_make(&bench.folder);
    bench.files.v = bench.path_list;
    bench.arena = gn_arena_create((size_t)1 << 24);
    *state = &bench;
    return bench.arena == NULL;
}

static int teardown(void **state)
{
    struct bench *bench = *state;
    gn_read_source_close(bench->source);
    gn_arena_destroy(bench->arena);
    temporary_remove(&bench->folder);
    return 0;
}

/* Makes the next file of the sample: first.bam, second.bam. */
static const char *add_file(struct bench *bench, const char *header, const char *records, int flags)
{
    int i = bench->files.n++;
    strcpy(bench->paths[i], temporary_path(&bench->folder, i == 0 ? "first.bam" : "second.bam"));
    bench->path_list[i] = bench->paths[i];
    hand_bam_write(bench->paths[i], header, records, flags);
    return bench->paths[i];
}

static void open_files(struct bench *bench)
{
    gn_read_source_close(bench->source);
    bench->source = gn_read_source_open(&bench->files, NULL, &bench->options, &bench->err);
    assert_non_null(bench->source);
}

static int fetch(struct bench *bench, const char *contig, int64_t start0, int64_t end0)
{
    bench->err = (gn_error_t){0};
    return gn_read_source_fetch(bench->source, contig, start0, end0, bench->arena, &bench->reads,
                                &bench->err);
}

/* Names of the reads of a range, in order. */
static void expect_names(struct bench *bench, int64_t start0, int64_t end0, const char *expected)
{
    char text[512] = "";
    assert_int_equal(fetch(bench, "chr1", start0, end0), GN_OK);
    for (size_t i = 0; i < bench->reads.n; i++)
        sprintf(text + strlen(text), "%s%s", i == 0 ? "" : " ", bench->reads.v[i].name);
    assert_string_equal(text, expected);
}

static void expect_open_fails(struct bench *bench, int code, const char *word)
{
    bench->err = (gn_error_t){0};
    assert_null(gn_read_source_open(&bench->files, NULL, &bench->options, &bench->err));
    assert_int_equal(bench->err.code, code);
    assert_non_null(strstr(bench->err.message, bench->paths[bench->files.n - 1]));
    assert_non_null(strstr(bench->err.message, word));
}

static void expect_fetch_fails(struct bench *bench, const char *read, const char *path)
{
    assert_int_equal(fetch(bench, "chr1", 0, CHR1_LENGTH), GN_E_DATA);
    assert_non_null(strstr(bench->err.message, read));
    assert_non_null(strstr(bench->err.message, path));
}

/* Flags: 1 paired, 2 proper, 4 unmapped, 8 mate unmapped, 64 first; the rest is named. */
static const char FILTER_RECORDS[] =
    "plain 0 chr1 101 60 4M * 0 0 ACGT IIII\n"
    "secondary 256 chr1 101 60 4M * 0 0 ACGT IIII\n"
    "qcfail 512 chr1 101 60 4M * 0 0 ACGT IIII\n"
    "duplicate 1024 chr1 101 60 4M * 0 0 ACGT IIII\n"
    "supplementary 2048 chr1 101 60 4M * 0 0 ACGT IIII\n"
    "unmapped 4 chr1 101 0 * * 0 0 ACGT IIII\n"
    "mapq4 0 chr1 101 4 4M * 0 0 ACGT IIII\n"
    "mapq5 0 chr1 101 5 4M * 0 0 ACGT IIII\n"
    "proper 67 chr1 101 60 4M = 150 53 ACGT IIII\n"
    "improper_same_contig 65 chr1 101 60 4M = 150 53 ACGT IIII\n"
    "improper_other_contig 65 chr1 101 60 4M chr2 150 0 ACGT IIII\n"
    "proper_other_contig 67 chr1 101 60 4M chr2 150 0 ACGT IIII\n"
    "mate_unmapped 73 chr1 101 60 4M chr2 150 0 ACGT IIII\n"
    "mate_nowhere 65 chr1 101 60 4M * 0 0 ACGT IIII\n"
    "unpaired_other_contig 0 chr1 101 60 4M chr2 150 0 ACGT IIII\n";

static void filters(void **state)
{
    struct bench *bench = *state;
    add_file(bench, HAND_BAM_HEADER, FILTER_RECORDS, HAND_BAM_INDEX);
    open_files(bench);
    expect_names(bench, 100, 104,
                 "plain mapq5 proper improper_same_contig proper_other_contig mate_unmapped "
                 "mate_nowhere unpaired_other_contig");
    bench->options.keep_duplicates = true;
    bench->options.keep_secondary_alignments = true;
    bench->options.keep_supplementary_alignments = true;
    bench->options.min_mapping_quality = 6;
    open_files(bench);
    expect_names(bench, 100, 104,
                 "plain secondary duplicate supplementary proper improper_same_contig "
                 "proper_other_contig mate_unmapped mate_nowhere unpaired_other_contig");
}

static void fields_of_a_read(void **state)
{
    struct bench *bench = *state;
    add_file(bench, HAND_BAM_HEADER,
             "a 99 chr1 11 37 2S3M1I2D1P2N2=1X1H = 50 -321 acgtNRG=A !\"#$%&'() HP:i:2 "
             "OQ:Z:IHGFEDCBA\n"
             "a 147 chr1 12 60 4M = 5 321 ACGT IIII\n"
             "b 16 chr1 12 60 4M * 0 0 ACGT IIII HP:i:1\n",
             HAND_BAM_INDEX);
    open_files(bench);
    assert_int_equal(fetch(bench, "chr1", 0, 100), GN_OK);
    assert_int_equal(bench->reads.n, 3);
    assert_true(bench->reads.keys_are_unique);
    const struct gn_read *reads = bench->reads.v;
    assert_int_equal(reads[0].read_number, 0);
    assert_int_equal(reads[0].mapping_quality, 37);
    assert_false(reads[0].is_reverse);
    assert_int_equal(reads[0].fragment_length, -321);
    assert_int_equal(reads[0].pos0, 10);
    assert_int_equal(reads[0].end0, 10 + 3 + 2 + 2 + 2 + 1); /* P and I do not count */
    assert_int_equal(reads[0].n_cigar, 9);
    assert_int_equal(reads[0].cigar[0], bam_cigar_gen(2, BAM_CSOFT_CLIP));
    assert_int_equal(reads[0].cigar[6], bam_cigar_gen(2, BAM_CEQUAL));
    assert_int_equal(reads[0].length, 9);
    assert_memory_equal(reads[0].bases, "ACGTNRG=A", 9);
    for (int i = 0; i < 9; i++)
        assert_int_equal(reads[0].qualities[i], i);
    assert_int_equal(reads[0].haplotype, 0); /* not asked for */
    assert_int_equal(reads[1].read_number, 1);
    assert_true(reads[1].is_reverse);
    assert_int_equal(reads[2].read_number, 0); /* unpaired */
    assert_true(reads[0].key != reads[1].key && reads[1].key != reads[2].key &&
                reads[0].key != reads[2].key);
}

static void tags_are_read_when_asked_for(void **state)
{
    struct bench *bench = *state;
    const char *path = add_file(bench, HAND_BAM_HEADER,
                                "a 0 chr1 11 60 4M * 0 0 ACGT IIII HP:i:2 OQ:Z:!\"#$\n"
                                "b 0 chr1 12 60 4M * 0 0 ACGT IIII OQ:Z:IIII\n"
                                "c 0 chr1 500 60 4M * 0 0 ACGT IIII\n",
                                HAND_BAM_INDEX);
    bench->options.parse_haplotype_tag = true;
    bench->options.use_original_quality_scores = true;
    open_files(bench);
    assert_int_equal(fetch(bench, "chr1", 0, 100), GN_OK);
    assert_int_equal(bench->reads.v[0].haplotype, 2);
    assert_int_equal(bench->reads.v[1].haplotype, 0);
    for (int i = 0; i < 4; i++)
        assert_int_equal(bench->reads.v[0].qualities[i], i);
    expect_fetch_fails(bench, "read c", path);
    assert_non_null(strstr(bench->err.message, "OQ"));
}

static void equal_names_and_numbers_share_a_key(void **state)
{
    struct bench *bench = *state;
    bench->options.keep_supplementary_alignments = true;
    add_file(bench, HAND_BAM_HEADER,
             "a 0 chr1 11 60 4M * 0 0 ACGT IIII\nb 0 chr1 11 60 4M * 0 0 ACGT IIII\n"
             "a 2048 chr1 12 60 4M * 0 0 ACGT IIII\n",
             HAND_BAM_INDEX);
    open_files(bench);
    assert_int_equal(fetch(bench, "chr1", 0, 100), GN_OK);
    assert_false(bench->reads.keys_are_unique);
    assert_int_equal(bench->reads.v[0].key, bench->reads.v[2].key);
    assert_int_not_equal(bench->reads.v[0].key, bench->reads.v[1].key);
    assert_int_equal(fetch(bench, "chr1", 0, 11), GN_OK);
    assert_true(bench->reads.keys_are_unique); /* of this partition */
}

static void ranges_are_half_open_and_files_follow_each_other(void **state)
{
    struct bench *bench = *state;
    add_file(bench, HAND_BAM_HEADER,
             "a 0 chr1 11 60 4M * 0 0 ACGT IIII\nb 0 chr1 13 60 4M * 0 0 ACGT IIII\n"
             "c 0 chr1 21 60 2M5D2M * 0 0 ACGT IIII\n",
             HAND_BAM_INDEX);
    add_file(bench, HAND_BAM_HEADER,
             "d 0 chr1 5 60 4M * 0 0 ACGT IIII\ne 0 chr1 12 60 4M * 0 0 ACGT IIII\n",
             HAND_BAM_INDEX);
    open_files(bench);
    expect_names(bench, 0, 1000, "a b c d e");
    expect_names(bench, 0, 10, "d");
    expect_names(bench, 14, 20, "b e");
    expect_names(bench, 24, 25, "c"); /* inside the deletion */
    expect_names(bench, 29, 1000, "");
    assert_int_equal(fetch(bench, "chr7", 0, 1000), GN_OK);
    assert_int_equal(bench->reads.n, 0);
}

/* r00, r01, ... at ascending positions. */
static void write_series(char *text, int n)
{
    *text = '\0';
    for (int i = 0; i < n; i++)
        sprintf(text + strlen(text), "r%02d 0 chr1 %d 60 4M * 0 0 ACGT IIII\n", i, 101 + i);
}

static void deep_partitions_are_sampled(void **state)
{
    struct bench *bench = *state;
    char text[1024];
    write_series(text, 16);
    add_file(bench, HAND_BAM_HEADER, text, HAND_BAM_INDEX);
    bench->options.max_reads_per_partition = 4; /* slots in order, see test_sampling.c */
    open_files(bench);
    expect_names(bench, 0, 1000, "r08 r01 r11 r07");
    expect_names(bench, 0, 1000, "r08 r01 r11 r07"); /* anew for every partition */
    expect_names(bench, 0, 103, "r00 r01 r02");
    bench->options.max_reads_per_partition = 0;
    bench->options.max_reads_for_dynamic_bases_per_region = 1;
    open_files(bench);
    expect_names(bench, 110, 112, "r07 r09"); /* r07 to r11 cover 1, 2, 2, 2, 1 of the 2 bases */
}

static void names_of(struct bench *bench, char *text)
{
    *text = '\0';
    for (size_t i = 0; i < bench->reads.n; i++)
        sprintf(text + strlen(text), " %s", bench->reads.v[i].name);
}

/* Reads of equal size: a limit in bytes chooses like the limit in reads that it comes to. */
static void memory_limits_reads(void **state)
{
    struct bench *bench = *state;
    char text[1024], by_bytes[256], by_number[256];
    write_series(text, 16);
    const char *path = add_file(bench, HAND_BAM_HEADER, text, HAND_BAM_INDEX);
    bench->options.max_reads_per_partition = 0;
    bench->options.max_bytes = 6 * sizeof(struct gn_read);
    open_files(bench);
    assert_int_equal(fetch(bench, "chr1", 0, 1000), GN_OK);
    names_of(bench, by_bytes);
    assert_in_range(bench->reads.n, 3, 5);
    bench->options.max_reads_per_partition = (int)bench->reads.n;
    bench->options.max_bytes = 0;
    open_files(bench);
    assert_int_equal(fetch(bench, "chr1", 0, 1000), GN_OK);
    names_of(bench, by_number);
    assert_string_equal(by_bytes, by_number);
    bench->options.max_bytes = 50;
    open_files(bench);
    assert_int_equal(fetch(bench, "chr1", 0, 1000), GN_E_MEMORY);
    assert_non_null(strstr(bench->err.message, "read r00"));
    assert_non_null(strstr(bench->err.message, path));
}

/* Slots are used again by reads of any length. */
static void buffers_follow_the_reads(void **state)
{
    struct bench *bench = *state;
    enum { LENGTH = 400 };
    char text[2048], bases[LENGTH + 1], qualities[LENGTH + 1];
    for (int i = 0; i < LENGTH; i++) {
        bases[i] = "ACGTN"[i % 5];
        qualities[i] = (char)('!' + i % 60);
    }
    bases[LENGTH] = qualities[LENGTH] = '\0';
    snprintf(text, sizeof text,
             "a 0 chr1 11 60 4M * 0 0 ACGT IIII\nb 0 chr1 101 60 400M * 0 0 %s %s\n"
             "c 0 chr1 601 60 5M * 0 0 TTTTT !!!!!\n",
             bases, qualities);
    add_file(bench, HAND_BAM_HEADER, text, HAND_BAM_INDEX);
    bench->options.max_bytes = 1400; /* what is held in between is more than that */
    open_files(bench);
    for (int round = 0; round < 3; round++) {
        expect_names(bench, 0, 50, "a");
        assert_memory_equal(bench->reads.v[0].bases, "ACGT", 4);
        expect_names(bench, 50, 550, "b");
        assert_memory_equal(bench->reads.v[0].bases, bases, LENGTH);
        for (int i = 0; i < LENGTH; i++)
            assert_int_equal(bench->reads.v[0].qualities[i], i % 60);
        expect_names(bench, 550, 1000, "c");
        assert_memory_equal(bench->reads.v[0].bases, "TTTTT", 5);
    }
}

static void down_sampling_draws_once_for_each_read_that_passes(void **state)
{
    struct bench *bench = *state;
    add_file(bench, HAND_BAM_HEADER,
             "dropped 1024 chr1 11 60 4M * 0 0 ACGT IIII\na 0 chr1 11 60 4M * 0 0 ACGT IIII\n"
             "b 0 chr1 12 60 4M * 0 0 ACGT IIII\nc 0 chr1 101 60 4M * 0 0 ACGT IIII\n",
             HAND_BAM_INDEX);
    add_file(bench, HAND_BAM_HEADER, "d 0 chr1 11 60 4M * 0 0 ACGT IIII\n", HAND_BAM_INDEX);
    bench->options.downsample_fraction = 0.8; /* the draws are 0.78, 0.14, 0.86 in each file */
    open_files(bench);
    expect_names(bench, 0, 50, "a b d");
    expect_names(bench, 50, 1000, ""); /* goes on in the next partition */
    bench->options.downsample_fraction = 0.5;
    open_files(bench);
    expect_names(bench, 0, 50, "b");
}

static void records_that_cannot_be_used_are_named_with_their_file(void **state)
{
    struct bench *bench = *state;
    add_file(bench, HAND_BAM_HEADER, "a 0 chr1 11 60 4M * 0 0 ACGT IIII\n", HAND_BAM_INDEX);
    const char *path =
        add_file(bench, HAND_BAM_HEADER, "bad 0 chr1 11 60 4M * 0 0 ACGT *\n", HAND_BAM_INDEX);
    open_files(bench);
    expect_fetch_fails(bench, "read bad", path);
    assert_non_null(strstr(bench->err.message, "qualities"));
    bench->files.n--;
    add_file(bench, HAND_BAM_HEADER, "bad 0 chr1 11 60 4M * 0 0 * *\n", HAND_BAM_INDEX);
    open_files(bench);
    expect_fetch_fails(bench, "read bad", path);
    bench->files.n--;
    add_file(bench, HAND_BAM_HEADER, "bad 0 chr1 11 60 4M * 0 0 ACGT IIII\n", HAND_BAM_INDEX);
    hand_bam_break_cigar(path);
    open_files(bench);
    expect_fetch_fails(bench, "damaged", path);
}

/* More operations than a record has room for are kept in its CG tag. */
static void long_cigars_are_whole(void **state)
{
    struct bench *bench = *state;
    enum { PAIRS = 40000 };
    kstring_t line = {0, 0, NULL};
    kputs("long 0 chr1 11 60 ", &line);
    for (int i = 0; i < PAIRS; i++)
        kputs(i % 200 == 0 ? "1M1I" : "1I1I", &line);
    kputs("1M * 0 0 ", &line);
    for (int i = 0; i < 2 * PAIRS + 1; i++)
        kputc('A', &line);
    kputc(' ', &line);
    for (int i = 0; i < 2 * PAIRS + 1; i++)
        kputc('I', &line);
    kputc('\n', &line);
    add_file(bench, HAND_BAM_HEADER, line.s, HAND_BAM_INDEX);
    free(line.s);
    open_files(bench);
    expect_names(bench, 210, 211, "long"); /* the last of its 201 reference bases */
    expect_names(bench, 211, 212, "");
    expect_names(bench, 10, 11, "long");
    const struct gn_read *read = &bench->reads.v[0];
    assert_int_equal(read->n_cigar, 2 * PAIRS + 1);
    assert_int_equal(read->length, 2 * PAIRS + 1);
    assert_int_equal(read->end0, 211);
    assert_int_equal(read->cigar[2 * PAIRS - 1], bam_cigar_gen(1, BAM_CINS));
}

static void files_that_cannot_be_opened(void **state)
{
    struct bench *bench = *state;
    const char *path = add_file(bench, HAND_BAM_HEADER, "", 0);
    expect_open_fails(bench, GN_E_NO_INPUT, "samtools index");
    assert_int_equal(unlink(path), 0);
    expect_open_fails(bench, GN_E_NO_INPUT, "cannot read");
    temporary_write(&bench->folder, "first.bam", "this is no BAM file\n");
    expect_open_fails(bench, GN_E_DATA, "not");
    temporary_write(&bench->folder, "first.bam",
                    HAND_BAM_HEADER "a\t0\tchr1\t11\t60\t4M\t*\t0\t0\tACGT\tIIII\n");
    expect_open_fails(bench, GN_E_DATA, "BAM"); /* SAM has no index */
}

static void files_that_are_not_sorted(void **state)
{
    struct bench *bench = *state;
    static const char sorted[] = "a 0 chr1 11 60 4M * 0 0 ACGT IIII\n"
                                 "b 0 chr1 12 60 4M * 0 0 ACGT IIII\n"
                                 "c 0 chr2 1 60 4M * 0 0 ACGT IIII\n"
                                 "d 4 * 0 0 * * 0 0 ACGT IIII\n";
    static const char unsorted[] = "a 0 chr1 12 60 4M * 0 0 ACGT IIII\n"
                                   "b 0 chr1 11 60 4M * 0 0 ACGT IIII\n";
    static const char *const orders[] = {"unsorted", "unknown", "queryname"};
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        char header[256];
        sprintf(header, "@HD\tVN:1.6\tSO:%s\n@SQ\tSN:chr1\tLN:1000\n@SQ\tSN:chr2\tLN:500\n",
                orders[i]);
        bench->files.n = 0;
        add_file(bench, header, unsorted, 0);
        expect_open_fails(bench, GN_E_DATA, "samtools sort");
        bench->files.n = 0; /* what the header says does not count when the records are in order */
        add_file(bench, header, sorted, HAND_BAM_INDEX);
        open_files(bench);
        expect_names(bench, 0, 1000, "a b");
    }
}

static void truncated_and_damaged_files(void **state)
{
    struct bench *bench = *state;
    enum { END_OF_FILE_BYTES = 28, FOOTER_BYTES = 8 };
    const char *path = add_file(bench, HAND_BAM_HEADER, FILTER_RECORDS, HAND_BAM_INDEX);
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    /* one byte inside the compressed records */
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, -END_OF_FILE_BYTES - FOOTER_BYTES - 10, SEEK_END), 0);
    int byte = fgetc(file);
    assert_int_equal(fseek(file, -1, SEEK_CUR), 0);
    assert_int_equal(fputc(byte ^ 0xff, file), byte ^ 0xff);
    assert_int_equal(fclose(file), 0);
    open_files(bench);
    expect_fetch_fails(bench, "damaged", path);
    assert_int_equal(truncate(path, status.st_size - END_OF_FILE_BYTES), 0);
    expect_open_fails(bench, GN_E_DATA, "truncated");
    assert_int_equal(truncate(path, 40), 0); /* within the header */
    expect_open_fails(bench, GN_E_DATA, "truncated");
}

static void a_file_given_twice_is_refused(void **state)
{
    struct bench *bench = *state;
    const char *path = add_file(bench, HAND_BAM_HEADER, "", HAND_BAM_INDEX);
    bench->files.n = 2;
    strcpy(bench->paths[1], temporary_path(&bench->folder, "link.bam"));
    bench->path_list[1] = bench->paths[1];
    assert_int_equal(symlink(path, bench->paths[1]), 0);
    expect_open_fails(bench, GN_E_USAGE, "twice");
}

static void an_old_index_is_worth_a_warning(void **state)
{
    struct bench *bench = *state;
    const char *path = add_file(bench, HAND_BAM_HEADER, "", HAND_BAM_INDEX);
    open_files(bench);
    assert_null(gn_read_source_warning(bench->source));
    struct timespec later[2] = {{.tv_sec = 4000000000}, {.tv_sec = 4000000000}};
    assert_int_equal(utimensat(AT_FDCWD, path, later, 0), 0);
    open_files(bench);
    assert_non_null(strstr(gn_read_source_warning(bench->source), path));
}

static int find_sample(struct bench *bench, const char *read_groups, char **name)
{
    char header[512];
    sprintf(header, "@HD\tVN:1.6\tSO:coordinate\n@SQ\tSN:chr1\tLN:1000\n%s", read_groups);
    bench->files.n = 0;
    bench->err = (gn_error_t){0};
    add_file(bench, header, "", HAND_BAM_INDEX);
    open_files(bench);
    return gn_read_source_sample(bench->source, name, &bench->err);
}

static void the_sample_is_that_of_the_read_groups(void **state)
{
    struct bench *bench = *state;
    char *name = NULL;
    assert_int_equal(
        find_sample(bench, "@RG\tID:a\tSM:NA 1\n@RG\tID:b\tSM:NA 1\n@RG\tID:c\n", &name), GN_OK);
    assert_string_equal(name, "NA 1");
    free(name);
    assert_int_equal(find_sample(bench, "", &name), GN_E_MISMATCH);
    assert_non_null(strstr(bench->err.message, "--sample-name"));
    assert_int_equal(find_sample(bench, "@RG\tID:a\tLB:x\n", &name), GN_E_MISMATCH);
    assert_int_equal(find_sample(bench, "@RG\tID:a\tSM:NA1\n@RG\tID:b\tSM:NA2\n", &name),
                     GN_E_MISMATCH);
    assert_non_null(strstr(bench->err.message, "NA1"));
    assert_non_null(strstr(bench->err.message, "NA2"));
    assert_non_null(strstr(bench->err.message, "--sample-name"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(filters, setup, teardown),
        cmocka_unit_test_setup_teardown(fields_of_a_read, setup, teardown),
        cmocka_unit_test_setup_teardown(tags_are_read_when_asked_for, setup, teardown),
        cmocka_unit_test_setup_teardown(equal_names_and_numbers_share_a_key, setup, teardown),
        cmocka_unit_test_setup_teardown(ranges_are_half_open_and_files_follow_each_other, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(deep_partitions_are_sampled, setup, teardown),
        cmocka_unit_test_setup_teardown(memory_limits_reads, setup, teardown),
        cmocka_unit_test_setup_teardown(buffers_follow_the_reads, setup, teardown),
        cmocka_unit_test_setup_teardown(down_sampling_draws_once_for_each_read_that_passes, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(records_that_cannot_be_used_are_named_with_their_file,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(long_cigars_are_whole, setup, teardown),
        cmocka_unit_test_setup_teardown(files_that_cannot_be_opened, setup, teardown),
        cmocka_unit_test_setup_teardown(files_that_are_not_sorted, setup, teardown),
        cmocka_unit_test_setup_teardown(a_file_given_twice_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(truncated_and_damaged_files, setup, teardown),
        cmocka_unit_test_setup_teardown(an_old_index_is_worth_a_warning, setup, teardown),
        cmocka_unit_test_setup_teardown(the_sample_is_that_of_the_read_groups, setup, teardown),
    };
    return cmocka_run_group_tests_name("read_source", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT
 *
 * test_haplotag_failures.c - copies with haplotype tags that cannot be made, and that they leave nothing behind.
 */
#include "tag_bench.h"

#include <signal.h>
#include <sys/resource.h>

/* htslib 1.16 forgets memory when it closes files that it cannot read or write. */
GN_API const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libhts";
}

static void bad_names_are_refused(void **state)
{
    struct tag_bench *bench = *state;
    tag_bench_input(bench, HAND_BAM_HEADER, "r 0 chr1 101 60 4M * 0 0 ACGT IIII HP:i:1\n");
    tag_bench_set_output(bench, "out.sam");
    tag_bench_refused(bench, GN_E_USAGE, "out.sam");
    tag_bench_set_output(bench, "missing/out.bam");
    tag_bench_refused(bench, GN_E_CANNOT_CREATE, "missing/out.bam");
    assert_int_equal(gn_haplotag_check(&bench->options, &bench->err), GN_E_CANNOT_CREATE);

    strcpy(bench->output, bench->paths[0]);
    tag_bench_refused(bench, GN_E_USAGE, "is an input");
    tag_bench_set_output(bench, "link.bam");
    assert_int_equal(symlink(bench->paths[0], bench->output), 0);
    tag_bench_refused(bench, GN_E_USAGE, "is an input");
    assert_int_equal(gn_haplotag_check(&bench->options, &bench->err), GN_E_USAGE);
    assert_non_null(strstr(tag_bench_records(bench, bench->paths[0]), "HP:i:1"));

    tag_bench_set_output(bench, "out.bam");
    assert_int_equal(gn_haplotag_check(&bench->options, &bench->err), GN_OK);
    tag_bench_expect_nothing(bench);
    bench->list[0] = "/nonexistent.bam";
    tag_bench_refused(bench, GN_E_NO_INPUT, "/nonexistent.bam");
}

static int64_t bases_done, bases_total;

static int stop(void *context, int64_t done, int64_t total)
{
    bases_done = done;
    bases_total = total;
    return *(int *)context;
}

static void a_copy_can_be_stopped(void **state)
{
    struct tag_bench *bench = *state;
    int answer = 0;
    tag_bench_many(bench, true);
    bench->options.progress = stop;
    bench->options.progress_context = &answer;
    tag_bench_must_write(bench);
    assert_int_equal(bases_total, 1500); /* chr1 and chr2 */
    assert_int_equal(bases_done, 16383 / 40);
    unlink(bench->output);
    tag_bench_set_output(bench, "out.bam.bai");
    unlink(bench->output);
    tag_bench_set_output(bench, "out.bam");
    answer = 1;
    tag_bench_refused(bench, GN_E_CANCELLED, "out.bam");
}

static void unsorted_records_are_refused(void **state)
{
    struct tag_bench *bench = *state;
    tag_bench_many(bench, false);
    tag_bench_refused(bench, GN_E_DATA, "not sorted by coordinate at read r19998");
}

static void damaged_files_are_refused(void **state)
{
    struct tag_bench *bench = *state;
    tag_bench_many(bench, true);
    assert_int_equal(truncate(bench->paths[0], 30000), 0);
    tag_bench_refused(bench, GN_E_DATA, "truncated");

    /* a damaged block in the middle: the end-of-file block is there */
    hand_bam_write(bench->paths[0], HAND_BAM_HEADER, "r 0 chr1 101 60 4M * 0 0 ACGT IIII XX:i:3\n",
                   HAND_BAM_INDEX);
    FILE *file = fopen(bench->paths[0], "r+b");
    assert_non_null(file);
    fseek(file, -28 - 30, SEEK_END);
    fputs("damaged", file);
    fclose(file);
    tag_bench_refused(bench, GN_E_DATA, bench->paths[0]);
}

/* A tag of a type that does not exist: the length of what follows is unknown. */
static void damaged_tags_are_refused(void **state)
{
    struct tag_bench *bench = *state;
    tag_bench_input(bench, HAND_BAM_HEADER, "");
    samFile *file = sam_open(bench->paths[0], "wb");
    sam_hdr_t *header = sam_hdr_parse(strlen(HAND_BAM_HEADER), HAND_BAM_HEADER);
    bam1_t *record = bam_init1();
    assert_int_equal(sam_hdr_write(file, header), 0);
    const uint32_t cigar = 4 << BAM_CIGAR_SHIFT | BAM_CMATCH;
    assert_true(bam_set1(record, 7, "strange", 0, 0, 100, 60, 1, &cigar, -1, -1, 0, 4, "ACGT", NULL,
                         8) >= 0);
    assert_int_equal(bam_aux_append(record, "XX", 'c', 1, (const uint8_t[]){1}), 0);
    bam_get_aux(record)[2] = '?';
    assert_true(sam_write1(file, header, record) >= 0);
    bam_destroy1(record);
    sam_hdr_destroy(header);
    assert_int_equal(sam_close(file), 0);
    tag_bench_refused(bench, GN_E_DATA, "read strange");
}

static void a_full_disk_is_noticed(void **state)
{
    struct tag_bench *bench = *state;
    tag_bench_many(bench, true);
    struct rlimit limit, old;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    for (int threads = 0; threads < 5; threads += 4) {
        bench->options.threads = threads;
        limit = old;
        limit.rlim_cur = 20000;
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
        int status = tag_bench_write(bench);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
        assert_int_equal(status, GN_E_IO);
        assert_non_null(strstr(bench->err.message, bench->output));
        tag_bench_expect_nothing(bench);
    }
    signal(SIGXFSZ, handler);
    if (access("/dev/full", W_OK) != 0)
        skip();
    assert_int_equal(symlink("/dev/full", bench->output), 0);
    assert_int_equal(tag_bench_write(bench), GN_E_IO);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, tag_bench_setup, tag_bench_teardown)

int main(void)
{
    hts_set_log_level(HTS_LOG_OFF);
    const struct CMUnitTest tests[] = {
        CASE(bad_names_are_refused),        CASE(a_copy_can_be_stopped),
        CASE(unsorted_records_are_refused), CASE(damaged_files_are_refused),
        CASE(damaged_tags_are_refused),     CASE(a_full_disk_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

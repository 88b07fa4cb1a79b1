/* SPDX-License-Identifier: MIT
 *
 * tag_bench.h - for the tests of haplotype tags: input files by hand, a table of tags, and what the output says as
 * text.
 */
#ifndef GN_TESTS_TAG_BENCH_H
#define GN_TESTS_TAG_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hand_bam.h"
#include "phase/haplotag_writer.h"
#include "temporary_folder.h"

enum { TAG_BENCH_FILES = 3 };

struct tag_bench {
    struct temporary_folder folder;
    struct gn_contigs contigs; /* chr1, chr2 of HAND_BAM_HEADER */
    char paths[TAG_BENCH_FILES][160], *list[TAG_BENCH_FILES], output[160];
    struct gn_texts files;
    gn_haplotags_t *table;
    struct gn_haplotag_options options;
    struct gn_haplotag_counts counts;
    gn_error_t err;
    kstring_t text; /* that was read back last */
};

static inline void tag_bench_set_output(struct tag_bench *bench, const char *name)
{
    snprintf(bench->output, sizeof bench->output, "%s", temporary_path(&bench->folder, name));
}

static inline int tag_bench_setup(void **state)
{
    struct tag_bench *bench = calloc(1, sizeof *bench);
    if (bench == NULL)
        abort();
    temporary_make(&bench->folder);
    tag_bench_set_output(bench, "out.bam");
    bench->table = gn_haplotags_create(0, NULL);
    bench->files.v = bench->list;
    bench->options = (struct gn_haplotag_options){
        .inputs = &bench->files, .output = bench->output, .contigs = &bench->contigs};
    *state = bench;
    return bench->table == NULL || gn_contigs_add(&bench->contigs, "chr1", 1000, NULL) < 0 ||
           gn_contigs_add(&bench->contigs, "chr2", 500, NULL) < 0;
}

static inline int tag_bench_teardown(void **state)
{
    struct tag_bench *bench = *state;
    gn_haplotags_destroy(bench->table);
    gn_contigs_clear(&bench->contigs);
    temporary_remove(&bench->folder);
    ks_free(&bench->text);
    free(bench);
    return 0;
}

/* Makes the next input: 0.bam, 1.bam, ... */
static inline void tag_bench_input(struct tag_bench *bench, const char *header, const char *records)
{
    char name[16];
    int i = bench->files.n++;
    snprintf(name, sizeof name, "%d.bam", i);
    snprintf(bench->paths[i], sizeof bench->paths[i], "%s", temporary_path(&bench->folder, name));
    bench->list[i] = bench->paths[i];
    hand_bam_write(bench->paths[i], header, records, HAND_BAM_INDEX);
}

static inline void tag_bench_vote(struct tag_bench *bench, struct gn_read_identity read,
                                  int haplotype, int64_t phase_set)
{
    assert_int_equal(
        gn_haplotags_add(bench->table, gn_read_identity_hash(&read), haplotype, phase_set, NULL),
        GN_OK);
}

/* Enough records for several blocks and for a report of the progress. */
static inline void tag_bench_many(struct tag_bench *bench, bool is_sorted)
{
    enum { N = 20000 };
    kstring_t text = KS_INITIALIZE;
    for (int i = 0; i < N; i++)
        ksprintf(&text, "r%d 0 chr1 %d 60 8M * 0 0 ACGTAC%c%c IIIIIIII\n", i,
                 !is_sorted && i == N - 2 ? 1 : i / 40 + 1, "ACGT"[i * 7 / 3 % 4],
                 "ACGT"[i / 5 % 4]);
    tag_bench_input(bench, HAND_BAM_HEADER, "");
    unlink(bench->paths[0]);
    hand_bam_write(bench->paths[0], HAND_BAM_HEADER, text.s, is_sorted ? HAND_BAM_INDEX : 0);
    for (int i = 0; i < N; i += 3) {
        char name[16];
        snprintf(name, sizeof name, "r%d", i);
        tag_bench_vote(bench, (struct gn_read_identity){name, 0, 0, i / 40}, 1 + i % 2, 1 + i);
    }
    ks_free(&text);
}

static inline int tag_bench_write(struct tag_bench *bench)
{
    bench->err = (gn_error_t){0};
    return gn_haplotag_write(&bench->options, bench->table, &bench->counts, &bench->err);
}

static inline void tag_bench_must_write(struct tag_bench *bench)
{
    if (tag_bench_write(bench) != GN_OK)
        fail_msg("%s", bench->err.message);
}

/* Neither output nor index, nor parts of them. */
static inline void tag_bench_expect_nothing(struct tag_bench *bench)
{
    char command[300];
    snprintf(command, sizeof command, "ls %s | grep -q '^out'", bench->folder.dir);
    assert_int_not_equal(system(command), 0);
}

static inline void tag_bench_refused(struct tag_bench *bench, int code, const char *mention)
{
    assert_int_equal(tag_bench_write(bench), code);
    if (strstr(bench->err.message, mention) == NULL)
        fail_msg("'%s' does not mention '%s'", bench->err.message, mention);
    tag_bench_expect_nothing(bench);
}

/* Records as SAM with blanks for tabs, a line each. */
static inline const char *tag_bench_records(struct tag_bench *bench, const char *path)
{
    samFile *file = sam_open(path, "r");
    sam_hdr_t *header = file == NULL ? NULL : sam_hdr_read(file);
    bam1_t *record = bam_init1();
    kstring_t line = KS_INITIALIZE;
    assert_non_null(header);
    if (bench->options.reference != NULL)
        assert_int_equal(hts_set_fai_filename(file, bench->options.reference), 0);
    if (hts_get_format(file)->format == cram) /* no MD and NM that the file does not have */
        assert_int_equal(hts_set_opt(file, CRAM_OPT_DECODE_MD, 0), 0);
    bench->text.l = 0;
    kputs("", &bench->text);
    int got;
    while ((got = sam_read1(file, header, record)) >= 0) {
        assert_true(sam_format1(header, record, &line) >= 0);
        for (size_t i = 0; i < line.l; i++)
            if (line.s[i] == '\t')
                line.s[i] = ' ';
        kputs(line.s, &bench->text);
        kputc('\n', &bench->text);
    }
    assert_int_equal(got, -1);
    ks_free(&line);
    bam_destroy1(record);
    sam_hdr_destroy(header);
    sam_close(file);
    return bench->text.s;
}

/* Header lines of a type ("@PG"; "": all) with blanks for tabs. */
static inline const char *tag_bench_header(struct tag_bench *bench, const char *path,
                                           const char *type)
{
    samFile *file = sam_open(path, "r");
    sam_hdr_t *header = file == NULL ? NULL : sam_hdr_read(file);
    assert_non_null(header);
    bench->text.l = 0;
    kputs("", &bench->text);
    for (const char *p = sam_hdr_str(header); *p != '\0';) {
        size_t n = strcspn(p, "\n") + 1;
        if (strncmp(p, type, strlen(type)) == 0)
            kputsn(p, (int)n, &bench->text);
        p += n;
    }
    for (size_t i = 0; i < bench->text.l; i++)
        if (bench->text.s[i] == '\t')
            bench->text.s[i] = ' ';
    sam_hdr_destroy(header);
    sam_close(file);
    return bench->text.s;
}

/* Number of records that a look-up in the output's index gives. */
static inline int tag_bench_look_up(struct tag_bench *bench, const char *index_suffix,
                                    const char *region)
{
    char index_path[200];
    int n = 0;
    snprintf(index_path, sizeof index_path, "%s%s", bench->output, index_suffix);
    samFile *file = sam_open(bench->output, "r");
    sam_hdr_t *header = sam_hdr_read(file);
    bam1_t *record = bam_init1();
    if (bench->options.reference != NULL)
        assert_int_equal(hts_set_fai_filename(file, bench->options.reference), 0);
    hts_idx_t *index = sam_index_load2(file, bench->output, index_path);
    assert_non_null(index);
    hts_itr_t *iterator = sam_itr_querys(index, header, region);
    assert_non_null(iterator);
    int got;
    while ((got = sam_itr_next(file, iterator, record)) >= 0)
        n++;
    assert_int_equal(got, -1);
    hts_itr_destroy(iterator);
    hts_idx_destroy(index);
    bam_destroy1(record);
    sam_hdr_destroy(header);
    sam_close(file);
    return n;
}

#endif

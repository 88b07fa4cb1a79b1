/* SPDX-License-Identifier: MIT
 *
 * test_variable_sites.c - places where hand-made reads differ from a hand-made reference.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <htslib/faidx.h>
#include <htslib/sam.h>

#include "simulate/variable_sites.h"

enum { LENGTH = 2000, RUN0 = 600, RUN = 12, READ = 1000 };

struct folder {
    char path[64], fasta[96], bam[96], other_bam[96], vcf[96];
    char ref[LENGTH + 1];
};

/* No tandem repeats, but for a run of A at RUN0. */
static void make_reference(struct folder *folder)
{
    for (int i = 0; i < LENGTH; i++)
        folder->ref[i] = "ACGT"[(i + i / 5) % 4];
    memset(folder->ref + RUN0, 'A', RUN);
    folder->ref[RUN0 - 1] = folder->ref[RUN0 + RUN] = 'C';
    FILE *file = fopen(folder->fasta, "w");
    fprintf(file, ">c1\n%s\n", folder->ref);
    fclose(file);
}

static char other_than(char base)
{
    return base == 'A' ? 'G' : 'A';
}

/* Read number i of ten, all at 100, MAPQ 60 or 0. */
static void write_read(struct folder *folder, samFile *file, sam_hdr_t *header, int i, int mapq)
{
    char bases[READ + 1];
    uint32_t cigar[3];
    size_t n_cigar = 1;
    int n = READ;
    memcpy(bases, folder->ref + 100, READ);
    cigar[0] = bam_cigar_gen(READ, BAM_CMATCH);
    if (i < 3 || mapq == 0)
        bases[400] = other_than(bases[400]); /* at 500: three of ten */
    if (i == 9)
        bases[200] = other_than(bases[200]); /* at 300: one of ten */
    if (mapq == 0)
        bases[300] = other_than(bases[300]); /* at 400: only reads of MAPQ 0 */
    if (i < 4 && mapq > 0) {                 /* a base of the run is missing in four of ten */
        memmove(bases + 500, bases + 501, READ - 501);
        n = READ - 1;
        cigar[0] = bam_cigar_gen(500, BAM_CMATCH);
        cigar[1] = bam_cigar_gen(1, BAM_CDEL);
        cigar[2] = bam_cigar_gen(READ - 501, BAM_CMATCH);
        n_cigar = 3;
    }
    bam1_t *record = bam_init1();
    assert_true(bam_set1(record, 2, "r", 0, 0, 100, (uint8_t)mapq, n_cigar, cigar, -1, -1, 0,
                         (size_t)n, bases, NULL, 0) >= 0);
    assert_true(sam_write1(file, header, record) >= 0);
    bam_destroy1(record);
}

static void write_reads(struct folder *folder, const char *path, int first, int end)
{
    static const char text[] = "@HD\tVN:1.6\tSO:coordinate\n@SQ\tSN:c1\tLN:2000\n";
    samFile *file = sam_open(path, "wb");
    sam_hdr_t *header = sam_hdr_parse(sizeof text - 1, text);
    assert_int_equal(sam_hdr_write(file, header), 0);
    for (int i = first; i < end; i++)
        write_read(folder, file, header, i, 60);
    for (int i = 0; i < 8; i++)
        write_read(folder, file, header, i, 0);
    sam_hdr_destroy(header);
    sam_close(file);
    assert_int_equal(sam_index_build(path, 0), 0);
}

static int make_files(void **state)
{
    static struct folder folder;
    strcpy(folder.path, "/tmp/gannet-test-variable-XXXXXX");
    if (mkdtemp(folder.path) == NULL)
        return -1;
    snprintf(folder.fasta, sizeof folder.fasta, "%s/r.fa", folder.path);
    snprintf(folder.bam, sizeof folder.bam, "%s/a.bam", folder.path);
    snprintf(folder.other_bam, sizeof folder.other_bam, "%s/b.bam", folder.path);
    snprintf(folder.vcf, sizeof folder.vcf, "%s/t.vcf", folder.path);
    make_reference(&folder);
    if (fai_build(folder.fasta) < 0)
        return -1;
    /* the reads that differ lie in the first file */
    write_reads(&folder, folder.bam, 0, 4);
    write_reads(&folder, folder.other_bam, 4, 10);
    FILE *vcf = fopen(folder.vcf, "w");
    fprintf(vcf, "##fileformat=VCFv4.2\n##contig=<ID=c1,length=2000>\n"
                 "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n");
    fprintf(vcf, "c1\t1501\t.\t%c\t%c\t.\t.\t.\n", folder.ref[1500], other_than(folder.ref[1500]));
    fprintf(vcf, "c1\t1601\t.\t%.4s\t%c\t.\t.\t.\n", folder.ref + 1600, folder.ref[1600]);
    fclose(vcf);
    *state = &folder;
    return 0;
}

static int remove_files(void **state)
{
    static const char *const names[] = {"r.fa",  "r.fa.fai",  "a.bam", "a.bam.bai",
                                        "b.bam", "b.bam.bai", "t.vcf"};
    struct folder *folder = *state;
    char path[128];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", folder->path, names[i]);
        unlink(path);
    }
    return rmdir(folder->path);
}

static struct gn_range everything = {0, 0, LENGTH};
static const struct gn_ranges whole = {&everything, 1, 1};

static void test_reads_of_both_files_decide(void **state)
{
    struct folder *folder = *state;
    const char *bams[] = {folder->bam, folder->other_bam};
    struct gn_variable_sites_task task = gn_variable_sites_defaults();
    task.bams = bams;
    task.n_bams = 2;
    task.reference = folder->fasta;
    task.regions = &whole;
    struct gn_variable_sites sites = {0};
    gn_error_t err = {0};
    assert_int_equal(gn_variable_sites_scan(&sites, &task, &err), GN_OK);
    assert_true(gn_variable_sites_contain(&sites, 0, 500));
    assert_false(gn_variable_sites_contain(&sites, 0, 499));
    assert_false(gn_variable_sites_contain(&sites, 0, 501));
    assert_false(gn_variable_sites_contain(&sites, 0, 300));
    assert_false(gn_variable_sites_contain(&sites, 0, 400));
    /* the run with its margin of 5, the anchor counted as the first base */
    for (int64_t i = RUN0 - 1 - 5; i < RUN0 + RUN + 5; i++)
        assert_true(gn_variable_sites_contain(&sites, 0, i));
    assert_false(gn_variable_sites_contain(&sites, 0, RUN0 - 1 - 6));
    assert_false(gn_variable_sites_contain(&sites, 0, RUN0 + RUN + 5));
    gn_variable_sites_clear(&sites);

    /* three of ten are not half of them; the four of ten neither */
    task.substitution_share = task.indel_share = 0.5;
    assert_int_equal(gn_variable_sites_scan(&sites, &task, &err), GN_OK);
    assert_int_equal(sites.places.n, 0);
    gn_variable_sites_clear(&sites);

    /* six reads without a difference */
    task.bams = bams + 1;
    task.n_bams = 1;
    task.substitution_share = task.indel_share = 0.2;
    assert_int_equal(gn_variable_sites_scan(&sites, &task, &err), GN_OK);
    assert_int_equal(sites.places.n, 0);
    gn_variable_sites_clear(&sites);
}

static void test_regions_limit_the_scan(void **state)
{
    struct folder *folder = *state;
    const char *bams[] = {folder->bam};
    struct gn_range part = {0, 550, 700};
    struct gn_ranges regions = {&part, 1, 1};
    struct gn_variable_sites_task task = gn_variable_sites_defaults();
    task.bams = bams;
    task.n_bams = 1;
    task.reference = folder->fasta;
    task.regions = &regions;
    struct gn_variable_sites sites = {0};
    assert_int_equal(gn_variable_sites_scan(&sites, &task, NULL), GN_OK);
    assert_false(gn_variable_sites_contain(&sites, 0, 500));
    assert_true(gn_variable_sites_contain(&sites, 0, RUN0 + 3));
    gn_variable_sites_clear(&sites);
}

static void test_truth_is_variable(void **state)
{
    struct folder *folder = *state;
    struct gn_variable_sites_task task = gn_variable_sites_defaults();
    task.reference = folder->fasta;
    task.regions = &whole;
    task.truth_vcf = folder->vcf;
    struct gn_variable_sites sites = {0};
    assert_int_equal(gn_variable_sites_scan(&sites, &task, NULL), GN_OK);
    assert_true(gn_variable_sites_contain(&sites, 0, 1500));
    assert_false(gn_variable_sites_contain(&sites, 0, 1499));
    assert_false(gn_variable_sites_contain(&sites, 0, 1501));
    for (int64_t i = 1600 - 5; i < 1604 + 5; i++)
        assert_true(gn_variable_sites_contain(&sites, 0, i));
    assert_false(gn_variable_sites_contain(&sites, 0, 500));
    gn_variable_sites_clear(&sites);
}

static void test_missing_files_are_named(void **state)
{
    struct folder *folder = *state;
    const char *bams[] = {"/nowhere/x.bam"};
    struct gn_variable_sites_task task = gn_variable_sites_defaults();
    task.bams = bams;
    task.n_bams = 1;
    task.reference = folder->fasta;
    task.regions = &whole;
    struct gn_variable_sites sites = {0};
    gn_error_t err = {0};
    assert_true(gn_variable_sites_scan(&sites, &task, &err) < 0);
    assert_non_null(strstr(err.message, "/nowhere/x.bam"));
    task.n_bams = 0;
    task.truth_vcf = "/nowhere/t.vcf";
    assert_true(gn_variable_sites_scan(&sites, &task, &err) < 0);
    assert_non_null(strstr(err.message, "/nowhere/t.vcf"));
    gn_variable_sites_clear(&sites);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_of_both_files_decide),
        cmocka_unit_test(test_regions_limit_the_scan),
        cmocka_unit_test(test_truth_is_variable),
        cmocka_unit_test(test_missing_files_are_named),
    };
    return cmocka_run_group_tests(tests, make_files, remove_files);
}

/* SPDX-License-Identifier: MIT
 *
 * test_vcf_writer.c - text of records, containers by file name, indexes, and what a failed write
 * leaves behind.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <htslib/kstring.h>
#include <htslib/tbx.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vcf/writer.h"

static char folder[] = "/tmp/gannet_vcf_XXXXXX";
static struct gn_contigs contigs;

static int set_up(void **state)
{
    (void)state;
    return mkdtemp(folder) == NULL || gn_contigs_add(&contigs, "chr1", 250000000, NULL) < 0 ||
           gn_contigs_add(&contigs, "chr2", 1000, NULL) < 0;
}

static int tear_down(void **state)
{
    (void)state;
    gn_contigs_clear(&contigs);
    return rmdir(folder); /* fails when something was left behind */
}

static const char *in_folder(const char *name)
{
    static char buffers[16][200];
    static int next;
    char *buffer = buffers[next++ % 16];
    snprintf(buffer, sizeof buffers[0], "%s/%s", folder, name);
    return buffer;
}

static struct gn_variant *make_variant(void)
{
    struct gn_variant *v = gn_variant_create();
    gn_text_set(&v->contig, "chr1", NULL);
    gn_text_set(&v->ref, "A", NULL);
    gn_texts_push(&v->alts, "C", NULL);
    v->start0 = 99;
    v->end0 = 100;
    v->quality = 37.6449999;
    gn_texts_push(&v->filters, "PASS", NULL);
    v->has_call = true;
    gn_text_set(&v->sample, "S1", NULL);
    gn_ints_set(&v->genotype, (const int32_t[]){0, 1}, 2, NULL);
    gn_ints_set(&v->gq, (const int32_t[]){44}, 1, NULL);
    gn_ints_set(&v->dp, (const int32_t[]){55}, 1, NULL);
    gn_ints_set(&v->ad, (const int32_t[]){25, 30}, 2, NULL);
    gn_doubles_set(&v->vaf, (const double[]){0.5454545454545454}, 1, NULL);
    gn_doubles_set(&v->gl, (const double[]){-4.58, -0.001, -3.3333}, 3, NULL);
    return v;
}

static struct gn_vcf_header_options header_options(void)
{
    return (struct gn_vcf_header_options){.contigs = &contigs, .sample = "S1"};
}

/* Writes one record to plain text and returns its line, which the caller frees. Takes the variant.
   */
static char *line_of(struct gn_variant *v, const struct gn_vcf_header_options *header)
{
    gn_error_t err = {0};
    const char *path = in_folder("line.vcf");
    gn_vcf_writer_t *writer = gn_vcf_writer_open(path, header, &err);
    assert_non_null(writer);
    if (gn_vcf_write(writer, v, &err) != GN_OK)
        fail_msg("%s", err.message);
    assert_int_equal(gn_vcf_writer_commit(writer, &err), GN_OK);
    gn_variant_free(v);
    static char line[4000];
    FILE *file = fopen(path, "r");
    while (fgets(line, sizeof line, file) != NULL && line[0] == '#')
        continue;
    fclose(file);
    unlink(path);
    line[strcspn(line, "\n")] = '\0';
    return line;
}

static void records_are_written_as_deepvariant_does(void **state)
{
    (void)state;
    struct gn_vcf_header_options header = header_options();
    assert_string_equal(
        line_of(make_variant(), &header),
        "chr1\t100\t.\tA\tC\t37.6\tPASS\t.\tGT:GQ:DP:AD:VAF:PL\t0/1:44:55:25,30:0.545455:45,0,33");

    struct gn_variant *v = make_variant(); /* phased, multi-allelic, half-missing, with names */
    gn_texts_push(&v->alts, "G", NULL);
    gn_texts_push(&v->names, "rs1", NULL);
    gn_texts_push(&v->names, "rs2", NULL);
    gn_ints_set(&v->genotype, (const int32_t[]){2, -1}, 2, NULL);
    v->is_phased = true;
    v->quality = 0;
    gn_ints_set(&v->ps, (const int32_t[]){1200345}, 1, NULL);
    gn_ints_set(&v->ad, (const int32_t[]){1, 2, 3}, 3, NULL);
    gn_doubles_set(&v->vaf, (const double[]){1, 0.00001234567}, 2, NULL);
    gn_text_set(&v->mid, "small_model", NULL);
    assert_string_equal(line_of(v, &header),
                        "chr1\t100\trs1;rs2\tA\tC,G\t0\tPASS\t.\tGT:GQ:DP:AD:VAF:PS:PL\t"
                        "2|.:44:55:1,2,3:1,1.23457e-05:1200345:45,0,33");
}

static void blocks_carry_their_end(void **state)
{
    (void)state;
    struct gn_vcf_header_options header = header_options();
    struct gn_variant *v = gn_variant_create();
    gn_text_set(&v->contig, "chr2", NULL);
    gn_text_set(&v->ref, "T", NULL);
    gn_texts_push(&v->alts, "<*>", NULL);
    v->end0 = 117;
    v->has_call = true;
    gn_text_set(&v->sample, "S1", NULL);
    gn_ints_set(&v->genotype, (const int32_t[]){-1, -1}, 2, NULL);
    gn_ints_set(&v->gq, (const int32_t[]){50}, 1, NULL);
    gn_ints_set(&v->min_dp, (const int32_t[]){45}, 1, NULL);
    gn_ints_set(&v->med_dp, (const int32_t[]){46}, 1, NULL);
    gn_doubles_set(&v->gl, (const double[]){0, -13.5267, -134.98}, 3, NULL);
    assert_string_equal(
        line_of(v, &header),
        "chr2\t1\t.\tT\t<*>\t0\t.\tEND=117\tGT:GQ:MIN_DP:MED_DP:PL\t./.:50:45:46:0,135,1349");
}

static void conditional_fields_follow_the_header(void **state)
{
    (void)state;
    struct gn_vcf_header_options header = header_options();
    header.has_model_id = header.has_candidates = true;
    struct gn_variant *v = make_variant();
    gn_text_set(&v->mid, "small_model", NULL);
    gn_text_set(&v->candidates, "C|G", NULL);
    v->quality = -1;
    gn_doubles_set(&v->mf, (const double[]){0, 0.25}, 2, NULL);
    gn_ints_set(&v->md, (const int32_t[]){3, 4}, 2, NULL);
    gn_text_set(&v->mt, "0/1", NULL);
    assert_string_equal(
        line_of(v, &header),
        "chr1\t100\t.\tA\tC\t.\tPASS\tCANDIDATES=C|G\tGT:GQ:DP:AD:VAF:MF:MD:MT:MID:PL\t"
        "0/1:44:55:25,30:0.545455:0,0.25:3,4:0/1:small_model:45,0,33");
}

static void expect_refused(struct gn_variant *v, int code, const char *mention)
{
    gn_error_t err = {0};
    struct gn_vcf_header_options header = header_options();
    gn_vcf_writer_t *writer = gn_vcf_writer_open(in_folder("refused.vcf.gz"), &header, &err);
    assert_non_null(writer);
    assert_int_equal(gn_vcf_write(writer, v, &err), code);
    assert_non_null(strstr(err.message, mention));
    gn_vcf_writer_abort(writer);
    gn_variant_free(v);
    assert_int_not_equal(access(in_folder("refused.vcf.gz"), F_OK), 0);
    assert_int_not_equal(access(in_folder("refused.vcf.gz.tbi"), F_OK), 0);
}

static void foreign_records_are_refused(void **state)
{
    (void)state;
    struct gn_variant *v = make_variant();
    gn_text_set(&v->contig, "chr9", NULL);
    expect_refused(v, GN_E_MISMATCH, "chr9");
    v = make_variant();
    gn_text_set(&v->sample, "S2", NULL);
    expect_refused(v, GN_E_MISMATCH, "S2");
    v = make_variant();
    v->has_call = false;
    expect_refused(v, GN_E_DATA, "chr1:100 has no call");
    v = make_variant();
    gn_texts_push(&v->filters, "Odd", NULL);
    expect_refused(v, GN_E_MISMATCH, "Odd");
}

/* Records at positions 0, step, 2 * step ... of chr1. */
static int write_records(const char *path, const struct gn_vcf_header_options *header, int n,
                         int64_t step, gn_error_t *err)
{
    gn_vcf_writer_t *writer = gn_vcf_writer_open(path, header, err);
    if (writer == NULL)
        return err->code;
    struct gn_variant *v = make_variant();
    int status = GN_OK;
    for (int i = 0; i < n && status == GN_OK; i++) {
        v->start0 = step * i;
        v->end0 = v->start0 + 1;
        status = gn_vcf_write(writer, v, err);
    }
    gn_variant_free(v);
    if (status == GN_OK)
        return gn_vcf_writer_commit(writer, err);
    gn_vcf_writer_abort(writer);
    return status;
}

/* Records of chr1 that an index query returns. */
static int count_by_index(const char *path, int64_t start0, int64_t end0)
{
    int n = 0;
    htsFile *file = hts_open(path, "r");
    bcf_hdr_t *header = bcf_hdr_read(file);
    if (hts_get_format(file)->format == bcf) {
        hts_idx_t *index = bcf_index_load(path);
        assert_non_null(index);
        hts_itr_t *region = bcf_itr_queryi(index, 0, start0, end0);
        bcf1_t *record = bcf_init();
        while (bcf_itr_next(file, region, record) >= 0)
            n++;
        bcf_destroy(record);
        hts_itr_destroy(region);
        hts_idx_destroy(index);
    } else {
        tbx_t *index = tbx_index_load(path);
        assert_non_null(index);
        hts_itr_t *region = tbx_itr_queryi(index, tbx_name2id(index, "chr1"), start0, end0);
        kstring_t line = {0, 0, NULL};
        while (tbx_itr_next(file, index, region, &line) >= 0)
            n++;
        free(line.s);
        hts_itr_destroy(region);
        tbx_destroy(index);
    }
    bcf_hdr_destroy(header);
    hts_close(file);
    return n;
}

static void containers_and_indexes_follow_the_name(void **state)
{
    (void)state;
    const struct {
        const char *name, *index;
        enum htsExactFormat format;
        enum htsCompression compression;
    } cases[] = {{"a.vcf", NULL, vcf, no_compression},
                 {"a.vcf.gz", "a.vcf.gz.tbi", vcf, bgzf},
                 {"a.bcf", "a.bcf.csi", bcf, bgzf},
                 {"a.bcf.gz", "a.bcf.gz.csi", bcf, bgzf}};
    struct gn_vcf_header_options header = header_options();
    gn_error_t err = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *path = in_folder(cases[i].name);
        assert_int_equal(write_records(path, &header, 1000, 20000, &err), GN_OK);
        htsFile *file = hts_open(path, "r");
        assert_int_equal(hts_get_format(file)->format, cases[i].format);
        assert_int_equal(hts_get_format(file)->compression, cases[i].compression);
        hts_close(file);
        if (cases[i].index != NULL) {
            assert_int_equal(access(in_folder(cases[i].index), F_OK), 0);
            assert_int_equal(count_by_index(path, 1000000, 1100000), 5);
            unlink(in_folder(cases[i].index));
        }
        unlink(path);
    }
}

static void long_contigs_get_csi(void **state)
{
    (void)state;
    gn_error_t err = {0};
    struct gn_contigs long_contigs = {NULL, NULL, 0, NULL};
    gn_contigs_add(&long_contigs, "chr1", 500000001, NULL);
    struct gn_vcf_header_options header = {.contigs = &long_contigs, .sample = "S1"};
    const char *path = in_folder("long.vcf.gz");
    assert_int_equal(write_records(path, &header, 1000, 20000, &err), GN_OK);
    assert_int_equal(access(in_folder("long.vcf.gz.csi"), F_OK), 0);
    assert_int_equal(count_by_index(path, 1000000, 1100000), 5);
    unlink(in_folder("long.vcf.gz.csi"));
    unlink(path);
    gn_contigs_clear(&long_contigs);
}

/* An index must find what lies beyond the first compressed block of 64 kB. */
static void records_of_every_block_are_found(void **state)
{
    (void)state;
    enum { RECORDS = 20000, STEP = 1000, WINDOW = 50 };
    static const char *const names[] = {"many.vcf.gz", "many.bcf"}, *const indexes[] = {
                                                                        "many.vcf.gz.tbi",
                                                                        "many.bcf.csi"};
    struct gn_vcf_header_options header = header_options();
    gn_error_t err = {0};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *path = in_folder(names[i]);
        assert_int_equal(write_records(path, &header, RECORDS, STEP, &err), GN_OK);
        for (int64_t first = 0; first < RECORDS; first += 10 * WINDOW)
            assert_int_equal(count_by_index(path, first * STEP, (first + WINDOW) * STEP), WINDOW);
        assert_int_equal(count_by_index(path, 0, (int64_t)RECORDS * STEP), RECORDS);
        unlink(in_folder(indexes[i]));
        unlink(path);
    }
}

static void a_full_disk_is_noticed(void **state)
{
    (void)state;
    gn_error_t err = {0};
    struct gn_vcf_header_options header = header_options();
    if (access("/dev/full", W_OK) != 0)
        skip();
    assert_int_equal(write_records("/dev/full", &header, 1000, 20000, &err), GN_E_IO);
    assert_non_null(strstr(err.message, "/dev/full"));
}

static void bad_places_and_names_are_refused(void **state)
{
    (void)state;
    gn_error_t err = {0};
    struct gn_vcf_header_options header = header_options();
    assert_null(gn_vcf_writer_open("/nonexistent/x.vcf", &header, &err));
    assert_int_equal(err.code, GN_E_CANNOT_CREATE);
    header.sample = "a\tb";
    assert_null(gn_vcf_writer_open(in_folder("x.vcf"), &header, &err));
    assert_int_equal(err.code, GN_E_DATA);
    assert_int_not_equal(access(in_folder("x.vcf"), F_OK), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_are_written_as_deepvariant_does),
        cmocka_unit_test(blocks_carry_their_end),
        cmocka_unit_test(conditional_fields_follow_the_header),
        cmocka_unit_test(foreign_records_are_refused),
        cmocka_unit_test(containers_and_indexes_follow_the_name),
        cmocka_unit_test(long_contigs_get_csi),
        cmocka_unit_test(records_of_every_block_are_found),
        cmocka_unit_test(a_full_disk_is_noticed),
        cmocka_unit_test(bad_places_and_names_are_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

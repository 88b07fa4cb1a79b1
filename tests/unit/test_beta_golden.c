/* SPDX-License-Identifier: MIT
 *
 * test_beta_golden.c - the postprocess stage on PacBio calls, against files of DeepVariant 1.10.0-beta: phased genotypes,
 * which no golden of 1.9 has, and four times as many calls as in any of them.
 *
 * gannet follows 1.9, so three things differ, and nothing else may:
 *  - the header of 1.10 has a line for FORMAT MI;
 *  - its PS is the position of the phase set's first variant, that of 1.9 the number of the region (spec 110.11);
 *  - its PacBio files were made with --multiallelic_mode product. 1.9 knows the minimum only (spec 110.6), which gives
 *    the sites that keep two alternate alleles other likelihoods. Their numbers below are those of the executable
 *    reference of 1.9, whose output is the golden when it multiplies instead.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "call/postprocess.h"
#include "io/messages.h"
#include "io/tfrecord.h"
#include "temporary_folder.h"

#define PACBIO_OUTPUTS "dv-1.10.0-beta/golden.postprocess_pacbio_input-00000-of-00001.tfrecord.gz"
#define PACBIO_BLOCKS  "dv-1.10.0-beta/golden.postprocess_pacbio_gvcf_input.tfrecord.gz"
#define PACBIO_VCF     "dv-1.10.0-beta/golden.postprocess_single_site_output_pacbio.vcf.gz"
#define PACBIO_GVCF    "dv-1.10.0-beta/golden.postprocess_gvcf_output_pacbio.g.vcf"
#define SMALL_MODEL_VCF                                                                            \
    "dv-1.10.0-beta/golden.postprocess_single_site_output_with_small_model.vcf.gz"
#define HEADER_OF_1_10 "##FORMAT=<ID=MI,"

enum { QUAL = 5, FORMAT = 8, SAMPLE, N_COLUMNS, MOST_KEYS = 12 };

/* The calls are of GRCh38, yet 1.10's files were made with this reference of hg19, which has N there. */
#define REFERENCE "dv-1.9.0/input/ucsc.hg19.chr20.unittest.fasta.gz"

/* The candidates came from regions of 25,000 bases; the second phase set begins at the one record whose input says so. */
enum { FIRST_POS1 = 9000000, REGION_BP = 25000, FIRST_SET = 9000442, SECOND_SET = 9046331 };

/* Sites with two alternate alleles left, as 1.9 merges them. */
static const struct {
    const char *pos1, *qual, *gq, *pl;
} two_alt_sites[] = {
    {"9003294", "32.7", "17", "32,21,23,21,0,31"}, {"9018099", "43.7", "25", "43,27,46,27,0,48"},
    {"9021059", "44.6", "28", "44,31,36,31,0,50"}, {"9043292", "50.3", "35", "50,45,39,45,0,39"},
    {"9061706", "14.5", "3", "11,3,21,3,0,28"},    {"9065057", "13.7", "6", "12,5,37,0,30,34"},
};
enum { N_TWO_ALT_SITES = sizeof two_alt_sites / sizeof *two_alt_sites };

static struct temporary_folder folder;

static int make_folder(void **state)
{
    (void)state;
    temporary_make(&folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    temporary_remove(&folder);
    return 0;
}

/* Skips the test when the file is absent. */
static void find_golden(char path[600], const char *name)
{
    const char *shared = getenv("GANNET_SHARED");
    snprintf(path, 600, "%s/testdata/%s", shared == NULL ? "../shared" : shared, name);
    if (access(path, R_OK) != 0) {
        print_message("skipped: no file '%s'\n", path);
        skip();
    }
}

/* The lines of a file, gzipped or plain. */
struct lines {
    char *text, **v;
    int n;
};

/* Cuts a text in place; returns the number of parts. */
static int split(char *text, char separator, char **parts, int most)
{
    int n = 0;
    while (text != NULL) {
        assert_true(n < most);
        parts[n++] = text;
        text = strchr(text, separator);
        if (text != NULL)
            *text++ = '\0';
    }
    return n;
}

static struct lines read_lines(const char *path)
{
    enum { CAPACITY = 1 << 20, MOST_LINES = 10000 };
    struct lines lines = {malloc(CAPACITY), malloc(MOST_LINES * sizeof *lines.v), 0};
    gzFile file = gzopen(path, "rb");
    assert_non_null(file);
    int n = gzread(file, lines.text, CAPACITY - 1);
    assert_in_range(n, 1, CAPACITY - 2);
    assert_int_equal(gzclose(file), Z_OK);
    assert_int_equal(lines.text[n - 1], '\n');
    lines.text[n - 1] = '\0';
    lines.n = split(lines.text, '\n', lines.v, MOST_LINES);
    return lines;
}

static void free_lines(struct lines *lines)
{
    free(lines->text);
    free((void *)lines->v);
}

/* Headers are the same but for one line of the golden; returns the index of our first record. */
static int compare_headers(const struct lines *ours, const struct lines *golden)
{
    int i = 0, n_extra = 0;
    for (; golden->v[i + n_extra][0] == '#'; i++) {
        if (strncmp(golden->v[i + n_extra], HEADER_OF_1_10, strlen(HEADER_OF_1_10)) == 0)
            n_extra++;
        assert_string_equal(ours->v[i], golden->v[i + n_extra]);
    }
    assert_int_equal(n_extra, 1);
    return i;
}

/* What differed, to be counted. */
struct deviations {
    int phase_sets, two_alt_sites;
};

static int find_two_alt_site(const char *pos1)
{
    for (int i = 0; i < N_TWO_ALT_SITES; i++)
        if (strcmp(two_alt_sites[i].pos1, pos1) == 0)
            return i;
    return -1;
}

static void check_phase_set(const char *pos1_text, const char *ours, const char *golden)
{
    long pos1 = strtol(pos1_text, NULL, 10);
    assert_int_equal(strtol(ours, NULL, 10), (pos1 - FIRST_POS1) / REGION_BP + 1);
    assert_int_equal(strtol(golden, NULL, 10), pos1 < SECOND_SET ? FIRST_SET : SECOND_SET);
}

/* Likelihoods of <*> follow in a gVCF. */
static void check_likelihoods(const char *ours, const char *golden, const char *expected)
{
    size_t n = strlen(expected);
    assert_memory_equal(ours, expected, n);
    assert_true(ours[n] == '\0' || strcmp(ours + n, ",990,990,990,990") == 0);
    assert_string_not_equal(ours, golden);
}

static void compare_samples(char **ours, char **golden, int site, struct deviations *seen)
{
    char *keys[MOST_KEYS], *a[MOST_KEYS], *b[MOST_KEYS];
    int n = split(golden[FORMAT], ':', keys, MOST_KEYS);
    assert_int_equal(split(ours[SAMPLE], ':', a, MOST_KEYS), n);
    assert_int_equal(split(golden[SAMPLE], ':', b, MOST_KEYS), n);
    for (int i = 0; i < n; i++) {
        if (strcmp(keys[i], "PS") == 0) {
            check_phase_set(golden[1], a[i], b[i]);
            seen->phase_sets++;
        } else if (site >= 0 && strcmp(keys[i], "GQ") == 0) {
            assert_string_equal(a[i], two_alt_sites[site].gq);
            assert_string_not_equal(a[i], b[i]);
        } else if (site >= 0 && strcmp(keys[i], "PL") == 0) {
            check_likelihoods(a[i], b[i], two_alt_sites[site].pl);
        } else {
            assert_string_equal(a[i], b[i]);
        }
    }
}

static void compare_records(char *our_line, char *golden_line, struct deviations *seen)
{
    char *ours[N_COLUMNS], *golden[N_COLUMNS];
    assert_int_equal(split(our_line, '\t', ours, N_COLUMNS), N_COLUMNS);
    assert_int_equal(split(golden_line, '\t', golden, N_COLUMNS), N_COLUMNS);
    int site = find_two_alt_site(golden[1]);
    for (int i = 0; i < SAMPLE; i++)
        if (site < 0 || i != QUAL)
            assert_string_equal(ours[i], golden[i]);
    if (site >= 0) {
        assert_string_equal(ours[QUAL], two_alt_sites[site].qual);
        assert_string_not_equal(ours[QUAL], golden[QUAL]);
        seen->two_alt_sites++;
    }
    compare_samples(ours, golden, site, seen);
}

static void compare_files(const char *our_path, const char *golden_path, int n_records)
{
    struct lines ours = read_lines(our_path), golden = read_lines(golden_path);
    struct deviations seen = {0, 0};
    assert_int_equal(ours.n + 1, golden.n);
    int first = compare_headers(&ours, &golden);
    for (int i = first; i < ours.n; i++)
        compare_records(ours.v[i], golden.v[i + 1], &seen);
    assert_int_equal(ours.n - first, n_records);
    assert_int_equal(seen.phase_sets, 222);
    assert_int_equal(seen.two_alt_sites, N_TWO_ALT_SITES);
    free_lines(&ours);
    free_lines(&golden);
}

static void run(const struct gn_postprocess_options *options, struct gn_calling_counts *counts)
{
    gn_error_t err = {0};
    if (gn_postprocess(options, counts, &err) != GN_OK)
        fail_msg("%s", err.message);
}

static void pacbio_vcf_and_gvcf(void **state)
{
    (void)state;
    char reference[600], outputs[600], blocks[600], golden_vcf[600], golden_gvcf[600];
    char vcf[200], gvcf[200];
    find_golden(reference, REFERENCE);
    find_golden(outputs, PACBIO_OUTPUTS);
    find_golden(blocks, PACBIO_BLOCKS);
    find_golden(golden_vcf, PACBIO_VCF);
    find_golden(golden_gvcf, PACBIO_GVCF);
    snprintf(vcf, sizeof vcf, "%s/pacbio.vcf", folder.dir);
    snprintf(gvcf, sizeof gvcf, "%s/pacbio.g.vcf", folder.dir);
    struct gn_postprocess_options options = {.reference = reference,
                                             .outputs = outputs,
                                             .blocks = blocks,
                                             .calling = gn_calling_options_default()};
    options.calling.vcf_path = vcf;
    options.calling.gvcf_path = gvcf;
    struct gn_calling_counts counts = {0};
    run(&options, &counts);
    compare_files(vcf, golden_vcf, 341);
    compare_files(gvcf, golden_gvcf, 1453);
    assert_int_equal(counts.pass, 326); /* lines of the golden by FILTER */
    assert_int_equal(counts.ref_call, 15);
    assert_int_equal(counts.blocks, 1453 - 341);
}

/* Network outputs as call_variants of 1.10 writes them: those of 1.9, and each names its model. */
static void name_model(const char *from, const char *to)
{
    gn_error_t err = {0};
    gn_tfrecord_reader_t *in = gn_tfrecord_reader_open(from, &err);
    gn_tfrecord_writer_t *out = gn_tfrecord_writer_open(to, &err);
    const uint8_t *data;
    size_t len;
    while (gn_tfrecord_next(in, &data, &len, &err) > 0) {
        struct gn_bytes packed;
        struct gn_call_output *output = gn_call_output_unpack(data, len, &err);
        assert_non_null(output);
        assert_int_equal(gn_text_set(&output->variant->mid, "deepvariant", &err), GN_OK);
        assert_int_equal(gn_call_output_pack(output, &packed, &err), GN_OK);
        assert_int_equal(gn_tfrecord_write(out, packed.data, packed.len, &err), GN_OK);
        gn_call_output_free(output);
        free(packed.data);
    }
    gn_tfrecord_reader_close(in);
    assert_int_equal(gn_tfrecord_writer_commit(out, &err), GN_OK);
    assert_int_equal(err.code, GN_OK);
}

static void model_of_each_call(void **state)
{
    (void)state;
    char reference[600], outputs[600], empty[600], golden_vcf[600], named[200], vcf[200];
    find_golden(reference, REFERENCE);
    find_golden(outputs,
                "dv-1.9.0/golden.postprocess_single_site_input-00000-of-00001.tfrecord.gz");
    find_golden(empty, "dv-1.9.0/golden.postprocess_empty_input-00000-of-00001.tfrecord.gz");
    find_golden(golden_vcf, SMALL_MODEL_VCF);
    snprintf(named, sizeof named, "%s/named.tfrecord.gz", folder.dir);
    snprintf(vcf, sizeof vcf, "%s/named.vcf", folder.dir);
    name_model(outputs, named);
    for (int small_model_called = 0; small_model_called < 2; small_model_called++) {
        struct gn_postprocess_options options = {
            .reference = reference,
            .outputs = small_model_called ? empty : named,
            .small_model_outputs = small_model_called ? named : empty,
            .calling = gn_calling_options_default(),
        };
        options.calling.vcf_path = vcf;
        run(&options, NULL);
        struct lines ours = read_lines(vcf), golden = read_lines(golden_vcf);
        assert_int_equal(ours.n + 1, golden.n);
        int first = compare_headers(&ours, &golden);
        for (int i = first; i < ours.n; i++)
            assert_string_equal(ours.v[i], golden.v[i + 1]);
        assert_int_equal(ours.n - first, 78);
        free_lines(&ours);
        free_lines(&golden);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pacbio_vcf_and_gvcf),
        cmocka_unit_test(model_of_each_call),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

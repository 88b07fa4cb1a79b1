/* SPDX-License-Identifier: MIT
 *
 * test_postprocess_golden.c - the postprocess stage against DeepVariant 1.9's own outputs, byte for
 * byte (spec 110.17), and its behaviour on bad input.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "call/postprocess.h"
#include "io/tfrecord.h"

#define SINGLE_SITE "golden.postprocess_single_site_input.tfrecord.gz"
#define EMPTY       "golden.postprocess_empty_input.tfrecord.gz"
#define IMPORTER    "golden.vcf_candidate_importer_postprocess_single_site_input.tfrecord.gz"

static char golden_folder[400], folder[] = "/tmp/gannet_postprocess_XXXXXX";

static int find_goldens(void **state)
{
    (void)state;
    const char *shared = getenv("GANNET_SHARED");
    snprintf(golden_folder, sizeof golden_folder, "%s/testdata/dv-1.9.0",
             shared == NULL ? "../shared" : shared);
    return mkdtemp(folder) == NULL ? -1 : 0;
}

static void skip_without_goldens(void)
{
    if (access(golden_folder, R_OK) != 0) {
        print_message("skipped: no folder '%s'\n", golden_folder);
        skip();
    }
}

/* Removes what tests wrote; fails when a temporary file was left behind. */
static int remove_folder(void **state)
{
    (void)state;
    DIR *listing = opendir(folder);
    int leftovers = 0;
    for (struct dirent *entry; (entry = readdir(listing)) != NULL;) {
        char path[800];
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        leftovers += strstr(entry->d_name, ".partial.") != NULL;
        if (entry->d_name[0] != '.')
            unlink(path);
    }
    closedir(listing);
    return rmdir(folder) != 0 || leftovers > 0 ? -1 : 0;
}

/* Rotating buffers: a name stays valid for the test that made it. */
static const char *name_in(const char *where, const char *name)
{
    static char buffers[64][800];
    static int next;
    char *buffer = buffers[next++ % 64];
    snprintf(buffer, sizeof buffers[0], "%s/%s", where, name);
    return buffer;
}

static const char *golden(const char *name)
{
    return name_in(golden_folder, name);
}

static const char *made(const char *name)
{
    return name_in(folder, name);
}

static char *read_text(const char *path)
{
    gzFile file = gzopen(path, "rb");
    if (file == NULL)
        fail_msg("no file '%s'", path);
    char *text = malloc(1 << 22);
    int n = gzread(file, text, (1 << 22) - 1);
    assert_true(n >= 0);
    assert_int_equal(gzclose(file), Z_OK);
    text[n] = '\0';
    return text;
}

static void expect_same_text(const char *path, const char *expected_path)
{
    char *text = read_text(path), *expected = read_text(expected_path);
    assert_string_equal(text, expected);
    free(text);
    free(expected);
}

static struct gn_postprocess_options options_for(const char *outputs)
{
    struct gn_postprocess_options options = {
        .reference = golden("input/ucsc.hg19.chr20.unittest.fasta.gz"),
        .outputs = golden(outputs),
        .calling = gn_calling_options_default(),
    };
    options.calling.vcf_path = made("out.vcf");
    return options;
}

static struct gn_postprocess_options gvcf_options_for(const char *outputs)
{
    struct gn_postprocess_options options = options_for(outputs);
    options.blocks = golden("golden.postprocess_gvcf_input.tfrecord.gz");
    options.calling.gvcf_path = made("out.g.vcf");
    return options;
}

static struct gn_calling_counts expect_success(const struct gn_postprocess_options *options)
{
    gn_error_t err = {0};
    struct gn_calling_counts counts = {0};
    if (gn_postprocess(options, &counts, &err) != GN_OK)
        fail_msg("%s", err.message);
    return counts;
}

static void vcf_and_gvcf(void **state)
{
    (void)state;
    skip_without_goldens();
    struct gn_postprocess_options options = gvcf_options_for(SINGLE_SITE);
    struct gn_calling_counts counts = expect_success(&options);
    expect_same_text(options.calling.vcf_path, golden("golden.postprocess_single_site_output.vcf"));
    expect_same_text(options.calling.gvcf_path, golden("golden.postprocess_gvcf_output.g.vcf"));
    FILE *lines = fopen(golden("golden.postprocess_single_site_output.vcf"), "r");
    char line[10000];
    int n_pass = 0, n_refcall = 0;
    while (fgets(line, sizeof line, lines) != NULL) {
        n_pass += line[0] != '#' && strstr(line, "\tPASS\t") != NULL;
        n_refcall += line[0] != '#' && strstr(line, "\tRefCall\t") != NULL;
    }
    fclose(lines);
    assert_true(n_pass > 0);
    assert_int_equal(counts.pass, n_pass);
    assert_int_equal(counts.ref_call, n_refcall);
}

static void gvcf_of_three_shards(void **state)
{
    (void)state;
    skip_without_goldens();
    struct gn_postprocess_options options = gvcf_options_for(SINGLE_SITE);
    options.blocks = golden("golden.postprocess_gvcf_input.tfrecord.gz@3");
    expect_success(&options);
    expect_same_text(options.calling.gvcf_path, golden("golden.postprocess_gvcf_output.g.vcf"));
}

static void compressed_output(void **state)
{
    (void)state;
    skip_without_goldens();
    struct gn_postprocess_options options = gvcf_options_for(SINGLE_SITE);
    options.calling.vcf_path = made("out.vcf.gz");
    options.calling.gvcf_path = made("out.g.vcf.gz");
    expect_success(&options);
    expect_same_text(options.calling.vcf_path,
                     golden("golden.postprocess_single_site_output.vcf.gz"));
    expect_same_text(options.calling.gvcf_path, golden("golden.postprocess_gvcf_output.g.vcf"));
    assert_int_equal(access(made("out.vcf.gz.tbi"), F_OK), 0);
    assert_int_equal(access(made("out.g.vcf.gz.tbi"), F_OK), 0);
}

static uint32_t u32_at(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static size_t read_bytes(const char *path, uint8_t *to, size_t capacity)
{
    gzFile file = gzopen(path, "rb");
    assert_non_null(file);
    int n = gzread(file, to, (unsigned)capacity);
    assert_int_equal(gzclose(file), Z_OK);
    return (size_t)n;
}

/* Where the blocks of a BGZF file begin. */
struct blocks {
    uint64_t offsets[16];
    int n;
};

static struct blocks blocks_of(const char *bgzf_path)
{
    struct blocks blocks = {.n = 0};
    uint8_t header[18];
    FILE *file = fopen(bgzf_path, "rb");
    assert_non_null(file);
    long offset = 0;
    while (fseek(file, offset, SEEK_SET) == 0 &&
           fread(header, 1, sizeof header, file) == sizeof header) {
        blocks.offsets[blocks.n++] = (uint64_t)offset;
        offset += (header[16] | header[17] << 8) + 1; /* BSIZE + 1 bytes are the block */
    }
    fclose(file);
    return blocks;
}

/* Virtual offsets hold the file offset of a block, which depends on how well the blocks before it
   were compressed: the block's number takes its place. Other numbers have no such upper half. */
static void normalise_offset(uint8_t *at, const struct blocks *blocks)
{
    uint64_t offset = u32_at(at) | (uint64_t)u32_at(at + 4) << 32;
    for (int i = 0; i < blocks->n; i++)
        if (offset >> 16 == blocks->offsets[i]) {
            offset = (uint64_t)i << 16 | (offset & 0xffff);
            break;
        }
    for (int i = 0; i < 8; i++)
        at[i] = (uint8_t)(offset >> (8 * i));
}

/* Walks the index of one sequence (SAM specification, section 5.2). */
static void normalise_tbi(uint8_t *index, size_t n, struct blocks blocks)
{
    uint8_t *at = index + 36 + u32_at(index + 32);
    uint32_t n_bins = u32_at(at);
    at += 4;
    for (uint32_t bin = 0; bin < n_bins; bin++) {
        uint32_t n_chunks = u32_at(at + 4);
        at += 8;
        for (uint32_t i = 0; i < 2 * n_chunks; i++, at += 8)
            normalise_offset(at, &blocks);
    }
    uint32_t n_intervals = u32_at(at);
    at += 4;
    for (uint32_t i = 0; i < n_intervals; i++, at += 8)
        normalise_offset(at, &blocks);
    assert_in_range(at - index, 36, n);
}

static void index_equals_tabix(void **state)
{
    (void)state;
    skip_without_goldens();
    static uint8_t made_index[65536], golden_index[65536];
    struct gn_postprocess_options options = options_for(SINGLE_SITE);
    options.calling.vcf_path = made("indexed.vcf.gz");
    expect_success(&options);
    size_t n = read_bytes(made("indexed.vcf.gz.tbi"), made_index, sizeof made_index);
    const char *name = "golden.postprocess_single_site_output.vcf.gz.tbi";
    assert_int_equal(read_bytes(golden(name), golden_index, sizeof golden_index), n);
    normalise_tbi(made_index, n, blocks_of(options.calling.vcf_path));
    normalise_tbi(golden_index, n,
                  blocks_of(golden("golden.postprocess_single_site_output.vcf.gz")));
    assert_memory_equal(made_index, golden_index, n);
}

static void only_pass(void **state)
{
    (void)state;
    skip_without_goldens();
    struct gn_postprocess_options options = gvcf_options_for(SINGLE_SITE);
    options.calling.only_pass = true;
    expect_success(&options);
    expect_same_text(options.calling.vcf_path,
                     golden("golden.postprocess_single_site_output.pass_only.vcf"));
    expect_same_text(options.calling.gvcf_path, golden("golden.postprocess_gvcf_output.g.vcf"));
}

static void haploid(void **state)
{
    (void)state;
    skip_without_goldens();
    struct gn_postprocess_options options = gvcf_options_for(SINGLE_SITE);
    options.haploid_contigs = "chrX, chr20";
    expect_success(&options);
    expect_same_text(options.calling.vcf_path,
                     golden("golden.haploid_chr20.postprocess_single_site_output.vcf"));
    expect_same_text(options.calling.gvcf_path,
                     golden("golden.haploid_chr20.postprocess_gvcf_output.g.vcf"));

    FILE *bed = fopen(made("par.bed"), "w"); /* covers every call: nothing is haploid any more */
    fputs("chr20\t0\t63025520\n", bed);
    fclose(bed);
    options.diploid_bed = made("par.bed");
    expect_success(&options);
    expect_same_text(options.calling.vcf_path, golden("golden.postprocess_single_site_output.vcf"));
}

static void small_model_outputs(void **state)
{
    (void)state;
    skip_without_goldens();
    const char *names[] = {SINGLE_SITE, EMPTY};
    for (int i = 0; i < 2; i++) {
        struct gn_postprocess_options options = options_for(names[i]);
        options.small_model_outputs = golden(names[1 - i]);
        expect_success(&options);
        expect_same_text(options.calling.vcf_path,
                         golden("golden.postprocess_single_site_output_with_small_model.vcf.gz"));
    }
}

static void empty_input(void **state)
{
    (void)state;
    skip_without_goldens();
    struct gn_postprocess_options options = options_for(EMPTY);
    options.small_model_outputs = golden(EMPTY);
    options.calling.vcf_path = made("empty.vcf.gz");
    expect_success(&options);
    expect_same_text(options.calling.vcf_path, golden("golden.postprocess_empty_output.vcf.gz"));
    expect_same_text(made("empty.vcf.gz.tbi"),
                     golden("golden.postprocess_empty_output.vcf.gz.tbi"));
}

static void importer_ungrouped(void **state)
{
    (void)state;
    skip_without_goldens();
    struct gn_postprocess_options options = options_for(IMPORTER);
    options.calling.genotype.group = false;
    expect_success(&options);
    expect_same_text(options.calling.vcf_path,
                     golden("golden.vcf_candidate_importer_postprocess_single_site_output.vcf"));

    gn_error_t err = {0};
    options.calling.genotype.group = true;
    options.calling.vcf_path = made("grouped.vcf");
    assert_int_equal(gn_postprocess(&options, NULL, &err), GN_E_DATA);
    assert_non_null(strstr(err.message, "chr20:"));
    assert_int_not_equal(access(options.calling.vcf_path, F_OK), 0);
}

/* DeepVariant made the goldens again with --num_partitions 10 and these regions: the same bytes. */
static void regions(void **state)
{
    (void)state;
    skip_without_goldens();
    struct gn_postprocess_options options = gvcf_options_for(SINGLE_SITE);
    options.regions = "chr20:10,000,000-10,010,000";
    expect_success(&options);
    expect_same_text(options.calling.vcf_path, golden("golden.postprocess_single_site_output.vcf"));
    expect_same_text(options.calling.gvcf_path, golden("golden.postprocess_gvcf_output.g.vcf"));
    options.regions = "chr20:1-1000";
    struct gn_calling_counts counts = expect_success(&options);
    assert_int_equal(
        counts.pass + counts.ref_call + counts.low_qual + counts.no_call + counts.blocks, 0);
}

static void expect_failure(const struct gn_postprocess_options *options, int code,
                           const char *mention)
{
    gn_error_t err = {0};
    struct gn_postprocess_options failing = *options;
    failing.calling.vcf_path = made("failed.vcf.gz");
    if (failing.calling.gvcf_path != NULL)
        failing.calling.gvcf_path = made("failed.g.vcf.gz");
    assert_int_equal(gn_postprocess(&failing, NULL, &err), code);
    assert_int_equal(err.code, code);
    assert_non_null(strstr(err.message, mention));
    assert_null(strchr(err.message, '\n'));
    const char *names[] = {"failed.vcf.gz", "failed.vcf.gz.tbi", "failed.g.vcf.gz",
                           "failed.g.vcf.gz.tbi"};
    for (int i = 0; i < 4; i++)
        assert_int_not_equal(access(made(names[i]), F_OK), 0);
}

static void copy_start(const char *from, const char *to, size_t percent)
{
    char *bytes = malloc(1 << 22);
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    size_t n = fread(bytes, 1, 1 << 22, in);
    assert_int_equal(fwrite(bytes, 1, n * percent / 100, out), n * percent / 100);
    fclose(in);
    fclose(out);
    free(bytes);
}

static void damaged_and_missing_inputs(void **state)
{
    (void)state;
    skip_without_goldens();
    struct gn_postprocess_options options = gvcf_options_for(SINGLE_SITE);
    options.outputs = made("nothing.tfrecord.gz");
    expect_failure(&options, GN_E_NO_INPUT, "nothing.tfrecord.gz");

    options.outputs = made("cut.tfrecord.gz");
    copy_start(golden("golden.postprocess_single_site_input-00000-of-00001.tfrecord.gz"),
               options.outputs, 60);
    expect_failure(&options, GN_E_DATA, "cut.tfrecord.gz");

    options = gvcf_options_for(SINGLE_SITE);
    options.blocks = made("cut.blocks.gz");
    copy_start(golden("golden.postprocess_gvcf_input.tfrecord.gz"), options.blocks, 60);
    expect_failure(&options, GN_E_DATA, "cut.blocks.gz");

    options = gvcf_options_for(SINGLE_SITE);
    options.reference = made("nothing.fa");
    expect_failure(&options, GN_E_NO_INPUT, "nothing.fa");

    options = gvcf_options_for(SINGLE_SITE);
    options.blocks = NULL;
    expect_failure(&options, GN_E_USAGE, "gvcf_outfile");

    options = gvcf_options_for(SINGLE_SITE);
    options.reference = golden("input/hs37d5_chr20_1_1000000.fa.gz"); /* its contig is "20" */
    expect_failure(&options, GN_E_MISMATCH, "chr20");
}

/* x.tfrecord.gz stands for all shards of x, and for nothing when another file begins with x. */
static void shards_by_prefix(void **state)
{
    (void)state;
    gn_error_t err = {0};
    struct gn_texts paths = {NULL, 0};
    fclose(fopen(made("shards-00000-of-00002.tfrecord.gz"), "w"));
    fclose(fopen(made("shards-00001-of-00002.tfrecord.gz"), "w"));
    assert_int_equal(gn_resolve_output_files(made("shards.tfrecord.gz"), &paths, &err), GN_OK);
    assert_int_equal(paths.n, 2);
    assert_string_equal(paths.v[1], made("shards-00001-of-00002.tfrecord.gz"));
    gn_texts_clear(&paths);
    assert_int_equal(gn_resolve_output_files(made("shards@2.tfrecord.gz"), &paths, &err), GN_OK);
    assert_int_equal(paths.n, 2);
    gn_texts_clear(&paths);
    fclose(fopen(made("shards_other.tfrecord.gz"), "w"));
    assert_int_equal(gn_resolve_output_files(made("shards.tfrecord.gz"), &paths, &err),
                     GN_E_NO_INPUT);
    assert_non_null(strstr(err.message, "Found multiple file patterns"));
    gn_texts_clear(&paths);
    fclose(fopen(made("shards.tfrecord.gz"), "w")); /* a file of the very name is taken as it is */
    assert_int_equal(gn_resolve_output_files(made("shards.tfrecord.gz"), &paths, &err), GN_OK);
    assert_int_equal(paths.n, 1);
    gn_texts_clear(&paths);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vcf_and_gvcf),
        cmocka_unit_test(gvcf_of_three_shards),
        cmocka_unit_test(compressed_output),
        cmocka_unit_test(index_equals_tabix),
        cmocka_unit_test(only_pass),
        cmocka_unit_test(haploid),
        cmocka_unit_test(small_model_outputs),
        cmocka_unit_test(empty_input),
        cmocka_unit_test(importer_ungrouped),
        cmocka_unit_test(regions),
        cmocka_unit_test(damaged_and_missing_inputs),
        cmocka_unit_test(shards_by_prefix),
    };
    return cmocka_run_group_tests(tests, find_goldens, remove_folder);
}

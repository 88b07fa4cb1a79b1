/* SPDX-License-Identifier: MIT
 *
 * golden_examples.h - runs of make-examples on the inputs of DeepVariant 1.9's own test files, and the comparison of what
 * they write with those files: images byte for byte, records field for field.
 *
 * DeepVariant's files were made with libc++: where sites have more reads than rows, set GN_SHUFFLE_LIBCXX.
 * Include it after cmocka.h. The group's setup is find_goldens, its teardown remove_folder.
 */
#ifndef GN_TESTS_GOLDEN_EXAMPLES_H
#define GN_TESTS_GOLDEN_EXAMPLES_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "call/make_examples.h"
#include "call/presets.h"
#include "io/messages.h"
#include "io/tfrecord.h"

static char goldens[400], folder[] = "/tmp/gannet_examples_XXXXXX";
static char reference[500], reads[3][500];

static inline int find_goldens(void **state)
{
    (void)state;
    const char *shared = getenv("GANNET_SHARED");
    snprintf(goldens, sizeof goldens, "%s/testdata/dv-1.9.0",
             shared == NULL ? "../shared" : shared);
    return mkdtemp(folder) == NULL ? -1 : 0;
}

static inline int remove_folder(void **state)
{
    (void)state;
    DIR *listing = opendir(folder);
    for (struct dirent *entry; (entry = readdir(listing)) != NULL;) {
        char path[800];
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (entry->d_name[0] != '.')
            unlink(path);
    }
    closedir(listing);
    return rmdir(folder);
}

/* A run of make-examples: options on NA12878, and the names of its outputs. */
struct setup {
    struct gn_make_examples_options options;
    struct gn_make_examples_counts counts;
    char *files[3];
    char examples[500], candidates[500], gvcf[500], truth[500], confident[500], proposed[500];
};

static inline void use_reads(struct setup *s, const char *const *names, int n)
{
    for (int i = 0; i < n; i++) {
        snprintf(reads[i], sizeof reads[i], "%s/input/%s", goldens, names[i]);
        s->files[i] = reads[i];
    }
    s->options.partition.reads = (struct gn_texts){s->files, n};
}

static inline void use_channels(struct setup *s, const char *list)
{
    struct gn_pileup_options *pileup = &s->options.partition.pileup;
    gn_error_t err = {0};
    pileup->n_channels = gn_channel_list_parse(list, pileup->channels, GN_MAX_CHANNELS, &err);
    assert_true(pileup->n_channels > 0);
}

/* Training mode on the truth for NA12878. */
static inline void use_truth(struct setup *s)
{
    snprintf(s->truth, sizeof s->truth, "%s/input/test_nist.b37_chr20_100kbp_at_10mb.vcf.gz",
             goldens);
    snprintf(s->confident, sizeof s->confident, "%s/input/test_nist.b37_chr20_100kbp_at_10mb.bed",
             goldens);
    s->options.mode = GN_MODE_TRAINING;
    s->options.truth_variants = s->truth;
    s->options.confident_regions = s->confident;
}

/* The defaults on NA12878 with seven channels. Skips the test when the goldens are absent. */
static inline void set_up(struct setup *s, const char *regions)
{
    if (access(goldens, R_OK) != 0) {
        print_message("skipped: no folder '%s'\n", goldens);
        skip();
    }
    *s = (struct setup){.options = {.partition = gn_partition_settings_default(), .n_threads = 2}};
    struct gn_make_examples_options *o = &s->options;
    snprintf(reference, sizeof reference, "%s/input/ucsc.hg19.chr20.unittest.fasta.gz", goldens);
    o->partition.reference = reference;
    o->regions = (struct gn_partition_options){.regions = regions, .partition_size = 1000};
    use_channels(s, "BASE_CHANNELS,insert_size");
    snprintf(s->examples, sizeof s->examples, "%s/examples.tfrecord.gz", folder);
    o->examples = s->examples;
    use_reads(s, (const char *[]){"NA12878_S1.chr20.10_10p1mb.bam"}, 1);
}

/* The preset of PacBio reads as DeepVariant's test files were made, on HG003 and the channels given. Skips as set_up(). */
static inline void set_up_pacbio(struct setup *s, const char *channels, int width)
{
    struct gn_preset preset;
    gn_error_t err = {0};
    set_up(s, "chr20:9,000,000-9,100,000");
    snprintf(reference, sizeof reference, "%s/input/grch38.chr20_and_21_10M.fa.gz", goldens);
    assert_int_equal(gn_preset_find("pacbio", &preset, &err), GN_OK);
    s->options.partition = preset.settings;
    s->options.partition.reference = reference;
    s->options.regions.partition_size = preset.partition_size;
    s->options.partition.read.max_reads_per_partition = 1500;
    s->options.partition.pileup.width = width;
    s->options.partition.phase_output = GN_PHASE_OUTPUT_PARTITIONS;
    use_reads(s, (const char *[]){"test_pacbio.chr20_100kbp_at_9mb.bam"}, 1);
    use_channels(s, channels);
    assert_int_equal(gn_pileup_add_alt_channels(&s->options.partition.pileup, &err), GN_OK);
}

static inline void run(struct setup *s)
{
    char *warning = NULL;
    gn_error_t err = {0};
    int ret = gn_make_examples(&s->options, &s->counts, &warning, &err);
    free(warning);
    if (ret < 0)
        print_message("%s\n", err.message);
    assert_int_equal(ret, GN_OK);
}

/* Opens a golden, or an output of the test when the name starts with '/'. */
static inline gn_tfrecord_reader_t *open_records(const char *name)
{
    char path[1000];
    gn_error_t err = {0};
    snprintf(path, sizeof path, "%s%s%s", *name == '/' ? "" : goldens, *name == '/' ? "" : "/",
             name);
    gn_tfrecord_reader_t *reader = gn_tfrecord_reader_open(path, &err);
    assert_non_null(reader);
    return reader;
}

typedef void compare_fn(const uint8_t *ours, size_t our_length, const uint8_t *golden,
                        size_t golden_length);

/* Compares two files record by record; returns their number of records. */
static inline int compare_files(const char *ours, const char *golden, compare_fn *compare)
{
    gn_tfrecord_reader_t *a = open_records(ours), *b = open_records(golden);
    gn_error_t err = {0};
    int n = 0;
    for (;; n++) {
        const uint8_t *x, *y;
        size_t x_length, y_length;
        int has_x = gn_tfrecord_next(a, &x, &x_length, &err),
            has_y = gn_tfrecord_next(b, &y, &y_length, &err);
        assert_int_equal(has_x, has_y);
        if (has_y <= 0)
            break;
        compare(x, x_length, y, y_length);
    }
    gn_tfrecord_reader_close(a);
    gn_tfrecord_reader_close(b);
    return n;
}

static inline void compare_variants(const uint8_t *ours, size_t our_length, const uint8_t *golden,
                                    size_t golden_length)
{
    gn_error_t err = {0};
    struct gn_variant *a = gn_variant_unpack(ours, our_length, &err);
    struct gn_variant *b = gn_variant_unpack(golden, golden_length, &err);
    assert_non_null(a);
    assert_non_null(b);
    assert_true(gn_variant_equal(a, b));
    gn_variant_free(a);
    gn_variant_free(b);
}

static inline void compare_examples(const uint8_t *ours, size_t our_length, const uint8_t *golden,
                                    size_t golden_length)
{
    struct gn_example a, b;
    gn_error_t err = {0};
    assert_int_equal(gn_example_unpack(ours, our_length, &a, &err), GN_OK);
    assert_int_equal(gn_example_unpack(golden, golden_length, &b, &err), GN_OK);
    assert_string_equal(a.locus, b.locus);
    assert_int_equal(a.alt_indices.n, b.alt_indices.n);
    assert_memory_equal(a.alt_indices.v, b.alt_indices.v,
                        (size_t)b.alt_indices.n * sizeof *b.alt_indices.v);
    assert_int_equal(a.variant_type, b.variant_type);
    assert_int_equal(a.sequencing_type, b.sequencing_type);
    assert_int_equal(a.label, b.label);
    assert_int_equal(a.height, b.height);
    assert_int_equal(a.width, b.width);
    assert_int_equal(a.channels, b.channels);
    assert_int_equal(a.image.len, b.image.len);
    assert_memory_equal(a.image.data, b.image.data, b.image.len);
    compare_variants(a.variant.data, a.variant.len, b.variant.data, b.variant.len);
    gn_example_clear(&a);
    gn_example_clear(&b);
}

static inline void assert_same_bytes(const char *ours, const char *golden)
{
    FILE *a = fopen(ours, "rb"), *b = fopen(golden, "rb");
    assert_non_null(a);
    assert_non_null(b);
    int x, y, n = 0;
    do {
        x = getc(a);
        y = getc(b);
        assert_int_equal(x, y);
        n++;
    } while (y != EOF);
    assert_true(n > 100);
    fclose(a);
    fclose(b);
}

#endif

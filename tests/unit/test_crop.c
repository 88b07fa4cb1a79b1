/* SPDX-License-Identifier: MIT
 *
 * test_crop.c - cropped reads say the same as whole ones: by hand, on random alignments, and on real HiFi and nanopore reads
 * (allele counts, trimmed reads, examples).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <unistd.h>

#include "call/make_examples.h"
#include "hand_reads.h"
#include "io/fasta.h"
#include "pileup/trim.h"
#include "reads/crop.h"
#include "reads/read_source.h"
#include "temporary_folder.h"

enum { PARTITION_START0 = 200000, PARTITION_END0 = 201000, MARGIN = 300 };

/* A read that is long enough to be cropped, of letters that nobody looks at. */
static struct gn_read long_read(gn_arena_t *arena, int64_t pos0, const char *cigar)
{
    char letters[40001];
    uint32_t operations[256];
    int n = hand_cigar(cigar, operations);
    int64_t length = bam_cigar2qlen(n, operations);
    assert_in_range(length, GN_CROP_MIN_LENGTH, sizeof letters - 1);
    for (int64_t i = 0; i < length; i++)
        letters[i] = "ACGT"[i % 4];
    letters[length] = '\0';
    return hand_read(arena, pos0, cigar, letters);
}

/* The window is 199,499 to 201,501: 300 bases and 20 % of 1,000, rounded up, on both sides. */
static void expect_crop(gn_arena_t *arena, int64_t pos0, const char *cigar, int64_t new_pos0,
                        const char *new_cigar)
{
    struct gn_crop_window window = gn_crop_window(PARTITION_START0, PARTITION_END0, MARGIN);
    struct gn_read read = long_read(arena, pos0, cigar);
    int64_t to_skip = 0, to_keep = 0;
    bool is_cropped = gn_plan_crop(&window, &read, &to_skip, &to_keep);
    assert_int_equal(is_cropped, new_cigar != NULL);
    if (!is_cropped)
        return;
    struct gn_cut cut;
    uint32_t left[64];
    gn_cut_cigar(read.cigar, read.n_cigar, to_skip, to_keep, left, &cut);
    struct gn_read cropped = {.cigar = left, .n_cigar = cut.n_cigar};
    char text[256];
    assert_int_equal(read.pos0 + to_skip, new_pos0);
    assert_string_equal(hand_cigar_text(&cropped, text), new_cigar);
}

static int make_arena(void **state)
{
    *state = gn_arena_create((size_t)1 << 30);
    return *state == NULL;
}

static int destroy_arena(void **state)
{
    gn_arena_destroy(*state);
    return 0;
}

static void windows_and_what_stays_of_reads(void **state)
{
    gn_arena_t *arena = *state;
    struct gn_crop_window window = gn_crop_window(PARTITION_START0, PARTITION_END0, MARGIN);
    assert_int_equal(window.start0, 199499);
    assert_int_equal(window.end0, 201501);
    assert_int_equal(gn_crop_window(100, 1100, MARGIN).start0, 0);
    expect_crop(arena, 190000, "20000M", 199499, "2002M");
    expect_crop(arena, 195000, "100S20000M200S", 199499, "2002M");
    expect_crop(arena, 199600, "12000S1500M", 199600, NULL); /* inside, however long its clip */
    expect_crop(arena, 200000, "20000M", 200000, "1501M");
    expect_crop(arena, 185000, "15001M", 199499, "502M");
    /* a deletion or skip across an end stays whole, on the left with the base before it */
    expect_crop(arena, 190000, "11000M5000D9000M", 199499, "1501M5000D0M");
    expect_crop(arena, 190000, "11000M5000N9000M", 199499, "1501M5000N0M");
    expect_crop(arena, 190000, "9000M1000D12000M", 198999, "1M1000D1501M");
    expect_crop(arena, 190000, "9000M3I2D1000N12000M", 198999, "1M3I2D1000N1499M");
    expect_crop(arena, 190000, "9499M1000D12000M", 199498, "1M1000D1002M");
    expect_crop(arena, 190000, "9000M20000N3000M", 198999, "1M20000N0M");
    expect_crop(arena, 190000, "12000S12000N3000M", 190000, "12000S12000N0M");
    expect_crop(arena, 190000, "11501M5000D9000M", 199499, "2002M0D");
    /* insertions at the ends of the window stay, those outside go */
    expect_crop(arena, 190000, "9499M3I2002M4I9000M", 199499, "3I2002M4I0M");
    expect_crop(arena, 190000, "9498M3I2004M4I9000M", 199499, "2002M");
    /* padding, short reads, no margin */
    expect_crop(arena, 190000, "9000M1P11000M", 0, NULL);
    struct gn_read read = hand_read(arena, 190000, "2M20000D2M", "ACGT");
    int64_t to_skip, to_keep;
    assert_false(gn_plan_crop(&window, &read, &to_skip, &to_keep));
    window = gn_crop_window(PARTITION_START0, PARTITION_END0, 0);
    read = long_read(arena, 190000, "20000M");
    assert_false(gn_plan_crop(&window, &read, &to_skip, &to_keep));
}

/* Applies a crop as gn_convert_record() does. */
static struct gn_read crop(gn_arena_t *arena, const struct gn_read *read,
                           const struct gn_crop_window *window)
{
    struct gn_read cropped = *read;
    struct gn_cut cut;
    int64_t to_skip, to_keep;
    if (!gn_plan_crop(window, read, &to_skip, &to_keep))
        return cropped;
    uint32_t *cigar = gn_arena_alloc(arena, (size_t)(read->n_cigar + 1) * sizeof *cigar);
    assert_non_null(cigar);
    gn_cut_cigar(read->cigar, read->n_cigar, to_skip, to_keep, cigar, &cut);
    cropped.cigar = cigar;
    cropped.n_cigar = cut.n_cigar;
    cropped.pos0 += to_skip;
    cropped.end0 = cropped.pos0 + cut.covered;
    cropped.bases += cut.first_base;
    cropped.qualities += cut.first_base;
    cropped.length = (int)cut.n_bases;
    cropped.cropped_bp = to_skip;
    cropped.cropped_bases = read->length - cropped.length;
    return cropped;
}

static void expect_same_read(const struct gn_read *a, const struct gn_read *b)
{
    assert_int_equal(a->pos0, b->pos0);
    assert_int_equal(a->end0, b->end0);
    assert_int_equal(a->n_cigar, b->n_cigar);
    assert_memory_equal(a->cigar, b->cigar, (size_t)b->n_cigar * sizeof *b->cigar);
    assert_int_equal(a->length, b->length);
    assert_memory_equal(a->bases, b->bases, (size_t)b->length);
    assert_memory_equal(a->qualities, b->qualities, (size_t)b->length);
}

/* Reads trimmed to a window are the same whether they were cropped before or not. */
static void expect_same_trimmed(gn_arena_t *arena, const struct gn_read *whole,
                                const struct gn_read *cropped, int64_t start0, int64_t end0)
{
    gn_error_t err = {0};
    struct gn_read a, b;
    if (!gn_read_overlaps(whole, start0, end0)) {
        assert_false(gn_read_overlaps(cropped, start0, end0));
        return;
    }
    assert_true(gn_read_overlaps(cropped, start0, end0));
    int64_t covered = gn_trim_read(whole, start0, end0, &a, arena, &err);
    assert_int_equal(gn_trim_read(cropped, start0, end0, &b, arena, &err), covered);
    expect_same_read(&a, &b);
}

static uint32_t draw(uint32_t *seed, uint32_t n)
{
    *seed = *seed * 1664525U + 1013904223U;
    return (uint32_t)(((uint64_t)*seed * n) >> 32);
}

/* A random alignment of at least 10,000 bases with everything that a CIGAR may hold. */
static struct gn_read random_read(gn_arena_t *arena, uint32_t *seed)
{
    char cigar[1200] = "", *end = cigar;
    if (draw(seed, 2) == 0)
        end += sprintf(end, "%uH%uS", draw(seed, 9), draw(seed, 40));
    uint32_t operations[256];
    int n = 0;
    do {
        static const char kinds[] = "MMM=X=XIDNIDS";
        char kind = kinds[draw(seed, sizeof kinds - 1)];
        uint32_t length = draw(seed, 3) == 0                   ? draw(seed, 4)
                          : kind == 'M' || draw(seed, 20) == 0 ? draw(seed, 900)
                                                               : draw(seed, 60);
        end += sprintf(end, "%u%c", length, kind);
        n = hand_cigar(cigar, operations);
    } while (n < 190 && bam_cigar2qlen(n, operations) < GN_CROP_MIN_LENGTH);
    if (bam_cigar2qlen(n, operations) < GN_CROP_MIN_LENGTH)
        sprintf(end, "%dM", GN_CROP_MIN_LENGTH);
    return long_read(arena, PARTITION_START0 - draw(seed, 12000) + 1000, cigar);
}

static void expect_same_counts(const struct gn_allele_counter *a, const struct gn_allele_counter *b)
{
    assert_int_equal(a->end0 - a->start0, b->end0 - b->start0);
    assert_int_equal(a->n_alleles, b->n_alleles);
    assert_memory_equal(a->positions, b->positions,
                        (size_t)(a->end0 - a->start0) * sizeof *a->positions);
    for (size_t i = 0; i < a->n_alleles; i++) {
        struct gn_allele x = a->alleles[i], y = b->alleles[i];
        assert_int_equal(x.length, y.length);
        assert_memory_equal(x.bases, y.bases, y.length);
        assert_int_equal(x.read, y.read);
        assert_int_equal(x.key, y.key);
        assert_int_equal(x.type, y.type);
        assert_int_equal(x.is_low_quality, y.is_low_quality);
        assert_int_equal(x.base_quality, y.base_quality);
        assert_int_equal(x.mapping_quality, y.mapping_quality);
        assert_int_equal(x.is_reverse, y.is_reverse);
    }
}

/* Alleles of one read in the partition and 20 % around it, over a reference of ACGTACGT... */
static struct gn_allele_counter *count_one(gn_arena_t *arena, const struct gn_read *read)
{
    enum { REF_START0 = 180000, REF_BASES = 120000, PADDING = 200 };
    gn_error_t err = {0};
    struct gn_interval interval = {.start0 = PARTITION_START0 - PADDING,
                                   .end0 = PARTITION_END0 + PADDING,
                                   .ref_start0 = REF_START0,
                                   .ref_end0 = REF_START0 + REF_BASES};
    char *ref = gn_arena_alloc(arena, REF_BASES);
    assert_non_null(ref);
    for (int i = 0; i < REF_BASES; i++)
        ref[i] = "ACGT"[i % 4];
    interval.ref = ref;
    struct gn_allele_counter_options options = {.min_base_quality = 10, .keys_are_unique = true};
    struct gn_allele_counter *counter = gn_count_alleles(&interval, read, 1, &options, arena, &err);
    assert_non_null(counter);
    return counter;
}

static void random_reads_count_and_trim_alike(void **state)
{
    uint32_t seed = 1;
    int n_cropped = 0;
    for (int i = 0; i < 4000; i++) {
        gn_arena_t *arena = *state;
        gn_arena_reset(arena);
        struct gn_read whole = random_read(arena, &seed);
        struct gn_crop_window window = gn_crop_window(PARTITION_START0, PARTITION_END0, MARGIN);
        struct gn_read cropped = crop(arena, &whole, &window);
        n_cropped += cropped.cropped_bases > 0;
        assert_int_equal(gn_read_original_pos0(&cropped), whole.pos0);
        assert_int_equal(gn_read_original_length(&cropped), whole.length);
        expect_same_counts(count_one(arena, &whole), count_one(arena, &cropped));
        for (int k = 0; k < 8; k++) {
            int64_t start0 = window.start0 + draw(&seed, k < 4 ? 4 : 900);
            int64_t end0 = window.end0 - draw(&seed, k % 2 == 0 ? 4 : 900);
            expect_same_trimmed(arena, &whole, &cropped, start0, end0);
        }
    }
    assert_in_range(n_cropped, 3000, 4000);
}

/* A real file and a stretch of it. */
struct real {
    const char *reads, *reference, *contig;
    int64_t start0, end0;
};

static const struct real REAL[] = {
    {"testdata/dv-1.9.0/input/test_pacbio.chr20_100kbp_at_9mb.bam",
     "testdata/dv-1.9.0/input/grch38.chr20_and_21_10M.fa.gz", "chr20", 9000000, 9100000},
    {"reads/dv_hg002_ont_r10_GRCh38_chr20_5mb/HG002_R10_chr20_5050000_5075000.bam",
     "reads/dv_hg002_ont_r10_GRCh38_chr20_5mb/grch38.chr20_5050000_5075000.masked.fa.gz", "chr20",
     5050000, 5075000},
};

static void shared_path(char path[600], const char *name)
{
    const char *shared = getenv("GANNET_SHARED");
    snprintf(path, 600, "%s/%s", shared == NULL ? "../shared" : shared, name);
    if (access(path, R_OK) != 0) {
        print_message("skipped: no file '%s'\n", path);
        skip();
    }
}

/* Whole and cropped reads of a file. */
struct pair {
    gn_read_source_t *sources[2];
    struct gn_read_list lists[2];
    gn_fasta_t *fasta;
    int contig;
};

static void open_pair(struct pair *pair, const struct real *real, int64_t margin)
{
    char reads[600], reference[600];
    shared_path(reads, real->reads);
    shared_path(reference, real->reference);
    char *path = reads;
    struct gn_texts paths = {&path, 1};
    gn_error_t err = {0};
    for (int i = 0; i < 2; i++) {
        struct gn_read_options options = gn_read_options_default();
        options.min_mapping_quality = 1;
        options.max_reads_per_partition = 600;
        options.crop_margin = i == 0 ? 0 : margin;
        pair->sources[i] = gn_read_source_open(&paths, reference, &options, &err);
        assert_non_null(pair->sources[i]);
    }
    pair->fasta = gn_fasta_open(reference, &err);
    assert_non_null(pair->fasta);
    pair->contig = gn_contigs_find(gn_fasta_contigs(pair->fasta), real->contig);
}

static void close_pair(struct pair *pair)
{
    for (int i = 0; i < 2; i++)
        gn_read_source_close(pair->sources[i]);
    gn_fasta_close(pair->fasta);
}

/* Alleles of the partition and 20 % around it, with the reference under all reads of the list. */
static struct gn_allele_counter *count(struct pair *pair, const struct gn_read_list *list,
                                       int64_t start0, int64_t end0, gn_arena_t *arena)
{
    gn_error_t err = {0};
    int64_t padding = (end0 - start0) / 5, first = start0 - padding, last = end0 + padding;
    struct gn_interval interval = {.contig = pair->contig, .start0 = first, .end0 = last};
    for (size_t i = 0; i < list->n; i++) {
        first = list->v[i].pos0 < first ? list->v[i].pos0 : first;
        last = list->v[i].end0 > last ? list->v[i].end0 : last;
    }
    interval.ref_start0 = first - 1;
    interval.ref_end0 = last;
    interval.ref = gn_fasta_fetch(pair->fasta, pair->contig, first - 1, last, arena, &err);
    assert_non_null(interval.ref);
    int64_t *tracked = gn_arena_alloc(arena, 1000 * sizeof *tracked);
    for (int i = 0; i < 1000; i++)
        tracked[i] = interval.start0 + i * (interval.end0 - interval.start0) / 1000;
    struct gn_allele_counter_options options = {.min_mapping_quality = 1,
                                                .min_base_quality = 10,
                                                .tracked = tracked,
                                                .n_tracked = 1000,
                                                .keys_are_unique = list->keys_are_unique};
    struct gn_allele_counter *counter =
        gn_count_alleles(&interval, list->v, list->n, &options, arena, &err);
    assert_non_null(counter);
    return counter;
}

/* Compares partition by partition; returns how many reads were cropped. */
static size_t compare_real(gn_arena_t *arena, const struct real *real, int64_t partition_size,
                           int64_t margin)
{
    enum { HALF_IMAGE = 73 };
    struct pair pair;
    open_pair(&pair, real, margin);
    size_t n_cropped = 0;
    for (int64_t start0 = real->start0; start0 < real->end0; start0 += partition_size) {
        gn_error_t err = {0};
        int64_t end0 = start0 + partition_size;
        gn_arena_reset(arena);
        for (int i = 0; i < 2; i++)
            assert_int_equal(gn_read_source_fetch(pair.sources[i], real->contig, start0, end0,
                                                  arena, &pair.lists[i], &err),
                             GN_OK);
        assert_int_equal(pair.lists[0].n, pair.lists[1].n);
        expect_same_counts(count(&pair, &pair.lists[0], start0, end0, arena),
                           count(&pair, &pair.lists[1], start0, end0, arena));
        for (size_t i = 0; i < pair.lists[0].n; i++) {
            const struct gn_read *whole = &pair.lists[0].v[i], *cropped = &pair.lists[1].v[i];
            n_cropped += cropped->cropped_bases > 0;
            assert_string_equal(whole->name, cropped->name);
            assert_int_equal(gn_read_original_pos0(cropped), whole->pos0);
            assert_int_equal(gn_read_original_length(cropped), whole->length);
            for (int64_t at = start0; at < end0; at += partition_size / 50)
                expect_same_trimmed(arena, whole, cropped, at - HALF_IMAGE, at + HALF_IMAGE + 1);
        }
    }
    close_pair(&pair);
    return n_cropped;
}

static void hifi_reads_say_the_same(void **state)
{
    assert_in_range(compare_real(*state, &REAL[0], 1000, 150), 2000, 100000);
    assert_int_equal(compare_real(*state, &REAL[0], 25000, 50000), 0); /* no read is that long */
}

static void nanopore_reads_say_the_same(void **state)
{
    assert_in_range(compare_real(*state, &REAL[1], 1000, 150), 500, 100000);
    assert_in_range(compare_real(*state, &REAL[1], 5000, 4000), 100, 100000);
}

static void make_examples(const struct real *real, int64_t margin, const char *regions,
                          char *examples)
{
    char reads[600], reference[600];
    shared_path(reads, real->reads);
    shared_path(reference, real->reference);
    char *path = reads, *warning = NULL;
    gn_error_t err = {0};
    struct gn_make_examples_counts counts;
    struct gn_make_examples_options options = {
        .partition = gn_partition_settings_default(), .n_threads = 1, .examples = examples};
    struct gn_partition_settings *p = &options.partition;
    p->reference = reference;
    p->reads = (struct gn_texts){&path, 1};
    p->realign_reads = false;
    p->read.min_mapping_quality = 1;
    p->read.crop_margin = margin;
    p->pileup.width = 147;
    p->pileup.min_mapping_quality = 1;
    p->pileup.n_channels = gn_channel_list_parse(
        "BASE_CHANNELS,gc_content,read_mapping_percent,avg_base_quality,gap_compressed_identity",
        p->pileup.channels, GN_MAX_CHANNELS, &err);
    options.regions = (struct gn_partition_options){.regions = regions, .partition_size = 1000};
    options.sample_name = "S";
    if (gn_make_examples(&options, &counts, &warning, &err) < 0)
        fail_msg("%s", err.message);
    free(warning);
    assert_in_range(counts.examples, 20, 100000);
}

static void expect_same_file(const char *a, const char *b)
{
    FILE *x = fopen(a, "rb"), *y = fopen(b, "rb");
    assert_non_null(x);
    assert_non_null(y);
    int c;
    do {
        c = getc(x);
        if (c != getc(y))
            fail_msg("%s and %s differ", a, b);
    } while (c != EOF);
    fclose(x);
    fclose(y);
}

static void examples_are_the_same_bytes(void **state)
{
    (void)state;
    static const char *const regions[] = {"chr20:9,000,001-9,020,000", "chr20:5,050,001-5,055,000"};
    struct temporary_folder folder;
    temporary_make(&folder);
    for (int i = 0; i < 2; i++) {
        char whole[200], cropped[200];
        snprintf(whole, sizeof whole, "%s", temporary_path(&folder, "whole.tfrecord"));
        snprintf(cropped, sizeof cropped, "%s", temporary_path(&folder, "cropped.tfrecord"));
        make_examples(&REAL[i], 0, regions[i], whole);
        make_examples(&REAL[i], 300, regions[i], cropped);
        expect_same_file(whole, cropped);
    }
    temporary_remove(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(windows_and_what_stays_of_reads, make_arena, destroy_arena),
        cmocka_unit_test_setup_teardown(random_reads_count_and_trim_alike, make_arena,
                                        destroy_arena),
        cmocka_unit_test_setup_teardown(hifi_reads_say_the_same, make_arena, destroy_arena),
        cmocka_unit_test_setup_teardown(nanopore_reads_say_the_same, make_arena, destroy_arena),
        cmocka_unit_test(examples_are_the_same_bytes),
    };
    return cmocka_run_group_tests_name("crop", tests, NULL, NULL);
}

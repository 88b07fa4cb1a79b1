/* SPDX-License-Identifier: MIT
 *
 * test_pileup_images.c - which reads get a row, in which order, in which images (spec 40
 * sections 1 to 3).
 *
 * The mapping quality channel tells the rows apart: reads of a test differ in it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hand_reads.h"
#include "pileup/pileup.h"
#include "temporary_folder.h"

enum { CONTIG_LENGTH = 200, WIDTH = 61, HALF = 30, SITE0 = 100, MAX_NAMES = 128 };

struct bench {
    struct hand hand;
    struct temporary_folder folder;
    gn_fasta_t *fasta;
    struct gn_pileup_options options;
    struct gn_candidate candidate;
    struct gn_allele alleles[HAND_READS];
    int16_t supports[HAND_READS];
    struct gn_pileup_images images;
};

static void set_candidate(struct bench *bench, int64_t start0, const char *ref, const char *alts)
{
    gn_error_t err = {0};
    struct gn_variant *variant = bench->candidate.variant;
    gn_texts_clear(&variant->alts);
    assert_int_equal(gn_text_set(&variant->ref, ref, &err), GN_OK);
    for (; *alts != '\0'; alts++) /* one letter each */
        assert_int_equal(gn_texts_push(&variant->alts, (char[]){*alts, '\0'}, &err), GN_OK);
    variant->start0 = start0;
    variant->end0 = start0 + (int64_t)strlen(ref);
}

static int setup(void **state)
{
    static struct bench bench;
    bench = (struct bench){.options = gn_pileup_options_default()};
    char text[CONTIG_LENGTH + 16] = ">chr1\n";
    for (int i = 0; i < CONTIG_LENGTH; i++)
        text[6 + i] = "ACGT"[i % 4];
    text[6 + CONTIG_LENGTH] = '\n';
    temporary_make(&bench.folder);
    bench.fasta = temporary_fasta(&bench.folder, text);
    hand_start(&bench.hand, 0, "");
    bench.options.width = WIDTH;
    bench.options.height = 10;
    bench.options.channels[0] = GN_CHANNEL_MAPPING_QUALITY;
    bench.options.channels[1] = GN_CHANNEL_READ_SUPPORTS_VARIANT;
    bench.options.n_channels = 2;
    bench.candidate.variant = gn_variant_create();
    bench.candidate.alleles = bench.alleles;
    bench.candidate.supports = bench.supports;
    set_candidate(&bench, SITE0, "A", "C");
    *state = &bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;
    gn_variant_free(bench->candidate.variant);
    gn_fasta_close(bench->fasta);
    gn_arena_destroy(bench->hand.arena);
    temporary_remove(&bench->folder);
    return 0;
}

/* A read of n matching bases that is told apart by its mapping quality. */
static struct gn_read *add(struct bench *bench, int mapping_quality, int64_t pos0, int n)
{
    char cigar[16], letters[CONTIG_LENGTH + 1];
    for (int i = 0; i < n; i++)
        letters[i] = "ACGT"[(pos0 + i) % 4];
    letters[n] = '\0';
    sprintf(cigar, "%dM", n);
    struct gn_read *read = hand_add(&bench->hand, pos0, cigar, letters);
    read->mapping_quality = (uint8_t)mapping_quality;
    return read;
}

/* The read with the key supports an alt (or what else GN_SUPPORTS_... says). */
static void support(struct bench *bench, uint32_t key, int alt)
{
    bench->alleles[bench->candidate.n_alleles] = (struct gn_allele){.key = key};
    bench->supports[bench->candidate.n_alleles++] = (int16_t)alt;
}

static int draw(struct bench *bench)
{
    gn_error_t err = {0};
    gn_pileup_t *pileup = gn_pileup_create(&bench->options, NULL, &err);
    assert_non_null(pileup);
    struct gn_pileup_reads reads = {bench->hand.reads, (size_t)bench->hand.n_reads, HAND_READS};
    assert_int_equal(gn_pileup_draw(pileup, bench->fasta, 0, &bench->candidate, &reads,
                                    &bench->images, bench->hand.arena, &err),
                     GN_OK);
    gn_pileup_destroy(pileup);
    return bench->images.n;
}

static uint8_t pixel(const struct bench *bench, int image, int row, int column, int channel)
{
    return bench->images.v[image]
        .pixels[(row * WIDTH + column) * bench->options.n_channels + channel];
}

/* The largest value of a row in a channel: reads do not cover all columns. */
static int row_value(const struct bench *bench, int image, int row, int channel)
{
    int value = 0;
    for (int c = 0; c < WIDTH; c++)
        if (pixel(bench, image, row, c, channel) > value)
            value = pixel(bench, image, row, c, channel);
    return value;
}

/* Mapping qualities of the read rows, 0-terminated; the rows after them must be empty. */
static void expect_rows(struct bench *bench, const int *mapping_qualities)
{
    assert_true(draw(bench) >= 1);
    int row = GN_REFERENCE_ROWS;
    for (; *mapping_qualities != 0; mapping_qualities++, row++)
        assert_int_equal(row_value(bench, 0, row, 0), 254 * *mapping_qualities / 60);
    for (; row < bench->options.height; row++)
        for (int channel = 0; channel < bench->options.n_channels; channel++)
            assert_int_equal(row_value(bench, 0, row, channel), 0);
}

static void five_reference_rows_come_first(void **state)
{
    struct bench *bench = *state;
    bench->options.channels[0] = GN_CHANNEL_READ_BASE;
    add(bench, 40, 80, 20);
    assert_int_equal(draw(bench), 1);
    static const uint8_t colors[] = {250, 30, 180, 100};
    for (int row = 0; row < GN_REFERENCE_ROWS; row++)
        for (int c = 0; c < WIDTH; c++) {
            assert_int_equal(pixel(bench, 0, row, c, 0), colors[(SITE0 - HALF + c) % 4]);
            assert_int_equal(pixel(bench, 0, row, c, 1), 152);
        }
    for (int c = 0; c < WIDTH; c++) { /* the read covers columns 10 to 29 */
        bool is_covered = c >= 10 && c < 30;
        assert_int_equal(pixel(bench, 0, GN_REFERENCE_ROWS, c, 0),
                         is_covered ? colors[(SITE0 - HALF + c) % 4] : 0);
        assert_int_equal(pixel(bench, 0, GN_REFERENCE_ROWS, c, 1), is_covered ? 152 : 0);
    }
    assert_int_equal(bench->images.v[0].n_alts, 1);
    assert_int_equal(bench->images.v[0].alts[0], 0);
}

static void images_that_leave_the_contig_are_not_drawn(void **state)
{
    struct bench *bench = *state;
    static const struct {
        int64_t start0;
        int n_images;
    } cases[] = {{0, 0},
                 {HALF - 1, 0},
                 {HALF, 1},
                 {CONTIG_LENGTH - HALF - 1, 1},
                 {CONTIG_LENGTH - HALF, 0},
                 {CONTIG_LENGTH - 1, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        set_candidate(bench, cases[i].start0, "A", "C");
        assert_int_equal(draw(bench), cases[i].n_images);
    }
}

static void rows_are_sorted_by_original_position_name_and_number(void **state)
{
    struct bench *bench = *state;
    bench->options.height = 15;
    struct gn_read *second = add(bench, 10, 80, 30);
    second->read_number = 1;
    add(bench, 11, 80, 30);                 /* "read", number 0 */
    add(bench, 12, 80, 30)->name = "reaD";  /* bytewise before "read" */
    add(bench, 13, 80, 30)->name = "read1"; /* and after it */
    add(bench, 14, 40, 80);                 /* both are cut to the window's start: */
    add(bench, 15, 30, 90);                 /* where they were before counts */
    add(bench, 17, 45, 80);
    add(bench, 16, 79, 30);
    expect_rows(bench, (const int[]){15, 14, 17, 16, 12, 11, 10, 13, 0});
}

static void haplotypes_come_before_positions_when_wanted(void **state)
{
    struct bench *bench = *state;
    add(bench, 10, 80, 30)->haplotype = 2;
    add(bench, 11, 81, 30)->haplotype = 1;
    add(bench, 12, 82, 30);
    add(bench, 13, 83, 30)->haplotype = -1; /* as none */
    expect_rows(bench, (const int[]){10, 11, 12, 13, 0});
    bench->options.sort_by_haplotypes = true;
    expect_rows(bench, (const int[]){12, 13, 11, 10, 0});
}

static void the_haplotype_being_polished_comes_first(void **state)
{
    struct bench *bench = *state;
    bench->options.channels[1] = GN_CHANNEL_HAPLOTYPE;
    bench->options.sort_by_haplotypes = true;
    for (int haplotype = 0; haplotype < 4; haplotype++)
        add(bench, 10 + haplotype, 80, 30)->haplotype = (int8_t)haplotype;
    static const struct {
        int tag;
        int rows[5], colors[4];
    } cases[] = {
        {0, {10, 11, 12, 13}, {0, 127, 254, 254}},
        {1, {11, 10, 12, 13}, {127, 0, 254, 254}},
        {2, {12, 10, 11, 13}, {127, 0, 254, 254}}, /* 1 and 2 change their colours */
        {3, {13, 10, 11, 12}, {254, 0, 127, 254}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bench->options.assembly_polishing_tag = cases[i].tag;
        expect_rows(bench, cases[i].rows);
        for (int row = 0; row < 4; row++)
            assert_int_equal(row_value(bench, 0, GN_REFERENCE_ROWS + row, 1), cases[i].colors[row]);
    }
    bench->options.assembly_polishing_tag = 2;
    bench->options.sort_by_haplotypes = false;
    expect_rows(bench, (const int[]){10, 11, 12, 13, 0});
}

static void reads_must_come_near_and_cover_15_bases(void **state)
{
    struct bench *bench = *state;
    bench->options.height = 15;
    add(bench, 10, 70, 25); /* ends where the 5 bp before the variant begin: too far */
    add(bench, 11, 70, 26);
    add(bench, 12, SITE0 + 6, 25); /* begins where the 5 bp after the variant end */
    add(bench, 13, SITE0 + 5, 25);
    add(bench, 14, 90, 14); /* too short */
    add(bench, 15, 90, 15);
    add(bench, 16, 60, 200 - 60); /* sticks out on both sides */
    add(bench, 17, 90, 15)->mapping_quality = 4;
    expect_rows(bench, (const int[]){16, 11, 15, 13, 0});
    set_candidate(bench, SITE0, "ACGT", "A"); /* the longer variant reaches further */
    expect_rows(bench, (const int[]){16, 11, 15, 13, 12, 0});
}

static void channels_look_at_the_trimmed_read(void **state)
{
    struct bench *bench = *state;
    bench->options.channels[0] = GN_CHANNEL_GC_CONTENT;
    struct gn_read *read = add(bench, 10, 40, 100);
    char *letters = (char *)read->bases;
    memset(letters, 'G', 100);
    memset(letters + 30, 'A', WIDTH); /* no G or C inside [70, 131) */
    assert_int_equal(draw(bench), 1);
    assert_int_equal(row_value(bench, 0, GN_REFERENCE_ROWS, 0), 0);
    assert_int_equal(row_value(bench, 0, GN_REFERENCE_ROWS, 1), 152);
    letters[29] = 'A'; /* outside: says nothing */
    letters[30] = 'G'; /* 1 of 61: 1 % */
    assert_int_equal(draw(bench), 1);
    assert_int_equal(row_value(bench, 0, GN_REFERENCE_ROWS, 0), 2);
}

/* 97 reads for three rows; read i has mapping quality 10 + i % 50 and name i. */
static void add_97_reads(struct bench *bench)
{
    static char names[MAX_NAMES][8];
    bench->options.height = GN_REFERENCE_ROWS + 3;
    for (int i = 0; i < 97; i++) {
        sprintf(names[i], "r%03d", i);
        add(bench, 10 + i % 50, 80, 30)->name = names[i];
    }
}

static void too_many_reads_are_drawn_by_lot(void **state)
{
    struct bench *bench = *state;
    add_97_reads(bench);
    bench->options.shuffle = GN_SHUFFLE_LIBSTDCXX; /* 33 7 12 61 ..., then sorted by name */
    expect_rows(bench, (const int[]){10 + 7, 10 + 12, 10 + 33, 0});
    bench->options.shuffle = GN_SHUFFLE_LIBCXX; /* 45 22 58 89 ... */
    expect_rows(bench, (const int[]){10 + 22, 10 + 45, 10 + 8, 0});
}

static void reads_that_cannot_be_drawn_take_no_row(void **state)
{
    struct bench *bench = *state;
    add_97_reads(bench);
    bench->hand.reads[7].mapping_quality = 4;
    expect_rows(bench, (const int[]){10 + 12, 10 + 33, 10 + 11, 0}); /* 33 12 61 */
    hand_set_quality(&bench->hand.reads[33], SITE0 - 80, 9);         /* at the variant */
    expect_rows(bench, (const int[]){10 + 12, 10 + 11, 10 + 30, 0}); /* 12 61 80 */
}

static void as_many_reads_as_rows_are_all_drawn(void **state)
{
    struct bench *bench = *state;
    add_97_reads(bench);
    bench->options.height = GN_REFERENCE_ROWS + 97;
    assert_int_equal(draw(bench), 1);
    for (int i = 0; i < 97; i++)
        assert_int_equal(row_value(bench, 0, GN_REFERENCE_ROWS + i, 0), 254 * (10 + i % 50) / 60);
}

/* Support colour of every read row in every image: one line of the table per image. */
static void expect_colors(struct bench *bench, int n_images, int n_rows, const int *colors)
{
    assert_int_equal(draw(bench), n_images);
    for (int image = 0; image < n_images; image++)
        for (int row = 0; row < n_rows; row++)
            assert_int_equal(row_value(bench, image, GN_REFERENCE_ROWS + row, 1),
                             colors[image * n_rows + row]);
}

static void support_colors_follow_the_alts_of_the_image(void **state)
{
    struct bench *bench = *state;
    set_candidate(bench, SITE0, "A", "CG");
    for (int i = 0; i < 5; i++)
        add(bench, 10 + i, 80 + i, 30);
    support(bench, 0, 0);
    support(bench, 1, 1);
    support(bench, 2, GN_SUPPORTS_UNCALLED);
    support(bench, 3, GN_SUPPORTS_REFERENCE); /* the last read is in no list at all */
    expect_colors(
        bench, 3, 5,
        (const int[]){254, 152, 152, 152, 152, 152, 254, 152, 152, 152, 254, 254, 152, 152, 152});
    bench->options.add_supporting_other_alt_color = true;
    expect_colors(
        bench, 3, 5,
        (const int[]){254, 76, 152, 152, 152, 76, 254, 152, 152, 152, 254, 254, 152, 152, 152});
    bench->options.exclude_het_alt_images = true;
    expect_colors(bench, 2, 5, (const int[]){254, 76, 152, 152, 152, 76, 254, 152, 152, 152});
}

static void images_are_singles_then_pairs(void **state)
{
    struct bench *bench = *state;
    static const int expected[][2] = {{0, -1}, {1, -1}, {2, -1}, {0, 1}, {0, 2}, {1, 2}};
    set_candidate(bench, SITE0, "A", "CGT");
    assert_int_equal(draw(bench), 6);
    for (int i = 0; i < 6; i++) {
        const struct gn_pileup_image *image = &bench->images.v[i];
        assert_int_equal(image->n_alts, expected[i][1] < 0 ? 1 : 2);
        for (int k = 0; k < image->n_alts; k++)
            assert_int_equal(image->alts[k], expected[i][k]);
    }
}

static void frequencies_color_reads_that_support_the_image(void **state)
{
    struct bench *bench = *state;
    set_candidate(bench, SITE0, "A", "CG");
    bench->options.channels[0] = GN_CHANNEL_ALLELE_FREQUENCY;
    bench->candidate.alt_frequencies = (float[]){1, 0.1F};
    for (int i = 0; i < 3; i++)
        add(bench, 10, 80 + i, 30);
    support(bench, 0, 0);
    support(bench, 1, 1);
    static const int colors[3][3] = {{254, 0, 0}, {0, 203, 0}, {254, 203, 0}};
    assert_int_equal(draw(bench), 3);
    for (int image = 0; image < 3; image++)
        for (int row = 0; row < 3; row++)
            assert_int_equal(row_value(bench, image, GN_REFERENCE_ROWS + row, 0),
                             colors[image][row]);
}

static void one_drawer_serves_many_candidates(void **state)
{
    struct bench *bench = *state;
    gn_error_t err = {0};
    gn_pileup_t *pileup = gn_pileup_create(&bench->options, NULL, &err);
    assert_non_null(pileup);
    add(bench, 10, 80, 30);
    support(bench, 0, 0);
    struct gn_pileup_reads reads = {bench->hand.reads, 1, HAND_READS};
    for (int round = 0; round < 2; round++) { /* in the second round nobody supports the alt */
        bench->candidate.n_alleles = round == 0;
        assert_int_equal(gn_pileup_draw(pileup, bench->fasta, 0, &bench->candidate, &reads,
                                        &bench->images, bench->hand.arena, &err),
                         GN_OK);
        assert_int_equal(row_value(bench, 0, GN_REFERENCE_ROWS, 1), round == 0 ? 254 : 152);
    }
    gn_pileup_destroy(pileup);
}

static void an_unknown_channel_is_refused(void **state)
{
    struct bench *bench = *state;
    gn_error_t err = {0};
    bench->options.channels[1] = 99;
    assert_null(gn_pileup_create(&bench->options, NULL, &err));
    assert_int_equal(err.code, GN_E_USAGE);
    assert_non_null(strstr(err.message, "99"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(five_reference_rows_come_first, setup, teardown),
        cmocka_unit_test_setup_teardown(images_that_leave_the_contig_are_not_drawn, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(rows_are_sorted_by_original_position_name_and_number, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(haplotypes_come_before_positions_when_wanted, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(the_haplotype_being_polished_comes_first, setup, teardown),
        cmocka_unit_test_setup_teardown(reads_must_come_near_and_cover_15_bases, setup, teardown),
        cmocka_unit_test_setup_teardown(channels_look_at_the_trimmed_read, setup, teardown),
        cmocka_unit_test_setup_teardown(too_many_reads_are_drawn_by_lot, setup, teardown),
        cmocka_unit_test_setup_teardown(reads_that_cannot_be_drawn_take_no_row, setup, teardown),
        cmocka_unit_test_setup_teardown(as_many_reads_as_rows_are_all_drawn, setup, teardown),
        cmocka_unit_test_setup_teardown(support_colors_follow_the_alts_of_the_image, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(images_are_singles_then_pairs, setup, teardown),
        cmocka_unit_test_setup_teardown(frequencies_color_reads_that_support_the_image, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(one_drawer_serves_many_candidates, setup, teardown),
        cmocka_unit_test_setup_teardown(an_unknown_channel_is_refused, setup, teardown),
    };
    return cmocka_run_group_tests_name("pileup_images", tests, NULL, NULL);
}

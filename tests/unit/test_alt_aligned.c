/* SPDX-License-Identifier: MIT
 *
 * test_alt_aligned.c - pictures of the reads on the alternative haplotypes (spec 40 section 6), as text: a letter per base
 * colour, or = and X for columns that agree with the haplotype or not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hand_reads.h"
#include "pileup/pileup.h"
#include "temporary_folder.h"

/* The image's columns are bases 30 to 70 of REFERENCE:
 *
 *     30                  50                  70
 *     GAGCGACGATAGATCAGTACACTGACTGCAGCTAGTCGTGA */
#define REFERENCE                                                                                  \
    "CGTATGCTCTACAGAGTCGACTCGTGTGTCGAGCGACGATAGATCAGTACACTGACTGCAGCTAGTCGTGATGATCAGTGTAGTGCGCGTAC" \
    "GCGCGCTA"

enum { WIDTH = 41, HEIGHT = 10, SITE0 = 50, WHOLE = 0, LENGTH_71 = 1, LENGTH_73 = 2 };

struct bench {
    struct hand hand;
    struct temporary_folder folder;
    gn_fasta_t *fasta;
    gn_realigner_t *realigner;
    struct gn_pileup_options options;
    struct gn_candidate candidate;
    struct gn_allele alleles[HAND_READS];
    int16_t supports[HAND_READS];
    struct gn_pileup_images images;
};

static void set_candidate(struct bench *bench, const char *ref, const char *alts)
{
    struct gn_variant *variant = bench->candidate.variant;
    gn_error_t err = {0};
    gn_texts_clear(&variant->alts);
    assert_int_equal(gn_text_set(&variant->ref, ref, &err), GN_OK);
    assert_int_equal(gn_texts_split(&variant->alts, alts, ",", &err), GN_OK);
    variant->start0 = SITE0;
    variant->end0 = SITE0 + (int64_t)strlen(ref);
}

static void set_mode(struct bench *bench, enum gn_alt_aligned_mode mode, const char *channels)
{
    struct gn_pileup_options *o = &bench->options;
    gn_error_t err = {0};
    o->alt_aligned = mode;
    o->n_channels = gn_channel_list_parse(channels, o->channels, GN_MAX_CHANNELS, &err);
    assert_int_equal(gn_pileup_add_alt_channels(o, &err), GN_OK);
}

static int setup(void **state)
{
    static struct bench bench;
    bench = (struct bench){.options = gn_pileup_options_default()};
    struct gn_realign_options realign = gn_realign_options_default();
    gn_error_t err = {0};
    char text[400];
    snprintf(text, sizeof text, ">whole\n%s\n>length71\n%.71s\n>length73\n%.73s\n", REFERENCE,
             REFERENCE, REFERENCE);
    temporary_make(&bench.folder);
    bench.fasta = temporary_fasta(&bench.folder, text);
    hand_start(&bench.hand, 0, "");
    bench.realigner = gn_realigner_create(&realign, &err);
    bench.options.width = WIDTH;
    bench.options.height = HEIGHT;
    bench.candidate.variant = gn_variant_create();
    bench.candidate.alleles = bench.alleles;
    bench.candidate.supports = bench.supports;
    *state = &bench;
    return bench.realigner == NULL;
}

static int teardown(void **state)
{
    struct bench *bench = *state;
    gn_variant_free(bench->candidate.variant);
    gn_realigner_destroy(bench->realigner);
    gn_fasta_close(bench->fasta);
    gn_arena_destroy(bench->hand.arena);
    temporary_remove(&bench->folder);
    return 0;
}

static struct gn_read *add(struct bench *bench, int64_t pos0, const char *cigar, const char *bases)
{
    return hand_add(&bench->hand, pos0, cigar, bases);
}

/* The read with the key supports an alt. */
static void support(struct bench *bench, uint32_t key, int alt)
{
    bench->alleles[bench->candidate.n_alleles] = (struct gn_allele){.key = key};
    bench->supports[bench->candidate.n_alleles++] = (int16_t)alt;
}

static void draw(struct bench *bench, int contig, int n_images)
{
    gn_error_t err = {0};
    gn_pileup_t *pileup = gn_pileup_create(&bench->options, bench->realigner, &err);
    assert_non_null(pileup);
    struct gn_pileup_reads reads = {bench->hand.reads, bench->hand.n_reads, HAND_READS};
    assert_int_equal(gn_pileup_draw(pileup, bench->fasta, contig, &bench->candidate, &reads,
                                    &bench->images, bench->hand.arena, &err),
                     GN_OK);
    assert_int_equal(bench->images.n, n_images);
    gn_pileup_destroy(pileup);
}

static uint8_t pixel(const struct bench *bench, int image, int row, int column, int channel)
{
    return bench->images.v[image]
        .pixels[(row * WIDTH + column) * bench->options.n_channels + channel];
}

/* One row of a channel: "colours" are pairs of a pixel value and its letter; 0 is a dot. */
static void expect_row(const struct bench *bench, int image, int row, int channel,
                       const uint8_t *colours, const char *expected)
{
    char text[WIDTH + 1];
    for (int c = 0; c < WIDTH; c++) {
        uint8_t value = pixel(bench, image, row, c, channel);
        text[c] = value == 0 ? '.' : '?';
        for (int i = 0; colours[i] != 0; i += 2)
            if (value == colours[i])
                text[c] = (char)colours[i + 1];
    }
    text[WIDTH] = '\0';
    assert_string_equal(text, expected);
}

static const uint8_t BASES[] = {250, 'A', 180, 'G', 100, 'T', 30, 'C', 0};
static const uint8_t DIFFERENCES[] = {50, '=', 254, 'X', 0};
static const char EMPTY[] = ".........................................";
static const char ALL_AGREE[] = "=========================================";

/* Rows of reads begin after the reference rows. */
static void expect_bases(const struct bench *bench, int image, int row, int channel,
                         const char *expected)
{
    expect_row(bench, image, GN_REFERENCE_ROWS + row, channel, BASES, expected);
}

static void expect_differences(const struct bench *bench, int image, int row, int channel,
                               const char *expected)
{
    expect_row(bench, image, GN_REFERENCE_ROWS + row, channel, DIFFERENCES, expected);
}

static void expect_reference_bases(const struct bench *bench, int image, int channel,
                                   const char *expected)
{
    for (int row = 0; row < GN_REFERENCE_ROWS; row++)
        expect_row(bench, image, row, channel, BASES, expected);
}

/* A read of the reference, and one with GAT inserted after base 50. */
static void add_two_reads(struct bench *bench)
{
    add(bench, 33, "30M", "CGACGATAGATCAGTACACTGACTGCAGCT");
    add(bench, 35, "16M3I15M", "ACGATAGATCAGTACAGATCTGACTGCAGCTAGT");
}

static void base_channels_show_the_bases_on_the_haplotype(void **state)
{
    struct bench *bench = *state;
    set_mode(bench, GN_ALT_ALIGNED_BASE_CHANNELS, "read_base,mapping_quality");
    set_candidate(bench, "A", "AGAT");
    add_two_reads(bench);
    draw(bench, WHOLE, 1);
    assert_int_equal(bench->options.n_channels, 4);
    expect_reference_bases(bench, 0, 0, "GAGCGACGATAGATCAGTACACTGACTGCAGCTAGTCGTGA");
    expect_bases(bench, 0, 0, 0, "...CGACGATAGATCAGTACACTGACTGCAGCT........");
    expect_bases(bench, 0, 1, 0, ".....ACGATAGATCAGTAC.CTGACTGCAGCTAGT.....");
    for (int channel = 2; channel < 4; channel++) { /* the only picture is shown twice */
        expect_reference_bases(bench, 0, channel, "GAGCGACGATAGATCAGTACAGATCTGACTGCAGCTAGTCG");
        expect_bases(bench, 0, 0, channel, "...CGACGATAGATCAGTAC....CTGACTGCAGCT.....");
        expect_bases(bench, 0, 1, channel, ".....ACGATAGATCAGTACAGATCTGACTGCAGCTAGT..");
        expect_bases(bench, 0, 2, channel, EMPTY);
    }
}

static void diff_channels_show_where_reads_leave_the_haplotype(void **state)
{
    struct bench *bench = *state;
    set_mode(bench, GN_ALT_ALIGNED_DIFF_CHANNELS, "BASE_CHANNELS,haplotype");
    set_candidate(bench, "A", "AGAT");
    add_two_reads(bench);
    draw(bench, WHOLE, 1);
    expect_differences(bench, 0, 0, 5, "...==============================........");
    expect_differences(bench, 0, 1, 5, ".....===============X===============.....");
    for (int channel = 7; channel < 9; channel++) {
        expect_row(bench, 0, 4, channel, DIFFERENCES, ALL_AGREE);
        expect_differences(bench, 0, 0, channel, "...=================X...============.....");
        expect_differences(bench, 0, 1, channel, ".....==================================..");
    }
}

static void records_without_an_indel_are_aligned_when_all_are(void **state)
{
    struct bench *bench = *state;
    set_mode(bench, GN_ALT_ALIGNED_DIFF_CHANNELS, "BASE_CHANNELS");
    set_candidate(bench, "A", "G");
    add(bench, 35, "31M", "ACGATAGATCAGTACGCTGACTGCAGCTAGT");
    draw(bench, WHOLE, 1);
    expect_differences(bench, 0, 0, 5, ".....===============X===============.....");
    for (int row = 0; row < HEIGHT; row++)
        for (int channel = 6; channel < 8; channel++)
            expect_row(bench, 0, row, channel, DIFFERENCES, EMPTY);
    bench->options.alt_align_all = true;
    draw(bench, WHOLE, 1);
    for (int channel = 6; channel < 8; channel++)
        expect_differences(bench, 0, 0, channel, ".....===============================.....");
    bench->options.alt_align_all = false;
    set_candidate(bench, "A", "G,AGAT"); /* the other alt counts for all images of the record */
    draw(bench, WHOLE, 3);
    expect_differences(bench, 0, 0, 6, ".....===============================.....");
}

static void pairs_show_both_haplotypes(void **state)
{
    struct bench *bench = *state;
    set_mode(bench, GN_ALT_ALIGNED_DIFF_CHANNELS, "BASE_CHANNELS");
    set_candidate(bench, "A", "AGAT,G");
    add(bench, 34, "17M3I15M", "GACGATAGATCAGTACAGATCTGACTGCAGCTAGT" /* AGAT */);
    add(bench, 35, "31M", "ACGATAGATCAGTACGCTGACTGCAGCTAGT" /* G */);
    draw(bench, WHOLE, 3);
    static const char inserted[] = "....===================================..",
                      substituted[] = ".....===============================.....";
    expect_differences(bench, 0, 0, 6, inserted);
    expect_differences(bench, 0, 0, 7, inserted);
    expect_differences(bench, 1, 1, 6, substituted);
    expect_differences(bench, 1, 1, 7, substituted);
    expect_differences(bench, 2, 0, 6, inserted);
    expect_differences(bench, 2, 1, 7, substituted);
    for (int row = 0; row < HEIGHT; row++)
        for (int c = 0; c < WIDTH; c++) {
            assert_int_equal(pixel(bench, 2, row, c, 6), pixel(bench, 0, row, c, 6));
            assert_int_equal(pixel(bench, 2, row, c, 7), pixel(bench, 1, row, c, 6));
        }
    bench->candidate.declined = (const struct gn_alt_set[]){{{0, 1}, 2}};
    bench->candidate.n_declined = 1; /* the pair alone */
    draw(bench, WHOLE, 1);
    expect_differences(bench, 0, 0, 6, inserted);
    expect_differences(bench, 0, 1, 7, substituted);
}

/* When the first channel looks at the supported allele, so does the alt-aligned one: of the image, not of the picture. */
static void support_is_that_of_the_image(void **state)
{
    struct bench *bench = *state;
    static const int colours[3][3] = {{152, 254, 76}, {152, 76, 254}, {152, 254, 254}};
    set_mode(bench, GN_ALT_ALIGNED_BASE_CHANNELS, "read_supports_variant");
    bench->options.add_supporting_other_alt_color = true;
    set_candidate(bench, "A", "AGAT,G");
    add_two_reads(bench);
    add(bench, 36, "30M", "CGATAGATCAGTACGCTGACTGCAGCTAGT");
    support(bench, 1, 0);
    support(bench, 2, 1);
    draw(bench, WHOLE, 3);
    for (int image = 0; image < 3; image++)
        for (int read = 0; read < 3; read++)
            for (int channel = 0; channel < 3; channel++)
                assert_int_equal(pixel(bench, image, GN_REFERENCE_ROWS + read, 10, channel),
                                 colours[image][read]);
}

/* At the contig's end the haplotype of CT's deletion is 39 or, two bases later, 41 bases long. */
static void a_haplotype_shorter_than_the_image_ends_the_list(void **state)
{
    struct bench *bench = *state;
    static const char inserted[] = "GAGCGACGATAGATCAGTACACTGATGACTGCAGCTAGTCG",
                      deleted[] = "GAGCGACGATAGATCAGTACAGACTGCAGCTAGTCGTGATG";
    static const struct {
        const char *alts;
        int contig;
        const char *shown[3][2]; /* in the first and second channel of each image */
    } cases[] = {
        {"A,ACTGAT", LENGTH_71, {{EMPTY, EMPTY}, {inserted, inserted}, {EMPTY, EMPTY}}},
        {"ACTGAT,A", LENGTH_71, {{inserted, inserted}, {EMPTY, EMPTY}, {inserted, inserted}}},
        {"A,ACTGAT", LENGTH_73, {{deleted, deleted}, {inserted, inserted}, {deleted, inserted}}},
    };
    set_mode(bench, GN_ALT_ALIGNED_BASE_CHANNELS, "read_base");
    add(bench, 33, "30M", "CGACGATAGATCAGTACACTGACTGCAGCT");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        set_candidate(bench, "ACT", cases[i].alts);
        draw(bench, cases[i].contig, 3);
        for (int image = 0; image < 3; image++) {
            expect_bases(bench, image, 0, 0, "...CGACGATAGATCAGTACACTGACTGCAGCT........");
            for (int slot = 0; slot < 2; slot++) {
                expect_reference_bases(bench, image, 1 + slot, cases[i].shown[image][slot]);
                if (cases[i].shown[image][slot] == EMPTY)
                    expect_bases(bench, image, 0, 1 + slot, EMPTY);
            }
        }
    }
}

/* An insertion of 70 kb: no picture, and no failure. */
static void a_haplotype_too_long_to_align_to_has_no_picture(void **state)
{
    struct bench *bench = *state;
    enum { N = 70000 };
    char *alt = malloc(N + 1);
    assert_non_null(alt);
    memset(alt, 'A', N);
    alt[N] = '\0';
    set_mode(bench, GN_ALT_ALIGNED_BASE_CHANNELS, "read_base");
    add(bench, 33, "30M", "CGACGATAGATCAGTACACTGACTGCAGCT");
    set_candidate(bench, "A", alt);
    free(alt);
    draw(bench, WHOLE, 1);
    expect_bases(bench, 0, 0, 0, "...CGACGATAGATCAGTACACTGACTGCAGCT........");
    for (int slot = 0; slot < 2; slot++) {
        expect_reference_bases(bench, 0, 1 + slot, EMPTY);
        expect_bases(bench, 0, 0, 1 + slot, EMPTY);
    }
}

static void rows_stand_below_each_other(void **state)
{
    struct bench *bench = *state;
    set_mode(bench, GN_ALT_ALIGNED_ROWS, "read_base,mapping_quality");
    assert_int_equal(bench->options.n_channels, 2);
    assert_int_equal(gn_pileup_image_height(&bench->options), 3 * HEIGHT);
    set_candidate(bench, "A", "AGAT,G");
    add_two_reads(bench);
    draw(bench, WHOLE, 3);
    static const char *const haplotypes[] = {"GAGCGACGATAGATCAGTACAGATCTGACTGCAGCTAGTCG",
                                             "GAGCGACGATAGATCAGTACGCTGACTGCAGCTAGTCGTGA"};
    static const int shown[3][2] = {{0, -1}, {1, -1}, {0, 1}};
    for (int image = 0; image < 3; image++) {
        expect_bases(bench, image, 1, 0, ".....ACGATAGATCAGTAC.CTGACTGCAGCTAGT.....");
        for (int slot = 0; slot < 2; slot++) {
            int first = (1 + slot) * HEIGHT, haplotype = shown[image][slot];
            for (int row = 0; row < HEIGHT && haplotype < 0; row++) {
                expect_row(bench, image, first + row, 0, BASES, EMPTY);
                expect_row(bench, image, first + row, 1, DIFFERENCES, EMPTY);
            }
            if (haplotype < 0)
                continue;
            expect_row(bench, image, first, 0, BASES, haplotypes[haplotype]);
            expect_row(bench, image, first, 1, DIFFERENCES,
                       "XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX");
            if (haplotype == 0)
                expect_bases(bench, image, first + 1, 0,
                             ".....ACGATAGATCAGTACAGATCTGACTGCAGCTAGT..");
        }
    }
}

/* The clipped read begins first on the haplotype and second on the reference; the one of unknown bases aligns nowhere. */
static void rows_are_sorted_by_positions_on_the_reference(void **state)
{
    struct bench *bench = *state;
    set_mode(bench, GN_ALT_ALIGNED_ROWS, "read_base");
    bench->options.alt_align_all = true;
    set_candidate(bench, "A", "G");
    add(bench, 40, "20M", "NNNNNNNNNNNNNNNNNNNN");
    add(bench, 42, "8S20M", "GACGATAGATCAGTACACTGACTGCAGC");
    add(bench, 38, "25M", "ATAGATCAGTACACTGACTGCAGCT");
    draw(bench, WHOLE, 1);
    expect_bases(bench, 0, 0, 0, "........ATAGATCAGTACACTGACTGCAGCT........");
    expect_bases(bench, 0, 1, 0, EMPTY);
    expect_bases(bench, 0, 2, 0, "............ATCAGTACACTGACTGCAGC.........");
    expect_bases(bench, 0, HEIGHT + 0, 0, "........ATAGATCAGTACACTGACTGCAGCT........");
    expect_bases(bench, 0, HEIGHT + 1, 0, "....GACGATAGATCAGTACACTGACTGCAGC.........");
    expect_bases(bench, 0, HEIGHT + 2, 0, EMPTY);
}

/* They share the alignment, not their place, strand or support. */
static void reads_that_spell_the_same_keep_apart(void **state)
{
    struct bench *bench = *state;
    set_mode(bench, GN_ALT_ALIGNED_ROWS, "read_base,strand,read_supports_variant");
    bench->options.alt_align_all = true;
    set_candidate(bench, "A", "G");
    add(bench, 42, "8S20M", "GACGATAGATCAGTACACTGACTGCAGC")->is_reverse = true;
    add(bench, 38, "24M", "ATAGATCAGTACACTGACTGCAGC");
    add(bench, 34, "28M", "GACGATAGATCAGTACACTGACTGCAGC");
    support(bench, 0, 0);
    draw(bench, WHOLE, 1);
    static const uint8_t strands[] = {70, 70, 240}, supports[] = {152, 152, 254};
    static const char whole[] = "....GACGATAGATCAGTACACTGACTGCAGC.........",
                      part[] = "........ATAGATCAGTACACTGACTGCAGC.........";
    for (int row = 0; row < 3; row++) {
        int at = HEIGHT + GN_REFERENCE_ROWS + row;
        expect_row(bench, 0, at, 0, BASES, row == 1 ? part : whole);
        assert_int_equal(pixel(bench, 0, at, 20, 1), strands[row]);
        assert_int_equal(pixel(bench, 0, at, 20, 2), supports[row]);
    }
}

static void the_channels_of_a_mode_are_appended_once(void **state)
{
    (void)state;
    struct gn_pileup_options options = gn_pileup_options_default();
    gn_error_t err = {0};
    options.n_channels =
        gn_channel_list_parse("BASE_CHANNELS,haplotype", options.channels, GN_MAX_CHANNELS, &err);
    assert_int_equal(gn_pileup_add_alt_channels(&options, &err), GN_OK);
    assert_int_equal(options.n_channels, 7);
    options.alt_aligned = GN_ALT_ALIGNED_ROWS;
    assert_int_equal(gn_pileup_add_alt_channels(&options, &err), GN_OK);
    assert_int_equal(options.n_channels, 7);
    options.alt_aligned = GN_ALT_ALIGNED_DIFF_CHANNELS;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(gn_pileup_add_alt_channels(&options, &err), GN_OK);
        assert_int_equal(options.n_channels, 9);
        assert_int_equal(options.channels[6], 7);
        assert_int_equal(options.channels[7], 9);
        assert_int_equal(options.channels[8], 10);
    }
    options.alt_aligned = GN_ALT_ALIGNED_BASE_CHANNELS;
    options.n_channels = 7;
    assert_int_equal(gn_pileup_add_alt_channels(&options, &err), GN_OK);
    assert_int_equal(options.channels[7], 20);
    assert_int_equal(options.channels[8], 21);
    options.n_channels = GN_MAX_CHANNELS - 1;
    assert_int_equal(gn_pileup_add_alt_channels(&options, &err), GN_E_USAGE);
    assert_int_equal(options.n_channels, GN_MAX_CHANNELS - 1);
}

static void lists_must_fit_the_mode(void **state)
{
    (void)state;
#define DIFF_PAIR "diff_channels_alternate_allele_1,diff_channels_alternate_allele_2"
#define BASE_PAIR "base_channels_alternate_allele_1,base_channels_alternate_allele_2"
    static const struct {
        enum gn_alt_aligned_mode mode;
        const char *channels;
        const char *complaint; /* NULL: accepted */
    } cases[] = {
        {GN_ALT_ALIGNED_NONE, "BASE_CHANNELS", NULL},
        {GN_ALT_ALIGNED_ROWS, "strand", NULL},
        {GN_ALT_ALIGNED_DIFF_CHANNELS, "BASE_CHANNELS," DIFF_PAIR, NULL},
        {GN_ALT_ALIGNED_BASE_CHANNELS, "strand," BASE_PAIR, NULL},
        {GN_ALT_ALIGNED_NONE, "BASE_CHANNELS," DIFF_PAIR, "diff_channels_alternate_allele_1"},
        {GN_ALT_ALIGNED_ROWS, "strand," BASE_PAIR, "base_channels_alternate_allele_1"},
        {GN_ALT_ALIGNED_DIFF_CHANNELS, "BASE_CHANNELS", "diff_channels_alternate_allele_1"},
        {GN_ALT_ALIGNED_DIFF_CHANNELS, "BASE_CHANNELS," BASE_PAIR, "diff_channels"},
        {GN_ALT_ALIGNED_DIFF_CHANNELS, DIFF_PAIR ",BASE_CHANNELS", "diff_channels"},
        {GN_ALT_ALIGNED_DIFF_CHANNELS, "BASE_CHANNELS," DIFF_PAIR "," DIFF_PAIR, "leave it out"},
        {GN_ALT_ALIGNED_BASE_CHANNELS,
         "base_channels_alternate_allele_2,base_channels_alternate_allele_1", "ends with"},
        {GN_ALT_ALIGNED_DIFF_CHANNELS, "read_base strand blank insert_size haplotype " DIFF_PAIR,
         "channel 6"},
        {GN_ALT_ALIGNED_BASE_CHANNELS, BASE_PAIR, "channel 1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct gn_pileup_options options = gn_pileup_options_default();
        gn_error_t err = {0};
        options.alt_aligned = cases[i].mode;
        options.n_channels =
            gn_channel_list_parse(cases[i].channels, options.channels, GN_MAX_CHANNELS, &err);
        assert_true(options.n_channels > 0);
        assert_int_equal(gn_pileup_check_channels(&options, &err),
                         cases[i].complaint == NULL ? GN_OK : GN_E_USAGE);
        if (cases[i].complaint != NULL)
            assert_non_null(strstr(err.message, cases[i].complaint));
    }
}

static void a_drawer_of_haplotypes_needs_a_realigner(void **state)
{
    struct bench *bench = *state;
    gn_error_t err = {0};
    set_mode(bench, GN_ALT_ALIGNED_ROWS, "strand");
    assert_null(gn_pileup_create(&bench->options, NULL, &err));
    assert_int_equal(err.code, GN_E_INTERNAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(base_channels_show_the_bases_on_the_haplotype, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(diff_channels_show_where_reads_leave_the_haplotype, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(records_without_an_indel_are_aligned_when_all_are, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(pairs_show_both_haplotypes, setup, teardown),
        cmocka_unit_test_setup_teardown(support_is_that_of_the_image, setup, teardown),
        cmocka_unit_test_setup_teardown(a_haplotype_shorter_than_the_image_ends_the_list, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_haplotype_too_long_to_align_to_has_no_picture, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(rows_stand_below_each_other, setup, teardown),
        cmocka_unit_test_setup_teardown(rows_are_sorted_by_positions_on_the_reference, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(reads_that_spell_the_same_keep_apart, setup, teardown),
        cmocka_unit_test(the_channels_of_a_mode_are_appended_once),
        cmocka_unit_test(lists_must_fit_the_mode),
        cmocka_unit_test_setup_teardown(a_drawer_of_haplotypes_needs_a_realigner, setup, teardown),
    };
    return cmocka_run_group_tests_name("alt_aligned", tests, NULL, NULL);
}

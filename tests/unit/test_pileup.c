/* SPDX-License-Identifier: MIT
 *
 * test_pileup.c - one read in one image: trimming, painted columns, channel values (spec 40
 * sections 2 and 4).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hand_reads.h"
#include "pileup/channel.h"
#include "pileup/read_pixels.h"
#include "pileup/trim.h"

enum { START0 = 1000, WIDTH = 12, VARIANT0 = START0 + 5, UNTOUCHED = 7, MAX_PIXELS = 512 };

static const struct gn_pixel_window WINDOW = {START0, WIDTH, VARIANT0, 10};

static int setup(void **state)
{
    *state = gn_arena_create((size_t)1 << 24);
    return *state == NULL;
}

static int teardown(void **state)
{
    gn_arena_destroy(*state);
    return 0;
}

/* A read that starts at column 0 and matches all along. */
static struct gn_read plain_read(gn_arena_t *arena, const char *bases)
{
    char cigar[16];
    sprintf(cigar, "%zuM", strlen(bases));
    return hand_read(arena, START0, cigar, bases);
}

/* Paints one channel of a read into a fresh row. */
static void paint(const char *channel, struct gn_channel_read view, uint8_t row[WIDTH])
{
    struct gn_pixel pixels[MAX_PIXELS];
    assert_in_range(gn_read_pixels_max(view.read, WIDTH), 1, MAX_PIXELS);
    view.n_pixels = gn_read_pixels(view.read, &WINDOW, pixels);
    assert_in_range(view.n_pixels, 1, WIDTH + 8);
    view.pixels = pixels;
    if (view.ref == NULL)
        view.ref = "AAAAAAAAAAAA";
    memset(row, UNTOUCHED, WIDTH);
    const struct gn_channel *found = gn_channel_find_name(channel);
    assert_non_null(found);
    assert_ptr_equal(found, gn_channel_find((int)found->id));
    found->paint_read(&view, row, 1);
}

static void expect_pixels(const uint8_t *row, const uint8_t *expected, int n)
{
    for (int i = 0; i < n; i++)
        assert_int_equal(row[i], expected[i]);
}

/* The value that the channel gives to all columns of the read. */
static int value_of(const char *channel, const struct gn_read *read)
{
    uint8_t row[WIDTH];
    paint(channel, (struct gn_channel_read){.read = read}, row);
    return row[0];
}

static void bases(void **state)
{
    uint8_t row[WIDTH];
    struct gn_read read = plain_read(*state, "ACGTN");
    paint("read_base", (struct gn_channel_read){.read = &read}, row);
    expect_pixels(row, (const uint8_t[]){250, 30, 180, 100, 0, UNTOUCHED}, 6);
    read = hand_read(*state, START0, "2M2D1M", "ACG"); /* the anchor of an indel is '*' */
    paint("read_base", (struct gn_channel_read){.read = &read}, row);
    expect_pixels(row, (const uint8_t[]){250, 0, UNTOUCHED, UNTOUCHED, 180, UNTOUCHED}, 6);
}

static void base_qualities(void **state)
{
    static const uint8_t expected[] = {0,   6,   12,  19,  25,  31,  38,  44,  50,  57,  63,
                                       69,  76,  82,  88,  95,  101, 107, 114, 120, 127, 133,
                                       139, 146, 152, 158, 165, 171, 177, 184, 190, 196, 203,
                                       209, 215, 222, 228, 234, 241, 247, 254};
    for (int quality = 0; quality <= 93; quality++) {
        uint8_t row[WIDTH];
        struct gn_read read = plain_read(*state, "CCC");
        hand_set_quality(&read, 1, (uint8_t)quality);
        paint("base_quality", (struct gn_channel_read){.read = &read}, row);
        assert_int_equal(row[1], quality <= 40 ? expected[quality] : 254);
        assert_int_equal(row[2], expected[HAND_QUALITY]);
    }
}

static void base_quality_of_indels(void **state)
{
    uint8_t row[WIDTH];
    struct gn_read read = hand_read(*state, START0, "2M2I2M2D1M", "ACGGTTA");
    for (int i = 0; i < 7; i++)
        hand_set_quality(&read, i, (uint8_t)(20 + i));
    paint("base_quality", (struct gn_channel_read){.read = &read}, row);
    /* column 1: the first inserted base (22); column 3: the base before the deletion (25) */
    expect_pixels(row, (const uint8_t[]){127, 139, 152, 158, UNTOUCHED, UNTOUCHED, 165, UNTOUCHED},
                  8);
}

static void differences(void **state)
{
    uint8_t row[WIDTH];
    struct gn_read read = hand_read(*state, START0, "4M1I2M", "ACGNTTA");
    paint("base_differs_from_ref", (struct gn_channel_read){.read = &read, .ref = "ACTNTAAAAAAA"},
          row);
    expect_pixels(row, (const uint8_t[]){50, 50, 254, 254, 50, 50, UNTOUCHED}, 7);
}

static void whole_read_values(void **state)
{
    struct gn_read read = plain_read(*state, "ACGTA");
    for (int quality = 0; quality <= 255; quality++) {
        read.mapping_quality = (uint8_t)quality;
        assert_int_equal(value_of("mapping_quality", &read),
                         quality < 60 ? 254 * quality / 60 : 254);
    }
    assert_int_equal(value_of("strand", &read), 70);
    read.is_reverse = true;
    assert_int_equal(value_of("strand", &read), 240);
    static const int8_t tags[] = {-1, 0, 1, 2, 3, 100};
    static const int colors[] = {0, 0, 127, 254, 254, 254};
    for (int i = 0; i < 6; i++) {
        read.haplotype = tags[i];
        assert_int_equal(value_of("haplotype", &read), colors[i]);
    }
    assert_int_equal(value_of("blank", &read), 0);
    assert_int_equal(value_of("mean_coverage", &read), 0);
}

static void insert_sizes(void **state)
{
    struct gn_read read = plain_read(*state, "ACGTA");
    for (int size = 0; size <= 1000; size++) {
        read.fragment_length = size % 2 == 0 ? size : -size;
        assert_int_equal(value_of("insert_size", &read), 254 * size / 1000);
    }
    static const int32_t large[] = {1001, -100000, INT32_MAX, INT32_MIN};
    for (int i = 0; i < 4; i++) {
        read.fragment_length = large[i];
        assert_int_equal(value_of("insert_size", &read), 254);
    }
}

static void support_colors(void **state)
{
    struct gn_read read = plain_read(*state, "ACGTA");
    uint8_t row[WIDTH];
    static const struct {
        int supports;
        float alpha;
        int color;
    } cases[] = {{1, 0.6F, 254}, {0, 0.6F, 152}, {2, 0.6F, 152}, {2, 0.3F, 76}, {0, 0.3F, 152}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        paint("read_supports_variant",
              (struct gn_channel_read){
                  .read = &read, .supports = cases[i].supports, .other_alt_alpha = cases[i].alpha},
              row);
        assert_int_equal(row[4], cases[i].color);
        assert_int_equal(row[5], UNTOUCHED);
    }
}

static void allele_frequencies(void **state)
{
    struct gn_read read = plain_read(*state, "ACGTA");
    uint8_t row[WIDTH];
    static const struct {
        float frequency;
        int color;
    } cases[] = {{0, 0},      {1e-5F, 0},  {0.001F, 101}, {0.01F, 152},
                 {0.1F, 203}, {0.5F, 238}, {1, 254}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        paint("allele_frequency",
              (struct gn_channel_read){
                  .read = &read, .supports = 1, .alt_frequency = cases[i].frequency},
              row);
        assert_int_equal(row[0], cases[i].color);
    }
}

static void identities(void **state)
{
    struct gn_read read = hand_read(*state, START0, "4=2X2I2D2M", "ACGTACGTAC");
    assert_int_equal(value_of("read_mapping_percent", &read), 152); /* 6 of 10 */
    assert_int_equal(value_of("identity", &read), 152);
    assert_int_equal(value_of("gap_compressed_identity", &read), 152); /* 6 of 6+2+1+1 */
    read = hand_read(*state, START0, "2S7M1I", "ACGTACGTAC");
    assert_int_equal(value_of("identity", &read), 177);                /* 7 of 10: 70 % */
    assert_int_equal(value_of("gap_compressed_identity", &read), 220); /* 7 of 8: 87 % */
    read = plain_read(*state, "ACG");
    assert_int_equal(value_of("identity", &read), 254);
    assert_int_equal(value_of("gap_compressed_identity", &read), 254);
}

static void average_quality(void **state)
{
    struct gn_read read = plain_read(*state, "ACG");
    hand_set_quality(&read, 0, 31); /* 91 / 3: 30, of 93 */
    assert_int_equal(value_of("avg_base_quality", &read), 81);
    for (int i = 0; i < 3; i++)
        hand_set_quality(&read, i, 93);
    assert_int_equal(value_of("avg_base_quality", &read), 254);
}

static void composition(void **state)
{
    struct gn_read read = plain_read(*state, "AAACCGGGGT");
    uint8_t row[WIDTH];
    assert_int_equal(value_of("gc_content", &read), 152); /* 60 % */
    paint("is_homopolymer", (struct gn_channel_read){.read = &read}, row);
    expect_pixels(row, (const uint8_t[]){254, 254, 254, 0, 0, 254, 254, 254, 254, 0, UNTOUCHED},
                  11);
    paint("homopolymer_weighted", (struct gn_channel_read){.read = &read}, row);
    expect_pixels(row, (const uint8_t[]){25, 25, 25, 16, 16, 33, 33, 33, 33, 8, UNTOUCHED}, 11);
    char run[261];
    memset(run, 'A', 260);
    run[260] = '\0';
    read = plain_read(*state, run);
    assert_int_equal(value_of("homopolymer_weighted", &read), 33); /* 260 modulo 256 */
    run[40] = '\0';
    read = plain_read(*state, run);
    assert_int_equal(value_of("homopolymer_weighted", &read), 254);
}

static void modifications(void **state)
{
    static const uint8_t likelihoods[] = {0, 1, 2, 128, 254, 255};
    struct gn_read read = hand_read(*state, START0, "3M1I2M", "ACGTAC");
    uint8_t row[WIDTH];
    read.likelihood_5mc = likelihoods;
    paint("base_methylation", (struct gn_channel_read){.read = &read}, row);
    expect_pixels(row, (const uint8_t[]){0, 0, 127, 253, 254, UNTOUCHED}, 6);
    paint("base_6ma", (struct gn_channel_read){.read = &read}, row);
    expect_pixels(row, (const uint8_t[]){UNTOUCHED, UNTOUCHED, UNTOUCHED}, 3);
    read.likelihood_6ma = likelihoods;
    paint("base_6ma", (struct gn_channel_read){.read = &read}, row);
    expect_pixels(row, (const uint8_t[]){0, 0, 127, 253, 254, UNTOUCHED}, 6);
}

static void reference_rows(void **state)
{
    (void)state;
    static const struct {
        const char *channel;
        uint8_t values[WIDTH]; /* for ACGTNGGGCCAA */
    } cases[] = {
        {"read_base", {250, 30, 180, 100, 0, 180, 180, 180, 30, 30, 250, 250}},
        {"is_homopolymer", {0, 0, 0, 0, 0, 254, 254, 254, 0, 0, 0, 0}},
        {"homopolymer_weighted", {8, 8, 8, 8, 8, 25, 25, 25, 16, 16, 16, 16}},
    };
    static const struct {
        const char *channel;
        int value;
    } constant[] = {{"base_quality", 254},
                    {"mapping_quality", 254},
                    {"strand", 70},
                    {"read_supports_variant", 152},
                    {"base_differs_from_ref", 50},
                    {"haplotype", 0},
                    {"allele_frequency", 0},
                    {"base_methylation", 0},
                    {"base_6ma", 0},
                    {"read_mapping_percent", 254},
                    {"avg_base_quality", 254},
                    {"identity", 254},
                    {"gap_compressed_identity", 254},
                    {"gc_content", 147}, /* 7 of 12: 58 % */
                    {"blank", 0},
                    {"insert_size", 254},
                    {"mean_coverage", 255}};
    uint8_t row[WIDTH];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        gn_channel_find_name(cases[i].channel)->paint_reference("ACGTNGGGCCAA", WIDTH, row, 1);
        expect_pixels(row, cases[i].values, WIDTH);
    }
    for (size_t i = 0; i < sizeof constant / sizeof *constant; i++) {
        gn_channel_find_name(constant[i].channel)->paint_reference("ACGTNGGGCCAA", WIDTH, row, 1);
        for (int k = 0; k < WIDTH; k++)
            assert_int_equal(row[k], constant[i].value);
    }
}

static void channel_lists(void **state)
{
    (void)state;
    gn_error_t err = {0};
    int ids[8];
    assert_int_equal(gn_channel_list_parse("BASE_CHANNELS,insert_size", ids, 8, &err), 7);
    for (int i = 0; i < 6; i++)
        assert_int_equal(ids[i], i + 1);
    assert_int_equal(ids[6], 19);
    assert_int_equal(gn_channel_list_parse("haplotype strand, blank", ids, 8, &err), 3);
    assert_int_equal(ids[0], 7);
    assert_int_equal(ids[1], 4);
    assert_int_equal(ids[2], 18);
    assert_int_equal(gn_channel_list_parse("BASE_CHANNELS,insert_sise", ids, 8, &err), GN_E_USAGE);
    assert_non_null(strstr(err.message, "insert_sise"));
    static const char *const wrong[] = {
        "", " , ", "base", "read_base_", "19", "BASE_CHANNELS,strand,blank,haplotype"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(gn_channel_list_parse(wrong[i], ids, 8, &err), GN_E_USAGE);
    assert_null(gn_channel_find(0));
    assert_null(gn_channel_find(GN_CHANNEL_MAX + 1));
}

/* Pixels in painting order as column, letter, base of the read. */
static void expect_columns(const struct gn_read *read, const char *expected)
{
    struct gn_pixel pixels[MAX_PIXELS];
    char text[256] = "";
    int n = gn_read_pixels(read, &WINDOW, pixels);
    assert_true(gn_read_is_drawable(read, &WINDOW));
    for (int i = 0; i < n; i++)
        sprintf(text + strlen(text), "%s%d%c%d", i == 0 ? "" : " ", pixels[i].column,
                pixels[i].base, pixels[i].read_index);
    assert_string_equal(text, expected);
}

static void columns_of_indels_clips_and_skips(void **state)
{
    static const struct {
        int offset;
        const char *cigar, *bases, *expected;
    } cases[] = {
        {2, "2M2I2M", "ACGTCA", "2A0 3C1 3*2 4C4 5A5"},
        {2, "2M2D2M", "ACGT", "2A0 3C1 3*1 6G2 7T3"},
        {2, "2S2M2S", "ACGTCA", "2G2 3T3"},
        {2, "2M2N2M", "ACGT", "2A0 3C1 6G2 7T3"},
        {2, "3H1M1P1M2H", "AC", "2A0 3C1"},
        {2, "1I2M", "ACG", "1*0 2C1 3G2"},
        {2, "2D2M", "AC", "4A0 5C1"},        /* nothing before the deletion */
        {2, "1S2D2M", "ACG", "1*0 4C1 5G2"}, /* a clipped base is enough */
        {2, "2M1D1I1M", "ACGT", "2A0 3C1 3*1 4*2 5T3"},
        {-3, "5M", "ACGTA", "0T3 1A4"},
        {-1, "1M1I1M", "ACG", "0G2"},
        {10, "5M", "ACGTA", "10A0 11C1"},
        {11, "1M2D1M", "AC", "11A0 11*0"},
        {12, "1I2M", "ACG", "11*0"},
        {20, "3M", "ACG", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct gn_read read =
            hand_read(*state, START0 + cases[i].offset, cases[i].cigar, cases[i].bases);
        expect_columns(&read, cases[i].expected);
    }
}

static void an_insertion_before_the_contig_is_not_drawn(void **state)
{
    struct gn_read read = hand_read(*state, 0, "1I2M", "ACG");
    struct gn_pixel_window window = {0, WIDTH, 5, 10};
    struct gn_pixel pixels[WIDTH + 4];
    assert_int_equal(gn_read_pixels(&read, &window, pixels), 2);
    assert_int_equal(pixels[0].column, 0);
    assert_int_equal(pixels[0].read_index, 1);
}

static void a_low_quality_base_at_the_variant_hides_the_read(void **state)
{
    static const struct {
        const char *cigar;
        int low; /* base of the read with quality 9 */
        bool is_hidden;
    } cases[] = {
        {"8M", 3, true},      {"8M", 2, false},   {"8M", 4, false},
        {"4M4I", 4, true}, /* the first inserted base counts */
        {"4M4I", 5, false},   {"4M4I", 3, true},  {"4M2D4M", 3, true},
        {"4M2D4M", 4, false}, {"4M4S", 4, false}, /* clips are not drawn */
        {"2M3N6M", 1, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct gn_read read = hand_read(*state, VARIANT0 - 3, cases[i].cigar, "ACGTACGT");
        hand_set_quality(&read, cases[i].low, 10);
        assert_true(gn_read_is_drawable(&read, &WINDOW));
        hand_set_quality(&read, cases[i].low, 9);
        assert_int_equal(gn_read_is_drawable(&read, &WINDOW), !cases[i].is_hidden);
    }
}

static void expect_trimmed(gn_arena_t *arena, int64_t pos0, const char *cigar, int64_t new_pos0,
                           const char *new_cigar, int first, int n, int64_t covered)
{
    char letters[64] = "", text[256];
    for (int i = 0; i < 60; i++)
        letters[i] = "ACGT"[(i * i / 3 + i) % 4];
    struct gn_read read = hand_read(arena, pos0, cigar, letters), trimmed;
    read.length = (int)bam_cigar2qlen(read.n_cigar, read.cigar);
    read.likelihood_6ma = read.qualities;
    gn_error_t err = {0};
    assert_int_equal(gn_trim_read(&read, 1010, 1030, &trimmed, arena, &err), covered);
    assert_string_equal(hand_cigar_text(&trimmed, text), new_cigar);
    assert_int_equal(trimmed.pos0, new_pos0);
    assert_int_equal(trimmed.end0, new_pos0 + covered);
    assert_int_equal(trimmed.length, n);
    assert_ptr_equal(trimmed.bases, read.bases + first);
    assert_ptr_equal(trimmed.qualities, read.qualities + first);
    assert_ptr_equal(trimmed.likelihood_6ma, read.likelihood_6ma + first);
    assert_null(trimmed.likelihood_5mc);
}

static void trimming_to_1010_1030(void **state)
{
    gn_arena_t *arena = *state;
    expect_trimmed(arena, 1012, "2S15M1I", 1012, "2S15M1I", 0, 18, 15); /* inside: as it is */
    expect_trimmed(arena, 1000, "40M", 1010, "20M", 10, 20, 20);
    /* what lies before the window goes, and with it insertions and clips */
    expect_trimmed(arena, 1000, "5M2I30M", 1010, "20M", 12, 20, 20);
    expect_trimmed(arena, 1005, "2I20M", 1010, "15M", 7, 15, 15);
    expect_trimmed(arena, 1005, "4H3S20M", 1010, "15M", 8, 15, 15);
    expect_trimmed(arena, 1000, "10M2I15M", 1010, "2I15M", 10, 17, 15); /* at the edge: kept */
    expect_trimmed(arena, 1010, "2I20M", 1010, "2I20M", 0, 22, 20);
    /* the same far from the read's start */
    expect_trimmed(arena, 970, "30M5M2I30M", 1010, "20M", 42, 20, 20);
    expect_trimmed(arena, 980, "25M2I20M", 1010, "15M", 32, 15, 15);
    expect_trimmed(arena, 985, "25M2I15M", 1010, "2I15M", 25, 17, 15);
    expect_trimmed(arena, 985, "20M5I5M1S2I15M", 1010, "1S2I15M", 30, 18, 15);
    expect_trimmed(arena, 980, "10M40D10M", 1010, "20D0M", 10, 0, 20);
    expect_trimmed(arena, 950, "20M20N10M3D40M", 1010, "20M", 37, 20, 20);
    expect_trimmed(arena, 960, "35M20D5M2S", 1010, "5D5M2S", 35, 7, 10);
    /* deletions and skips are cut like matches */
    expect_trimmed(arena, 1000, "5M10D20M", 1010, "5D15M", 5, 15, 20);
    expect_trimmed(arena, 1000, "5M10N20M", 1010, "5N15M", 5, 15, 20);
    expect_trimmed(arena, 1015, "10M9D3M", 1015, "10M5D", 0, 10, 15);
    /* an operation that starts at the window's end is cut to nothing and stays */
    expect_trimmed(arena, 1010, "20M5D5M", 1010, "20M0D", 0, 20, 20);
    expect_trimmed(arena, 1010, "20=1X5=", 1010, "20=0X", 0, 20, 20);
    /* insertions and clips there are kept whole */
    expect_trimmed(arena, 1010, "20M3I10M", 1010, "20M3I0M", 0, 23, 20);
    expect_trimmed(arena, 1000, "30M4S", 1010, "20M4S", 10, 24, 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(bases, setup, teardown),
        cmocka_unit_test_setup_teardown(base_qualities, setup, teardown),
        cmocka_unit_test_setup_teardown(base_quality_of_indels, setup, teardown),
        cmocka_unit_test_setup_teardown(differences, setup, teardown),
        cmocka_unit_test_setup_teardown(whole_read_values, setup, teardown),
        cmocka_unit_test_setup_teardown(insert_sizes, setup, teardown),
        cmocka_unit_test_setup_teardown(support_colors, setup, teardown),
        cmocka_unit_test_setup_teardown(allele_frequencies, setup, teardown),
        cmocka_unit_test_setup_teardown(identities, setup, teardown),
        cmocka_unit_test_setup_teardown(average_quality, setup, teardown),
        cmocka_unit_test_setup_teardown(composition, setup, teardown),
        cmocka_unit_test_setup_teardown(modifications, setup, teardown),
        cmocka_unit_test_setup_teardown(reference_rows, setup, teardown),
        cmocka_unit_test_setup_teardown(channel_lists, setup, teardown),
        cmocka_unit_test_setup_teardown(columns_of_indels_clips_and_skips, setup, teardown),
        cmocka_unit_test_setup_teardown(an_insertion_before_the_contig_is_not_drawn, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_low_quality_base_at_the_variant_hides_the_read, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(trimming_to_1010_1030, setup, teardown),
    };
    return cmocka_run_group_tests_name("pileup", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT
 *
 * frozen_images.c - pixel values as src/pileup draws them, over reads that never were.
 */
#include "cnn/frozen_images.h"

#include <stdbool.h>
#include <string.h>

#include "base/random.h"

enum {
    REFERENCE_ROWS = 5,
    BASES = 4,
    CHANNELS = 7,
    FULL = 254,
    UNSUPPORTING = 152,
    EQUAL = 50,
    FORWARD = 70,
    REVERSE = 240,
    SHORTEST_READ = 100,
    READ_LENGTHS = 51,
    QUALITY_RUN = 8,     /* bases of one quality */
    QUALITIES = 60,      /* that a good base's pixel lies below FULL at most */
    ONE_POOR_IN = 16,    /* runs of bases of any quality; reads mapped with any quality */
    ONE_ERROR_IN = 200,  /* bases */
    LEAST_FRAGMENT = 60, /* as a pixel */
    FRAGMENTS = 90,
};

/* Channels in the order of DeepVariant's base channels. */
enum {
    READ_BASE,
    BASE_QUALITY,
    MAPPING_QUALITY,
    STRAND,
    READ_SUPPORTS_VARIANT,
    BASE_DIFFERS,
    OF_THE_FRAGMENT /* and all that follow */
};

static const uint8_t BASE_PIXELS[BASES] = {250, 180, 100, 30};

struct picture {
    struct gn_mt64 *random;
    int width, channels, rows;
    uint32_t number; /* which reference sequence */
};

static int below(const struct picture *picture, int n)
{
    return (int)gn_mt64_below(picture->random, (uint64_t)n);
}

/* The reference's base at a column: a sequence without short periods. */
static int reference_base(const struct picture *picture, int x)
{
    const uint32_t mix = 0x9e3779b1U;
    enum { HALF_BITS = 15, TOP_BITS = 30 };
    uint32_t key = ((uint32_t)x + 1) * mix ^ (picture->number + 1) * mix >> 1;
    key = (key ^ key >> HALF_BITS) * mix;
    return (int)(key >> TOP_BITS);
}

static void set_pixels(const struct picture *picture, const uint8_t pixels[CHANNELS], uint8_t *to)
{
    for (int c = 0; c < picture->channels; c++)
        to[c] = pixels[c < CHANNELS ? c : OF_THE_FRAGMENT];
}

static void draw_reference_row(const struct picture *picture, uint8_t *row)
{
    uint8_t pixels[CHANNELS] = {[BASE_QUALITY] = FULL,  [MAPPING_QUALITY] = FULL,
                                [STRAND] = FORWARD,     [READ_SUPPORTS_VARIANT] = UNSUPPORTING,
                                [BASE_DIFFERS] = EQUAL, [OF_THE_FRAGMENT] = FULL};
    for (int x = 0; x < picture->width; x++) {
        pixels[READ_BASE] = BASE_PIXELS[reference_base(picture, x)];
        set_pixels(picture, pixels, row + x * picture->channels);
    }
}

/* All reads cover the middle column; they start further right from row to row. */
static void draw_read_row(const struct picture *picture, int y, bool has_variant, uint8_t *row)
{
    const int middle = picture->width / 2, length = SHORTEST_READ + below(picture, READ_LENGTHS);
    const int start = middle - (length - 1) +
                      (length - 1) * (y - REFERENCE_ROWS) / (picture->rows - REFERENCE_ROWS);
    const bool is_poor = below(picture, ONE_POOR_IN) == 0;
    uint8_t pixels[CHANNELS] = {
        [BASE_QUALITY] = FULL,
        [MAPPING_QUALITY] = (uint8_t)(is_poor ? below(picture, FULL) : FULL),
        [STRAND] = below(picture, 2) == 0 ? FORWARD : REVERSE,
        [READ_SUPPORTS_VARIANT] = has_variant ? FULL : UNSUPPORTING,
        [OF_THE_FRAGMENT] = (uint8_t)(LEAST_FRAGMENT + below(picture, FRAGMENTS)),
    };
    for (int x = start < 0 ? 0 : start; x < start + length && x < picture->width; x++) {
        bool differs = x == middle ? has_variant : below(picture, ONE_ERROR_IN) == 0;
        int shift = x == middle || !differs ? 1 : 1 + below(picture, BASES - 1);
        if (x % QUALITY_RUN == 0)
            pixels[BASE_QUALITY] =
                (uint8_t)(below(picture, ONE_POOR_IN) == 0 ? below(picture, FULL)
                                                           : FULL - below(picture, QUALITIES));
        pixels[READ_BASE] =
            BASE_PIXELS[(reference_base(picture, x) + (differs ? shift : 0)) % BASES];
        pixels[BASE_DIFFERS] = differs ? FULL : EQUAL;
        set_pixels(picture, pixels, row + x * picture->channels);
    }
}

void gn_frozen_images(size_t n, int height, int width, int channels, uint8_t *images)
{
    enum { SEED = 20, COPIES = 3 };
    struct gn_mt64 random;
    const size_t row_size = (size_t)width * (size_t)channels;
    gn_mt64_seed(&random, SEED);
    memset(images, 0, n * (size_t)height * row_size);
    for (size_t i = 0; i < n; i++) {
        const int rows = n < 2 ? height : (int)(i * (size_t)height / (n - 1));
        const struct picture picture = {&random, width, channels, rows, (uint32_t)i};
        const int copies = (int)(i % COPIES);
        uint8_t *image = images + i * (size_t)height * row_size;
        for (int y = 0; y < rows; y++)
            if (y < REFERENCE_ROWS)
                draw_reference_row(&picture, image + (size_t)y * row_size);
            else
                draw_read_row(&picture, y, below(&picture, 2) < copies,
                              image + (size_t)y * row_size);
    }
}

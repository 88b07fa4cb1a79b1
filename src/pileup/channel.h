/* SPDX-License-Identifier: MIT
 *
 * channel.h - the channels of a pileup image (spec 40 section 4).
 *
 * A channel fills one byte of every pixel. What all channels share, the columns that a read paints, is worked out once
 * per read (struct gn_pixel); each channel then writes its bytes with a stride. One small file per family:
 * channel_bases.c, channel_reads.c, channel_alleles.c, channel_composition.c, channel_modifications.c. To add a channel: its
 * function in the file of its family, its row in channel_table.c, its cases in tests/unit/test_pileup.c.
 */
#ifndef GN_PILEUP_CHANNEL_H
#define GN_PILEUP_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "reads/read.h"

/// Numbers of DeepVariantChannelEnum (spec 81.4).
enum gn_channel_id {
    GN_CHANNEL_READ_BASE = 1,
    GN_CHANNEL_BASE_QUALITY = 2,
    GN_CHANNEL_MAPPING_QUALITY = 3,
    GN_CHANNEL_STRAND = 4,
    GN_CHANNEL_READ_SUPPORTS_VARIANT = 5,
    GN_CHANNEL_BASE_DIFFERS_FROM_REF = 6,
    GN_CHANNEL_HAPLOTYPE = 7,
    GN_CHANNEL_ALLELE_FREQUENCY = 8,
    GN_CHANNEL_DIFF_CHANNELS_ALT_1 =
        9, /* 9, 10, 20 and 21: one channel of an alt-aligned picture */
    GN_CHANNEL_DIFF_CHANNELS_ALT_2 = 10,
    GN_CHANNEL_READ_MAPPING_PERCENT = 11,
    GN_CHANNEL_AVG_BASE_QUALITY = 12,
    GN_CHANNEL_IDENTITY = 13,
    GN_CHANNEL_GAP_COMPRESSED_IDENTITY = 14,
    GN_CHANNEL_GC_CONTENT = 15,
    GN_CHANNEL_IS_HOMOPOLYMER = 16,
    GN_CHANNEL_HOMOPOLYMER_WEIGHTED = 17,
    GN_CHANNEL_BLANK = 18,
    GN_CHANNEL_INSERT_SIZE = 19,
    GN_CHANNEL_BASE_CHANNELS_ALT_1 = 20,
    GN_CHANNEL_BASE_CHANNELS_ALT_2 = 21,
    GN_CHANNEL_MEAN_COVERAGE = 22,
    GN_CHANNEL_BASE_METHYLATION = 23,
    GN_CHANNEL_BASE_6MA = 24,
    GN_CHANNEL_MAX = 24,
};

enum { GN_PIXEL_MAX = 254, GN_HOMOPOLYMER_MIN = 3, GN_HOMOPOLYMER_MAX = 30 };

/// One painted column of a read.
struct gn_pixel {
    int column;     /* of the image */
    int read_index; /* base of the read whose quality counts */
    char base;      /* letter drawn; '*' for the anchor of an indel */
};

/// What a channel may look at for one read.
struct gn_channel_read {
    const struct gn_read *read;    /* trimmed to the image's window */
    const struct gn_pixel *pixels; /* in painting order: later ones overwrite earlier ones */
    int n_pixels;
    const char *ref;       /* reference bases of the image's columns */
    int supports;          /* 1: an alt of this image, 2: another alt of the record, 0: neither */
    float other_alt_alpha; /* brightness of 2: 0.6 or 0.3 */
    float alt_frequency;   /* population frequency of the supported alt of this image, or 0 */
    bool swaps_haplotypes; /* haplotypes 1 and 2 change their colours */
};

/// Writes one byte per pixel: row[column * stride].
typedef void gn_channel_paint_read(const struct gn_channel_read *read, uint8_t *row, int stride);

/// Writes one byte for each of the `width` columns of a reference row.
typedef void gn_channel_paint_reference(const char *ref, int width, uint8_t *row, int stride);

struct gn_channel {
    enum gn_channel_id id;
    const char *name;                  /* as in --channel-list */
    gn_channel_paint_read *paint_read; /* both NULL: not drawn row by row (alt-aligned channels) */
    gn_channel_paint_reference *paint_reference;
};

/// The channel of a number or a name, NULL when unknown. Static storage.
const struct gn_channel *gn_channel_find(int id);
const struct gn_channel *gn_channel_find_name(const char *name);

/// Parses "BASE_CHANNELS,insert_size" (commas or spaces; the macro stands for channels 1-6) into numbers.
/** @return the number of channels, or GN_E_USAGE naming the unknown one */
int gn_channel_list_parse(const char *list, int *ids, int max, gn_error_t *err);

/// trunc(254 * min(value, max) / max) in single precision.
uint8_t gn_scale_pixel(int value, int max);

/// Writes the same byte to all pixels of a read.
void gn_paint_constant(const struct gn_channel_read *read, uint8_t value, uint8_t *row, int stride);

gn_channel_paint_read gn_paint_read_base, gn_paint_base_quality, gn_paint_base_differs;
gn_channel_paint_read gn_paint_mapping_quality, gn_paint_strand, gn_paint_insert_size,
    gn_paint_haplotype, gn_paint_mapping_percent, gn_paint_average_quality,
    gn_paint_gap_compressed_identity;
gn_channel_paint_read gn_paint_supports_variant, gn_paint_allele_frequency;
gn_channel_paint_read gn_paint_gc_content, gn_paint_is_homopolymer, gn_paint_homopolymer_weighted;
gn_channel_paint_read gn_paint_base_methylation, gn_paint_base_6ma;
gn_channel_paint_reference gn_paint_reference_base, gn_paint_reference_gc_content,
    gn_paint_reference_is_homopolymer, gn_paint_reference_homopolymer_weighted;

#endif

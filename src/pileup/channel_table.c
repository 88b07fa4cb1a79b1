/* SPDX-License-Identifier: MIT
 *
 * channel_table.c - the list of channels: number, name, how reads and how the reference are painted.
 */
#include <stdio.h>
#include <string.h>

#include "pileup/channel.h"

static void paint_reference_constant(int width, uint8_t value, uint8_t *row, int stride)
{
    for (int i = 0; i < width; i++)
        row[i * stride] = value;
}

static void reference_full(const char *ref, int width, uint8_t *row, int stride)
{
    (void)ref;
    paint_reference_constant(width, GN_PIXEL_MAX, row, stride);
}

static void reference_empty(const char *ref, int width, uint8_t *row, int stride)
{
    (void)ref;
    paint_reference_constant(width, 0, row, stride);
}

static void reference_forward(const char *ref, int width, uint8_t *row, int stride)
{
    (void)ref;
    paint_reference_constant(width, 70, row, stride);
}

static void reference_unsupporting(const char *ref, int width, uint8_t *row, int stride)
{
    (void)ref;
    paint_reference_constant(width, 152, row, stride);
}

static void reference_matching(const char *ref, int width, uint8_t *row, int stride)
{
    (void)ref;
    paint_reference_constant(width, 50, row, stride);
}

/* PARITY(dv-1.9): the mean coverage that reaches the channel is always 0, which lights the five reference rows only. */
static void reference_coverage(const char *ref, int width, uint8_t *row, int stride)
{
    (void)ref;
    paint_reference_constant(width, 255, row, stride);
}

static void read_empty(const struct gn_channel_read *read, uint8_t *row, int stride)
{
    gn_paint_constant(read, 0, row, stride);
}

static const struct gn_channel CHANNELS[] = {
    {GN_CHANNEL_READ_BASE, "read_base", gn_paint_read_base, gn_paint_reference_base},
    {GN_CHANNEL_BASE_QUALITY, "base_quality", gn_paint_base_quality, reference_full},
    {GN_CHANNEL_MAPPING_QUALITY, "mapping_quality", gn_paint_mapping_quality, reference_full},
    {GN_CHANNEL_STRAND, "strand", gn_paint_strand, reference_forward},
    {GN_CHANNEL_READ_SUPPORTS_VARIANT, "read_supports_variant", gn_paint_supports_variant,
     reference_unsupporting},
    {GN_CHANNEL_BASE_DIFFERS_FROM_REF, "base_differs_from_ref", gn_paint_base_differs,
     reference_matching},
    {GN_CHANNEL_HAPLOTYPE, "haplotype", gn_paint_haplotype, reference_empty},
    {GN_CHANNEL_ALLELE_FREQUENCY, "allele_frequency", gn_paint_allele_frequency, reference_empty},
    {GN_CHANNEL_READ_MAPPING_PERCENT, "read_mapping_percent", gn_paint_mapping_percent,
     reference_full},
    {GN_CHANNEL_AVG_BASE_QUALITY, "avg_base_quality", gn_paint_average_quality, reference_full},
    {GN_CHANNEL_IDENTITY, "identity", gn_paint_mapping_percent, reference_full},
    {GN_CHANNEL_GAP_COMPRESSED_IDENTITY, "gap_compressed_identity",
     gn_paint_gap_compressed_identity, reference_full},
    {GN_CHANNEL_GC_CONTENT, "gc_content", gn_paint_gc_content, gn_paint_reference_gc_content},
    {GN_CHANNEL_IS_HOMOPOLYMER, "is_homopolymer", gn_paint_is_homopolymer,
     gn_paint_reference_is_homopolymer},
    {GN_CHANNEL_HOMOPOLYMER_WEIGHTED, "homopolymer_weighted", gn_paint_homopolymer_weighted,
     gn_paint_reference_homopolymer_weighted},
    {GN_CHANNEL_BASE_METHYLATION, "base_methylation", gn_paint_base_methylation, reference_empty},
    {GN_CHANNEL_BASE_6MA, "base_6ma", gn_paint_base_6ma, reference_empty},
    {GN_CHANNEL_BLANK, "blank", read_empty, reference_empty},
    {GN_CHANNEL_INSERT_SIZE, "insert_size", gn_paint_insert_size, reference_full},
    {GN_CHANNEL_MEAN_COVERAGE, "mean_coverage", read_empty, reference_coverage},
    {GN_CHANNEL_DIFF_CHANNELS_ALT_1, "diff_channels_alternate_allele_1", NULL, NULL},
    {GN_CHANNEL_DIFF_CHANNELS_ALT_2, "diff_channels_alternate_allele_2", NULL, NULL},
    {GN_CHANNEL_BASE_CHANNELS_ALT_1, "base_channels_alternate_allele_1", NULL, NULL},
    {GN_CHANNEL_BASE_CHANNELS_ALT_2, "base_channels_alternate_allele_2", NULL, NULL},
};

enum { N_CHANNELS = sizeof CHANNELS / sizeof *CHANNELS };

const struct gn_channel *gn_channel_find(int id)
{
    for (size_t i = 0; i < N_CHANNELS; i++)
        if ((int)CHANNELS[i].id == id)
            return &CHANNELS[i];
    return NULL;
}

const struct gn_channel *gn_channel_find_name(const char *name)
{
    for (size_t i = 0; i < N_CHANNELS; i++)
        if (strcmp(CHANNELS[i].name, name) == 0)
            return &CHANNELS[i];
    return NULL;
}

/* The alt-aligned channels are not proposed: they follow from another option. */
static int fail_unknown(const char *name, gn_error_t *err)
{
    char known[700] = "BASE_CHANNELS";
    for (size_t i = 0; i < N_CHANNELS && CHANNELS[i].paint_read != NULL; i++) {
        size_t used = strlen(known);
        snprintf(known + used, sizeof known - used, " %s", CHANNELS[i].name);
    }
    return gn_fail(err, GN_E_USAGE, "--channel-list: unknown channel '%s'; known are %s", name,
                   known);
}

static int add_channel(int id, int *ids, int n, int max, gn_error_t *err)
{
    if (n >= max)
        return gn_fail(err, GN_E_USAGE, "--channel-list: more than %d channels", max);
    ids[n] = id;
    return n + 1;
}

int gn_channel_list_parse(const char *list, int *ids, int max, gn_error_t *err)
{
    static const char separators[] = ", ";
    int n = 0;
    for (const char *p = list; *(p += strspn(p, separators)) != '\0';) {
        char name[64];
        size_t length = strcspn(p, separators);
        size_t copied = length < sizeof name ? length : sizeof name - 1;
        memcpy(name, p, copied);
        name[copied] = '\0';
        p += length;
        if (strcmp(name, "BASE_CHANNELS") == 0) {
            for (int id = GN_CHANNEL_READ_BASE; id <= GN_CHANNEL_BASE_DIFFERS_FROM_REF && n >= 0;
                 id++)
                n = add_channel(id, ids, n, max, err);
        } else {
            const struct gn_channel *channel = gn_channel_find_name(name);
            if (channel == NULL)
                return fail_unknown(name, err);
            n = add_channel((int)channel->id, ids, n, max, err);
        }
        if (n < 0)
            return n;
    }
    return n > 0 ? n : gn_fail(err, GN_E_USAGE, "--channel-list names no channel");
}

uint8_t gn_scale_pixel(int value, int max)
{
    if (value > max)
        value = max;
    return (uint8_t)((float)GN_PIXEL_MAX * ((float)value / (float)max));
}

void gn_paint_constant(const struct gn_channel_read *read, uint8_t value, uint8_t *row, int stride)
{
    for (int i = 0; i < read->n_pixels; i++)
        row[read->pixels[i].column * stride] = value;
}

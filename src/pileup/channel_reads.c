/* SPDX-License-Identifier: MIT
 *
 * channel_reads.c - channels with one value for the whole read: its mapping, strand, fragment, haplotype, identity.
 */
#include <htslib/sam.h>
#include <stdlib.h>

#include "pileup/channel.h"

enum {
    MAPPING_QUALITY_CAP = 60,
    FORWARD_STRAND = 70,
    REVERSE_STRAND = 240,
    INSERT_SIZE_CAP = 1000,
    AVERAGE_QUALITY_CAP = 93,
    PERCENT = 100,
};

void gn_paint_mapping_quality(const struct gn_channel_read *r, uint8_t *row, int stride)
{
    gn_paint_constant(r, gn_scale_pixel(r->read->mapping_quality, MAPPING_QUALITY_CAP), row,
                      stride);
}

void gn_paint_strand(const struct gn_channel_read *r, uint8_t *row, int stride)
{
    gn_paint_constant(r, r->read->is_reverse ? REVERSE_STRAND : FORWARD_STRAND, row, stride);
}

void gn_paint_insert_size(const struct gn_channel_read *r, uint8_t *row, int stride)
{
    int64_t size = llabs((long long)r->read->fragment_length);
    gn_paint_constant(
        r, gn_scale_pixel(size > INSERT_SIZE_CAP ? INSERT_SIZE_CAP : (int)size, INSERT_SIZE_CAP),
        row, stride);
}

void gn_paint_haplotype(const struct gn_channel_read *r, uint8_t *row, int stride)
{
    int haplotype = r->read->haplotype > 0 ? r->read->haplotype : 0;
    if (r->swaps_haplotypes && (haplotype == 1 || haplotype == 2))
        haplotype = 3 - haplotype;
    gn_paint_constant(r, gn_scale_pixel(haplotype, 2), row, stride);
}

/* Total length of M and = operations: X does not count as matching, M does. */
static int matching_bases(const struct gn_read *read)
{
    int n = 0;
    for (int i = 0; i < read->n_cigar; i++) {
        uint32_t op = read->cigar[i] & 15;
        if (op == BAM_CMATCH || op == BAM_CEQUAL)
            n += (int)(read->cigar[i] >> 4);
    }
    return n;
}

void gn_paint_mapping_percent(const struct gn_channel_read *r, uint8_t *row, int stride)
{
    float share = (float)matching_bases(r->read) / (float)r->read->length;
    gn_paint_constant(r, gn_scale_pixel((int)(share * PERCENT), PERCENT), row, stride);
}

void gn_paint_average_quality(const struct gn_channel_read *r, uint8_t *row, int stride)
{
    int sum = 0;
    for (int i = 0; i < r->read->length; i++)
        sum += r->read->qualities[i];
    gn_paint_constant(r, gn_scale_pixel(sum / r->read->length, AVERAGE_QUALITY_CAP), row, stride);
}

/* An insertion or deletion of any length counts as one difference. A read of skips and clips alone has no identity, and
 * no pixel to show it. */
void gn_paint_gap_compressed_identity(const struct gn_channel_read *r, uint8_t *row, int stride)
{
    int matches = matching_bases(r->read), differences = 0;
    for (int i = 0; i < r->read->n_cigar; i++) {
        uint32_t op = r->read->cigar[i] & 15;
        if (op == BAM_CDIFF)
            differences += (int)(r->read->cigar[i] >> 4);
        else if (op == BAM_CINS || op == BAM_CDEL)
            differences++;
    }
    int compared = matches + differences;
    float share = compared > 0 ? (float)matches / (float)compared : 0.0F;
    gn_paint_constant(r, gn_scale_pixel((int)(share * PERCENT), PERCENT), row, stride);
}

/* SPDX-License-Identifier: MIT
 *
 * pileup.h - from a candidate and the reads around it to images for the network (spec 40).
 *
 * Layout of an image: uint8, row-major [row][column][channel]; 5 reference rows, then one row per read, then zeros.
 */
#ifndef GN_PILEUP_PILEUP_H
#define GN_PILEUP_PILEUP_H

#include "base/random.h"
#include "candidates/candidate.h"
#include "io/fasta.h"
#include "pileup/channel.h"

enum { GN_REFERENCE_ROWS = 5, GN_MAX_CHANNELS = 32 };

/// Settings with DeepVariant's flag names and defaults (gn_pileup_options_default).
struct gn_pileup_options {
    int height, width;             /* 100 rows, 221 columns */
    int channels[GN_MAX_CHANNELS]; /* numbers, in order */
    int n_channels;
    int min_mapping_quality, min_base_quality; /* 5, 10 */
    bool sort_by_haplotypes;                   /* false */
    bool add_supporting_other_alt_color;       /* false */
    bool exclude_het_alt_images;               /* false: pairs of alts get images too */
    int sequencing_type;          /* noted in examples; 0 unspecified, 1 WGS, 2 WES, 3 trio */
    enum gn_shuffle_kind shuffle; /* choice of rows where there are too many reads */
};

struct gn_pileup_options gn_pileup_options_default(void);

/// One image with the alts it is about.
struct gn_pileup_image {
    int alts[2], n_alts; /* 0-based numbers */
    uint8_t *pixels;     /* height * width * n_channels, in the arena */
};

/// Images of one candidate.
struct gn_pileup_images {
    struct gn_pileup_image
        *v; /* in the arena; singles {0}, {1}, ..., then pairs {0,1}, {0,2}, ... */
    int n;  /* 0 when the image would leave the contig */
};

typedef struct gn_pileup gn_pileup_t;

/// Scratch space of one worker, not thread-safe. Options are copied. GN_E_USAGE when a channel is unknown.
GN_MUST_CHECK
gn_pileup_t *gn_pileup_create(const struct gn_pileup_options *options, gn_error_t *err);
void gn_pileup_destroy(gn_pileup_t *pileup);

/// Draws the images of a candidate.
/** @param reads  the partition's reads in their order (those outside the candidate's reach are passed over)
    @param max_key  larger than every read's key */
GN_MUST_CHECK
int gn_pileup_draw(gn_pileup_t *pileup, gn_fasta_t *fasta, int contig,
                   const struct gn_candidate *candidate, const struct gn_read *reads,
                   size_t n_reads, uint32_t max_key, struct gn_pileup_images *out,
                   gn_arena_t *arena, gn_error_t *err);

#endif

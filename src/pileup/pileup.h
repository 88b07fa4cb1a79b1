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
        *v; /* in the arena; singles {0}, {1}, ..., then pairs {0,1}, {0,2}, ...; or the candidate's
               declined sets when it has some */
    int n;  /* 0 when the image would leave the contig */
};

typedef struct gn_pileup gn_pileup_t;

/// Scratch space of one worker, not thread-safe. Options are copied. GN_E_USAGE when a channel is unknown.
GN_MUST_CHECK
gn_pileup_t *gn_pileup_create(const struct gn_pileup_options *options, gn_error_t *err);
void gn_pileup_destroy(gn_pileup_t *pileup);

/// The reads that images may show.
struct gn_pileup_reads {
    const struct gn_read
        *v; /* of the partition, in their order; those out of a candidate's reach are passed over */
    size_t n;
    uint32_t key_limit; /* larger than every read's key */
};

/// Whether images of a record lie within the contig; where they do not, there are none.
bool gn_pileup_fits(const struct gn_pileup_options *options, const struct gn_variant *variant,
                    int64_t contig_length);

/// Draws the images of a candidate.
/** @param fasta   reference handle of this worker; contig is the candidate's number in it
    @param images  in the arena; none when the image would leave the contig
    @return        GN_OK, GN_E_MEMORY or a failure of the reference */
GN_MUST_CHECK
int gn_pileup_draw(gn_pileup_t *pileup, gn_fasta_t *fasta, int contig,
                   const struct gn_candidate *candidate, const struct gn_pileup_reads *reads,
                   struct gn_pileup_images *images, gn_arena_t *arena, gn_error_t *err);

#endif

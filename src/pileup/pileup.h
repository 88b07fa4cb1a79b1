/* SPDX-License-Identifier: MIT
 *
 * pileup.h - from a candidate and the reads around it to images for the network (spec 40).
 *
 * Layout of an image: uint8, row-major [row][column][channel]; 5 reference rows, then one row per read, then zeros.
 * Alt-aligned pictures show the same reads aligned to an alternative haplotype, as further channels or further rows.
 */
#ifndef GN_PILEUP_PILEUP_H
#define GN_PILEUP_PILEUP_H

#include "base/random.h"
#include "candidates/candidate.h"
#include "io/fasta.h"
#include "pileup/channel.h"
#include "realign/realign.h"

enum { GN_REFERENCE_ROWS = 5, GN_MAX_CHANNELS = 32 };

/// What images show of the reads as they lie on the alternative haplotypes (spec 40 section 6).
enum gn_alt_aligned_mode {
    GN_ALT_ALIGNED_NONE = 0,
    GN_ALT_ALIGNED_BASE_CHANNELS, /* two more channels: the first channel of each haplotype's picture */
    GN_ALT_ALIGNED_DIFF_CHANNELS, /* two more channels: the sixth of each */
    GN_ALT_ALIGNED_ROWS,          /* both pictures, below the image */
};

/// Settings with DeepVariant's flag names and defaults (gn_pileup_options_default).
struct gn_pileup_options {
    int height, width;                    /* of one picture: 100 rows, 221 columns */
    int channels[GN_MAX_CHANNELS];        /* numbers, in order; alt-aligned ones last */
    int n_channels;                       /* alt-aligned ones included */
    enum gn_alt_aligned_mode alt_aligned; /* none */
    bool alt_align_all; /* false: records with an indel only (types_to_alt_align) */
    int min_mapping_quality, min_base_quality; /* 5, 10 */
    bool sort_by_haplotypes;                   /* false */
    bool add_supporting_other_alt_color;       /* false */
    bool exclude_het_alt_images;               /* false: pairs of alts get images too */
    int assembly_polishing_tag; /* hp_tag_for_assembly_polishing: haplotype whose rows come first; 0 none */
    int sequencing_type;          /* noted in examples; 0 unspecified, 1 WGS, 2 WES, 3 trio */
    enum gn_shuffle_kind shuffle; /* choice of rows where there are too many reads */
};

struct gn_pileup_options gn_pileup_options_default(void);

/// Rows of an image: three times `height` where pictures stand below each other.
int gn_pileup_image_height(const struct gn_pileup_options *options);

/// Appends the two channels that the alt-aligned mode needs, unless the list ends with them already. GN_E_USAGE when the
/// list is full.
int gn_pileup_add_alt_channels(struct gn_pileup_options *options, gn_error_t *err);

/// Whether a channel is in the list.
bool gn_pileup_has_channel(const struct gn_pileup_options *options, int channel);

/// GN_E_USAGE when a channel is unknown, or the list and the alt-aligned mode do not fit each other.
int gn_pileup_check_channels(const struct gn_pileup_options *options, gn_error_t *err);

/// One image with the alts it is about.
struct gn_pileup_image {
    int alts[2], n_alts; /* 0-based numbers */
    uint8_t *pixels;     /* image height * width * n_channels, in the arena */
};

/// Images of one candidate.
struct gn_pileup_images {
    struct gn_pileup_image
        *v; /* in the arena; singles {0}, {1}, ..., then pairs {0,1}, {0,2}, ...; or the candidate's
               declined sets when it has some */
    int n;  /* 0 when the image would leave the contig */
};

typedef struct gn_pileup gn_pileup_t;

/// Scratch space of one worker, not thread-safe. Options are copied.
/** @param realigner  borrowed, must outlive the drawer; NULL when nothing is alt-aligned
    @return           NULL with GN_E_MEMORY, or GN_E_USAGE as gn_pileup_check_channels() */
GN_MUST_CHECK
gn_pileup_t *gn_pileup_create(const struct gn_pileup_options *options, gn_realigner_t *realigner,
                              gn_error_t *err);
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

/* SPDX-License-Identifier: MIT
 *
 * short_profile.h - what a sequencing run of paired short reads looks like: learned from real
 * reads, kept as a small JSON file, drawn from by the simulator.
 *
 * "Repeats" are runs of a unit of 1 to 4 bases, as repeats.h finds them. Contexts and spectra are
 * in the order of sequencing, so a profile knows no strand of the reference.
 */
#ifndef GN_SIMULATE_SHORT_SHORT_PROFILE_H
#define GN_SIMULATE_SHORT_SHORT_PROFILE_H

#include "simulate/draw.h"

#include "base/error.h"

enum {
    GN_SHORT_LONGEST_READ = 300,
    GN_SHORT_QUALITIES = 64,
    GN_SHORT_MAPQS = 256,
    GN_SHORT_MOST_STRINGS = 2000,
    GN_SHORT_MOST_INSERTS = 2000,
    GN_SHORT_CONTEXTS = 64, /* 16 * base before + 4 * base + base after; A C G T are 0 to 3 */
    GN_SHORT_UNITS = 4,
    GN_SHORT_COPIES = 31, /* of the unit; longer runs are taken for runs of 30 */
    GN_SHORT_CLIP_BINS = 20,
    GN_SHORT_GC_BINS = 20,
    GN_SHORT_PLACE_LEVELS = 5,
};

/// Shares of the reads of one strand that are misread at an error-prone place, by level.
extern const double gn_short_place_levels[GN_SHORT_PLACE_LEVELS];

/// Lengths of fragments: bin i holds those of [i * bin, (i + 1) * bin) bases.
struct gn_short_inserts {
    int bin, n;
    double share[GN_SHORT_MOST_INSERTS], cumulative[GN_SHORT_MOST_INSERTS];
};

/// Mapping qualities and how often each occurs.
struct gn_short_mapqs {
    double share[GN_SHORT_MAPQS], cumulative[GN_SHORT_MAPQS];
};

struct gn_short_profile {
    char *name, *source, *description; /* owned */
    int read_length;
    struct gn_short_inserts inserts;

    int n_strings; /* pairs of quality strings in the order of sequencing, by mean quality */
    uint8_t (*strings)[2][GN_SHORT_LONGEST_READ];  /* owned */
    double mismatch[GN_SHORT_QUALITIES];           /* P(base differs from the molecule | quality) */
    double mismatch_qualities[GN_SHORT_QUALITIES]; /* of misread bases, cumulative; derived */
    double context[2][GN_SHORT_CONTEXTS][4]; /* by read: rate of each misreading over the mean */
    double most_context[2];                  /* largest sum of a context's rates; derived */
    double unknown;                          /* share of N among bases of quality 3 or less */
    double place[GN_SHORT_PLACE_LEVELS];     /* error-prone places per base and strand, by level */

    double insertion[GN_SHORT_UNITS][GN_SHORT_COPIES]; /* P(read of a run shows more of it) */
    double deletion[GN_SHORT_UNITS][GN_SHORT_COPIES];
    double slip_extends;                  /* P(another unit more or less) */
    double free_insertion, free_deletion; /* per base outside repeats */
    double free_extends;                  /* P(another base) */

    double clip_start, clip_end; /* share of reads whose first, last sequenced bases are foreign */
    double clip_length[GN_SHORT_CLIP_BINS]; /* in twentieths of the read; */
    double clip_cumulative[GN_SHORT_CLIP_BINS];
    double foreign;            /* share of reads that come from a relative of the place, */
    double foreign_divergence; /* differing by this share of bases */

    struct gn_short_mapqs clean,
        doubtful; /* where nearly all reads are sure of their place; else */
    double doubtful_share, doubtful_length;    /* of the genome; mean, bases */
    double improper, unmapped_mate, duplicate; /* shares of the pairs that have a read here */

    double gc_depth[GN_SHORT_GC_BINS]; /* relative depth by GC content of the fragment */
    double depth_variation; /* coefficient of variation of the depth of 500 bases beyond chance */
};

/// Reads and checks a profile. GN_E_NO_INPUT when it is not there; GN_E_DATA names file and key.
/** @return a profile to be freed by gn_short_profile_free(), NULL on failure */
GN_MUST_CHECK
struct gn_short_profile *gn_short_profile_read(const char *path, gn_error_t *err);

/// Writes it as JSON, at once and whole.
GN_MUST_CHECK
int gn_short_profile_write(const struct gn_short_profile *profile, const char *path,
                           gn_error_t *err);

/// Fills what is derived: the cumulative shares. For those who fill a profile by hand.
void gn_short_profile_finish(struct gn_short_profile *profile);

/// NULL is fine.
void gn_short_profile_free(struct gn_short_profile *profile);

/// Index drawn by cumulative shares that end in a positive total.
int gn_short_profile_draw(struct gn_mt64 *rng, const double *cumulative, int n);

/// Qualities of both reads of a pair, n bases each, in the order of sequencing: the strings of one
/// real pair, which goes on in a similar pair's string where both have the same quality.
void gn_short_profile_qualities(const struct gn_short_profile *profile, struct gn_mt64 *rng, int n,
                                uint8_t qualities[2][GN_SHORT_LONGEST_READ]);

/// 0 to 3 of A, C, G, T; 0 of other letters.
static inline int gn_base_number(char base)
{
    return base == 'C' ? 1 : base == 'G' ? 2 : base == 'T' ? 3 : 0;
}

#endif

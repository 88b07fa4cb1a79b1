/* SPDX-License-Identifier: MIT
 *
 * long_profile.h - what a sequencing run of long single reads looks like: learned from real reads,
 * kept as a small JSON file, drawn from by the simulator.
 *
 * "Sequenced" means in the order in which the machine read: on the reverse strand that is the
 * complement, backwards. Shares of one table add up to 1; rates are probabilities.
 */
#ifndef GN_SIMULATE_LONG_LONG_PROFILE_H
#define GN_SIMULATE_LONG_LONG_PROFILE_H

#include "simulate/draw.h"
#include "simulate/long/long_context.h"

#include "base/error.h"

enum {
    GN_LONG_PERCENTILES = 101,
    GN_LONG_CLASSES = 4,      /* of reads, by accuracy */
    GN_LONG_MOST_LEVELS = 40, /* of base quality */
    GN_LONG_PREVIOUS = 7,     /* groups of the previous base's quality */
    GN_LONG_TRIPLETS = 64,    /* 16 * base before + 4 * base + base after, as sequenced; A C G T */
    GN_LONG_LENGTH_CLASSES =
        5,                    /* of runs, for the lengths of their indels: 1, 2-3, 4-6, 7-10, 11+ */
    GN_LONG_MOST_LENGTH = 20, /* bases of an indel that is drawn */
    GN_LONG_MOST_UNITS = 6,   /* by which a repeat slips */
    GN_LONG_FACTORS = 31,     /* 15 of one sixteenth each, 16 that share the last one */
    GN_LONG_PLACE_RATES = 8,
    GN_LONG_MOST_MAPQS = 64,
};

/// How the bases around were read when a base got its quality.
enum gn_long_state {
    GN_LONG_PLAIN,
    GN_LONG_ERRED,    /* in or beside a run or repeat with an indel */
    GN_LONG_INSERTED, /* one too many */
    GN_LONG_STATES
};

/// Shares of the levels, cumulated to 65535.
struct gn_long_row {
    uint16_t upto[GN_LONG_MOST_LEVELS];
};

/// The base qualities as a chain.
struct gn_long_qualities {
    int n_levels;
    uint8_t low[GN_LONG_MOST_LEVELS], high[GN_LONG_MOST_LEVELS]; /* of each level, uniform inside */
    uint8_t previous_upto[GN_LONG_PREVIOUS]; /* highest level of each group of previous levels */
    struct gn_long_row plain[GN_LONG_CLASSES][GN_LONG_QUALITY_CONTEXTS][GN_LONG_PREVIOUS];
    struct gn_long_row erred[GN_LONG_QUALITY_CONTEXTS][GN_LONG_PREVIOUS];
    struct gn_long_row inserted[GN_LONG_QUALITY_CONTEXTS][GN_LONG_PREVIOUS];
    double mismatch[GN_LONG_MOST_LEVELS]; /* P(wrong base | level), outside of bad places */
    struct gn_long_row wrong;             /* levels of wrong bases: drawn at bad places */
};

/// Insertions, or deletions.
struct gn_long_indels {
    double run[2][GN_LONG_LONGEST_RUN + 1]; /* per run of A or T, C or G, by its length */
    double by_base[4];                      /* factor by the sequenced base */
    double length[GN_LONG_LENGTH_CLASSES][GN_LONG_MOST_LENGTH]; /* shares of 1, 2... bases */
    double repeat[GN_LONG_LONGEST_UNIT + 1]
                 [GN_LONG_MOST_COPIES + 1]; /* per repeat, by unit, copies */
    double units[GN_LONG_MOST_UNITS];       /* shares of 1, 2... units */
    /* Places differ: factors with mean 1, ascending, of runs up to 3 bases and of longer ones; drawn
     * for the place, and again for each strand of it. */
    double short_run_factor[GN_LONG_FACTORS], long_run_factor[GN_LONG_FACTORS];
    double short_strand_factor[GN_LONG_FACTORS], long_strand_factor[GN_LONG_FACTORS];
};

/// A class of reads: errors are this many times the mean.
struct gn_long_class {
    double share, substitution, insertion, deletion;
};

struct gn_long_profile {
    char *name, *platform, *source, *description; /* owned; platform as SAM's PL */
    double read_length[GN_LONG_PERCENTILES];      /* bases; percentiles 0 to 100 */
    struct gn_long_class classes[GN_LONG_CLASSES];
    struct gn_long_qualities qualities;
    double spectrum[GN_LONG_TRIPLETS]
                   [4]; /* rate of each misreading over the mean of all triplets */
    struct gn_long_indels insertion, deletion;
    double stray_insertion; /* per base: inserted bases that do not lengthen a run */
    double stray_length[GN_LONG_MOST_LENGTH];
    double bad_places; /* share of places (base and strand) that are misread into one base; */
    double bad_place_rates[GN_LONG_PLACE_RATES]; /* equally likely shares of the reads there */
    double bad_place_cpg;                        /* how many times more often at a CpG */
    double clip_share;                           /* of the ends of reads */
    double clip_length[GN_LONG_PERCENTILES];
    int n_mapqs;
    uint8_t mapqs[GN_LONG_MOST_MAPQS];
    double mapq_share[GN_LONG_MOST_MAPQS];
};

/// Whether the file is a profile of long reads ("kind": "long"); false also when it cannot be read.
bool gn_long_profile_is(const char *path);

/// Reads and checks a profile. GN_E_NO_INPUT when it is not there; GN_E_DATA names file and key.
/** @return a profile to be freed by gn_long_profile_free(), NULL on failure. Read-only it may be
    shared between threads. */
GN_MUST_CHECK
struct gn_long_profile *gn_long_profile_load(const char *path, gn_error_t *err);

/// Writes a profile, one key a line; the file appears when it is complete.
GN_MUST_CHECK
int gn_long_profile_save(const struct gn_long_profile *profile, const char *path, gn_error_t *err);

void gn_long_profile_free(struct gn_long_profile *profile);

/// Class of a run's length for the lengths of its indels, below GN_LONG_LENGTH_CLASSES.
int gn_long_length_class(int run);

/// The factor that a hash of the place draws.
static inline double gn_long_factor(const double factors[GN_LONG_FACTORS], uint64_t hash)
{
    int common = (int)(hash >> 60);
    return factors[common < 15 ? common : 15 + (int)(hash >> 56 & 15)];
}

/// 0 for A or T, 1 for C or G.
static inline int gn_long_run_kind(char base)
{
    return base == 'C' || base == 'G';
}

#endif

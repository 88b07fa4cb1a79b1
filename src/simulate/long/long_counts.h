/* SPDX-License-Identifier: MIT
 *
 * long_counts.h - what real long reads showed, counted, and the profile that fits the counts.
 */
#ifndef GN_SIMULATE_LONG_LONG_COUNTS_H
#define GN_SIMULATE_LONG_LONG_COUNTS_H

#include "simulate/long/long_walk.h"

/// Insertions, or deletions.
struct gn_long_indel_counts {
    uint64_t run[2][GN_LONG_LONGEST_RUN + 1];
    uint64_t by_base[4];
    uint64_t length[GN_LONG_LENGTH_CLASSES][GN_LONG_MOST_LENGTH];
    uint64_t repeat[GN_LONG_LONGEST_UNIT + 1][GN_LONG_MOST_COPIES + 1];
    uint64_t units[GN_LONG_MOST_UNITS];
};

/// Chances for such an indel: a run or repeat that a read covers.
struct gn_long_chances {
    uint64_t run[2][GN_LONG_LONGEST_RUN + 1];
    uint64_t run_by_base[2][GN_LONG_LONGEST_RUN + 1][4];
    uint64_t repeat[GN_LONG_LONGEST_UNIT + 1][GN_LONG_MOST_COPIES + 1];
};

/// One reference base.
struct gn_long_place {
    uint16_t n_runs[2], deletions[2], insertions[2]; /* per strand, of the run that starts here */
    uint16_t n[2], other[2][4]; /* per strand of the read: aligned bases, wrong ones by base */
    uint8_t run;                /* its length when one starts here, else 0 */
    uint8_t kind;               /* gn_long_run_kind() */
    bool is_cpg;
};

/// Per class of reads.
struct gn_long_class_counts {
    uint64_t reads, bases, mismatches, insertions, deletions;
    uint64_t levels[GN_LONG_MOST_LEVELS]; /* of aligned bases */
};

struct gn_long_counts {
    struct gn_long_qualities
        levels; /* n_levels, low, high and previous_upto are set at the start */
    uint8_t level_of[256], group_of[GN_LONG_MOST_LEVELS];
    uint32_t plain[GN_LONG_CLASSES][GN_LONG_QUALITY_CONTEXTS][GN_LONG_PREVIOUS]
                  [GN_LONG_MOST_LEVELS];
    uint32_t other[2][GN_LONG_QUALITY_CONTEXTS][GN_LONG_PREVIOUS][GN_LONG_MOST_LEVELS]; /* erred,
                                                                                       inserted */
    uint64_t level[GN_LONG_MOST_LEVELS][2]; /* aligned bases: all, wrong */
    uint64_t triplet[GN_LONG_TRIPLETS], misread[GN_LONG_TRIPLETS][4];
    struct gn_long_indel_counts insertion, deletion;
    struct gn_long_chances chances;
    uint64_t bases, stray, stray_length[GN_LONG_MOST_LENGTH];
    struct gn_long_class_counts classes[GN_LONG_CLASSES];
    struct gn_long_place *places; /* borrowed; of n_places bases, those of the contigs in a row */
    int64_t n_places;
};

/// Chooses levels and groups of base qualities from how often each of them occurs.
void gn_long_counts_levels(struct gn_long_counts *counts, const uint64_t histogram[256]);

/// Counts one read of a class. `place0` is the index in counts->places of its first aligned
/// reference base, which may lie outside of [0, n_places).
void gn_long_counts_add(struct gn_long_counts *counts, const struct gn_long_walk *walk,
                        int read_class, int64_t place0);

/// Fills all of the profile that follows from the counts: classes, qualities, spectrum, indels,
/// stray insertions and bad places.
void gn_long_counts_fit(const struct gn_long_counts *counts, struct gn_long_profile *profile);

#endif

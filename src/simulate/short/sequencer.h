/* SPDX-License-Identifier: MIT
 *
 * sequencer.h - reads one end of a fragment: bases with the machine's errors and the true place of
 * each base.
 *
 * Knows haplotypes and a profile's error processes; knows nothing of pairs, mapping or files.
 */
#ifndef GN_SIMULATE_SHORT_SEQUENCER_H
#define GN_SIMULATE_SHORT_SEQUENCER_H

#include "simulate/genome/chromosome.h"
#include "simulate/short/short_profile.h"

struct gn_sequencer {
    const struct gn_short_profile *profile; /* borrowed */
    double scale;                           /* of all error probabilities; 1 as in the profile */
    double place_scale;                     /* of the number of error-prone places */
    uint64_t place_salt;                    /* seed of error-prone places */
};

/// Bases that replace an end of a read, in the order of sequencing.
struct gn_foreign_end {
    char bases[GN_SHORT_LONGEST_READ];
    int n; /* 0: none */
};

/// One end to read. Everything is in reference orientation unless it says otherwise.
struct gn_sequencing_task {
    const struct gn_haplotype *hap;
    int64_t own0; /* own position of the leftmost base; [own0, own0 + length + 64) must exist */
    int length;   /* bases to read, <= GN_SHORT_LONGEST_READ */
    bool is_reverse, is_second;
    const uint8_t *qualities;                /* in the order of sequencing */
    const struct gn_foreign_end *foreign[2]; /* at the start and the end of sequencing; NULL none */
    double divergence; /* share of bases that differ because the molecule came from elsewhere */
    int contig;        /* for the error-prone places */
};

struct gn_sequenced {
    int n;
    char bases[GN_SHORT_LONGEST_READ];
    uint8_t qualities[GN_SHORT_LONGEST_READ];
    int64_t positions[GN_SHORT_LONGEST_READ]; /* reference position, -1 inserted */
};

void gn_sequence(const struct gn_sequencer *sequencer, struct gn_mt64 *rng,
                 const struct gn_sequencing_task *task, struct gn_sequenced *out);

#endif

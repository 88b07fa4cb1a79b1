/* SPDX-License-Identifier: MIT
 *
 * sequencer.h - reads one end of a fragment: bases with the machine's errors, qualities, and the
 * true place of each base.
 *
 * Knows haplotypes and error processes; knows nothing of pairs, mapping or files.
 */
#ifndef GN_SIMULATE_SEQUENCER_H
#define GN_SIMULATE_SEQUENCER_H

#include "simulate/chromosome.h"
#include "simulate/quality.h"

enum { GN_SEQUENCED_MOST = 512 }; /* bases of the longest read */

struct gn_sequencer {
    enum gn_quality_profile profile;
    double scale;        /* of all error probabilities; 1 as in real data */
    double error[64];    /* probability of a wrong base by quality */
    uint64_t place_salt; /* seed of error-prone places */
};

/// One end to read. Everything is in reference orientation.
struct gn_sequencing_task {
    const struct gn_haplotype *hap;
    int64_t own0; /* own position of the leftmost base; [own0, own0 + length + 64) must exist */
    int length;   /* bases to read, <= GN_SEQUENCED_MOST */
    bool is_reverse, is_second;
    const char *
        /* bases that replace an end (adapter, the other part of a chimera), in reading order */
        foreign;
    int n_foreign;      /* 0: none */
    bool foreign_first; /* at the start of reading, not at its end */
    double divergence;  /* share of bases that differ because the molecule came from elsewhere */
    int contig;         /* for the error-prone places */
};

struct gn_sequenced {
    int n;
    char bases[GN_SEQUENCED_MOST];
    uint8_t qualities[GN_SEQUENCED_MOST];
    int64_t positions[GN_SEQUENCED_MOST]; /* reference position, -1 inserted */
};

void gn_sequencer_init(struct gn_sequencer *sequencer, enum gn_quality_profile profile,
                       double scale, uint64_t seed);

void gn_sequence(const struct gn_sequencer *sequencer, struct gn_mt64 *rng,
                 const struct gn_sequencing_task *task, struct gn_sequenced *out);

#endif

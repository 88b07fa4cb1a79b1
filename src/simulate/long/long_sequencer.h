/* SPDX-License-Identifier: MIT
 *
 * long_sequencer.h - reads one long molecule: indels in runs and repeats, base qualities as a
 * chain, wrong bases, and the alignment that follows from where every base came from.
 *
 * Knows the profile and the molecule; knows nothing of depth, mapping and files.
 */
#ifndef GN_SIMULATE_LONG_LONG_SEQUENCER_H
#define GN_SIMULATE_LONG_LONG_SEQUENCER_H

#include "simulate/long/long_alignment.h"
#include "simulate/long/long_profile.h"

struct gn_long_sequencer {
    const struct gn_long_profile *profile; /* borrowed */
    double scale;                          /* of all error rates; 0: no errors */
    double place_scale;                    /* of the number of bad places; 1 as in the profile */
    uint64_t place_salt;                   /* seed of what is peculiar to a place */
    uint8_t group_of_level[GN_LONG_MOST_LEVELS];
    double triplet_total[GN_LONG_TRIPLETS];
};

/// One molecule, in reference orientation; borrowed.
struct gn_long_molecule {
    const char *bases;        /* n of A, C, G, T */
    const int64_t *positions; /* on the reference, -1 for bases that it lacks */
    int64_t n;
    const char *foreign[2]; /* before and after: bases from elsewhere, */
    int64_t n_foreign[2];   /* 0 none */
    int contig;
    bool is_reverse; /* strand that is read */
    int read_class;  /* of the profile */
};

/// A read in reference orientation. Its memory is used again for the next one.
struct gn_long_read {
    char *bases;
    uint8_t *qualities;
    uint8_t *states;  /* enum gn_long_state */
    int64_t *origins; /* index in the molecule; for inserted bases that of the base after them; -1
                         foreign */
    struct gn_long_base *contexts; /* of the molecule */
    size_t n, cap, cap_qualities, cap_states, cap_origins, cap_contexts;
    struct gn_long_alignment alignment; /* not yet normal, without cigar */
};

void gn_long_sequencer_init(struct gn_long_sequencer *sequencer,
                            const struct gn_long_profile *profile, double scale, uint64_t seed);

/// Fills the read. GN_E_MEMORY when it grows beyond 16 Mb.
GN_MUST_CHECK
int gn_long_sequence(const struct gn_long_sequencer *sequencer, struct gn_mt64 *rng,
                     const struct gn_long_molecule *molecule, struct gn_long_read *read,
                     gn_error_t *err);

void gn_long_read_free(struct gn_long_read *read);

#endif

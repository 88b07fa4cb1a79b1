/* SPDX-License-Identifier: MIT
 *
 * reference.h - the reference of a simulation: read from a FASTA file or made up and written to
 * one.
 */
#ifndef GN_SIMULATE_GENOME_REFERENCE_H
#define GN_SIMULATE_GENOME_REFERENCE_H

#include "io/fasta.h"
#include "io/pending_file.h"
#include "simulate/draw.h"
#include "simulate/simulate.h"

struct gn_sim_reference {
    gn_fasta_t *fasta;
    int contig;                  /* whose bases are held, -1 none */
    char *bases;                 /* of that contig */
    struct gn_pending_file made; /* the made FASTA, */
    char *made_index;            /* and where its index lies until commit; NULL: not made here */
};

/// Opens options->reference, or makes PREFIX.fa and PREFIX.fa.fai and opens that. Close it, also
/// after failure.
GN_MUST_CHECK
int gn_sim_reference_open(struct gn_sim_reference *reference,
                          const struct gn_simulate_options *options, struct gn_mt64 *rng,
                          gn_error_t *err);

const struct gn_contigs *gn_sim_reference_contigs(const struct gn_sim_reference *reference);

/// All bases of a contig, upper case; valid until the next call.
GN_MUST_CHECK
const char *gn_sim_reference_bases(struct gn_sim_reference *reference, int contig, gn_error_t *err);

/// Puts a made reference under its name; nothing to do for a given one.
GN_MUST_CHECK
int gn_sim_reference_commit(struct gn_sim_reference *reference, gn_error_t *err);

void gn_sim_reference_close(struct gn_sim_reference *reference);

#endif

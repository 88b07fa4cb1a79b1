/* SPDX-License-Identifier: MIT
 *
 * random_genome.h - a made-up contig with the features that make calling hard: homopolymers,
 * short tandem repeats, low complexity, interspersed repeats and segmental duplications.
 */
#ifndef GN_SIMULATE_GENOME_RANDOM_GENOME_H
#define GN_SIMULATE_GENOME_RANDOM_GENOME_H

#include "base/error.h"
#include "simulate/draw.h"

/// Makes a contig of `length` upper-case bases (A, C, G, T).
/** @return malloc'ed, zero-terminated; NULL with GN_E_MEMORY */
GN_MUST_CHECK
char *gn_random_contig(struct gn_mt64 *rng, int64_t length, gn_error_t *err);

#endif

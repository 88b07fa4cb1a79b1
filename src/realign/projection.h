/* SPDX-License-Identifier: MIT
 *
 * projection.h - from "read on haplotype" and "haplotype on reference" to "read on reference" (spec 30 section 5.5).
 *
 * It works on CIGARs alone, in htslib's encoding.
 */
#ifndef GN_REALIGN_PROJECTION_H
#define GN_REALIGN_PROJECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/// Operations (= X I D S; M counts as =).
struct gn_operations {
    const uint32_t *cigar;
    int n;
};

/// Reusable memory of projections. Start with {0}; gn_projector_clear() frees it.
struct gn_projector {
    uint32_t *memory; /* three stacks */
    size_t cap;
};

void gn_projector_clear(struct gn_projector *projector);

/// Projects the CIGAR of a read that starts at `position` of the haplotype.
/** @param read_length  bases of the read
    @param result       receives the CIGAR (M I D S), valid until the next call; n is 0 when there is none
    @return             GN_OK or a negative status */
GN_MUST_CHECK
int gn_project_cigar(struct gn_projector *projector, int read_length, int position,
                     struct gn_operations read, struct gn_operations haplotype,
                     struct gn_operations *result, gn_error_t *err);

/// How far base `position` of the haplotype stands from base `position` of its place on the reference: deleted bases
/// before it count 1, inserted and clipped ones -1.
int gn_projected_shift(struct gn_operations haplotype, int position);

/// A read on a stretch of reference.
struct gn_placed_read {
    const char *bases;     /* of the read */
    const char *reference; /* n_reference bases */
    int n_reference;
    int offset; /* of the read's first aligned base in the reference; negative: nothing is checked */
};

/// True when no insertion or deletion of the CIGAR (M I D S) could move one base to the left.
bool gn_is_left_normalised(struct gn_operations cigar, const struct gn_placed_read *read);

#endif

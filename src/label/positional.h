/* SPDX-License-Identifier: MIT
 *
 * positional.h - labels by position and alleles: fast, blind to other spellings of the same
 * haplotype. spec 150.5.
 */
#ifndef GN_LABEL_POSITIONAL_H
#define GN_LABEL_POSITIONAL_H

#include "label/label.h"

/// Labels one candidate. The candidate is not changed. Thread-safe.
/** @return GN_OK with *label filled, GN_E_MISMATCH when the candidate's contig is not in the
 * truth's table, GN_E_MEMORY */
GN_MUST_CHECK
int gn_label_positional(const struct gn_variant *candidate, const struct gn_label_source *source,
                        struct gn_label *label, gn_error_t *err);

/// The truth record that this labeler compares a candidate with: the last one at its start with its alleles, else the first
/// one there, both simplified. Thread-safe.
/** @param match  receives the record's number, truth->n when there is none
    @return       as gn_label_positional() */
GN_MUST_CHECK
int gn_positional_match(const struct gn_variant *candidate, const struct gn_truth *truth,
                        size_t *match, gn_error_t *err);

#endif

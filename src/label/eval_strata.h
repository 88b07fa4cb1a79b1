/* SPDX-License-Identifier: MIT
 *
 * eval_strata.h - what kind of variant a unit is and what the reference looks like around it.
 */
#ifndef GN_LABEL_EVAL_STRATA_H
#define GN_LABEL_EVAL_STRATA_H

#include "label/eval_unit.h"

/// Every unit is in one stratum of each family that applies to it: lengths are those of indels, homopolymers and repeats need
/// a reference.
enum gn_eval_stratum {
    GN_STRATUM_SNV,
    GN_STRATUM_MNV, /* a base of a record that substitutes several */
    GN_STRATUM_INSERTION,
    GN_STRATUM_DELETION,
    GN_STRATUM_COMPLEX, /* replaces bases by a different number of them, or does different things on its haplotypes */
    GN_STRATUM_LENGTH_1,
    GN_STRATUM_LENGTH_2,
    GN_STRATUM_LENGTH_6,
    GN_STRATUM_LENGTH_16,
    GN_STRATUM_LENGTH_51,
    GN_STRATUM_RUN_1,
    GN_STRATUM_RUN_4,
    GN_STRATUM_RUN_7,
    GN_STRATUM_RUN_10,
    GN_STRATUM_REPEAT,
    GN_STRATUM_NO_REPEAT,
    GN_EVAL_STRATA,
};

enum { GN_STRATUM_FAMILIES = 4 };

/// Family ("type", "length", "homopolymer", "repeat") and name within it ("6-15").
const char *gn_stratum_family(enum gn_eval_stratum stratum);
const char *gn_stratum_name(enum gn_eval_stratum stratum);

/// The strata of a unit.
/** @param strata  receives them
    @param fasta   NULL: none of homopolymers and repeats
    @return        how many, or a reading error */
GN_MUST_CHECK
int gn_unit_strata(const struct gn_eval_unit *unit, gn_fasta_t *fasta,
                   enum gn_eval_stratum strata[GN_STRATUM_FAMILIES], gn_error_t *err);

/// Longest run of one base among those that have a base in [first, end), of n bases.
int gn_longest_run(const char *bases, int n, int first, int end);

/// True when a repeat of a unit of 2 to 4 bases (not of one base) has a base in [first, end): at least 8 bases for units of 2,
/// else three copies.
bool gn_touches_repeat(const char *bases, int n, int first, int end);

#endif

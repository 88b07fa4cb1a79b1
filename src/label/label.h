/* SPDX-License-Identifier: MIT
 *
 * label.h - what a label is: the genotype that the truth gives to a candidate, and the class of an
 * image made of it.
 */
#ifndef GN_LABEL_LABEL_H
#define GN_LABEL_LABEL_H

#include "label/truth.h"

/// The label of one candidate. Only confident candidates become training examples.
struct gn_label {
    int genotype[2]; /* allele numbers of the candidate, ascending */
    bool is_confident;
    bool
        has_class; /* of the customized classes labeler alone: class_id for images that show alternate allele class_alt */
    int class_alt, class_id; /* class_alt 0-based, -1 none */
};

/// What labels are made from. All borrowed, read-only; one fasta handle per thread.
struct gn_label_source {
    const struct gn_truth
        *truth; /* PASS records starting in `confident` (struct gn_truth_query does that) */
    const struct gn_ranges *confident; /* normal; NULL: every position is confident */
    gn_fasta_t *fasta; /* the haplotype labeler only; may be NULL for the positional one */
};

/// Class of the image of a set of alternate alleles: how many of the genotype's alleles are in the
/// set, 0, 1 or 2.
/** @param alts  0-based positions in the candidate's alts, n_alts of them. spec 150.2. Thread-safe.
 */
int gn_label_of_image(const int genotype[2], const int32_t *alts, int n_alts);

/// Class of the image of a set of alternate alleles whatever the labeler: that of the genotype, or the customized one (0 for
/// images without the allele that has it). Thread-safe.
int gn_label_of_set(const struct gn_label *label, const int32_t *alts, int n_alts);

/// Class of a candidate as a whole: that of the set of all its alternate alleles. Thread-safe.
int gn_label_class(const struct gn_label *label);

#endif

/* SPDX-License-Identifier: MIT
 *
 * candidate.h - a site that may be a variant, with the reads that support each allele (spec 20 sections 3 and 4).
 */
#ifndef GN_CANDIDATES_CANDIDATE_H
#define GN_CANDIDATES_CANDIDATE_H

#include "alleles/allele_counter.h"
#include "io/messages.h"
#include "io/variant.h"

/// What a stored allele of the position supports, when it is not the alt of that number.
enum {
    GN_SUPPORTS_UNCALLED = -1,  /* an allele that was not good enough, or a soft clip */
    GN_SUPPORTS_REFERENCE = -2, /* only at tracked positions */
};

/// Share of reads that differ from the reference at one position, in percent.
struct gn_position_frequency {
    int64_t pos0;
    int percent;
};

/// The alts that one image, or one example of the small model, is about: one, or a pair.
struct gn_alt_set {
    int alts[2], n; /* 0-based numbers, ascending */
};

struct gn_candidate {
    struct gn_variant *variant;      /* malloc'ed, freed by gn_candidates_clear() */
    const struct gn_allele *alleles; /* the position's stored alleles, also of low quality */
    uint32_t n_alleles;
    int16_t *supports; /* for each of them: number of the alt, or one of the enum above */
    struct gn_position_frequency *context; /* of the window around the site (small model) */
    int n_context;
    float *alt_frequencies; /* population frequency of each alt; NULL without --population-vcfs */
    const struct gn_alt_set *declined; /* sets that the small model left to the images, in order */
    size_t n_declined;                 /* 0: it was not asked, or declined none */
};

/// Candidates of one partition, by position. All but the variants lives in the arena.
struct gn_candidate_list {
    struct gn_candidate *v;
    size_t n, cap;
};

/// True for a site without alternative, whose only alt is ".": kept because reads of the reference are methylated.
bool gn_is_reference_site(const struct gn_variant *variant);

/// Takes the sites without alternative out of a list into another one, which starts empty. GN_OK or GN_E_MEMORY.
GN_MUST_CHECK
int gn_candidates_take_reference_sites(struct gn_candidate_list *list,
                                       struct gn_candidate_list *sites, gn_arena_t *arena,
                                       gn_error_t *err);

/// Frees the variants.
void gn_candidates_clear(struct gn_candidate_list *list);

/// Appends an empty candidate (its variant created); NULL with err filled.
struct gn_candidate *gn_candidates_push(struct gn_candidate_list *list, gn_arena_t *arena,
                                        gn_error_t *err);

/// learning.genomics.deepvariant.DeepVariantCall bytes of a candidate (spec 81.4).
/** @param reads  the list that the allele counter was given (names of the supporting reads) */
int gn_candidate_pack(const struct gn_candidate *candidate, const struct gn_read *reads,
                      struct gn_bytes *out, gn_error_t *err);

#endif

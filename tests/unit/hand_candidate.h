/* SPDX-License-Identifier: MIT
 *
 * hand_candidate.h - candidates written down by hand, for the tests of the small model.
 */
#ifndef GN_TESTS_HAND_CANDIDATE_H
#define GN_TESTS_HAND_CANDIDATE_H

#include "candidates/candidate.h"

enum { HAND_MOST_ALLELES = 64, HAND_MOST_CONTEXT = 64 };

struct hand_candidate {
    struct gn_candidate candidate;
    struct gn_allele alleles[HAND_MOST_ALLELES];
    int16_t supports[HAND_MOST_ALLELES];
    struct gn_position_frequency context[HAND_MOST_CONTEXT];
};

/* A record at start0 of chr1 with the given alleles ("G" and "A,GT"), a call and no reads. */
static inline void hand_candidate_start(struct hand_candidate *hand, int64_t start0,
                                        const char *ref, const char *alts)
{
    *hand = (struct hand_candidate){.candidate = {.variant = gn_variant_create()}};
    struct gn_candidate *c = &hand->candidate;
    c->alleles = hand->alleles;
    c->supports = hand->supports;
    c->context = hand->context;
    c->variant->has_call = true;
    c->variant->start0 = start0;
    c->variant->end0 = start0 + (int64_t)strlen(ref);
    if (gn_text_set(&c->variant->contig, "chr1", NULL) < 0 ||
        gn_text_set(&c->variant->ref, ref, NULL) < 0 ||
        gn_texts_split(&c->variant->alts, alts, ",", NULL) < 0)
        abort();
}

/* A read that supports an alt, the reference or neither; its number in the list of reads is its place here. */
static inline void hand_candidate_read(struct hand_candidate *hand, int supports,
                                       int mapping_quality, int base_quality, bool is_reverse)
{
    uint32_t n = hand->candidate.n_alleles++;
    hand->supports[n] = (int16_t)supports;
    hand->alleles[n] = (struct gn_allele){.bases = "N",
                                          .length = 1,
                                          .read = n,
                                          .key = n,
                                          .mapping_quality = (uint8_t)mapping_quality,
                                          .base_quality = (uint8_t)base_quality,
                                          .is_reverse = is_reverse};
}

static inline void hand_candidate_reads(struct hand_candidate *hand, int n, int supports)
{
    for (int i = 0; i < n; i++)
        hand_candidate_read(hand, supports, 60, 30, false);
}

static inline void hand_candidate_context(struct hand_candidate *hand, int64_t pos0, int percent)
{
    hand->context[hand->candidate.n_context++] = (struct gn_position_frequency){pos0, percent};
}

static inline void hand_candidate_end(struct hand_candidate *hand)
{
    gn_variant_free(hand->candidate.variant);
}

#endif

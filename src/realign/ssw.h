/* SPDX-License-Identifier: MIT
 *
 * ssw.h - local alignment of one query to one target with affine gaps and fixed tie-breaking.
 *
 * Score, ends and CIGAR equal those of the SSW library 1.2.5, on which DeepVariant's realigned reads depend
 * (spec 30 section 6). It knows sequences and scores, nothing of reads, windows or haplotypes.
 */
#ifndef GN_REALIGN_SSW_H
#define GN_REALIGN_SSW_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/// Scores of an alignment; penalties are positive. A gap of n bases costs gap_open + (n - 1) * gap_extend.
struct gn_ssw_scores {
    int match, mismatch, gap_open, gap_extend;
};

/// Instruction set of the score pass. All give the same results.
enum gn_ssw_isa {
    GN_SSW_BEST, /* the fastest this CPU has */
    GN_SSW_SCALAR,
    GN_SSW_SSE2,
    GN_SSW_AVX2,
};

/// A local alignment. Ends are half-open; score 0 means that nothing aligns and the other fields are 0.
struct gn_ssw_alignment {
    int score;
    int target_begin, target_end;
    int query_begin, query_end;
    const uint32_t *cigar; /* = X I D, with S at the ends of the query; valid until the next call */
    int n_cigar;
};

typedef struct gn_ssw gn_ssw_t;

/// Makes an aligner with its scratch space. Not thread-safe: one per worker.
/** @param isa  GN_SSW_BEST, or one instruction set for tests: NULL with GN_E_UNAVAILABLE where the CPU lacks it
    @return     the aligner (gn_ssw_destroy), or NULL with err */
GN_MUST_CHECK
gn_ssw_t *gn_ssw_create(const struct gn_ssw_scores *scores, enum gn_ssw_isa isa, gn_error_t *err);
void gn_ssw_destroy(gn_ssw_t *ssw);

/// Codes of letters: A C G T to 0 1 2 3 (U as A, either case), anything else 4, which matches nothing. Thread-safe.
void gn_ssw_encode(const char *letters, size_t n, uint8_t *codes);

/// Sets the query of the following calls: n letters, copied.
GN_MUST_CHECK
int gn_ssw_set_query(gn_ssw_t *ssw, const char *letters, int n, gn_error_t *err);

/// Score of the best local alignment of the query to a target of n codes; 0 when nothing aligns.
int gn_ssw_score(gn_ssw_t *ssw, const uint8_t *target, int n);

/// The same score, found faster where a target resembles the one before it.
/** @param shared_prefix, shared_suffix  codes at both ends that equal those of the target of the previous call; ignored in
                                         the first call after gn_ssw_set_query()
    @return                              the score, or a negative status */
GN_MUST_CHECK
int gn_ssw_score_sibling(gn_ssw_t *ssw, const uint8_t *target, int n, int shared_prefix,
                         int shared_suffix, gn_error_t *err);

/// The whole alignment: the best score's first target column, its smallest query row, the shortest way back to them.
/** @return  1 when aligned, 0 when not (nothing aligns, or the traceback fails as upstream's does), or a negative status */
GN_MUST_CHECK
int gn_ssw_align(gn_ssw_t *ssw, const uint8_t *target, int n, struct gn_ssw_alignment *alignment,
                 gn_error_t *err);

#endif

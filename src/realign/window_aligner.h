/* SPDX-License-Identifier: MIT
 *
 * window_aligner.h - realigns the reads of one window through its haplotypes (spec 30 sections 5.2 to 5.5 and 7).
 *
 * It knows reads, haplotypes and the stretch of reference around them, not how windows are found.
 */
#ifndef GN_REALIGN_WINDOW_ALIGNER_H
#define GN_REALIGN_WINDOW_ALIGNER_H

#include "base/memory.h"
#include "reads/read.h"
#include "realign/fast_pass.h"
#include "realign/realign.h"

/// A window with its flanks, and its reads.
struct gn_window {
    struct gn_sequence reference;         /* prefix, window, suffix */
    int64_t reference_start0;             /* position of its first base on the contig */
    int n_prefix, n_suffix;               /* bases */
    const struct gn_sequence *haplotypes; /* each with prefix and suffix */
    int n_haplotypes;
    const struct gn_read *const *reads;
    size_t n_reads;
    bool
        is_forced; /* one haplotype, which is the reference: every read that aligns at all is placed (section 7) */
};

typedef struct gn_window_aligner gn_window_aligner_t;

/// Makes the scratch space of one worker; NULL with err when out of memory. Not thread-safe.
GN_MUST_CHECK
gn_window_aligner_t *gn_window_aligner_create(const struct gn_realign_options *options,
                                              gn_error_t *err);
void gn_window_aligner_destroy(gn_window_aligner_t *aligner);

/// Realigns the reads of a window.
/** @param out        room for n_reads: the reads in the same order; those that find no better place are unchanged
    @param is_placed  NULL, or receives for each read whether any haplotype took it
    @param arena      holds the new CIGARs
    @return           GN_OK or a negative status */
GN_MUST_CHECK
int gn_window_align(gn_window_aligner_t *aligner, const struct gn_window *window,
                    struct gn_read *out, bool *is_placed, gn_arena_t *arena, gn_error_t *err);

#endif

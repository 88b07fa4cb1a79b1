/* SPDX-License-Identifier: MIT
 *
 * debruijn.h - candidate haplotypes of a window: paths through a de Bruijn graph of its reads (spec 30 section 3).
 *
 * It knows the reference of the window and reads as bases with qualities, not where they are aligned.
 */
#ifndef GN_REALIGN_DEBRUIJN_H
#define GN_REALIGN_DEBRUIJN_H

#include <stddef.h>

#include "base/memory.h"
#include "reads/read.h"

struct gn_debruijn_options {
    int min_k, max_k, step_k;
    int min_mapq, min_base_quality; /* worse reads are passed over, worse bases end a stretch */
    int min_edge_weight;            /* reads that must share an edge off the reference */
    int max_num_paths;
};

/// Sequences, sorted bytewise.
struct gn_haplotypes {
    const char **bases; /* not terminated */
    int *lengths;
    int n;
};

typedef struct gn_debruijn gn_debruijn_t;

/// Makes the scratch space of one worker; NULL with err when out of memory. Not thread-safe.
GN_MUST_CHECK
gn_debruijn_t *gn_debruijn_create(const struct gn_debruijn_options *options, gn_error_t *err);
void gn_debruijn_destroy(gn_debruijn_t *graph);

/// Finds the haplotypes of a window from its reference (n_ref bases) and the reads that overlap it.
/** @param haplotypes  receives them, in the arena: only the reference when no k gives a graph without cycles, none when
                       the graph has more than max_num_paths paths
    @return            GN_OK or a negative status */
GN_MUST_CHECK
int gn_debruijn_haplotypes(gn_debruijn_t *graph, const char *ref, int n_ref,
                           const struct gn_read *const *reads, size_t n_reads,
                           struct gn_haplotypes *haplotypes, gn_arena_t *arena, gn_error_t *err);

#endif

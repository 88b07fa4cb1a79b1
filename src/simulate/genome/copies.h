/* SPDX-License-Identifier: MIT
 *
 * copies.h - diverged copies of segments (segmental duplications, processed pseudogenes, mobile
 * elements) whose reads are mapped onto the segment: the false candidates that a caller must learn
 * to refuse.
 */
#ifndef GN_SIMULATE_GENOME_COPIES_H
#define GN_SIMULATE_GENOME_COPIES_H

#include "simulate/genome/chromosome.h"

enum { GN_COPY_FLANK = 700 }; /* bases on both sides of a copy that belong to other sequence */

struct gn_copy {
    int64_t start0, end0; /* the segment on the reference */
    bool is_absent;    /* the reference lacks the copy: all its reads come here, with high MAPQ */
    double depth;      /* its reads as a share of the coverage of one diploid place */
    double divergence; /* differences per base */
    struct gn_haplotype hap; /* the copy's bases between flanks, placed on the segment */
};

struct gn_copies {
    struct gn_copy *v; /* by start; may overlap */
    size_t n, cap;
};

/// Draws copies that cover about `share` of [start0, end0), which lies in a contig of these bases.
GN_MUST_CHECK
int gn_copies_draw(struct gn_copies *copies, struct gn_mt64 *rng, double share, const char *bases,
                   int64_t start0, int64_t end0, gn_error_t *err);

/// The same for long reads, which only copies of 5 to 50 kb mislead.
GN_MUST_CHECK
int gn_copies_draw_long(struct gn_copies *copies, struct gn_mt64 *rng, double share,
                        const char *bases, int64_t start0, int64_t end0, gn_error_t *err);

void gn_copies_clear(struct gn_copies *copies);

/// The copy whose segment overlaps [start0, end0) and that disturbs mapping most; NULL none.
const struct gn_copy *gn_copies_at(const struct gn_copies *copies, int64_t start0, int64_t end0);

/// Depth of all absent copies that overlap the i-th one, itself included: from about 0.35 on reads
/// cannot tell their differences from heterozygous variants.
double gn_copies_absent_depth(const struct gn_copies *copies, size_t i);

#endif

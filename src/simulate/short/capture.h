/* SPDX-License-Identifier: MIT
 *
 * capture.h - enrichment of targets by hybridisation (exomes, panels): how readily a fragment is
 * pulled out by the baits of the targets that it overlaps, and the depth that follows.
 */
#ifndef GN_SIMULATE_SHORT_CAPTURE_H
#define GN_SIMULATE_SHORT_CAPTURE_H

#include "io/regions.h"

struct gn_target {
    int contig;
    int64_t start0, end0;
    double efficiency; /* how readily its baits pull, over that of the mean target */
};

/// Weights and depths are relative: 1 is the mean depth on the targets.
struct gn_capture {
    struct gn_target *v; /* by contig and start, apart from each other; owned */
    size_t n;
    double off_target;         /* weight of fragments that overlap no target */
    double scale;              /* weight of a fragment that a mean target pulls */
    int64_t fragment, longest; /* mean and greatest length of fragments, bases */
    int64_t read;              /* bases read from each end */
};

/// Reads the targets of a BED file; overlapping and adjacent ones become one.
/** @param capture  its lengths and off_target are set, the rest zeroed; gn_capture_clear() it, also
                    after failure
    @param spans    normal; targets that overlap none of them are left out. GN_E_MISMATCH when all
                    are */
GN_MUST_CHECK
int gn_capture_read(struct gn_capture *capture, const char *path, const struct gn_contigs *contigs,
                    const struct gn_ranges *spans, gn_error_t *err);

/// Draws the efficiency of every target of a contig: a wide spread, lower where GC is rare or
/// frequent. A target's depends on its place and the salt alone.
/** @param bases  the whole contig, upper case */
void gn_capture_draw(struct gn_capture *capture, int contig, const char *bases, uint64_t salt);

/// Sets the scale so that the mean depth over all bases of targets is 1.
GN_MUST_CHECK
int gn_capture_settle(struct gn_capture *capture, gn_error_t *err);

/// How readily a fragment of [start0, end0) is kept.
double gn_capture_weight(const struct gn_capture *capture, int contig, int64_t start0,
                         int64_t end0);

/// No fragment of a part of [start0, end0) has a greater weight.
double gn_capture_greatest(const struct gn_capture *capture, int contig, int64_t start0,
                           int64_t end0);

/// Adds the stretches of [start0, end0) whose expected depth is below `least`. Not normalised.
GN_MUST_CHECK
int gn_capture_deserts(const struct gn_capture *capture, const struct gn_range *range, double least,
                       struct gn_ranges *deserts, gn_error_t *err);

/// NULL is fine.
void gn_capture_clear(struct gn_capture *capture);

#endif

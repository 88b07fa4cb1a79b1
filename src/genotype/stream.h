/* SPDX-License-Identifier: MIT
 *
 * stream.h - what the stages between the network and the VCF have in common: records come in genome
 * order, leave through a consumer, and "frontiers" say how far the genome is complete.
 *
 * A frontier promises that every record still to come starts at or after it. It lets a stage
 * release what no later record can touch, so that memory stays bounded.
 */
#ifndef GN_GENOTYPE_STREAM_H
#define GN_GENOTYPE_STREAM_H

#include <limits.h>

#include "io/variant.h"

/// A place in the genome: number of the contig in the reference, 0-based base.
struct gn_position {
    int contig;
    int64_t pos0;
};

/// After everything: the frontier of a stream that has ended.
static const struct gn_position gn_position_end = {INT_MAX, INT64_MAX};

/// Negative, zero or positive as a lies before, at or after b.
static inline int gn_position_compare(struct gn_position a, struct gn_position b)
{
    if (a.contig != b.contig)
        return a.contig < b.contig ? -1 : 1;
    return (a.pos0 > b.pos0) - (a.pos0 < b.pos0);
}

/// Where a stage sends its records: accept() owns the record from then on, also when it fails.
struct gn_variant_consumer {
    int (*accept)(void *state, struct gn_variant *variant, gn_error_t *err);
    void *state;
};

#endif

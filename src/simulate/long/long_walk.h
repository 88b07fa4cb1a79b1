/* SPDX-License-Identifier: MIT
 *
 * long_walk.h - a real long read beside the reference: its alignment in normal form, and for every
 * aligned base where it belongs and what happened beside it.
 */
#ifndef GN_SIMULATE_LONG_LONG_WALK_H
#define GN_SIMULATE_LONG_LONG_WALK_H

#include <htslib/sam.h>

#include "io/regions.h"
#include "simulate/long/long_alignment.h"
#include "simulate/long/long_profile.h"

/// One insertion or deletion.
struct gn_long_event {
    bool is_deletion, is_usable; /* usable: at a place to learn from */
    bool is_repeat;              /* by whole units of the tandem repeat at `ref` */
    bool is_stray;               /* inserted bases that continue neither run nor repeat */
    int64_t read, ref; /* inserted bases begin at `read`, before `ref`; deleted ones at `ref` */
    int32_t n;         /* bases */
};

/// A read. Reference positions are indices from the alignment's first base on. The memory is used
/// again for the next read.
struct gn_long_walk {
    int64_t pos0, n_ref; /* reference bases the read covers */
    int64_t n_read;      /* bases of the read, clipped ones too */
    int32_t clip[2];     /* soft-clipped bases, left and right */
    bool is_reverse, has_qualities;
    char *read, *ref;
    bool *usable;                  /* per reference base */
    struct gn_long_base *contexts; /* per reference base */
    uint8_t *states;               /* per base of the read, enum gn_long_state */
    int64_t *origins; /* per base of the read: reference index, for inserted ones that of the base
                         after them; -1 clipped */
    const uint8_t *qualities; /* of the record */
    struct gn_long_event *events;
    size_t n_events;
    size_t cap_read, cap_ref, cap_usable, cap_contexts, cap_states, cap_origins, cap_events;
    struct gn_long_alignment alignment;
};

/// Walks along a record.
/** @param usable  places to learn from, of the reference's contigs, normal
    @return 1, 0 when the record teaches nothing (unmapped, secondary, without bases, spliced,
            beyond the contig), or an error */
GN_MUST_CHECK
int gn_long_walk(struct gn_long_walk *walk, const bam1_t *record, gn_fasta_t *fasta, int contig,
                 const struct gn_ranges *usable, gn_error_t *err);

void gn_long_walk_free(struct gn_long_walk *walk);

#endif

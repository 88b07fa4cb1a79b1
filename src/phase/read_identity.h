/* SPDX-License-Identifier: MIT
 *
 * read_identity.h - what a read is recognised by from partition to partition, in 64 bits.
 */
#ifndef GN_PHASE_READ_IDENTITY_H
#define GN_PHASE_READ_IDENTITY_H

#include <stdint.h>

/// What a record is recognised by, so that the several alignments of a read are not taken for each other.
struct gn_read_identity {
    const char *name;
    int read_number; /* of struct gn_read */
    int contig;      /* number in the reference's contig table */
    int64_t pos0;    /* of the record in its file: where the alignment starts before realignment */
};

/// A hash of it. Two of n reads share one with the odds n^2 / 2^65. Thread-safe.
uint64_t gn_read_identity_hash(const struct gn_read_identity *read);

#endif

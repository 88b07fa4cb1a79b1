/* SPDX-License-Identifier: MIT
 *
 * introsort.h - sorting by score in the order that libstdc++'s std::sort gives, ties included.
 *
 * std::sort is not stable, and DeepVariant's choice between equal haplotypes depends on where it leaves them (spec 30
 * section 5.4). Up to 16 records it is an insertion sort, which is stable.
 */
#ifndef GN_REALIGN_INTROSORT_H
#define GN_REALIGN_INTROSORT_H

#include <stddef.h>

struct gn_scored {
    int score;
    int index; /* of the record, untouched */
};

/// Sorts n records by ascending score, in place.
void gn_introsort(struct gn_scored *records, size_t n);

#endif

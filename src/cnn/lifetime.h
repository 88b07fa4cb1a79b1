/* SPDX-License-Identifier: MIT
 *
 * lifetime.h - memory for things that are needed at different times, such as the tensors of a
 * network.
 *
 * Knows times and sizes only. Used by the back ends.
 */
#ifndef GN_CNN_LIFETIME_H
#define GN_CNN_LIFETIME_H

#include <stddef.h>

#include "base/error.h"

/// Bytes that are in use from time `first` to time `last`, both included.
struct gn_lifetime {
    int first, last;
    size_t size;   /* 0: needs no memory */
    size_t offset; /* the result */
};

/// Gives each its offset in one block of memory; what is in use at the same time does not overlap.
/** The largest are placed first, each as low as it fits; offsets are sums of sizes, so that whole
    lines of sizes give whole lines of offsets.
    @param total  receives the size of the block
    @return       GN_OK or GN_E_MEMORY (more than 2 GiB, or out of memory) */
GN_MUST_CHECK
int gn_place_lifetimes(struct gn_lifetime *lifetimes, int n, size_t *total, gn_error_t *err);

#endif

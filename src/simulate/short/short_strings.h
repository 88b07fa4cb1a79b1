/* SPDX-License-Identifier: MIT
 *
 * short_strings.h - a uniform sample of read pairs' quality strings, whatever their number and
 * order: pairs are chosen by the hash of their name.
 */
#ifndef GN_SIMULATE_SHORT_SHORT_STRINGS_H
#define GN_SIMULATE_SHORT_SHORT_STRINGS_H

#include <stddef.h>

#include "simulate/short/short_profile.h"

struct gn_sampled_pair {
    uint64_t hash;
    int length[2]; /* 0: that read was not seen */
    uint8_t qualities[2][GN_SHORT_LONGEST_READ];
};

/// Open-addressed table; owned by its user.
struct gn_string_sample {
    struct gn_sampled_pair *v; /* hash 0: free */
    size_t n;
    uint64_t limit; /* pairs with smaller hashes are kept */
};

GN_MUST_CHECK
int gn_string_sample_init(struct gn_string_sample *sample, gn_error_t *err);
void gn_string_sample_clear(struct gn_string_sample *sample);

/// Offers one read's qualities in the order of sequencing.
GN_MUST_CHECK
int gn_string_sample_add(struct gn_string_sample *sample, const char *name, bool is_second,
                         const uint8_t *qualities, int n, gn_error_t *err);

/// Puts up to `most` whole pairs of the given read length into the profile, evenly spread over all
/// by mean quality. GN_E_DATA when there is none.
GN_MUST_CHECK
int gn_string_sample_take(struct gn_string_sample *sample, int read_length, int most,
                          struct gn_short_profile *profile, gn_error_t *err);

#endif

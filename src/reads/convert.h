/* SPDX-License-Identifier: MIT
 *
 * convert.h - from htslib's record to a read in a buffer (spec 10 section 1). Internal to reads/.
 *
 * In two steps, because the room that a read takes decides whether it is kept at all.
 */
#ifndef GN_READS_CONVERT_H
#define GN_READS_CONVERT_H

#include <htslib/sam.h>

#include "base/error.h"
#include "reads/crop.h"

/// Letters of the two bases in a packed byte.
struct gn_base_pairs {
    char letters[256][2];
};

void gn_base_pairs_fill(struct gn_base_pairs *pairs);

/// What will stay of a record, and the bytes it takes.
struct gn_conversion {
    bool is_cropped, has_modifications;
    int64_t to_skip, to_keep; /* when cropped */
    struct gn_cut cut;
    size_t bytes;
};

/// Looks at lengths and tags only, not at what may be wrong with the record.
void gn_plan_conversion(const bam1_t *record, const struct gn_read_options *options,
                        const struct gn_crop_window *window, struct gn_conversion *plan);

/// Whether a record can become a read: GN_OK, or GN_E_DATA when it has no bases, no qualities, or a CIGAR that does not fit
/// its bases. `path` is the record's file, for the message.
GN_MUST_CHECK
int gn_check_record(const bam1_t *record, const struct gn_read_options *options, const char *path,
                    gn_error_t *err);

/// Makes the read of a record that has passed the check. Its pointers lead into `buffer`, which is 4-byte aligned and has
/// room for plan->bytes. The key is left to the caller.
void gn_convert_record(const bam1_t *record, const struct gn_read_options *options,
                       const struct gn_conversion *plan, const struct gn_base_pairs *pairs,
                       uint8_t *buffer, struct gn_read *read);

#endif

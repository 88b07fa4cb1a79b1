/* SPDX-License-Identifier: MIT
 *
 * example.h - the images of a partition as tensorflow.Example bytes.
 */
#ifndef GN_CALL_EXAMPLE_H
#define GN_CALL_EXAMPLE_H

#include "io/messages.h"
#include "pileup/pileup.h"

/// Byte strings of one kind of record, in order.
struct gn_record_list {
    struct gn_bytes *v;
    size_t n, cap;
};

void gn_records_clear(struct gn_record_list *list);

/// Appends a byte string, which the list owns from here (also on failure).
int gn_records_push(struct gn_record_list *list, struct gn_bytes record, gn_error_t *err);

/// Appends one example per image of a candidate.
/** @param variant  the record to embed (in training: with its genotype)
    @param labels   class of each image, NULL in calling mode */
int gn_examples_pack(const struct gn_variant *variant, const struct gn_pileup_images *images,
                     const struct gn_pileup_options *pileup, const int *labels,
                     struct gn_record_list *out, gn_error_t *err);

/// The one line of <examples>.example_info.json (spec 80.3), malloc'ed; NULL when out of memory.
/** @param has_images  false: the shape is null */
char *gn_example_info_text(const struct gn_pileup_options *pileup, bool has_images);

#endif

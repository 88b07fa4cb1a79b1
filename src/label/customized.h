/* SPDX-License-Identifier: MIT
 *
 * customized.h - labels that are a class which the truth VCF names in an INFO field, instead of a genotype. spec 150.6.
 */
#ifndef GN_LABEL_CUSTOMIZED_H
#define GN_LABEL_CUSTOMIZED_H

#include "label/label.h"

/// Labels one candidate; source->truth must have been read with a class field. The candidate is not changed. Thread-safe.
/** @param label  genotype: the positional labeler's; class_alt, class_id: what gn_label_of_set() needs
    @return       GN_OK; GN_E_DATA names a truth record without a known class; as gn_label_positional() */
GN_MUST_CHECK
int gn_label_customized(const struct gn_variant *candidate, const struct gn_label_source *source,
                        struct gn_label *label, gn_error_t *err);

#endif

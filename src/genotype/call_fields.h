/* SPDX-License-Identifier: MIT
 *
 * call_fields.h - fills the call of a variant from its genotype probabilities: GT, GQ, GL, QUAL,
 * phase, methylation type and FILTER (spec 110.10 to 110.13).
 */
#ifndef GN_GENOTYPE_CALL_FIELDS_H
#define GN_GENOTYPE_CALL_FIELDS_H

#include "genotype/genotyper.h"
#include "genotype/site_merge.h"

/// GN_E_DATA when the phase information is malformed.
GN_MUST_CHECK
int gn_fill_call(struct gn_merged_site *site, const struct gn_genotype_options *options,
                 gn_error_t *err);

#endif

/* SPDX-License-Identifier: MIT
 *
 * record.h - one variant as an htslib record (spec 130.2 to 130.4).
 */
#ifndef GN_VCF_RECORD_H
#define GN_VCF_RECORD_H

#include <htslib/vcf.h>

#include "io/variant.h"

/// Fills `record` (its former content is dropped). GN_E_MISMATCH when contig, filter or sample is
/// not in the header, GN_E_DATA when the variant has no call.
GN_MUST_CHECK
int gn_vcf_record_fill(bcf1_t *record, bcf_hdr_t *header, const struct gn_variant *variant,
                       gn_error_t *err);

#endif

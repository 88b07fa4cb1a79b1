/* SPDX-License-Identifier: MIT
 *
 * haplotype.h - labels by haplotype: candidates get the genotypes that spell the same two sequences
 * as the truth, however either side aligned its indels. DeepVariant's default labeler. spec 150.4.
 */
#ifndef GN_LABEL_HAPLOTYPE_H
#define GN_LABEL_HAPLOTYPE_H

#include "label/label.h"
#include "label/labeling_metrics.h"

/// Labels the candidates of one region (one make-examples partition).
/** @param candidates  sorted by start, all on region.contig; not changed
    @param n           how many; labels[n] receives one label each
    @param region      truth overlapping it takes part
    @param metrics     added to; NULL: not wanted
    @return            GN_OK; GN_E_DATA names the place where no assignment exists; GN_E_MEMORY
    Uses source->fasta, so one thread per source. */
GN_MUST_CHECK
int gn_label_haplotype(struct gn_variant *const *candidates, size_t n, struct gn_range region,
                       const struct gn_label_source *source, struct gn_label *labels,
                       struct gn_labeling_metrics *metrics, gn_error_t *err);

#endif

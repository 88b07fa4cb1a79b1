/* SPDX-License-Identifier: MIT
 *
 * resolver.h - makes overlapping calls of one sample agree: no base may carry more than two
 * alternate alleles.
 *
 * Calls that contradict each other are replaced by the most likely joint assignment when it equals
 * the marginal ones (spec 110.14). One thread a handle.
 */
#ifndef GN_GENOTYPE_RESOLVER_H
#define GN_GENOTYPE_RESOLVER_H

#include "genotype/stream.h"
#include "io/fasta.h"

typedef struct gn_resolver gn_resolver_t;

/// enabled = false passes every record on as it is. NULL with GN_E_MEMORY.
GN_MUST_CHECK
gn_resolver_t *gn_resolver_create(bool enabled, const struct gn_contigs *contigs,
                                  struct gn_variant_consumer out, gn_error_t *err);
void gn_resolver_destroy(gn_resolver_t *resolver);

/// Takes the next genotyped variant, in order of contig and start. Owns it, also on failure.
GN_MUST_CHECK
int gn_resolver_push(gn_resolver_t *resolver, struct gn_variant *variant, gn_error_t *err);

/// Promises that later variants start at or after `frontier`; emits the pending block when it ends
/// before.
GN_MUST_CHECK
int gn_resolver_advance(gn_resolver_t *resolver, struct gn_position frontier, gn_error_t *err);

/// Later emitted variants start at or after this.
struct gn_position gn_resolver_frontier(const gn_resolver_t *resolver);

/// Resolves one block of calls whose genotypes all carry an alt allele, in order of start. Changes
/// genotype and gl in place, or nothing. GN_E_INTERNAL when a call's likelihoods do not fit its
/// alleles.
GN_MUST_CHECK
int gn_resolve_block(struct gn_variant *const *variants, int n, gn_error_t *err);

#endif

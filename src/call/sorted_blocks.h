/* SPDX-License-Identifier: MIT
 *
 * sorted_blocks.h - non-variant records of many sorted TFRecord shards as one sorted stream (spec
 * 120.1).
 *
 * Holds one record a shard. One thread a handle.
 */
#ifndef GN_CALL_SORTED_BLOCKS_H
#define GN_CALL_SORTED_BLOCKS_H

#include "genotype/stream.h"
#include "io/fasta.h"

typedef struct gn_sorted_blocks gn_sorted_blocks_t;

/// Opens all shards. contigs give the order and must outlive the handle. NULL: GN_E_NO_INPUT,
/// GN_E_DATA, GN_E_MISMATCH.
GN_MUST_CHECK
gn_sorted_blocks_t *gn_sorted_blocks_open(const struct gn_texts *paths,
                                          const struct gn_contigs *contigs, gn_error_t *err);
void gn_sorted_blocks_close(gn_sorted_blocks_t *blocks);

/// The next record and where it starts, still owned by the stream; NULL at the end.
const struct gn_variant *gn_sorted_blocks_peek(const gn_sorted_blocks_t *blocks,
                                               struct gn_position *start);

/// Takes the next record out: *block becomes the caller's (NULL at the end).
GN_MUST_CHECK
int gn_sorted_blocks_next(gn_sorted_blocks_t *blocks, struct gn_variant **block, gn_error_t *err);

#endif

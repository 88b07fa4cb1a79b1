/* SPDX-License-Identifier: MIT
 *
 * regions.h - sets of genome intervals: literals, BED and BEDPE files, set operations (spec 10
 * section 3, 160.7).
 */
#ifndef GN_IO_REGIONS_H
#define GN_IO_REGIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "io/fasta.h"

struct gn_range {
    int contig; /* number in the reference's contig table */
    int64_t start0, end0;
};

/// A list of ranges. "Normal" means sorted by contig and start, with overlapping and adjacent
/// ranges merged.
struct gn_ranges {
    struct gn_range *v;
    size_t n, cap;
};

void gn_ranges_clear(struct gn_ranges *ranges);
int gn_ranges_push(struct gn_ranges *ranges, struct gn_range range, gn_error_t *err);
void gn_ranges_normalise(struct gn_ranges *ranges);

/// Adds what a space-separated list names: chr:a-b and chr:p (1-based, thousands commas allowed),
/// contig names, and files ending .bed, .bed.gz, .bedpe. Not normalised. Contigs of files that the
/// reference lacks are skipped. PARITY(dv-1.9): an unknown bare word is an error, chr:a-b on an
/// unknown contig is an empty set; gannet refuses both (GN_E_MISMATCH), with the reference's naming
/// in the message, since an empty set is never what was meant.
int gn_ranges_parse(struct gn_ranges *ranges, const char *list, const struct gn_contigs *contigs,
                    gn_error_t *err);

/// Adds the rows of a BED file (columns 1-3; plain or gzipped). GN_E_DATA names the file and line.
int gn_ranges_read_bed(struct gn_ranges *ranges, const char *path, const struct gn_contigs *contigs,
                       gn_error_t *err);

/// All contigs whole, normal.
int gn_ranges_whole(struct gn_ranges *ranges, const struct gn_contigs *contigs, gn_error_t *err);

/// out = a intersected with b, out = a minus b; all normal; out starts empty.
int gn_ranges_intersect(struct gn_ranges *out, const struct gn_ranges *a, const struct gn_ranges *b,
                        gn_error_t *err);
int gn_ranges_subtract(struct gn_ranges *out, const struct gn_ranges *a, const struct gn_ranges *b,
                       gn_error_t *err);

/// True when a range of the normal list contains the base.
bool gn_ranges_contain(const struct gn_ranges *ranges, int contig, int64_t pos0);

/// Total bases.
int64_t gn_ranges_bases(const struct gn_ranges *ranges);

#endif

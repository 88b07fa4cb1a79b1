/* SPDX-License-Identifier: MIT
 *
 * variable_sites.h - where a sample itself seems to differ from the reference, so that what
 * differs elsewhere can be taken for errors of sequencing.
 */
#ifndef GN_SIMULATE_VARIABLE_SITES_H
#define GN_SIMULATE_VARIABLE_SITES_H

#include "io/regions.h"

struct gn_variable_sites_task {
    const char *const *bams; /* sorted, indexed; one sample, any number of files */
    int n_bams;              /* 0: the truth decides alone */
    const char *reference;   /* FASTA with index */
    const char *truth_vcf; /* every record of it is a variable place; NULL none. No index needed */
    const struct gn_ranges *regions; /* of the reference's contigs, normal */
    double substitution_share; /* of the reads that must show the same other base; above 1: never */
    double indel_share; /* of the reads that must show an indel of the same length at one place */
    int fewest_reads;   /* that cover a place, for it to be judged */
    int fewest_other;   /* reads that must show the other allele */
    int indel_margin;   /* bases around indels and the repeats they lie in */
};

/// The places, with margins; ranges of the reference's contig numbers, normal.
struct gn_variable_sites {
    struct gn_ranges places;
};

/// 15 % of at least 4 reads, 2 of them with the other allele, margins of 5 bases; no files.
struct gn_variable_sites_task gn_variable_sites_defaults(void);

/// Scans the regions and adds their variable places.
/** Reads count with MAPQ >= 1 that are primary and not duplicates; bases of any quality. An indel
    takes the bases it deletes, the whole of a tandem repeat (units of 1 to 6 bases) that begins
    after its anchor, and the margin. Memory: one window of 32 kb and the places found.
    @param sites  starts zeroed; gn_variable_sites_clear() it, also after failure
    @return GN_OK, or the error of a file (named in the message). Thread-safe on distinct structs.
 */
GN_MUST_CHECK
int gn_variable_sites_scan(struct gn_variable_sites *sites,
                           const struct gn_variable_sites_task *task, gn_error_t *err);

void gn_variable_sites_clear(struct gn_variable_sites *sites);

/// Whether the base belongs to a variable place. Logarithmic time; thread-safe.
static inline bool gn_variable_sites_contain(const struct gn_variable_sites *sites, int contig,
                                             int64_t pos0)
{
    return gn_ranges_contain(&sites->places, contig, pos0);
}

#endif

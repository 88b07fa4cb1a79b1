/* SPDX-License-Identifier: MIT
 *
 * read.h - the in-memory read of one partition.
 *
 * Reads point into memory of the read source until its next fetch. Realignment replaces pos0, end0 and the CIGAR, never
 * bases or qualities.
 */
#ifndef GN_READS_READ_H
#define GN_READS_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gn_read {
    const char *name; /* QNAME, zero-terminated */
    uint32_t key; /* number of "name/read_number" in this partition: equal keys are the same read */
    uint8_t read_number;      /* 0: first of pair or unpaired, 1: second */
    uint8_t mapping_quality;  /* MAPQ */
    bool is_reverse;          /* aligned to the reverse strand */
    int8_t haplotype;         /* HP tag; 0 none */
    int32_t fragment_length;  /* TLEN, signed */
    int64_t pos0, end0;       /* aligned span: M = X D N advance end0, P does not */
    int n_cigar;              /* operations */
    const uint32_t *cigar;    /* htslib encoding: length << 4 | op, ops BAM_CMATCH ... */
    int length;               /* bases */
    const char *bases;        /* upper-case letters, may hold IUPAC, N and '='; not terminated */
    const uint8_t *qualities; /* phred, one per base */

    /* Likelihood of a modification in 1/256, one per base, in the order of the bases; 0 also where nothing is known. NULL:
     * none, or not asked for. */
    const uint8_t *likelihood_5mc, *likelihood_6ma;

    /* What cropping took away (crop.h): reference bases before pos0, and bases of the read at both ends. Realignment leaves
     * them as they are; both are 0 for reads that it may move. */
    int64_t cropped_bp;
    int cropped_bases;
};

/// Where the read begins without cropping: rows of images are sorted by it.
static inline int64_t gn_read_original_pos0(const struct gn_read *read)
{
    return read->pos0 - read->cropped_bp;
}

/// Bases of the read without cropping: what limits on the length of reads look at.
static inline int gn_read_original_length(const struct gn_read *read)
{
    return read->length + read->cropped_bases;
}

/// True when the operation advances the reference as ReadEnd counts it (M = X D N).
static inline bool gn_cigar_takes_reference(uint32_t op)
{
    return (0x18d >> op) & 1; /* M0 D2 N3 =7 X8 */
}

/// True when the operation consumes bases of the read (M I S = X).
static inline bool gn_cigar_takes_read(uint32_t op)
{
    return (0x193 >> op) & 1; /* M0 I1 S4 =7 X8 */
}

/// True for the match-type operations (M = X).
static inline bool gn_cigar_is_match(uint32_t op)
{
    return (0x181 >> op) & 1;
}

/// pos0 plus the reference length of the CIGAR.
int64_t gn_cigar_end(int64_t pos0, const uint32_t *cigar, int n_cigar);

/// True when read and [start0, end0) share a base position as upstream tests it (end0 > pos &&
/// start0 < end).
static inline bool gn_read_overlaps(const struct gn_read *read, int64_t start0, int64_t end0)
{
    return end0 > read->pos0 && start0 < read->end0;
}

#endif

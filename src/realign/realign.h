/* SPDX-License-Identifier: MIT
 *
 * realign.h - local assembly and realignment of the short reads of one partition (spec 30).
 *
 * window selector -> de Bruijn graph -> haplotypes -> fast-pass aligner and Smith-Waterman -> new
 * CIGARs.
 */
#ifndef GN_REALIGN_REALIGN_H
#define GN_REALIGN_REALIGN_H

#include <stddef.h>

#include "base/memory.h"
#include "io/fasta.h"
#include "reads/read.h"

/// Settings with DeepVariant's flag names and defaults (gn_realign_options_default).
struct gn_realign_options {
    int ws_min_mapq, ws_min_base_quality;                         /* 20, 20 */
    int ws_min_windows_distance, ws_max_window_size;              /* 80, 1000 bp */
    int ws_region_expansion_in_bp;                                /* 20 bp */
    int ws_min_num_supporting_reads, ws_max_num_supporting_reads; /* 2, 300 */
    bool ws_use_window_selector_model;          /* false: the linear model of spec 30 section 2 */
    bool enable_strict_insertion_filter;        /* false */
    bool realign_all;                           /* false: one window, the whole region */
    int dbg_min_k, dbg_max_k, dbg_step_k;       /* 10, 101, 1 */
    int dbg_min_mapq, dbg_min_base_quality;     /* 14, 15 */
    int dbg_min_edge_weight, dbg_max_num_paths; /* 2, 256 */
    int aln_match, aln_mismatch, aln_gap_open, aln_gap_extend; /* 4, 6, 8, 2 (penalties positive) */
    int kmer_size, max_num_of_mismatches;                      /* 32, 2 */
    double realignment_similarity_threshold;                   /* 0.16934 */
    bool normalize_reads; /* false: keep alignments that are not left-normalised */
    bool keep_legacy_allele_counter_behavior; /* false */
};

struct gn_realign_options gn_realign_options_default(void);

typedef struct gn_realigner gn_realigner_t;

/// Makes the scratch space of one worker. Not thread-safe: one per worker.
/** @return  the realigner (gn_realigner_destroy), or NULL with err: GN_E_USAGE for options that make
             no sense, GN_E_MEMORY */
GN_MUST_CHECK
gn_realigner_t *gn_realigner_create(const struct gn_realign_options *options, gn_error_t *err);
void gn_realigner_destroy(gn_realigner_t *realigner);

/// Realigns the reads of region [start0, end0).
/** @param fasta  reference handle of this worker
    @param reads  n reads in input order (short reads only; order matters)
    @param out    room for n reads: all reads, unassigned ones first, then window by window (spec 30
                  section 4). New CIGARs live in the arena; all else is shared with the input
    @return       GN_OK, or a negative status: of the reference, or GN_E_MEMORY

    The reads of a window whose reads span more than 65,534 bp (introns) keep their alignments. */
GN_MUST_CHECK
int gn_realign(gn_realigner_t *realigner, gn_fasta_t *fasta, int contig, int64_t start0,
               int64_t end0, const struct gn_read *reads, size_t n, struct gn_read *out,
               gn_arena_t *arena, gn_error_t *err);

/// Bases of the longest haplotype that gn_realign_to_haplotype() takes.
enum { GN_REALIGN_HAPLOTYPE_MAX = 65534 };

/// Aligns reads to one alternative haplotype for alt-aligned pileups (spec 30 section 7).
/** @param haplotype   bases of the haplotype, `length` of them (GN_E_DATA above GN_REALIGN_HAPLOTYPE_MAX); its first base
                       stands at start0
    @param out         room for n reads. Their positions count along the haplotype from start0; a read
                       whose alignment is not left-normalised keeps its old one, on the reference
    @param kept        receives for each read of out the index of its input read
    @return            number of reads kept (unalignable ones are dropped), or a negative status */
GN_MUST_CHECK
int gn_realign_to_haplotype(gn_realigner_t *realigner, const char *haplotype, size_t length,
                            int64_t start0, const struct gn_read *reads, size_t n,
                            struct gn_read *out, uint32_t *kept, gn_arena_t *arena,
                            gn_error_t *err);

#endif

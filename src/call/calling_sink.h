/* SPDX-License-Identifier: MIT
 *
 * calling_sink.h - the last third of the way as one object: network outputs and non-variant blocks
 * go in, in genome order, and a VCF and a gVCF come out. `gannet postprocess` feeds it from files,
 * `gannet call` from its workers.
 *
 *     genotyper -> resolver -> gVCF merge -> writers
 *
 * How to drive it:
 *
 *     sink = gn_calling_sink_open(&options, fasta, &err);
 *     for each partition, in genome order:
 *         gn_calling_sink_push_call(sink, output, &err);     every network output, sorted by start and end
 *         gn_calling_sink_push_block(sink, block, &err);     every non-variant record, sorted by start
 *         gn_calling_sink_advance(sink, next partition's start, &err);
 *     gn_calling_sink_commit(sink, &counts, &err);           or gn_calling_sink_abort(sink)
 *
 * The two kinds may be pushed in any interleaving; each must be sorted in itself. advance() is
 * optional for the result and needed for bounded memory and prompt output. One thread at a time.
 */
#ifndef GN_CALL_CALLING_SINK_H
#define GN_CALL_CALLING_SINK_H

#include "genotype/genotyper.h"
#include "vcf/header.h"

struct gn_calling_options {
    const char *vcf_path, *gvcf_path;    /* gVCF: NULL for none, and then no blocks may be pushed */
    struct gn_genotype_options genotype; /* its sample is the one of the headers */
    bool keep_overlaps;                  /* do not resolve contradicting calls */
    bool only_pass;                      /* the VCF (not the gVCF) keeps FILTER PASS only */
    bool has_model_id;                   /* header line of FORMAT MID */
    const struct gn_ranges
        *regions; /* blocks starting elsewhere are dropped; normal, NULL keeps all */
    const struct gn_texts *extra_header_lines; /* "##key=value", NULL none */
};

/// All of DeepVariant's defaults; the paths are NULL.
struct gn_calling_options gn_calling_options_default(void);

/// Records by FILTER, after resolution, whether or not only_pass keeps them out of the VCF.
struct gn_calling_counts {
    int64_t pass, ref_call, low_qual, no_call;
    int64_t blocks; /* non-variant records written to the gVCF */
};

typedef struct gn_calling_sink gn_calling_sink_t;

/// Opens the outputs. What options point to, and fasta, must outlive the sink; fasta is used by it
/// alone meanwhile.
GN_MUST_CHECK
gn_calling_sink_t *gn_calling_sink_open(const struct gn_calling_options *options, gn_fasta_t *fasta,
                                        gn_error_t *err);

/// Takes a network output / a non-variant record. Owned by the sink from here, also on failure.
GN_MUST_CHECK
int gn_calling_sink_push_call(gn_calling_sink_t *sink, struct gn_call_output *output,
                              gn_error_t *err);
GN_MUST_CHECK
int gn_calling_sink_push_block(gn_calling_sink_t *sink, struct gn_variant *block, gn_error_t *err);

/// Promises that nothing pushed later, of either kind, starts before this base.
GN_MUST_CHECK
int gn_calling_sink_advance(gn_calling_sink_t *sink, int contig, int64_t pos0, gn_error_t *err);

/// Writes what is pending, closes, indexes and publishes the outputs, and frees the sink (also on
/// failure, when nothing is published). counts may be NULL.
GN_MUST_CHECK
int gn_calling_sink_commit(gn_calling_sink_t *sink, struct gn_calling_counts *counts,
                           gn_error_t *err);

/// Drops everything unfinished and frees the sink; NULL is fine.
void gn_calling_sink_abort(gn_calling_sink_t *sink);

#endif

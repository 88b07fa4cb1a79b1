/* SPDX-License-Identifier: MIT
 *
 * call.h - variant calling as a library: aligned reads in, VCF and gVCF out.
 *
 * Example (examples/call_region.c is a whole program):
 *
 *     gn_call_request_t request = {.reference = "ref.fa", .reads = "sample.bam", .model = "models/wgs",
 *                                  .output_vcf = "out.vcf.gz", .regions = "chr20:10,000,000-10,100,000"};
 *     gn_call_summary_t summary;
 *     gn_error_t error = {0};
 *     if (gn_call(&request, &summary, &error) < 0)
 *         fprintf(stderr, "%s\n", error.message);
 */
#ifndef GANNET_CALL_H
#define GANNET_CALL_H

#include <stdint.h>

#include "gannet/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Told now and then, in the calling thread, how far a run is: bases done and bases in all. Returning non-zero ends
/// the run with GN_E_CANCELLED.
typedef int gn_progress_fn(void *context, int64_t bases_done, int64_t bases_total);

/// What to call. Strings are borrowed for the time of the call; NULL or 0 takes the default.
typedef struct gn_call_request {
    const char *reference; /* FASTA with .fai, plain or bgzipped; required */
    const char *reads;     /* BAM or CRAM files of one sample, separated by commas; required */
    const char *model;     /* model folder; required */
    const char *preset;    /* kind of reads: "wgs", "pacbio", "ont" ...; NULL: that of the model */
    const char *small_model; /* NULL: small_model/ in the model's folder, if there; "": none */
    const char
        *output_vcf; /* .vcf, .vcf.gz, .bcf by name; compressed ones get an index; required */
    const char *output_gvcf; /* NULL: none */
    const char *regions;     /* "chr20:1-1000 chr21 x.bed"; NULL: everything */
    const char *sample_name; /* NULL: that of the read groups */
    int output_phased; /* not 0: GT with '|' and PS where the phasing of long reads supports it */
    const char *haplotagged_bam; /* the reads with HP and PS, .bam or .cram; NULL: none */
    int threads;                 /* worker threads, 0: 1; the outputs do not depend on it */
    int batch_size; /* images handed to the network at a time, 0: 64; the outputs do not depend on it */
    /* Where the network runs: "cpu"; "cuda", the first usable GPU; "cuda:0,1", these GPUs by CUDA's numbers (all that
     * CUDA_VISIBLE_DEVICES leaves); "cuda:all"; "auto", the first usable GPU, else the CPU (summary.network.why_no_gpu
     * says why). NULL: "cpu". A GPU that cannot be used is GN_E_UNAVAILABLE, another text GN_E_USAGE. */
    const char *device;
    int device_batch;         /* images of a run on a GPU, 0: by its free memory */
    gn_progress_fn *progress; /* NULL: none */
    void *progress_context;
} gn_call_request_t;

/// What became of the images.
typedef struct gn_network_use {
    char computed_by[512];      /* engine, device, number type: "cpu avx512 float32" */
    int64_t images, recomputed; /* classified; of them once more in float32, to be sure */
    double gpu_busy;            /* share of the time that the GPUs computed, 0 to 1; < 0: no GPU */
    char why_no_gpu[1024];      /* device "auto" that became the CPU: why; else "" */
    char warning[512];          /* such as a batch made smaller for want of memory; else "" */
} gn_network_use_t;

/// What came of it.
typedef struct gn_call_summary {
    int64_t bases, partitions;                 /* of the calling regions */
    int64_t reads, candidates, images;         /* reads after filters, counted once per partition */
    int64_t small_model;                       /* answers of the small model, which need no image */
    int64_t pass, ref_call, low_qual, no_call; /* records by FILTER */
    int64_t blocks;                            /* gVCF records of non-variant sites */
    gn_network_use_t network;
} gn_call_summary_t;

/// Calls variants with DeepVariant 1.9's settings for the kind of reads.
/** Outputs appear under their names only when complete.
    @param summary  filled on success; may be NULL
    @return         GN_OK, or a negative status with error filled (see error.h)
    Thread-safe: any number of calls at a time, each with its own request. */
GN_API GN_MUST_CHECK int gn_call(const gn_call_request_t *request, gn_call_summary_t *summary,
                                 gn_error_t *error);

#ifdef __cplusplus
}
#endif

#endif

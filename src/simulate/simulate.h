/* SPDX-License-Identifier: MIT
 *
 * simulate.h - a diploid genome with known variants and the reads of a sequencing run over it:
 * data to demonstrate, test and train on, free of anybody's privacy.
 */
#ifndef GN_SIMULATE_SIMULATE_H
#define GN_SIMULATE_SIMULATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct gn_simulate_options {
    const char *prefix;          /* of every output */
    const char *reference;       /* FASTA with .fai; NULL: make one, PREFIX.fa */
    const char *regions;         /* as gn_ranges_parse() takes them; NULL: everything */
    const char *sample;          /* of the read group and the truth */
    const char *profile;         /* file of the run's profile: short_profile.h, long_profile.h */
    const char *variants;        /* VCF whose genotypes are taken; NULL none */
    const char *variants_sample; /* whose; NULL: the only one */
    const char *targets;         /* BED of what a capture enriches; NULL: nothing is enriched */
    int64_t genome_size;         /* bases of the made reference, all contigs together */
    int64_t n_contigs;           /* of the made reference */
    int64_t seed;
    int64_t read_length;           /* bases, 50 to 300; 0: the profile's */
    double snv_rate, indel_rate;   /* drawn variants per reference base */
    double het_share;              /* of the drawn variants */
    double coverage;               /* mean depth; with targets, on them */
    double off_target;             /* share of that depth where no target is */
    double insert_mean, insert_sd; /* 0: lengths as in the profile */
    double error_scale;            /* 1: like the profile; 0: no sequencing errors */
    bool mapping_errors;           /* hard places, diverged copies, low MAPQ, clips, duplicates */
    double copy_share;             /* of the genome under diverged copies, at hardness 1 */
    double hardness; /* multiplies copies, breakpoints, extremes of depth, error-prone places */
};

struct gn_simulate_counts {
    int64_t bases;           /* of reference covered */
    uint64_t fragments;      /* pairs of reads, */
    uint64_t long_reads;     /* or single ones */
    uint64_t variants;       /* in the truth */
    uint64_t given, skipped; /* of the VCF given: taken (before drawn ones), not taken */
};

/// The defaults of `gannet simulate`; prefix is NULL.
struct gn_simulate_options gn_simulate_defaults(void);

/// Writes PREFIX.bam, .bam.bai, .truth.vcf.gz, .truth.vcf.gz.tbi, .truth.bed and, without a
/// reference, PREFIX.fa and .fa.fai. The same options give the same content on every machine.
GN_MUST_CHECK
int gn_simulate(const struct gn_simulate_options *options, struct gn_simulate_counts *counts,
                gn_error_t *err);

#endif

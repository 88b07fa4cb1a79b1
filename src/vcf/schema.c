/* SPDX-License-Identifier: MIT
 *
 * schema.c - DeepVariant 1.9's FILTER, INFO and FORMAT lines. The texts are compared byte for byte:
 * even where one is inexact (PL is cut, not rounded) it stays.
 */
#include "vcf/schema.h"

#include "io/variant.h"

const struct gn_vcf_filter gn_vcf_filters[] = {
    {"PASS", "All filters passed"},
    {"RefCall", "Genotyping model thinks this site is reference."},
    {"LowQual", "Confidence in this variant being real is below calling threshold."},
    {"NoCall", "Site has depth=0 resulting in no call."},
    {NULL, NULL},
};

const struct gn_vcf_field gn_vcf_info_fields[] = {
    {"END", "1", "Integer", "End position (for use with symbolic alleles)", GN_VCF_END, 0,
     GN_VCF_ALWAYS},
    {"CANDIDATES", "1", "String", "pipe-delimited candidate alleles.", GN_VCF_TEXT,
     offsetof(struct gn_variant, candidates), GN_VCF_WITH_CANDIDATES},
    {0},
};

const struct gn_vcf_field gn_vcf_format_fields[] = {
    {"GT", "1", "String", "Genotype", GN_VCF_GENOTYPE, 0, GN_VCF_ALWAYS},
    {"GQ", "1", "Integer", "Conditional genotype quality", GN_VCF_INTS,
     offsetof(struct gn_variant, gq), GN_VCF_ALWAYS},
    {"DP", "1", "Integer", "Read depth", GN_VCF_INTS, offsetof(struct gn_variant, dp),
     GN_VCF_ALWAYS},
    {"MIN_DP", "1", "Integer", "Minimum DP observed within the GVCF block.", GN_VCF_INTS,
     offsetof(struct gn_variant, min_dp), GN_VCF_ALWAYS},
    {"AD", "R", "Integer", "Read depth for each allele", GN_VCF_INTS,
     offsetof(struct gn_variant, ad), GN_VCF_ALWAYS},
    {"VAF", "A", "Float", "Variant allele fractions.", GN_VCF_REALS,
     offsetof(struct gn_variant, vaf), GN_VCF_ALWAYS},
    {"PL", "G", "Integer", "Phred-scaled genotype likelihoods rounded to the closest integer",
     GN_VCF_LIKELIHOODS, 0, GN_VCF_ALWAYS},
    {"PS", "1", "Integer", "Phase set", GN_VCF_INTS, offsetof(struct gn_variant, ps),
     GN_VCF_ALWAYS},
    {"MF", "R", "Float", "Methylation fraction for each of the reference and alternate allele",
     GN_VCF_REALS, offsetof(struct gn_variant, mf), GN_VCF_ALWAYS},
    {"MD", "R", "Integer", "Methylation depth for each of the reference and alternate allele",
     GN_VCF_INTS, offsetof(struct gn_variant, md), GN_VCF_ALWAYS},
    {"MT", "1", "String", "Methylation type: 0/0=Unmethylated, 0/1=Heterozygous, 1/1=Methylated",
     GN_VCF_TEXT, offsetof(struct gn_variant, mt), GN_VCF_ALWAYS},
    {"MED_DP", "1", "Integer",
     "Median DP observed within the GVCF block rounded to the nearest integer.", GN_VCF_INTS,
     offsetof(struct gn_variant, med_dp), GN_VCF_ALWAYS},
    {"MID", "1", "String", "Identifies which model called this variant.", GN_VCF_TEXT,
     offsetof(struct gn_variant, mid), GN_VCF_WITH_MODEL_ID},
    {0},
};

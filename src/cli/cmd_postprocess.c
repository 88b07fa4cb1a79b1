/* SPDX-License-Identifier: MIT
 *
 * cmd_postprocess.c - `gannet postprocess`: DeepVariant's postprocess_variants with its flags (spec
 * 160.4).
 */
#include "cli/commands.h"

#include <string.h>

#include "call/postprocess.h"
#include "cli/default_model.h"

struct postprocess_args {
    const char *infile, *small_model_records, *outfile, *ref;
    const char *nonvariant_path, *gvcf_outfile;
    const char *sample_name, *haploid_contigs, *par_bed, *regions, *debug_candidates;
    const char *pon_filtering, *multiallelic_model;
    double qual_filter, homref_min_gq, multi_allelic_qual_filter;
    int64_t cpus, num_partitions;
    bool group_variants, only_keep_pass, keep_overlaps;
    bool use_multiallelic_model, process_somatic, vcf_stats_report;
};

static const struct gn_option options[] = {
    {GN_OPTION_GROUP, .help = "Input"},
    {GN_OPTION_TEXT, .name = "infile", .metavar = "FILE",
     .offset = offsetof(struct postprocess_args, infile), .flags = GN_OPTION_REQUIRED,
     .help =
         "Network outputs of call-variants: a file, x@N shards, or the name they were written by"},
    {GN_OPTION_TEXT, .name = "small-model-cvo-records", .metavar = "FILE",
     .offset = offsetof(struct postprocess_args, small_model_records),
     .help = "Outputs of the small model, named likewise"},
    {GN_OPTION_TEXT, .name = "nonvariant-site-tfrecord-path", .metavar = "FILE",
     .offset = offsetof(struct postprocess_args, nonvariant_path),
     .help = "Non-variant records of make-examples (--gvcf there); needed for --gvcf-outfile"},
    {GN_OPTION_TEXT, .name = "ref", .metavar = "FILE",
     .offset = offsetof(struct postprocess_args, ref), .flags = GN_OPTION_REQUIRED,
     .help = "Reference FASTA with its .fai, the one the reads were aligned to"},
    {GN_OPTION_TEXT, .name = "regions", .metavar = "LIST",
     .offset = offsetof(struct postprocess_args, regions),
     .help = "Keep only what starts here: chr20:1-1000, chr20 or BED files, separated by spaces"},
    {GN_OPTION_GROUP, .help = "Output"},
    {GN_OPTION_TEXT, .name = "outfile", .metavar = "FILE",
     .offset = offsetof(struct postprocess_args, outfile), .flags = GN_OPTION_REQUIRED,
     .help = "VCF to write; .gz compresses and indexes, .bcf writes BCF"},
    {GN_OPTION_TEXT, .name = "gvcf-outfile", .metavar = "FILE",
     .offset = offsetof(struct postprocess_args, gvcf_outfile), .help = "gVCF to write"},
    {GN_OPTION_FLAG, .name = "only-keep-pass",
     .offset = offsetof(struct postprocess_args, only_keep_pass),
     .help = "Write only PASS records to the VCF (the gVCF keeps all)"},
    {GN_OPTION_TEXT, .name = "sample-name", .metavar = "NAME",
     .offset = offsetof(struct postprocess_args, sample_name), .fallback = "default",
     .help = "Sample of the header when no input record names one"},
    {GN_OPTION_GROUP, .help = "Genotypes"},
    {GN_OPTION_REAL, .name = "qual-filter", .metavar = "PHRED",
     .offset = offsetof(struct postprocess_args, qual_filter), .fallback = "1.0",
     .help = "Calls with a lower QUAL get FILTER LowQual"},
    {GN_OPTION_REAL, .name = "cnn-homref-call-min-gq", .metavar = "PHRED",
     .offset = offsetof(struct postprocess_args, homref_min_gq), .fallback = "20.0",
     .help = "Reference calls with a lower GQ become ./."},
    {GN_OPTION_REAL, .name = "multi-allelic-qual-filter", .metavar = "PHRED",
     .offset = offsetof(struct postprocess_args, multi_allelic_qual_filter), .fallback = "1.0",
     .help = "Alternate alleles of multi-allelic sites with a lower QUAL are dropped; 0 keeps all"},
    {GN_OPTION_FLAG, .name = "use-multiallelic-model",
     .offset = offsetof(struct postprocess_args, use_multiallelic_model),
     .help = "Genotype sites with two alts with a model of their own"},
    {GN_OPTION_TEXT, .name = "multiallelic-model", .metavar = "DIR",
     .offset = offsetof(struct postprocess_args, multiallelic_model), .help = "Use this one"},
    {GN_OPTION_TEXT, .name = "haploid-contigs", .metavar = "LIST",
     .offset = offsetof(struct postprocess_args, haploid_contigs),
     .help = "Contigs without heterozygous calls, separated by commas"},
    {GN_OPTION_TEXT, .name = "par-regions-bed", .metavar = "FILE",
     .offset = offsetof(struct postprocess_args, par_bed),
     .help = "Pseudo-autosomal regions of the haploid contigs: diploid all the same"},
    {GN_OPTION_FLAG, .name = "group-variants",
     .offset = offsetof(struct postprocess_args, group_variants), .fallback = "true",
     .help = "Merge the outputs of one site (--nogroup-variants for outputs of proposed variants)"},
    {GN_OPTION_FLAG, .name = "disable-haplotype-resolution",
     .offset = offsetof(struct postprocess_args, keep_overlaps),
     .help = "Keep overlapping calls that contradict each other"},
    {GN_OPTION_CHOICE, .name = "debug-output-all-candidates", .metavar = "WHERE",
     .offset = offsetof(struct postprocess_args, debug_candidates), .choices = "ALT|INFO",
     .help = "Also write dropped alternate alleles, into ALT or INFO CANDIDATES"},
    {GN_OPTION_GROUP, .help = "Performance"},
    {GN_OPTION_INT, .letter = 'j', .name = "cpus", .metavar = "INT",
     .offset = offsetof(struct postprocess_args, cpus), .fallback = "1", .max = 4096,
     .flags = GN_OPTION_IGNORED, .help = "Has no effect: one CPU is used"},
    {GN_OPTION_INT, .name = "num-partitions", .metavar = "INT",
     .offset = offsetof(struct postprocess_args, num_partitions), .max = 1e9,
     .flags = GN_OPTION_IGNORED,
     .help = "The genome is processed in one pass, so no border splits overlapping calls"},
    {GN_OPTION_FLAG, .name = "vcf-stats-report",
     .offset = offsetof(struct postprocess_args, vcf_stats_report), .flags = GN_OPTION_IGNORED,
     .help = "Deprecated in DeepVariant too"},
    {GN_OPTION_FLAG, .name = "process-somatic",
     .offset = offsetof(struct postprocess_args, process_somatic), .flags = GN_OPTION_HIDDEN,
     .help = "Not supported: gannet calls germline variants"},
    {GN_OPTION_TEXT, .name = "pon-filtering", .metavar = "FILE",
     .offset = offsetof(struct postprocess_args, pon_filtering), .flags = GN_OPTION_HIDDEN,
     .help = "Not supported: gannet calls germline variants"},
    {GN_OPTION_END},
};

static int refuse_unsupported(const struct postprocess_args *args, gn_error_t *err)
{
    if (args->process_somatic || args->pon_filtering != NULL)
        return gn_fail(err, GN_E_USAGE,
                       "--process-somatic and --pon-filtering are not supported: gannet calls "
                       "germline variants");
    return GN_OK;
}

static enum gn_pruned_alts pruned_alts_of(const char *choice)
{
    if (choice == NULL)
        return GN_PRUNED_DROP;
    return strcmp(choice, "ALT") == 0 ? GN_PRUNED_IN_ALT : GN_PRUNED_IN_INFO;
}

static struct gn_postprocess_options to_library(const struct postprocess_args *args)
{
    struct gn_postprocess_options library = {
        .reference = args->ref,
        .outputs = args->infile,
        .small_model_outputs = args->small_model_records,
        .blocks = args->nonvariant_path,
        .sample = args->sample_name,
        .haploid_contigs = args->haploid_contigs,
        .diploid_bed = args->par_bed,
        .regions = args->regions,
        .calling = gn_calling_options_default(),
    };
    library.calling.vcf_path = args->outfile;
    library.calling.gvcf_path = args->gvcf_outfile;
    library.calling.only_pass = args->only_keep_pass;
    library.calling.keep_overlaps = args->keep_overlaps;
    library.calling.genotype.group = args->group_variants;
    library.calling.genotype.min_quality = args->qual_filter;
    library.calling.genotype.min_homref_gq = args->homref_min_gq;
    library.calling.genotype.min_allele_quality = args->multi_allelic_qual_filter;
    library.calling.genotype.pruned_alts = pruned_alts_of(args->debug_candidates);
    return library;
}

static int run(int argc, char **argv, gn_error_t *err)
{
    struct postprocess_args args = {
        .qual_filter = 1.0,
        .homref_min_gq = 20.0,
        .multi_allelic_qual_filter = 1.0,
        .cpus = 1,
        .group_variants = true,
    };
    bool help;
    int status =
        gn_options_parse(&gn_cmd_postprocess, argc, argv, &args, NULL, 0, NULL, &help, err);
    if (status < 0)
        return status;
    if (help) {
        gn_options_help(&gn_cmd_postprocess, stdout);
        return GN_OK;
    }
    status = refuse_unsupported(&args, err);
    if (status < 0)
        return status;
    struct gn_postprocess_options library = to_library(&args);
    struct gn_calling_counts counts;
    gn_mlp_t *multiallelic;
    status = gn_load_multiallelic_model(args.use_multiallelic_model, args.multiallelic_model,
                                        &multiallelic, err);
    if (status < 0)
        return status;
    library.calling.genotype.multiallelic_model = multiallelic;
    status = gn_postprocess(&library, &counts, err);
    gn_mlp_free(multiallelic);
    if (status == GN_OK)
        fprintf(stderr,
                "postprocess: %lld PASS, %lld RefCall, %lld LowQual, %lld NoCall, %lld non-variant "
                "records\n",
                (long long)counts.pass, (long long)counts.ref_call, (long long)counts.low_qual,
                (long long)counts.no_call, (long long)counts.blocks);
    return status;
}

const struct gn_command gn_cmd_postprocess = {
    .name = "postprocess",
    .summary = "network outputs to VCF and gVCF",
    .about = "Turns the outputs of call-variants into called variants: merges multi-allelic sites, "
             "assigns genotypes and "
             "qualities, resolves overlapping calls, and writes VCF and, with the non-variant "
             "records of make-examples, gVCF. "
             "The same bytes as DeepVariant 1.9's postprocess_variants.",
    .usage = "--infile FILE --ref FILE --outfile FILE [options]",
    .options = options,
    .examples = "  gannet postprocess --ref ref.fa --infile cvo.tfrecord.gz --outfile out.vcf.gz\n"
                "  gannet postprocess --ref ref.fa --infile cvo.tfrecord.gz --outfile o.vcf.gz \\\n"
                "      --nonvariant-site-tfrecord-path gvcf.tfrecord@16.gz \\\n"
                "      --gvcf-outfile o.g.vcf.gz",
    .run = run,
};

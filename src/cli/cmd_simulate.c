/* SPDX-License-Identifier: MIT
 *
 * cmd_simulate.c - `gannet simulate`: options into struct gn_simulate_options, and the summary.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cli/commands.h"
#include "cli/default_profile.h"
#include "simulate/long/long_profile_learn.h"
#include "simulate/short/short_profile_learn.h"
#include "simulate/simulate.h"

static const char DEFAULT_PROFILE[] = "novaseq-2x150";

struct simulate_args {
    struct gn_simulate_options simulate;
    const char *output_dir;
    const char *profile;        /* name or file */
    const char *learn_from;     /* BAM files: learn instead of simulating */
    const char *output_profile; /* where what was learned goes */
    struct gn_short_learn_task learn;
};

static const struct gn_option options[] = {
    {GN_OPTION_GROUP, .help = "Output"},
    {GN_OPTION_TEXT, 'o', "output-prefix", "PREFIX",
     offsetof(struct simulate_args, simulate.prefix),
     .help =
         "Write PREFIX.bam, PREFIX.truth.vcf.gz, PREFIX.truth.bed and, without --ref, PREFIX.fa"},
    {GN_OPTION_TEXT, .name = "output-dir", .metavar = "DIR",
     .offset = offsetof(struct simulate_args, output_dir),
     .help = "Instead of a prefix: write DIR/SAMPLE.bam and so on"},
    {GN_OPTION_TEXT, .name = "sample", .metavar = "NAME",
     .offset = offsetof(struct simulate_args, simulate.sample), .fallback = "SIM",
     .help = "Name of the individual"},
    {GN_OPTION_INT, .name = "seed", .metavar = "INT",
     .offset = offsetof(struct simulate_args, simulate.seed), .fallback = "1", .min = 0,
     .max = 1e15, .help = "The same seed and options give the same data on every machine"},

    {GN_OPTION_GROUP, .help = "Genome"},
    {GN_OPTION_TEXT, 'r', "ref", "FILE", offsetof(struct simulate_args, simulate.reference),
     .help = "Reference FASTA with index; without it a reference is made up"},
    {GN_OPTION_TEXT, .name = "regions", .metavar = "LIST",
     .offset = offsetof(struct simulate_args, simulate.regions),
     .help = "Simulate these places only: chr:a-b, contig names, BED files, separated by spaces"},
    {GN_OPTION_INT, .name = "genome-size", .metavar = "INT",
     .offset = offsetof(struct simulate_args, simulate.genome_size), .fallback = "1000000",
     .min = 5000, .max = 4e9, .help = "Bases of the made-up reference"},
    {GN_OPTION_INT, .name = "contigs", .metavar = "INT",
     .offset = offsetof(struct simulate_args, simulate.n_contigs), .fallback = "2", .min = 1,
     .max = 10000, .help = "Contigs of the made-up reference"},
    {GN_OPTION_REAL, .name = "snv-rate", .metavar = "REAL",
     .offset = offsetof(struct simulate_args, simulate.snv_rate), .fallback = "0.0012", .min = 0,
     .max = 0.1, .help = "Substitutions per base"},
    {GN_OPTION_REAL, .name = "indel-rate", .metavar = "REAL",
     .offset = offsetof(struct simulate_args, simulate.indel_rate), .fallback = "0.00021", .min = 0,
     .max = 0.02, .help = "Insertions and deletions per base"},
    {GN_OPTION_REAL, .name = "het-share", .metavar = "REAL",
     .offset = offsetof(struct simulate_args, simulate.het_share), .fallback = "0.62", .min = 0,
     .max = 1, .help = "Share of variants on one of the two haplotypes"},

    {GN_OPTION_TEXT, .name = "variants", .metavar = "FILE",
     .offset = offsetof(struct simulate_args, simulate.variants),
     .help = "Give the individual the genotypes of this VCF, besides those that are drawn; "
             "unphased ones are phased by chance"},
    {GN_OPTION_TEXT, .name = "variants-sample", .metavar = "NAME",
     .offset = offsetof(struct simulate_args, simulate.variants_sample),
     .help = "Whose genotypes of --variants, where it holds several"},

    {GN_OPTION_GROUP, .help = "Sequencing"},
    {GN_OPTION_TEXT, .name = "profile", .metavar = "NAME|FILE",
     .offset = offsetof(struct simulate_args, profile), .fallback = DEFAULT_PROFILE,
     .help = "What the reads look like: a profile that ships (see profiles/) or one of "
             "--learn-profile"},
    {GN_OPTION_REAL, .name = "coverage", .metavar = "REAL",
     .offset = offsetof(struct simulate_args, simulate.coverage), .fallback = "30", .min = 0,
     .max = 10000, .help = "Mean depth; with --targets, on the targets"},
    {GN_OPTION_TEXT, .name = "targets", .metavar = "BED",
     .offset = offsetof(struct simulate_args, simulate.targets),
     .help = "Capture these places, as exomes and panels do: depth differs from target to target "
             "and ends about a fragment's length beside them; short reads only"},
    {GN_OPTION_REAL, .name = "off-target", .metavar = "REAL",
     .offset = offsetof(struct simulate_args, simulate.off_target), .fallback = "0.02", .min = 0,
     .max = 1, .help = "Depth far from targets, as a share of that on them"},
    {GN_OPTION_INT, .name = "read-length", .metavar = "INT",
     .offset = offsetof(struct simulate_args, simulate.read_length), .fallback = "the profile's",
     .min = 0, .max = 300, .help = "Bases per read, 50 to 300"},
    {GN_OPTION_REAL, .name = "insert-mean", .metavar = "REAL",
     .offset = offsetof(struct simulate_args, simulate.insert_mean), .fallback = "the profile's",
     .min = 0, .max = 5000, .help = "Mean length of a fragment"},
    {GN_OPTION_REAL, .name = "insert-sd", .metavar = "REAL",
     .offset = offsetof(struct simulate_args, simulate.insert_sd), .fallback = "the profile's",
     .min = 0, .max = 1000, .help = "Standard deviation of a fragment's length"},
    {GN_OPTION_REAL, .name = "error-rate", .metavar = "REAL",
     .offset = offsetof(struct simulate_args, simulate.error_scale), .fallback = "1", .min = 0,
     .max = 20, .help = "Multiplies all sequencing errors; 0: none"},
    {GN_OPTION_FLAG, .name = "mapping-errors",
     .offset = offsetof(struct simulate_args, simulate.mapping_errors), .fallback = "true",
     .help = "Reads of diverged copies, breakpoints, deserts and peaks of depth, clips, "
             "duplicates, doubtful mapping qualities"},
    {GN_OPTION_REAL, .name = "copy-share", .metavar = "REAL",
     .offset = offsetof(struct simulate_args, simulate.copy_share), .fallback = "0.02", .min = 0,
     .max = 1, .help = "Share of the genome onto which reads of diverged copies are mapped"},
    {GN_OPTION_REAL, .name = "hardness", .metavar = "REAL",
     .offset = offsetof(struct simulate_args, simulate.hardness), .fallback = "1", .min = 0,
     .max = 20, .help = "Multiplies copies, breakpoints, extremes of depth, error-prone places"},

    {GN_OPTION_GROUP, .help = "Learning a profile"},
    {GN_OPTION_TEXT, .name = "learn-profile", .metavar = "FILES",
     .offset = offsetof(struct simulate_args, learn_from),
     .help = "Simulate nothing: learn a profile from these BAM files of one sample, separated by "
             "spaces; needs --ref; --regions restricts it"},
    {GN_OPTION_TEXT, .name = "output-profile", .metavar = "FILE",
     .offset = offsetof(struct simulate_args, output_profile),
     .help = "Write the learned profile here"},
    {GN_OPTION_TEXT, .name = "truth-variants", .metavar = "FILE",
     .offset = offsetof(struct simulate_args, learn.truth),
     .help = "VCF of the sample's variants, which are no errors; without it the reads alone tell"},
    {GN_OPTION_TEXT, .name = "profile-name", .metavar = "NAME",
     .offset = offsetof(struct simulate_args, learn.name), .fallback = "learned",
     .help = "Name that the profile bears"},
    {GN_OPTION_TEXT, .name = "profile-source", .metavar = "TEXT",
     .offset = offsetof(struct simulate_args, learn.source),
     .help = "Which data it was learned from, for its readers"},
    {GN_OPTION_TEXT, .name = "profile-description", .metavar = "TEXT",
     .offset = offsetof(struct simulate_args, learn.description),
     .help = "What kind of run it describes, for its readers"},
    {GN_OPTION_END},
};

static void report(const struct gn_simulate_options *simulated,
                   const struct gn_simulate_counts *counts)
{
    bool is_long = counts->long_reads > 0;
    fprintf(stderr,
            "simulated %" PRIu64 " variants in %" PRId64 " bases and %" PRIu64
            " %s: %s.bam, %s.truth.vcf.gz\n",
            counts->variants, counts->bases, is_long ? counts->long_reads : counts->fragments,
            is_long ? "long reads" : "pairs of reads", simulated->prefix, simulated->prefix);
    if (simulated->variants != NULL)
        fprintf(stderr,
                "took %" PRIu64 " variants of %s, skipped %" PRIu64
                " that overlap, are malformed or disagree with the reference\n",
                counts->given, simulated->variants, counts->skipped);
}

static int simulate(struct simulate_args *args, gn_error_t *err)
{
    struct gn_simulate_counts counts;
    char *prefix = NULL, *profile = NULL;
    if ((args->simulate.prefix == NULL) == (args->output_dir == NULL))
        return gn_fail(err, GN_E_USAGE, "give one of --output-prefix and --output-dir");
    int code = gn_find_profile(args->profile, &profile, err);
    if (code < 0)
        return code;
    args->simulate.profile = profile;
    if (args->output_dir != NULL) {
        if (asprintf(&prefix, "%s/%s", args->output_dir, args->simulate.sample) < 0) {
            free(profile);
            return gn_fail_memory(err, "the output's name");
        }
        args->simulate.prefix = prefix;
    }
    code = gn_simulate(&args->simulate, &counts, err);
    if (code == GN_OK)
        report(&args->simulate, &counts);
    free(prefix);
    free(profile);
    return code;
}

static int learn_long_profile(const struct simulate_args *args, gn_error_t *err)
{
    struct gn_long_learn_task task = gn_long_learn_defaults();
    task.bam = args->learn_from;
    task.reference = args->simulate.reference;
    task.regions = args->simulate.regions;
    task.truth_vcf = args->learn.truth;
    task.name = args->learn.name;
    task.source = args->learn.source;
    task.description = args->learn.description;
    struct gn_long_profile *profile = gn_long_profile_learn(&task, err);
    if (profile == NULL)
        return err->code;
    int code = gn_long_profile_save(profile, args->output_profile, err);
    if (code == GN_OK)
        fprintf(stderr, "learned a profile of long reads, %.0f bases in the median: %s\n",
                profile->read_length[GN_LONG_PERCENTILES / 2], args->output_profile);
    gn_long_profile_free(profile);
    return code;
}

/* Whether the files hold long reads; they are learned from one file. */
static int learns_from_long_reads(const char *files, gn_error_t *err)
{
    size_t length = strcspn(files, " ");
    char *first = gn_strndup(files, length);
    if (first == NULL)
        return gn_fail_memory(err, "a file's name");
    int is_long = gn_long_reads_in(first, err);
    free(first);
    if (is_long == 1 && files[length] != '\0')
        return gn_fail(err, GN_E_USAGE,
                       "--learn-profile: long reads are learned from one file: merge them with "
                       "samtools merge");
    return is_long;
}

static int learn_profile(struct simulate_args *args, gn_error_t *err)
{
    if (args->simulate.reference == NULL || args->output_profile == NULL)
        return gn_fail(err, GN_E_USAGE, "--learn-profile: give --ref and --output-profile too");
    if (args->simulate.prefix != NULL || args->output_dir != NULL)
        return gn_fail(err, GN_E_USAGE,
                       "--learn-profile simulates nothing: leave --output-prefix out");
    int is_long = learns_from_long_reads(args->learn_from, err);
    if (is_long != 0)
        return is_long < 0 ? is_long : learn_long_profile(args, err);
    args->learn.reads = args->learn_from;
    args->learn.reference = args->simulate.reference;
    args->learn.regions = args->simulate.regions;
    struct gn_short_profile *profile = gn_short_profile_learn(&args->learn, err);
    if (profile == NULL)
        return err->code;
    int code = gn_short_profile_write(profile, args->output_profile, err);
    if (code == GN_OK)
        fprintf(stderr, "learned a profile of reads of %d bases: %s\n", profile->read_length,
                args->output_profile);
    gn_short_profile_free(profile);
    return code;
}

static int run(int argc, char **argv, gn_error_t *err)
{
    struct simulate_args args = {
        .simulate = gn_simulate_defaults(),
        .profile = DEFAULT_PROFILE,
        .learn = {.name = "learned", .source = "", .description = ""},
    };
    int n_positional;
    bool help;
    int code =
        gn_options_parse(&gn_cmd_simulate, argc, argv, &args, NULL, 0, &n_positional, &help, err);
    if (code < 0)
        return code;
    if (help) {
        gn_options_help(&gn_cmd_simulate, stdout);
        return GN_OK;
    }
    if (args.learn_from != NULL)
        return learn_profile(&args, err);
    if (args.output_profile != NULL || args.learn.truth != NULL)
        return gn_fail(err, GN_E_USAGE,
                       "--output-profile and --truth-variants belong to --learn-profile");
    return simulate(&args, err);
}

const struct gn_command gn_cmd_simulate = {
    .name = "simulate",
    .summary = "make a diploid genome, its truth and its reads",
    .about = "Draws the variants of one individual on a reference (given or made up), then the "
             "reads of a sequencing run over it, aligned as bwa mem or minimap2 would: "
             "paired-end Illumina, PacBio HiFi or Oxford Nanopore, as the profile says. "
             "Writes a sorted, indexed BAM, the phased truth as VCF and the places where the truth "
             "can be trusted as BED. What the reads look like, errors included, comes from a "
             "profile that was learned from real reads; --learn-profile makes one.",
    .usage = "--output-prefix PREFIX [--ref FILE] [options]",
    .options = options,
    .examples = "  gannet simulate --output-prefix demo/sim --genome-size 500000\n"
                "  gannet simulate -r GRCh38.fa --regions 'chr20:10,000,001-15,000,000' \\\n"
                "      --coverage 40 --profile hiseq-2x101 -o train/a --seed 7\n"
                "  gannet simulate -r GRCh38.fa --regions chr20 --profile ont-r10.4 -o train/ont\n"
                "  gannet simulate -r GRCh38.fa --targets exome.bed --coverage 100 -o wes\n"
                "  gannet simulate --learn-profile my.bam -r GRCh38.fa --regions chr20 \\\n"
                "      --truth-variants my.vcf.gz --output-profile my.json",
    .run = run,
};

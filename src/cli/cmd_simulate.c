/* SPDX-License-Identifier: MIT
 *
 * cmd_simulate.c - `gannet simulate`: options into struct gn_simulate_options, and the summary.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/commands.h"
#include "simulate/simulate.h"

struct simulate_args {
    struct gn_simulate_options simulate;
    const char *output_dir;
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
     .offset = offsetof(struct simulate_args, simulate.snv_rate), .fallback = "0.001", .min = 0,
     .max = 0.1, .help = "Substitutions per base"},
    {GN_OPTION_REAL, .name = "indel-rate", .metavar = "REAL",
     .offset = offsetof(struct simulate_args, simulate.indel_rate), .fallback = "0.00015", .min = 0,
     .max = 0.02, .help = "Insertions and deletions per base"},
    {GN_OPTION_REAL, .name = "het-share", .metavar = "REAL",
     .offset = offsetof(struct simulate_args, simulate.het_share), .fallback = "0.62", .min = 0,
     .max = 1, .help = "Share of variants on one of the two haplotypes"},

    {GN_OPTION_GROUP, .help = "Sequencing"},
    {GN_OPTION_REAL, .name = "coverage", .metavar = "REAL",
     .offset = offsetof(struct simulate_args, simulate.coverage), .fallback = "30", .min = 0,
     .max = 10000, .help = "Mean depth"},
    {GN_OPTION_INT, .name = "read-length", .metavar = "INT",
     .offset = offsetof(struct simulate_args, simulate.read_length), .fallback = "150", .min = 50,
     .max = 300, .help = "Bases per read"},
    {GN_OPTION_REAL, .name = "insert-mean", .metavar = "REAL",
     .offset = offsetof(struct simulate_args, simulate.insert_mean), .fallback = "400", .min = 50,
     .max = 5000, .help = "Mean length of a fragment"},
    {GN_OPTION_REAL, .name = "insert-sd", .metavar = "REAL",
     .offset = offsetof(struct simulate_args, simulate.insert_sd), .fallback = "80", .min = 0,
     .max = 1000, .help = "Standard deviation of a fragment's length"},
    {GN_OPTION_TEXT, .name = "profile", .metavar = "FILE",
     .offset = offsetof(struct simulate_args, simulate.long_profile),
     .help = "Profile of long reads"},
    {GN_OPTION_CHOICE, .name = "quality-profile",
     .offset = offsetof(struct simulate_args, simulate.quality_profile), .fallback = "hiseq",
     .choices = "hiseq|novaseq|recalibrated",
     .help = "Base qualities: 40 levels, four bins, four bins after recalibration"},
    {GN_OPTION_REAL, .name = "error-rate", .metavar = "REAL",
     .offset = offsetof(struct simulate_args, simulate.error_scale), .fallback = "1", .min = 0,
     .max = 20, .help = "Multiplies all sequencing errors; 0: none"},
    {GN_OPTION_FLAG, .name = "mapping-errors",
     .offset = offsetof(struct simulate_args, simulate.mapping_errors), .fallback = "true",
     .help = "Reads of diverged copies, chimeras and doubtful mapping qualities"},
    {GN_OPTION_REAL, .name = "copy-share", .metavar = "REAL",
     .offset = offsetof(struct simulate_args, simulate.copy_share), .fallback = "0.015", .min = 0,
     .max = 1, .help = "Share of the genome onto which reads of a diverged copy are mapped"},
    {GN_OPTION_END},
};

static int simulate(struct simulate_args *args, gn_error_t *err)
{
    struct gn_simulate_counts counts;
    char *prefix = NULL;
    if ((args->simulate.prefix == NULL) == (args->output_dir == NULL))
        return gn_fail(err, GN_E_USAGE, "give one of --output-prefix and --output-dir");
    if (args->output_dir != NULL) {
        if (asprintf(&prefix, "%s/%s", args->output_dir, args->simulate.sample) < 0)
            return gn_fail_memory(err, "the output's name");
        args->simulate.prefix = prefix;
    }
    int code = gn_simulate(&args->simulate, &counts, err);
    if (code == GN_OK)
        fprintf(stderr,
                "simulated %" PRIu64 " variants in %" PRId64 " bases and %" PRIu64
                " pairs of reads: %s.bam, %s.truth.vcf.gz\n",
                counts.variants, counts.bases, counts.fragments, args->simulate.prefix,
                args->simulate.prefix);
    free(prefix);
    return code;
}

static int run(int argc, char **argv, gn_error_t *err)
{
    struct simulate_args args = {.simulate = gn_simulate_defaults()};
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
    return simulate(&args, err);
}

const struct gn_command gn_cmd_simulate = {
    .name = "simulate",
    .summary = "make a diploid genome, its truth and its reads",
    .about = "Draws the variants of one individual on a reference (given or made up), then the "
             "paired-end Illumina reads of a sequencing run over it, aligned as bwa mem would. "
             "Writes a sorted, indexed BAM, the phased truth as VCF and the places where the truth "
             "can be trusted as BED.",
    .usage = "--output-prefix PREFIX [--ref FILE] [options]",
    .options = options,
    .examples = "  gannet simulate --output-prefix demo/sim --genome-size 500000\n"
                "  gannet simulate -r GRCh38.fa --regions 'chr20:10,000,001-15,000,000' \\\n"
                "      --coverage 40 --quality-profile novaseq -o train/a --seed 7",
    .run = run,
};

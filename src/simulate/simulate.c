/* SPDX-License-Identifier: MIT
 *
 * simulate.c - contig by contig: variants in the regions, two haplotypes and the diverged copies
 * around them, then the reads.
 */
#include "simulate/simulate.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/regions.h"
#include "simulate/library.h"
#include "simulate/long_reads.h"
#include "simulate/reference.h"
#include "simulate/truth_writer.h"

enum { PAD = 1500 }; /* bases around a region that get reads, so that its edges are covered */

struct simulation {
    const struct gn_simulate_options *options;
    struct gn_simulate_counts *counts;
    struct gn_mt64 rng;
    struct gn_sim_reference reference;
    struct gn_ranges regions; /* that get variants; normal */
    struct gn_ranges spans;   /* that get reads; normal */
    struct gn_library library;
    struct gn_long_profile *long_profile; /* NULL: paired short reads */
    struct gn_long_library long_library;
    gn_bam_writer_t *bam;
    gn_truth_writer_t *truth;
};

/* One span while it is worked on. */
struct stretch {
    struct gn_range range;
    const char *bases; /* of the contig */
    struct gn_sites sites;
    struct gn_repeats repeats;
    struct gn_haplotype haps[2];
    struct gn_copies copies;
};

struct gn_simulate_options gn_simulate_defaults(void)
{
    return (struct gn_simulate_options){.sample = "SIM",
                                        .quality_profile = "hiseq",
                                        .genome_size = 1000000,
                                        .n_contigs = 2,
                                        .seed = 1,
                                        .read_length = 150,
                                        .snv_rate = 0.001,
                                        .indel_rate = 0.00015,
                                        .het_share = 0.62,
                                        .coverage = 30,
                                        .insert_mean = 400,
                                        .insert_sd = 80,
                                        .error_scale = 1,
                                        .mapping_errors = true,
                                        .copy_share = 0.015};
}

static int choose_ranges(struct simulation *sim, gn_error_t *err)
{
    const struct gn_contigs *contigs = gn_sim_reference_contigs(&sim->reference);
    const char *regions = sim->options->regions;
    int code = regions == NULL ? gn_ranges_whole(&sim->regions, contigs, err)
                               : gn_ranges_parse(&sim->regions, regions, contigs, err);
    if (code < 0)
        return code;
    gn_ranges_normalise(&sim->regions);
    for (size_t i = 0; i < sim->regions.n && code == GN_OK; i++) {
        struct gn_range span = sim->regions.v[i];
        int64_t length = contigs->lengths[span.contig];
        int64_t pad = sim->long_profile != NULL ? GN_LONG_PAD : PAD;
        span.start0 = span.start0 > pad ? span.start0 - pad : 0;
        span.end0 = span.end0 + pad < length ? span.end0 + pad : length;
        code = gn_ranges_push(&sim->spans, span, err);
    }
    gn_ranges_normalise(&sim->spans);
    return code;
}

/* Variants of every region inside the stretch, and what of it can be trusted. */
static int draw_variants(struct simulation *sim, struct stretch *stretch, gn_error_t *err)
{
    const struct gn_simulate_options *options = sim->options;
    struct gn_site_rates rates = {options->snv_rate, options->indel_rate, options->het_share};
    const struct gn_range *range = &stretch->range;
    int code = GN_OK;
    if (options->mapping_errors)
        code = gn_copies_draw(&stretch->copies, &sim->rng, options->copy_share, stretch->bases,
                              range->start0, range->end0, err);
    for (size_t i = 0; i < sim->regions.n && code == GN_OK; i++) {
        const struct gn_range *region = &sim->regions.v[i];
        if (region->contig != range->contig || region->start0 < range->start0 ||
            region->end0 > range->end0)
            continue;
        code = gn_sites_draw(&stretch->sites, &sim->rng, &rates, stretch->bases, &stretch->repeats,
                             region->start0, region->end0, err);
        if (code == GN_OK)
            code = gn_truth_writer_confident(sim->truth, range->contig, stretch->bases,
                                             &stretch->copies, region->start0, region->end0, err);
        sim->counts->bases += region->end0 - region->start0;
    }
    sim->counts->variants += stretch->sites.n;
    return code;
}

static int find_repeats(struct stretch *stretch, gn_error_t *err)
{
    const struct gn_range *range = &stretch->range;
    int code = gn_repeats_find(&stretch->repeats, stretch->bases + range->start0,
                               range->end0 - range->start0, err);
    for (size_t i = 0; i < stretch->repeats.n; i++)
        stretch->repeats.v[i].start0 += range->start0;
    return code;
}

static int cover(struct simulation *sim, struct stretch *stretch, gn_error_t *err)
{
    const struct gn_range *range = &stretch->range;
    int code = GN_OK;
    for (int h = 0; h < 2 && code == GN_OK; h++)
        code = gn_haplotype_build(&stretch->haps[h], stretch->bases, range->start0, range->end0,
                                  &stretch->sites, h, err);
    if (code < 0)
        return code;
    if (sim->long_profile != NULL) {
        struct gn_long_span long_span = {.contig = range->contig,
                                         .start0 = range->start0,
                                         .end0 = range->end0,
                                         .bases = stretch->bases,
                                         .haps = {&stretch->haps[0], &stretch->haps[1]},
                                         .copies = &stretch->copies};
        return gn_long_library_cover(&sim->long_library, &sim->rng, &long_span, sim->bam, err);
    }
    const struct gn_contigs *contigs = gn_sim_reference_contigs(&sim->reference);
    struct gn_library_span span = {.contig = range->contig,
                                   .start0 = range->start0,
                                   .end0 = range->end0,
                                   .bases = stretch->bases,
                                   .contig_length = contigs->lengths[range->contig],
                                   .haps = {&stretch->haps[0], &stretch->haps[1]},
                                   .copies = &stretch->copies};
    return gn_library_cover(&sim->library, &sim->rng, &span, sim->bam, err);
}

static int simulate_span(struct simulation *sim, struct gn_range range, gn_error_t *err)
{
    struct stretch stretch = {.range = range};
    stretch.bases = gn_sim_reference_bases(&sim->reference, range.contig, err);
    int code = stretch.bases == NULL ? err->code : find_repeats(&stretch, err);
    if (code == GN_OK)
        code = draw_variants(sim, &stretch, err);
    if (code == GN_OK)
        code =
            gn_truth_writer_sites(sim->truth, range.contig, stretch.bases, &stretch.sites, 0, err);
    if (code == GN_OK)
        code = cover(sim, &stretch, err);
    gn_sites_clear(&stretch.sites);
    gn_repeats_clear(&stretch.repeats);
    gn_haplotype_clear(&stretch.haps[0]);
    gn_haplotype_clear(&stretch.haps[1]);
    gn_copies_clear(&stretch.copies);
    return code;
}

static enum gn_quality_profile profile_named(const char *name)
{
    if (strcmp(name, "novaseq") == 0)
        return GN_QUALITY_NOVASEQ;
    return strcmp(name, "recalibrated") == 0 ? GN_QUALITY_RECALIBRATED : GN_QUALITY_HISEQ;
}

static int open_outputs(struct simulation *sim, gn_error_t *err)
{
    const struct gn_simulate_options *options = sim->options;
    const struct gn_contigs *contigs = gn_sim_reference_contigs(&sim->reference);
    char *bam_path = NULL;
    if (asprintf(&bam_path, "%s.bam", options->prefix) < 0)
        return gn_fail_memory(err, "the output's name");
    sim->bam = gn_bam_writer_open(
        bam_path, contigs, options->sample,
        sim->long_profile != NULL ? sim->long_profile->platform : "ILLUMINA", err);
    free(bam_path);
    if (sim->bam == NULL)
        return err->code;
    sim->truth = gn_truth_writer_open(options->prefix, contigs, options->sample, err);
    return sim->truth == NULL ? err->code : GN_OK;
}

static int check_options(const struct gn_simulate_options *options, gn_error_t *err)
{
    if (options->read_length < 50 || options->read_length > 300)
        return gn_fail(err, GN_E_USAGE, "--read-length %" PRId64 ": choose 50 to 300 bases",
                       options->read_length);
    if (options->insert_mean < (double)options->read_length)
        return gn_fail(err, GN_E_USAGE,
                       "--insert-mean %g is shorter than a read of %" PRId64 ": choose more",
                       options->insert_mean, options->read_length);
    if (options->genome_size / options->n_contigs < 5000)
        return gn_fail(err, GN_E_USAGE, "--genome-size: give at least 5000 bases a contig");
    return GN_OK;
}

static int run(struct simulation *sim, gn_error_t *err)
{
    const struct gn_simulate_options *options = sim->options;
    int code = gn_sim_reference_open(&sim->reference, options, &sim->rng, err);
    if (code == GN_OK)
        code = choose_ranges(sim, err);
    if (code == GN_OK)
        code = open_outputs(sim, err);
    for (size_t i = 0; i < sim->spans.n && code == GN_OK; i++)
        code = simulate_span(sim, sim->spans.v[i], err);
    if (code == GN_OK)
        code = gn_sim_reference_commit(&sim->reference, err);
    if (code == GN_OK) {
        code = gn_bam_writer_commit(sim->bam, err);
        sim->bam = NULL;
    }
    if (code == GN_OK) {
        code = gn_truth_writer_commit(sim->truth, err);
        sim->truth = NULL;
    }
    return code;
}

int gn_simulate(const struct gn_simulate_options *options, struct gn_simulate_counts *counts,
                gn_error_t *err)
{
    struct simulation sim = {.options = options, .counts = counts};
    gn_error_t local = {0};
    err = err == NULL ? &local : err;
    *counts = (struct gn_simulate_counts){0};
    int code = check_options(options, err);
    if (code < 0)
        return code;
    gn_mt64_seed(&sim.rng, (uint64_t)options->seed);
    sim.library = (struct gn_library){.coverage = options->coverage,
                                      .insert_mean = options->insert_mean,
                                      .insert_sd = options->insert_sd,
                                      .read_length = (int)options->read_length,
                                      .mapping_errors = options->mapping_errors,
                                      .read_group = options->sample};
    gn_sequencer_init(&sim.library.sequencer, profile_named(options->quality_profile),
                      options->error_scale, (uint64_t)options->seed);
    if (options->long_profile != NULL) {
        sim.long_profile = gn_long_profile_load(options->long_profile, err);
        if (sim.long_profile == NULL)
            return err->code;
        gn_long_library_init(&sim.long_library, sim.long_profile, options->error_scale,
                             (uint64_t)options->seed);
        sim.long_library.coverage = options->coverage;
        sim.long_library.mapping_errors = options->mapping_errors;
        sim.long_library.read_group = options->sample;
    }
    code = run(&sim, err);
    counts->fragments = sim.library.n_fragments + sim.long_library.n_reads;
    gn_long_library_free(&sim.long_library);
    gn_long_profile_free(sim.long_profile);
    gn_bam_writer_abort(sim.bam);
    gn_truth_writer_abort(sim.truth);
    gn_ranges_clear(&sim.regions);
    gn_ranges_clear(&sim.spans);
    gn_sim_reference_close(&sim.reference);
    return code;
}

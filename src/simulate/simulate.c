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
#include "simulate/genome/given_variants.h"
#include "simulate/short/library.h"
#include "simulate/long/long_reads.h"
#include "simulate/genome/reference.h"
#include "simulate/genome/truth_writer.h"

enum { PAD = 1500 }; /* bases around a region that get reads, so that its edges are covered */

/* Share of a place's depth from which copies that the reference lacks look like heterozygous
 * variants, and share of the mean depth below which there is nothing to see. */
static const double INDISTINGUISHABLE_DEPTH = 0.35, NO_DEPTH = 0.15;

struct simulation {
    const struct gn_simulate_options *options;
    struct gn_simulate_counts *counts;
    struct gn_mt64 rng;
    struct gn_sim_reference reference;
    struct gn_ranges regions;         /* that get variants; normal */
    struct gn_ranges spans;           /* that get reads; normal */
    struct gn_short_profile *profile; /* of paired short reads, */
    struct gn_library library;
    struct gn_capture capture;            /* without options->targets empty and unused */
    struct gn_long_profile *long_profile; /* or of single long reads; the other is NULL */
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
    struct gn_hard_places places;
    struct gn_ranges doubtful; /* where reads cannot tell the truth; normal */
};

struct gn_simulate_options gn_simulate_defaults(void)
{
    return (struct gn_simulate_options){.sample = "SIM",
                                        .genome_size = 1000000,
                                        .n_contigs = 2,
                                        .seed = 1,
                                        .snv_rate = 0.0012,
                                        .indel_rate = 0.00021,
                                        .het_share = 0.62,
                                        .coverage = 30,
                                        .off_target = 0.02,
                                        .error_scale = 1,
                                        .mapping_errors = true,
                                        .copy_share = 0.02,
                                        .hardness = 1};
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
    int64_t pad = sim->long_profile != NULL ? GN_LONG_PAD : PAD;
    for (size_t i = 0; i < sim->regions.n && code == GN_OK; i++) {
        struct gn_range span = sim->regions.v[i];
        int64_t length = contigs->lengths[span.contig];
        span.start0 = span.start0 > pad ? span.start0 - pad : 0;
        span.end0 = span.end0 + pad < length ? span.end0 + pad : length;
        code = gn_ranges_push(&sim->spans, span, err);
    }
    gn_ranges_normalise(&sim->spans);
    return code;
}

static int add_doubtful(struct stretch *stretch, int64_t start0, int64_t end0, gn_error_t *err)
{
    struct gn_range range = {stretch->range.contig, start0, end0};
    return gn_ranges_push(&stretch->doubtful, range, err);
}

/* Copies that look like variants, the insides of rearrangements, and deserts. */
static int find_doubtful(const struct simulation *sim, struct stretch *stretch, gn_error_t *err)
{
    int code = GN_OK;
    for (size_t i = 0; i < stretch->copies.n && code == GN_OK; i++) {
        const struct gn_copy *copy = &stretch->copies.v[i];
        if (copy->is_absent &&
            gn_copies_absent_depth(&stretch->copies, i) >= INDISTINGUISHABLE_DEPTH)
            code = add_doubtful(stretch, copy->start0, copy->end0, err);
    }
    const struct gn_hard_list *breaks = &stretch->places.breaks;
    for (size_t i = 0; i < breaks->n && code == GN_OK; i++)
        code = add_doubtful(stretch, breaks->v[i].start0, breaks->v[i].end0, err);
    const struct gn_hard_list *extremes = &stretch->places.extremes;
    for (size_t i = 0; i < extremes->n && code == GN_OK; i++)
        if (extremes->v[i].depth < NO_DEPTH)
            code = add_doubtful(stretch, extremes->v[i].start0, extremes->v[i].end0, err);
    if (sim->library.capture != NULL && code == GN_OK)
        code = gn_capture_deserts(sim->library.capture, &stretch->range, NO_DEPTH,
                                  &stretch->doubtful, err);
    gn_ranges_normalise(&stretch->doubtful);
    return code;
}

static int draw_hard_places(struct simulation *sim, struct stretch *stretch, gn_error_t *err)
{
    const struct gn_simulate_options *options = sim->options;
    const struct gn_range *range = &stretch->range;
    double share = options->copy_share * options->hardness;
    if (!options->mapping_errors)
        return find_doubtful(sim, stretch, err);
    bool is_long = sim->long_profile != NULL;
    int code = (is_long ? gn_copies_draw_long
                        : gn_copies_draw)(&stretch->copies, &sim->rng, share < 1 ? share : 1,
                                          stretch->bases, range->start0, range->end0, err);
    if (code == GN_OK && !is_long)
        code = gn_hard_places_draw(&stretch->places, &sim->rng, options->hardness, sim->profile,
                                   range->start0, range->end0, err);
    return code < 0 ? code : find_doubtful(sim, stretch, err);
}

/* Sites inside a break would need a haplotype that is not there. */
static void drop_broken_sites(struct stretch *stretch)
{
    struct gn_sites *sites = &stretch->sites;
    size_t n = 0;
    for (size_t i = 0; i < sites->n; i++)
        if (gn_hard_list_at(&stretch->places.breaks, sites->v[i].start0,
                            sites->v[i].start0 + sites->v[i].ref_length + 1) == NULL)
            sites->v[n++] = sites->v[i];
    sites->n = n;
}

/* Adds the given variants of a region. */
static int take_given(struct simulation *sim, struct stretch *stretch,
                      const struct gn_range *region, struct gn_sites *given, gn_error_t *err)
{
    const struct gn_contigs *contigs = gn_sim_reference_contigs(&sim->reference);
    struct gn_given_task task = {.path = sim->options->variants,
                                 .sample = sim->options->variants_sample,
                                 .contig = contigs->names[region->contig],
                                 .bases = stretch->bases,
                                 .start0 = region->start0,
                                 .end0 = region->end0};
    struct gn_given_counts counts = {0};
    if (task.path == NULL)
        return GN_OK;
    int code = gn_given_variants(given, &sim->rng, &task, &counts, err);
    sim->counts->given += counts.taken;
    sim->counts->skipped += counts.skipped;
    return code;
}

/* Variants of every region inside the stretch, and what of it can be trusted. */
static int draw_variants(struct simulation *sim, struct stretch *stretch, gn_error_t *err)
{
    const struct gn_simulate_options *options = sim->options;
    struct gn_site_rates rates = {options->snv_rate, options->indel_rate, options->het_share};
    const struct gn_range *range = &stretch->range;
    struct gn_sites given = {NULL, 0, 0};
    int code = draw_hard_places(sim, stretch, err);
    for (size_t i = 0; i < sim->regions.n && code == GN_OK; i++) {
        const struct gn_range *region = &sim->regions.v[i];
        if (region->contig != range->contig || region->start0 < range->start0 ||
            region->end0 > range->end0)
            continue;
        code = gn_sites_draw(&stretch->sites, &sim->rng, &rates, stretch->bases, &stretch->repeats,
                             region->start0, region->end0, err);
        if (code == GN_OK)
            code = take_given(sim, stretch, region, &given, err);
        if (code == GN_OK)
            code = gn_truth_writer_confident(sim->truth, range->contig, stretch->bases,
                                             &stretch->doubtful, region->start0, region->end0, err);
        sim->counts->bases += region->end0 - region->start0;
    }
    if (code == GN_OK)
        code = gn_sites_merge(&stretch->sites, &given, err);
    gn_sites_clear(&given);
    drop_broken_sites(stretch);
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

static int cover_with_long_reads(struct simulation *sim, struct stretch *stretch, gn_error_t *err)
{
    struct gn_long_span span = {.contig = stretch->range.contig,
                                .start0 = stretch->range.start0,
                                .end0 = stretch->range.end0,
                                .bases = stretch->bases,
                                .haps = {&stretch->haps[0], &stretch->haps[1]},
                                .copies = &stretch->copies};
    return gn_long_library_cover(&sim->long_library, &sim->rng, &span, sim->bam, err);
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
    if (sim->long_profile != NULL)
        return cover_with_long_reads(sim, stretch, err);
    const struct gn_contigs *contigs = gn_sim_reference_contigs(&sim->reference);
    struct gn_library_span span = {.contig = range->contig,
                                   .start0 = range->start0,
                                   .end0 = range->end0,
                                   .bases = stretch->bases,
                                   .contig_length = contigs->lengths[range->contig],
                                   .haps = {&stretch->haps[0], &stretch->haps[1]},
                                   .copies = &stretch->copies,
                                   .places = &stretch->places};
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
    gn_hard_places_clear(&stretch.places);
    gn_ranges_clear(&stretch.doubtful);
    return code;
}

static int open_outputs(struct simulation *sim, gn_error_t *err)
{
    const struct gn_simulate_options *options = sim->options;
    const struct gn_contigs *contigs = gn_sim_reference_contigs(&sim->reference);
    char *bam_path = NULL;
    if (asprintf(&bam_path, "%s.bam", options->prefix) < 0)
        return gn_fail_memory(err, "the output's name");
    const char *platform = sim->long_profile != NULL ? sim->long_profile->platform : "ILLUMINA";
    sim->bam = gn_bam_writer_open(bam_path, contigs, options->sample, platform, err);
    free(bam_path);
    if (sim->bam == NULL)
        return err->code;
    sim->truth = gn_truth_writer_open(options->prefix, contigs, options->sample, err);
    return sim->truth == NULL ? err->code : GN_OK;
}

static int check_options(const struct gn_simulate_options *options, gn_error_t *err)
{
    int64_t length = options->read_length;
    if (length != 0 && (length < 50 || length > GN_SHORT_LONGEST_READ))
        return gn_fail(err, GN_E_USAGE, "--read-length %" PRId64 ": choose 50 to %d bases", length,
                       GN_SHORT_LONGEST_READ);
    if (options->insert_mean > 0 && options->insert_mean < (double)length)
        return gn_fail(err, GN_E_USAGE,
                       "--insert-mean %g is shorter than a read of %" PRId64 ": choose more",
                       options->insert_mean, length);
    if (options->insert_sd > 0 && options->insert_mean <= 0)
        return gn_fail(err, GN_E_USAGE, "--insert-sd has no effect alone: give --insert-mean too");
    if (options->variants_sample != NULL && options->variants == NULL)
        return gn_fail(err, GN_E_USAGE, "--variants-sample: give --variants too");
    if (options->targets == NULL && options->off_target != gn_simulate_defaults().off_target)
        return gn_fail(err, GN_E_USAGE, "--off-target: give --targets too");
    if (options->genome_size / options->n_contigs < 5000)
        return gn_fail(err, GN_E_USAGE, "--genome-size: give at least 5000 bases a contig");
    return GN_OK;
}

static int set_up_long_library(struct simulation *sim, gn_error_t *err)
{
    const struct gn_simulate_options *options = sim->options;
    if (options->read_length > 0 || options->insert_mean > 0)
        return gn_fail(err, GN_E_USAGE,
                       "--read-length and --insert-mean belong to paired short reads: the profile "
                       "%s is one of long reads",
                       options->profile);
    if (options->targets != NULL)
        return gn_fail(err, GN_E_USAGE,
                       "--targets belongs to paired short reads: the profile %s is one of long "
                       "reads",
                       options->profile);
    sim->long_profile = gn_long_profile_load(options->profile, err);
    if (sim->long_profile == NULL)
        return err->code;
    gn_long_library_init(&sim->long_library, sim->long_profile, options->error_scale,
                         (uint64_t)options->seed);
    sim->long_library.coverage = options->coverage;
    sim->long_library.mapping_errors = options->mapping_errors;
    sim->long_library.hardness = options->hardness;
    sim->long_library.sequencer.place_scale = options->hardness;
    sim->long_library.read_group = options->sample;
    return GN_OK;
}

static int set_up_library(struct simulation *sim, gn_error_t *err)
{
    const struct gn_simulate_options *options = sim->options;
    if (gn_long_profile_is(options->profile))
        return set_up_long_library(sim, err);
    sim->profile = gn_short_profile_read(options->profile, err);
    if (sim->profile == NULL)
        return err->code;
    int length = options->read_length > 0 ? (int)options->read_length : sim->profile->read_length;
    sim->library =
        (struct gn_library){.sequencer = {.profile = sim->profile,
                                          .scale = options->error_scale,
                                          .place_scale = options->hardness,
                                          .place_salt = gn_hash_place((uint64_t)options->seed)},
                            .coverage = options->coverage,
                            .insert_mean = options->insert_mean,
                            .insert_sd = options->insert_sd,
                            .read_length = length,
                            .mapping_errors = options->mapping_errors,
                            .read_group = options->sample};
    return GN_OK;
}

/* The targets of --targets, their efficiencies on the contigs' bases, and their mean depth. */
static int set_up_capture(struct simulation *sim, gn_error_t *err)
{
    const struct gn_simulate_options *options = sim->options;
    struct gn_capture *capture = &sim->capture;
    if (options->targets == NULL)
        return GN_OK;
    capture->off_target = options->off_target;
    capture->read = sim->library.read_length;
    gn_library_lengths(&sim->library, &capture->fragment, &capture->longest);
    int code = gn_capture_read(capture, options->targets, gn_sim_reference_contigs(&sim->reference),
                               &sim->spans, err);
    for (size_t i = 0; i < capture->n && code == GN_OK; i++) {
        int contig = capture->v[i].contig;
        if (i > 0 && contig == capture->v[i - 1].contig)
            continue;
        const char *bases = gn_sim_reference_bases(&sim->reference, contig, err);
        code = bases == NULL ? err->code : GN_OK;
        if (code == GN_OK)
            gn_capture_draw(capture, contig, bases, gn_hash_place((uint64_t)options->seed));
    }
    sim->library.capture = capture;
    return code < 0 ? code : gn_capture_settle(capture, err);
}

static int run(struct simulation *sim, gn_error_t *err)
{
    const struct gn_simulate_options *options = sim->options;
    int code = gn_sim_reference_open(&sim->reference, options, &sim->rng, err);
    if (code == GN_OK)
        code = choose_ranges(sim, err);
    if (code == GN_OK)
        code = set_up_capture(sim, err);
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
    code = set_up_library(&sim, err);
    if (code == GN_OK)
        code = run(&sim, err);
    counts->fragments = sim.library.n_fragments;
    counts->long_reads = sim.long_library.n_reads;
    gn_bam_writer_abort(sim.bam);
    gn_truth_writer_abort(sim.truth);
    gn_ranges_clear(&sim.regions);
    gn_ranges_clear(&sim.spans);
    gn_capture_clear(&sim.capture);
    gn_sim_reference_close(&sim.reference);
    gn_short_profile_free(sim.profile);
    gn_long_library_free(&sim.long_library);
    gn_long_profile_free(sim.long_profile);
    return code;
}

/* SPDX-License-Identifier: MIT
 *
 * long_profile_learn.c - first pass: where the sample varies; second: how accurate each read is and
 * which qualities there are; third: everything else, by class of read.
 */
#include "simulate/long/long_profile_learn.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "reads/read_file.h"
#include "simulate/long/long_counts.h"
#include "simulate/variable_sites.h"

enum {
    MOST_PLACES = 4 << 20,
    MOST_READS = 1 << 24,
    FEWEST_READS = 20,
    FEWEST_BASES = 100000,
    READ_BASES = 300, /* to learn from, else a read is passed over */
    FOREIGN_END = 20, /* soft-clipped bases that are more than a badly aligned end */
    CONTIG_END = 100  /* reads that reach so close to it are clipped for lack of reference */
};

/* A read of the second pass. */
struct seen_read {
    double error_rate;
    int32_t length, clip[2]; /* clip: -1 at the contig's end */
    uint8_t mapq;
};

struct learning {
    const struct gn_long_learn_task *task;
    gn_fasta_t *fasta;
    struct gn_read_file file;
    bam1_t *record;
    struct gn_ranges regions, usable; /* usable: without variable places; normal */
    struct gn_ranges hulls;           /* one per contig: from first to last region */
    int64_t n_region_bases;
    struct gn_long_walk walk;
    struct seen_read *reads;
    size_t n_reads, cap_reads;
    uint64_t histogram[256];          /* of base qualities */
    double upto[GN_LONG_CLASSES - 1]; /* highest error rate of each class but the last */
    struct gn_long_counts *counts;
};

/* Takes one walked read; place0 as in gn_long_counts_add(). */
typedef int (*take_read)(struct learning *l, int64_t place0, gn_error_t *err);

struct gn_long_learn_task gn_long_learn_defaults(void)
{
    return (struct gn_long_learn_task){.substitution_share = 0.25, .indel_share = 0.33};
}

int gn_long_reads_in(const char *bam, gn_error_t *err)
{
    samFile *file = sam_open(bam, "r");
    sam_hdr_t *header = file == NULL ? NULL : sam_hdr_read(file);
    bam1_t *record = bam_init1();
    int64_t n = 0, bases = 0, n_paired = 0;
    while (header != NULL && record != NULL && n < 100 && sam_read1(file, header, record) >= 0) {
        n += record->core.l_qseq > 0;
        bases += record->core.l_qseq;
        n_paired += (record->core.flag & BAM_FPAIRED) != 0;
    }
    int code = header == NULL
                   ? gn_fail(err, GN_E_NO_INPUT, "%s: cannot be read: give a BAM file", bam)
                   : n > 0 && n_paired == 0 && bases > 500 * n;
    bam_destroy1(record);
    sam_hdr_destroy(header);
    if (file != NULL)
        sam_close(file);
    return code;
}

static int choose_regions(struct learning *l, gn_error_t *err)
{
    const struct gn_contigs *contigs = gn_fasta_contigs(l->fasta);
    int code = l->task->regions == NULL
                   ? gn_ranges_whole(&l->regions, contigs, err)
                   : gn_ranges_parse(&l->regions, l->task->regions, contigs, err);
    gn_ranges_normalise(&l->regions);
    for (size_t i = 0; i < l->regions.n && code == GN_OK; i++) {
        struct gn_range *hull = l->hulls.n == 0 ? NULL : &l->hulls.v[l->hulls.n - 1];
        if (hull != NULL && hull->contig == l->regions.v[i].contig)
            hull->end0 = l->regions.v[i].end0;
        else
            code = gn_ranges_push(&l->hulls, l->regions.v[i], err);
    }
    l->n_region_bases = gn_ranges_bases(&l->hulls);
    if (code == GN_OK && l->n_region_bases > MOST_PLACES)
        code = gn_fail(err, GN_E_USAGE,
                       "--regions: %lld bases from first to last are too many to learn from: "
                       "choose at most 4 Mb",
                       (long long)l->n_region_bases);
    return code;
}

static int find_usable(struct learning *l, gn_error_t *err)
{
    const char *bams[] = {l->task->bam};
    struct gn_variable_sites sites = {0};
    struct gn_variable_sites_task task = gn_variable_sites_defaults();
    task.bams = bams;
    task.n_bams = l->task->truth_vcf == NULL;
    task.reference = l->task->reference;
    task.truth_vcf = l->task->truth_vcf;
    task.regions = &l->regions;
    task.substitution_share = l->task->substitution_share;
    task.indel_share = l->task->indel_share;
    int code = gn_variable_sites_scan(&sites, &task, err);
    if (code == GN_OK)
        code = gn_ranges_subtract(&l->usable, &l->regions, &sites.places, err);
    gn_variable_sites_clear(&sites);
    return code;
}

/* Walks every read of one hull. */
static int pass_hull(struct learning *l, const struct gn_range *hull, int64_t hull_place,
                     take_read take, gn_error_t *err)
{
    int tid = sam_hdr_name2tid(l->file.header, gn_fasta_contigs(l->fasta)->names[hull->contig]);
    if (tid < 0)
        return GN_OK;
    hts_itr_t *iterator = sam_itr_queryi(l->file.index, tid, hull->start0, hull->end0);
    if (iterator == NULL)
        return gn_fail_memory(err, "reading alignments");
    int code = GN_OK, got = 0;
    while (code >= 0 && (got = sam_itr_next(l->file.file, iterator, l->record)) >= 0) {
        code = gn_long_walk(&l->walk, l->record, l->fasta, hull->contig, &l->usable, err);
        if (code > 0)
            code = take(l, hull_place + l->walk.pos0 - hull->start0, err);
    }
    hts_itr_destroy(iterator);
    if (code >= 0 && got < -1)
        code =
            gn_fail(err, GN_E_DATA, "%s: damaged reads: copy or make the file again", l->file.path);
    return code < 0 ? code : GN_OK;
}

static int pass(struct learning *l, take_read take, gn_error_t *err)
{
    int code = GN_OK;
    int64_t place = 0;
    for (size_t i = 0; i < l->hulls.n && code == GN_OK; i++) {
        code = pass_hull(l, &l->hulls.v[i], place, take, err);
        place += l->hulls.v[i].end0 - l->hulls.v[i].start0;
    }
    return code;
}

/* Errors per usable base; below 0 when there are too few of those. */
static double error_rate(const struct gn_long_walk *walk)
{
    int64_t n = 0, errors = 0;
    for (int64_t i = 0; i < walk->n_read; i++) {
        int64_t t = walk->origins[i];
        if (t < 0 || walk->states[i] == GN_LONG_INSERTED || !walk->usable[t])
            continue;
        n++;
        errors += walk->read[i] != walk->ref[t];
    }
    for (size_t e = 0; e < walk->n_events; e++)
        errors += walk->events[e].is_usable;
    return n < READ_BASES ? -1 : (double)errors / (double)n;
}

static int see_read(struct learning *l, int64_t place0, gn_error_t *err)
{
    (void)place0;
    const struct gn_long_walk *walk = &l->walk;
    struct seen_read read = {.error_rate = error_rate(walk),
                             .length = (int32_t)walk->n_read,
                             .clip = {walk->clip[0], walk->clip[1]},
                             .mapq = l->record->core.qual};
    if (read.error_rate < 0)
        return GN_OK;
    int64_t length = (int64_t)sam_hdr_tid2len(l->file.header, l->record->core.tid);
    if (walk->pos0 < CONTIG_END)
        read.clip[0] = -1;
    if (walk->pos0 + walk->n_ref + CONTIG_END > length)
        read.clip[1] = -1;
    for (int64_t i = 0; i < walk->n_read && walk->has_qualities; i++)
        l->histogram[walk->qualities[i]] += walk->origins[i] >= 0;
    struct seen_read *v = gn_reserve(l->reads, &l->cap_reads, l->n_reads + 1, sizeof *v, MOST_READS,
                                     "reads to learn from", err);
    if (v == NULL)
        return GN_E_MEMORY;
    l->reads = v;
    v[l->n_reads++] = read;
    return GN_OK;
}

static int count_read(struct learning *l, int64_t place0, gn_error_t *err)
{
    (void)err;
    double rate = error_rate(&l->walk);
    int read_class = 0;
    while (read_class < GN_LONG_CLASSES - 1 && rate > l->upto[read_class])
        read_class++;
    if (rate >= 0)
        gn_long_counts_add(l->counts, &l->walk, read_class, place0);
    return GN_OK;
}

static int by_error_rate(const void *a, const void *b)
{
    const struct seen_read *x = a, *y = b;
    return (x->error_rate > y->error_rate) - (x->error_rate < y->error_rate);
}

static int by_length(const void *a, const void *b)
{
    const struct seen_read *x = a, *y = b;
    return (x->length > y->length) - (x->length < y->length);
}

/* A region shows long reads more often than short ones: each counts by the chance to be seen. */
static void fit_lengths(struct learning *l, struct gn_long_profile *profile)
{
    qsort(l->reads, l->n_reads, sizeof *l->reads, by_length);
    double total = 0, sum = 0, w = (double)l->n_region_bases;
    for (size_t i = 0; i < l->n_reads; i++)
        total += w / (w + l->reads[i].length);
    size_t at = 0;
    for (int p = 0; p < GN_LONG_PERCENTILES; p++) {
        double wanted = total * p / (GN_LONG_PERCENTILES - 1);
        while (at + 1 < l->n_reads && sum + w / (w + l->reads[at].length) < wanted) {
            sum += w / (w + l->reads[at].length);
            at++;
        }
        profile->read_length[p] = l->reads[at].length;
    }
    profile->read_length[GN_LONG_PERCENTILES - 1] = l->reads[l->n_reads - 1].length;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int fit_clips(const struct learning *l, struct gn_long_profile *profile, gn_error_t *err)
{
    double *lengths = malloc((2 * l->n_reads + 1) * sizeof *lengths);
    size_t n = 0, n_ends = 0;
    if (lengths == NULL)
        return gn_fail_memory(err, "reads to learn from");
    for (size_t i = 0; i < l->n_reads; i++)
        for (int side = 0; side < 2; side++) {
            int clip = l->reads[i].clip[side];
            n_ends += clip >= 0;
            if (clip >= FOREIGN_END)
                lengths[n++] = clip;
        }
    qsort(lengths, n, sizeof *lengths, by_value);
    profile->clip_share = n_ends > 0 ? (double)n / (double)n_ends : 0;
    for (int p = 0; p < GN_LONG_PERCENTILES && n > 0; p++)
        profile->clip_length[p] = lengths[(size_t)p * (n - 1) / (GN_LONG_PERCENTILES - 1)];
    free(lengths);
    return GN_OK;
}

static void fit_mapqs(const struct learning *l, struct gn_long_profile *profile)
{
    size_t seen[256] = {0};
    for (size_t i = 0; i < l->n_reads; i++)
        seen[l->reads[i].mapq < 254 ? l->reads[i].mapq : 254]++;
    for (int q = 254; q >= 0 && profile->n_mapqs < GN_LONG_MOST_MAPQS; q--)
        if (seen[q] > 0) {
            profile->mapqs[profile->n_mapqs] = (uint8_t)q;
            profile->mapq_share[profile->n_mapqs++] = (double)seen[q] / (double)l->n_reads;
        }
}

/* What is known after the second pass. */
static int fit_reads(struct learning *l, struct gn_long_profile *profile, gn_error_t *err)
{
    if (l->n_reads < FEWEST_READS)
        return gn_fail(err, GN_E_DATA,
                       "%s: %zu long reads in the regions are too few to learn from: give at least "
                       "%d, or other --regions",
                       l->task->bam, l->n_reads, FEWEST_READS);
    qsort(l->reads, l->n_reads, sizeof *l->reads, by_error_rate);
    for (size_t c = 1; c < GN_LONG_CLASSES; c++)
        l->upto[c - 1] = l->reads[c * l->n_reads / GN_LONG_CLASSES - 1].error_rate;
    fit_lengths(l, profile);
    fit_mapqs(l, profile);
    return fit_clips(l, profile, err);
}

static int count_all(struct learning *l, struct gn_long_profile *profile, gn_error_t *err)
{
    l->counts = calloc(1, sizeof *l->counts);
    struct gn_long_place *places = calloc((size_t)l->n_region_bases + 1, sizeof *places);
    int code = GN_OK;
    if (l->counts == NULL || places == NULL) {
        code = gn_fail_memory(err, "the counts of errors");
    } else {
        l->counts->places = places;
        l->counts->n_places = l->n_region_bases;
        gn_long_counts_levels(l->counts, l->histogram);
        code = pass(l, count_read, err);
    }
    if (code == GN_OK && l->counts->bases < FEWEST_BASES)
        code = gn_fail(err, GN_E_DATA,
                       "%s: %llu bases in the regions are too few to learn from: give at least %d",
                       l->task->bam, (unsigned long long)l->counts->bases, FEWEST_BASES);
    if (code == GN_OK)
        gn_long_counts_fit(l->counts, profile);
    free(places);
    free(l->counts);
    return code;
}

static int name_profile(const struct learning *l, struct gn_long_profile *profile, gn_error_t *err)
{
    const struct gn_long_learn_task *task = l->task;
    kstring_t platform = {0, 0, NULL};
    if (task->platform == NULL &&
        sam_hdr_find_tag_pos(l->file.header, "RG", 0, "PL", &platform) < 0)
        platform.l = 0;
    const char *named = task->platform != NULL ? task->platform
                        : platform.l > 0       ? platform.s
                                               : "ONT";
    profile->name = gn_strdup(task->name == NULL ? "" : task->name);
    profile->platform = gn_strdup(named);
    profile->source = gn_strdup(task->source == NULL ? "" : task->source);
    profile->description = gn_strdup(task->description == NULL ? "" : task->description);
    free(platform.s);
    return profile->name == NULL || profile->platform == NULL || profile->source == NULL ||
                   profile->description == NULL
               ? gn_fail_memory(err, "a profile")
               : GN_OK;
}

static int learn(struct learning *l, struct gn_long_profile *profile, gn_error_t *err)
{
    l->fasta = gn_fasta_open(l->task->reference, err);
    l->record = bam_init1();
    if (l->fasta == NULL)
        return err->code;
    if (l->record == NULL || profile == NULL)
        return gn_fail_memory(err, "a profile");
    int code = gn_read_file_open(&l->file, l->task->bam, l->task->reference, err);
    if (code == GN_OK)
        code = name_profile(l, profile, err);
    if (code == GN_OK)
        code = choose_regions(l, err);
    if (code == GN_OK)
        code = find_usable(l, err);
    if (code == GN_OK)
        code = pass(l, see_read, err);
    if (code == GN_OK)
        code = fit_reads(l, profile, err);
    return code < 0 ? code : count_all(l, profile, err);
}

struct gn_long_profile *gn_long_profile_learn(const struct gn_long_learn_task *task,
                                              gn_error_t *err)
{
    gn_error_t local = {0};
    err = err == NULL ? &local : err;
    struct learning *l = calloc(1, sizeof *l);
    struct gn_long_profile *profile = calloc(1, sizeof *profile);
    if (l == NULL) {
        gn_fail_memory(err, "a profile");
        gn_long_profile_free(profile);
        return NULL;
    }
    l->task = task;
    int code = learn(l, profile, err);
    gn_long_walk_free(&l->walk);
    gn_read_file_close(&l->file);
    if (l->fasta != NULL)
        gn_fasta_close(l->fasta);
    bam_destroy1(l->record);
    gn_ranges_clear(&l->regions);
    gn_ranges_clear(&l->usable);
    gn_ranges_clear(&l->hulls);
    free(l->reads);
    free(l);
    if (code == GN_OK)
        return profile;
    gn_long_profile_free(profile);
    return NULL;
}

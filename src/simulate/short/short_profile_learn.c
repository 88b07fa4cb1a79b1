/* SPDX-License-Identifier: MIT
 *
 * short_profile_learn.c - goes through the regions in pieces of a megabase, file by file; hands
 * each read to what counts it.
 */
#include "simulate/short/short_profile_learn.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "io/regions.h"
#include "simulate/short/short_counts.h"
#include "simulate/short/short_depth.h"
#include "simulate/short/short_strings.h"
#include "simulate/variable_sites.h"

enum {
    PIECE = 1000000, /* reference bases worked on together; whole windows of depth */
    BEYOND = 2000,   /* bases after a piece that its reads may reach */
    MOST_FILES = 256,
    LONGEST_INSERT = 20000,
    STRING_BYTES = 110000, /* of a profile, for its strings */
    N_WINDOWS = PIECE / GN_DEPTH_WINDOW,
};

struct learner {
    gn_fasta_t *fasta;
    struct gn_ranges regions;
    struct gn_variable_sites variable;
    char *names; /* the files' names, cut into words */
    const char *files[MOST_FILES];
    int n_files;
    struct gn_string_sample strings;
    struct gn_short_counts counts;
    struct gn_place_counts places;
    struct gn_depth_counts depth;
    double lengths[GN_SHORT_LONGEST_READ + 1]; /* reads by length */
    double *inserts;                           /* proper pairs by length of the fragment */
    double reads, pairs_mapped, improper, mate_lost, duplicates, all;
    uint8_t *variable_map;
    uint16_t *tallies; /* 10 of PIECE + BEYOND */
    struct gn_depth_window *windows;
    gn_error_t *err;
};

/* One alignment file while it is read. */
struct source {
    const char *path;
    samFile *file;
    sam_hdr_t *header;
    hts_idx_t *index;
    bam1_t *record;
};

static void close_source(struct source *source)
{
    bam_destroy1(source->record);
    if (source->index != NULL)
        hts_idx_destroy(source->index);
    sam_hdr_destroy(source->header);
    if (source->file != NULL)
        sam_close(source->file);
    *source = (struct source){0};
}

static int open_source(struct source *source, const char *path, gn_error_t *err)
{
    *source = (struct source){.path = path, .file = sam_open(path, "r")};
    if (source->file == NULL)
        return gn_fail(err, GN_E_NO_INPUT, "%s: cannot open the reads: check the name", path);
    source->header = sam_hdr_read(source->file);
    if (source->header == NULL)
        return gn_fail(err, GN_E_DATA, "%s: not a SAM or BAM file", path);
    source->index = sam_index_load(source->file, path);
    if (source->index == NULL)
        return gn_fail(err, GN_E_NO_INPUT, "%s: no index: run samtools index %s", path, path);
    source->record = bam_init1();
    return source->record == NULL ? gn_fail_memory(err, "a read") : GN_OK;
}

static int offer_strings(struct learner *learner, const bam1_t *record)
{
    uint8_t qualities[GN_SHORT_LONGEST_READ];
    int n = record->core.l_qseq;
    const uint8_t *stored = bam_get_qual(record);
    if (n > GN_SHORT_LONGEST_READ || n == 0 || stored[0] == 255)
        return GN_OK;
    for (int i = 0; i < n; i++) {
        uint8_t quality = stored[bam_is_rev(record) ? n - 1 - i : i];
        qualities[i] = quality < GN_SHORT_QUALITIES ? quality : GN_SHORT_QUALITIES - 1;
    }
    learner->lengths[n] += 1;
    return gn_string_sample_add(&learner->strings, bam_get_qname(record),
                                (record->core.flag & BAM_FREAD2) != 0, qualities, n, learner->err);
}

static void count_pair(struct learner *learner, const bam1_t *record)
{
    const bam1_core_t *core = &record->core;
    learner->reads += 1;
    if (core->flag & BAM_FMUNMAP) {
        learner->mate_lost += 1;
        return;
    }
    learner->pairs_mapped += 1;
    learner->improper += (core->flag & BAM_FPROPER_PAIR) == 0;
    if ((core->flag & BAM_FPROPER_PAIR) && core->isize > 0 && core->isize < LONGEST_INSERT &&
        core->qual >= GN_DEPTH_SURE_MAPQ)
        learner->inserts[core->isize] += 1;
}

static void count_depth(struct learner *learner, const struct gn_counted_piece *piece,
                        const bam1_t *record)
{
    struct gn_depth_window *window =
        &learner->windows[(record->core.pos - piece->start0) / GN_DEPTH_WINDOW];
    window->reads++;
    window->sure += record->core.qual >= GN_DEPTH_SURE_MAPQ;
    window->fragments += (record->core.flag & BAM_FREAD1) != 0;
    window->mapqs[record->core.qual]++;
}

static int take_read(struct learner *learner, const struct gn_counted_piece *piece,
                     const bam1_t *record)
{
    uint16_t flag = record->core.flag;
    int64_t at = record->core.pos - piece->start0;
    if ((flag & (BAM_FSECONDARY | BAM_FSUPPLEMENTARY | BAM_FQCFAIL)) || !(flag & BAM_FPAIRED) ||
        at < 0 || at >= PIECE)
        return GN_OK;
    int code = offer_strings(learner, record);
    if (flag & BAM_FUNMAP)
        return code;
    learner->all += 1;
    if (flag & BAM_FDUP) {
        learner->duplicates += 1;
        return code;
    }
    count_pair(learner, record);
    count_depth(learner, piece, record);
    if (record->core.qual >= GN_DEPTH_SURE_MAPQ)
        gn_short_counts_add(&learner->counts, piece, record);
    return code;
}

static int scan_file(struct learner *learner, struct source *source, const char *contig,
                     const struct gn_counted_piece *piece)
{
    int tid = sam_hdr_name2tid(source->header, contig);
    if (tid < 0)
        return GN_OK; /* the reads know nothing of this contig */
    int64_t end0 = piece->start0 + (piece->length < PIECE ? piece->length : PIECE);
    memset(learner->windows, 0, N_WINDOWS * sizeof *learner->windows);
    hts_itr_t *reads = sam_itr_queryi(source->index, tid, piece->start0, end0);
    if (reads == NULL)
        return gn_fail(learner->err, GN_E_DATA, "%s: cannot use the index: make it again",
                       source->path);
    int code = GN_OK, status = 0;
    while (code == GN_OK && (status = sam_itr_next(source->file, reads, source->record)) >= 0)
        code = take_read(learner, piece, source->record);
    hts_itr_destroy(reads);
    if (code == GN_OK && status < -1)
        code = gn_fail(learner->err, GN_E_DATA, "%s: damaged: cannot read on near %s:%lld",
                       source->path, contig, (long long)piece->start0);
    gn_depth_counts_add(&learner->depth, learner->windows,
                        (size_t)(end0 - piece->start0) / GN_DEPTH_WINDOW, piece->bases);
    return code;
}

static void map_variable(struct learner *learner, int contig, const struct gn_counted_piece *piece)
{
    const struct gn_ranges *places = &learner->variable.places;
    memset(learner->variable_map, 0, PIECE + BEYOND);
    for (size_t i = 0; i < places->n; i++) {
        const struct gn_range *place = &places->v[i];
        int64_t from = place->start0 - piece->start0, to = place->end0 - piece->start0;
        if (place->contig != contig || to <= 0 || from >= piece->length)
            continue;
        from = from > 0 ? from : 0;
        to = to < piece->length ? to : piece->length;
        memset(learner->variable_map + from, 1, (size_t)(to - from));
    }
}

/* Adds the piece's strands of places to the counts. */
static void count_places(struct learner *learner, const struct gn_counted_piece *piece)
{
    for (int64_t at = 0; at < piece->length; at++)
        for (int s = 0; s < 2; s++) {
            int most = 0;
            for (int b = 0; b < 4; b++)
                most = piece->wrong[s][b][at] > most ? piece->wrong[s][b][at] : most;
            gn_place_counts_add(&learner->places, piece->depth[s][at], most);
        }
}

static bool has_bases(const char *bases, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        if (bases[i] != 'N')
            return true;
    return false;
}

static int scan_piece(struct learner *learner, int contig, int64_t start0, int64_t end0,
                      int64_t contig_length)
{
    struct gn_counted_piece piece = {.start0 = start0};
    piece.length = (end0 + BEYOND < contig_length ? end0 + BEYOND : contig_length) - start0;
    piece.bases =
        gn_fasta_peek(learner->fasta, contig, start0, start0 + piece.length, learner->err);
    if (piece.bases == NULL)
        return learner->err->code;
    if (!has_bases(piece.bases, piece.length))
        return GN_OK;
    memset(learner->tallies, 0, 10 * (size_t)(PIECE + BEYOND) * sizeof *learner->tallies);
    for (int s = 0; s < 2; s++) {
        uint16_t *tallies = learner->tallies + (size_t)s * 5 * (PIECE + BEYOND);
        piece.depth[s] = tallies;
        for (int b = 0; b < 4; b++)
            piece.wrong[s][b] = tallies + (size_t)(b + 1) * (PIECE + BEYOND);
    }
    map_variable(learner, contig, &piece);
    piece.variable = learner->variable_map;
    int code = gn_repeats_find(&piece.repeats, piece.bases, piece.length, learner->err);
    const char *name = gn_fasta_contigs(learner->fasta)->names[contig];
    for (int f = 0; f < learner->n_files && code == GN_OK; f++) {
        struct source source;
        code = open_source(&source, learner->files[f], learner->err);
        if (code == GN_OK)
            code = scan_file(learner, &source, name, &piece);
        close_source(&source);
    }
    if (code == GN_OK)
        count_places(learner, &piece);
    gn_repeats_clear(&piece.repeats);
    return code;
}

static int scan_regions(struct learner *learner)
{
    const struct gn_contigs *contigs = gn_fasta_contigs(learner->fasta);
    int code = GN_OK;
    for (size_t i = 0; i < learner->regions.n; i++) {
        const struct gn_range *range = &learner->regions.v[i];
        for (int64_t at = range->start0; at < range->end0 && code == GN_OK; at += PIECE)
            code = scan_piece(learner, range->contig, at,
                              at + PIECE < range->end0 ? at + PIECE : range->end0,
                              contigs->lengths[range->contig]);
    }
    return code;
}

/* Cuts the list of files into words. */
static int split_names(struct learner *learner, const char *list)
{
    learner->names = gn_strdup(list);
    if (learner->names == NULL)
        return gn_fail_memory(learner->err, "file names");
    char *rest = NULL;
    for (char *word = strtok_r(learner->names, " \t\n", &rest); word != NULL;
         word = strtok_r(NULL, " \t\n", &rest)) {
        if (learner->n_files == MOST_FILES)
            return gn_fail(learner->err, GN_E_USAGE, "more than %d files of reads: give fewer",
                           MOST_FILES);
        learner->files[learner->n_files++] = word;
    }
    if (learner->n_files == 0)
        return gn_fail(learner->err, GN_E_USAGE, "no file of reads to learn from: name one");
    return GN_OK;
}

static int allocate(struct learner *learner)
{
    learner->inserts = calloc(LONGEST_INSERT, sizeof *learner->inserts);
    learner->variable_map = malloc(PIECE + BEYOND);
    learner->tallies = calloc(10 * (size_t)(PIECE + BEYOND), sizeof *learner->tallies);
    learner->windows = calloc(N_WINDOWS, sizeof *learner->windows);
    if (learner->inserts == NULL || learner->variable_map == NULL || learner->tallies == NULL ||
        learner->windows == NULL)
        return gn_fail_memory(learner->err, "counts of reads");
    return gn_string_sample_init(&learner->strings, learner->err);
}

static int find_variable(struct learner *learner, const struct gn_short_learn_task *task)
{
    struct gn_variable_sites_task scan = gn_variable_sites_defaults();
    scan.bams = learner->files;
    scan.n_bams = learner->n_files;
    scan.reference = task->reference;
    scan.truth_vcf = task->truth;
    scan.regions = &learner->regions;
    /* places that one strand misreads again and again must not be taken for variants */
    scan.substitution_share = 0.2;
    return gn_variable_sites_scan(&learner->variable, &scan, learner->err);
}

/* Bins so wide that 300 of them hold all but the longest thousandth. */
static void solve_inserts(const struct learner *learner, struct gn_short_inserts *inserts)
{
    double all = 0, sum = 0;
    int longest = 0;
    for (int i = 0; i < LONGEST_INSERT; i++)
        all += learner->inserts[i];
    for (int i = 0; i < LONGEST_INSERT && sum <= 0.999 * all; i++) {
        sum += learner->inserts[i];
        longest = i;
    }
    inserts->bin = longest / 300 + 1;
    inserts->n = longest / inserts->bin + 1;
    for (int i = 0; i <= longest; i++)
        inserts->share[i / inserts->bin] += learner->inserts[i];
    if (all == 0)
        inserts->share[0] = 1;
}

static int commonest_length(const struct learner *learner)
{
    int length = 0;
    for (int n = 1; n <= GN_SHORT_LONGEST_READ; n++)
        if (learner->lengths[n] > learner->lengths[length])
            length = n;
    return length;
}

static double at_most(double value, double limit)
{
    return value < limit ? value : limit;
}

static int solve(struct learner *learner, const struct gn_short_learn_task *task,
                 struct gn_short_profile *profile)
{
    profile->name = gn_strdup(task->name);
    profile->source = gn_strdup(task->source);
    profile->description = gn_strdup(task->description);
    if (profile->name == NULL || profile->source == NULL || profile->description == NULL)
        return gn_fail_memory(learner->err, "a profile");
    profile->read_length = commonest_length(learner);
    if (profile->read_length < 30 || learner->pairs_mapped == 0)
        return gn_fail(learner->err, GN_E_DATA,
                       "%s: no mapped pairs of reads of 30 to %d bases here: give paired short "
                       "reads of the reference",
                       task->reads, GN_SHORT_LONGEST_READ);
    int most = STRING_BYTES / (2 * profile->read_length);
    int code =
        gn_string_sample_take(&learner->strings, profile->read_length, most, profile, learner->err);
    if (code < 0)
        return code;
    solve_inserts(learner, &profile->inserts);
    gn_short_counts_solve(&learner->counts, &learner->places, profile);
    gn_depth_counts_solve(&learner->depth, profile);
    /* shares of the reads here; of such pairs only one read is here */
    double improper = learner->improper / learner->pairs_mapped;
    double lost = learner->mate_lost / learner->reads;
    profile->improper = at_most(2 * improper / (1 + improper), 0.5);
    profile->unmapped_mate = at_most(2 * lost / (1 + lost), 0.5);
    profile->duplicate = at_most(learner->duplicates / learner->all, 0.9);
    gn_short_profile_finish(profile);
    return GN_OK;
}

static int learn(struct learner *learner, const struct gn_short_learn_task *task,
                 struct gn_short_profile *profile)
{
    int code = split_names(learner, task->reads);
    if (code == GN_OK)
        code = allocate(learner);
    if (code < 0)
        return code;
    learner->fasta = gn_fasta_open(task->reference, learner->err);
    if (learner->fasta == NULL)
        return learner->err->code;
    const struct gn_contigs *contigs = gn_fasta_contigs(learner->fasta);
    code = task->regions == NULL
               ? gn_ranges_whole(&learner->regions, contigs, learner->err)
               : gn_ranges_parse(&learner->regions, task->regions, contigs, learner->err);
    if (code < 0)
        return code;
    gn_ranges_normalise(&learner->regions);
    code = find_variable(learner, task);
    if (code == GN_OK)
        code = scan_regions(learner);
    return code < 0 ? code : solve(learner, task, profile);
}

struct gn_short_profile *gn_short_profile_learn(const struct gn_short_learn_task *task,
                                                gn_error_t *err)
{
    gn_error_t local = {0};
    struct learner *learner = calloc(1, sizeof *learner);
    struct gn_short_profile *profile = calloc(1, sizeof *profile);
    int code;
    if (learner == NULL || profile == NULL) {
        code = gn_fail_memory(err, "a profile");
    } else {
        learner->err = err == NULL ? &local : err;
        code = learn(learner, task, profile);
        gn_string_sample_clear(&learner->strings);
        gn_variable_sites_clear(&learner->variable);
        gn_ranges_clear(&learner->regions);
        gn_fasta_close(learner->fasta);
        free(learner->names);
        free(learner->inserts);
        free(learner->variable_map);
        free(learner->tallies);
        free(learner->windows);
    }
    free(learner);
    if (code == GN_OK)
        return profile;
    gn_short_profile_free(profile);
    return NULL;
}

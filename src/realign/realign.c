/* SPDX-License-Identifier: MIT
 *
 * realign.c - one region: finds windows, assembles them, hands each read to the window it overlaps most (spec 30).
 */
#include "realign/realign.h"

#include <htslib/sam.h>
#include <stdlib.h>
#include <string.h>

#include "alleles/allele_counter.h"
#include "realign/debruijn.h"
#include "realign/window_aligner.h"
#include "realign/window_selector.h"

enum {
    FLANK = 20, /* bp around a window and its reads */
    MAX_FLANKED_LENGTH =
        GN_REALIGN_HAPLOTYPE_MAX, /* positions on a haplotype have 16 bits upstream */
    KEYS_PER_READ =
        64 /* sparser keys are not checked for duplicates, but taken as if there were some */
};

static const size_t scratch_limit = (size_t)1 << 30;

struct gn_realigner {
    struct gn_realign_options options;
    gn_debruijn_t *debruijn;
    gn_window_aligner_t *aligner;
    gn_arena_t *scratch; /* everything of one call but the new CIGARs */
};

/* A window that has other haplotypes than the reference, and its reads. */
struct assembled {
    struct gn_window_span span;
    struct gn_haplotypes haplotypes; /* of the window alone */
    const struct gn_read **reads;
    size_t n_reads;
};

/* One call of gn_realign. */
struct job {
    gn_realigner_t *realigner;
    gn_fasta_t *fasta;
    int contig;
    int64_t contig_length;
    int64_t start0, end0;
    const struct gn_read *reads;
    size_t n;
    gn_arena_t *scratch, *arena;
    gn_error_t *err;
};

struct gn_realign_options gn_realign_options_default(void)
{
    return (struct gn_realign_options){
        .ws_min_mapq = 20,
        .ws_min_base_quality = 20,
        .ws_min_windows_distance = 80,
        .ws_max_window_size = 1000,
        .ws_region_expansion_in_bp = 20,
        .ws_min_num_supporting_reads = 2,
        .ws_max_num_supporting_reads = 300,
        .dbg_min_k = 10,
        .dbg_max_k = 101,
        .dbg_step_k = 1,
        .dbg_min_mapq = 14,
        .dbg_min_base_quality = 15,
        .dbg_min_edge_weight = 2,
        .dbg_max_num_paths = 256,
        .aln_match = 4,
        .aln_mismatch = 6,
        .aln_gap_open = 8,
        .aln_gap_extend = 2,
        .kmer_size = 32,
        .max_num_of_mismatches = 2,
        .realignment_similarity_threshold = 0.16934,
    };
}

static int check_options(const struct gn_realign_options *options, gn_error_t *err)
{
    if (options->dbg_min_k < 1 || options->dbg_step_k < 1 || options->dbg_max_num_paths < 0)
        return gn_fail(
            err, GN_E_USAGE,
            "dbg_min_k and dbg_step_k must be at least 1 and dbg_max_num_paths at least 0");
    if (options->kmer_size < 1)
        return gn_fail(err, GN_E_USAGE, "kmer_size must be at least 1, not %d", options->kmer_size);
    if (options->aln_match < 1 || options->aln_match > 127 || options->aln_mismatch < 0 ||
        options->aln_mismatch > 127 || options->aln_gap_open < 0 || options->aln_gap_open > 127 ||
        options->aln_gap_extend < 0 || options->aln_gap_extend > options->aln_gap_open)
        return gn_fail(err, GN_E_USAGE,
                       "aln_match must be 1 to 127, aln_mismatch and aln_gap_open 0 to 127, and "
                       "aln_gap_extend at most aln_gap_open");
    return GN_OK;
}

gn_realigner_t *gn_realigner_create(const struct gn_realign_options *options, gn_error_t *err)
{
    struct gn_debruijn_options debruijn = {options->dbg_min_k,
                                           options->dbg_max_k,
                                           options->dbg_step_k,
                                           options->dbg_min_mapq,
                                           options->dbg_min_base_quality,
                                           options->dbg_min_edge_weight,
                                           options->dbg_max_num_paths};
    if (check_options(options, err) != GN_OK)
        return NULL;
    gn_realigner_t *realigner = calloc(1, sizeof *realigner);
    if (realigner == NULL) {
        gn_fail_memory(err, "a realigner");
        return NULL;
    }
    realigner->options = *options;
    realigner->debruijn = gn_debruijn_create(&debruijn, err);
    realigner->aligner = gn_window_aligner_create(options, err);
    realigner->scratch = gn_arena_create(scratch_limit);
    if (realigner->scratch == NULL)
        gn_fail_memory(err, "a realigner");
    if (realigner->debruijn != NULL && realigner->aligner != NULL && realigner->scratch != NULL)
        return realigner;
    gn_realigner_destroy(realigner);
    return NULL;
}

void gn_realigner_destroy(gn_realigner_t *realigner)
{
    if (realigner == NULL)
        return;
    gn_debruijn_destroy(realigner->debruijn);
    gn_window_aligner_destroy(realigner->aligner);
    gn_arena_destroy(realigner->scratch);
    free(realigner);
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* True when no two reads share a key; false also when that would take too long to find out. */
static bool keys_are_unique(const struct job *job)
{
    uint32_t largest = 0;
    for (size_t i = 0; i < job->n; i++)
        if (job->reads[i].key > largest)
            largest = job->reads[i].key;
    if (largest / KEYS_PER_READ > job->n)
        return false;
    uint8_t *seen = gn_arena_zalloc(job->scratch, (size_t)largest + 1, 1);
    for (size_t i = 0; seen != NULL && i < job->n; i++)
        if (seen[job->reads[i].key]++ > 0)
            return false;
    return seen != NULL;
}

static int64_t longest_deletion(const struct job *job)
{
    int64_t longest = 0;
    for (size_t i = 0; i < job->n; i++)
        for (int c = 0; c < job->reads[i].n_cigar; c++)
            if (bam_cigar_op(job->reads[i].cigar[c]) == BAM_CDEL)
                longest = larger(longest, bam_cigar_oplen(job->reads[i].cigar[c]));
    return longest;
}

/* Finds the windows of the region. Returns their number or a negative status. */
static int find_windows(const struct job *job, struct gn_window_span **spans)
{
    const struct gn_realign_options *options = &job->realigner->options;
    if (options->realign_all) {
        *spans = gn_arena_alloc(job->scratch, sizeof **spans);
        if (*spans == NULL)
            return gn_fail_memory(job->err, "windows of one region");
        **spans = (struct gn_window_span){job->start0, job->end0};
        return 1;
    }
    struct gn_interval interval = {
        .contig = job->contig,
        .start0 = larger(0, job->start0 - options->ws_region_expansion_in_bp),
        .end0 = smaller(job->end0 + options->ws_region_expansion_in_bp, job->contig_length)};
    if (interval.start0 >= interval.end0)
        return 0;
    interval.ref_start0 = larger(0, interval.start0 - 1);
    interval.ref_end0 = smaller(interval.end0 + longest_deletion(job), job->contig_length);
    interval.ref =
        gn_fasta_peek(job->fasta, job->contig, interval.ref_start0, interval.ref_end0, job->err);
    if (interval.ref == NULL)
        return job->err->code;
    struct gn_allele_counter_options counting = {.min_mapping_quality = options->ws_min_mapq,
                                                 .min_base_quality = options->ws_min_base_quality,
                                                 .legacy =
                                                     options->keep_legacy_allele_counter_behavior,
                                                 .keys_are_unique = keys_are_unique(job)};
    struct gn_allele_counter *counter =
        gn_count_alleles(&interval, job->reads, job->n, &counting, job->scratch, job->err);
    if (counter == NULL)
        return job->err->code;
    return gn_select_windows(options, counter, spans, job->scratch, job->err);
}

/* Assembles the window that `assembled` spans. Returns 1 when it has haplotypes besides the reference, 0 when not, or a
 * negative status. */
static int assemble(const struct job *job, struct assembled *assembled)
{
    int64_t start0 = assembled->span.start0, end0 = assembled->span.end0;
    if (end0 - start0 > job->realigner->options.ws_max_window_size || start0 < 0 ||
        end0 > job->contig_length)
        return 0;
    char *ref = gn_fasta_fetch(job->fasta, job->contig, start0, end0, job->scratch, job->err);
    if (ref == NULL)
        return job->err->code;
    const struct gn_read **reads = gn_arena_alloc(job->scratch, job->n * sizeof *reads);
    if (reads == NULL)
        return gn_fail_memory(job->err, "reads of one window");
    size_t n_reads = 0;
    for (size_t i = 0; i < job->n; i++)
        if (gn_read_overlaps(&job->reads[i], start0, end0))
            reads[n_reads++] = &job->reads[i];
    struct gn_haplotypes *haplotypes = &assembled->haplotypes;
    int n_ref = (int)(end0 - start0);
    int status = gn_debruijn_haplotypes(job->realigner->debruijn, ref, n_ref, reads, n_reads,
                                        haplotypes, job->scratch, job->err);
    if (status != GN_OK)
        return status;
    assembled->reads = reads; /* reused for the reads that are assigned to it */
    bool only_reference = haplotypes->n == 1 && haplotypes->lengths[0] == n_ref &&
                          memcmp(haplotypes->bases[0], ref, (size_t)n_ref) == 0;
    return haplotypes->n > 0 && !only_reference;
}

/* Gives each read to the window that it overlaps most, the first of equal ones; the others go to out. Returns how many
 * those are. */
static size_t assign_reads(const struct job *job, struct assembled *windows, int n_windows,
                           struct gn_read *out)
{
    size_t n_out = 0;
    for (size_t i = 0; i < job->n; i++) {
        const struct gn_read *read = &job->reads[i];
        struct assembled *best = NULL;
        int64_t best_overlap = 0;
        for (int w = 0; w < n_windows; w++) {
            int64_t overlap = smaller(read->end0, windows[w].span.end0) -
                              larger(read->pos0, windows[w].span.start0);
            if (overlap > best_overlap) {
                best = &windows[w];
                best_overlap = overlap;
            }
        }
        if (best != NULL)
            best->reads[best->n_reads++] = read;
        else
            out[n_out++] = *read;
    }
    return n_out;
}

/* Puts the flanks around each haplotype. NULL when out of memory. */
static struct gn_sequence *add_flanks(const struct gn_haplotypes *haplotypes,
                                      const struct gn_window *window, gn_arena_t *scratch)
{
    size_t n_prefix = (size_t)window->n_prefix, n_suffix = (size_t)window->n_suffix;
    const char *suffix = window->reference.bases + window->reference.length - window->n_suffix;
    struct gn_sequence *flanked = gn_arena_alloc(scratch, (size_t)haplotypes->n * sizeof *flanked);
    for (int h = 0; flanked != NULL && h < haplotypes->n; h++) {
        size_t n = (size_t)haplotypes->lengths[h];
        char *bases = gn_arena_alloc(scratch, n_prefix + n + n_suffix);
        if (bases == NULL)
            return NULL;
        memcpy(bases, window->reference.bases, n_prefix);
        memcpy(bases + n_prefix, haplotypes->bases[h], n);
        memcpy(bases + n_prefix + n, suffix, n_suffix);
        flanked[h] = (struct gn_sequence){bases, (int)(n_prefix + n + n_suffix)};
    }
    return flanked;
}

/* Realigns the reads of a window into out. */
static int align_window(const struct job *job, const struct assembled *assembled,
                        struct gn_read *out)
{
    struct gn_window_span span = assembled->span;
    int64_t start0 = span.start0, end0 = span.end0;
    for (size_t i = 0; i < assembled->n_reads; i++) {
        out[i] = *assembled->reads[i];
        start0 = smaller(start0, out[i].pos0);
        end0 = larger(end0, out[i].end0);
    }
    start0 = larger(0, start0 - FLANK);
    end0 = smaller(job->contig_length, end0 + FLANK);
    if (assembled->n_reads == 0 || end0 <= span.end0 || end0 - start0 > MAX_FLANKED_LENGTH)
        return GN_OK;
    struct gn_window window = {.reference_start0 = start0,
                               .n_prefix = (int)(span.start0 - start0),
                               .n_suffix = (int)(end0 - span.end0),
                               .n_haplotypes = assembled->haplotypes.n,
                               .reads = assembled->reads,
                               .n_reads = assembled->n_reads};
    window.reference.length = (int)(end0 - start0);
    window.reference.bases = gn_fasta_peek(job->fasta, job->contig, start0, end0, job->err);
    if (window.reference.bases == NULL)
        return job->err->code;
    window.haplotypes = add_flanks(&assembled->haplotypes, &window, job->scratch);
    if (window.haplotypes == NULL)
        return gn_fail_memory(job->err, "haplotypes of one window");
    return gn_window_align(job->realigner->aligner, &window, out, NULL, job->arena, job->err);
}

static int realign_region(const struct job *job, struct gn_read *out)
{
    struct gn_window_span *spans = NULL;
    int n_spans = find_windows(job, &spans), n_windows = 0;
    if (n_spans < 0)
        return n_spans;
    struct assembled *windows = gn_arena_zalloc(job->scratch, (size_t)n_spans + 1, sizeof *windows);
    if (windows == NULL)
        return gn_fail_memory(job->err, "windows of one region");
    for (int i = 0; i < n_spans; i++) {
        windows[n_windows].span = spans[i];
        int is_kept = assemble(job, &windows[n_windows]);
        if (is_kept < 0)
            return is_kept;
        n_windows += is_kept;
    }
    size_t n_out = assign_reads(job, windows, n_windows, out);
    for (int w = 0; w < n_windows; w++) {
        int status = align_window(job, &windows[w], out + n_out);
        if (status != GN_OK)
            return status;
        n_out += windows[w].n_reads;
    }
    return GN_OK;
}

int gn_realign(gn_realigner_t *realigner, gn_fasta_t *fasta, int contig, int64_t start0,
               int64_t end0, const struct gn_read *reads, size_t n, struct gn_read *out,
               gn_arena_t *arena, gn_error_t *err)
{
    gn_error_t ignored = {0};
    struct job job = {.realigner = realigner,
                      .fasta = fasta,
                      .contig = contig,
                      .contig_length = gn_fasta_contigs(fasta)->lengths[contig],
                      .start0 = start0,
                      .end0 = end0,
                      .reads = reads,
                      .n = n,
                      .scratch = realigner->scratch,
                      .arena = arena,
                      .err = err != NULL ? err : &ignored};
    gn_arena_reset(realigner->scratch);
    return n == 0 ? GN_OK : realign_region(&job, out);
}

/* The distinct sequences of some reads. Accurate reads of one place have few. */
struct distinct {
    const struct gn_read **reads; /* the first read of each */
    uint32_t *of_read;            /* number of each read's sequence */
    uint64_t *hashes;             /* of each sequence */
    size_t n;
};

static uint64_t hash_bases(const char *bases, int n)
{
    uint64_t hash = (uint64_t)n, eight;
    for (; n >= 8; n -= 8, bases += 8) {
        memcpy(&eight, bases, sizeof eight);
        hash = (hash ^ eight) * 0x9e3779b97f4a7c15;
        hash ^= hash >> 32;
    }
    for (; n > 0; n--, bases++)
        hash = (hash ^ (unsigned char)*bases) * 0x9e3779b97f4a7c15;
    return hash ^ hash >> 29;
}

static int find_distinct(struct distinct *distinct, const struct gn_read *reads, size_t n,
                         gn_arena_t *scratch, gn_error_t *err)
{
    *distinct =
        (struct distinct){.reads = gn_arena_alloc(scratch, (n + 1) * sizeof *distinct->reads),
                          .of_read = gn_arena_alloc(scratch, (n + 1) * sizeof *distinct->of_read),
                          .hashes = gn_arena_alloc(scratch, (n + 1) * sizeof *distinct->hashes)};
    if (distinct->reads == NULL || distinct->of_read == NULL || distinct->hashes == NULL)
        return gn_fail_memory(err, "reads of one haplotype");
    for (size_t i = 0; i < n; i++) {
        uint64_t hash = hash_bases(reads[i].bases, reads[i].length);
        size_t k = 0;
        while (k < distinct->n &&
               (distinct->hashes[k] != hash || distinct->reads[k]->length != reads[i].length ||
                memcmp(distinct->reads[k]->bases, reads[i].bases, (size_t)reads[i].length) != 0))
            k++;
        distinct->of_read[i] = (uint32_t)k;
        if (k == distinct->n) {
            distinct->hashes[k] = hash;
            distinct->reads[distinct->n++] = &reads[i];
        }
    }
    return GN_OK;
}

/* Gives a read the alignment that a read of the same bases got, if that got one. */
static void take_alignment(struct gn_read *read, const struct gn_read *before,
                           const struct gn_read *after)
{
    if (after->cigar == before->cigar)
        return;
    read->cigar = after->cigar;
    read->n_cigar = after->n_cigar;
    read->pos0 = after->pos0;
    read->end0 = after->end0;
}

/* Alignment to one haplotype depends on the bases alone: each sequence is aligned once. */
int gn_realign_to_haplotype(gn_realigner_t *realigner, const char *haplotype, size_t length,
                            int64_t start0, const struct gn_read *reads, size_t n,
                            struct gn_read *out, uint32_t *kept, gn_arena_t *arena, gn_error_t *err)
{
    if (length > MAX_FLANKED_LENGTH)
        return gn_fail(err, GN_E_DATA, "a haplotype of %zu bp is too long to align reads to",
                       length);
    struct gn_sequence sequence = {haplotype, (int)length};
    struct distinct distinct;
    gn_arena_reset(realigner->scratch);
    int status = find_distinct(&distinct, reads, n, realigner->scratch, err);
    if (status != GN_OK)
        return status;
    struct gn_read *aligned =
        gn_arena_alloc(realigner->scratch, (distinct.n + 1) * sizeof *aligned);
    bool *is_placed = gn_arena_alloc(realigner->scratch, (distinct.n + 1) * sizeof *is_placed);
    if (aligned == NULL || is_placed == NULL)
        return gn_fail_memory(err, "reads of one haplotype");
    struct gn_window window = {.reference = sequence,
                               .reference_start0 = start0,
                               .haplotypes = &sequence,
                               .n_haplotypes = 1,
                               .reads = distinct.reads,
                               .n_reads = distinct.n,
                               .is_forced = true};
    status = gn_window_align(realigner->aligner, &window, aligned, is_placed, arena, err);
    if (status != GN_OK)
        return status;
    int n_kept = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t k = distinct.of_read[i];
        if (!is_placed[k])
            continue;
        out[n_kept] = reads[i];
        take_alignment(&out[n_kept], distinct.reads[k], &aligned[k]);
        kept[n_kept++] = (uint32_t)i;
    }
    return n_kept;
}

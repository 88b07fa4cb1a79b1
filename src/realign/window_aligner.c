/* SPDX-License-Identifier: MIT
 *
 * window_aligner.c - places reads on haplotypes, chooses a haplotype for each, projects it to the reference.
 *
 * Alignments are made when something depends on them: a haplotype's with the reference when a read is placed on it, a
 * read's CIGAR when its haplotype is chosen; before that only its scores are needed.
 */
#include "realign/window_aligner.h"

#include <htslib/sam.h>
#include <stdlib.h>
#include <string.h>

#include "realign/introsort.h"
#include "realign/projection.h"
#include "realign/ssw.h"

static const size_t placement_limit = (size_t)1 << 26, code_limit = (size_t)1 << 28,
                    scratch_limit = (size_t)1 << 28;

/* A haplotype and how it lies on the reference. */
struct record {
    struct gn_sequence sequence;
    const uint8_t *codes;
    struct gn_placement *placements; /* of each read */
    int score; /* sum of its gapless placements; 0: no read is aligned to it with gaps either */
    int shared_prefix,
        shared_suffix; /* codes it shares with the record before it that has a score */
    enum {
        UNKNOWN,
        DIFFERENT,
        SAME
    } versus_reference; /* whether its alignment to the reference shows a difference */
    bool is_aligned;    /* ref_position and cigar are known */
    int ref_position;
    uint32_t whole; /* the CIGAR of a haplotype without differences */
    struct gn_operations cigar;
};

struct gn_window_aligner {
    struct gn_realign_options options;
    struct gn_fast_pass fast_pass;
    struct gn_projector projector;
    gn_ssw_t *haplotype_ssw, *read_ssw;
    struct gn_placement *placements;
    size_t placements_cap;
    uint8_t *codes; /* of the reference and the haplotypes */
    size_t codes_cap;
    gn_arena_t *scratch; /* tables of one call */
};

/* One call of gn_window_align. */
struct job {
    gn_window_aligner_t *aligner;
    const struct gn_window *window;
    struct gn_sequence *reads;
    struct record *records;  /* of the haplotypes, in their order */
    struct gn_scored *order; /* of the records, by ascending score */
    const uint8_t *reference_codes;
    int threshold;               /* score below which an alignment of a read does not count */
    gn_arena_t *scratch, *arena; /* for the call, for the caller */
    gn_error_t *err;
};

gn_window_aligner_t *gn_window_aligner_create(const struct gn_realign_options *options,
                                              gn_error_t *err)
{
    struct gn_ssw_scores scores = {options->aln_match, options->aln_mismatch, options->aln_gap_open,
                                   options->aln_gap_extend};
    gn_window_aligner_t *aligner = calloc(1, sizeof *aligner);
    if (aligner == NULL) {
        gn_fail_memory(err, "a window aligner");
        return NULL;
    }
    aligner->options = *options;
    aligner->haplotype_ssw = gn_ssw_create(&scores, GN_SSW_BEST, err);
    aligner->read_ssw = gn_ssw_create(&scores, GN_SSW_BEST, err);
    aligner->scratch = gn_arena_create(scratch_limit);
    if (aligner->scratch == NULL)
        gn_fail_memory(err, "a window aligner");
    if (aligner->haplotype_ssw == NULL || aligner->read_ssw == NULL || aligner->scratch == NULL) {
        gn_window_aligner_destroy(aligner);
        return NULL;
    }
    return aligner;
}

void gn_window_aligner_destroy(gn_window_aligner_t *aligner)
{
    if (aligner == NULL)
        return;
    gn_fast_pass_clear(&aligner->fast_pass);
    gn_projector_clear(&aligner->projector);
    gn_ssw_destroy(aligner->haplotype_ssw);
    gn_ssw_destroy(aligner->read_ssw);
    free(aligner->placements);
    free(aligner->codes);
    gn_arena_destroy(aligner->scratch);
    free(aligner);
}

/* Score that random similarity of the first read's length would give; negative becomes 1. */
static int score_threshold(const struct gn_realign_options *options, int read_length)
{
    double similarity = options->realignment_similarity_threshold;
    double score = options->aln_match * read_length * similarity -
                   options->aln_mismatch * read_length * (1 - similarity);
    /* PARITY(dv-1.9): kept in 16 bits. */
    int16_t threshold = (int16_t)(int32_t)score;
    return threshold < 0 ? 1 : threshold;
}

static bool same_sequence(const struct gn_sequence *a, const struct gn_sequence *b)
{
    return a->length == b->length && memcmp(a->bases, b->bases, (size_t)a->length) == 0;
}

/* Makes the tables of a call in the arena, and encodes the reference and the haplotypes. */
static int prepare(struct job *job)
{
    gn_window_aligner_t *aligner = job->aligner;
    const struct gn_window *window = job->window;
    size_t n_haplotypes = (size_t)window->n_haplotypes, n_reads = window->n_reads;
    job->reads = gn_arena_alloc(job->scratch, (n_reads + 1) * sizeof *job->reads);
    job->records = gn_arena_zalloc(job->scratch, n_haplotypes + 1, sizeof *job->records);
    job->order = gn_arena_alloc(job->scratch, (n_haplotypes + 1) * sizeof *job->order);
    if (job->reads == NULL || job->records == NULL || job->order == NULL)
        return gn_fail_memory(job->err, "reads of one window");
    for (size_t r = 0; r < n_reads; r++)
        job->reads[r] = (struct gn_sequence){window->reads[r]->bases, window->reads[r]->length};
    job->threshold = score_threshold(&aligner->options, n_reads > 0 ? window->reads[0]->length : 0);

    size_t n_codes = (size_t)window->reference.length;
    for (size_t h = 0; h < n_haplotypes; h++)
        n_codes += (size_t)window->haplotypes[h].length;
    uint8_t *codes = gn_reserve(aligner->codes, &aligner->codes_cap, n_codes, 1, code_limit,
                                "bases of the haplotypes of one window", job->err);
    if (codes == NULL)
        return GN_E_MEMORY;
    aligner->codes = codes;
    struct gn_placement *placements = gn_reserve(
        aligner->placements, &aligner->placements_cap, n_haplotypes * n_reads, sizeof *placements,
        placement_limit, "placements of reads on haplotypes", job->err);
    if (placements == NULL)
        return GN_E_MEMORY;
    aligner->placements = placements;

    job->reference_codes = codes;
    gn_ssw_encode(window->reference.bases, (size_t)window->reference.length, codes);
    codes += window->reference.length;
    for (size_t h = 0; h < n_haplotypes; h++) {
        struct record *record = &job->records[h];
        record->sequence = window->haplotypes[h];
        record->codes = codes;
        record->placements = placements + h * n_reads;
        gn_ssw_encode(record->sequence.bases, (size_t)record->sequence.length, codes);
        codes += record->sequence.length;
    }
    return GN_OK;
}

/* Places the reads on every haplotype without gaps, and sorts the haplotypes by their scores. */
static int place_gapless(struct job *job)
{
    const struct gn_window *window = job->window;
    const struct gn_realign_options *options = &job->aligner->options;
    struct gn_fast_pass_options pass = {options->aln_match, options->aln_mismatch,
                                        options->kmer_size, options->max_num_of_mismatches};
    int status =
        gn_fast_pass_start(&job->aligner->fast_pass, &pass, job->reads, window->n_reads, job->err);
    for (int h = 0; h < window->n_haplotypes && status == GN_OK; h++) {
        struct record *record = &job->records[h];
        struct gn_flanked_haplotype haplotype = {
            .sequence = record->sequence,
            .n_prefix = window->n_prefix,
            .n_suffix = window->n_suffix,
            .is_reference = same_sequence(&record->sequence, &window->reference)};
        status = gn_fast_pass_place(&job->aligner->fast_pass, &haplotype, record->placements,
                                    &record->score, job->err);
        job->order[h] = (struct gn_scored){record->score, h};
    }
    gn_introsort(job->order, (size_t)window->n_haplotypes);
    return status;
}

/* Aligns a haplotype to the reference unless that is done. */
static int align_haplotype(struct job *job, struct record *record)
{
    const struct gn_sequence *reference = &job->window->reference;
    if (record->is_aligned)
        return GN_OK;
    record->is_aligned = true;
    record->whole = bam_cigar_gen((uint32_t)record->sequence.length, BAM_CEQUAL);
    if (same_sequence(&record->sequence, reference)) {
        record->cigar = (struct gn_operations){&record->whole, 1};
        return GN_OK;
    }
    gn_ssw_t *ssw = job->aligner->haplotype_ssw;
    struct gn_ssw_alignment alignment;
    int status = gn_ssw_set_query(ssw, record->sequence.bases, record->sequence.length, job->err);
    if (status == GN_OK)
        status = gn_ssw_align(ssw, job->reference_codes, reference->length, &alignment, job->err);
    if (status <= 0)
        return status;
    uint32_t *cigar = gn_arena_alloc(job->scratch, (size_t)(alignment.n_cigar + 1) * sizeof *cigar);
    if (cigar == NULL)
        return gn_fail_memory(job->err, "alignments of haplotypes");
    if (alignment.n_cigar > 0)
        memcpy(cigar, alignment.cigar, (size_t)alignment.n_cigar * sizeof *cigar);
    record->cigar = (struct gn_operations){cigar, alignment.n_cigar};
    record->ref_position = alignment.target_begin;
    return GN_OK;
}

/* Finds out whether the haplotype's alignment to the reference shows a difference, unless that is known. */
static int compare_with_reference(struct job *job, struct record *record)
{
    const struct gn_sequence *reference = &job->window->reference;
    if (record->versus_reference != UNKNOWN)
        return GN_OK;
    record->versus_reference = DIFFERENT;
    if (memmem(job->reference_codes, (size_t)reference->length, record->codes,
               (size_t)record->sequence.length) == NULL)
        return GN_OK;
    int status = align_haplotype(job, record);
    if (status == GN_OK && record->cigar.n == 1 && record->cigar.cigar[0] == record->whole)
        record->versus_reference = SAME;
    return status;
}

/* Finds what each haplotype that reads may be aligned to shares with the one before it. */
static void compare_neighbours(struct job *job)
{
    const struct record *previous = NULL;
    for (int h = 0; h < job->window->n_haplotypes; h++) {
        struct record *record = &job->records[h];
        if (record->score == 0)
            continue;
        int n = record->sequence.length,
            n_previous = previous != NULL ? previous->sequence.length : 0;
        int shorter = n < n_previous ? n : n_previous, prefix = 0, suffix = 0;
        while (prefix < shorter && record->codes[prefix] == previous->codes[prefix])
            prefix++;
        while (suffix < shorter &&
               record->codes[n - 1 - suffix] == previous->codes[n_previous - 1 - suffix])
            suffix++;
        record->shared_prefix = prefix;
        record->shared_suffix = suffix;
        previous = record;
    }
}

/* Finds the scores of a read that no haplotype took without gaps. Its query stays set for the traceback. */
static int score_gapped(struct job *job, size_t r)
{
    gn_ssw_t *ssw = job->aligner->read_ssw;
    int status = gn_ssw_set_query(ssw, job->reads[r].bases, job->reads[r].length, job->err);
    for (int h = 0; h < job->window->n_haplotypes && status == GN_OK; h++) {
        struct record *record = &job->records[h];
        if (record->score == 0)
            continue;
        int score = gn_ssw_score_sibling(ssw, record->codes, record->sequence.length,
                                         record->shared_prefix, record->shared_suffix, job->err);
        if (score < 0)
            status = score;
        else if (score >= job->threshold)
            record->placements[r].score = score;
    }
    return status;
}

/* Chooses the haplotype of read r: the best score, and of equal ones the last that is not the reference.
 * *chosen is NULL when none has a score. */
static int choose(struct job *job, size_t r, struct record **chosen)
{
    int best = 0;
    *chosen = NULL;
    for (int i = 0; i < job->window->n_haplotypes; i++) {
        struct record *record = &job->records[job->order[i].index];
        int score = record->placements[r].score;
        if (score == 0 || score < best)
            continue;
        if (score == best) {
            int status = compare_with_reference(job, record);
            if (status != GN_OK)
                return status;
            if (record->versus_reference == SAME)
                continue;
        }
        best = score;
        *chosen = record;
    }
    return GN_OK;
}

/* Aligns read r to the only haplotype. Returns 1, 0 when it does not align, or a negative status. */
static int place_forced(struct job *job, size_t r, struct record **chosen,
                        struct gn_ssw_alignment *alignment)
{
    gn_ssw_t *ssw = job->aligner->read_ssw;
    *chosen = &job->records[0];
    int status = gn_ssw_set_query(ssw, job->reads[r].bases, job->reads[r].length, job->err);
    if (status != GN_OK)
        return status;
    return gn_ssw_align(ssw, (*chosen)->codes, (*chosen)->sequence.length, alignment, job->err);
}

/* Chooses the haplotype of read r and traces the read's alignment to it. Returns 1, 0 when there is none, or a negative
 * status. */
static int place_gapped(struct job *job, size_t r, struct record **chosen,
                        struct gn_ssw_alignment *alignment)
{
    int status = score_gapped(job, r);
    while (status == GN_OK) {
        status = choose(job, r, chosen);
        if (status != GN_OK || *chosen == NULL)
            return status;
        status = gn_ssw_align(job->aligner->read_ssw, (*chosen)->codes, (*chosen)->sequence.length,
                              alignment, job->err);
        if (status == 0) /* a score without an alignment does not count */
            (*chosen)->placements[r].score = 0;
    }
    return status;
}

static bool has_placement(const struct job *job, size_t r)
{
    for (int h = 0; h < job->window->n_haplotypes; h++)
        if (job->records[h].placements[r].score > 0)
            return true;
    return false;
}

/* Writes the projected alignment into `out`, unless the read has none. */
static int project(struct job *job, struct gn_operations on_haplotype, int position,
                   const struct record *record, struct gn_read *out)
{
    const struct gn_window *window = job->window;
    struct gn_operations cigar;
    int status = gn_project_cigar(&job->aligner->projector, out->length, position, on_haplotype,
                                  record->cigar, &cigar, job->err);
    if (status != GN_OK)
        return status;
    int offset = record->ref_position + position + gn_projected_shift(record->cigar, position);
    struct gn_placed_read placed = {out->bases, window->reference.bases, window->reference.length,
                                    offset};
    bool is_checked = window->is_forced || !job->aligner->options.normalize_reads;
    if (cigar.n == 0 || (is_checked && !gn_is_left_normalised(cigar, &placed)))
        return GN_OK;
    uint32_t *copy = gn_arena_alloc(job->arena, (size_t)cigar.n * sizeof *copy);
    if (copy == NULL)
        return gn_fail_memory(job->err, "CIGARs of realigned reads");
    memcpy(copy, cigar.cigar, (size_t)cigar.n * sizeof *copy);
    out->cigar = copy;
    out->n_cigar = cigar.n;
    out->pos0 = window->reference_start0 + offset;
    out->end0 = gn_cigar_end(out->pos0, copy, cigar.n);
    return GN_OK;
}

/* Realigns read r in `out`. Returns 1 when a haplotype took it, 0 when none did, or a negative status. */
static int realign_read(struct job *job, size_t r, struct gn_read *out)
{
    struct record *chosen = NULL;
    struct gn_ssw_alignment alignment = {.n_cigar = 0};
    uint32_t whole = bam_cigar_gen((uint32_t)out->length, BAM_CEQUAL);
    struct gn_operations on_haplotype = {&whole, 1};
    int position = 0, status;
    if (has_placement(job, r)) {
        status = choose(job, r, &chosen);
        if (status != GN_OK)
            return status;
        position = chosen->placements[r].position;
    } else {
        status = job->window->is_forced ? place_forced(job, r, &chosen, &alignment)
                                        : place_gapped(job, r, &chosen, &alignment);
        if (status <= 0)
            return status;
        on_haplotype = (struct gn_operations){alignment.cigar, alignment.n_cigar};
        position = alignment.target_begin;
    }
    status = align_haplotype(job, chosen);
    if (status == GN_OK)
        status = project(job, on_haplotype, position, chosen, out);
    return status == GN_OK ? 1 : status;
}

int gn_window_align(gn_window_aligner_t *aligner, const struct gn_window *window,
                    struct gn_read *out, bool *is_placed, gn_arena_t *arena, gn_error_t *err)
{
    struct job job = {.aligner = aligner,
                      .window = window,
                      .scratch = aligner->scratch,
                      .arena = arena,
                      .err = err};
    gn_arena_reset(aligner->scratch);
    int status = prepare(&job);
    if (status == GN_OK)
        status = place_gapless(&job);
    if (status != GN_OK)
        return status;
    compare_neighbours(&job);
    for (size_t r = 0; r < window->n_reads; r++) {
        out[r] = *window->reads[r];
        int placed = realign_read(&job, r, &out[r]);
        if (placed < 0)
            return placed;
        if (is_placed != NULL)
            is_placed[r] = placed > 0;
    }
    return GN_OK;
}

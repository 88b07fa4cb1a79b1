/* SPDX-License-Identifier: MIT
 *
 * fast_pass.c - every k-mer of the haplotype proposes the reads that hold it (spec 30 section 5.1).
 *
 * A read is compared once at each position: a second comparison at the same place could change nothing.
 */
#include "realign/fast_pass.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { NOWHERE = -1 };

static const size_t haplotype_limit = (size_t)1 << 26, read_limit = (size_t)1 << 24;

void gn_fast_pass_clear(struct gn_fast_pass *pass)
{
    gn_kmer_index_clear(&pass->index);
    free(pass->is_covered);
    free(pass->last_tried);
    *pass = (struct gn_fast_pass){0};
}

int gn_fast_pass_start(struct gn_fast_pass *pass, const struct gn_fast_pass_options *options,
                       const struct gn_sequence *reads, size_t n_reads, gn_error_t *err)
{
    pass->options = *options;
    pass->reads = reads;
    pass->n_reads = n_reads;
    int *last_tried = gn_reserve(pass->last_tried, &pass->last_tried_cap, n_reads,
                                 sizeof *last_tried, read_limit, "reads of one window", err);
    if (last_tried == NULL)
        return GN_E_MEMORY;
    pass->last_tried = last_tried;
    return gn_kmer_index_build(&pass->index, options->kmer_size, reads, n_reads, err);
}

/* Mismatches of n letters, N being none; stops counting above `limit`. */
static int count_mismatches(const char *a, const char *b, int n, int limit)
{
    int mismatches = 0;
    if (memcmp(a, b, (size_t)n) == 0)
        return 0;
    for (int i = 0; i < n && mismatches <= limit; i++)
        mismatches += a[i] != b[i] && a[i] != 'N' && b[i] != 'N';
    return mismatches;
}

/* Tries read r at a position of the haplotype; returns what the haplotype's score gains. */
static int try_read(struct gn_fast_pass *pass, const struct gn_sequence *haplotype, uint32_t r,
                    int position, struct gn_placement *placement)
{
    const struct gn_sequence *read = &pass->reads[r];
    const struct gn_fast_pass_options *options = &pass->options;
    int n = read->length;
    pass->last_tried[r] = position;
    if (n > haplotype->length - position || position == placement->position)
        return 0;
    int mismatches =
        count_mismatches(haplotype->bases + position, read->bases, n, options->max_mismatches);
    if (mismatches > options->max_mismatches)
        return 0;
    memset(pass->is_covered + position, 1, (size_t)n);
    int score = options->match * (n - mismatches) - options->mismatch * mismatches;
    int gain = score - placement->score;
    if (gain <= 0)
        return 0;
    *placement = (struct gn_placement){score, position};
    return gain;
}

static void forget(struct gn_placement *placements, size_t n)
{
    for (size_t r = 0; r < n; r++)
        placements[r] = (struct gn_placement){0, NOWHERE};
}

static int prepare(struct gn_fast_pass *pass, int length, gn_error_t *err)
{
    unsigned char *is_covered = gn_reserve(pass->is_covered, &pass->is_covered_cap, (size_t)length,
                                           1, haplotype_limit, "bases of one haplotype", err);
    if (is_covered == NULL)
        return GN_E_MEMORY;
    pass->is_covered = is_covered;
    memset(is_covered, 0, (size_t)length);
    for (size_t r = 0; r < pass->n_reads; r++)
        pass->last_tried[r] = NOWHERE;
    return GN_OK;
}

int gn_fast_pass_place(struct gn_fast_pass *pass, const struct gn_flanked_haplotype *haplotype,
                       struct gn_placement *placements, int *score, gn_error_t *err)
{
    const struct gn_sequence *sequence = &haplotype->sequence;
    int last_inside = sequence->length - haplotype->n_suffix;
    int status = prepare(pass, sequence->length, err);
    if (status != GN_OK)
        return status;
    forget(placements, pass->n_reads);
    *score = 0;
    struct gn_kmer_cursor cursor = {.sequence = *sequence, .k = pass->options.kmer_size};
    while (gn_kmer_next(&cursor)) {
        const struct gn_kmer_hits *kmer = gn_kmer_index_find(&pass->index, &cursor);
        if (kmer == NULL) /* PARITY(dv-1.9): then coverage is not asked for either. */
            continue;
        int i = cursor.end - cursor.k;
        const struct gn_kmer_hit *hits = pass->index.hits + kmer->first;
        for (uint32_t h = 0; h < kmer->n; h++) {
            int position = i > hits[h].offset ? i - hits[h].offset : 0;
            uint32_t r = hits[h].sequence;
            if (position != pass->last_tried[r])
                *score += try_read(pass, sequence, r, position, &placements[r]);
        }
        if (!pass->is_covered[i] && i >= haplotype->n_prefix && i < last_inside &&
            !haplotype->is_reference) {
            *score = 0;
            break;
        }
    }
    if (*score == 0)
        forget(placements, pass->n_reads);
    return GN_OK;
}

/* SPDX-License-Identifier: MIT
 *
 * short_counts.c - a read is first resolved to one place per base, then judged (does it belong
 * here?), then counted.
 */
#include "simulate/short/short_counts.h"

#include <string.h>

enum {
    GOOD_QUALITY = 25,  /* a mismatch of this quality speaks against the read's place, */
    FOREIGN_FEWEST = 4, /* so many of them make it foreign */
    FEWEST_BESIDE = 5,  /* aligned bases on both sides of a repeat that a read shows whole */
    LONGEST_CLIP = 8,   /* of a read whose errors count: foreign ends may be aligned in part */
    LOW_QUALITY = 3,
};

/* A read laid out on the piece. */
struct laid_read {
    const bam1_t *record;
    int n;
    bool is_reverse, is_second, is_clipped;
    int64_t first, last;               /* aligned places, in the piece */
    int64_t at[GN_SHORT_LONGEST_READ]; /* place of each base; -1 none or not to be counted */
    int n_indels;
    struct {
        int64_t at; /* the base before it */
        int change;
    } indels[16];
};

static char base_of(const struct laid_read *read, int i)
{
    return seq_nt16_str[bam_seqi(bam_get_seq(read->record), i)];
}

static bool is_known(char base)
{
    return base == 'A' || base == 'C' || base == 'G' || base == 'T';
}

static void note_indel(struct laid_read *read, int64_t at, int change)
{
    if (read->n_indels >= (int)(sizeof read->indels / sizeof *read->indels))
        return;
    read->indels[read->n_indels].at = at;
    read->indels[read->n_indels++].change = change;
}

static bool lay_out(const struct gn_counted_piece *piece, const bam1_t *record,
                    struct laid_read *read)
{
    const uint32_t *cigar = bam_get_cigar(record);
    int64_t at = record->core.pos - piece->start0;
    int i = 0;
    *read = (struct laid_read){.record = record, .n = record->core.l_qseq};
    if (read->n > GN_SHORT_LONGEST_READ || at < 0)
        return false;
    read->is_reverse = bam_is_rev(record);
    read->is_second = (record->core.flag & BAM_FREAD2) != 0;
    read->first = at;
    for (uint32_t c = 0; c < record->core.n_cigar; c++) {
        int op = (int)bam_cigar_op(cigar[c]), length = (int)bam_cigar_oplen(cigar[c]);
        int type = (int)bam_cigar_type((uint32_t)op);
        for (int k = 0; k < length && (type & 1) != 0; k++, i++) {
            int64_t place = type == 3 ? at + k : -1;
            bool counts = place >= 1 && place + 1 < piece->length && !piece->variable[place] &&
                          is_known(piece->bases[place]);
            read->at[i] = counts ? place : -1;
        }
        read->is_clipped |= op == BAM_CSOFT_CLIP && length > LONGEST_CLIP;
        if (op == BAM_CINS || op == BAM_CDEL)
            note_indel(read, at - 1, op == BAM_CINS ? length : -length);
        at += (type & 2) != 0 ? length : 0;
    }
    read->last = at - 1;
    return i == read->n && at < piece->length;
}

static bool is_foreign(const struct gn_counted_piece *piece, const struct laid_read *read,
                       int *n_mismatches)
{
    const uint8_t *qualities = bam_get_qual(read->record);
    *n_mismatches = 0;
    for (int i = 0; i < read->n; i++)
        *n_mismatches += read->at[i] >= 0 && qualities[i] >= GOOD_QUALITY &&
                         base_of(read, i) != piece->bases[read->at[i]];
    return *n_mismatches >= FOREIGN_FEWEST;
}

/* Context of a place in the order of sequencing. */
static int context_of(const struct gn_counted_piece *piece, int64_t at, bool is_reverse)
{
    const char *b = piece->bases + at;
    if (is_reverse)
        return 16 * (3 - gn_base_number(b[1])) + 4 * (3 - gn_base_number(b[0])) + 3 -
               gn_base_number(b[-1]);
    return 16 * gn_base_number(b[-1]) + 4 * gn_base_number(b[0]) + gn_base_number(b[1]);
}

static void count_base(struct gn_short_counts *counts, const struct gn_counted_piece *piece,
                       const struct laid_read *read, int i)
{
    int quality = bam_get_qual(read->record)[i];
    char base = base_of(read, i);
    int64_t at = read->at[i];
    if (quality >= GN_SHORT_QUALITIES)
        return;
    counts->low_bases += quality <= LOW_QUALITY;
    counts->low_unknown += quality <= LOW_QUALITY && base == 'N';
    if (!is_known(base))
        return;
    int context = context_of(piece, at, read->is_reverse), number = gn_base_number(base);
    bool is_wrong = base != piece->bases[at];
    counts->bases[read->is_second][quality] += 1;
    counts->context_bases[read->is_second][context] += 1;
    if (piece->depth[read->is_reverse][at] < UINT16_MAX)
        piece->depth[read->is_reverse][at]++;
    if (!is_wrong)
        return;
    counts->wrong[read->is_second][quality] += 1;
    counts->context_wrong[read->is_second][context][read->is_reverse ? 3 - number : number] += 1;
    if (piece->wrong[read->is_reverse][number][at] < UINT16_MAX)
        piece->wrong[read->is_reverse][number][at]++;
}

static bool is_variable(const struct gn_counted_piece *piece, int64_t start, int64_t end)
{
    return memchr(piece->variable + start, 1, (size_t)(end - start)) != NULL;
}

/* The indel of the read that lies in the run; 0 none. */
static int find_slip(const struct laid_read *read, const struct gn_repeat *run)
{
    for (int i = 0; i < read->n_indels; i++)
        if (read->indels[i].at >= run->start0 - 1 &&
            read->indels[i].at < run->start0 + run->length &&
            read->indels[i].change % run->unit == 0)
            return read->indels[i].change / run->unit;
    return 0;
}

/* Counts the runs that the read shows whole, and its indels in them. */
static void count_runs(struct gn_short_counts *counts, const struct gn_counted_piece *piece,
                       const struct laid_read *read)
{
    for (size_t r = gn_repeats_first(&piece->repeats, read->first + FEWEST_BESIDE);
         r < piece->repeats.n; r++) {
        const struct gn_repeat *run = &piece->repeats.v[r];
        int64_t end = run->start0 + run->length;
        if (run->start0 > read->last)
            break;
        if (end + FEWEST_BESIDE > read->last || is_variable(piece, run->start0 - 1, end))
            continue;
        int unit = run->unit - 1, copies = gn_repeat_copies(run), slip = find_slip(read, run);
        copies = copies < GN_SHORT_COPIES ? copies : GN_SHORT_COPIES - 1;
        counts->runs[unit][copies] += 1;
        if (slip == 0)
            continue;
        counts->slips += 1;
        counts->slip_units += slip > 0 ? slip : -slip;
        (slip > 0 ? counts->insertions : counts->deletions)[unit][copies] += 1;
    }
}

static bool lies_in_run(const struct gn_counted_piece *piece, int64_t at, int change)
{
    for (size_t r = gn_repeats_first(&piece->repeats, at > 1000 ? at - 1000 : 0);
         r < piece->repeats.n && piece->repeats.v[r].start0 <= at + 1; r++) {
        const struct gn_repeat *run = &piece->repeats.v[r];
        if (run->start0 + run->length > at && change % run->unit == 0)
            return true;
    }
    return false;
}

static void count_free_indels(struct gn_short_counts *counts, const struct gn_counted_piece *piece,
                              const struct laid_read *read)
{
    for (int i = 0; i < read->n_indels; i++) {
        int64_t at = read->indels[i].at;
        int change = read->indels[i].change;
        int deleted = change < 0 ? -change : 0;
        if (at < 1 || at + deleted + 2 >= piece->length ||
            is_variable(piece, at, at + deleted + 2) || lies_in_run(piece, at, change))
            continue;
        if (change > 0)
            counts->free_insertions += 1;
        else
            counts->free_deletions += 1;
        counts->free_indel_bases += change > 0 ? change : -change;
    }
}

/* Soft clips at the start and the end of sequencing; of fragments longer than the read only, since
 * shorter ones end in adapter. */
static void count_clips(struct gn_short_counts *counts, const struct laid_read *read)
{
    const bam1_core_t *core = &read->record->core;
    const uint32_t *cigar = bam_get_cigar(read->record);
    int64_t insert = core->isize < 0 ? -core->isize : core->isize;
    if (insert > 0 && insert < read->n)
        return;
    counts->reads += 1;
    for (int e = 0; e < 2; e++) {
        uint32_t op = cigar[(e == 0) != read->is_reverse ? 0 : core->n_cigar - 1];
        int length = (int)bam_cigar_oplen(op);
        if (bam_cigar_op(op) != BAM_CSOFT_CLIP || length >= read->n)
            continue;
        counts->clips[e] += 1;
        counts->clip_lengths[length * GN_SHORT_CLIP_BINS / read->n] += 1;
    }
}

void gn_short_counts_add(struct gn_short_counts *counts, const struct gn_counted_piece *piece,
                         const bam1_t *record)
{
    struct laid_read read;
    int n_mismatches;
    if (!lay_out(piece, record, &read))
        return;
    count_clips(counts, &read);
    if (read.is_clipped)
        return;
    counts->whole_reads += 1;
    if (is_foreign(piece, &read, &n_mismatches)) {
        counts->foreign += 1;
        counts->foreign_bases += read.n;
        counts->foreign_mismatches += n_mismatches;
        return;
    }
    for (int i = 0; i < read.n; i++) {
        if (read.at[i] < 0)
            continue;
        counts->free_bases += 1;
        count_base(counts, piece, &read, i);
    }
    count_runs(counts, piece, &read);
    count_free_indels(counts, piece, &read);
}

static double share(double part, double whole)
{
    return whole > 0 ? part / whole : 0;
}

static double sum_of(const double *v, int n)
{
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += v[i];
    return sum;
}

/* How much more often than their qualities say the bases of this read are wrong. */
static double excess_of_read(const struct gn_short_counts *counts,
                             const struct gn_short_profile *profile, int r)
{
    double expected = 0;
    for (int q = 0; q < GN_SHORT_QUALITIES; q++)
        expected += counts->bases[r][q] * profile->mismatch[q];
    double wrong = sum_of(counts->wrong[r], GN_SHORT_QUALITIES);
    return expected > 0 && wrong > 0 ? wrong / expected : 1;
}

static void solve_mismatches(const struct gn_short_counts *counts, struct gn_short_profile *profile)
{
    const double doubt = 10; /* bases that follow the reported quality */
    double reported = 1;
    for (int q = 0; q < GN_SHORT_QUALITIES; q++, reported *= 0.79432823472428150)
        profile->mismatch[q] =
            (counts->wrong[0][q] + counts->wrong[1][q] + doubt * 0.75 * reported) /
            (counts->bases[0][q] + counts->bases[1][q] + doubt);
    for (int r = 0; r < 2; r++) {
        double mean = share(sum_of(counts->wrong[r], GN_SHORT_QUALITIES),
                            sum_of(counts->bases[r], GN_SHORT_QUALITIES));
        double excess = excess_of_read(counts, profile, r);
        for (int c = 0; c < GN_SHORT_CONTEXTS; c++) {
            /* a few expected errors of each kind, so that rare contexts stay near the mean */
            double prior = 2, expected = counts->context_bases[r][c] * mean + 3 * prior;
            for (int b = 0; b < 4; b++)
                profile->context[r][c][b] =
                    b == c / 4 % 4 ? 0
                                   : excess * (counts->context_wrong[r][c][b] + prior) / expected;
        }
    }
}

/* Slippage as other PCR-free data show it, where this run has too few repeats. */
static double usual_slip(int unit, int copies)
{
    static const double homopolymer[GN_SHORT_COPIES] = {
        0,    0,     0,     0,     1e-5,  2e-5,  5e-5, 1e-4, 3e-4, 8e-4,  2.5e-3,
        6e-3, 0.011, 0.018, 0.028, 0.040, 0.058, 0.08, 0.10, 0.12, 0.145, 0.17,
        0.19, 0.21,  0.23,  0.25,  0.27,  0.29,  0.30, 0.31, 0.32};
    static const double longer[GN_SHORT_COPIES] = {
        0,    0,     0,     0,     5e-5, 2e-4,  5e-4,  1e-3,  2e-3,  3.5e-3, 6e-3,
        9e-3, 0.013, 0.018, 0.023, 0.03, 0.038, 0.046, 0.055, 0.065, 0.075,  0.08,
        0.09, 0.1,   0.11,  0.12,  0.13, 0.14,  0.15,  0.16,  0.17};
    double slip = unit == 1 ? homopolymer[copies] : longer[copies];
    return unit > 2 ? slip / 2 : slip;
}

/* Rates that never fall with the copies, nearest to the counts: pools neighbours that fall. */
static void fit_rising(const double *events, const double *trials, int unit, double usual_share,
                       double rates[GN_SHORT_COPIES])
{
    const double doubt = 300; /* reads, of some ten runs, that behave as usual */
    double weight[GN_SHORT_COPIES], value[GN_SHORT_COPIES];
    int size[GN_SHORT_COPIES], n = 0;
    for (int c = 0; c < GN_SHORT_COPIES; c++) {
        weight[n] = trials[c] + doubt;
        value[n] = (events[c] + doubt * usual_share * usual_slip(unit, c)) / weight[n];
        size[n++] = 1;
        while (n > 1 && value[n - 2] > value[n - 1]) {
            double both = weight[n - 2] + weight[n - 1];
            value[n - 2] = (value[n - 2] * weight[n - 2] + value[n - 1] * weight[n - 1]) / both;
            weight[n - 2] = both;
            size[n - 2] += size[n - 1];
            n--;
        }
    }
    for (int i = 0, c = 0; i < n; i++)
        for (int k = 0; k < size[i]; k++)
            rates[c++] = value[i] < 0.45 ? value[i] : 0.45;
}

static void solve_indels(const struct gn_short_counts *counts, struct gn_short_profile *profile)
{
    for (int u = 0; u < GN_SHORT_UNITS; u++) {
        fit_rising(counts->insertions[u], counts->runs[u], u + 1, 0.35, profile->insertion[u]);
        fit_rising(counts->deletions[u], counts->runs[u], u + 1, 0.65, profile->deletion[u]);
    }
    profile->slip_extends = share(counts->slip_units - counts->slips, counts->slip_units);
    double n_free = counts->free_insertions + counts->free_deletions;
    profile->free_insertion = share(counts->free_insertions, counts->free_bases);
    profile->free_deletion = share(counts->free_deletions, counts->free_bases);
    profile->free_extends = share(counts->free_indel_bases - n_free, counts->free_indel_bases);
    if (profile->free_extends > 0.9)
        profile->free_extends = 0.9;
}

void gn_short_counts_solve(const struct gn_short_counts *counts,
                           const struct gn_place_counts *places, struct gn_short_profile *profile)
{
    double wrong = 0, bases = 0;
    for (int r = 0; r < 2; r++) {
        wrong += sum_of(counts->wrong[r], GN_SHORT_QUALITIES);
        bases += sum_of(counts->bases[r], GN_SHORT_QUALITIES);
    }
    solve_mismatches(counts, profile);
    solve_indels(counts, profile);
    double background = gn_place_counts_solve(places, share(wrong, bases), profile->place);
    double scattered = share(background * bases, wrong); /* the rest happens at those places */
    for (int q = 0; q < GN_SHORT_QUALITIES; q++)
        profile->mismatch[q] *= scattered < 1 ? scattered : 1;
    profile->unknown = share(counts->low_unknown, counts->low_bases);
    profile->clip_start = share(counts->clips[0], counts->reads);
    profile->clip_end = share(counts->clips[1], counts->reads);
    memcpy(profile->clip_length, counts->clip_lengths, sizeof counts->clip_lengths);
    if (sum_of(profile->clip_length, GN_SHORT_CLIP_BINS) == 0)
        profile->clip_length[GN_SHORT_CLIP_BINS / 4] = 1;
    profile->foreign = share(counts->foreign, counts->whole_reads);
    profile->foreign_divergence = share(counts->foreign_mismatches, counts->foreign_bases);
}

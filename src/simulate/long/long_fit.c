/* SPDX-License-Identifier: MIT
 *
 * long_fit.c - from counts to rates. Where little was seen, neighbours and the whole help out.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "simulate/long/long_counts.h"

enum { FEWEST_CHANCES = 400, ROW_PRIOR = 40 };

static double share_of(double part, double whole)
{
    return whole > 0 ? part / whole : 0;
}

/* rates[i] = events[i] / chances[i], over as wide a window as it takes to see enough. */
static void fit_rates(const uint64_t *events, const uint64_t *chances, int n, double *rates)
{
    for (int i = 1; i < n; i++)
        for (int width = 0; width < n; width++) {
            uint64_t seen = 0, tried = 0;
            for (int k = i - width < 1 ? 1 : i - width; k <= i + width && k < n; k++) {
                seen += events[k];
                tried += chances[k];
            }
            rates[i] = share_of((double)seen, (double)tried);
            if (tried >= FEWEST_CHANCES || (seen >= 10 && tried >= FEWEST_CHANCES / 8))
                break;
        }
}

static void fit_shares(const uint64_t *counts, int n, double *shares)
{
    uint64_t total = 0;
    for (int i = 0; i < n; i++)
        total += counts[i];
    for (int i = 0; i < n; i++)
        shares[i] = total > 0 ? (double)counts[i] / (double)total : i == 0;
}

/* Expected events of one kind per run, from the fitted rates, by sequenced base. */
static void fit_by_base(const struct gn_long_counts *counts, const struct gn_long_indel_counts *c,
                        struct gn_long_indels *out)
{
    for (int base = 0; base < 4; base++) {
        double expected = 0;
        for (int kind = 0; kind < 2; kind++)
            for (int run = 1; run <= GN_LONG_LONGEST_RUN; run++)
                expected +=
                    out->run[kind][run] * (double)counts->chances.run_by_base[kind][run][base];
        out->by_base[base] = ((double)c->by_base[base] + 20) / (expected + 20);
    }
}

/* Values with mean 1 and about the given coefficient of variation squared. */
static void lognormal_factors(double cv2, double factors[GN_LONG_FACTORS])
{
    /* normal quantiles at (i + 1/2) / 16, those of the last sixteenth at (15 + (i + 1/2) / 16) / 16
     */
    static const double z[GN_LONG_FACTORS] = {
        -1.863, -1.318, -1.010, -0.776, -0.579, -0.402, -0.237, -0.078, 0.078, 0.237, 0.402,
        0.579,  0.776,  1.010,  1.318,  1.550,  1.585,  1.622,  1.661,  1.704, 1.749, 1.799,
        1.852,  1.911,  1.978,  2.054,  2.142,  2.248,  2.383,  2.574,  2.886};
    double sigma = sqrt(log(1 + cv2)), sum = 0;
    for (int i = 0; i < GN_LONG_FACTORS; i++) {
        factors[i] = exp(sigma * z[i]);
        sum += factors[i] / (i < 15 ? 16 : 256);
    }
    for (int i = 0; i < GN_LONG_FACTORS; i++)
        factors[i] /= sum;
}

/* Moments of the counts of places around what is expected of their runs. */
struct excess {
    double across, across_weight; /* both strands together: what they share */
    double within, within_weight; /* each strand by itself: that and its own */
};

static void add_excess(struct excess *e, const struct gn_long_place *place, bool deletions,
                       double rate)
{
    double off[2], n[2];
    for (int s = 0; s < 2; s++) {
        n[s] = place->n_runs[s];
        off[s] = (deletions ? place->deletions[s] : place->insertions[s]) - n[s] * rate;
        e->within += off[s] * off[s] - n[s] * rate * (1 - rate);
        e->within_weight += n[s] * (n[s] - 1) * rate * rate;
    }
    e->across += off[0] * off[1];
    e->across_weight += n[0] * n[1] * rate * rate;
}

/* How much more than by chance the counts of places with the same run differ. */
static void fit_factors(const struct gn_long_counts *counts, bool deletions,
                        struct gn_long_indels *out)
{
    enum { MOST = 30 };
    struct excess excess[2] = {{0}};
    for (int64_t i = 0; i < counts->n_places; i++) {
        const struct gn_long_place *place = &counts->places[i];
        if (place->run > 0 && place->n_runs[0] >= 4 && place->n_runs[1] >= 4)
            add_excess(&excess[place->run > 3], place, deletions,
                       out->run[place->kind][place->run]);
    }
    for (int is_long = 0; is_long < 2; is_long++) {
        const struct excess *e = &excess[is_long];
        double shared = share_of(e->across, e->across_weight);
        double all = share_of(e->within, e->within_weight);
        shared = shared < 0 ? 0 : shared > MOST ? MOST : shared;
        double own = (1 + all) / (1 + shared) - 1;
        own = own < 0 ? 0 : own > MOST ? MOST : own;
        lognormal_factors(shared, is_long ? out->long_run_factor : out->short_run_factor);
        lognormal_factors(own, is_long ? out->long_strand_factor : out->short_strand_factor);
    }
}

static void fit_indels(const struct gn_long_counts *counts, bool deletions,
                       struct gn_long_indels *out)
{
    const struct gn_long_indel_counts *c = deletions ? &counts->deletion : &counts->insertion;
    for (int kind = 0; kind < 2; kind++)
        fit_rates(c->run[kind], counts->chances.run[kind], GN_LONG_LONGEST_RUN + 1, out->run[kind]);
    fit_by_base(counts, c, out);
    for (int i = 0; i < GN_LONG_LENGTH_CLASSES; i++)
        fit_shares(c->length[i], GN_LONG_MOST_LENGTH, out->length[i]);
    for (int unit = 2; unit <= GN_LONG_LONGEST_UNIT; unit++)
        fit_rates(c->repeat[unit], counts->chances.repeat[unit], GN_LONG_MOST_COPIES + 1,
                  out->repeat[unit]);
    fit_shares(c->units, GN_LONG_MOST_UNITS, out->units);
    fit_factors(counts, deletions, out);
}

/* Adds a prior of `weight` to the counts and cumulates. */
static void fit_row(const uint32_t *row, const double *prior, double weight, int n,
                    struct gn_long_row *out)
{
    enum { PARTS = 4095 }; /* small numbers in the file */
    double total = 0, prior_total = 0, sum = 0;
    for (int i = 0; i < n; i++) {
        total += row[i];
        prior_total += prior[i];
    }
    weight = prior_total > 0 ? weight / prior_total : 0;
    double all = total + weight * prior_total;
    for (int i = 0; i < n; i++) {
        sum += row[i] + weight * prior[i];
        double share = all > 0 ? sum / all : (i + 1.0) / n;
        out->upto[i] = (uint16_t)((int)(share * PARTS + 0.5) * (65535 / PARTS));
    }
    out->upto[n - 1] = 65535 / PARTS * PARTS;
}

static void add_row(const uint32_t *row, int n, double *sum)
{
    for (int i = 0; i < n; i++)
        sum[i] += row[i];
}

/* Rows of one context and previous group: the prior of a class is all classes together, theirs the
 * rows of the previous group in any context. */
static void fit_rows_of(const struct gn_long_counts *counts, int context, int group,
                        const double any[3][GN_LONG_PREVIOUS][GN_LONG_MOST_LEVELS],
                        struct gn_long_qualities *q)
{
    int n = q->n_levels;
    double all[GN_LONG_MOST_LEVELS] = {0}, any_total = 0;
    for (int c = 0; c < GN_LONG_CLASSES; c++)
        add_row(counts->plain[c][context][group], n, all);
    for (int i = 0; i < n; i++)
        any_total += any[0][group][i];
    for (int i = 0; i < n; i++)
        all[i] += any_total > 0 ? ROW_PRIOR * any[0][group][i] / any_total : 0;
    for (int c = 0; c < GN_LONG_CLASSES; c++)
        fit_row(counts->plain[c][context][group], all, ROW_PRIOR, n, &q->plain[c][context][group]);
    for (int s = 0; s < 2; s++)
        fit_row(counts->other[s][context][group], any[1 + s][group], ROW_PRIOR, n,
                s == 0 ? &q->erred[context][group] : &q->inserted[context][group]);
}

static void fit_qualities(const struct gn_long_counts *counts, struct gn_long_qualities *q)
{
    static const double TINY = 0.01;
    double any[3][GN_LONG_PREVIOUS][GN_LONG_MOST_LEVELS] = {0};
    int n = q->n_levels;
    for (int context = 0; context < GN_LONG_QUALITY_CONTEXTS; context++)
        for (int group = 0; group < GN_LONG_PREVIOUS; group++) {
            for (int c = 0; c < GN_LONG_CLASSES; c++)
                add_row(counts->plain[c][context][group], n, any[0][group]);
            for (int s = 0; s < 2; s++)
                add_row(counts->other[s][context][group], n, any[1 + s][group]);
        }
    for (int group = 0; group < GN_LONG_PREVIOUS; group++) /* levels never seen there */
        for (int i = 0; i < n; i++)
            for (int s = 0; s < 3; s++)
                any[s][group][i] +=
                    TINY * ((double)counts->level[i][0] + 1) / ((double)counts->bases + 1);
    for (int context = 0; context < GN_LONG_QUALITY_CONTEXTS; context++)
        for (int group = 0; group < GN_LONG_PREVIOUS; group++)
            fit_rows_of(counts, context, group, any, q);
}

/* Share of the wrong bases that lie outside of bad places; about one base in fifty is in a CpG. */
static double outside_bad_places(const struct gn_long_counts *counts,
                                 const struct gn_long_profile *profile)
{
    double rate = 0, wrong = 0, bases = 0;
    for (int i = 0; i < GN_LONG_PLACE_RATES; i++)
        rate += profile->bad_place_rates[i] / GN_LONG_PLACE_RATES;
    for (int c = 0; c < GN_LONG_CLASSES; c++) {
        wrong += (double)counts->classes[c].mismatches;
        bases += (double)counts->classes[c].bases;
    }
    rate *= profile->bad_places * (0.98 + 0.02 * profile->bad_place_cpg);
    double share = 1 - share_of(rate * bases, wrong);
    return share < 0.5 ? 0.5 : share;
}

/* Levels of wrong bases. */
static void fit_wrong(const struct gn_long_counts *counts, struct gn_long_qualities *q)
{
    uint32_t row[GN_LONG_MOST_LEVELS];
    double prior[GN_LONG_MOST_LEVELS];
    for (int i = 0; i < q->n_levels; i++) {
        uint64_t wrong = counts->level[i][1];
        row[i] = (uint32_t)(wrong < UINT32_MAX ? wrong : UINT32_MAX);
        prior[i] = 1;
    }
    fit_row(row, prior, 1, q->n_levels, &q->wrong);
}

static void fit_mismatches(const struct gn_long_counts *counts, struct gn_long_profile *profile)
{
    uint64_t wrong = 0, bases = 0;
    for (int c = 0; c < GN_LONG_CLASSES; c++) {
        wrong += counts->classes[c].mismatches;
        bases += counts->classes[c].bases;
    }
    double mean = share_of((double)wrong, (double)bases);
    double elsewhere = outside_bad_places(counts, profile);
    for (int i = 0; i < profile->qualities.n_levels; i++)
        profile->qualities.mismatch[i] =
            elsewhere * ((double)counts->level[i][1] + 0.5 * (mean > 0)) /
            ((double)counts->level[i][0] + (mean > 0 ? 0.5 / mean : 1));
    double pooled[4][4] = {{0}}, tried[4] = {0};
    for (int t = 0; t < GN_LONG_TRIPLETS; t++) {
        tried[t >> 2 & 3] += (double)counts->triplet[t];
        for (int b = 0; b < 4; b++)
            pooled[t >> 2 & 3][b] += (double)counts->misread[t][b];
    }
    for (int t = 0; t < GN_LONG_TRIPLETS && mean > 0; t++)
        for (int b = 0; b < 4; b++) {
            /* as much as five wrong bases of the base's own spectrum */
            double p = share_of(pooled[t >> 2 & 3][b], tried[t >> 2 & 3]);
            double rate =
                p > 0 ? ((double)counts->misread[t][b] + 5) / ((double)counts->triplet[t] + 5 / p)
                      : 0;
            profile->spectrum[t][b] = rate / mean;
        }
}

static void fit_classes(const struct gn_long_counts *counts, struct gn_long_profile *profile)
{
    struct gn_long_class_counts all = {0};
    double elsewhere = outside_bad_places(counts, profile);
    for (int c = 0; c < GN_LONG_CLASSES; c++) {
        all.reads += counts->classes[c].reads;
        all.bases += counts->classes[c].bases;
        all.insertions += counts->classes[c].insertions;
        all.deletions += counts->classes[c].deletions;
        all.mismatches += counts->classes[c].mismatches;
    }
    for (int c = 0; c < GN_LONG_CLASSES; c++) {
        const struct gn_long_class_counts *own = &counts->classes[c];
        struct gn_long_class *out = &profile->classes[c];
        double bases = (double)own->bases, by_level = 0, leveled = 0;
        out->share = share_of((double)own->reads, (double)all.reads);
        out->insertion = share_of((double)own->insertions / (bases + 1),
                                  (double)all.insertions / (double)(all.bases + 1));
        out->deletion = share_of((double)own->deletions / (bases + 1),
                                 (double)all.deletions / (double)(all.bases + 1));
        for (int i = 0; i < profile->qualities.n_levels; i++) {
            by_level += (double)own->levels[i] * profile->qualities.mismatch[i];
            leveled += (double)own->levels[i];
        }
        double expected =
            leveled > 0 ? by_level / leveled : share_of((double)all.mismatches, (double)all.bases);
        out->substitution = share_of((double)own->mismatches / (bases + 1) * elsewhere, expected);
    }
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Share of a strand's reads that show one other base, when too many for chance; else 0. */
static double badness(const struct gn_long_place *place, int strand)
{
    double most = 0, n = place->n[strand];
    for (int b = 0; b < 4; b++)
        most = place->other[strand][b] > most ? place->other[strand][b] : most;
    return n >= 8 && most >= 4 && most >= 0.2 * n ? most / n : 0;
}

static void fit_bad_places(const struct gn_long_counts *counts, struct gn_long_profile *profile)
{
    enum { MOST = 20000 };
    double *rates = malloc(MOST * sizeof *rates), tried[2] = {0, 0}, found[2] = {0, 0};
    int n = 0;
    profile->bad_place_cpg = 1;
    for (int64_t i = 0; rates != NULL && i < counts->n_places; i++)
        for (int strand = 0; strand < 2; strand++) {
            const struct gn_long_place *place = &counts->places[i];
            if (place->n[strand] < 8)
                continue;
            double bad = badness(place, strand);
            tried[place->is_cpg]++;
            found[place->is_cpg] += bad > 0;
            if (bad > 0 && n < MOST)
                rates[n++] = bad;
        }
    if (n >= GN_LONG_PLACE_RATES) {
        double elsewhere = share_of(found[0], tried[0]), at_cpg = share_of(found[1], tried[1]);
        profile->bad_places = elsewhere > 0 ? elsewhere : at_cpg;
        profile->bad_place_cpg = elsewhere > 0 ? at_cpg / elsewhere : 1;
        qsort(rates, (size_t)n, sizeof *rates, by_size);
        for (int i = 0; i < GN_LONG_PLACE_RATES; i++)
            profile->bad_place_rates[i] = rates[(2 * i + 1) * n / (2 * GN_LONG_PLACE_RATES)];
    }
    free(rates);
}

void gn_long_counts_fit(const struct gn_long_counts *counts, struct gn_long_profile *profile)
{
    struct gn_long_qualities *q = &profile->qualities;
    q->n_levels = counts->levels.n_levels;
    memcpy(q->low, counts->levels.low, sizeof q->low);
    memcpy(q->high, counts->levels.high, sizeof q->high);
    memcpy(q->previous_upto, counts->levels.previous_upto, sizeof q->previous_upto);
    fit_qualities(counts, q);
    fit_wrong(counts, q);
    fit_bad_places(counts, profile);
    fit_mismatches(counts, profile);
    fit_indels(counts, false, &profile->insertion);
    fit_indels(counts, true, &profile->deletion);
    profile->stray_insertion = share_of((double)counts->stray, (double)counts->bases);
    fit_shares(counts->stray_length, GN_LONG_MOST_LENGTH, profile->stray_length);
    fit_classes(counts, profile);
}

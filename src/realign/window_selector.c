/* SPDX-License-Identifier: MIT
 *
 * window_selector.c - scores positions by their alleles and joins the candidates into windows (spec 30 section 2).
 */
#include "realign/window_selector.h"

enum { MIN_ALLELE_SUPPORT = 2, STRICT_INSERTION_LENGTH = 2 };

static const float strict_insertion_fraction = 0.08f;

/* The linear model: a position is a candidate when its score passes the threshold. */
static const float model_bias = -0.683379f, model_reference = -0.059787f, model_threshold = 3.0f;
static const float model_by_type[] = {
    [GN_ALLELE_REFERENCE] = -0.059787f, [GN_ALLELE_SUBSTITUTION] = -0.086644f,
    [GN_ALLELE_INSERTION] = 2.493585f,  [GN_ALLELE_DELETION] = 1.795914f,
    [GN_ALLELE_SOFT_CLIP] = 2.997f,
};

/* Indices of positions that an allele makes suspect. */
struct range {
    int64_t first, end;
};

/* An allele at index i, `length` bases with its anchor. The range is clipped to n positions. */
static struct range affected(int64_t i, int type, int64_t length, int64_t n)
{
    struct range range = {i, i + 1};
    if (type == GN_ALLELE_INSERTION || type == GN_ALLELE_SOFT_CLIP)
        range = (struct range){i + 1 - (length - 1), i + length};
    else if (type == GN_ALLELE_DELETION)
        range = (struct range){i + 1, i + length};
    if (range.first < 0)
        range.first = 0;
    if (range.end > n)
        range.end = n;
    return range;
}

static bool is_filtered(const struct gn_realign_options *options,
                        const struct gn_allele_counter *counter, int64_t i,
                        const struct gn_allele_sum *sum)
{
    if (sum->type == GN_ALLELE_REFERENCE || sum->count < MIN_ALLELE_SUPPORT)
        return true;
    if (!options->enable_strict_insertion_filter || sum->type != GN_ALLELE_INSERTION ||
        sum->length > STRICT_INSERTION_LENGTH)
        return false;
    int depth = gn_position_depth(counter, &counter->positions[i]);
    return (float)((double)sum->count / depth) < strict_insertion_fraction;
}

/* Marks the positions that enough reads, and not too many, speak against. */
static int mark_by_support(const struct gn_realign_options *options,
                           const struct gn_allele_counter *counter, bool *is_candidate,
                           gn_arena_t *arena, gn_error_t *err)
{
    int64_t n = counter->end0 - counter->start0;
    int32_t *support = gn_arena_zalloc(arena, (size_t)n + 1, sizeof *support);
    if (support == NULL)
        return gn_fail_memory(err, "positions of one region");
    for (int64_t i = 0; i < n; i++) {
        struct gn_allele_sum *sums;
        if (counter->positions[i].n < MIN_ALLELE_SUPPORT)
            continue;
        int n_sums = gn_sum_alleles(counter, &counter->positions[i], &sums, arena, err);
        if (n_sums < 0)
            return n_sums;
        for (int s = 0; s < n_sums; s++) {
            struct range range = affected(i, sums[s].type, sums[s].length, n);
            if (is_filtered(options, counter, i, &sums[s]))
                continue;
            for (int64_t at = range.first; at < range.end; at++)
                support[at] += sums[s].count;
        }
    }
    for (int64_t i = 0; i < n; i++)
        is_candidate[i] = support[i] >= options->ws_min_num_supporting_reads &&
                          support[i] <= options->ws_max_num_supporting_reads;
    return GN_OK;
}

static int mark_by_model(const struct gn_allele_counter *counter, bool *is_candidate,
                         gn_arena_t *arena, gn_error_t *err)
{
    int64_t n = counter->end0 - counter->start0;
    float *scores = gn_arena_alloc(arena, ((size_t)n + 1) * sizeof *scores);
    if (scores == NULL)
        return gn_fail_memory(err, "positions of one region");
    for (int64_t i = 0; i < n; i++)
        scores[i] = model_bias + (float)counter->positions[i].ref_count * model_reference;
    for (int64_t i = 0; i < n; i++) {
        const struct gn_counted_position *position = &counter->positions[i];
        for (uint32_t a = position->first; a < position->first + position->n; a++) {
            const struct gn_allele *allele = &counter->alleles[a];
            struct range range = affected(i, allele->type, allele->length, n);
            for (int64_t at = range.first; at < range.end; at++)
                scores[at] += model_by_type[allele->type];
        }
    }
    for (int64_t i = 0; i < n; i++)
        is_candidate[i] = scores[i] > model_threshold;
    return GN_OK;
}

/* Joins candidates that stand close together. */
static int join(const struct gn_realign_options *options, const struct gn_allele_counter *counter,
                const bool *is_candidate, struct gn_window_span *spans)
{
    int64_t distance = options->ws_min_windows_distance;
    int64_t n = counter->end0 - counter->start0;
    int n_spans = 0;
    for (int64_t i = 0; i < n; i++) {
        int64_t pos0 = counter->start0 + i;
        if (!is_candidate[i])
            continue;
        /* The last span ends `distance` after its last candidate, so the next begins more than twice that after it. */
        if (n_spans > 0 && pos0 <= spans[n_spans - 1].end0 + distance)
            spans[n_spans - 1].end0 = pos0 + distance;
        else
            spans[n_spans++] = (struct gn_window_span){pos0 - distance, pos0 + distance};
    }
    return n_spans;
}

int gn_select_windows(const struct gn_realign_options *options,
                      const struct gn_allele_counter *counter, struct gn_window_span **spans,
                      gn_arena_t *arena, gn_error_t *err)
{
    size_t n = (size_t)(counter->end0 - counter->start0);
    bool *is_candidate = gn_arena_alloc(arena, (n + 1) * sizeof *is_candidate);
    *spans = gn_arena_alloc(arena, (n + 1) * sizeof **spans);
    if (is_candidate == NULL || *spans == NULL)
        return gn_fail_memory(err, "positions of one region");
    int status = options->ws_use_window_selector_model
                     ? mark_by_model(counter, is_candidate, arena, err)
                     : mark_by_support(options, counter, is_candidate, arena, err);
    return status != GN_OK ? status : join(options, counter, is_candidate, *spans);
}

/* SPDX-License-Identifier: MIT
 *
 * long_counts.c - counting.
 */
#include "simulate/long/long_counts.h"

#include <string.h>

void gn_long_counts_levels(struct gn_long_counts *counts, const uint64_t histogram[256])
{
    struct gn_long_qualities *q = &counts->levels;
    uint64_t total = 0, seen = 0;
    int n_values = 0;
    for (int v = 0; v <= 93; v++) {
        total += histogram[v];
        n_values += histogram[v] > 0;
    }
    /* single values when they are few, else levels of about equal weight, narrow at low quality */
    enum { FEW = 24, WIDEST = 5 };
    uint64_t in_level = 0, wanted = n_values <= FEW ? 1 : total / FEW;
    q->n_levels = 0;
    for (int v = 0; v <= 93; v++) {
        if (histogram[v] == 0)
            continue;
        bool opens = q->n_levels == 0 || in_level + histogram[v] > wanted ||
                     v - q->low[q->n_levels - 1] >= WIDEST;
        if (opens && q->n_levels < GN_LONG_MOST_LEVELS) {
            q->low[q->n_levels++] = (uint8_t)v;
            in_level = 0;
        }
        q->high[q->n_levels - 1] = (uint8_t)v;
        in_level += histogram[v];
    }
    if (q->n_levels == 0) { /* reads without qualities */
        q->low[0] = q->high[0] = 20;
        q->n_levels = 1;
    }
    for (int v = 0, level = 0; v < 256; v++) {
        while (level + 1 < q->n_levels && v >= q->low[level + 1])
            level++;
        counts->level_of[v] = (uint8_t)level;
    }
    int group = 0;
    for (int level = 0; level < q->n_levels; level++) {
        for (int v = q->low[level]; v <= q->high[level]; v++)
            seen += histogram[v];
        counts->group_of[level] = (uint8_t)group;
        q->previous_upto[group] = (uint8_t)level;
        bool is_full = q->n_levels <= GN_LONG_PREVIOUS ||
                       seen * GN_LONG_PREVIOUS >= total * (uint64_t)(group + 1);
        group += is_full && group + 1 < GN_LONG_PREVIOUS;
    }
    for (; group < GN_LONG_PREVIOUS; group++)
        q->previous_upto[group] = (uint8_t)(q->n_levels - 1);
}

static int code_of(char base, bool is_reverse)
{
    int code = base == 'A' ? 0 : base == 'C' ? 1 : base == 'G' ? 2 : base == 'T' ? 3 : -1;
    return code < 0 || !is_reverse ? code : 3 - code;
}

static int at_most(int value, int most)
{
    return value < most ? value : most;
}

static struct gn_long_place *place_at(const struct gn_long_counts *counts, int64_t place)
{
    return place >= 0 && place < counts->n_places ? &counts->places[place] : NULL;
}

static void add_one(uint16_t *count)
{
    *count = (uint16_t)(*count + (*count < UINT16_MAX));
}

static void count_chances(struct gn_long_counts *counts, const struct gn_long_walk *walk,
                          int64_t place0)
{
    struct gn_long_chances *chances = &counts->chances;
    for (int64_t t = 1; t < walk->n_ref; t++) {
        const struct gn_long_base *base = &walk->contexts[t];
        int code = code_of(walk->ref[t], walk->is_reverse);
        if (!walk->usable[t] || code < 0)
            continue;
        counts->bases++;
        if (base->starts_repeat && t + base->copies * base->unit < walk->n_ref)
            chances->repeat[base->unit][at_most(base->copies, GN_LONG_MOST_COPIES)]++;
        if (base->index != 0 || t + base->run >= walk->n_ref)
            continue;
        int run = at_most(base->run, GN_LONG_LONGEST_RUN), kind = gn_long_run_kind(walk->ref[t]);
        chances->run[kind][run]++;
        chances->run_by_base[kind][run][code]++;
        struct gn_long_place *place = place_at(counts, place0 + t);
        if (place != NULL) {
            add_one(&place->n_runs[walk->is_reverse]);
            place->run = (uint8_t)run;
            place->kind = (uint8_t)kind;
        }
    }
}

static void count_event(struct gn_long_counts *counts, const struct gn_long_walk *walk,
                        const struct gn_long_event *event, int64_t place0)
{
    struct gn_long_indel_counts *c = event->is_deletion ? &counts->deletion : &counts->insertion;
    const struct gn_long_base *base = &walk->contexts[event->ref];
    int code = code_of(walk->ref[event->ref], walk->is_reverse);
    if (code < 0)
        return;
    if (event->n > GN_LONG_MOST_LENGTH)
        return; /* rather a variant than an error */
    if (event->is_stray) {
        counts->stray++;
        counts->stray_length[event->n - 1]++;
        return;
    }
    if (event->is_repeat) {
        c->repeat[base->unit][at_most(base->copies, GN_LONG_MOST_COPIES)]++;
        c->units[at_most(event->n / base->unit, GN_LONG_MOST_UNITS) - 1]++;
        return;
    }
    c->run[gn_long_run_kind(walk->ref[event->ref])][at_most(base->run, GN_LONG_LONGEST_RUN)]++;
    c->by_base[code]++;
    c->length[gn_long_length_class(base->run)][event->n - 1]++;
    struct gn_long_place *place = place_at(counts, place0 + event->ref);
    if (place != NULL)
        add_one(event->is_deletion ? &place->deletions[walk->is_reverse]
                                   : &place->insertions[walk->is_reverse]);
}

static void count_base(struct gn_long_counts *counts, const struct gn_long_walk *walk, int64_t i,
                       struct gn_long_class_counts *c, int64_t place0)
{
    int64_t t = walk->origins[i];
    int code = code_of(walk->ref[t], walk->is_reverse);
    int read = code_of(walk->read[i], walk->is_reverse);
    if (code < 0 || read < 0)
        return;
    bool is_wrong = code != read;
    c->bases++;
    c->mismatches += is_wrong;
    if (walk->has_qualities) {
        int level = counts->level_of[walk->qualities[i]];
        counts->level[level][0]++;
        counts->level[level][1] += is_wrong;
        c->levels[level]++;
    }
    struct gn_long_place *place = place_at(counts, place0 + t);
    if (place != NULL) {
        add_one(&place->n[walk->is_reverse]);
        if (is_wrong)
            add_one(&place->other[walk->is_reverse][code_of(walk->read[i], false)]);
        place->is_cpg = (walk->ref[t] == 'C' && t + 1 < walk->n_ref && walk->ref[t + 1] == 'G') ||
                        (walk->ref[t] == 'G' && t > 0 && walk->ref[t - 1] == 'C');
    }
    if (t == 0 || t + 1 >= walk->n_ref)
        return;
    int before = code_of(walk->ref[t - (walk->is_reverse ? -1 : 1)], walk->is_reverse);
    int after = code_of(walk->ref[t + (walk->is_reverse ? -1 : 1)], walk->is_reverse);
    if (before < 0 || after < 0)
        return;
    int triplet = 16 * before + 4 * code + after;
    counts->triplet[triplet]++;
    if (is_wrong)
        counts->misread[triplet][read]++;
}

/* The chain of qualities, in the order in which the bases were sequenced. */
static void count_qualities(struct gn_long_counts *counts, const struct gn_long_walk *walk,
                            int read_class)
{
    int group = -1;
    for (int64_t k = 0; k < walk->n_read && walk->has_qualities; k++) {
        int64_t i = walk->is_reverse ? walk->n_read - 1 - k : k, t = walk->origins[i];
        int previous = group, level = counts->level_of[walk->qualities[i]];
        group = t < 0 ? -1 : counts->group_of[level];
        if (t < 0 || previous < 0 || !walk->usable[t])
            continue;
        int context = gn_long_quality_context(&walk->contexts[t], walk->is_reverse);
        int state = walk->states[i];
        if (state == GN_LONG_PLAIN)
            counts->plain[read_class][context][previous][level]++;
        else
            counts->other[state - GN_LONG_ERRED][context][previous][level]++;
    }
}

void gn_long_counts_add(struct gn_long_counts *counts, const struct gn_long_walk *walk,
                        int read_class, int64_t place0)
{
    struct gn_long_class_counts *c = &counts->classes[read_class];
    c->reads++;
    count_chances(counts, walk, place0);
    for (size_t e = 0; e < walk->n_events; e++) {
        const struct gn_long_event *event = &walk->events[e];
        if (!event->is_usable)
            continue;
        count_event(counts, walk, event, place0);
        c->deletions += event->is_deletion;
        c->insertions += !event->is_deletion;
    }
    for (int64_t i = 0; i < walk->n_read; i++)
        if (walk->origins[i] >= 0 && walk->states[i] != GN_LONG_INSERTED &&
            walk->usable[walk->origins[i]])
            count_base(counts, walk, i, c, place0);
    count_qualities(counts, walk, read_class);
}

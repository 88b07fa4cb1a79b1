/* SPDX-License-Identifier: MIT
 *
 * sequencer.c - the error processes, in the order in which they happen: indels in tandem repeats
 * and elsewhere, foreign ends, differences of a foreign molecule, places where one strand is read
 * badly, substitutions by quality and context.
 */
#include "simulate/short/sequencer.h"

#include <string.h>

/* What is copied so far. */
struct copying {
    const struct gn_sequencer *sequencer;
    struct gn_mt64 *rng;
    const struct gn_sequencing_task *task;
    struct gn_sequenced *out;
    int64_t own; /* next base of the haplotype */
    int n;       /* bases of the read */
};

static void copy_until(struct copying *copying, int64_t own)
{
    int left = copying->task->length - copying->n;
    int64_t taken = own - copying->own < left ? own - copying->own : left;
    if (taken <= 0)
        return;
    const struct gn_haplotype *hap = copying->task->hap;
    memcpy(copying->out->bases + copying->n, hap->bases + copying->own, (size_t)taken);
    gn_haplotype_place(hap, copying->own, (int)taken, copying->out->positions + copying->n);
    copying->n += (int)taken;
    copying->own += taken;
}

static void insert_base(struct copying *copying, char base)
{
    if (copying->n == copying->task->length)
        return;
    copying->out->bases[copying->n] = base;
    copying->out->positions[copying->n++] = -1;
}

/* At the start of a repeat units may be left out or read twice. */
static void slip(struct copying *copying, const struct gn_repeat *run)
{
    const struct gn_short_profile *profile = copying->sequencer->profile;
    int unit = run->unit, copies = gn_repeat_copies(run);
    int row = copies < GN_SHORT_COPIES ? copies : GN_SHORT_COPIES - 1;
    double insertion = profile->insertion[unit - 1][row] * copying->sequencer->scale;
    double deletion = profile->deletion[unit - 1][row] * copying->sequencer->scale;
    double u = gn_mt64_uniform(copying->rng);
    if (u >= insertion + deletion)
        return;
    int most = copies - 1 < 8 ? copies - 1 : 8;
    int units = gn_draw_geometric(copying->rng, profile->slip_extends, most);
    if (u < deletion) {
        copying->own += units * unit;
        return;
    }
    for (int i = 0; i < units * unit; i++)
        insert_base(copying, copying->task->hap->bases[run->start0 + i % unit]);
}

/* One indel outside repeats. */
static void stumble(struct copying *copying)
{
    const struct gn_short_profile *profile = copying->sequencer->profile;
    double rate = profile->free_insertion + profile->free_deletion;
    int bases = gn_draw_geometric(copying->rng, profile->free_extends, 30);
    if (gn_draw_chance(copying->rng, profile->free_deletion / rate)) {
        copying->own += bases;
        return;
    }
    for (int i = 0; i < bases; i++)
        insert_base(copying, gn_draw_base(copying->rng));
}

static int64_t draw_stumble(const struct copying *copying)
{
    const struct gn_short_profile *profile = copying->sequencer->profile;
    double rate = (profile->free_insertion + profile->free_deletion) * copying->sequencer->scale;
    if (!gn_draw_chance(copying->rng, rate * copying->task->length))
        return INT64_MAX;
    return copying->own + gn_draw_between(copying->rng, 1, copying->task->length);
}

/* Deletions must not run out of the bases that the task promises. */
static bool may_skip(const struct copying *copying)
{
    return copying->own - copying->task->own0 - copying->n <= 32;
}

static void copy_with_indels(struct copying *copying)
{
    const struct gn_repeats *repeats = &copying->task->hap->repeats;
    size_t next = gn_repeats_first(repeats, copying->own);
    int64_t stumble_at = draw_stumble(copying);
    while (copying->n < copying->task->length) {
        int64_t run_start = next < repeats->n ? repeats->v[next].start0 : INT64_MAX;
        int64_t stop = run_start < stumble_at ? run_start : stumble_at;
        copy_until(copying, stop);
        if (copying->n == copying->task->length)
            break;
        if (stop == stumble_at) {
            stumble_at = INT64_MAX;
            if (may_skip(copying))
                stumble(copying);
            continue;
        }
        /* runs that a deletion has cut are over */
        if (copying->own == run_start && may_skip(copying))
            slip(copying, &repeats->v[next]);
        next++;
    }
    copying->out->n = copying->n;
}

/* Index in the read of the k-th sequenced base. */
static int in_order(const struct gn_sequencing_task *task, int k)
{
    return task->is_reverse ? task->length - 1 - k : k;
}

static void put_foreign(const struct gn_sequencing_task *task, struct gn_sequenced *out)
{
    for (int e = 0; e < 2; e++) {
        const struct gn_foreign_end *foreign = task->foreign[e];
        int n = foreign == NULL ? 0 : foreign->n;
        int first = e == 0 ? 0 : task->length - n;
        for (int j = 0; j < n; j++) {
            char base = foreign->bases[j];
            out->bases[in_order(task, first + j)] = task->is_reverse ? gn_complement(base) : base;
        }
    }
}

static void diverge(struct gn_mt64 *rng, const struct gn_sequencing_task *task,
                    struct gn_sequenced *out)
{
    for (int i = 0; task->divergence > 0 && i < out->n; i++)
        if (gn_draw_chance(rng, task->divergence))
            out->bases[i] = gn_draw_other_base(rng, out->bases[i], 0.6);
}

static void lower_quality(const struct gn_short_profile *profile, struct gn_mt64 *rng,
                          uint8_t *quality)
{
    int drawn = gn_short_profile_draw(rng, profile->mismatch_qualities, GN_SHORT_QUALITIES);
    if (drawn < *quality)
        *quality = (uint8_t)drawn;
}

/* The share of this strand's reads that are misread at the place; 0 nearly everywhere. */
static double misread_share(const struct gn_sequencer *sequencer, uint64_t *hash)
{
    double u = (double)(*hash >> 11) * (1.0 / 9007199254740992.0);
    for (int level = GN_SHORT_PLACE_LEVELS - 1; level >= 0; level--) {
        u -= sequencer->profile->place[level] * sequencer->place_scale;
        if (u < 0)
            return gn_short_place_levels[level];
    }
    return 0;
}

/* Places where molecules of one strand are often misread into one base, mostly at low quality. */
static void misread_places(const struct gn_sequencer *sequencer, struct gn_mt64 *rng,
                           const struct gn_sequencing_task *task, struct gn_sequenced *out)
{
    uint64_t salt = sequencer->place_salt ^ ((uint64_t)task->contig << 40);
    for (int i = 0; i < out->n; i++) {
        if (out->positions[i] < 0)
            continue;
        uint64_t place = 2 * (uint64_t)out->positions[i] + task->is_reverse;
        uint64_t hash = gn_hash_place(salt ^ place);
        double misread = misread_share(sequencer, &hash);
        if (misread == 0)
            continue;
        bool is_misread = gn_draw_chance(rng, misread * sequencer->scale);
        char wrong = "ACGT"[hash & 3];
        wrong = wrong == out->bases[i] ? "ACGT"[(hash + 1) & 3] : wrong;
        if (is_misread)
            out->bases[i] = wrong;
        if (is_misread || gn_draw_chance(rng, misread)) /* the right ones are doubted too */
            lower_quality(sequencer->profile, rng, &out->qualities[i]);
    }
}

static int number_in_order(const struct gn_sequencing_task *task, char base)
{
    int number = gn_base_number(base);
    return task->is_reverse ? 3 - number : number;
}

static int context_at(const struct gn_sequencing_task *task, const char *molecule, int k)
{
    int n = task->length;
    char base = molecule[in_order(task, k)];
    char before = k > 0 ? molecule[in_order(task, k - 1)] : base;
    char after = k + 1 < n ? molecule[in_order(task, k + 1)] : base;
    return 16 * number_in_order(task, before) + 4 * number_in_order(task, base) +
           number_in_order(task, after);
}

static void substitute(const struct gn_sequencer *sequencer, struct gn_mt64 *rng,
                       const struct gn_sequencing_task *task, struct gn_sequenced *out)
{
    const struct gn_short_profile *profile = sequencer->profile;
    char molecule[GN_SHORT_LONGEST_READ];
    memcpy(molecule, out->bases, (size_t)out->n);
    for (int k = 0; k < task->length; k++) {
        int i = in_order(task, k), quality = out->qualities[i];
        double u = gn_mt64_uniform(rng), mean = profile->mismatch[quality] * sequencer->scale;
        if (u < mean * profile->most_context[task->is_second]) {
            const double *rates = profile->context[task->is_second][context_at(task, molecule, k)];
            for (int b = 0; b < 4; b++) {
                u -= mean * rates[b];
                if (u >= 0)
                    continue;
                out->bases[i] = "ACGT"[task->is_reverse ? 3 - b : b];
                break;
            }
        }
        if (quality <= 3 && gn_draw_chance(rng, profile->unknown * sequencer->scale))
            out->bases[i] = 'N';
    }
}

void gn_sequence(const struct gn_sequencer *sequencer, struct gn_mt64 *rng,
                 const struct gn_sequencing_task *task, struct gn_sequenced *out)
{
    struct copying copying = {sequencer, rng, task, out, task->own0, 0};
    copy_with_indels(&copying);
    put_foreign(task, out);
    diverge(rng, task, out);
    for (int k = 0; k < task->length; k++)
        out->qualities[in_order(task, k)] = task->qualities[k];
    misread_places(sequencer, rng, task, out);
    substitute(sequencer, rng, task, out);
}

/* SPDX-License-Identifier: MIT
 *
 * sequencer.c - the error processes, in the order in which they happen: slippage in tandem
 * repeats, foreign ends, substitutions by quality, lagging after homopolymers, places where one
 * strand is read badly.
 */
#include "simulate/sequencer.h"

#include <string.h>

enum { PLACE_EVERY = 3000 };                /* reference bases per error-prone place */
static const double LIBRARY_ERROR = 1.2e-4; /* wrong bases made before sequencing, at any quality */

void gn_sequencer_init(struct gn_sequencer *sequencer, enum gn_quality_profile profile,
                       double scale, uint64_t seed)
{
    *sequencer = (struct gn_sequencer){.profile = profile, .scale = scale};
    gn_quality_error_table(sequencer->error);
    sequencer->place_salt = gn_hash_place(seed);
}

/* Copies the bases; at the start of a repeat a unit may be left out or read twice. */
static void copy_with_slips(const struct gn_sequencer *sequencer, struct gn_mt64 *rng,
                            const struct gn_sequencing_task *task, struct gn_sequenced *out)
{
    const struct gn_haplotype *hap = task->hap;
    const struct gn_repeats *repeats = &hap->repeats;
    size_t next = gn_repeats_first(repeats, task->own0);
    int64_t own = task->own0;
    int n = 0;
    while (n < task->length) {
        int64_t run_start = next < repeats->n ? repeats->v[next].start0 : hap->length;
        int64_t stretch = run_start - own;
        if (stretch > 0) {
            int taken = stretch < task->length - n ? (int)stretch : task->length - n;
            memcpy(out->bases + n, hap->bases + own, (size_t)taken);
            gn_haplotype_place(hap, own, taken, out->positions + n);
            n += taken;
            own += taken;
            continue;
        }
        const struct gn_repeat *run = &repeats->v[next++];
        if (stretch < 0 || !gn_draw_chance(rng, run->slip * sequencer->scale))
            continue;
        if (gn_draw_chance(rng, 0.65)) {
            own += run->unit;
            continue;
        }
        for (int i = 0; i < run->unit && n < task->length; i++, n++) {
            out->bases[n] = hap->bases[run_start + i];
            out->positions[n] = -1;
        }
    }
    out->n = n;
}

/* Index in the read of the k-th sequenced base. */
static int in_order(const struct gn_sequencing_task *task, int k)
{
    return task->is_reverse ? task->length - 1 - k : k;
}

static void put_foreign(const struct gn_sequencing_task *task, struct gn_sequenced *out)
{
    int first = task->foreign_first ? 0 : task->length - task->n_foreign;
    for (int j = 0; j < task->n_foreign; j++) {
        char base = task->foreign[j];
        out->bases[in_order(task, first + j)] = task->is_reverse ? gn_complement(base) : base;
    }
}

static void lower_quality(struct gn_mt64 *rng, uint8_t *quality, enum gn_quality_profile profile)
{
    static const uint8_t low_bin[] = {[GN_QUALITY_NOVASEQ] = 12, [GN_QUALITY_RECALIBRATED] = 10};
    uint8_t lowered =
        profile == GN_QUALITY_HISEQ ? (uint8_t)gn_draw_between(rng, 7, 20) : low_bin[profile];
    if (lowered < *quality)
        *quality = lowered;
}

/* After a long homopolymer some molecules lag behind and show its base once more, at low quality.
 * */
static void lag_after_homopolymers(const struct gn_sequencer *sequencer, struct gn_mt64 *rng,
                                   const struct gn_sequencing_task *task, struct gn_sequenced *out)
{
    int run = 1;
    for (int k = 1; k < task->length; k++) {
        char base = out->bases[in_order(task, k)], before = out->bases[in_order(task, k - 1)];
        if (base == before) {
            run++;
            continue;
        }
        double lag = run < 8 ? 0 : 0.008 * (run - 7);
        run = 1;
        if (lag == 0)
            continue;
        if (gn_draw_chance(rng, 4 * lag))
            lower_quality(rng, &out->qualities[in_order(task, k)], sequencer->profile);
        if (gn_draw_chance(rng, lag * sequencer->scale))
            out->bases[in_order(task, k)] = before;
    }
}

/* Places where molecules of one strand are often misread into one base, mostly at low quality. */
static void misread_places(const struct gn_sequencer *sequencer, struct gn_mt64 *rng,
                           const struct gn_sequencing_task *task, struct gn_sequenced *out)
{
    uint64_t salt = sequencer->place_salt ^ ((uint64_t)task->contig << 40);
    for (int i = 0; i < out->n; i++) {
        if (out->positions[i] < 0)
            continue;
        uint64_t hash = gn_hash_place(salt ^ (uint64_t)out->positions[i]);
        if (hash % PLACE_EVERY != 0)
            continue;
        hash /= PLACE_EVERY;
        bool other_strand = ((hash & 1) != 0) != task->is_reverse;
        double level = (double)((hash >> 1) & 255) / 255.0;
        double misread = (0.02 + 0.3 * level * level) * (other_strand ? 0.1 : 1.0);
        if (!gn_draw_chance(rng, misread * sequencer->scale))
            continue;
        char wrong = "ACGT"[(hash >> 9) & 3];
        if (wrong == out->bases[i])
            continue;
        out->bases[i] = wrong;
        if (gn_draw_chance(rng, 0.75))
            lower_quality(rng, &out->qualities[i], sequencer->profile);
    }
}

static void substitute(const struct gn_sequencer *sequencer, struct gn_mt64 *rng,
                       const struct gn_sequencing_task *task, struct gn_sequenced *out)
{
    for (int i = 0; i < out->n; i++) {
        double error = (sequencer->error[out->qualities[i]] + LIBRARY_ERROR) * sequencer->scale;
        double u = gn_mt64_uniform(rng);
        if (u >= error + task->divergence)
            continue;
        out->bases[i] = u < error ? gn_draw_other_base(rng, out->bases[i], 0.35)
                                  : gn_draw_other_base(rng, out->bases[i], 0.6);
        if (out->qualities[i] == 2 && gn_draw_chance(rng, 0.1))
            out->bases[i] = 'N';
    }
}

void gn_sequence(const struct gn_sequencer *sequencer, struct gn_mt64 *rng,
                 const struct gn_sequencing_task *task, struct gn_sequenced *out)
{
    uint8_t qualities[GN_SEQUENCED_MOST];
    copy_with_slips(sequencer, rng, task, out);
    put_foreign(task, out);
    gn_quality_draw(rng, sequencer->profile, task->is_second, task->length, qualities);
    for (int k = 0; k < task->length; k++)
        out->qualities[in_order(task, k)] = qualities[k];
    lag_after_homopolymers(sequencer, rng, task, out);
    misread_places(sequencer, rng, task, out);
    substitute(sequencer, rng, task, out);
}

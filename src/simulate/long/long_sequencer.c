/* SPDX-License-Identifier: MIT
 *
 * long_sequencer.c - first pass, along the reference: which bases the machine sees (indels).
 * Second pass, along the read as it was sequenced: qualities, and wrong bases by quality.
 */
#include "simulate/long/long_sequencer.h"

#include <stdlib.h>
#include <string.h>

#include <htslib/sam.h>

#include "base/memory.h"

enum { MOST_BASES = 1 << 24 };
static const double MOST_RATE = 0.9; /* of one error at one place, whatever its factors */

void gn_long_sequencer_init(struct gn_long_sequencer *sequencer,
                            const struct gn_long_profile *profile, double scale, uint64_t seed)
{
    *sequencer = (struct gn_long_sequencer){
        .profile = profile, .scale = scale, .place_scale = 1, .place_salt = gn_hash_place(seed)};
    int group = 0;
    for (int i = 0; i < profile->qualities.n_levels; i++) {
        while (group + 1 < GN_LONG_PREVIOUS && i > profile->qualities.previous_upto[group])
            group++;
        sequencer->group_of_level[i] = (uint8_t)group;
    }
    for (int t = 0; t < GN_LONG_TRIPLETS; t++)
        for (int b = 0; b < 4; b++)
            sequencer->triplet_total[t] += profile->spectrum[t][b];
}

/* One molecule while it is read. */
struct reading {
    const struct gn_long_sequencer *sequencer;
    struct gn_mt64 *rng;
    const struct gn_long_molecule *molecule;
    struct gn_long_read *read;
    gn_error_t *err;
    int64_t next_ref;   /* reference base after the last that is aligned, -1 none yet */
    int64_t erred_upto; /* last molecule base that lies beside an indel */
    int64_t after[2];   /* base after the last insertion, deletion that was drawn */
};

static int code_of(char base)
{
    return base == 'A' ? 0 : base == 'C' ? 1 : base == 'G' ? 2 : 3;
}

/* As the machine saw it. */
static int sequenced_code(const struct reading *r, char base)
{
    int code = code_of(base);
    return r->molecule->is_reverse ? 3 - code : code;
}

static double half(uint64_t bits)
{
    return (double)(bits & 0xffffffffU) * (1.0 / 4294967296.0);
}

static uint64_t hash_place(const struct reading *r, int64_t ref0, uint64_t what)
{
    return gn_hash_place(r->sequencer->place_salt ^ (uint64_t)ref0 << 4 ^ what ^
                         (uint64_t)r->molecule->contig << 48);
}

/* 1 + index of the drawn share. */
static int draw_length(struct gn_mt64 *rng, const double *shares, int n)
{
    double u = gn_mt64_uniform(rng);
    for (int i = 0; i < n; i++) {
        if (u < shares[i])
            return i + 1;
        u -= shares[i];
    }
    return 1;
}

static int put_base(struct reading *r, char base, int state, int64_t origin)
{
    struct gn_long_read *read = r->read;
    if (read->n == read->cap || read->n == read->cap_states || read->n == read->cap_origins) {
        size_t need = read->n + 1;
        void *bases = gn_reserve(read->bases, &read->cap, need, 1, MOST_BASES, "a read", r->err);
        if (bases != NULL)
            read->bases = bases;
        void *states =
            gn_reserve(read->states, &read->cap_states, need, 1, MOST_BASES, "a read", r->err);
        if (states != NULL)
            read->states = states;
        void *origins = gn_reserve(read->origins, &read->cap_origins, need, sizeof *read->origins,
                                   MOST_BASES, "a read", r->err);
        if (origins != NULL)
            read->origins = origins;
        if (bases == NULL || states == NULL || origins == NULL)
            return GN_E_MEMORY;
    }
    read->bases[read->n] = base;
    read->states[read->n] = (uint8_t)state;
    read->origins[read->n++] = origin;
    return GN_OK;
}

static int put_inserted(struct reading *r, char base, int64_t origin)
{
    int code = put_base(r, base, GN_LONG_INSERTED, origin);
    return code < 0 ? code : gn_long_alignment_push(&r->read->alignment, BAM_CINS, 1, r->err);
}

static int put_molecule_base(struct reading *r, int64_t i)
{
    int64_t ref0 = r->molecule->positions[i];
    struct gn_long_alignment *alignment = &r->read->alignment;
    int state = i <= r->erred_upto ? GN_LONG_ERRED : GN_LONG_PLAIN;
    int code = put_base(r, r->molecule->bases[i], state, i);
    if (ref0 < 0)
        return code < 0 ? code : gn_long_alignment_push(alignment, BAM_CINS, 1, r->err);
    if (r->next_ref < 0)
        alignment->pos0 = ref0;
    else if (code == GN_OK)
        code = gn_long_alignment_push(alignment, BAM_CDEL, ref0 - r->next_ref, r->err);
    r->next_ref = ref0 + 1;
    return code < 0 ? code : gn_long_alignment_push(alignment, BAM_CMATCH, 1, r->err);
}

/* Whether an indel may be drawn at base i. An insertion beside a deletion would be aligned as wrong
 * bases, and those are among the mismatches already. */
static bool is_apart(const struct reading *r, int64_t i, bool is_deletion)
{
    enum { APART = 4 };
    return i >= r->after[!is_deletion] + APART;
}

/* The bases around an indel at base i of the molecule; n bases are taken. */
static void mark_erred(struct reading *r, int64_t i, int64_t n)
{
    if (r->read->n > 0 && r->read->states[r->read->n - 1] == GN_LONG_PLAIN)
        r->read->states[r->read->n - 1] = GN_LONG_ERRED;
    if (i + n > r->erred_upto)
        r->erred_upto = i + n;
}

static double rate_of_run(const struct reading *r, int64_t i, const struct gn_long_indels *indels,
                          double class_factor, uint64_t what)
{
    int run = r->read->contexts[i].run;
    char base = r->molecule->bases[i];
    int64_t ref0 = r->molecule->positions[i];
    double factor = 1;
    if (ref0 >= 0) {
        uint64_t strand = what + 2 + 2 * (uint64_t)r->molecule->is_reverse;
        uint64_t of_place = hash_place(r, ref0, what), of_strand = hash_place(r, ref0, strand);
        bool is_short = run <= 3;
        factor = gn_long_factor(is_short ? indels->short_run_factor : indels->long_run_factor,
                                of_place) *
                 gn_long_factor(is_short ? indels->short_strand_factor : indels->long_strand_factor,
                                of_strand);
    }
    double rate =
        indels->run[gn_long_run_kind(base)][run < GN_LONG_LONGEST_RUN ? run : GN_LONG_LONGEST_RUN];
    rate *= factor * class_factor * indels->by_base[sequenced_code(r, base)] * r->sequencer->scale;
    return rate < MOST_RATE ? rate : MOST_RATE;
}

/* Draws the indel of the run that starts at base i. Returns bases of the molecule to leave out. */
static int64_t slip_in_run(struct reading *r, int64_t i, double u, int *code)
{
    const struct gn_long_profile *profile = r->sequencer->profile;
    const struct gn_long_class *factors = &profile->classes[r->molecule->read_class];
    int run = r->read->contexts[i].run;
    double deleted = rate_of_run(r, i, &profile->deletion, factors->deletion, 1);
    if (u < deleted && !is_apart(r, i, true))
        return 0;
    if (u < deleted) {
        int n = draw_length(r->rng, profile->deletion.length[gn_long_length_class(run)],
                            GN_LONG_MOST_LENGTH);
        mark_erred(r, i, run > n ? run : n);
        r->after[1] = i + n;
        return n;
    }
    double inserted = rate_of_run(r, i, &profile->insertion, factors->insertion, 2);
    if (u - deleted >= inserted || !is_apart(r, i, false))
        return 0;
    r->after[0] = i;
    int n = draw_length(r->rng, profile->insertion.length[gn_long_length_class(run)],
                        GN_LONG_MOST_LENGTH);
    mark_erred(r, i, run);
    for (int k = 0; k < n && *code == GN_OK; k++)
        *code = put_inserted(r, r->molecule->bases[i], i);
    return 0;
}

/* The same for the repeat that starts at base i. */
static int64_t slip_in_repeat(struct reading *r, int64_t i, int *code)
{
    const struct gn_long_profile *profile = r->sequencer->profile;
    const struct gn_long_class *factors = &profile->classes[r->molecule->read_class];
    const struct gn_long_base *base = &r->read->contexts[i];
    int copies = base->copies < GN_LONG_MOST_COPIES ? base->copies : GN_LONG_MOST_COPIES;
    int64_t length = (int64_t)base->copies * base->unit;
    double u = gn_mt64_uniform(r->rng), scale = r->sequencer->scale;
    double deleted = profile->deletion.repeat[base->unit][copies] * factors->deletion * scale;
    double inserted = profile->insertion.repeat[base->unit][copies] * factors->insertion * scale;
    if (u >= deleted + inserted)
        return 0;
    bool is_deletion = u < deleted;
    if (!is_apart(r, i, is_deletion))
        return 0;
    r->after[is_deletion] = i;
    const double *units = is_deletion ? profile->deletion.units : profile->insertion.units;
    int64_t n = (int64_t)draw_length(r->rng, units, GN_LONG_MOST_UNITS) * base->unit;
    mark_erred(r, i, length);
    if (is_deletion)
        return n < length ? n : length - base->unit;
    for (int64_t k = 0; k < n && *code == GN_OK; k++)
        *code = put_inserted(r, r->molecule->bases[i + k % base->unit], i);
    return 0;
}

/* Inserted bases that do not lengthen the run that follows. */
static int insert_stray(struct reading *r, int64_t i)
{
    int n = draw_length(r->rng, r->sequencer->profile->stray_length, GN_LONG_MOST_LENGTH);
    int code = GN_OK;
    const struct gn_long_base *base = &r->read->contexts[i];
    mark_erred(r, i, base->run - base->index);
    r->after[0] = i;
    for (int k = 0; k < n && code == GN_OK; k++) {
        char inserted = k == 0 ? gn_draw_other_base(r->rng, r->molecule->bases[i], 1.0 / 3)
                               : gn_draw_base(r->rng);
        code = put_inserted(r, inserted, i);
    }
    return code;
}

static int read_molecule(struct reading *r)
{
    const struct gn_long_molecule *molecule = r->molecule;
    const struct gn_long_profile *profile = r->sequencer->profile;
    double stray = profile->stray_insertion * r->sequencer->scale *
                   profile->classes[molecule->read_class].insertion;
    int code = GN_OK;
    for (int64_t i = 0; i < molecule->n && code == GN_OK;) {
        uint64_t bits = gn_mt64_next(r->rng);
        const struct gn_long_base *base = &r->read->contexts[i];
        int64_t left_out = 0;
        if (half(bits) < stray && is_apart(r, i, false))
            code = insert_stray(r, i);
        if (base->starts_repeat && code == GN_OK)
            left_out = slip_in_repeat(r, i, &code);
        if (left_out == 0 && base->index == 0 && code == GN_OK)
            left_out = slip_in_run(r, i, half(bits >> 32), &code);
        if (left_out == 0 && code == GN_OK)
            code = put_molecule_base(r, i);
        i += left_out > 0 ? left_out : 1;
    }
    return code;
}

static int put_foreign(struct reading *r, int side)
{
    const struct gn_long_molecule *molecule = r->molecule;
    int code = GN_OK;
    for (int64_t i = 0; i < molecule->n_foreign[side] && code == GN_OK; i++)
        code = put_base(r, molecule->foreign[side][i], GN_LONG_PLAIN, -1);
    return code;
}

static int draw_level(const struct gn_long_row *row, int n, uint16_t u)
{
    int low = 0, high = n - 1;
    while (low < high) {
        int middle = (low + high) / 2;
        if (u <= row->upto[middle])
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static const struct gn_long_row *row_of(const struct reading *r, size_t at, int group)
{
    const struct gn_long_qualities *q = &r->sequencer->profile->qualities;
    int64_t origin = r->read->origins[at];
    int context =
        origin < 0 ? 0
                   : gn_long_quality_context(&r->read->contexts[origin], r->molecule->is_reverse);
    switch (r->read->states[at]) {
    case GN_LONG_ERRED:
        return &q->erred[context][group];
    case GN_LONG_INSERTED:
        return &q->inserted[context][group];
    default:
        return &q->plain[r->molecule->read_class][context][group];
    }
}

/* The base at a place where one strand is misread again and again; 0 when it is none or read well.
 */
static char misread_place(const struct reading *r, int64_t i)
{
    const struct gn_long_profile *profile = r->sequencer->profile;
    const struct gn_long_molecule *molecule = r->molecule;
    int64_t ref0 = molecule->positions[i];
    if (ref0 < 0 || profile->bad_places == 0)
        return 0;
    uint64_t hash = hash_place(r, ref0, 7 + (uint64_t)molecule->is_reverse);
    double share = profile->bad_places * r->sequencer->place_scale;
    char base = molecule->bases[i];
    bool is_cpg = (base == 'C' && i + 1 < molecule->n && molecule->bases[i + 1] == 'G') ||
                  (base == 'G' && i > 0 && molecule->bases[i - 1] == 'C');
    share *= is_cpg ? profile->bad_place_cpg : 1;
    if (half(hash) >= share)
        return 0;
    double rate = profile->bad_place_rates[hash >> 61] * r->sequencer->scale;
    if (!gn_draw_chance(r->rng, rate))
        return 0;
    /* the same wrong base in every read: a transition in two of three places */
    int shift = (int)(hash >> 56 & 15);
    int code = code_of(base);
    return "ACGT"[shift < 10 ? code ^ 2 : shift < 13 ? code ^ 1 : code ^ 3];
}

/* Of sequenced bases, 16 * before + 4 * base + after; the base itself beyond the ends. */
static int triplet_of(const struct reading *r, int64_t i)
{
    const struct gn_long_molecule *m = r->molecule;
    int64_t before = i > 0 ? i - 1 : i, after = i + 1 < m->n ? i + 1 : i;
    if (m->is_reverse) {
        int64_t swap = before;
        before = after;
        after = swap;
    }
    return 16 * sequenced_code(r, m->bases[before]) + 4 * sequenced_code(r, m->bases[i]) +
           sequenced_code(r, m->bases[after]);
}

static void read_wrong(struct reading *r, size_t at, int level, double u)
{
    int64_t origin = r->read->origins[at];
    const struct gn_long_profile *profile = r->sequencer->profile;
    double rate = profile->qualities.mismatch[level] * r->sequencer->scale *
                  profile->classes[r->molecule->read_class].substitution;
    if (u >= rate * 64) /* far above any triplet's factor: most bases end here */
        return;
    int triplet = triplet_of(r, origin);
    double total = r->sequencer->triplet_total[triplet], p = rate * total;
    p = p < 0.75 ? p : 0.75;
    if (u >= p || total <= 0)
        return;
    double left = u / p * total;
    int code = 0;
    while (code < 3 && left >= profile->spectrum[triplet][code])
        left -= profile->spectrum[triplet][code++];
    if (code == (triplet >> 2 & 3))
        return;
    r->read->bases[at] = "ACGT"[r->molecule->is_reverse ? 3 - code : code];
}

static int read_qualities(struct reading *r)
{
    struct gn_long_read *read = r->read;
    const struct gn_long_qualities *q = &r->sequencer->profile->qualities;
    uint8_t *v = gn_reserve(read->qualities, &read->cap_qualities, read->n + 1, 1, MOST_BASES,
                            "a read", r->err);
    if (v == NULL)
        return GN_E_MEMORY;
    read->qualities = v;
    int group = GN_LONG_PREVIOUS - 1;
    for (size_t k = 0; k < read->n; k++) {
        size_t at = r->molecule->is_reverse ? read->n - 1 - k : k;
        uint64_t bits = gn_mt64_next(r->rng);
        int64_t origin = read->states[at] == GN_LONG_INSERTED ? -1 : read->origins[at];
        char misread = origin < 0 ? 0 : misread_place(r, origin);
        const struct gn_long_row *row = misread != 0 ? &q->wrong : row_of(r, at, group);
        int level = draw_level(row, q->n_levels, (uint16_t)bits);
        unsigned width = 1U + q->high[level] - q->low[level];
        v[at] = (uint8_t)(q->low[level] + ((bits >> 16 & 0xffff) * width >> 16));
        group = r->sequencer->group_of_level[level];
        if (misread != 0)
            read->bases[at] = misread;
        else if (origin >= 0)
            read_wrong(r, at, level, half(bits >> 32));
    }
    return GN_OK;
}

int gn_long_sequence(const struct gn_long_sequencer *sequencer, struct gn_mt64 *rng,
                     const struct gn_long_molecule *molecule, struct gn_long_read *read,
                     gn_error_t *err)
{
    struct reading r = {.sequencer = sequencer,
                        .rng = rng,
                        .molecule = molecule,
                        .read = read,
                        .err = err,
                        .next_ref = -1,
                        .erred_upto = -1,
                        .after = {-MOST_BASES, -MOST_BASES}};
    struct gn_long_base *contexts =
        gn_reserve(read->contexts, &read->cap_contexts, (size_t)molecule->n + 1, sizeof *contexts,
                   MOST_BASES, "a read", err);
    if (contexts == NULL)
        return GN_E_MEMORY;
    read->contexts = contexts;
    read->n = 0;
    gn_long_contexts(molecule->bases, molecule->n, contexts);
    gn_long_alignment_start(&read->alignment, 0);
    int code = put_foreign(&r, 0);
    if (code == GN_OK)
        code = read_molecule(&r);
    if (code == GN_OK)
        code = put_foreign(&r, 1);
    read->alignment.clip_left = (int32_t)molecule->n_foreign[0];
    read->alignment.clip_right = (int32_t)molecule->n_foreign[1];
    return code < 0 ? code : read_qualities(&r);
}

void gn_long_read_free(struct gn_long_read *read)
{
    free(read->bases);
    free(read->qualities);
    free(read->states);
    free(read->origins);
    free(read->contexts);
    gn_long_alignment_free(&read->alignment);
    *read = (struct gn_long_read){0};
}

/* SPDX-License-Identifier: MIT
 *
 * match.c - enumerates what each side can spell and joins the two lists by the spelled sequences,
 * held as hashes.
 */
#include "label/match.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum {
    MOST_SPELLINGS = 1 << 14, /* per side */
    MOST_UNITS = 256,         /* per side of a neighbourhood that is handled as one */
    FLANK = 2                 /* reference bases around a neighbourhood */
};

/* One choice for every unit of a side: 0 left out, 1 as written, 2 the other phase. */
struct spelling {
    uint64_t low, high; /* hashes of the two haplotypes, ordered */
    uint32_t choice;    /* number of the choice, mixed radix */
    int n_units;        /* not left out */
};

struct gn_matcher {
    gn_fasta_t *fasta;
    struct spelling *spellings[2]; /* MOST_SPELLINGS each */
};

/* One side while it is enumerated. */
struct side {
    struct gn_eval_unit **units;
    int n;
    bool is_haploid; /* choices are the unit's distinct alternate alleles */
    const char *ref; /* bases [start0, end0) */
    int64_t start0, end0;
};

static uint64_t hash_bytes(uint64_t hash, const char *bytes, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        hash = (hash ^ (unsigned char)bytes[i]) * 0x100000001b3ULL;
    return hash;
}

static int n_choices(const struct side *side, int i)
{
    const struct gn_eval_unit *unit = side->units[i];
    if (!unit->is_het)
        return 2;
    if (side->is_haploid)
        return 1 + (unit->edits[0].alt != NULL) + (unit->edits[1].alt != NULL);
    return 3;
}

static uint64_t count_spellings(const struct side *side)
{
    uint64_t n = 1;
    for (int i = 0; i < side->n && n <= MOST_SPELLINGS; i++)
        n *= (uint64_t)n_choices(side, i);
    return n;
}

/* The edit that a choice gives to a haplotype, or NULL. */
static const struct gn_edit *edit_of(const struct side *side, int i, int choice, int hap)
{
    const struct gn_eval_unit *unit = side->units[i];
    if (choice == 0)
        return NULL;
    const struct gn_edit *edit = &unit->edits[choice == 2 ? 1 - hap : hap];
    if (side->is_haploid)
        edit = &unit->edits[choice == 2 || unit->edits[0].alt == NULL];
    return edit->alt == NULL ? NULL : edit;
}

static int by_edit_start(const void *a, const void *b)
{
    const struct gn_edit *x = *(const struct gn_edit *const *)a,
                         *y = *(const struct gn_edit *const *)b;
    if (x->start0 != y->start0)
        return x->start0 < y->start0 ? -1 : 1;
    return x->end0 < y->end0 ? -1 : x->end0 > y->end0;
}

/* Hash of the haplotype with these edits; false when two of them touch the same bases. */
static bool spell(const struct side *side, const struct gn_edit **edits, int n, uint64_t *hash)
{
    int64_t pos0 = side->start0, last_insertion = -1;
    *hash = 0xcbf29ce484222325ULL;
    if (n > 1)
        qsort(edits, (size_t)n, sizeof *edits, by_edit_start);
    for (int i = 0; i < n; i++) {
        const struct gn_edit *edit = edits[i];
        bool inserts = edit->start0 == edit->end0;
        if (edit->start0 < pos0 || (inserts && edit->start0 == last_insertion))
            return false;
        *hash = hash_bytes(*hash, side->ref + (pos0 - side->start0), edit->start0 - pos0);
        *hash = hash_bytes(*hash, edit->alt, edit->length);
        pos0 = edit->end0;
        last_insertion = inserts ? edit->start0 : -1;
    }
    *hash = hash_bytes(*hash, side->ref + (pos0 - side->start0), side->end0 - pos0);
    return true;
}

/* Fills one spelling; false when it is impossible. */
static bool spell_choice(const struct side *side, uint32_t choice, struct spelling *spelling)
{
    uint64_t hashes[2];
    spelling->choice = choice;
    for (int hap = 0; hap < 2; hap++) {
        const struct gn_edit *edits[MOST_UNITS];
        int n_edits = 0;
        uint32_t rest = choice;
        spelling->n_units = 0;
        for (int i = 0; i < side->n; i++) {
            int radix = n_choices(side, i), chosen = (int)(rest % (uint32_t)radix);
            rest /= (uint32_t)radix;
            spelling->n_units += chosen > 0;
            const struct gn_edit *edit = edit_of(side, i, chosen, hap);
            if (edit != NULL)
                edits[n_edits++] = edit;
        }
        if (!spell(side, edits, n_edits, &hashes[hap]))
            return false;
    }
    spelling->low = hashes[0] < hashes[1] ? hashes[0] : hashes[1];
    spelling->high = hashes[0] < hashes[1] ? hashes[1] : hashes[0];
    return true;
}

static int by_hash(const void *a, const void *b)
{
    const struct spelling *x = a, *y = b;
    if (x->low != y->low)
        return x->low < y->low ? -1 : 1;
    if (x->high != y->high)
        return x->high < y->high ? -1 : 1;
    if (x->n_units != y->n_units)
        return x->n_units > y->n_units ? -1 : 1;
    return x->choice < y->choice ? -1 : x->choice > y->choice;
}

static size_t enumerate(const struct side *side, struct spelling *spellings)
{
    size_t n = 0;
    uint64_t total = count_spellings(side);
    for (uint32_t choice = 0; choice < total; choice++)
        n += spell_choice(side, choice, &spellings[n]);
    qsort(spellings, n, sizeof *spellings, by_hash);
    return n;
}

/* The best pair of spellings of the same sequences; both lists are by hash, most units first. */
static bool join(const struct spelling *truth, size_t n_truth, const struct spelling *calls,
                 size_t n_calls, const struct spelling *best[2])
{
    int most = 0;
    for (size_t t = 0, c = 0; t < n_truth && c < n_calls;) {
        const struct spelling *x = &truth[t], *y = &calls[c];
        if (x->low != y->low || x->high != y->high) {
            bool truth_behind = x->low != y->low ? x->low < y->low : x->high < y->high;
            t += truth_behind;
            c += !truth_behind;
            continue;
        }
        /* calls that undo each other are no match of nothing */
        if (x->n_units > 0 && y->n_units > 0 && x->n_units + y->n_units > most) {
            most = x->n_units + y->n_units;
            best[0] = x;
            best[1] = y;
        }
        while (t < n_truth && truth[t].low == y->low && truth[t].high == y->high)
            t++;
    }
    return most > 0;
}

static void mark(const struct side *side, uint32_t choice)
{
    for (int i = 0; i < side->n; i++) {
        uint32_t radix = (uint32_t)n_choices(side, i);
        bool is_chosen = choice % radix != 0;
        choice /= radix;
        side->units[i]->is_allele_matched |= is_chosen;
        if (!side->is_haploid)
            side->units[i]->is_matched |= is_chosen;
    }
}

static void find_window(const struct side sides[2], int64_t *start0, int64_t *end0)
{
    *start0 = INT64_MAX;
    *end0 = 0;
    for (int s = 0; s < 2; s++)
        for (int i = 0; i < sides[s].n; i++) {
            const struct gn_eval_unit *unit = sides[s].units[i];
            *start0 = unit->span_start0 < *start0 ? unit->span_start0 : *start0;
            *end0 = unit->span_end0 > *end0 ? unit->span_end0 : *end0;
        }
}

static int match_exhaustively(gn_matcher_t *matcher, struct side sides[2], gn_error_t *err)
{
    int64_t start0, end0;
    int contig = sides[0].units[0]->contig;
    find_window(sides, &start0, &end0);
    int64_t length = gn_fasta_contigs(matcher->fasta)->lengths[contig];
    start0 = start0 > FLANK ? start0 - FLANK : 0;
    end0 = end0 + FLANK < length ? end0 + FLANK : length;
    const char *ref = gn_fasta_peek(matcher->fasta, contig, start0, end0, err);
    if (ref == NULL)
        return err->code;
    size_t n[2];
    for (int s = 0; s < 2; s++) {
        sides[s].ref = ref;
        sides[s].start0 = start0;
        sides[s].end0 = end0;
        n[s] = enumerate(&sides[s], matcher->spellings[s]);
    }
    const struct spelling *best[2];
    if (join(matcher->spellings[0], n[0], matcher->spellings[1], n[1], best))
        for (int s = 0; s < 2; s++)
            mark(&sides[s], best[s]->choice);
    return GN_OK;
}

static bool has_edit(const struct gn_eval_unit *unit, const struct gn_edit *edit)
{
    return edit->alt != NULL &&
           (gn_edit_equal(&unit->edits[0], edit) || gn_edit_equal(&unit->edits[1], edit));
}

static bool same_genotype(const struct gn_eval_unit *a, const struct gn_eval_unit *b)
{
    return (gn_edit_equal(&a->edits[0], &b->edits[0]) &&
            gn_edit_equal(&a->edits[1], &b->edits[1])) ||
           (gn_edit_equal(&a->edits[0], &b->edits[1]) && gn_edit_equal(&a->edits[1], &b->edits[0]));
}

/* Pairs what is equal as it stands. */
static void match_equal(const struct side sides[2], bool is_haploid)
{
    for (int t = 0; t < sides[0].n; t++)
        for (int c = 0; c < sides[1].n; c++) {
            struct gn_eval_unit *x = sides[0].units[t], *y = sides[1].units[c];
            bool is_taken = is_haploid ? x->is_allele_matched || y->is_allele_matched
                                       : x->is_matched || y->is_matched;
            bool is_equal = is_haploid ? has_edit(y, &x->edits[0]) || has_edit(y, &x->edits[1])
                                       : same_genotype(x, y);
            if (is_taken || !is_equal)
                continue;
            x->is_allele_matched = y->is_allele_matched = true;
            if (!is_haploid)
                x->is_matched = y->is_matched = true;
        }
}

/* Removes what is settled already. */
static struct side keep_open(struct side side, struct gn_eval_unit **kept)
{
    struct side open = side;
    open.units = kept;
    open.n = 0;
    for (int i = 0; i < side.n; i++)
        if (!(side.is_haploid ? side.units[i]->is_allele_matched : side.units[i]->is_matched))
            kept[open.n++] = side.units[i];
    return open;
}

static bool is_small(const struct side sides[2])
{
    return sides[0].n <= MOST_UNITS && sides[1].n <= MOST_UNITS &&
           count_spellings(&sides[0]) <= MOST_SPELLINGS &&
           count_spellings(&sides[1]) <= MOST_SPELLINGS;
}

/* Cuts both sides at the widest gap between neighbours; n_left receives how many of each side lie
 * left of it. */
static void find_cut(const struct side sides[2], int n_left[2])
{
    int at[2] = {0, 0};
    int64_t widest = INT64_MIN, last_end = INT64_MIN;
    while (at[0] < sides[0].n || at[1] < sides[1].n) {
        int s = at[0] == sides[0].n ? 1
                : at[1] == sides[1].n
                    ? 0
                    : sides[1].units[at[1]]->span_start0 < sides[0].units[at[0]]->span_start0;
        const struct gn_eval_unit *unit = sides[s].units[at[s]];
        if (last_end != INT64_MIN && unit->span_start0 - last_end > widest) {
            widest = unit->span_start0 - last_end;
            n_left[0] = at[0];
            n_left[1] = at[1];
        }
        if (unit->span_end0 > last_end)
            last_end = unit->span_end0;
        at[s]++;
    }
}

static int match_sides(gn_matcher_t *matcher, struct side sides[2], gn_error_t *err)
{
    if (sides[0].n == 0 || sides[1].n == 0)
        return GN_OK;
    if (is_small(sides))
        return match_exhaustively(matcher, sides, err);
    int n_left[2];
    find_cut(sides, n_left);
    for (int part = 0; part < 2; part++) {
        struct side parts[2] = {sides[0], sides[1]};
        for (int s = 0; s < 2; s++) {
            parts[s].units += part == 0 ? 0 : n_left[s];
            parts[s].n = part == 0 ? n_left[s] : sides[s].n - n_left[s];
        }
        int code = match_sides(matcher, parts, err);
        if (code < 0)
            return code;
    }
    return GN_OK;
}

static int match_pass(gn_matcher_t *matcher, const struct gn_match_task *task, bool is_haploid,
                      gn_error_t *err)
{
    struct side sides[2] = {{.units = task->truth, .n = task->n_truth, .is_haploid = is_haploid},
                            {.units = task->calls, .n = task->n_calls, .is_haploid = is_haploid}};
    if (matcher->fasta == NULL) {
        match_equal(sides, is_haploid);
        return GN_OK;
    }
    if (is_small(sides) && !is_haploid)
        return match_sides(matcher, sides, err);
    size_t n = (size_t)(task->n_truth + task->n_calls);
    struct gn_eval_unit **kept = malloc((n + 1) * sizeof(struct gn_eval_unit *));
    if (kept == NULL)
        return gn_fail_memory(err, "variants to compare");
    match_equal(sides, is_haploid);
    sides[0] = keep_open(sides[0], kept);
    sides[1] = keep_open(sides[1], kept + task->n_truth);
    int code = match_sides(matcher, sides, err);
    free(kept);
    return code;
}

gn_matcher_t *gn_matcher_create(gn_fasta_t *fasta, gn_error_t *err)
{
    gn_matcher_t *matcher = calloc(1, sizeof *matcher);
    if (matcher != NULL) {
        matcher->fasta = fasta;
        for (int s = 0; s < 2; s++)
            matcher->spellings[s] = malloc((size_t)MOST_SPELLINGS * sizeof(struct spelling));
    }
    if (matcher == NULL || matcher->spellings[0] == NULL || matcher->spellings[1] == NULL) {
        gn_matcher_destroy(matcher);
        gn_fail_memory(err, "the matcher");
        return NULL;
    }
    return matcher;
}

void gn_matcher_destroy(gn_matcher_t *matcher)
{
    if (matcher == NULL)
        return;
    free(matcher->spellings[0]);
    free(matcher->spellings[1]);
    free(matcher);
}

int gn_match(gn_matcher_t *matcher, const struct gn_match_task *task, gn_error_t *err)
{
    if (task->n_truth == 0 || task->n_calls == 0)
        return GN_OK;
    int code = match_pass(matcher, task, false, err);
    return code < 0 ? code : match_pass(matcher, task, true, err);
}

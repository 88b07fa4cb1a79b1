/* SPDX-License-Identifier: MIT
 *
 * test_match_path.c - the search for matching variants against its exhaustive twin, which writes out the haplotypes of every
 * choice, on small random places; and its behaviour with too few states.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "label/match_path.h"

enum { LENGTH = 18, MOST = 4, ROUNDS = 4000 };

struct place {
    char ref[LENGTH + 1];
    char bases[64 * MOST]; /* of the alternate alleles */
    size_t n_bases;
    struct gn_eval_unit units[2][MOST];
    int n[2];
    struct gn_path_step steps[2 * MOST];
    struct gn_path_task task;
};

static uint32_t draw(struct gn_mt64 *rng, uint32_t n)
{
    return (uint32_t)gn_mt64_below(rng, n);
}

static bool is_same(const struct gn_edit *a, const struct gn_edit *b)
{
    if (a->alt == NULL || b->alt == NULL)
        return a->alt == b->alt;
    return a->start0 == b->start0 && a->end0 == b->end0 && a->length == b->length &&
           memcmp(a->alt, b->alt, (size_t)a->length) == 0;
}

/* Two letters, so that other spellings are frequent. */
static struct gn_edit draw_edit(struct place *place, struct gn_mt64 *rng)
{
    static const int shapes[][2] = {{1, 1}, {1, 1}, {0, 1}, {1, 0}, {0, 2}, {2, 0}, {2, 1}, {3, 0}};
    const int *shape = shapes[draw(rng, 8)];
    char *alt = place->bases + place->n_bases;
    struct gn_edit edit = {.start0 = 2 + draw(rng, LENGTH - 6), .alt = alt, .length = shape[1]};
    edit.end0 = edit.start0 + shape[0];
    for (int i = 0; i < edit.length; i++)
        alt[i] = draw(rng, 2) ? 'A' : 'C';
    if (edit.length == 1 && shape[0] == 1)
        alt[0] = place->ref[edit.start0] == 'A' ? 'C' : 'A';
    place->n_bases += (size_t)edit.length + 1;
    return edit;
}

static void draw_unit(struct place *place, struct gn_mt64 *rng, int side)
{
    struct gn_eval_unit *unit = &place->units[side][place->n[side]++];
    *unit = (struct gn_eval_unit){.contig = 0};
    unit->edits[0] = draw_edit(place, rng);
    uint32_t kind = draw(rng, 8);
    if (kind < 3)
        unit->edits[1] = unit->edits[0];
    else if (kind < 4)
        unit->edits[1] = draw_edit(place, rng);
    unit->is_het = !is_same(&unit->edits[0], &unit->edits[1]);
}

static void draw_place(struct place *place, struct gn_mt64 *rng, int n_haplotypes)
{
    place->n_bases = 0;
    for (int i = 0; i < LENGTH; i++)
        place->ref[i] = draw(rng, 4) ? 'A' : 'C';
    place->ref[LENGTH] = '\0';
    place->n[0] = place->n[1] = 0;
    for (int side = 0; side < 2; side++)
        for (int n = 1 + (int)draw(rng, 3); n > 0; n--)
            draw_unit(place, rng, side);
    /* often one call is a truth of the same spelling */
    if (draw(rng, 2))
        place->units[1][0] = place->units[0][0];
    place->task = (struct gn_path_task){
        .steps = place->steps, .n_haplotypes = n_haplotypes, .ref = place->ref, .end0 = LENGTH};
    for (int side = 0; side < 2; side++)
        for (int i = 0; i < place->n[side]; i++)
            place->steps[place->task.n++] =
                (struct gn_path_step){.unit = &place->units[side][i], .side = side};
}

/* ---- the twin ---- */

static const struct gn_edit *twin_edit(const struct gn_path_step *step, int choice, int haplotype,
                                       int n_haplotypes)
{
    const struct gn_edit *edits = step->unit->edits;
    const struct gn_edit *edit;
    if (choice == 0)
        return NULL;
    if (n_haplotypes == 2)
        edit = &edits[choice == 1 ? haplotype : !haplotype];
    else
        edit = choice == 2 ? &edits[1] : &edits[edits[0].alt == NULL];
    return edit->alt == NULL ? NULL : edit;
}

/* One haplotype of one side, steps before `n` alone, written out up to pos0; false when edits collide. `reach` receives the end
 * of the last edit, or pos0. */
static bool write_out(const struct place *place, const int *choices, int n, int side, int haplotype,
                      int64_t pos0, char *out, int64_t *reach)
{
    const struct gn_edit *edits[2 * MOST];
    int n_edits = 0, length = 0;
    for (int i = 0; i < n; i++) {
        const struct gn_edit *edit =
            twin_edit(&place->steps[i], choices[i], haplotype, place->task.n_haplotypes);
        if (place->steps[i].side != side || edit == NULL)
            continue;
        int k = n_edits++;
        for (; k > 0 && (edits[k - 1]->start0 > edit->start0 ||
                         (edits[k - 1]->start0 == edit->start0 && edits[k - 1]->end0 > edit->end0));
             k--)
            edits[k] = edits[k - 1];
        edits[k] = edit;
    }
    int64_t at0 = 0;
    bool has_inserted = false;
    for (int i = 0; i < n_edits; i++) {
        bool inserts = edits[i]->start0 == edits[i]->end0;
        if (edits[i]->start0 < at0 || (inserts && has_inserted && edits[i]->start0 == at0))
            return false;
        for (; at0 < edits[i]->start0; at0++)
            out[length++] = place->ref[at0];
        for (int k = 0; k < edits[i]->length; k++)
            out[length++] = edits[i]->alt[k];
        at0 = edits[i]->end0;
        has_inserted = inserts;
    }
    for (; at0 < pos0; at0++)
        out[length++] = place->ref[at0];
    out[length] = '\0';
    *reach = at0;
    return true;
}

static int64_t first_start(const struct gn_path_step *step)
{
    const struct gn_edit *a = &step->unit->edits[0], *b = &step->unit->edits[1];
    if (a->alt == NULL || b->alt == NULL)
        return a->alt == NULL ? b->start0 : a->start0;
    return a->start0 < b->start0 ? a->start0 : b->start0;
}

/* Whether both sides are even before step n; -1 when edits collide. */
static int twin_is_even(const struct place *place, const int *choices, int n, int64_t pos0)
{
    for (int h = 0; h < place->task.n_haplotypes; h++) {
        char text[2][128];
        int64_t reach[2];
        for (int side = 0; side < 2; side++)
            if (!write_out(place, choices, n, side, h, pos0, text[side], &reach[side]))
                return -1;
        if (reach[0] != pos0 || reach[1] != pos0 || strcmp(text[0], text[1]) != 0)
            return 0;
    }
    return 1;
}

static bool twin_accepts(const struct place *place, const int *choices)
{
    int n = place->task.n;
    bool has_taken[2] = {false, false};
    if (twin_is_even(place, choices, n, LENGTH) != 1)
        return false;
    for (int i = 0; i <= n; i++) {
        if (twin_is_even(place, choices, i, i < n ? first_start(&place->steps[i]) : LENGTH) == 1) {
            if (has_taken[0] != has_taken[1])
                return false;
            has_taken[0] = has_taken[1] = false;
        }
        if (i < n && choices[i] > 0)
            has_taken[place->steps[i].side] = true;
    }
    return true;
}

static int count_choices(const struct gn_path_step *step, int n_haplotypes)
{
    const struct gn_edit *edits = step->unit->edits;
    if (is_same(&edits[0], &edits[1]))
        return 2;
    return n_haplotypes == 2 || (edits[0].alt != NULL && edits[1].alt != NULL) ? 3 : 2;
}

/* 100 units taken + truth taken of the best choice. */
static int twin_best(const struct place *place)
{
    int total = 1, best = 0, n = place->task.n;
    for (int i = 0; i < n; i++)
        total *= count_choices(&place->steps[i], place->task.n_haplotypes);
    for (int number = 0; number < total; number++) {
        int choices[2 * MOST], rest = number, score = 0;
        for (int i = 0; i < n; i++) {
            int radix = count_choices(&place->steps[i], place->task.n_haplotypes);
            choices[i] = rest % radix;
            rest /= radix;
            score += choices[i] == 0 ? 0 : place->steps[i].side == 0 ? 101 : 100;
        }
        if (score > best && twin_accepts(place, choices))
            best = score;
    }
    return best;
}

static int score_of(const struct place *place, int choices[2 * MOST])
{
    int score = 0;
    for (int i = 0; i < place->task.n; i++) {
        choices[i] = place->steps[i].choice;
        score += choices[i] == 0 ? 0 : place->steps[i].side == 0 ? 101 : 100;
    }
    return score;
}

static void print_place(const struct place *place, int round)
{
    print_message("round %d, %s\n", round, place->ref);
    for (int i = 0; i < place->task.n; i++) {
        const struct gn_path_step *step = &place->steps[i];
        print_message("  side %d, choice %d:", step->side, step->choice);
        for (int h = 0; h < 2; h++) {
            const struct gn_edit *edit = &step->unit->edits[h];
            if (edit->alt != NULL)
                print_message(" [%d,%d)%.*s", (int)edit->start0, (int)edit->end0, edit->length,
                              edit->alt);
        }
        print_message("\n");
    }
}

static void compare_with_twin(int n_haplotypes)
{
    struct gn_mt64 rng;
    gn_error_t err = {0};
    gn_path_finder_t *finder = gn_path_finder_create(0, &err);
    int n_matched = 0, n_partly = 0;
    assert_non_null(finder);
    gn_mt64_seed(&rng, 11);
    for (int round = 0; round < ROUNDS; round++) {
        struct place place;
        int choices[2 * MOST];
        draw_place(&place, &rng, n_haplotypes);
        assert_int_equal(gn_path_search(finder, &place.task, &err), GN_OK);
        int score = score_of(&place, choices), best = twin_best(&place);
        if (score != best)
            print_place(&place, round);
        assert_int_equal(score, best);
        assert_false(place.task.is_cut_short);
        /* phases that the search reports are those of its mirror images: the set of units taken is what counts */
        n_matched += score > 0;
        n_partly += score > 0 && score / 100 < place.task.n;
    }
    gn_path_finder_destroy(finder);
    assert_in_range(n_matched, ROUNDS / 4, ROUNDS); /* the places are worth comparing */
    assert_in_range(n_partly, ROUNDS / 10, ROUNDS);
}

static void genotypes(void **state)
{
    (void)state;
    compare_with_twin(2);
}

static void alleles(void **state)
{
    (void)state;
    compare_with_twin(1);
}

/* With three states at a time the search may miss matches but never invents one. */
static void too_few_states(void **state)
{
    (void)state;
    struct gn_mt64 rng;
    gn_error_t err = {0};
    gn_path_finder_t *finder = gn_path_finder_create(3, &err);
    int n_cut = 0, n_found = 0, n_best = 0;
    assert_non_null(finder);
    gn_mt64_seed(&rng, 12);
    for (int round = 0; round < ROUNDS; round++) {
        struct place place;
        int choices[2 * MOST];
        draw_place(&place, &rng, 2);
        assert_int_equal(gn_path_search(finder, &place.task, &err), GN_OK);
        int score = score_of(&place, choices), best = twin_best(&place);
        assert_true(score <= best);
        assert_true(score == best || place.task.is_cut_short);
        n_cut += place.task.is_cut_short;
        n_found += score == best && best > 0;
        n_best += best > 0;
    }
    gn_path_finder_destroy(finder);
    assert_true(n_cut > 0);
    assert_true(n_found * 4 > n_best * 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(genotypes),
        cmocka_unit_test(alleles),
        cmocka_unit_test(too_few_states),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

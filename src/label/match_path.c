/* SPDX-License-Identifier: MIT
 *
 * match_path.c - states after each unit, merged by what can follow.
 */
#include "label/match_path.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "label/strand.h"

enum { USUAL_STATES = 1 << 12, MOST_NODES = 1 << 26 };
static const size_t LAYER_BYTES = (size_t)1
                                  << 28; /* bases by which one side is ahead, of all states */

/* A decision of a path, for tracing it back. */
struct node {
    uint32_t parent;
    uint8_t choice;
    bool starts_segment; /* both sides were even before this unit */
};

struct state {
    struct gn_strand strands[2];
    uint64_t hash;
    int n_taken, n_truth;
    bool has_taken[2]; /* units of the side since both were even */
    uint32_t node;
};

/* The states after one unit, in the order in which they were found. */
struct layer {
    struct state *v;
    size_t n, cap;
    gn_arena_t *arena; /* their extra bases */
};

struct gn_path_finder {
    int most_states;
    struct layer layers[2];
    gn_arena_t *scratch;
    struct node *nodes;
    size_t n_nodes, cap_nodes;
    uint32_t *table; /* open hash of the layer that grows: position + 1, 0 free */
    size_t n_slots, cap_table;
};

/* One search. */
struct search {
    gn_path_finder_t *finder;
    struct gn_path_task *task;
    struct gn_strand_place place;
    struct layer *from, *to;
};

static const struct gn_edit *first_edit(const struct gn_eval_unit *unit)
{
    const struct gn_edit *a = &unit->edits[0], *b = &unit->edits[1];
    if (a->alt == NULL || b->alt == NULL)
        return a->alt == NULL ? b : a;
    return b->start0 < a->start0 || (b->start0 == a->start0 && b->end0 < a->end0) ? b : a;
}

static int by_first_edit(const void *a, const void *b)
{
    const struct gn_path_step *x = a, *y = b;
    const struct gn_edit *p = first_edit(x->unit), *q = first_edit(y->unit);
    if (p->start0 != q->start0)
        return p->start0 < q->start0 ? -1 : 1;
    if (p->end0 != q->end0)
        return p->end0 < q->end0 ? -1 : 1;
    if (x->side != y->side)
        return x->side < y->side ? -1 : 1;
    return x->unit < y->unit ? -1 : x->unit > y->unit; /* of one side's array: in its order */
}

static int count_choices(const struct gn_eval_unit *unit, int n_haplotypes)
{
    if (!unit->is_het)
        return 2;
    return n_haplotypes == 2 ? 3 : 1 + (unit->edits[0].alt != NULL) + (unit->edits[1].alt != NULL);
}

/* The edit that a choice puts on a haplotype, NULL none. */
static const struct gn_edit *edit_of(const struct gn_eval_unit *unit, int choice, int haplotype,
                                     int n_haplotypes)
{
    int i = choice == 2 ? 1 - haplotype : haplotype;
    if (n_haplotypes == 1)
        i = choice == 2 || unit->edits[0].alt == NULL;
    return choice == 0 || unit->edits[i].alt == NULL ? NULL : &unit->edits[i];
}

static bool is_even(const struct search *search, const struct state *state, int64_t pos0)
{
    for (int h = 0; h < search->task->n_haplotypes; h++)
        if (!gn_strand_is_even(&state->strands[h], pos0))
            return false;
    return true;
}

/* Lets a state reach a position; false when it is at its end there. */
static bool advance(const struct search *search, struct state *state, int64_t pos0, bool is_end,
                    bool *starts_segment)
{
    for (int h = 0; h < search->task->n_haplotypes; h++)
        if (!gn_strand_advance(&state->strands[h], &search->place, pos0, is_end))
            return false;
    *starts_segment = is_even(search, state, pos0);
    if (!*starts_segment)
        return true;
    if (state->has_taken[0] != state->has_taken[1])
        return false;
    state->has_taken[0] = state->has_taken[1] = false;
    return true;
}

static bool choose(const struct search *search, const struct gn_path_step *step, int choice,
                   int64_t pos0, struct state *state)
{
    int n_haplotypes = search->task->n_haplotypes;
    for (int h = 0; h < n_haplotypes; h++) {
        const struct gn_edit *edit = edit_of(step->unit, choice, h, n_haplotypes);
        if (edit != NULL &&
            !gn_strand_apply(&state->strands[h], &search->place, step->side, edit, pos0))
            return false;
    }
    if (choice > 0) {
        state->n_taken++;
        state->n_truth += step->side == 0;
        state->has_taken[step->side] = true;
    }
    return true;
}

/* Haplotypes are alike, so a state and its mirror image go on alike: the one with the lower hash first. */
static void finish_state(struct state *state, int n_haplotypes)
{
    uint64_t a = gn_strand_hash(&state->strands[0]);
    uint64_t b = n_haplotypes == 2 ? gn_strand_hash(&state->strands[1]) : 0;
    if (n_haplotypes == 2 && b < a) {
        struct gn_strand strand = state->strands[0];
        state->strands[0] = state->strands[1];
        state->strands[1] = strand;
        uint64_t hash = a;
        a = b;
        b = hash;
    }
    state->hash = (a * 0x9e3779b97f4a7c15ULL) ^ b ^ (uint64_t)state->has_taken[0] << 62 ^
                  (uint64_t)state->has_taken[1] << 63;
}

static bool goes_on_alike(const struct state *a, const struct state *b, int n_haplotypes)
{
    return a->hash == b->hash && a->has_taken[0] == b->has_taken[0] &&
           a->has_taken[1] == b->has_taken[1] && gn_strand_equal(&a->strands[0], &b->strands[0]) &&
           (n_haplotypes == 1 || gn_strand_equal(&a->strands[1], &b->strands[1]));
}

static bool is_better(const struct state *a, const struct state *b)
{
    return a->n_taken != b->n_taken ? a->n_taken > b->n_taken : a->n_truth > b->n_truth;
}

static int grow_table(gn_path_finder_t *finder, const struct layer *layer, gn_error_t *err)
{
    size_t n_slots = finder->n_slots == 0 ? 64 : 2 * finder->n_slots;
    uint32_t *table = gn_reserve(finder->table, &finder->cap_table, n_slots, sizeof *table,
                                 (size_t)1 << 28, "ways to compare variants", err);
    if (table == NULL)
        return GN_E_MEMORY;
    finder->table = table;
    finder->n_slots = n_slots;
    memset(table, 0, n_slots * sizeof *table);
    for (size_t i = 0; i < layer->n; i++) {
        size_t slot = layer->v[i].hash & (n_slots - 1);
        while (table[slot] != 0)
            slot = (slot + 1) & (n_slots - 1);
        table[slot] = (uint32_t)i + 1;
    }
    return GN_OK;
}

/* Where a state that goes on like this one stands in the table, or the free slot for it. */
static size_t find_slot(const struct search *search, const struct state *state)
{
    const gn_path_finder_t *finder = search->finder;
    size_t slot = state->hash & (finder->n_slots - 1);
    while (finder->table[slot] != 0 && !goes_on_alike(&search->to->v[finder->table[slot] - 1],
                                                      state, search->task->n_haplotypes))
        slot = (slot + 1) & (finder->n_slots - 1);
    return slot;
}

static int add_node(gn_path_finder_t *finder, struct node node, uint32_t *number, gn_error_t *err)
{
    struct node *nodes = gn_reserve(finder->nodes, &finder->cap_nodes, finder->n_nodes + 1,
                                    sizeof *nodes, MOST_NODES, "ways to compare variants", err);
    if (nodes == NULL)
        return GN_E_MEMORY;
    finder->nodes = nodes;
    nodes[finder->n_nodes] = node;
    *number = (uint32_t)finder->n_nodes++;
    return GN_OK;
}

/* Copies what the state borrowed from the scratch arena or the layer before. False: no room, the state is dropped. */
static bool own_extra(struct layer *layer, struct state *state, int n_haplotypes)
{
    for (int h = 0; h < n_haplotypes; h++) {
        struct gn_strand *strand = &state->strands[h];
        if (strand->n_extra == 0)
            continue;
        char *extra = gn_arena_alloc(layer->arena, strand->n_extra);
        if (extra == NULL)
            return false;
        memcpy(extra, strand->extra, strand->n_extra);
        strand->extra = extra;
    }
    return true;
}

/* Puts a state into the growing layer, unless a better one goes on alike. */
static int keep(struct search *search, struct state state, struct node node, gn_error_t *err)
{
    gn_path_finder_t *finder = search->finder;
    struct layer *to = search->to;
    finish_state(&state, search->task->n_haplotypes);
    int code = finder->n_slots < 2 * (to->n + 1) ? grow_table(finder, to, err) : GN_OK;
    if (code < 0)
        return code;
    size_t slot = find_slot(search, &state);
    uint32_t found = finder->table[slot];
    if (found != 0 && !is_better(&state, &to->v[found - 1]))
        return GN_OK;
    if (!own_extra(to, &state, search->task->n_haplotypes)) {
        search->task->is_cut_short = true;
        return GN_OK;
    }
    code = add_node(finder, node, &state.node, err);
    if (code < 0)
        return code;
    if (found != 0) {
        to->v[found - 1] = state;
        return GN_OK;
    }
    struct state *v = gn_reserve(to->v, &to->cap, to->n + 1, sizeof *v, (size_t)1 << 20,
                                 "ways to compare variants", err);
    if (v == NULL)
        return GN_E_MEMORY;
    to->v = v;
    v[to->n++] = state;
    finder->table[slot] = (uint32_t)to->n;
    return GN_OK;
}

static int expand(struct search *search, const struct state *state, const struct gn_path_step *step,
                  gn_error_t *err)
{
    int64_t pos0 = first_edit(step->unit)->start0;
    struct state advanced = *state;
    bool starts_segment;
    if (!advance(search, &advanced, pos0, false, &starts_segment))
        return GN_OK;
    int n_choices = count_choices(step->unit, search->task->n_haplotypes), code = GN_OK;
    for (int choice = 0; choice < n_choices && code == GN_OK; choice++) {
        struct state next = advanced;
        struct node node = {state->node, (uint8_t)choice, starts_segment};
        if (choose(search, step, choice, pos0, &next))
            code = keep(search, next, node, err);
    }
    return code;
}

static size_t count_extra(const struct state *state)
{
    return state->strands[0].n_extra + state->strands[1].n_extra;
}

/* States without extra bases first: from them something always follows; then those that took most; then the older. */
static int by_promise(const void *a, const void *b)
{
    const struct state *x = a, *y = b;
    bool x_even = count_extra(x) == 0, y_even = count_extra(y) == 0;
    if (x_even != y_even)
        return x_even ? -1 : 1;
    if (is_better(x, y) || is_better(y, x))
        return is_better(x, y) ? -1 : 1;
    return x->node < y->node ? -1 : x->node > y->node;
}

static void cut_layer(struct search *search)
{
    size_t most = (size_t)search->finder->most_states;
    struct layer *layer = search->to;
    if (layer->n <= most)
        return;
    qsort(layer->v, layer->n, sizeof *layer->v, by_promise);
    layer->n = most;
    search->task->is_cut_short = true;
}

static int take_step(struct search *search, const struct gn_path_step *step, gn_error_t *err)
{
    struct layer *from = search->from, *to = search->to;
    int code = GN_OK;
    to->n = 0;
    gn_arena_reset(to->arena);
    if (search->finder->n_slots > 0)
        memset(search->finder->table, 0, search->finder->n_slots * sizeof(uint32_t));
    for (size_t i = 0; i < from->n && code == GN_OK; i++) {
        code = expand(search, &from->v[i], step, err);
        gn_arena_reset(search->finder->scratch);
    }
    cut_layer(search);
    search->from = to;
    search->to = from;
    return code;
}

/* The best state that ends even, NULL none. */
static struct state *find_best(struct search *search)
{
    struct state *best = NULL;
    for (size_t i = 0; i < search->from->n; i++) {
        struct state *state = &search->from->v[i];
        bool is_last;
        if (advance(search, state, search->task->end0, true, &is_last) && is_last &&
            (best == NULL || is_better(state, best)))
            best = state;
    }
    return best;
}

static void trace_back(const struct search *search, const struct state *best)
{
    struct gn_path_task *task = search->task;
    uint32_t at = best == NULL ? 0 : best->node;
    for (int i = task->n - 1, segment = 0; i >= 0; i--) {
        const struct node *node = &search->finder->nodes[at];
        task->steps[i].choice = best == NULL ? 0 : node->choice;
        task->steps[i].segment = segment;
        segment += best != NULL && node->starts_segment;
        at = node->parent;
    }
}

static int begin(struct search *search, gn_error_t *err)
{
    gn_path_finder_t *finder = search->finder;
    struct state state = {.hash = 0};
    for (int h = 0; h < 2; h++)
        state.strands[h] = (struct gn_strand){.pos0 = {search->task->start0, search->task->start0}};
    finder->n_nodes = 0;
    int code = add_node(finder, (struct node){0, 0, true}, &state.node, err);
    struct layer *from = search->from;
    struct state *v = code < 0 ? NULL
                               : gn_reserve(from->v, &from->cap, 1, sizeof *v, (size_t)1 << 20,
                                            "ways to compare variants", err);
    if (v == NULL)
        return GN_E_MEMORY;
    from->v = v;
    from->v[0] = state;
    from->n = 1;
    return GN_OK;
}

gn_path_finder_t *gn_path_finder_create(int most_states, gn_error_t *err)
{
    gn_path_finder_t *finder = calloc(1, sizeof *finder);
    bool is_made = finder != NULL && (finder->scratch = gn_arena_create(LAYER_BYTES)) != NULL;
    for (int i = 0; i < 2 && is_made; i++)
        is_made = (finder->layers[i].arena = gn_arena_create(LAYER_BYTES)) != NULL;
    if (!is_made) {
        gn_path_finder_destroy(finder);
        gn_fail_memory(err, "the matcher");
        return NULL;
    }
    finder->most_states = most_states > 0 ? most_states : USUAL_STATES;
    return finder;
}

void gn_path_finder_destroy(gn_path_finder_t *finder)
{
    if (finder == NULL)
        return;
    for (int i = 0; i < 2; i++) {
        free(finder->layers[i].v);
        gn_arena_destroy(finder->layers[i].arena);
    }
    gn_arena_destroy(finder->scratch);
    free(finder->nodes);
    free(finder->table);
    free(finder);
}

int gn_path_search(gn_path_finder_t *finder, struct gn_path_task *task, gn_error_t *err)
{
    struct search search = {.finder = finder,
                            .task = task,
                            .place = {task->ref, task->start0, finder->scratch},
                            .from = &finder->layers[0],
                            .to = &finder->layers[1]};
    task->is_cut_short = false;
    if (task->n > 1)
        qsort(task->steps, (size_t)task->n, sizeof *task->steps, by_first_edit);
    int code = begin(&search, err);
    for (int i = 0; i < task->n && code == GN_OK; i++)
        code = take_step(&search, &task->steps[i], err);
    if (code == GN_OK)
        trace_back(&search, find_best(&search));
    return code;
}

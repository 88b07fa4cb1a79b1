/* SPDX-License-Identifier: MIT
 *
 * place.c - memory of the tensors of a plan.
 *
 * Inputs of a concat lie inside it, a crop is a view of its input: both follow another tensor, and
 * the last in such a chain owns the memory. An owner holds its bytes from the step that first
 * writes it (or something inside it) to the last step that reads it; owners whose times do not
 * overlap may share bytes (lifetime.h).
 */
#include <stdlib.h>
#include <string.h>

#include "cnn/cpu/plan.h"
#include "cnn/lifetime.h"

enum { LINE = 64, SLACK = 64 /* bytes that a kernel may read past a tensor's end */ };

/* How a tensor gets its memory. */
struct home {
    int parent;   /* the tensor that it lies in, -1 itself */
    size_t shift; /* bytes from the parent's start, within a slot */
    bool view;    /* a crop */
};

struct placer {
    struct gn_cpu_plan *plan;
    struct home *homes;
    struct gn_lifetime *lives; /* of owners, in steps; -1 is the coming of the image */
};

static bool made_in_place(const struct gn_cpu_plan *plan, int tensor, int concat)
{
    enum gn_layer_op op = plan->graph->layers[tensor - 1].op;
    return op != GN_LAYER_CROP && op != GN_LAYER_SOFTMAX &&
           plan->places[tensor].element == plan->places[concat].element;
}

/* Gives the inputs of a concat a home in it, where they have none yet and are no views. */
static void house_inputs(struct placer *placer, int index)
{
    const struct gn_layer *layer = &placer->plan->graph->layers[index];
    size_t element = gn_element_size(placer->plan->places[layer->output].element);
    size_t shift = 0;
    for (int i = 0; i < layer->n_inputs; i++) {
        int input = layer->inputs[i];
        if (input > 0 && placer->homes[input].parent < 0 &&
            made_in_place(placer->plan, input, layer->output))
            placer->homes[input] = (struct home){layer->output, shift, false};
        else
            placer->plan->copied[index][i] = true;
        shift += (size_t)placer->plan->places[input].channels * element;
    }
}

static int owner_of(const struct placer *placer, int tensor)
{
    while (placer->homes[tensor].parent >= 0)
        tensor = placer->homes[tensor].parent;
    return tensor;
}

static int segment_of(const struct gn_cpu_plan *plan, int step)
{
    int s = 0;
    while (s + 1 < plan->n_segments && step >= plan->segments[s].end)
        s++;
    return s;
}

static void extend(struct gn_lifetime *life, int step)
{
    life->first = step < life->first ? step : life->first;
    life->last = step > life->last ? step : life->last;
}

static void note_lives(struct placer *placer)
{
    const struct gn_cpu_plan *plan = placer->plan;
    for (int t = 0; t < plan->graph->n_tensors; t++)
        placer->lives[t] = (struct gn_lifetime){plan->n_steps, -2, 0, 0};
    extend(&placer->lives[owner_of(placer, 0)], -1);
    for (int i = 0; i < plan->n_steps; i++) {
        const struct gn_cpu_step *step = &plan->steps[i];
        const struct gn_layer *layer = &plan->graph->layers[step->layer];
        extend(&placer->lives[owner_of(placer, step->output)], i);
        extend(&placer->lives[owner_of(placer, step->input)], i);
        for (int k = 0; step->kind == GN_STEP_CONCAT && k < layer->n_inputs; k++)
            extend(&placer->lives[owner_of(placer, layer->inputs[k])], i);
    }
}

/* The number of slots of an owner, and its life in whole segments where it outlives one. */
static void choose_slots(struct placer *placer, int owner)
{
    const struct gn_cpu_plan *plan = placer->plan;
    struct gn_lifetime *life = &placer->lives[owner];
    struct gn_place *place = &plan->places[owner];
    int from = segment_of(plan, life->first), to = segment_of(plan, life->last);
    place->slots = from == to ? plan->segments[from].group : plan->capacity;
    if (from != to) { /* other groups of images are at work in its first and last segment */
        life->first = life->first < 0 ? -1 : plan->segments[from].first;
        life->last = plan->segments[to].end - 1;
    }
    place->pixel_stride = (size_t)place->channels * gn_element_size(place->element);
    place->row_stride = place->pixel_stride * (size_t)place->width;
    place->slot_stride =
        (place->row_stride * (size_t)place->height + SLACK + LINE - 1) / LINE * LINE;
    life->size = place->slot_stride * (size_t)place->slots;
}

static int place_owners(struct placer *placer, bool reuse_memory, gn_error_t *err)
{
    struct gn_cpu_plan *plan = placer->plan;
    const int n = plan->graph->n_tensors;
    for (int t = 0; t < n; t++) {
        if (placer->homes[t].parent >= 0 || placer->lives[t].last < -1)
            continue;
        choose_slots(placer, t);
        if (plan->places[t].slot_stride > INT32_MAX)
            return gn_fail_memory(err, "the activations of the network");
        if (!reuse_memory) {
            placer->lives[t].first = -1;
            placer->lives[t].last = plan->n_steps;
        }
    }
    int rc = gn_place_lifetimes(placer->lives, n, &plan->memory_size, err);
    for (int t = 0; t < n && rc == GN_OK; t++)
        if (placer->lives[t].size > 0)
            plan->places[t].offset = placer->lives[t].offset;
    return rc;
}

/* Points a tensor into its parent, which has its place already. */
static void place_inside(struct placer *placer, int tensor)
{
    const struct home *home = &placer->homes[tensor];
    const struct gn_place *parent = &placer->plan->places[home->parent];
    struct gn_place *place = &placer->plan->places[tensor];
    place->slots = parent->slots;
    place->slot_stride = parent->slot_stride;
    place->row_stride = parent->row_stride;
    place->pixel_stride = parent->pixel_stride;
    place->offset = parent->offset + home->shift;
    if (home->view) {
        const struct gn_layer *crop = &placer->plan->graph->layers[tensor - 1];
        place->offset += (size_t)crop->crop_top * place->row_stride +
                         (size_t)crop->crop_left * place->pixel_stride;
    }
}

/* A parent may come before its child (a crop's) or after it (a concat): go down each chain. */
static void place_chain(struct placer *placer, int tensor)
{
    while (placer->homes[tensor].parent >= 0 &&
           placer->plan->places[tensor].slots == 0) { /* the highest that has no place yet */
        int t = tensor;
        while (placer->homes[placer->homes[t].parent].parent >= 0 &&
               placer->plan->places[placer->homes[t].parent].slots == 0)
            t = placer->homes[t].parent;
        place_inside(placer, t);
    }
}

int gn_cpu_plan_place(struct gn_cpu_plan *plan, const struct gn_cpu_plan_options *options,
                      gn_error_t *err)
{
    const struct gn_graph *graph = plan->graph;
    size_t n = (size_t)graph->n_tensors;
    struct placer placer = {.plan = plan,
                            .homes = malloc(n * sizeof *placer.homes),
                            .lives = malloc(n * sizeof *placer.lives)};
    int rc = GN_OK;
    if (placer.homes == NULL || placer.lives == NULL) {
        rc = gn_fail_memory(err, "the plan of the network");
        goto out;
    }
    for (size_t t = 0; t < n; t++)
        placer.homes[t] = (struct home){.parent = -1};
    for (int i = 0; i < graph->n_layers; i++) {
        if (graph->layers[i].op == GN_LAYER_CONCAT)
            house_inputs(&placer, i);
        else if (graph->layers[i].op == GN_LAYER_CROP)
            placer.homes[graph->layers[i].output] =
                (struct home){.parent = graph->layers[i].inputs[0], .view = true};
    }
    note_lives(&placer);
    rc = place_owners(&placer, options->reuse_memory, err);
    for (size_t t = 0; t < n && rc == GN_OK; t++)
        place_chain(&placer, (int)t);
out:
    free(placer.homes);
    free(placer.lives);
    return rc;
}

/* SPDX-License-Identifier: MIT
 *
 * step_plan.c - walks the layers in order and writes their steps; then gives the maps their addresses.
 */
#include "cnn/cuda/step_plan.h"

#include <stdlib.h>

#include "cnn/cuda/cut_rows.h"
#include "cnn/cuda/map_places.h"
#include "cnn/cuda/outline.h"
#include "cnn/lifetime.h"

enum { ALIGNMENT = 256 };

/* The buffers that a step touches. */
struct touch {
    int input, output;
};

struct builder {
    const struct gn_graph *graph;
    const struct gn_cuda_layout *layout;
    struct gn_cuda_outline outline;
    struct gn_cuda_places places;
    int *rows; /* per tensor: cut_rows.h */
    struct touch *touched;
    struct gn_cuda_plan *plan;
};

/* A map whose offset is that in its buffer as yet. */
struct view {
    struct gn_device_map map;
    int buffer, full_height;
};

static const struct view NOWHERE = {.buffer = GN_CUDA_NO_BUFFER};

static struct view view_buffer(const struct builder *builder, int tensor, int at, int channel)
{
    const struct gn_cuda_buffer *buffer = &builder->places.buffers[at];
    return (struct view){
        .map = {.height = buffer->rows,
                .width = buffer->width,
                .channels = gn_cuda_stored_channels(builder->layout, builder->graph, tensor),
                .pitch = buffer->pitch,
                .offset = (size_t)channel * gn_device_type_size(builder->layout->type)},
        .buffer = at,
        .full_height = builder->graph->tensors[tensor].height,
    };
}

/* Where readers find a tensor. */
static struct view found(const struct builder *builder, int tensor)
{
    const struct gn_cuda_place *place = &builder->places.places[tensor];
    return view_buffer(builder, tensor, place->buffer, place->channel);
}

/* Where its maker writes it. */
static struct view made(const struct builder *builder, int tensor)
{
    const struct gn_cuda_place *place = &builder->places.places[tensor];
    return place->cut_buffer == GN_CUDA_NO_BUFFER
               ? found(builder, tensor)
               : view_buffer(builder, tensor, place->cut_buffer, 0);
}

static struct gn_device_step *add_step(struct builder *builder, enum gn_device_op op, int layer,
                                       struct view input, struct view output)
{
    struct gn_cuda_plan *plan = builder->plan;
    builder->touched[plan->n_steps] = (struct touch){input.buffer, output.buffer};
    struct gn_device_step *step = &plan->steps[plan->n_steps++];
    *step = (struct gn_device_step){
        .op = op,
        .layer = layer,
        .input = input.map,
        .output = output.map,
        .full_height = input.full_height,
    };
    return step;
}

static void add_load(struct builder *builder, int layer, int tensor)
{
    const struct gn_tensor *image = &builder->graph->tensors[0];
    const struct gn_cuda_role *role = &builder->outline.roles[tensor];
    struct view bytes = NOWHERE;
    bytes.map.height = bytes.full_height = image->height;
    bytes.map.width = image->width;
    bytes.map.channels = bytes.map.pitch = image->channels;
    struct gn_device_step *step =
        add_step(builder, GN_DEVICE_LOAD, layer, bytes, made(builder, tensor));
    step->crop_top = role->crop_top;
    step->crop_left = role->crop_left;
}

/* Rows (or columns) of padding behind a map, for the output's last window. */
static int padding_behind(int input, int output, int kernel, int stride, int before)
{
    const int behind = (output - 1) * stride + kernel - before - input;
    return behind > 0 ? behind : 0;
}

static void set_window(struct gn_device_step *step, const struct gn_layer *layer)
{
    step->kernel_height = layer->kernel_height;
    step->kernel_width = layer->kernel_width;
    step->stride_height = layer->stride_height;
    step->stride_width = layer->stride_width;
    step->pad_top = layer->pad_top;
    step->pad_left = layer->pad_left;
    step->pad_bottom = padding_behind(step->input.height, step->output.height, layer->kernel_height,
                                      layer->stride_height, layer->pad_top);
    step->pad_right = padding_behind(step->input.width, step->output.width, layer->kernel_width,
                                     layer->stride_width, layer->pad_left);
}

/* Puts a map together from its first rows and the empty image's map. */
static void add_extension(struct builder *builder, int layer, int tensor)
{
    if (builder->places.places[tensor].cut_buffer == GN_CUDA_NO_BUFFER)
        return;
    struct gn_device_step *step =
        add_step(builder, GN_DEVICE_EXTEND, layer, made(builder, tensor), found(builder, tensor));
    step->weights = (size_t)builder->layout->empty[tensor];
}

static void set_weights(const struct builder *builder, struct gn_device_step *step)
{
    step->weights = (size_t)builder->layout->weights[step->layer];
    step->bias = (size_t)builder->layout->bias[step->layer];
}

/* A convolution, a dense layer or a pool. */
static void add_window(struct builder *builder, enum gn_device_op op, int index)
{
    const struct gn_layer *layer = &builder->graph->layers[index];
    const bool point = layer->kernel_height == 1 && layer->kernel_width == 1 &&
                       layer->stride_height == 1 && layer->stride_width == 1;
    struct gn_device_step *step =
        add_step(builder, op == GN_DEVICE_CONVOLVE && point ? GN_DEVICE_MULTIPLY : op, index,
                 found(builder, layer->inputs[0]), made(builder, layer->output));
    set_window(step, layer);
    if (op == GN_DEVICE_CONVOLVE) {
        set_weights(builder, step);
        step->relu = layer->relu;
    }
    add_extension(builder, index, layer->output);
}

/* Copies the parts that do not lie in the map of the whole. */
static void add_concat(struct builder *builder, int index)
{
    const struct gn_layer *layer = &builder->graph->layers[index];
    const struct gn_cuda_place *whole = &builder->places.places[layer->output];
    for (int k = 0, channel = whole->channel; k < layer->n_inputs; k++) {
        const int part = layer->inputs[k];
        const struct gn_cuda_place *place = &builder->places.places[part];
        if (place->buffer != whole->buffer || place->channel != channel)
            add_step(builder, GN_DEVICE_COPY, index, found(builder, part),
                     view_buffer(builder, part, whole->buffer, channel));
        channel += builder->graph->tensors[part].channels;
    }
}

static void add_crop(struct builder *builder, int index)
{
    const struct gn_layer *layer = &builder->graph->layers[index];
    if (builder->outline.roles[layer->output].is_loaded) {
        add_load(builder, index, layer->output);
        return;
    }
    struct gn_device_step *step =
        add_step(builder, GN_DEVICE_COPY, index, found(builder, layer->inputs[0]),
                 made(builder, layer->output));
    step->crop_top = layer->crop_top;
    step->crop_left = layer->crop_left;
}

static void add_layer(struct builder *builder, int index)
{
    const struct gn_layer *layer = &builder->graph->layers[index];
    switch (layer->op) {
    case GN_LAYER_CONV2D:
    case GN_LAYER_DENSE:
        add_window(builder, GN_DEVICE_CONVOLVE, index);
        break;
    case GN_LAYER_MAX_POOL:
        add_window(builder, GN_DEVICE_MAX_POOL, index);
        break;
    case GN_LAYER_AVG_POOL:
        add_window(builder, GN_DEVICE_AVG_POOL, index);
        break;
    case GN_LAYER_CONCAT:
        add_concat(builder, index);
        break;
    case GN_LAYER_CROP:
        add_crop(builder, index);
        break;
    case GN_LAYER_GLOBAL_AVG_POOL:
        add_step(builder, GN_DEVICE_MEAN, index, found(builder, layer->inputs[0]),
                 made(builder, layer->output));
        break;
    case GN_LAYER_SOFTMAX: /* the host's */
        break;
    }
}

static void add_steps(struct builder *builder)
{
    const struct gn_cuda_outline *outline = &builder->outline;
    const struct gn_cuda_role *image = &outline->roles[0];
    for (int i = 0; i < builder->graph->n_layers; i++) {
        if (image->n_readers > 0 && image->reader == i)
            add_load(builder, i, 0);
        if (i == outline->classifier)
            set_weights(builder, add_step(builder, GN_DEVICE_CLASSIFY, i,
                                          found(builder, outline->features), NOWHERE));
        else if (outline->roles[builder->graph->layers[i].output].n_readers > 0)
            add_layer(builder, i);
    }
}

static size_t buffer_size(const struct builder *builder, int buffer)
{
    const struct gn_cuda_buffer *shape = &builder->places.buffers[buffer];
    const size_t size = (size_t)builder->plan->options.batch * (size_t)shape->rows *
                        (size_t)shape->width * (size_t)shape->pitch *
                        gn_device_type_size(builder->layout->type);
    return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* A buffer is in use from the first step that touches it to the last. */
static void touch_buffer(const struct builder *builder, struct gn_lifetime *lifetimes, int buffer,
                         int step)
{
    if (buffer == GN_CUDA_NO_BUFFER)
        return;
    struct gn_lifetime *life = &lifetimes[buffer];
    if (life->size == 0) {
        life->first = step;
        life->size = buffer_size(builder, buffer);
    }
    life->last = step;
}

static int place_buffers(struct builder *builder, gn_error_t *err)
{
    struct gn_cuda_plan *plan = builder->plan;
    struct gn_lifetime *lifetimes =
        calloc((size_t)builder->places.n_buffers + 1, sizeof *lifetimes);
    if (lifetimes == NULL)
        return gn_fail_memory(err, "the plan of the network");
    for (int s = 0; s < plan->n_steps; s++) {
        touch_buffer(builder, lifetimes, builder->touched[s].input, s);
        touch_buffer(builder, lifetimes, builder->touched[s].output, s);
    }
    int rc = gn_place_lifetimes(lifetimes, builder->places.n_buffers, &plan->activations_size, err);
    for (int s = 0; s < plan->n_steps && rc == GN_OK; s++) {
        const struct touch *touched = &builder->touched[s];
        if (touched->input != GN_CUDA_NO_BUFFER)
            plan->steps[s].input.offset += lifetimes[touched->input].offset;
        if (touched->output != GN_CUDA_NO_BUFFER)
            plan->steps[s].output.offset += lifetimes[touched->output].offset;
    }
    free(lifetimes);
    return rc == GN_OK ? GN_OK : gn_error_prefix(err, "%d images a run", plan->options.batch);
}

/* Each layer has at most a load, a step, an extension and the copies of what it joins. */
static int make_room(struct builder *builder, gn_error_t *err)
{
    const struct gn_graph *graph = builder->graph;
    size_t most = 0;
    for (int i = 0; i < graph->n_layers; i++)
        most += 3 + (size_t)graph->layers[i].n_inputs;
    builder->plan->steps = calloc(most, sizeof *builder->plan->steps);
    builder->touched = calloc(most, sizeof *builder->touched);
    builder->rows = calloc((size_t)graph->n_tensors, sizeof *builder->rows);
    return builder->plan->steps == NULL || builder->touched == NULL || builder->rows == NULL
               ? gn_fail_memory(err, "the plan of the network")
               : GN_OK;
}

static int build(struct builder *builder, gn_error_t *err)
{
    struct gn_cuda_plan *plan = builder->plan;
    int rc = make_room(builder, err);
    if (rc == GN_OK)
        rc = gn_cuda_outline_make(&builder->outline, builder->graph, err);
    if (rc != GN_OK)
        return rc;
    plan->is_cut =
        gn_cuda_cut_rows(&builder->outline, builder->graph, plan->options.rows, builder->rows);
    rc = gn_cuda_places_make(&builder->places, builder->graph, &builder->outline, builder->layout,
                             builder->rows, err);
    if (rc != GN_OK)
        return rc;
    add_steps(builder);
    return place_buffers(builder, err);
}

int gn_cuda_plan_make(struct gn_cuda_plan *plan, const struct gn_graph *graph,
                      const struct gn_cuda_layout *layout,
                      const struct gn_cuda_plan_options *options, gn_error_t *err)
{
    struct builder builder = {.graph = graph, .layout = layout, .plan = plan};
    *plan = (struct gn_cuda_plan){.options = *options};
    int rc = build(&builder, err);
    gn_cuda_outline_clear(&builder.outline);
    gn_cuda_places_clear(&builder.places);
    free(builder.rows);
    free(builder.touched);
    return rc;
}

void gn_cuda_plan_clear(struct gn_cuda_plan *plan)
{
    free(plan->steps);
    *plan = (struct gn_cuda_plan){0};
}

int gn_cuda_plan_find(const struct gn_cuda_plan *plan, const struct gn_graph *graph, int tensor,
                      struct gn_device_map *map)
{
    for (int s = 0; s < plan->n_steps && tensor > 0; s++) {
        const struct gn_device_step *step = &plan->steps[s];
        const enum gn_layer_op op = graph->layers[tensor - 1].op;
        /* a load stands for its own layer only if that is a crop; what a concatenation copies is no whole map */
        if (step->layer != tensor - 1 || op == GN_LAYER_CONCAT || step->op == GN_DEVICE_CLASSIFY ||
            (step->op == GN_DEVICE_LOAD && op != GN_LAYER_CROP))
            continue;
        *map = step->output;
        return s;
    }
    return -1;
}

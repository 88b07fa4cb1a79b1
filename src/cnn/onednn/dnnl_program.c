/* SPDX-License-Identifier: MIT
 *
 * dnnl_program.c - number types, memory and primitives of the layers.
 */
#include "cnn/onednn/dnnl_program.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "cnn/lifetime.h"

static size_t whole_lines(size_t size)
{
    return (size + GN_DNNL_LINE - 1) / GN_DNNL_LINE * GN_DNNL_LINE;
}

/* Maps are of the program's type up to the mean of a map, float32 from there on. */
static void choose_type(struct gn_dnnl_program *program, const struct gn_layer *layer)
{
    bool bf16 = layer->op != GN_LAYER_GLOBAL_AVG_POOL && layer->op != GN_LAYER_DENSE;
    for (int i = 0; i < layer->n_inputs; i++)
        bf16 = bf16 && program->places[layer->inputs[i]].bf16;
    program->places[layer->output].bf16 = bf16;
}

static void choose_types(struct gn_dnnl_program *program, bool bf16)
{
    const struct gn_graph *graph = program->graph;
    program->places[0].bf16 = bf16;
    for (int i = 0; i < graph->n_layers; i++)
        choose_type(program, &graph->layers[i]);
    for (int t = 0; t < graph->n_tensors; t++) {
        const struct gn_tensor *tensor = &graph->tensors[t];
        program->places[t].image_size =
            (size_t)tensor->height * (size_t)tensor->width * (size_t)tensor->channels *
            (program->places[t].bf16 ? sizeof(uint16_t) : sizeof(float));
    }
}

/* Tensors share bytes where nobody needs both. A time is a layer; -1 is the coming of the image. */
static int place_tensors(struct gn_dnnl_program *program, gn_error_t *err)
{
    const struct gn_graph *graph = program->graph;
    struct gn_lifetime *lives = calloc((size_t)graph->n_tensors, sizeof *lives);
    if (lives == NULL)
        return gn_fail_memory(err, "the plan of the network");
    for (int t = 0; t < graph->n_tensors; t++) {
        size_t size = program->places[t].image_size * (size_t)program->capacity;
        lives[t] = (struct gn_lifetime){t - 1, t - 1, whole_lines(size), 0};
    }
    for (int i = 0; i < graph->n_layers; i++)
        for (int k = 0; k < graph->layers[i].n_inputs; k++)
            lives[graph->layers[i].inputs[k]].last = i;
    int rc = gn_place_lifetimes(lives, graph->n_tensors, &program->scratch_offset, err);
    for (int t = 0; t < graph->n_tensors; t++)
        program->places[t].offset = lives[t].offset;
    free(lives);
    return rc;
}

static struct gn_dnnl_map map_of(const struct gn_dnnl_program *program, int tensor)
{
    const struct gn_tensor *shape = &program->graph->tensors[tensor];
    return (struct gn_dnnl_map){program->capacity, shape->height, shape->width, shape->channels,
                                program->places[tensor].bf16 ? dnnl_bf16 : dnnl_f32};
}

/* The padding behind a map of a size, so that a window makes so many steps; may be negative. */
static dnnl_dim_t padding_after(dnnl_dim_t size, dnnl_dim_t steps, dnnl_dim_t kernel,
                                dnnl_dim_t stride, dnnl_dim_t before)
{
    return (steps - 1) * stride + kernel - size - before;
}

static struct gn_dnnl_window window_of(const struct gn_dnnl_program *program,
                                       const struct gn_layer *layer)
{
    struct gn_dnnl_window window = {.input = map_of(program, layer->inputs[0]),
                                    .output = map_of(program, layer->output),
                                    .kernel = {layer->kernel_height, layer->kernel_width},
                                    .stride = {layer->stride_height, layer->stride_width},
                                    .before = {layer->pad_top, layer->pad_left}};
    window.after[0] = padding_after(window.input.height, window.output.height, window.kernel[0],
                                    window.stride[0], window.before[0]);
    window.after[1] = padding_after(window.input.width, window.output.width, window.kernel[1],
                                    window.stride[1], window.before[1]);
    return window;
}

static dnnl_status_t make_convolution(struct gn_dnnl_step *step, const struct gn_layer *layer,
                                      const struct gn_dnnl_window *window, dnnl_engine_t engine)
{
    dnnl_status_t status =
        gn_dnnl_describe_convolution(engine, window, layer->relu, &step->described);
    if (status == dnnl_success)
        status =
            gn_dnnl_pack_weights(engine, step->described, window, layer->weights, &step->weights);
    if (status == dnnl_success)
        status = gn_dnnl_argument(step->described, DNNL_ARG_BIAS, layer->bias, &step->bias);
    return status;
}

static int make_step(struct gn_dnnl_program *program, int index, dnnl_engine_t engine,
                     gn_error_t *err)
{
    const struct gn_layer *layer = &program->graph->layers[index];
    const struct gn_dnnl_window window = window_of(program, layer);
    struct gn_dnnl_step *step = &program->steps[index];
    dnnl_status_t status = dnnl_success;
    switch (layer->op) {
    case GN_LAYER_CONV2D:
    case GN_LAYER_DENSE:
        status = make_convolution(step, layer, &window, engine);
        break;
    case GN_LAYER_MAX_POOL:
        status = gn_dnnl_describe_pool(engine, &window, dnnl_pooling_max, &step->described);
        break;
    case GN_LAYER_AVG_POOL:
        status = gn_dnnl_describe_pool(engine, &window, dnnl_pooling_avg_exclude_padding,
                                       &step->described);
        break;
    case GN_LAYER_CONCAT:
    case GN_LAYER_CROP:
    case GN_LAYER_GLOBAL_AVG_POOL:
    case GN_LAYER_SOFTMAX:
        return GN_OK;
    }
    if (status == dnnl_success)
        status = dnnl_primitive_create(&step->primitive, step->described);
    char what[320];
    snprintf(what, sizeof what, "layer '%s'", program->graph->tensors[layer->output].name);
    return gn_dnnl_check(status, what, err);
}

int gn_dnnl_program_make(struct gn_dnnl_program *program, const struct gn_graph *graph,
                         dnnl_engine_t engine, bool bf16, int capacity, gn_error_t *err)
{
    size_t scratch = 0;
    program->graph = graph;
    program->capacity = capacity;
    program->places = calloc((size_t)graph->n_tensors, sizeof *program->places);
    program->steps = calloc((size_t)graph->n_layers, sizeof *program->steps);
    if (program->places == NULL || program->steps == NULL)
        return gn_fail_memory(err, "the plan of the network");
    choose_types(program, bf16);
    int rc = place_tensors(program, err);
    for (int i = 0; i < graph->n_layers && rc == GN_OK; i++) {
        rc = make_step(program, i, engine, err);
        if (rc != GN_OK || program->steps[i].described == NULL)
            continue;
        size_t size = gn_dnnl_argument_size(program->steps[i].described, DNNL_ARG_SCRATCHPAD);
        scratch = size > scratch ? size : scratch;
    }
    program->memory_size = program->scratch_offset + whole_lines(scratch + 1);
    return rc;
}

void gn_dnnl_program_clear(struct gn_dnnl_program *program)
{
    for (int i = 0; program->steps != NULL && i < program->graph->n_layers; i++) {
        struct gn_dnnl_step *step = &program->steps[i];
        if (step->primitive != NULL)
            dnnl_primitive_destroy(step->primitive);
        if (step->described != NULL)
            dnnl_primitive_desc_destroy(step->described);
        if (step->weights != NULL)
            dnnl_memory_destroy(step->weights);
        if (step->bias != NULL)
            dnnl_memory_destroy(step->bias);
    }
    free(program->steps);
    free(program->places);
    *program = (struct gn_dnnl_program){0};
}

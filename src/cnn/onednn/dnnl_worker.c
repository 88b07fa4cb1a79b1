/* SPDX-License-Identifier: MIT
 *
 * dnnl_worker.c - executes the layers in order.
 */
#include "cnn/onednn/dnnl_worker.h"

#include <stdlib.h>
#include <string.h>

#include "cnn/onednn/dnnl_maps.h"
#include "cnn/softmax.h"
#include "cnn/steady_clock.h"

static char *address_of(const struct gn_dnnl_worker *worker, int tensor, int image)
{
    const struct gn_dnnl_place *place = &worker->program->places[tensor];
    return worker->memory + place->offset + (size_t)image * place->image_size;
}

static struct gn_dnnl_view view_of(const struct gn_dnnl_worker *worker, int tensor, int image)
{
    const struct gn_tensor *shape = &worker->program->graph->tensors[tensor];
    return (struct gn_dnnl_view){address_of(worker, tensor, image),
                                 worker->program->places[tensor].bf16, shape->height, shape->width,
                                 shape->channels};
}

static dnnl_status_t add_own(struct gn_dnnl_call *call, const struct gn_dnnl_step *step,
                             int argument, void *address)
{
    dnnl_exec_arg_t *next = &call->arguments[call->n];
    if (gn_dnnl_argument_size(step->described, argument) == 0)
        return dnnl_success;
    dnnl_status_t status = gn_dnnl_argument(step->described, argument, address, &next->memory);
    next->arg = argument;
    call->n += status == dnnl_success;
    return status;
}

static void add_shared(struct gn_dnnl_call *call, int argument, dnnl_memory_t memory)
{
    if (memory != NULL)
        call->arguments[call->n++] = (dnnl_exec_arg_t){argument, memory};
}

static dnnl_status_t make_call(struct gn_dnnl_worker *worker, int index)
{
    const struct gn_layer *layer = &worker->program->graph->layers[index];
    const struct gn_dnnl_step *step = &worker->program->steps[index];
    struct gn_dnnl_call *call = &worker->calls[index];
    if (step->described == NULL)
        return dnnl_success;
    dnnl_status_t status =
        add_own(call, step, DNNL_ARG_SRC, address_of(worker, layer->inputs[0], 0));
    if (status == dnnl_success)
        status = add_own(call, step, DNNL_ARG_DST, address_of(worker, layer->output, 0));
    if (status == dnnl_success)
        status = add_own(call, step, DNNL_ARG_SCRATCHPAD,
                         worker->memory + worker->program->scratch_offset);
    add_shared(call, DNNL_ARG_WEIGHTS, step->weights);
    add_shared(call, DNNL_ARG_BIAS, step->bias);
    return status;
}

int gn_dnnl_worker_make(struct gn_dnnl_worker *worker, const struct gn_dnnl_program *program,
                        dnnl_engine_t engine, char *memory, gn_error_t *err)
{
    worker->program = program;
    worker->memory = memory;
    worker->calls = calloc((size_t)program->graph->n_layers, sizeof *worker->calls);
    if (worker->calls == NULL)
        return gn_fail_memory(err, "inference");
    dnnl_status_t status = dnnl_stream_create(&worker->stream, engine, dnnl_stream_default_flags);
    for (int i = 0; i < program->graph->n_layers && status == dnnl_success; i++)
        status = make_call(worker, i);
    return gn_dnnl_check(status, "inference", err);
}

void gn_dnnl_worker_clear(struct gn_dnnl_worker *worker)
{
    for (int i = 0; worker->calls != NULL && i < worker->program->graph->n_layers; i++)
        for (int k = 0; k < worker->calls[i].n; k++) {
            int argument = worker->calls[i].arguments[k].arg;
            if (argument != DNNL_ARG_WEIGHTS && argument != DNNL_ARG_BIAS) /* the program's */
                dnnl_memory_destroy(worker->calls[i].arguments[k].memory);
        }
    if (worker->stream != NULL)
        dnnl_stream_destroy(worker->stream);
    free(worker->calls);
    *worker = (struct gn_dnnl_worker){0};
}

static void run_concat(const struct gn_dnnl_worker *worker, const struct gn_layer *layer, int image)
{
    const struct gn_dnnl_view output = view_of(worker, layer->output, image);
    int channel = 0;
    for (int k = 0; k < layer->n_inputs; k++) {
        const struct gn_dnnl_view input = view_of(worker, layer->inputs[k], image);
        gn_dnnl_copy(&input, 0, 0, &output, channel);
        channel += input.channels;
    }
}

/* The layers that are done without oneDNN. */
static void run_plain(const struct gn_dnnl_worker *worker, const struct gn_layer *layer, int image)
{
    const struct gn_dnnl_view input = view_of(worker, layer->inputs[0], image);
    const struct gn_dnnl_view output = view_of(worker, layer->output, image);
    if (layer->op == GN_LAYER_CONCAT)
        run_concat(worker, layer, image);
    else if (layer->op == GN_LAYER_CROP)
        gn_dnnl_copy(&input, layer->crop_top, layer->crop_left, &output, 0);
    else if (layer->op == GN_LAYER_GLOBAL_AVG_POOL)
        gn_dnnl_mean(&input, output.values);
}

static dnnl_status_t run_layer(struct gn_dnnl_worker *worker, int index, int n)
{
    const struct gn_dnnl_step *step = &worker->program->steps[index];
    const struct gn_dnnl_call *call = &worker->calls[index];
    if (step->primitive != NULL)
        return dnnl_primitive_execute(step->primitive, worker->stream, call->n, call->arguments);
    for (int i = 0; i < n; i++)
        run_plain(worker, &worker->program->graph->layers[index], i);
    return dnnl_success;
}

static void load_images(const struct gn_dnnl_worker *worker, const uint8_t *const *images, int n)
{
    const struct gn_dnnl_program *program = worker->program;
    const struct gn_tensor *shape = &program->graph->tensors[0];
    size_t size = (size_t)shape->height * (size_t)shape->width * (size_t)shape->channels;
    for (int i = 0; i < n; i++)
        gn_dnnl_load_image(images[i], size, address_of(worker, 0, i), program->places[0].bf16);
    memset(address_of(worker, 0, n), 0,
           (size_t)(program->capacity - n) * program->places[0].image_size);
}

int gn_dnnl_worker_run(struct gn_dnnl_worker *worker, const uint8_t *const *images, int n,
                       float (*logits)[3], float (*probabilities)[3], gn_error_t *err)
{
    const struct gn_dnnl_program *program = worker->program;
    const struct gn_graph *graph = program->graph;
    const int threads = gn_dnnl_use_one_thread();
    dnnl_status_t status = dnnl_success;
    load_images(worker, images, n);
    for (int i = 0; i < graph->n_layers && status == dnnl_success; i++) {
        double start = worker->seconds == NULL ? 0.0 : gn_steady_seconds();
        status = run_layer(worker, i, n);
        if (worker->seconds != NULL)
            worker->seconds[i] += gn_steady_seconds() - start;
    }
    if (status == dnnl_success)
        status = dnnl_stream_wait(worker->stream);
    gn_dnnl_restore_threads(threads);
    const int last = graph->layers[graph->n_layers - 1].inputs[0]; /* what softmax is taken of */
    for (int i = 0; i < n; i++) {
        gn_dnnl_read(address_of(worker, last, i), program->places[last].bf16, 3, logits[i]);
        gn_softmax(logits[i], 3, probabilities[i]);
    }
    return gn_dnnl_check(status, "inference", err);
}

/* SPDX-License-Identifier: MIT
 *
 * worker.c - walks the steps of a program over a few images.
 *
 * Rows of an image below its last read are zero, and so the maps' rows that see only such rows are
 * those of the empty image: they are neither computed nor copied (map.h).
 */
#include "cnn/cpu/worker.h"

#include <stdlib.h>
#include <string.h>

#include "cnn/cpu/dense.h"
#include "cnn/cpu/pool.h"
#include "cnn/softmax.h"
#include "cnn/steady_clock.h"

enum { ALIGNMENT = 64 };

int gn_worker_make(struct gn_worker *worker, const struct gn_program *program, char *memory,
                   gn_error_t *err)
{
    const struct gn_cpu_plan *plan = &program->plan;
    worker->program = program;
    worker->memory = memory;
    worker->owns_memory = memory == NULL;
    if (memory == NULL)
        worker->memory = aligned_alloc(ALIGNMENT, plan->memory_size);
    worker->rows =
        calloc((size_t)plan->graph->n_tensors * (size_t)plan->capacity, sizeof *worker->rows);
    if (worker->memory == NULL || worker->rows == NULL)
        return gn_fail_memory(err, "inference");
    return gn_convolve_room_make(&worker->room, plan, err);
}

void gn_worker_clear(struct gn_worker *worker)
{
    if (worker->owns_memory)
        free(worker->memory);
    free(worker->rows);
    gn_convolve_room_clear(&worker->room);
    *worker = (struct gn_worker){0};
}

/* Where the rows of a tensor that is computed (no crop) are kept. */
static int *rows_kept(const struct gn_worker *worker, int tensor, int image)
{
    return &worker->rows[(size_t)tensor * (size_t)worker->program->plan.capacity + (size_t)image];
}

/* Rows that may differ from the empty image's. A crop has those of its input that it shows. */
static int rows_of(const struct gn_worker *worker, int tensor, int image)
{
    const struct gn_graph *graph = worker->program->plan.graph;
    if (tensor == 0 || graph->layers[tensor - 1].op != GN_LAYER_CROP)
        return *rows_kept(worker, tensor, image);
    const struct gn_layer *crop = &graph->layers[tensor - 1];
    const int height = graph->tensors[tensor].height;
    const int rows = rows_of(worker, crop->inputs[0], image) - crop->crop_top;
    return rows < 0 ? 0 : rows < height ? rows : height;
}

static struct gn_map map_of(const struct gn_worker *worker, int tensor, int image)
{
    const struct gn_program *program = worker->program;
    const struct gn_place *place = &program->plan.places[tensor];
    char *live =
        worker->memory + place->offset + (size_t)(image % place->slots) * place->slot_stride;
    return (struct gn_map){
        .live = live,
        .empty = program->empty == NULL ? live : program->empty + program->empty_offsets[tensor],
        .rows = rows_of(worker, tensor, image),
        .row_stride = place->row_stride,
        .pixel_stride = place->pixel_stride,
        .height = place->height,
        .width = place->width,
        .channels = place->channels,
        .element = place->element,
        .unit = place->unit,
    };
}

/* Rows of the output that see one of the input's first `rows` rows. */
static int rows_reached(const struct gn_layer *layer, const struct gn_place *input, int rows,
                        const struct gn_place *output)
{
    if (rows >= input->height)
        return output->height;
    int reached = (rows + layer->pad_top + layer->stride_height - 1) / layer->stride_height;
    return reached < output->height ? reached : output->height;
}

/* Sets the rows of a step's output for an image. */
static void set_rows(struct gn_worker *worker, const struct gn_cpu_step *step, int image)
{
    const struct gn_cpu_plan *plan = &worker->program->plan;
    const struct gn_layer *layer = &plan->graph->layers[step->layer];
    const struct gn_place *input = &plan->places[step->input];
    const struct gn_place *output = &plan->places[step->output];
    int rows = 1;
    if (step->kind == GN_STEP_CONCAT) {
        rows = 0;
        for (int k = 0; k < layer->n_inputs; k++) {
            int reached = rows_of(worker, layer->inputs[k], image);
            rows = reached > rows ? reached : rows;
        }
    } else if (step->kind == GN_STEP_CONV || step->kind == GN_STEP_MAX_POOL ||
               step->kind == GN_STEP_AVG_POOL) {
        rows = rows_reached(layer, input, rows_of(worker, step->input, image), output);
    }
    *rows_kept(worker, step->output, image) = rows;
}

static void run_conv(struct gn_worker *worker, const struct gn_cpu_step *step, int first, int n)
{
    const struct gn_program *program = worker->program;
    struct gn_convolution conv = {
        .step = step,
        .packed = &program->packed[step - program->plan.steps],
        .inputs = worker->inputs,
        .outputs = worker->outputs,
        .images = n,
        .relu = program->plan.graph->layers[step->layer].relu,
        .cut = worker->cut + first,
    };
    for (int i = 0; i < n; i++) {
        worker->inputs[i] = map_of(worker, step->input, first + i);
        worker->outputs[i] = map_of(worker, step->output, first + i);
    }
    gn_convolve(&conv, &worker->room);
}

/* True when an output was cut. */
static bool run_pool(const struct gn_worker *worker, const struct gn_cpu_step *step,
                     const struct gn_map *input, const struct gn_map *output)
{
    const struct gn_graph *graph = worker->program->plan.graph;
    const struct gn_layer *layer = &graph->layers[step->layer];
    const struct gn_window window = {layer->kernel_height, layer->kernel_width,
                                     layer->stride_height, layer->stride_width,
                                     layer->pad_top,       layer->pad_left};
    struct gn_mean_finish finish = {0};
    if (step->kind == GN_STEP_MAX_POOL) {
        worker->program->pools->max_pool(input, output, &window);
        return false;
    }
    if (step->finish >= 0) {
        finish.bias = graph->layers[step->finish].bias;
        finish.relu = graph->layers[step->finish].relu;
    }
    return worker->program->pools->avg_pool(input, output, &window, &finish);
}

static void run_concat(const struct gn_worker *worker, const struct gn_cpu_step *step, int image,
                       const struct gn_map *output)
{
    const struct gn_cpu_plan *plan = &worker->program->plan;
    const struct gn_layer *layer = &plan->graph->layers[step->layer];
    for (int k = 0, channel = 0; k < layer->n_inputs; k++) {
        const struct gn_map input = map_of(worker, layer->inputs[k], image);
        worker->program->pools->copy_rows(
            &input, output, channel, plan->copied[step->layer][k] ? 0 : input.rows, output->rows);
        channel += input.channels;
    }
}

static void run_step(struct gn_worker *worker, const struct gn_cpu_step *step, int first, int n)
{
    for (int i = first; i < first + n; i++)
        set_rows(worker, step, i);
    if (step->kind == GN_STEP_CONV) {
        run_conv(worker, step, first, n);
        return;
    }
    for (int i = first; i < first + n; i++) {
        const struct gn_map input = map_of(worker, step->input, i);
        const struct gn_map output = map_of(worker, step->output, i);
        switch (step->kind) {
        case GN_STEP_MAX_POOL:
        case GN_STEP_AVG_POOL:
            worker->cut[i] = run_pool(worker, step, &input, &output) || worker->cut[i];
            break;
        case GN_STEP_CONCAT:
            run_concat(worker, step, i, &output);
            break;
        case GN_STEP_GLOBAL_AVG_POOL:
            worker->program->pools->global_avg_pool(&input, &output);
            break;
        case GN_STEP_DENSE:
            gn_dense(&worker->program->plan.graph->layers[step->layer],
                     (const float *)(const void *)input.live, input.channels,
                     (float *)(void *)output.live, output.channels);
            break;
        case GN_STEP_SOFTMAX:
            gn_softmax((const float *)(const void *)input.live, input.channels,
                       (float *)(void *)output.live);
            break;
        case GN_STEP_CONV:
            break;
        }
    }
}

static void load_images(struct gn_worker *worker, const uint8_t *const *images, const int *rows,
                        int first, int n)
{
    for (int i = first; i < first + n; i++) {
        *rows_kept(worker, 0, i) = rows[i];
        const struct gn_map map = map_of(worker, 0, i);
        worker->program->pools->load_image(images[i], &map, rows[i]);
    }
}

void gn_worker_run(struct gn_worker *worker, const uint8_t *const *images, const int *rows, int n,
                   float (*logits)[3], float (*probabilities)[3])
{
    const struct gn_program *program = worker->program;
    const struct gn_cpu_plan *plan = &program->plan;
    for (int i = 0; i < n; i++)
        worker->cut[i] = program->empty_cut;
    for (int s = 0; s < plan->n_segments; s++) {
        const struct gn_segment *segment = &plan->segments[s];
        for (int first = 0; first < n; first += segment->group) {
            int count = n - first < segment->group ? n - first : segment->group;
            if (s == 0)
                load_images(worker, images, rows, first, count);
            for (int k = segment->first; k < segment->end; k++) {
                double start = worker->seconds == NULL ? 0.0 : gn_steady_seconds();
                run_step(worker, &plan->steps[k], first, count);
                if (worker->seconds != NULL)
                    worker->seconds[plan->steps[k].timed] += gn_steady_seconds() - start;
            }
        }
    }
    const struct gn_cpu_step *last = &plan->steps[plan->n_steps - 1];
    for (int i = 0; i < n; i++) {
        memcpy(logits[i], map_of(worker, last->input, i).live, sizeof *logits);
        memcpy(probabilities[i], map_of(worker, last->output, i).live, sizeof *probabilities);
    }
}

void gn_worker_raise_maxima(const struct gn_worker *worker, int n, float *maxima)
{
    const struct gn_cpu_plan *plan = &worker->program->plan;
    for (int t = 0; t < plan->graph->n_tensors; t++) {
        for (int i = 0; i < n && plan->places[t].element == GN_FLOAT32; i++) {
            const struct gn_map map = map_of(worker, t, i);
            for (int y = 0; y < map.height; y++)
                for (int x = 0; x < map.width; x++) {
                    const float *values =
                        (const float *)(const void *)(gn_map_row(&map, y) +
                                                      (size_t)x * map.pixel_stride);
                    for (int c = 0; c < map.channels; c++)
                        maxima[t] = values[c] > maxima[t] ? values[c] : maxima[t];
                }
        }
    }
}

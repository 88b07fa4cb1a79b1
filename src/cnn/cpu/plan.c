/* SPDX-License-Identifier: MIT
 *
 * plan.c - placing tensors and listing the taps of convolutions.
 */
#include "cnn/cpu/plan.h"

#include <stdlib.h>
#include <string.h>

#include "cnn/cpu/conv.h"

enum { ALIGNMENT = 64, FLOATS_PER_LINE = 16 };
static const size_t MAX_FLOATS = (size_t)1 << 30;

/* Where a tensor lives while the plan is made: in another tensor's channels, or on its own. */
struct home {
    int parent; /* the concat's tensor, -1 none */
    int channel;
};

static bool made_in_place(enum gn_layer_op op)
{
    return op != GN_LAYER_CROP && op != GN_LAYER_SOFTMAX;
}

/* Gives the inputs of a concat a home in it, where they have none yet and are no views themselves.
 */
static int house_inputs(struct gn_cpu_plan *plan, int index, struct home *homes, gn_error_t *err)
{
    const struct gn_graph *graph = plan->graph;
    const struct gn_layer *layer = &graph->layers[index];
    struct gn_cpu_step *step = &plan->steps[index];
    step->copy = calloc((size_t)layer->n_inputs, sizeof *step->copy);
    if (step->copy == NULL)
        return gn_fail_memory(err, "the plan of the network");
    for (int i = 0, channel = 0; i < layer->n_inputs; i++) {
        int input = layer->inputs[i];
        if (input > 0 && homes[input].parent < 0 && made_in_place(graph->layers[input - 1].op))
            homes[input] = (struct home){layer->output, channel};
        else
            step->copy[i] = true;
        channel += graph->tensors[input].channels;
    }
    return GN_OK;
}

static bool is_crop(const struct gn_graph *graph, int tensor)
{
    return tensor > 0 && graph->layers[tensor - 1].op == GN_LAYER_CROP;
}

/* Allocates the tensors that have no home, then points the others into theirs. */
static int place_tensors(struct gn_cpu_plan *plan, const struct home *homes, gn_error_t *err)
{
    const struct gn_graph *graph = plan->graph;
    size_t total = 0;
    for (int pass = 0; pass < 2; pass++) { /* sizes first, then addresses */
        total = 0;
        for (int t = 0; t < graph->n_tensors; t++) {
            const struct gn_tensor *tensor = &graph->tensors[t];
            if (homes[t].parent >= 0 || is_crop(graph, t))
                continue;
            size_t pixel = (size_t)tensor->channels, row = pixel * (size_t)tensor->width;
            plan->maps[t] = (struct gn_map){plan->memory == NULL ? NULL : plan->memory + total,
                                            row,
                                            pixel,
                                            tensor->height,
                                            tensor->width,
                                            tensor->channels};
            size_t lines = (row * (size_t)tensor->height + FLOATS_PER_LINE - 1) / FLOATS_PER_LINE;
            total += lines * FLOATS_PER_LINE;
            if (total > MAX_FLOATS)
                return gn_fail_memory(err, "the activations of the network");
        }
        if (pass == 0) {
            plan->memory_size = total;
            plan->memory = aligned_alloc(ALIGNMENT, total * sizeof(float));
            if (plan->memory == NULL)
                return gn_fail_memory(err, "the activations of the network");
            memset(plan->memory, 0, total * sizeof(float));
        }
    }
    for (int t = graph->n_tensors - 1; t > 0; t--) /* a concat comes after its inputs */
        if (homes[t].parent >= 0) {
            plan->maps[t] = plan->maps[homes[t].parent];
            plan->maps[t].data += homes[t].channel;
            plan->maps[t].channels = graph->tensors[t].channels;
        }
    for (int t = 1; t < graph->n_tensors; t++)
        if (is_crop(graph, t)) {
            const struct gn_layer *layer = &graph->layers[t - 1];
            struct gn_map *map = &plan->maps[t];
            *map = plan->maps[layer->inputs[0]];
            map->data += (size_t)layer->crop_top * map->row_stride +
                         (size_t)layer->crop_left * map->pixel_stride;
            map->height = graph->tensors[t].height;
            map->width = graph->tensors[t].width;
        }
    return GN_OK;
}

/* True when a kernel row never leaves the map and its pixels lie side by side: then it is one long
 * tap. */
static bool row_is_one_tap(const struct gn_layer *layer, const struct gn_map *input,
                           const struct gn_map *output)
{
    return layer->pad_left == 0 && input->pixel_stride == (size_t)input->channels &&
           (output->width - 1) * layer->stride_width + layer->kernel_width <= input->width;
}

static int32_t tap_offset(const struct gn_map *input, int y, int x)
{
    if (y < 0 || y >= input->height || x < 0 || x >= input->width)
        return -1;
    return (int32_t)((size_t)y * input->row_stride + (size_t)x * input->pixel_stride);
}

static int list_taps(struct gn_cpu_plan *plan, int index, gn_error_t *err)
{
    const struct gn_layer *layer = &plan->graph->layers[index];
    const struct gn_map *input = &plan->maps[layer->inputs[0]];
    const struct gn_map *output = &plan->maps[layer->output];
    struct gn_cpu_step *step = &plan->steps[index];
    bool whole_rows = row_is_one_tap(layer, input, output);
    int columns = whole_rows ? 1 : layer->kernel_width;
    step->taps = layer->kernel_height * columns;
    step->run = input->channels * (whole_rows ? layer->kernel_width : 1);
    if (step->taps > GN_CONV_MAX_TAPS)
        return gn_fail(
            err, GN_E_DATA, "layer '%s': its kernel of %d x %d is too large for this engine",
            plan->graph->tensors[layer->output].name, layer->kernel_height, layer->kernel_width);
    size_t pixels = (size_t)output->height * (size_t)output->width;
    int32_t *offset = malloc(pixels * (size_t)step->taps * sizeof *offset);
    if (offset == NULL)
        return gn_fail_memory(err, "the plan of the network");
    step->offsets = offset;
    for (int y = 0; y < output->height; y++)
        for (int x = 0; x < output->width; x++)
            for (int tap = 0; tap < step->taps; tap++)
                *offset++ =
                    tap_offset(input, y * layer->stride_height - layer->pad_top + tap / columns,
                               x * layer->stride_width - layer->pad_left + tap % columns);
    return GN_OK;
}

static int plan_steps(struct gn_cpu_plan *plan, gn_error_t *err)
{
    size_t longest = 1;
    for (int i = 0; i < plan->graph->n_layers; i++) {
        enum gn_layer_op op = plan->graph->layers[i].op;
        if (op != GN_LAYER_CONV2D && op != GN_LAYER_DENSE)
            continue;
        int rc = list_taps(plan, i, err);
        if (rc != GN_OK)
            return rc;
        if ((size_t)plan->steps[i].run > longest)
            longest = (size_t)plan->steps[i].run;
    }
    plan->zeros = calloc(longest, sizeof *plan->zeros);
    return plan->zeros == NULL ? gn_fail_memory(err, "the plan of the network") : GN_OK;
}

int gn_cpu_plan_make(struct gn_cpu_plan *plan, const struct gn_graph *graph, gn_error_t *err)
{
    int rc = GN_OK;
    plan->graph = graph;
    plan->maps = calloc((size_t)graph->n_tensors, sizeof *plan->maps);
    plan->steps = calloc((size_t)graph->n_layers, sizeof *plan->steps);
    struct home *homes = malloc((size_t)graph->n_tensors * sizeof *homes);
    if (plan->maps == NULL || plan->steps == NULL || homes == NULL) {
        rc = gn_fail_memory(err, "the plan of the network");
        goto out;
    }
    for (int t = 0; t < graph->n_tensors; t++)
        homes[t].parent = -1;
    for (int i = 0; i < graph->n_layers && rc == GN_OK; i++)
        if (graph->layers[i].op == GN_LAYER_CONCAT)
            rc = house_inputs(plan, i, homes, err);
    if (rc == GN_OK)
        rc = place_tensors(plan, homes, err);
    if (rc == GN_OK)
        rc = plan_steps(plan, err);
out:
    free(homes);
    return rc;
}

void gn_cpu_plan_clear(struct gn_cpu_plan *plan)
{
    for (int i = 0; plan->steps != NULL && i < plan->graph->n_layers; i++) {
        free(plan->steps[i].offsets);
        free(plan->steps[i].copy);
    }
    free(plan->steps);
    free(plan->maps);
    free(plan->memory);
    free(plan->zeros);
    *plan = (struct gn_cpu_plan){0};
}

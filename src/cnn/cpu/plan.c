/* SPDX-License-Identifier: MIT
 *
 * plan.c - from layers to steps: number types, units, order, segments and the taps of convolutions.
 */
#include "cnn/cpu/plan.h"

#include <stdlib.h>
#include <string.h>

#include "cnn/cpu/tile.h"

enum {
    WORD = 4, /* bytes that a kernel reads at a time */
    MAX_TAPS = 256,
    LARGE_MAP = 1000, /* pixels: such maps are computed one image at a time */
    MIDDLE_MAP = 100,
    MIDDLE_GROUP = 8,
    SMALL_MAP = 300, /* pixels: in such maps a tile goes over images, not over columns */
};

static const float INT16_HEADROOM = 1.25F; /* over the largest value seen at calibration */

static bool is_integer(enum gn_element element)
{
    return element == GN_INT16 || element == GN_UINT8;
}

static enum gn_element element_of(enum gn_precision precision)
{
    switch (precision) {
    case GN_PRECISION_INT16:
        return GN_INT16;
    case GN_PRECISION_INT8:
        return GN_UINT8;
    case GN_PRECISION_BF16:
        return GN_BF16;
    default:
        return GN_FLOAT32;
    }
}

static int unsupported(const struct gn_cpu_plan *plan, const struct gn_layer *layer,
                       const char *why, gn_error_t *err)
{
    return gn_fail(err, GN_E_UNAVAILABLE,
                   "the network cannot be computed in %s: layer '%s' %s: use --precision float32",
                   gn_precision_name(plan->precision), plan->graph->tensors[layer->output].name,
                   why);
}

/* The number of layers that read a tensor, and one of them. */
static int readers(const struct gn_graph *graph, int tensor, int *reader)
{
    int n = 0;
    for (int i = 0; i < graph->n_layers; i++)
        for (int k = 0; k < graph->layers[i].n_inputs; k++)
            if (graph->layers[i].inputs[k] == tensor) {
                *reader = i;
                n++;
            }
    return n;
}

/* The 1 x 1 convolution behind which a mean of neighbours can move (both are linear), or -1. */
static int convolution_behind(const struct gn_graph *graph, const struct gn_layer *pool)
{
    int reader = -1;
    if (pool->op != GN_LAYER_AVG_POOL || pool->stride_height != 1 || pool->stride_width != 1 ||
        readers(graph, pool->output, &reader) != 1)
        return -1;
    const struct gn_layer *conv = &graph->layers[reader];
    const struct gn_tensor *input = &graph->tensors[pool->inputs[0]];
    const struct gn_tensor *output = &graph->tensors[pool->output];
    bool point = conv->op == GN_LAYER_CONV2D && conv->kernel_height == 1 &&
                 conv->kernel_width == 1 && conv->stride_height == 1 && conv->stride_width == 1;
    return point && input->height == output->height && input->width == output->width ? reader : -1;
}

/* The layer whose output a convolution reads if that is a mean that moves behind it, or NULL. */
static const struct gn_layer *mean_before(const struct gn_graph *graph, int index)
{
    const struct gn_layer *conv = &graph->layers[index];
    if (conv->op != GN_LAYER_CONV2D || conv->inputs[0] == 0)
        return NULL;
    const struct gn_layer *maker = &graph->layers[conv->inputs[0] - 1];
    return convolution_behind(graph, maker) == index ? maker : NULL;
}

/* The number type of a layer's output; tells what the type cannot do. */
static int choose_element(struct gn_cpu_plan *plan, int index, gn_error_t *err)
{
    const struct gn_layer *layer = &plan->graph->layers[index];
    const struct gn_place *input = &plan->places[layer->inputs[0]];
    struct gn_place *output = &plan->places[layer->output];
    bool narrow = input->element != GN_FLOAT32;
    output->element = input->element;
    switch (layer->op) {
    case GN_LAYER_CONV2D:
        if (plan->precision != GN_PRECISION_FLOAT32 && input->element == GN_FLOAT32 &&
            mean_before(plan->graph, index) == NULL)
            return unsupported(plan, layer, "follows a layer of float32", err);
        output->element = element_of(plan->precision);
        if (output->element != GN_FLOAT32 && !layer->relu)
            return unsupported(plan, layer, "has no ReLU", err);
        break;
    case GN_LAYER_CONCAT:
        for (int i = 0; i < layer->n_inputs; i++) {
            if (plan->places[layer->inputs[i]].element == GN_FLOAT32)
                output->element = GN_FLOAT32;
            narrow = narrow || plan->places[layer->inputs[i]].element != GN_FLOAT32;
        }
        for (int i = 0; i < layer->n_inputs; i++)
            if (narrow && plan->places[layer->inputs[i]].is_image)
                return unsupported(plan, layer, "joins the image with other maps", err);
        break;
    case GN_LAYER_MAX_POOL:
    case GN_LAYER_AVG_POOL:
        if (narrow && input->is_image)
            return unsupported(plan, layer, "pools the image itself", err);
        if (convolution_behind(plan->graph, layer) >= 0)
            output->element = GN_FLOAT32; /* holds the sums of the convolution */
        break;
    case GN_LAYER_CROP:
        output->is_image = input->is_image;
        break;
    case GN_LAYER_GLOBAL_AVG_POOL:
        if (narrow && input->is_image)
            return unsupported(plan, layer, "pools the image itself", err);
        output->element = GN_FLOAT32;
        break;
    case GN_LAYER_DENSE:
    case GN_LAYER_SOFTMAX:
        if (input->element != GN_FLOAT32)
            return unsupported(plan, layer, "does not follow a global mean", err);
        break;
    }
    return GN_OK;
}

static int root_of(const int *parents, int tensor)
{
    while (parents[tensor] != tensor)
        tensor = parents[tensor];
    return tensor;
}

/* Tensors whose values pass from one to the other unchanged share a unit. */
static void join_units(const struct gn_cpu_plan *plan, int *parents)
{
    for (int i = 0; i < plan->graph->n_layers; i++) {
        const struct gn_layer *layer = &plan->graph->layers[i];
        bool passes = layer->op == GN_LAYER_CONCAT || layer->op == GN_LAYER_MAX_POOL ||
                      layer->op == GN_LAYER_AVG_POOL || layer->op == GN_LAYER_CROP;
        for (int k = 0; passes && k < layer->n_inputs; k++)
            if (is_integer(plan->places[layer->inputs[k]].element) &&
                is_integer(plan->places[layer->output].element))
                parents[root_of(parents, layer->inputs[k])] = root_of(parents, layer->output);
    }
}

/* The value of 1 in each integer tensor: the largest value seen, with some room, is the type's top.
 */
static int choose_units(struct gn_cpu_plan *plan, const float *maxima, gn_error_t *err)
{
    int n = plan->graph->n_tensors;
    int *parents = malloc((size_t)n * sizeof *parents);
    float *largest = calloc((size_t)n, sizeof *largest);
    if (parents == NULL || largest == NULL) {
        free(parents);
        free(largest);
        return gn_fail_memory(err, "the plan of the network");
    }
    for (int t = 0; t < n; t++)
        parents[t] = t;
    join_units(plan, parents);
    for (int t = 0; t < n; t++) {
        int root = root_of(parents, t);
        largest[root] = maxima[t] > largest[root] ? maxima[t] : largest[root];
    }
    bool wide = plan->precision == GN_PRECISION_INT16;
    for (int t = 0; t < n; t++) {
        float top = largest[root_of(parents, t)];
        plan->places[t].unit = top <= 0.0F ? 1.0F
                               : wide      ? top * INT16_HEADROOM / (float)GN_INT16_TOP
                                           : top / (float)GN_INT8_TOP;
    }
    free(parents);
    free(largest);
    return GN_OK;
}

static void choose_shapes(struct gn_cpu_plan *plan)
{
    const struct gn_graph *graph = plan->graph;
    for (int t = 0; t < graph->n_tensors; t++) {
        plan->places[t].height = graph->tensors[t].height;
        plan->places[t].width = graph->tensors[t].width;
        plan->places[t].channels = graph->tensors[t].channels;
        plan->places[t].unit = 1.0F;
    }
    for (int i = 0; i < graph->n_layers; i++) {
        const struct gn_layer *mean = mean_before(graph, i);
        if (mean != NULL)
            plan->places[mean->output].channels = graph->tensors[graph->layers[i].output].channels;
    }
}

static int choose_elements(struct gn_cpu_plan *plan, const float *maxima, gn_error_t *err)
{
    struct gn_place *image = &plan->places[0];
    image->element = element_of(plan->precision);
    image->is_image = true;
    for (int i = 0; i < plan->graph->n_layers; i++) {
        int rc = choose_element(plan, i, err);
        if (rc != GN_OK)
            return rc;
    }
    if (!is_integer(image->element))
        return GN_OK;
    return choose_units(plan, maxima, err);
}

static struct gn_cpu_step *add_step(struct gn_cpu_plan *plan, enum gn_cpu_step_kind kind, int layer,
                                    int input)
{
    struct gn_cpu_step *step = &plan->steps[plan->n_steps++];
    *step = (struct gn_cpu_step){.kind = kind,
                                 .layer = layer,
                                 .timed = layer,
                                 .input = input,
                                 .output = plan->graph->layers[layer].output,
                                 .finish = -1};
    return step;
}

static void add_convolution(struct gn_cpu_plan *plan, int index)
{
    const struct gn_layer *layer = &plan->graph->layers[index];
    const struct gn_layer *mean = mean_before(plan->graph, index);
    if (mean == NULL) {
        add_step(plan, GN_STEP_CONV, index, layer->inputs[0]);
        return;
    }
    struct gn_cpu_step *conv = add_step(plan, GN_STEP_CONV, index, mean->inputs[0]);
    conv->output = mean->output;
    conv->raw = true;
    struct gn_cpu_step *pool = add_step(plan, GN_STEP_AVG_POOL, mean->output - 1, mean->output);
    pool->output = layer->output;
    pool->finish = index;
    pool->timed = index;
}

static void add_steps(struct gn_cpu_plan *plan)
{
    for (int i = 0; i < plan->graph->n_layers; i++) {
        const struct gn_layer *layer = &plan->graph->layers[i];
        switch (layer->op) {
        case GN_LAYER_CONV2D:
            add_convolution(plan, i);
            break;
        case GN_LAYER_DENSE:
            add_step(plan, GN_STEP_DENSE, i, layer->inputs[0]);
            break;
        case GN_LAYER_MAX_POOL:
            add_step(plan, GN_STEP_MAX_POOL, i, layer->inputs[0]);
            break;
        case GN_LAYER_AVG_POOL:
            if (convolution_behind(plan->graph, layer) < 0)
                add_step(plan, GN_STEP_AVG_POOL, i, layer->inputs[0]);
            break;
        case GN_LAYER_CONCAT:
            add_step(plan, GN_STEP_CONCAT, i, layer->inputs[0]);
            break;
        case GN_LAYER_GLOBAL_AVG_POOL:
            add_step(plan, GN_STEP_GLOBAL_AVG_POOL, i, layer->inputs[0]);
            break;
        case GN_LAYER_SOFTMAX:
            add_step(plan, GN_STEP_SOFTMAX, i, layer->inputs[0]);
            break;
        case GN_LAYER_CROP: /* a view */
            break;
        }
    }
}

/* Images at a time, by the largest map that is still to come. */
static void split_segments(struct gn_cpu_plan *plan)
{
    int groups[GN_MAX_SEGMENTS] = {1, MIDDLE_GROUP, plan->capacity};
    static const int smallest[] = {LARGE_MAP, MIDDLE_MAP, 0};
    int end = plan->n_steps;
    for (int s = 2; s >= 0;
         s--) { /* from the end: a segment ends before the next one's first step */
        int first = end;
        while (first > 0) {
            const struct gn_place *output = &plan->places[plan->steps[first - 1].output];
            int pixels = output->height * output->width;
            if (s > 0 && pixels >= smallest[s - 1])
                break;
            first--;
        }
        if (first < end) {
            int group = groups[s] < plan->capacity ? groups[s] : plan->capacity;
            for (int k = plan->n_segments; k > 0; k--)
                plan->segments[k] = plan->segments[k - 1];
            plan->segments[0] = (struct gn_segment){first, end, group};
            plan->n_segments++;
        }
        end = first;
    }
}

/* True when a kernel row never leaves the map and its pixels lie side by side: then it is one long
 * tap. */
static bool row_is_one_tap(const struct gn_layer *layer, const struct gn_place *input,
                           const struct gn_place *output)
{
    return layer->pad_left == 0 &&
           input->pixel_stride == (size_t)input->channels * gn_element_size(input->element) &&
           (output->width - 1) * layer->stride_width + layer->kernel_width <= input->width;
}

static int32_t tap_offset(const struct gn_place *input, int y, int x)
{
    if (y < 0 || y >= input->height || x < 0 || x >= input->width)
        return -1;
    return (int32_t)((size_t)y * input->row_stride + (size_t)x * input->pixel_stride);
}

/* Notes at which outputs the taps of each kernel row follow one another in memory. */
static int find_whole_rows(struct gn_cpu_step *step, const struct gn_place *input, int pixels,
                           gn_error_t *err)
{
    const size_t tap = (size_t)step->run * gn_element_size(input->element);
    if (step->row_taps == 1 || tap % WORD != 0 || tap != input->pixel_stride)
        return GN_OK;
    step->whole_rows = malloc((size_t)pixels * sizeof *step->whole_rows);
    if (step->whole_rows == NULL)
        return gn_fail_memory(err, "the plan of the network");
    for (int p = 0; p < pixels; p++) {
        const int32_t *offsets = step->offsets + (size_t)p * (size_t)step->taps;
        step->whole_rows[p] = true;
        for (int t = 0; t < step->taps; t++)
            if ((offsets[t] < 0) != (offsets[t - t % step->row_taps] < 0))
                step->whole_rows[p] = false;
    }
    return GN_OK;
}

static int list_taps(struct gn_cpu_plan *plan, struct gn_cpu_step *step, gn_error_t *err)
{
    const struct gn_layer *layer = &plan->graph->layers[step->layer];
    const struct gn_place *input = &plan->places[step->input];
    const struct gn_place *output = &plan->places[step->output];
    bool one_tap = row_is_one_tap(layer, input, output);
    int columns = one_tap ? 1 : layer->kernel_width;
    step->row_taps = columns;
    step->taps = layer->kernel_height * columns;
    step->run = input->channels * (one_tap ? layer->kernel_width : 1);
    step->images_inside = output->height * output->width < SMALL_MAP;
    if (step->taps > MAX_TAPS)
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
            for (int tap = 0; tap < step->taps; tap++, offset++) {
                *offset =
                    tap_offset(input, y * layer->stride_height - layer->pad_top + tap / columns,
                               x * layer->stride_width - layer->pad_left + tap % columns);
                step->padded = step->padded || *offset < 0;
            }
    return find_whole_rows(step, input, (int)pixels, err);
}

static int allocate(struct gn_cpu_plan *plan, gn_error_t *err)
{
    size_t layers = (size_t)plan->graph->n_layers;
    plan->places = calloc((size_t)plan->graph->n_tensors, sizeof *plan->places);
    plan->steps = calloc(2 * layers, sizeof *plan->steps);
    plan->copied = calloc(layers, sizeof *plan->copied);
    if (plan->places == NULL || plan->steps == NULL || plan->copied == NULL)
        return gn_fail_memory(err, "the plan of the network");
    for (size_t i = 0; i < layers; i++) {
        plan->copied[i] = calloc((size_t)plan->graph->layers[i].n_inputs, sizeof **plan->copied);
        if (plan->copied[i] == NULL)
            return gn_fail_memory(err, "the plan of the network");
    }
    return GN_OK;
}

int gn_cpu_plan_make(struct gn_cpu_plan *plan, const struct gn_graph *graph,
                     const struct gn_cpu_plan_options *options, gn_error_t *err)
{
    plan->graph = graph;
    plan->precision = options->precision;
    plan->capacity = options->capacity;
    int rc = allocate(plan, err);
    if (rc != GN_OK)
        return rc;
    choose_shapes(plan);
    rc = choose_elements(plan, options->maxima, err);
    if (rc != GN_OK)
        return rc;
    add_steps(plan);
    split_segments(plan);
    rc = gn_cpu_plan_place(plan, options, err);
    for (int i = 0; i < plan->n_steps && rc == GN_OK; i++)
        if (plan->steps[i].kind == GN_STEP_CONV)
            rc = list_taps(plan, &plan->steps[i], err);
    return rc;
}

void gn_cpu_plan_clear(struct gn_cpu_plan *plan)
{
    for (int i = 0; i < plan->n_steps; i++) {
        free(plan->steps[i].offsets);
        free(plan->steps[i].whole_rows);
    }
    for (int i = 0; plan->copied != NULL && i < plan->graph->n_layers; i++)
        free(plan->copied[i]);
    free(plan->copied);
    free(plan->steps);
    free(plan->places);
    *plan = (struct gn_cpu_plan){0};
}

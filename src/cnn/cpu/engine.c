/* SPDX-License-Identifier: MIT
 *
 * engine.c - runs a graph on the CPU, one image after the other.
 *
 * One image at a time keeps the activations in the second-level cache and makes results independent
 * of the batch. Rows of an image below its last read are zero, and so the maps' rows that see only
 * such rows are those of the empty image: they are computed once, kept, and copied back where an
 * earlier image with more reads has overwritten them.
 */
#include "cnn/cpu/engine.h"

#include <stdlib.h>
#include <string.h>

#include "cnn/backend.h"
#include "cnn/cpu/plan.h"
#include "cnn/cpu/pool.h"
#include "cnn/softmax.h"

struct gn_cpu_engine {
    struct gn_cpu_plan plan;
    enum gn_isa isa;
    gn_conv_kernel *convolve;
    bool skip_empty_rows;
    float *empty; /* plan.memory as the empty image leaves it */
    int *rows;    /* per tensor: rows [0, rows) of this image may differ from the empty image's */
    int *dirty;   /* per tensor: rows [0, dirty) in memory may differ from the empty image's */
};

/* Copies rows [first, end) of a tensor from the empty image back into memory. */
static void copy_empty_rows(gn_cpu_engine_t *engine, const struct gn_map *map, int first, int end)
{
    const float *source = engine->empty + (map->data - engine->plan.memory);
    size_t pixel = (size_t)map->channels * sizeof(float);
    for (int y = first; y < end; y++) {
        size_t row = (size_t)y * map->row_stride;
        if (map->pixel_stride == (size_t)map->channels) {
            memcpy(map->data + row, source + row, pixel * (size_t)map->width);
            continue;
        }
        for (int x = 0; x < map->width; x++, row += map->pixel_stride)
            memcpy(map->data + row, source + row, pixel);
    }
}

/* Notes that a tensor's rows [0, rows) are about to be computed, and brings back the empty image's
 * rows below. */
static void set_rows(gn_cpu_engine_t *engine, int tensor, int rows)
{
    if (rows < engine->dirty[tensor])
        copy_empty_rows(engine, &engine->plan.maps[tensor], rows, engine->dirty[tensor]);
    engine->rows[tensor] = engine->dirty[tensor] = rows;
}

/* Rows of the output that see one of the input's first `rows` rows. */
static int rows_reached(const struct gn_layer *layer, const struct gn_map *input, int rows,
                        const struct gn_map *output)
{
    if (rows >= input->height)
        return output->height;
    int reached = (rows + layer->pad_top + layer->stride_height - 1) / layer->stride_height;
    return reached < output->height ? reached : output->height;
}

static void run_conv(gn_cpu_engine_t *engine, int index)
{
    const struct gn_layer *layer = &engine->plan.graph->layers[index];
    const struct gn_cpu_step *step = &engine->plan.steps[index];
    const struct gn_map *output = &engine->plan.maps[layer->output];
    struct gn_conv_job job = {
        .input = engine->plan.maps[layer->inputs[0]].data,
        .offsets = step->offsets,
        .zeros = engine->plan.zeros,
        .taps = step->taps,
        .run = step->run,
        .weights = layer->weights,
        .bias = layer->bias,
        .output = output->data,
        .output_stride = output->pixel_stride,
        .channels = output->channels,
        .pixels = engine->rows[layer->output] * output->width,
        .relu = layer->relu,
    };
    engine->convolve(&job);
}

static void run_pool(gn_cpu_engine_t *engine, const struct gn_layer *layer)
{
    const struct gn_map *input = &engine->plan.maps[layer->inputs[0]];
    const struct gn_map *output = &engine->plan.maps[layer->output];
    struct gn_window window = {layer->kernel_height, layer->kernel_width, layer->stride_height,
                               layer->stride_width,  layer->pad_top,      layer->pad_left};
    if (layer->op == GN_LAYER_MAX_POOL)
        gn_max_pool(input, output, &window, engine->rows[layer->output]);
    else
        gn_avg_pool(input, output, &window, engine->rows[layer->output]);
}

/* Copies the inputs that were not computed in place. */
static void run_concat(gn_cpu_engine_t *engine, int index)
{
    const struct gn_layer *layer = &engine->plan.graph->layers[index];
    const struct gn_map *output = &engine->plan.maps[layer->output];
    size_t channel = 0;
    int rows = 0;
    for (int i = 0; i < layer->n_inputs; i++) {
        const struct gn_map *input = &engine->plan.maps[layer->inputs[i]];
        if (engine->rows[layer->inputs[i]] > rows)
            rows = engine->rows[layer->inputs[i]];
        for (int y = 0; engine->plan.steps[index].copy[i] && y < input->height; y++)
            for (int x = 0; x < input->width; x++)
                memcpy(output->data + (size_t)y * output->row_stride +
                           (size_t)x * output->pixel_stride + channel,
                       input->data + (size_t)y * input->row_stride +
                           (size_t)x * input->pixel_stride,
                       (size_t)input->channels * sizeof(float));
        channel += (size_t)input->channels;
    }
    engine->rows[layer->output] = rows;
}

static void run_layer(gn_cpu_engine_t *engine, int index)
{
    const struct gn_layer *layer = &engine->plan.graph->layers[index];
    int from = layer->inputs[0], to = layer->output;
    const struct gn_map *input = &engine->plan.maps[from], *output = &engine->plan.maps[to];
    switch (layer->op) {
    case GN_LAYER_CONV2D:
    case GN_LAYER_DENSE:
        set_rows(engine, to, rows_reached(layer, input, engine->rows[from], output));
        run_conv(engine, index);
        break;
    case GN_LAYER_MAX_POOL:
    case GN_LAYER_AVG_POOL:
        set_rows(engine, to, rows_reached(layer, input, engine->rows[from], output));
        run_pool(engine, layer);
        break;
    case GN_LAYER_CONCAT:
        run_concat(engine, index);
        break;
    case GN_LAYER_CROP: {
        int rows = engine->rows[from] - layer->crop_top;
        engine->rows[to] = rows < 0 ? 0 : rows < output->height ? rows : output->height;
        break;
    }
    case GN_LAYER_GLOBAL_AVG_POOL:
        engine->rows[to] = engine->dirty[to] = 1;
        gn_global_avg_pool(input, output);
        break;
    case GN_LAYER_SOFTMAX:
        engine->rows[to] = engine->dirty[to] = 1;
        gn_softmax(input->data, input->channels, output->data);
        break;
    }
}

/* Rows of an image up to the last that is not all zero. */
static int rows_used(const uint8_t *image, const struct gn_map *map)
{
    size_t row = map->row_stride;
    int rows = map->height;
    while (rows > 0) {
        const uint8_t *last = image + (size_t)(rows - 1) * row;
        if (last[0] != 0 || memcmp(last, last + 1, row - 1) != 0)
            break;
        rows--;
    }
    return rows;
}

/* (x - 128) / 128, exact in float. In strips of a constant length, which compilers turn into
 * vectors. */
static void normalise(const uint8_t *bytes, size_t n, float *restrict output)
{
    enum { STRIP = 64 };
    size_t i = 0;
    for (; i + STRIP <= n; i += STRIP)
        for (size_t j = 0; j < STRIP; j++)
            output[i + j] = (float)((int)bytes[i + j] - 128) * (1.0F / 128.0F);
    for (; i < n; i++)
        output[i] = (float)((int)bytes[i] - 128) * (1.0F / 128.0F);
}

static void run_image(gn_cpu_engine_t *engine, const uint8_t *image, float probabilities[3])
{
    const struct gn_graph *graph = engine->plan.graph;
    const struct gn_map *map = &engine->plan.maps[0];
    set_rows(engine, 0, engine->skip_empty_rows ? rows_used(image, map) : map->height);
    normalise(image, (size_t)engine->rows[0] * map->row_stride, map->data);
    for (int i = 0; i < graph->n_layers; i++)
        run_layer(engine, i);
    memcpy(probabilities, engine->plan.maps[graph->n_tensors - 1].data, 3 * sizeof(float));
}

/* Runs the empty image in full and keeps what it leaves in memory. */
static int remember_empty_image(gn_cpu_engine_t *engine, gn_error_t *err)
{
    size_t size = engine->plan.memory_size * sizeof(float);
    const struct gn_map *map = &engine->plan.maps[0];
    uint8_t *image = calloc((size_t)map->height, map->row_stride);
    engine->empty = malloc(size);
    if (image == NULL || engine->empty == NULL) {
        free(image);
        return gn_fail_memory(err, "the activations of the network");
    }
    float probabilities[3];
    bool skip = engine->skip_empty_rows;
    engine->skip_empty_rows = false;
    run_image(engine, image, probabilities);
    engine->skip_empty_rows = skip;
    memcpy(engine->empty, engine->plan.memory, size);
    free(image);
    return GN_OK;
}

gn_cpu_engine_t *gn_cpu_engine_create(const gn_model_t *model, enum gn_isa isa,
                                      bool skip_empty_rows, gn_error_t *err)
{
    const struct gn_graph *graph = gn_model_graph(model);
    gn_cpu_engine_t *engine = calloc(1, sizeof *engine);
    if (engine == NULL) {
        gn_fail_memory(err, "inference");
        return NULL;
    }
    engine->isa = isa;
    engine->convolve = gn_conv_kernel_of(isa);
    engine->skip_empty_rows = skip_empty_rows;
    engine->rows = calloc((size_t)graph->n_tensors, sizeof *engine->rows);
    engine->dirty = calloc((size_t)graph->n_tensors, sizeof *engine->dirty);
    if (engine->rows == NULL || engine->dirty == NULL) {
        gn_fail_memory(err, "inference");
        goto fail;
    }
    if (gn_cpu_plan_make(&engine->plan, graph, err) != GN_OK ||
        remember_empty_image(engine, err) != GN_OK)
        goto fail;
    return engine;
fail:
    gn_cpu_engine_destroy(engine);
    return NULL;
}

void gn_cpu_engine_destroy(gn_cpu_engine_t *engine)
{
    if (engine == NULL)
        return;
    gn_cpu_plan_clear(&engine->plan);
    free(engine->empty);
    free(engine->rows);
    free(engine->dirty);
    free(engine);
}

void gn_cpu_engine_run(gn_cpu_engine_t *engine, const uint8_t *images, size_t n,
                       float (*probabilities)[3])
{
    const struct gn_map *image = &engine->plan.maps[0];
    size_t size = (size_t)image->height * image->row_stride;
    for (size_t i = 0; i < n; i++)
        run_image(engine, images + i * size, probabilities[i]);
}

static const char *backend_name(const void *state)
{
    switch (((const gn_cpu_engine_t *)state)->isa) {
    case GN_ISA_AVX512:
        return "cpu avx512";
    case GN_ISA_AVX2:
        return "cpu avx2";
    default:
        return "cpu portable";
    }
}

static void *backend_create(const gn_model_t *model, int max_batch, gn_error_t *err)
{
    (void)max_batch; /* images go through one at a time */
    return gn_cpu_engine_create(model, gn_isa_best(), true, err);
}

static int backend_run(void *state, const uint8_t *images, size_t n, float (*probabilities)[3],
                       gn_error_t *err)
{
    (void)err;
    gn_cpu_engine_run(state, images, n, probabilities);
    return GN_OK;
}

static void backend_destroy(void *state)
{
    gn_cpu_engine_destroy(state);
}

const struct gn_backend gn_backend_cpu = {backend_name, backend_create, backend_run,
                                          backend_destroy};

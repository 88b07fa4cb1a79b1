/* SPDX-License-Identifier: MIT
 *
 * graph_json.c - model.json's list of layers -> graph, with every shape inferred and checked.
 *
 * Layers name their inputs; an input must be made by an earlier layer, so the list is the order of
 * execution.
 */
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cnn/graph.h"

enum {
    MAX_LAYERS = 4096,
    MAX_INPUTS = 64,
    MAX_SIDE = 8192,  /* rows, columns */
    MAX_KERNEL = 512, /* rows, columns of a kernel */
    MAX_CHANNELS = 65536,
    MAX_ELEMENTS = 1 << 28, /* of one tensor */
    MAX_NAME_LENGTH = 200,
    CLASSES = 3,
};

static const char *const op_names[] = {
    [GN_LAYER_CONV2D] = "conv2d",     [GN_LAYER_MAX_POOL] = "max_pool",
    [GN_LAYER_AVG_POOL] = "avg_pool", [GN_LAYER_CONCAT] = "concat",
    [GN_LAYER_CROP] = "crop",         [GN_LAYER_GLOBAL_AVG_POOL] = "global_avg_pool",
    [GN_LAYER_DENSE] = "dense",       [GN_LAYER_SOFTMAX] = "softmax",
};

/* What the functions that parse one layer need. */
struct parser {
    struct gn_graph *graph;
    const json_t *json; /* the layer */
    const char *what;   /* the file */
    const char *name;   /* the layer's name, "" before it is known */
    gn_error_t *err;
};

GN_PRINTF(2, 3)
static int bad(const struct parser *parser, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return gn_fail(parser->err, GN_E_DATA,
                   "%s: layer '%s': %s: the model is damaged or made for a newer gannet",
                   parser->what, parser->name, text);
}

static int get_int(const struct parser *parser, const char *key, int max, int *out)
{
    const json_t *value = json_object_get(parser->json, key);
    if (!json_is_integer(value) || json_integer_value(value) < 1 || json_integer_value(value) > max)
        return bad(parser, "'%s' must be a number from 1 to %d", key, max);
    *out = (int)json_integer_value(value);
    return GN_OK;
}

static int get_pair(const struct parser *parser, const char *key, int min, int out[2])
{
    const json_t *list = json_object_get(parser->json, key);
    for (size_t i = 0; i < 2; i++) {
        const json_t *value = json_array_get(list, i);
        if (!json_is_integer(value) || json_integer_value(value) < min ||
            json_integer_value(value) > MAX_SIDE)
            return bad(parser, "'%s' must be two numbers from %d to %d", key, min, MAX_SIDE);
        out[i] = (int)json_integer_value(value);
    }
    return GN_OK;
}

static int find_tensor(const struct gn_graph *graph, const char *name)
{
    for (int i = 0; name != NULL && i < graph->n_tensors; i++)
        if (strcmp(graph->tensors[i].name, name) == 0)
            return i;
    return -1;
}

static int parse_inputs(const struct parser *parser, struct gn_layer *layer)
{
    const json_t *list = json_object_get(parser->json, "inputs");
    size_t n = json_array_size(list);
    if (n < 1 || n > MAX_INPUTS || (n != 1 && layer->op != GN_LAYER_CONCAT))
        return bad(parser, "wrong number of inputs: %zu", n);
    layer->inputs = calloc(n, sizeof *layer->inputs);
    if (layer->inputs == NULL)
        return gn_fail_memory(parser->err, "the layers of the model");
    layer->n_inputs = (int)n;
    for (size_t i = 0; i < n; i++) {
        const char *name = json_string_value(json_array_get(list, i));
        layer->inputs[i] = find_tensor(parser->graph, name);
        if (layer->inputs[i] < 0)
            return bad(parser, "input '%s' is not made by an earlier layer",
                       name == NULL ? "?" : name);
    }
    return GN_OK;
}

static int parse_activation(const struct parser *parser, struct gn_layer *layer)
{
    const char *text = json_string_value(json_object_get(parser->json, "activation"));
    if (text == NULL || (strcmp(text, "relu") != 0 && strcmp(text, "none") != 0))
        return bad(parser, "'activation' must be relu or none");
    layer->relu = strcmp(text, "relu") == 0;
    return GN_OK;
}

/* Output rows (or columns) of a window that slides over `size` of them, and the padding before the
 * first. */
static int slide(int size, int kernel, int stride, bool same, int *before)
{
    *before = 0;
    if (!same)
        return size < kernel ? 0 : (size - kernel) / stride + 1;
    int steps = (size + stride - 1) / stride;
    int padding = (steps - 1) * stride + kernel - size;
    *before = padding > 0 ? padding / 2 : 0;
    return steps;
}

static int parse_window(const struct parser *parser, struct gn_layer *layer,
                        const struct gn_tensor *input, struct gn_tensor *output)
{
    int kernel[2], stride[2];
    int rc = get_pair(parser, "kernel", 1, kernel);
    if (rc == GN_OK)
        rc = get_pair(parser, "stride", 1, stride);
    if (rc != GN_OK)
        return rc;
    const char *padding = json_string_value(json_object_get(parser->json, "padding"));
    bool same = padding != NULL && strcmp(padding, "same") == 0;
    if (!same && (padding == NULL || strcmp(padding, "valid") != 0))
        return bad(parser, "'padding' must be same or valid");
    if (kernel[0] > MAX_KERNEL || kernel[1] > MAX_KERNEL)
        return bad(parser, "the kernel is larger than %d", MAX_KERNEL);
    layer->kernel_height = kernel[0];
    layer->kernel_width = kernel[1];
    layer->stride_height = stride[0];
    layer->stride_width = stride[1];
    output->height = slide(input->height, kernel[0], stride[0], same, &layer->pad_top);
    output->width = slide(input->width, kernel[1], stride[1], same, &layer->pad_left);
    return GN_OK;
}

static int parse_conv(const struct parser *parser, struct gn_layer *layer,
                      const struct gn_tensor *input, struct gn_tensor *output)
{
    int rc = parse_window(parser, layer, input, output);
    if (rc == GN_OK)
        rc = get_int(parser, "filters", MAX_CHANNELS, &output->channels);
    return rc == GN_OK ? parse_activation(parser, layer) : rc;
}

static int parse_dense(const struct parser *parser, struct gn_layer *layer,
                       const struct gn_tensor *input, struct gn_tensor *output)
{
    if (input->height != 1 || input->width != 1)
        return bad(parser, "a dense layer needs a 1 x 1 map, not %d x %d", input->height,
                   input->width);
    layer->kernel_height = layer->kernel_width = layer->stride_height = layer->stride_width = 1;
    int rc = get_int(parser, "units", MAX_CHANNELS, &output->channels);
    return rc == GN_OK ? parse_activation(parser, layer) : rc;
}

static int parse_crop(const struct parser *parser, struct gn_layer *layer,
                      const struct gn_tensor *input, struct gn_tensor *output)
{
    int rows[2], columns[2];
    int rc = get_pair(parser, "rows", 0, rows);
    if (rc == GN_OK)
        rc = get_pair(parser, "columns", 0, columns);
    if (rc != GN_OK)
        return rc;
    if (rows[1] > input->height || columns[1] > input->width)
        return bad(parser, "the crop reaches beyond its %d x %d input", input->height,
                   input->width);
    layer->crop_top = rows[0];
    layer->crop_left = columns[0];
    output->height = rows[1] - rows[0];
    output->width = columns[1] - columns[0];
    return GN_OK;
}

static int parse_concat(const struct parser *parser, const struct gn_layer *layer,
                        struct gn_tensor *output)
{
    const struct gn_tensor *tensors = parser->graph->tensors;
    output->channels = 0;
    for (int i = 0; i < layer->n_inputs; i++) {
        const struct gn_tensor *input = &tensors[layer->inputs[i]];
        if (input->height != output->height || input->width != output->width)
            return bad(parser, "inputs of different sizes");
        output->channels += input->channels;
        if (output->channels > MAX_CHANNELS)
            return bad(parser, "more than %d channels", MAX_CHANNELS);
    }
    return GN_OK;
}

/* Fills the layer's geometry and the output's shape, which comes in as the first input's. */
static int parse_shape(const struct parser *parser, struct gn_layer *layer,
                       struct gn_tensor *output)
{
    const struct gn_tensor *input = &parser->graph->tensors[layer->inputs[0]];
    switch (layer->op) {
    case GN_LAYER_CONV2D:
        return parse_conv(parser, layer, input, output);
    case GN_LAYER_MAX_POOL:
    case GN_LAYER_AVG_POOL:
        return parse_window(parser, layer, input, output);
    case GN_LAYER_CONCAT:
        return parse_concat(parser, layer, output);
    case GN_LAYER_CROP:
        return parse_crop(parser, layer, input, output);
    case GN_LAYER_DENSE:
        return parse_dense(parser, layer, input, output);
    case GN_LAYER_GLOBAL_AVG_POOL:
    case GN_LAYER_SOFTMAX:
        output->height = output->width = 1;
        return GN_OK;
    }
    return bad(parser, "unknown operation");
}

static int parse_op(const struct parser *parser, enum gn_layer_op *op)
{
    const char *text = json_string_value(json_object_get(parser->json, "op"));
    for (size_t i = 0; text != NULL && i < sizeof op_names / sizeof op_names[0]; i++)
        if (strcmp(op_names[i], text) == 0) {
            *op = (enum gn_layer_op)i;
            return GN_OK;
        }
    return bad(parser, "unknown operation '%s'", text == NULL ? "" : text);
}

static int parse_layer(struct parser *parser)
{
    struct gn_graph *graph = parser->graph;
    struct gn_layer *layer = &graph->layers[graph->n_layers++];
    const char *name = json_string_value(json_object_get(parser->json, "name"));
    parser->name = name == NULL ? "" : name;
    if (name == NULL || name[0] == '\0' || strlen(name) > MAX_NAME_LENGTH ||
        find_tensor(graph, name) >= 0)
        return bad(parser, "its name is missing, too long or taken");
    int rc = parse_op(parser, &layer->op);
    if (rc == GN_OK)
        rc = parse_inputs(parser, layer);
    if (rc != GN_OK)
        return rc;
    struct gn_tensor output = graph->tensors[layer->inputs[0]];
    rc = parse_shape(parser, layer, &output);
    if (rc != GN_OK)
        return rc;
    if (output.height < 1 || output.width < 1 ||
        (double)output.height * output.width * output.channels > MAX_ELEMENTS)
        return bad(parser, "its output is empty or too large");
    output.name = gn_strdup(name);
    if (output.name == NULL)
        return gn_fail_memory(parser->err, "the layers of the model");
    layer->output = graph->n_tensors;
    graph->tensors[graph->n_tensors++] = output;
    return GN_OK;
}

static int check_end(const struct parser *parser)
{
    const struct gn_graph *graph = parser->graph;
    const struct gn_layer *last = &graph->layers[graph->n_layers - 1];
    const struct gn_tensor *input = &graph->tensors[last->inputs[0]];
    if (last->op != GN_LAYER_SOFTMAX || input->channels != CLASSES || input->height != 1 ||
        input->width != 1)
        return bad(parser, "the last layer must be a softmax over %d numbers", CLASSES);
    for (int i = 0; i + 1 < graph->n_layers; i++)
        if (graph->layers[i].op == GN_LAYER_SOFTMAX)
            return bad(parser, "a softmax before the end");
    return GN_OK;
}

int gn_graph_from_json(struct gn_graph *graph, const int image_shape[3], const json_t *layers,
                       const char *what, gn_error_t *err)
{
    size_t n = json_array_size(layers);
    if (n < 1 || n > MAX_LAYERS)
        return gn_fail(err, GN_E_DATA, "%s: 'layers' must list 1 to %d layers", what, MAX_LAYERS);
    graph->layers = calloc(n, sizeof *graph->layers);
    graph->tensors = calloc(n + 1, sizeof *graph->tensors);
    char *image = gn_strdup("image");
    if (graph->layers == NULL || graph->tensors == NULL || image == NULL) {
        free(image);
        return gn_fail_memory(err, "the layers of the model");
    }
    graph->tensors[0] = (struct gn_tensor){image, image_shape[0], image_shape[1], image_shape[2]};
    graph->n_tensors = 1;
    struct parser parser = {.graph = graph, .what = what, .name = "", .err = err};
    for (size_t i = 0; i < n; i++) {
        parser.json = json_array_get(layers, i);
        int rc = parse_layer(&parser);
        if (rc != GN_OK)
            return rc;
    }
    return check_end(&parser);
}

void gn_graph_clear(struct gn_graph *graph)
{
    for (int i = 0; i < graph->n_layers; i++) {
        free(graph->layers[i].inputs);
        free(graph->layers[i].weights);
        free(graph->layers[i].bias);
    }
    for (int i = 0; i < graph->n_tensors; i++)
        free(graph->tensors[i].name);
    free(graph->layers);
    free(graph->tensors);
    *graph = (struct gn_graph){0};
}

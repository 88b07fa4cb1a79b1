/* SPDX-License-Identifier: MIT
 *
 * onnx_network.c - names in a hash table, layers in a list; at the end, JSON and weights.
 */
#include "cnn/onnx_network.h"

#include <stdio.h>
#include <string.h>

static const char *const op_names[] = {
    [GN_ONNX_CONV] = "conv2d",
    [GN_ONNX_MAX_POOL] = "max_pool",
    [GN_ONNX_AVG_POOL] = "avg_pool",
    [GN_ONNX_CONCAT] = "concat",
    [GN_ONNX_GLOBAL_POOL] = "global_avg_pool",
    [GN_ONNX_DENSE] = "dense",
    [GN_ONNX_SOFTMAX] = "softmax",
};

static int no_memory(gn_error_t *err)
{
    return gn_fail_memory(err, "an ONNX network");
}

static size_t slot_of(const struct gn_onnx_network *net, const char *name)
{
    uint64_t hash = 1469598103934665603U; /* FNV-1a */
    for (const char *c = name; *c != '\0'; c++)
        hash = (hash ^ (uint8_t)*c) * 1099511628211U;
    size_t slot = (size_t)(hash ^ hash >> 32) & (net->n_slots - 1);
    while (net->slots[slot] != NULL && strcmp(net->slots[slot]->name, name) != 0)
        slot = (slot + 1) & (net->n_slots - 1);
    return slot;
}

struct gn_onnx_value *gn_onnx_find_value(const struct gn_onnx_network *net, const char *name)
{
    return net->slots[slot_of(net, name)];
}

static struct gn_onnx_value *intern(struct gn_onnx_network *net, const char *name)
{
    size_t slot = slot_of(net, name);
    if (net->slots[slot] == NULL) {
        struct gn_onnx_value *value = gn_arena_zalloc(net->file->arena, 1, sizeof *value);
        if (value == NULL)
            return NULL;
        value->name = name;
        value->scale = 1;
        net->slots[slot] = value;
    }
    return net->slots[slot];
}

static int make_table(struct gn_onnx_network *net, gn_error_t *err)
{
    const Onnx__Graph *graph = net->file->graph;
    size_t names = graph->n_initializer + graph->n_input + graph->n_output + 1;
    for (size_t i = 0; i < graph->n_node; i++)
        names += graph->node[i]->n_input + graph->node[i]->n_output;
    net->n_slots = 16;
    while (net->n_slots < 2 * names)
        net->n_slots *= 2;
    net->slots = gn_arena_zalloc(net->file->arena, net->n_slots, sizeof(struct gn_onnx_value *));
    return net->slots == NULL ? no_memory(err) : GN_OK;
}

static int intern_names(struct gn_onnx_network *net, gn_error_t *err)
{
    const Onnx__Graph *graph = net->file->graph;
    for (size_t i = 0; i < graph->n_initializer; i++) {
        struct gn_onnx_value *value = intern(net, graph->initializer[i]->name);
        if (value == NULL)
            return no_memory(err);
        value->constant = graph->initializer[i];
        value->is_defined = true;
    }
    for (size_t i = 0; i < graph->n_node; i++) {
        const Onnx__Node *node = graph->node[i];
        for (size_t k = 0; k < node->n_input + node->n_output; k++) {
            bool is_input = k < node->n_input;
            struct gn_onnx_value *value =
                intern(net, is_input ? node->input[k] : node->output[k - node->n_input]);
            if (value == NULL)
                return no_memory(err);
            value->uses += is_input;
        }
    }
    return GN_OK;
}

/* The one input of the graph that is no constant. */
static int find_input(struct gn_onnx_network *net, const Onnx__ValueInfo **input, gn_error_t *err)
{
    const Onnx__Graph *graph = net->file->graph;
    int n = 0;
    for (size_t i = 0; i < graph->n_input; i++) {
        struct gn_onnx_value *value = intern(net, graph->input[i]->name);
        if (value == NULL)
            return no_memory(err);
        if (value->constant != NULL)
            continue;
        *input = graph->input[i];
        net->image = value;
        n++;
    }
    if (n != 1)
        return gn_fail(err, GN_E_DATA, "'%s' has %d inputs: a caller's network has one, the images",
                       net->file->path, n);
    return GN_OK;
}

/* Sizes of the input in the graph's order; the first may be open. */
static int read_sizes(const struct gn_onnx_network *net, const Onnx__ValueInfo *input, int sizes[4],
                      gn_error_t *err)
{
    enum { MAX_SIDE = 4096 };
    const Onnx__TensorType *type = input->type == NULL ? NULL : input->type->tensor_type;
    const Onnx__Shape *shape = type == NULL ? NULL : type->shape;
    if (shape == NULL || shape->n_dim != 4)
        return gn_fail(err, GN_E_DATA,
                       "'%s': input '%.100s' has %zu axes: images come as [number, rows, columns, "
                       "channels] or [number, channels, rows, columns]",
                       net->file->path, input->name, shape == NULL ? 0 : shape->n_dim);
    for (int i = 1; i < 4; i++) {
        const Onnx__Dimension *size = shape->dim[i];
        if (size->dim_value < 1)
            return gn_fail(err, GN_E_DATA,
                           "'%s': axis %d of input '%.100s' is dynamic ('%.40s'): export the "
                           "network with all sizes fixed but that of the batch",
                           net->file->path, i, input->name, size->dim_param);
        if (size->dim_value > MAX_SIDE)
            return gn_fail(err, GN_E_DATA, "'%s': axis %d of input '%.100s' is longer than %d",
                           net->file->path, i, input->name, MAX_SIDE);
        sizes[i] = (int)size->dim_value;
    }
    enum { UINT8 = 2 };
    net->image->is_byte = type->elem_type == UINT8;
    return GN_OK;
}

/* Follows the image to the first convolution or pool, whose axes are [batch, channel, row, column]:
   axes[i] is what the input's axis i is. */
static void find_axes(const struct gn_onnx_network *net, enum gn_onnx_axis axes[4])
{
    static const enum gn_onnx_axis seen[] = {GN_ONNX_BATCH, GN_ONNX_CHANNEL, GN_ONNX_ROW,
                                             GN_ONNX_COLUMN};
    int order[4] = {0, 1, 2, 3}; /* the value's axis i is the input's axis order[i] */
    const char *name = net->image->name;
    const Onnx__Graph *graph = net->file->graph;
    for (size_t i = 0; i < graph->n_node; i++) {
        const Onnx__Node *node = graph->node[i];
        if (node->n_input == 0 || node->n_output == 0 || strcmp(node->input[0], name) != 0)
            continue;
        if (strcmp(node->op_type, "Conv") == 0 || strstr(node->op_type, "Pool") != NULL)
            break;
        const Onnx__Attribute *perm = gn_onnx_attribute(node, "perm");
        if (strcmp(node->op_type, "Transpose") == 0 && perm != NULL && perm->n_ints == 4) {
            int old[4];
            memcpy(old, order, sizeof old);
            for (int k = 0; k < 4; k++)
                order[k] = old[perm->ints[k] & 3];
        }
        name = node->output[0];
    }
    for (int k = 0; k < 4; k++)
        axes[order[k]] = seen[k];
}

static void define_image(struct gn_onnx_network *net, const int sizes[4])
{
    struct gn_onnx_value *image = net->image;
    image->is_defined = true;
    image->layer = GN_ONNX_IMAGE;
    image->rank = 4;
    find_axes(net, image->axes);
    for (int i = 1; i < 4; i++)
        switch (image->axes[i]) {
        case GN_ONNX_ROW:
            image->height = sizes[i];
            break;
        case GN_ONNX_COLUMN:
            image->width = sizes[i];
            break;
        default:
            image->channels = sizes[i];
        }
}

int gn_onnx_network_start(struct gn_onnx_network *net, const struct gn_onnx_file *file,
                          gn_error_t *err)
{
    net->file = file;
    const Onnx__Graph *graph = file->graph;
    const Onnx__ValueInfo *input = NULL;
    int sizes[4];
    int rc = make_table(net, err);
    if (rc == GN_OK)
        rc = intern_names(net, err);
    if (rc == GN_OK)
        rc = find_input(net, &input, err);
    if (rc == GN_OK)
        rc = read_sizes(net, input, sizes, err);
    if (rc != GN_OK)
        return rc;
    if (graph->n_output != 1)
        return gn_fail(err, GN_E_DATA,
                       "'%s' has %zu outputs: a caller's network has one, the probabilities",
                       file->path, graph->n_output);
    struct gn_onnx_value *output = intern(net, graph->output[0]->name);
    net->layers = gn_arena_zalloc(file->arena, graph->n_node, sizeof *net->layers);
    if (net->layers == NULL || output == NULL)
        return no_memory(err);
    net->output = output->name;
    output->uses++;
    define_image(net, sizes);
    return GN_OK;
}

struct gn_onnx_layer *gn_onnx_add_layer(struct gn_onnx_network *net, enum gn_onnx_op op,
                                        int n_inputs, int n_scaled, gn_error_t *err)
{
    struct gn_onnx_layer *layer = &net->layers[net->n_layers];
    gn_arena_t *arena = net->file->arena;
    layer->op = op;
    layer->n_inputs = n_inputs;
    layer->inputs = gn_arena_zalloc(arena, (size_t)n_inputs, sizeof *layer->inputs);
    if (n_scaled > 0) {
        layer->scale = gn_arena_zalloc(arena, (size_t)n_scaled, sizeof *layer->scale);
        layer->offset = gn_arena_zalloc(arena, (size_t)n_scaled, sizeof *layer->offset);
    }
    if (layer->inputs == NULL ||
        (n_scaled > 0 && (layer->scale == NULL || layer->offset == NULL))) {
        no_memory(err);
        return NULL;
    }
    for (int i = 0; i < n_scaled; i++)
        layer->scale[i] = 1;
    int number = 0;
    for (int i = 0; i < net->n_layers; i++)
        number += net->layers[i].op == op;
    snprintf(layer->name, sizeof layer->name, "%s_%d", op_names[op], number);
    net->n_layers++;
    return layer;
}

static json_t *layer_json(const struct gn_onnx_network *net, const struct gn_onnx_layer *layer)
{
    json_t *inputs = json_array();
    for (int i = 0; i < layer->n_inputs; i++)
        json_array_append_new(inputs, json_string(layer->inputs[i] == GN_ONNX_IMAGE
                                                      ? "image"
                                                      : net->layers[layer->inputs[i]].name));
    json_t *json = json_pack("{s:s, s:s, s:o}", "name", layer->name, "op", op_names[layer->op],
                             "inputs", inputs);
    if (layer->op == GN_ONNX_CONV)
        json_object_set_new(json, "filters", json_integer(layer->channels));
    if (layer->op == GN_ONNX_DENSE)
        json_object_set_new(json, "units", json_integer(layer->channels));
    if (layer->kernel[0] > 0) {
        json_object_set_new(json, "kernel",
                            json_pack("[i, i]", layer->kernel[0], layer->kernel[1]));
        json_object_set_new(json, "stride",
                            json_pack("[i, i]", layer->stride[0], layer->stride[1]));
        json_object_set_new(json, "padding", json_string(layer->same ? "same" : "valid"));
    }
    if (layer->scale != NULL)
        json_object_set_new(json, "activation", json_string(layer->relu ? "relu" : "none"));
    return json;
}

json_t *gn_onnx_layers_json(const struct gn_onnx_network *net)
{
    json_t *layers = json_array();
    for (int i = 0; i < net->n_layers; i++)
        if (json_array_append_new(layers, layer_json(net, &net->layers[i])) != 0) {
            json_decref(layers);
            return NULL;
        }
    return layers;
}

/* [out][in][rows][columns], or a dense layer's matrix -> [rows][columns][in][out]. */
static void order_weights(const struct gn_onnx_layer *layer, float *out)
{
    size_t n_in = (size_t)layer->in_channels, n_out = (size_t)layer->channels;
    bool is_conv = layer->op == GN_ONNX_CONV;
    size_t cells = is_conv ? (size_t)layer->kernel[0] * (size_t)layer->kernel[1] : 1;
    bool out_first = is_conv || layer->is_transposed;
    for (size_t cell = 0; cell < cells; cell++)
        for (size_t i = 0; i < n_in; i++)
            for (size_t o = 0; o < n_out; o++) {
                size_t from = out_first ? (o * n_in + i) * cells + cell : i * n_out + o;
                *out++ = (float)(gn_onnx_value_at(&layer->weights, from) * layer->scale[o]);
            }
}

static int layer_weights(const struct gn_onnx_network *net, const struct gn_onnx_layer *layer,
                         struct gn_weights_entry entries[2], gn_error_t *err)
{
    gn_arena_t *arena = net->file->arena;
    size_t n_out = (size_t)layer->channels;
    float *weights = gn_arena_zalloc(arena, layer->weights.n, sizeof *weights);
    float *bias = gn_arena_zalloc(arena, n_out, sizeof *bias);
    char *names[2] = {gn_arena_zalloc(arena, 2, 48), NULL};
    if (weights == NULL || bias == NULL || names[0] == NULL)
        return no_memory(err);
    names[1] = names[0] + 48;
    snprintf(names[0], 48, "%s.weight", layer->name);
    snprintf(names[1], 48, "%s.bias", layer->name);
    order_weights(layer, weights);
    for (size_t o = 0; o < n_out; o++)
        bias[o] = (float)layer->offset[o];
    entries[0] = (struct gn_weights_entry){.name = names[0], .rank = 2, .values = weights};
    size_t *shape = entries[0].shape;
    if (layer->op == GN_ONNX_CONV) {
        entries[0].rank = 4;
        *shape++ = (size_t)layer->kernel[0];
        *shape++ = (size_t)layer->kernel[1];
    }
    shape[0] = (size_t)layer->in_channels;
    shape[1] = n_out;
    entries[1] = (struct gn_weights_entry){names[1], 1, {n_out}, bias};
    return GN_OK;
}

struct gn_weights_entry *gn_onnx_weights(const struct gn_onnx_network *net, size_t *n,
                                         gn_error_t *err)
{
    struct gn_weights_entry *entries =
        gn_arena_zalloc(net->file->arena, 2 * (size_t)net->n_layers + 1, sizeof *entries);
    if (entries == NULL) {
        no_memory(err);
        return NULL;
    }
    *n = 0;
    for (int i = 0; i < net->n_layers; i++) {
        if (net->layers[i].scale == NULL)
            continue;
        if (layer_weights(net, &net->layers[i], entries + *n, err) != GN_OK)
            return NULL;
        *n += 2;
    }
    return entries;
}

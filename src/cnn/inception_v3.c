/* SPDX-License-Identifier: MIT
 *
 * inception_v3.c - the blocks of Inception v3 (Szegedy et al., "Rethinking the Inception
 * Architecture for Computer Vision", 2015) as Keras builds them.
 */
#include "cnn/inception_v3.h"

#include <stdio.h>
#include <string.h>

enum { IMAGE = -1 };

/* Filters in order of creation. */
static const short WIDTHS[GN_INCEPTION_CONVS] = {
    /* stem */ 32,     32,  64,  80,  192,
    /* mixed0 */ 64,   48,  64,  64,  96,  96,  32,
    /* mixed1 */ 64,   48,  64,  64,  96,  96,  64,
    /* mixed2 */ 64,   48,  64,  64,  96,  96,  64,
    /* mixed3 */ 384,  64,  96,  96,
    /* mixed4 */ 192,  128, 128, 192, 128, 128, 128, 128, 192, 192,
    /* mixed5 */ 192,  160, 160, 192, 160, 160, 160, 160, 192, 192,
    /* mixed6 */ 192,  160, 160, 192, 160, 160, 160, 160, 192, 192,
    /* mixed7 */ 192,  192, 192, 192, 192, 192, 192, 192, 192, 192,
    /* mixed8 */ 192,  320, 192, 192, 192, 192,
    /* mixed9 */ 320,  384, 384, 384, 448, 384, 384, 384, 192,
    /* mixed10 */ 320, 384, 384, 384, 448, 384, 384, 384, 192};

/* A network that grows. */
struct builder {
    struct gn_inception *net;
    const int *widths;
    int n_convs, n_max_pools, n_avg_pools, n_blocks;
};

struct window {
    int rows, columns, stride;
    bool same;
};

void gn_inception_widths(int divisor, int widths[GN_INCEPTION_CONVS])
{
    for (int i = 0; i < GN_INCEPTION_CONVS; i++)
        widths[i] = WIDTHS[i] / divisor;
}

static int slide(int size, int kernel, int stride, bool same)
{
    return same ? (size + stride - 1) / stride : (size - kernel) / stride + 1;
}

/* Adds a layer with one input, of which it keeps the number of channels. */
static int add(struct builder *b, enum gn_inception_op op, int input, struct window window)
{
    struct gn_inception *net = b->net;
    const struct gn_inception_layer *from = input == IMAGE ? NULL : &net->layers[input];
    int height = from == NULL ? net->shape[0] : from->height;
    int width = from == NULL ? net->shape[1] : from->width;
    net->layers[net->n_layers] = (struct gn_inception_layer){
        .op = op,
        .inputs = {input},
        .n_inputs = 1,
        .kernel_rows = window.rows,
        .kernel_columns = window.columns,
        .stride = window.stride,
        .same = window.same,
        .conv = -1,
        .height = slide(height, window.rows, window.stride, window.same),
        .width = slide(width, window.columns, window.stride, window.same),
        .channels = from == NULL ? net->shape[2] : from->channels,
    };
    return net->n_layers++;
}

static void name_layer(struct builder *b, int layer, const char *kind, int number)
{
    char *name = b->net->layers[layer].name;
    snprintf(name, sizeof b->net->layers[layer].name, "%s_%d", kind, number);
}

static int conv(struct builder *b, int input, struct window window)
{
    int layer = add(b, GN_INCEPTION_CONV, input, window);
    b->net->layers[layer].conv = b->n_convs;
    b->net->layers[layer].channels = b->widths[b->n_convs];
    b->net->convs[b->n_convs] = layer;
    name_layer(b, layer, "conv2d", b->n_convs++);
    return layer;
}

static int same_conv(struct builder *b, int input, int rows, int columns)
{
    return conv(b, input, (struct window){rows, columns, 1, true});
}

/* 3 x 3 with stride 2: halves the map. */
static int halving_conv(struct builder *b, int input)
{
    return conv(b, input, (struct window){3, 3, 2, false});
}

static int max_pool(struct builder *b, int input)
{
    int layer = add(b, GN_INCEPTION_MAX_POOL, input, (struct window){3, 3, 2, false});
    name_layer(b, layer, "max_pooling2d", b->n_max_pools++);
    return layer;
}

/* The branch that each block but the halving ones ends with. */
static int pooled_conv(struct builder *b, int input)
{
    int layer = add(b, GN_INCEPTION_AVG_POOL, input, (struct window){3, 3, 1, true});
    name_layer(b, layer, "average_pooling2d", b->n_avg_pools++);
    return same_conv(b, layer, 1, 1);
}

/* Joins branches, or the two halves of a fork inside a block. */
static int concat(struct builder *b, const char *suffix, const int *inputs, int n)
{
    int layer = add(b, GN_INCEPTION_CONCAT, inputs[0], (struct window){1, 1, 1, true});
    struct gn_inception_layer *made = &b->net->layers[layer];
    made->n_inputs = n;
    for (int i = 1; i < n; i++) {
        made->inputs[i] = inputs[i];
        made->channels += b->net->layers[inputs[i]].channels;
    }
    snprintf(made->name, sizeof made->name, "mixed%d%s", b->n_blocks, suffix);
    b->n_blocks += suffix[0] == '\0';
    return layer;
}

static int stem(struct builder *b)
{
    const struct window valid_point = {1, 1, 1, false}, valid_square = {3, 3, 1, false};
    int x = halving_conv(b, IMAGE);
    x = conv(b, x, valid_square);
    x = same_conv(b, x, 3, 3);
    x = max_pool(b, x);
    x = conv(b, x, valid_point);
    x = conv(b, x, valid_square);
    return max_pool(b, x);
}

/* mixed0, 1, 2 */
static int square_block(struct builder *b, int x)
{
    int point = same_conv(b, x, 1, 1);
    int five = same_conv(b, same_conv(b, x, 1, 1), 5, 5);
    int twice = same_conv(b, same_conv(b, same_conv(b, x, 1, 1), 3, 3), 3, 3);
    int pooled = pooled_conv(b, x);
    return concat(b, "", (int[]){point, five, twice, pooled}, 4);
}

/* mixed3 */
static int first_halving_block(struct builder *b, int x)
{
    int once = halving_conv(b, x);
    int twice = halving_conv(b, same_conv(b, same_conv(b, x, 1, 1), 3, 3));
    return concat(b, "", (int[]){once, twice, max_pool(b, x)}, 3);
}

/* mixed4 to 7 */
static int factorised_block(struct builder *b, int x)
{
    int point = same_conv(b, x, 1, 1);
    int once = same_conv(b, same_conv(b, same_conv(b, x, 1, 1), 1, 7), 7, 1);
    int twice = same_conv(b, same_conv(b, same_conv(b, x, 1, 1), 7, 1), 1, 7);
    twice = same_conv(b, same_conv(b, twice, 7, 1), 1, 7);
    int pooled = pooled_conv(b, x);
    return concat(b, "", (int[]){point, once, twice, pooled}, 4);
}

/* mixed8 */
static int second_halving_block(struct builder *b, int x)
{
    int once = halving_conv(b, same_conv(b, x, 1, 1));
    int twice = same_conv(b, same_conv(b, same_conv(b, x, 1, 1), 1, 7), 7, 1);
    twice = halving_conv(b, twice);
    return concat(b, "", (int[]){once, twice, max_pool(b, x)}, 3);
}

static int fork(struct builder *b, const char *suffix, int x)
{
    int row = same_conv(b, x, 1, 3);
    int column = same_conv(b, x, 3, 1);
    return concat(b, suffix, (int[]){row, column}, 2);
}

/* mixed9, 10 */
static int forked_block(struct builder *b, int x)
{
    int point = same_conv(b, x, 1, 1);
    int once = fork(b, "_0", same_conv(b, x, 1, 1));
    int twice = fork(b, "_1", same_conv(b, same_conv(b, x, 1, 1), 3, 3));
    int pooled = pooled_conv(b, x);
    return concat(b, "", (int[]){point, once, twice, pooled}, 4);
}

static void head(struct builder *b, int x)
{
    static const struct {
        enum gn_inception_op op;
        const char *name;
    } last[] = {{GN_INCEPTION_GLOBAL_POOL, "global_average_pooling2d"},
                {GN_INCEPTION_DENSE, "classification"},
                {GN_INCEPTION_SOFTMAX, "softmax"}};
    for (size_t i = 0; i < sizeof last / sizeof *last; i++) {
        x = add(b, last[i].op, x, (struct window){1, 1, 1, true});
        struct gn_inception_layer *layer = &b->net->layers[x];
        layer->height = layer->width = 1;
        if (i > 0)
            layer->channels = GN_INCEPTION_CLASSES;
        snprintf(layer->name, sizeof layer->name, "%s", last[i].name);
    }
}

int gn_inception_build(struct gn_inception *net, const int shape[3],
                       const int widths[GN_INCEPTION_CONVS], gn_error_t *err)
{
    if (shape[0] < GN_INCEPTION_MIN_SIDE || shape[1] < GN_INCEPTION_MIN_SIDE)
        return gn_fail(err, GN_E_USAGE,
                       "Inception v3 needs images of at least %d x %d, not %d x %d",
                       GN_INCEPTION_MIN_SIDE, GN_INCEPTION_MIN_SIDE, shape[0], shape[1]);
    *net = (struct gn_inception){.shape = {shape[0], shape[1], shape[2]}};
    struct builder b = {.net = net, .widths = widths};
    int x = stem(&b);
    for (int i = 0; i < 3; i++)
        x = square_block(&b, x);
    x = first_halving_block(&b, x);
    for (int i = 0; i < 4; i++)
        x = factorised_block(&b, x);
    x = second_halving_block(&b, x);
    for (int i = 0; i < 2; i++)
        x = forked_block(&b, x);
    head(&b, x);
    return GN_OK;
}

int gn_inception_input_channels(const struct gn_inception *net, int layer)
{
    int input = net->layers[layer].inputs[0];
    return input == IMAGE ? net->shape[2] : net->layers[input].channels;
}

/* Keras sees three layers in one of our convolutions: the convolution, its batch normalisation and
   the activation. */
static int keras_layers(const struct gn_inception_layer *layer)
{
    return layer->op == GN_INCEPTION_CONV ? 3 : layer->op == GN_INCEPTION_SOFTMAX ? 0 : 1;
}

/* Numbers the layers in the order in which the walk from the output to the inputs meets them. */
static void walk(const struct gn_inception *net, int order[GN_INCEPTION_LAYERS])
{
    int stack[GN_INCEPTION_LAYERS * 4], top = 0, n = 0;
    for (int i = 0; i < net->n_layers; i++)
        order[i] = -1;
    stack[top++] = net->n_layers - 1;
    while (top > 0) {
        int layer = stack[--top];
        if (layer == IMAGE || order[layer] >= 0)
            continue;
        order[layer] = n;
        n += 3;
        for (int i = net->layers[layer].n_inputs - 1; i >= 0; i--)
            stack[top++] = net->layers[layer].inputs[i];
    }
}

/* Distance of each layer's first Keras layer to the output, by the longest way. */
static void measure_depths(const struct gn_inception *net, int depths[GN_INCEPTION_LAYERS])
{
    int below[GN_INCEPTION_LAYERS] = {0}; /* of the layer's last Keras layer */
    for (int i = net->n_layers - 1; i >= 0; i--) {
        const struct gn_inception_layer *layer = &net->layers[i];
        depths[i] = below[i] + keras_layers(layer) - 1;
        for (int k = 0; k < layer->n_inputs; k++)
            if (layer->inputs[k] != IMAGE && below[layer->inputs[k]] < depths[i] + 1)
                below[layer->inputs[k]] = depths[i] + 1;
    }
}

/* Whether layer a (with the given depth and place in the walk) comes before layer b. */
static bool comes_before(int depth_a, int order_a, int depth_b, int order_b)
{
    return depth_a > depth_b || (depth_a == depth_b && order_a < order_b);
}

void gn_inception_places(const struct gn_inception *net, int conv_places[GN_INCEPTION_CONVS],
                         int norm_places[GN_INCEPTION_CONVS])
{
    int order[GN_INCEPTION_LAYERS], depths[GN_INCEPTION_LAYERS];
    int depth[2 * GN_INCEPTION_CONVS], met[2 * GN_INCEPTION_CONVS];
    walk(net, order);
    measure_depths(net, depths);
    for (int i = 0; i < GN_INCEPTION_CONVS; i++) {
        int layer = net->convs[i];
        depth[2 * i] = depths[layer];
        depth[2 * i + 1] = depths[layer] - 1;
        met[2 * i] = order[layer] + 2; /* the walk meets activation, normalisation, convolution */
        met[2 * i + 1] = order[layer] + 1;
    }
    for (int i = 0; i < 2 * GN_INCEPTION_CONVS; i++) {
        int place = 0;
        for (int k = 0; k < 2 * GN_INCEPTION_CONVS; k++)
            place += comes_before(depth[k], met[k], depth[i], met[i]);
        (i % 2 == 0 ? conv_places : norm_places)[i / 2] = place;
    }
}

static json_t *layer_json(const struct gn_inception *net, const struct gn_inception_layer *layer)
{
    static const char *const ops[] = {
        [GN_INCEPTION_CONV] = "conv2d",       [GN_INCEPTION_MAX_POOL] = "max_pool",
        [GN_INCEPTION_AVG_POOL] = "avg_pool", [GN_INCEPTION_CONCAT] = "concat",
        [GN_INCEPTION_DENSE] = "dense",       [GN_INCEPTION_GLOBAL_POOL] = "global_avg_pool",
        [GN_INCEPTION_SOFTMAX] = "softmax",
    };
    json_t *inputs = json_array();
    for (int i = 0; i < layer->n_inputs; i++)
        json_array_append_new(
            inputs,
            json_string(layer->inputs[i] == IMAGE ? "image" : net->layers[layer->inputs[i]].name));
    json_t *json =
        json_pack("{s:s, s:s, s:o}", "name", layer->name, "op", ops[layer->op], "inputs", inputs);
    if (layer->op == GN_INCEPTION_CONV)
        json_object_set_new(json, "filters", json_integer(layer->channels));
    if (layer->op <= GN_INCEPTION_AVG_POOL) {
        json_object_set_new(json, "kernel",
                            json_pack("[i, i]", layer->kernel_rows, layer->kernel_columns));
        json_object_set_new(json, "stride", json_pack("[i, i]", layer->stride, layer->stride));
        json_object_set_new(json, "padding", json_string(layer->same ? "same" : "valid"));
    }
    if (layer->op == GN_INCEPTION_CONV)
        json_object_set_new(json, "activation", json_string("relu"));
    if (layer->op == GN_INCEPTION_DENSE) {
        json_object_set_new(json, "units", json_integer(layer->channels));
        json_object_set_new(json, "activation", json_string("none"));
    }
    return json;
}

json_t *gn_inception_json(const struct gn_inception *net)
{
    json_t *layers = json_array();
    for (int i = 0; layers != NULL && i < net->n_layers; i++)
        if (json_array_append_new(layers, layer_json(net, &net->layers[i])) != 0) {
            json_decref(layers);
            return NULL;
        }
    return layers;
}

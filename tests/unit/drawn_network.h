/* SPDX-License-Identifier: MIT
 *
 * drawn_network.h - random networks whose layers read any earlier one: crops of crops, concatenations of concatenations,
 * maps that are joined twice, layers that nothing reads.
 */
#ifndef GN_TESTS_DRAWN_NETWORK_H
#define GN_TESTS_DRAWN_NETWORK_H

#include <stdbool.h>

#include "model_folder.h"

enum { DRAWN_MOST = 40, DRAWN_LAYERS = 11, DRAWN_LEAVES = 8 };

struct drawn_map {
    char name[24];
    int height, width, channels;
    bool is_read;
};

/* `unit`: all parts of a concatenation but its last have a multiple of so many channels. */
struct drawn_network {
    struct test_model folder;
    uint64_t seed;
    int unit;
    struct drawn_map maps[DRAWN_MOST];
    int n;
    json_t *layers;
};

static inline int drawn_below(struct drawn_network *net, int n)
{
    return (int)(test_random(&net->seed) % (uint32_t)n);
}

/* Adds a layer (a json_pack'ed object, taken over) that reads the given maps and gives a map of this shape. */
static inline void drawn_add(struct drawn_network *net, const char *op, const int *inputs, int n,
                             json_t *layer, struct drawn_map shape)
{
    json_t *names = json_array();
    snprintf(shape.name, sizeof shape.name, "%s%d", op, net->n);
    for (int i = 0; i < n; i++) {
        json_array_append_new(names, json_string(net->maps[inputs[i]].name));
        net->maps[inputs[i]].is_read = true;
    }
    json_object_set_new(layer, "name", json_string(shape.name));
    json_object_set_new(layer, "op", json_string(op));
    json_object_set_new(layer, "inputs", names);
    json_array_append_new(net->layers, layer);
    shape.is_read = false;
    net->maps[net->n++] = shape;
}

static inline void drawn_add_weights(struct drawn_network *net, const int kernel[2], int inputs)
{
    const struct drawn_map made = net->maps[net->n - 1];
    size_t outputs = (size_t)made.channels;
    size_t shape[4] = {(size_t)kernel[0], (size_t)kernel[1], (size_t)inputs, outputs};
    bool dense = kernel[0] == 0;
    test_add_tensor(&net->folder, made.name, "weight", dense ? shape + 2 : shape, dense ? 2 : 4,
                    &net->seed);
    test_add_tensor(&net->folder, made.name, "bias", &outputs, 1, &net->seed);
}

static inline int drawn_outputs(int size, int kernel, int stride, bool same)
{
    return same ? (size + stride - 1) / stride : (size - kernel) / stride + 1;
}

static inline void drawn_window(struct drawn_network *net, int input, const char *op)
{
    static const int kernels[][2] = {{1, 1}, {3, 3}, {1, 5}, {5, 1}, {3, 1},
                                     {2, 2}, {4, 3}, {3, 3}, {1, 1}, {7, 2}};
    const struct drawn_map *from = &net->maps[input];
    const int *chosen = kernels[drawn_below(net, 10)];
    bool conv = strcmp(op, "conv2d") == 0, same = drawn_below(net, 2) == 0;
    int kernel[2], stride[2];
    for (int axis = 0; axis < 2; axis++) {
        int size = axis == 0 ? from->height : from->width;
        kernel[axis] = !same && chosen[axis] > size ? size : chosen[axis];
        stride[axis] = size > 3 ? 1 + (drawn_below(net, 3) == 0) : 1;
    }
    /* mostly what can be joined on a device */
    int filters =
        drawn_below(net, 4) == 0 ? 1 + drawn_below(net, 20) : net->unit * (1 + drawn_below(net, 3));
    struct drawn_map shape = {.height = drawn_outputs(from->height, kernel[0], stride[0], same),
                              .width = drawn_outputs(from->width, kernel[1], stride[1], same),
                              .channels = conv ? filters : from->channels};
    int inputs = from->channels;
    json_t *layer = json_pack("{s:[i, i], s:[i, i], s:s}", "kernel", kernel[0], kernel[1], "stride",
                              stride[0], stride[1], "padding", same ? "same" : "valid");
    if (conv) {
        json_object_set_new(layer, "filters", json_integer(filters));
        json_object_set_new(layer, "activation",
                            json_string(drawn_below(net, 4) == 0 ? "none" : "relu"));
    }
    drawn_add(net, op, &input, 1, layer, shape);
    if (conv)
        drawn_add_weights(net, kernel, inputs);
}

static inline void drawn_crop(struct drawn_network *net, int input)
{
    struct drawn_map shape = net->maps[input];
    int top = drawn_below(net, (shape.height + 2) / 3);
    int left = drawn_below(net, (shape.width + 2) / 3);
    int bottom = shape.height - drawn_below(net, (shape.height - top + 1) / 2);
    int right = shape.width - drawn_below(net, (shape.width - left + 1) / 2);
    shape.height = bottom - top;
    shape.width = right - left;
    drawn_add(net, "crop", &input, 1,
              json_pack("{s:[i, i], s:[i, i]}", "rows", top, bottom, "columns", left, right),
              shape);
}

/* Joins `input` with up to two maps of its size (itself perhaps); does nothing when the device could not. */
static inline void drawn_concat(struct drawn_network *net, int input)
{
    int parts[3] = {input}, n = 1;
    struct drawn_map shape = net->maps[input];
    for (int m = net->n - 1; m >= 0 && n < 3; m--)
        if (net->maps[m].height == shape.height && net->maps[m].width == shape.width &&
            net->maps[m].channels + shape.channels < 100 && drawn_below(net, 3) > 0) {
            parts[n++] = m;
            shape.channels += net->maps[m].channels;
        }
    for (int i = 0; i + 1 < n; i++)
        if (net->maps[parts[i]].channels % net->unit != 0)
            return;
    drawn_add(net, "concat", parts, n, json_object(), shape);
}

static inline void drawn_dense(struct drawn_network *net, int units, const char *activation)
{
    int input = net->n - 1, inputs = net->maps[input].channels;
    drawn_add(net, "dense", &input, 1,
              json_pack("{s:i, s:s}", "units", units, "activation", activation),
              (struct drawn_map){.height = 1, .width = 1, .channels = units});
    drawn_add_weights(net, (int[2]){0, 0}, inputs);
}

/* Means of what nothing reads yet, side by side; a hidden layer perhaps; the logits. */
static inline void drawn_end(struct drawn_network *net)
{
    int leaves[DRAWN_LEAVES], n = 0, made = net->n;
    struct drawn_map features = {.height = 1, .width = 1};
    for (int m = made - 1; m >= 0 && n < DRAWN_LEAVES; m--) {
        struct drawn_map mean = net->maps[m];
        if (mean.is_read || (mean.channels % net->unit != 0 && m != made - 1))
            continue;
        mean.height = mean.width = 1;
        drawn_add(net, "global_avg_pool", &m, 1, json_object(), mean);
        leaves[n++] = net->n - 1;
        features.channels += mean.channels;
    }
    for (int i = 0; i < n / 2; i++) { /* the last one made may have any number of channels */
        int first = leaves[i];
        leaves[i] = leaves[n - 1 - i];
        leaves[n - 1 - i] = first;
    }
    if (n > 1)
        drawn_add(net, "concat", leaves, n, json_object(), features);
    if (drawn_below(net, 2) == 0)
        drawn_dense(net, 1 + drawn_below(net, 20), "relu");
    drawn_dense(net, 3, "none");
    drawn_add(net, "softmax", (int[1]){net->n - 1}, 1, json_object(), net->maps[net->n - 1]);
}

/* Draws a network and writes its folder; to be freed with test_model_end(). */
static inline void draw_network(struct drawn_network *net, uint64_t seed, int unit)
{
    *net = (struct drawn_network){.seed = seed * 7919 + 1, .unit = unit, .n = 1};
    test_random(&net->seed);
    struct drawn_map image = {"image", 6 + drawn_below(net, 24), 4 + drawn_below(net, 12),
                              1 + drawn_below(net, 9), false};
    net->maps[0] = image;
    test_model_begin(&net->folder, "[]", image.height, image.width, image.channels);
    net->layers = json_array();
    for (int i = 0; i < DRAWN_LAYERS; i++) {
        int input = drawn_below(net, 4) == 0 ? drawn_below(net, net->n) : net->n - 1;
        int kind = drawn_below(net, 12);
        if (kind < 6)
            drawn_window(net, input, "conv2d");
        else if (kind < 8)
            drawn_window(net, input, kind == 6 ? "max_pool" : "avg_pool");
        else if (kind < 9)
            drawn_crop(net, input);
        else
            drawn_concat(net, input);
    }
    drawn_end(net);
    json_object_set_new(net->folder.root, "layers", net->layers);
    test_write_model(&net->folder);
}

#endif

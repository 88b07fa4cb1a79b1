/* SPDX-License-Identifier: MIT
 *
 * naive_network.h - a network computed in double, one number after the other, straight from the
 * test's own model.json: what the engine is compared with.
 */
#ifndef GN_TESTS_NAIVE_NETWORK_H
#define GN_TESTS_NAIVE_NETWORK_H

#include <math.h>
#include <stdbool.h>

#include "model_folder.h"

enum { NAIVE_MOST_LAYERS = 40 };

struct naive_map {
    const char *name;
    int height, width, channels;
    double *values;
};

struct naive {
    const struct test_model *model;
    struct naive_map maps[NAIVE_MOST_LAYERS];
    int n;
};

static inline double *naive_at(const struct naive_map *map, int y, int x, int c)
{
    return &map->values[((size_t)y * (size_t)map->width + (size_t)x) * (size_t)map->channels +
                        (size_t)c];
}

static inline const struct naive_map *naive_input(const struct naive *net, const json_t *layer,
                                                  size_t i)
{
    const char *name = json_string_value(json_array_get(json_object_get(layer, "inputs"), i));
    for (int m = 0; m < net->n; m++)
        if (strcmp(net->maps[m].name, name) == 0)
            return &net->maps[m];
    return NULL;
}

static inline int number(const json_t *layer, const char *key, size_t i)
{
    return (int)json_integer_value(json_array_get(json_object_get(layer, key), i));
}

/* Geometry of a sliding window along one axis, written from TensorFlow's description of SAME and VALID. */
static inline int naive_steps(const json_t *layer, size_t axis, int size, int *before)
{
    int kernel = number(layer, "kernel", axis), stride = number(layer, "stride", axis);
    *before = 0;
    if (strcmp(json_string_value(json_object_get(layer, "padding")), "valid") == 0)
        return (int)ceil((double)(size - kernel + 1) / stride);
    int steps = (int)ceil((double)size / stride);
    int total = (steps - 1) * stride + kernel - size;
    *before = total > 0 ? total / 2 : 0;
    return steps;
}

static inline double naive_conv(const struct naive *net, const json_t *layer,
                                const struct naive_map *in, int top, int left, int channel,
                                int outputs)
{
    const char *name = json_string_value(json_object_get(layer, "name"));
    const struct test_tensor *weight = test_find_tensor(net->model, name, "weight");
    double sum = (double)test_find_tensor(net->model, name, "bias")->values[channel];
    int height = number(layer, "kernel", 0), width = number(layer, "kernel", 1);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            if (top + y < 0 || top + y >= in->height || left + x < 0 || left + x >= in->width)
                continue;
            for (int c = 0; c < in->channels; c++)
                sum += *naive_at(in, top + y, left + x, c) *
                       (double)
                           weight->values[((y * width + x) * in->channels + c) * outputs + channel];
        }
    bool relu = strcmp(json_string_value(json_object_get(layer, "activation")), "relu") == 0;
    return relu && sum < 0 ? 0 : sum;
}

static inline double naive_pool(const json_t *layer, const struct naive_map *in, int top, int left,
                                int channel, bool maximum)
{
    double best = -INFINITY, sum = 0, cells = 0;
    for (int y = top; y < top + number(layer, "kernel", 0); y++)
        for (int x = left; x < left + number(layer, "kernel", 1); x++)
            if (y >= 0 && y < in->height && x >= 0 && x < in->width) {
                double value = *naive_at(in, y, x, channel);
                best = value > best ? value : best;
                sum += value;
                cells++;
            }
    return maximum ? best : sum / cells;
}

static inline void naive_window(struct naive *net, const json_t *layer, const char *op,
                                const struct naive_map *in, struct naive_map *out)
{
    int top, left;
    bool conv = strcmp(op, "conv2d") == 0;
    out->height = naive_steps(layer, 0, in->height, &top);
    out->width = naive_steps(layer, 1, in->width, &left);
    out->channels =
        conv ? (int)json_integer_value(json_object_get(layer, "filters")) : in->channels;
    out->values =
        calloc((size_t)out->height * (size_t)out->width * (size_t)out->channels, sizeof(double));
    for (int y = 0; y < out->height; y++)
        for (int x = 0; x < out->width; x++)
            for (int c = 0; c < out->channels; c++) {
                int y0 = y * number(layer, "stride", 0) - top;
                int x0 = x * number(layer, "stride", 1) - left;
                *naive_at(out, y, x, c) =
                    conv ? naive_conv(net, layer, in, y0, x0, c, out->channels)
                         : naive_pool(layer, in, y0, x0, c, strcmp(op, "max_pool") == 0);
            }
}

static inline void naive_concat(const struct naive *net, const json_t *layer, struct naive_map *out)
{
    size_t n = json_array_size(json_object_get(layer, "inputs"));
    out->channels = 0;
    for (size_t i = 0; i < n; i++)
        out->channels += naive_input(net, layer, i)->channels;
    out->values =
        calloc((size_t)out->height * (size_t)out->width * (size_t)out->channels, sizeof(double));
    for (int y = 0; y < out->height; y++)
        for (int x = 0; x < out->width; x++) {
            int channel = 0;
            for (size_t i = 0; i < n; i++) {
                const struct naive_map *in = naive_input(net, layer, i);
                for (int c = 0; c < in->channels; c++)
                    *naive_at(out, y, x, channel++) = *naive_at(in, y, x, c);
            }
        }
}

static inline void naive_dense(const struct naive *net, const json_t *layer,
                               const struct naive_map *in, struct naive_map *out)
{
    const char *name = json_string_value(json_object_get(layer, "name"));
    const float *weight = test_find_tensor(net->model, name, "weight")->values;
    bool relu = strcmp(json_string_value(json_object_get(layer, "activation")), "relu") == 0;
    out->channels = (int)json_integer_value(json_object_get(layer, "units"));
    out->values = calloc((size_t)out->channels, sizeof(double));
    for (int u = 0; u < out->channels; u++) {
        double sum = (double)test_find_tensor(net->model, name, "bias")->values[u];
        for (int c = 0; c < in->channels; c++)
            sum += in->values[c] * (double)weight[c * out->channels + u];
        out->values[u] = relu && sum < 0 ? 0 : sum;
    }
}

static inline void naive_crop(const json_t *layer, const struct naive_map *in,
                              struct naive_map *out)
{
    int top = number(layer, "rows", 0), left = number(layer, "columns", 0);
    out->height = number(layer, "rows", 1) - top;
    out->width = number(layer, "columns", 1) - left;
    out->values =
        calloc((size_t)out->height * (size_t)out->width * (size_t)out->channels, sizeof(double));
    for (int y = 0; y < out->height; y++)
        for (int x = 0; x < out->width; x++)
            for (int c = 0; c < out->channels; c++)
                *naive_at(out, y, x, c) = *naive_at(in, y + top, x + left, c);
}

static inline void naive_softmax(const struct naive_map *in, struct naive_map *out)
{
    double sum = 0;
    out->values = calloc((size_t)in->channels, sizeof(double));
    for (int c = 0; c < in->channels; c++)
        sum += exp(in->values[c]);
    for (int c = 0; c < in->channels; c++)
        out->values[c] = exp(in->values[c]) / sum;
}

static inline void naive_layer(struct naive *net, const json_t *layer)
{
    const struct naive_map *in = naive_input(net, layer, 0);
    const char *op = json_string_value(json_object_get(layer, "op"));
    struct naive_map out = *in;
    out.name = json_string_value(json_object_get(layer, "name"));
    if (strcmp(op, "conv2d") == 0 || strcmp(op, "max_pool") == 0 || strcmp(op, "avg_pool") == 0) {
        naive_window(net, layer, op, in, &out);
    } else if (strcmp(op, "concat") == 0) {
        naive_concat(net, layer, &out);
    } else if (strcmp(op, "dense") == 0) {
        naive_dense(net, layer, in, &out);
    } else if (strcmp(op, "crop") == 0) {
        naive_crop(layer, in, &out);
    } else if (strcmp(op, "softmax") == 0) {
        naive_softmax(in, &out);
    } else {
        out.height = out.width = 1;
        out.values = calloc((size_t)in->channels, sizeof(double));
        for (int c = 0; c < in->channels; c++)
            for (int i = 0; i < in->height * in->width; i++)
                out.values[c] += in->values[i * in->channels + c] / (in->height * in->width);
    }
    net->maps[net->n++] = out;
}

static inline void naive_run(const struct test_model *model, const uint8_t *image,
                             double probabilities[3])
{
    struct naive net = {.model = model, .n = 1};
    const json_t *layers = json_object_get(model->root, "layers"), *shape;
    shape = json_object_get(json_object_get(model->root, "input"), "shape");
    net.maps[0] = (struct naive_map){"image", (int)json_integer_value(json_array_get(shape, 0)),
                                     (int)json_integer_value(json_array_get(shape, 1)),
                                     (int)json_integer_value(json_array_get(shape, 2)), NULL};
    size_t n =
        (size_t)net.maps[0].height * (size_t)net.maps[0].width * (size_t)net.maps[0].channels;
    net.maps[0].values = calloc(n, sizeof(double));
    for (size_t i = 0; i < n; i++)
        net.maps[0].values[i] = ((double)image[i] - 128.0) / 128.0;
    for (size_t i = 0; i < json_array_size(layers); i++)
        naive_layer(&net, json_array_get(layers, i));
    memcpy(probabilities, net.maps[net.n - 1].values, 3 * sizeof(double));
    for (int m = 0; m < net.n; m++)
        free(net.maps[m].values);
}

#endif

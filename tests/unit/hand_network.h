/* SPDX-License-Identifier: MIT
 *
 * hand_network.h - a model of a few layers written down in a test, with random weights of the right shapes.
 */
#ifndef GN_TESTS_HAND_NETWORK_H
#define GN_TESTS_HAND_NETWORK_H

#include "cnn/graph.h"
#include "cnn/model.h"
#include "model_folder.h"

struct hand_network {
    struct test_model folder;
    gn_model_t *model;
    const struct gn_graph *graph;
};

/* The end that most networks of tests have: a mean of `input`, logits, probabilities. */
#define HAND_END(input)                                                                            \
    "{\"name\":\"mean\",\"op\":\"global_avg_pool\",\"inputs\":[\"" input "\"]},"                   \
    "{\"name\":\"logits\",\"op\":\"dense\",\"inputs\":[\"mean\"],\"units\":3,"                     \
    "\"activation\":\"none\"},"                                                                    \
    "{\"name\":\"end\",\"op\":\"softmax\",\"inputs\":[\"logits\"]}"

#define HAND_CONV(name, input, filters, kernel, stride, padding)                                   \
    "{\"name\":\"" name "\",\"op\":\"conv2d\",\"inputs\":[\"" input "\"],\"filters\":" filters     \
    ",\"kernel\":" kernel ",\"stride\":" stride ",\"padding\":\"" padding                          \
    "\",\"activation\":\"relu\"},"

static inline int hand_channels(const json_t *layers, int image, const char *name);

/* Channels that go into a layer. */
static inline int hand_inputs(const json_t *layers, int image, const json_t *layer)
{
    const json_t *inputs = json_object_get(layer, "inputs");
    int sum = 0;
    for (size_t i = 0; i < json_array_size(inputs); i++)
        sum += hand_channels(layers, image, json_string_value(json_array_get(inputs, i)));
    return sum;
}

static inline int hand_channels(const json_t *layers, int image, const char *name)
{
    for (size_t i = 0; i < json_array_size(layers); i++) {
        const json_t *layer = json_array_get(layers, i);
        if (strcmp(json_string_value(json_object_get(layer, "name")), name) != 0)
            continue;
        const json_t *own = json_object_get(layer, "filters");
        own = own == NULL ? json_object_get(layer, "units") : own;
        return own != NULL ? (int)json_integer_value(own) : hand_inputs(layers, image, layer);
    }
    return image;
}

static inline void hand_add_weights(struct hand_network *net, const json_t *layers, int image,
                                    const json_t *layer, uint64_t *seed)
{
    const char *name = json_string_value(json_object_get(layer, "name"));
    const json_t *kernel = json_object_get(layer, "kernel");
    size_t outputs = (size_t)hand_channels(layers, image, name);
    bool conv = json_object_get(layer, "filters") != NULL;
    if (!conv && json_object_get(layer, "units") == NULL)
        return;
    size_t shape[4] = {(size_t)json_integer_value(json_array_get(kernel, 0)),
                       (size_t)json_integer_value(json_array_get(kernel, 1)),
                       (size_t)hand_inputs(layers, image, layer), outputs};
    test_add_tensor(&net->folder, name, "weight", conv ? shape : shape + 2, conv ? 4 : 2, seed);
    test_add_tensor(&net->folder, name, "bias", &outputs, 1, seed);
}

/* Writes and loads the model whose layers are the text; to be freed with hand_network_end(). */
static inline void hand_network_begin(struct hand_network *net, const char *layers, int height,
                                      int width, int channels)
{
    uint64_t seed = 5;
    char text[8192];
    gn_error_t err = {0};
    snprintf(text, sizeof text, "[%s]", layers);
    test_model_begin(&net->folder, text, height, width, channels);
    const json_t *list = json_object_get(net->folder.root, "layers");
    for (size_t i = 0; i < json_array_size(list); i++)
        hand_add_weights(net, list, channels, json_array_get(list, i), &seed);
    test_write_model(&net->folder);
    net->model = gn_model_load(net->folder.dir, &err);
    if (net->model == NULL) {
        fprintf(stderr, "%s\n", err.message);
        abort();
    }
    net->graph = gn_model_graph(net->model);
}

/* Loads the model anew, after a test has changed weights. */
static inline void hand_network_rewrite(struct hand_network *net)
{
    gn_error_t err = {0};
    test_write_model(&net->folder);
    gn_model_free(net->model);
    net->model = gn_model_load(net->folder.dir, &err);
    if (net->model == NULL)
        abort();
    net->graph = gn_model_graph(net->model);
}

static inline void hand_network_end(struct hand_network *net)
{
    gn_model_free(net->model);
    test_model_end(&net->folder);
}

#endif

/* SPDX-License-Identifier: MIT
 *
 * model.c - loading a model folder. The format is described in models/README.md.
 */
#include "cnn/model.h"

#include <stdlib.h>
#include <string.h>

#include "cnn/graph.h"
#include "cnn/model_file.h"
#include "cnn/quantisation.h"

enum { MAX_SIDE = 4096, MAX_CHANNELS = 64, MAX_CHANNEL_NUMBER = 1000 };

struct gn_model {
    struct gn_graph graph;
    struct gn_quantisation quantisation;
    int channels[MAX_CHANNELS];
    struct gn_model_texts texts;
};

static const char NORMALISATION[] = "(x - 128) / 128";

static int read_input(gn_model_t *model, const struct gn_model_file *file, int shape[3],
                      gn_error_t *err)
{
    const json_t *input = json_object_get(file->root, "input");
    const json_t *sides = json_object_get(input, "shape");
    const json_t *channels = json_object_get(input, "channels");
    const char *normalisation = json_string_value(json_object_get(input, "normalisation"));
    if (normalisation == NULL || strcmp(normalisation, NORMALISATION) != 0)
        return gn_model_file_bad(file, "unknown 'normalisation'", err);
    for (size_t i = 0; i < 3; i++) {
        json_int_t side = json_integer_value(json_array_get(sides, i));
        if (side < 1 || side > (i == 2 ? MAX_CHANNELS : MAX_SIDE))
            return gn_model_file_bad(file, "'shape' is not [height, width, channels]", err);
        shape[i] = (int)side;
    }
    if (json_array_size(channels) != (size_t)shape[2])
        return gn_model_file_bad(file, "'channels' does not list as many channels as 'shape' has",
                                 err);
    for (size_t i = 0; i < (size_t)shape[2]; i++) {
        json_int_t number = json_integer_value(json_array_get(channels, i));
        if (number < 1 || number > MAX_CHANNEL_NUMBER)
            return gn_model_file_bad(file, "'channels' must be numbers of DeepVariant's channels",
                                     err);
        model->channels[i] = (int)number;
    }
    return GN_OK;
}

static int read_weights(gn_model_t *model, struct gn_model_file *file, const char *dir,
                        gn_error_t *err)
{
    gn_error_t local = {0};
    int rc = gn_model_file_open_weights(file, dir, model->texts.sha256, err);
    if (rc == GN_OK && (rc = gn_graph_pack_weights(&model->graph, file->weights, &local)) != GN_OK)
        rc = gn_fail(err, rc, "%s: %s", file->weights_path, local.message);
    return rc;
}

static int read_model(gn_model_t *model, struct gn_model_file *file, const char *dir,
                      gn_error_t *err)
{
    int shape[3];
    int rc = gn_model_file_open(file, dir, "cnn", err);
    if (rc == GN_OK)
        rc = gn_model_file_texts(file, &model->texts, err);
    if (rc == GN_OK)
        rc = read_input(model, file, shape, err);
    if (rc == GN_OK)
        rc = gn_graph_from_json(&model->graph, shape, json_object_get(file->root, "layers"),
                                file->path, err);
    if (rc == GN_OK)
        rc = gn_quantisation_read(&model->quantisation, &model->graph,
                                  json_object_get(file->root, "quantisation"), file->path, err);
    return rc == GN_OK ? read_weights(model, file, dir, err) : rc;
}

gn_model_t *gn_model_load(const char *dir, gn_error_t *err)
{
    struct gn_model_file file;
    gn_model_t *model = calloc(1, sizeof *model);
    if (model == NULL) {
        gn_fail_memory(err, "the model");
        return NULL;
    }
    int rc = read_model(model, &file, dir, err);
    gn_model_file_close(&file);
    if (rc == GN_OK)
        return model;
    gn_model_free(model);
    return NULL;
}

void gn_model_free(gn_model_t *model)
{
    if (model == NULL)
        return;
    gn_quantisation_clear(&model->quantisation);
    gn_graph_clear(&model->graph);
    gn_model_texts_clear(&model->texts);
    free(model);
}

const struct gn_graph *gn_model_graph(const gn_model_t *model)
{
    return &model->graph;
}

const struct gn_quantisation *gn_model_quantisation(const gn_model_t *model)
{
    return &model->quantisation;
}

void gn_model_set_quantisation(gn_model_t *model, struct gn_quantisation *quantisation)
{
    gn_quantisation_clear(&model->quantisation);
    model->quantisation = *quantisation;
    *quantisation = (struct gn_quantisation){0};
}

void gn_model_set_agreement(gn_model_t *model, const struct gn_agreement *agreement)
{
    memcpy(model->quantisation.agreement, agreement, sizeof model->quantisation.agreement);
}

int gn_model_height(const gn_model_t *model)
{
    return model->graph.tensors[0].height;
}

int gn_model_width(const gn_model_t *model)
{
    return model->graph.tensors[0].width;
}

const int *gn_model_channels(const gn_model_t *model, int *n)
{
    *n = model->graph.tensors[0].channels;
    return model->channels;
}

size_t gn_model_image_size(const gn_model_t *model)
{
    const struct gn_tensor *image = &model->graph.tensors[0];
    return (size_t)image->height * image->width * image->channels;
}

const char *gn_model_name(const gn_model_t *model)
{
    return model->texts.name;
}

const char *gn_model_version(const gn_model_t *model)
{
    return model->texts.version;
}

const char *gn_model_preset(const gn_model_t *model)
{
    return model->texts.preset;
}

const char *gn_model_weights_sha256(const gn_model_t *model)
{
    return model->texts.sha256;
}

const char *gn_model_calling_json(const gn_model_t *model)
{
    return model->texts.calling;
}

const char *gn_model_training_json(const gn_model_t *model)
{
    return model->texts.training;
}

/* Weights of a layer: of one output channel, bias not counted; 0 for layers without weights. */
static size_t filter_size(const struct gn_graph *graph, const struct gn_layer *layer)
{
    if (layer->weights == NULL)
        return 0;
    return (size_t)layer->kernel_height * layer->kernel_width *
           graph->tensors[layer->inputs[0]].channels;
}

double gn_model_macs(const gn_model_t *model)
{
    const struct gn_graph *graph = &model->graph;
    double total = 0;
    for (int i = 0; i < graph->n_layers; i++) {
        const struct gn_tensor *output = &graph->tensors[graph->layers[i].output];
        total += (double)filter_size(graph, &graph->layers[i]) * output->height * output->width *
                 output->channels;
    }
    return total;
}

size_t gn_model_parameters(const gn_model_t *model)
{
    const struct gn_graph *graph = &model->graph;
    size_t total = 0;
    for (int i = 0; i < graph->n_layers; i++) {
        size_t filter = filter_size(graph, &graph->layers[i]);
        if (filter > 0)
            total += (filter + 1) * (size_t)graph->tensors[graph->layers[i].output].channels;
    }
    return total;
}

int gn_model_check_input(const gn_model_t *model, const int shape[3], const int *channels,
                         const char *what, gn_error_t *err)
{
    const struct gn_tensor *image = &model->graph.tensors[0];
    if (shape[0] != image->height || shape[1] != image->width || shape[2] != image->channels)
        return gn_fail(err, GN_E_MISMATCH,
                       "%s: images are %d x %d x %d, the model %s wants %d x %d x %d: make the "
                       "examples with the model's options (--checkpoint)",
                       what, shape[0], shape[1], shape[2], model->texts.name, image->height,
                       image->width, image->channels);
    for (int i = 0; channels != NULL && i < image->channels; i++)
        if (channels[i] != model->channels[i])
            return gn_fail(err, GN_E_MISMATCH,
                           "%s: channel %d is DeepVariant's channel %d, the model %s wants %d: "
                           "make the examples with the model's options (--checkpoint)",
                           what, i + 1, channels[i], model->texts.name, model->channels[i]);
    return GN_OK;
}

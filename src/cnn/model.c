/* SPDX-License-Identifier: MIT
 *
 * model.c - loading a model folder. The format is described in models/README.md.
 */
#include "cnn/model.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "cnn/graph.h"
#include "cnn/quantisation.h"
#include "cnn/safetensors.h"

enum { FORMAT_VERSION = 1, MAX_SIDE = 4096, MAX_CHANNELS = 64, MAX_CHANNEL_NUMBER = 1000 };

struct gn_model {
    struct gn_graph graph;
    struct gn_quantisation quantisation;
    int channels[MAX_CHANNELS];
    char *name, *version, *preset, *calling, *training;
    char sha256[65];
};

static const char NORMALISATION[] = "(x - 128) / 128";

static int bad(const char *path, const char *what, gn_error_t *err)
{
    return gn_fail(err, GN_E_DATA, "%s: %s: the model is damaged or made for a newer gannet", path,
                   what);
}

static char *join_path(const char *dir, const char *file, gn_error_t *err)
{
    size_t size = strlen(dir) + strlen(file) + 2;
    char *path = malloc(size);
    if (path == NULL)
        gn_fail_memory(err, "the path of the model");
    else
        snprintf(path, size, "%s/%s", dir, file);
    return path;
}

static json_t *read_json(const char *path, gn_error_t *err)
{
    if (access(path, R_OK) != 0) {
        gn_fail(err, GN_E_NO_INPUT,
                "%s: no such file: a model is a folder with model.json and its weights", path);
        return NULL;
    }
    json_error_t problem;
    json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &problem);
    if (root == NULL)
        gn_fail(err, GN_E_DATA, "%s: line %d: %s: the model is damaged, fetch it again", path,
                problem.line, problem.text);
    return root;
}

/* The folder's model.json must be of a format that is known here. */
static int check_format(const json_t *root, const char *path, gn_error_t *err)
{
    const char *format = json_string_value(json_object_get(root, "format"));
    const json_t *version = json_object_get(root, "format_version");
    if (format == NULL || strcmp(format, "gannet-model") != 0)
        return bad(path, "'format' is not gannet-model", err);
    if (!json_is_integer(version) || json_integer_value(version) != FORMAT_VERSION)
        return bad(path, "unknown 'format_version'", err);
    return GN_OK;
}

static int copy_text(char **field, const json_t *root, const char *key, const char *path,
                     gn_error_t *err)
{
    const char *text = json_string_value(json_object_get(root, key));
    if (text == NULL) {
        return gn_fail(err, GN_E_DATA, "%s: '%s' is missing: the model is damaged, fetch it again",
                       path, key);
    }
    *field = gn_strdup(text);
    return *field == NULL ? gn_fail_memory(err, "the model") : GN_OK;
}

static int copy_json(char **field, const json_t *root, const char *key, gn_error_t *err)
{
    const json_t *value = json_object_get(root, key);
    *field =
        value == NULL ? gn_strdup("{}") : json_dumps(value, JSON_COMPACT | JSON_REAL_PRECISION(10));
    return *field == NULL ? gn_fail_memory(err, "the model") : GN_OK;
}

static int read_texts(gn_model_t *model, const json_t *root, const char *path, gn_error_t *err)
{
    int rc = copy_text(&model->name, root, "name", path, err);
    if (rc == GN_OK)
        rc = copy_text(&model->version, root, "version", path, err);
    if (rc == GN_OK)
        rc = copy_text(&model->preset, root, "preset", path, err);
    if (rc == GN_OK)
        rc = copy_json(&model->calling, root, "calling", err);
    if (rc == GN_OK)
        rc = copy_json(&model->training, root, "training", err);
    return rc;
}

static int read_input(gn_model_t *model, const json_t *root, int shape[3], const char *path,
                      gn_error_t *err)
{
    const json_t *input = json_object_get(root, "input");
    const json_t *sides = json_object_get(input, "shape");
    const json_t *channels = json_object_get(input, "channels");
    const char *normalisation = json_string_value(json_object_get(input, "normalisation"));
    if (normalisation == NULL || strcmp(normalisation, NORMALISATION) != 0)
        return bad(path, "unknown 'normalisation'", err);
    for (size_t i = 0; i < 3; i++) {
        json_int_t side = json_integer_value(json_array_get(sides, i));
        if (side < 1 || side > (i == 2 ? MAX_CHANNELS : MAX_SIDE))
            return bad(path, "'shape' is not [height, width, channels]", err);
        shape[i] = (int)side;
    }
    if (json_array_size(channels) != (size_t)shape[2])
        return bad(path, "'channels' does not list as many channels as 'shape' has", err);
    for (size_t i = 0; i < (size_t)shape[2]; i++) {
        json_int_t number = json_integer_value(json_array_get(channels, i));
        if (number < 1 || number > MAX_CHANNEL_NUMBER)
            return bad(path, "'channels' must be numbers of DeepVariant's channels", err);
        model->channels[i] = (int)number;
    }
    return GN_OK;
}

static int read_weights(gn_model_t *model, const char *dir, const json_t *root, const char *path,
                        gn_error_t *err)
{
    const json_t *weights = json_object_get(root, "weights");
    const char *name = json_string_value(json_object_get(weights, "file"));
    const char *sha256 = json_string_value(json_object_get(weights, "sha256"));
    if (name == NULL || sha256 == NULL || strchr(name, '/') != NULL)
        return bad(path, "'weights' must give the file's name and sha256", err);
    char *file_path = join_path(dir, name, err);
    if (file_path == NULL)
        return GN_E_MEMORY;
    int rc = GN_OK;
    gn_error_t local = {0};
    gn_safetensors_t *file = gn_safetensors_open(file_path, model->sha256, &local);
    if (file == NULL)
        rc = gn_fail(err, local.code, "%s", local.message);
    else if (strcmp(sha256, model->sha256) != 0)
        rc = gn_fail(err, GN_E_DATA,
                     "%s: SHA-256 is %s, model.json says %s: the file is damaged or of another "
                     "model, fetch the model again",
                     file_path, model->sha256, sha256);
    else if ((rc = gn_graph_pack_weights(&model->graph, file, &local)) != GN_OK)
        rc = gn_fail(err, rc, "%s: %s", file_path, local.message);
    gn_safetensors_close(file);
    free(file_path);
    return rc;
}

gn_model_t *gn_model_load(const char *dir, gn_error_t *err)
{
    int shape[3], rc = GN_E_MEMORY;
    json_t *root = NULL;
    gn_model_t *model = calloc(1, sizeof *model);
    char *path = join_path(dir, "model.json", err);
    if (model == NULL)
        gn_fail_memory(err, "the model");
    if (model == NULL || path == NULL)
        goto out;
    root = read_json(path, err);
    rc = root == NULL ? GN_E_DATA : check_format(root, path, err);
    if (rc == GN_OK)
        rc = read_texts(model, root, path, err);
    if (rc == GN_OK)
        rc = read_input(model, root, shape, path, err);
    if (rc == GN_OK)
        rc = gn_graph_from_json(&model->graph, shape, json_object_get(root, "layers"), path, err);
    if (rc == GN_OK)
        rc = gn_quantisation_read(&model->quantisation, &model->graph,
                                  json_object_get(root, "quantisation"), path, err);
    if (rc == GN_OK)
        rc = read_weights(model, dir, root, path, err);
out:
    json_decref(root);
    free(path);
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
    free(model->name);
    free(model->version);
    free(model->preset);
    free(model->calling);
    free(model->training);
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
    return model->name;
}

const char *gn_model_version(const gn_model_t *model)
{
    return model->version;
}

const char *gn_model_preset(const gn_model_t *model)
{
    return model->preset;
}

const char *gn_model_weights_sha256(const gn_model_t *model)
{
    return model->sha256;
}

const char *gn_model_calling_json(const gn_model_t *model)
{
    return model->calling;
}

const char *gn_model_training_json(const gn_model_t *model)
{
    return model->training;
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
                       what, shape[0], shape[1], shape[2], model->name, image->height, image->width,
                       image->channels);
    for (int i = 0; channels != NULL && i < image->channels; i++)
        if (channels[i] != model->channels[i])
            return gn_fail(err, GN_E_MISMATCH,
                           "%s: channel %d is DeepVariant's channel %d, the model %s wants %d: "
                           "make the examples with the model's options (--checkpoint)",
                           what, i + 1, channels[i], model->name, model->channels[i]);
    return GN_OK;
}

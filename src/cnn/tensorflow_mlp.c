/* SPDX-License-Identifier: MIT
 *
 * tensorflow_mlp.c - dense layers in the order of their places; the activations come from
 * saved_model.pb where there is one.
 */
#include "cnn/tensorflow_mlp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cnn/import_description.h"
#include "cnn/model_writer.h"

enum { MAX_LAYERS = 64, MAX_UNITS = 1 << 16 };

/* The perceptron on its way into a folder. */
struct mlp {
    const struct gn_tensorflow_layer *layers[MAX_LAYERS];
    const char *activations[MAX_LAYERS];
    int n;
    bool assumed; /* the activations */
    char names[2 * MAX_LAYERS][32];
    float *values[2 * MAX_LAYERS];
    struct gn_weights_entry entries[2 * MAX_LAYERS];
};

/* The layers in order, each reading what the one before gives. */
static int order_layers(struct mlp *mlp, const struct gn_tensorflow_layers *layers, gn_error_t *err)
{
    if (layers->n > MAX_LAYERS)
        return gn_fail(err, GN_E_DATA, "%zu dense layers: at most %d can be imported", layers->n,
                       MAX_LAYERS);
    for (size_t i = 0; i < layers->n; i++) {
        const struct gn_tensorflow_layer *layer = &layers->list[i];
        const struct gn_bundle_tensor *kernel = layer->parts[GN_TENSORFLOW_KERNEL];
        const struct gn_bundle_tensor *bias = layer->parts[GN_TENSORFLOW_BIAS];
        if (layer->place < 0 || (layer->place_is_exact && layer->place != (int)i))
            return gn_fail(err, GN_E_DATA,
                           "the variable 'layer_with_weights-%zu/kernel' is missing from the "
                           "checkpoint: it is damaged, or not of a Sequential model of Keras",
                           i);
        if (kernel->shape[0] < 1 || kernel->shape[0] > MAX_UNITS || kernel->shape[1] < 1 ||
            kernel->shape[1] > MAX_UNITS || bias->rank != 1 || bias->shape[0] != kernel->shape[1])
            return gn_fail(err, GN_E_DATA, "'%s' and its bias have shapes that do not fit",
                           kernel->key);
        if (i > 0 && kernel->shape[0] != mlp->layers[i - 1]->parts[GN_TENSORFLOW_BIAS]->shape[0])
            return gn_fail(err, GN_E_DATA,
                           "'%s' reads %zu numbers, but the layer before gives %zu: the layers "
                           "are not a chain",
                           kernel->key, kernel->shape[0],
                           mlp->layers[i - 1]->parts[GN_TENSORFLOW_BIAS]->shape[0]);
        mlp->layers[mlp->n++] = layer;
    }
    return GN_OK;
}

/* relu, and softmax at the end: what Keras' graph says, or what DeepVariant's models have. */
static int find_activations(struct mlp *mlp, const gn_saved_model_t *graph, gn_error_t *err)
{
    for (int i = 0; i < mlp->n; i++) {
        const char *wanted = i + 1 < mlp->n ? "Relu" : "Softmax";
        const char *name = mlp->layers[i]->name, *found = NULL;
        if (graph != NULL && name[0] != '\0')
            found = gn_saved_model_activation(graph, name);
        /* The softmax may be a layer of its own. */
        if (found == NULL && graph != NULL && i + 1 == mlp->n &&
            gn_saved_model_has_operation(graph, wanted))
            found = wanted;
        mlp->assumed = mlp->assumed || graph == NULL || name[0] == '\0';
        if (graph != NULL && name[0] != '\0' && (found == NULL || strcmp(found, wanted) != 0))
            return gn_fail(err, GN_E_DATA,
                           "the layer '%s' ends with the operation '%s', where gannet's small "
                           "models have '%s': such a network cannot be imported",
                           name, found == NULL ? "none" : found, wanted);
        mlp->activations[i] = i + 1 < mlp->n ? "relu" : "softmax";
    }
    return GN_OK;
}

static int read_tensor(struct mlp *mlp, int at, const gn_tensor_bundle_t *bundle, gn_error_t *err)
{
    const struct gn_tensorflow_layer *layer = mlp->layers[at / 2];
    const struct gn_bundle_tensor *tensor =
        layer->parts[at % 2 == 0 ? GN_TENSORFLOW_KERNEL : GN_TENSORFLOW_BIAS];
    mlp->values[at] = malloc(tensor->count * sizeof **mlp->values);
    if (mlp->values[at] == NULL)
        return gn_fail_memory(err, "the weights of a model");
    snprintf(mlp->names[at], sizeof mlp->names[at], "dense_%d.%s", at / 2,
             at % 2 == 0 ? "weight" : "bias");
    mlp->entries[at] = (struct gn_weights_entry){
        mlp->names[at], tensor->rank, {tensor->shape[0], tensor->shape[1]}, mlp->values[at]};
    return gn_tensor_bundle_read_floats(bundle, tensor, mlp->values[at], err);
}

static json_t *describe(const struct mlp *mlp, const char *path,
                        const struct gn_import_options *options, json_t *origin)
{
    char name[128];
    gn_import_name(path, name);
    const char *preset = options->preset != NULL ? options->preset : gn_import_preset_of_path(path);
    size_t features = mlp->layers[0]->parts[GN_TENSORFLOW_KERNEL]->shape[0];
    json_t *layers = json_array();
    for (int i = 0; i < mlp->n; i++) {
        char layer[32];
        snprintf(layer, sizeof layer, "dense_%d", i);
        json_array_append_new(
            layers, json_pack("{s:s, s:s, s:I, s:s}", "name", layer, "op", "dense", "units",
                              (json_int_t)mlp->layers[i]->parts[GN_TENSORFLOW_BIAS]->shape[0],
                              "activation", mlp->activations[i]));
    }
    if (mlp->assumed)
        json_object_set_new(origin, "activations", json_string("assumed"));
    return json_pack("{s:s, s:s, s:s, s:s, s:{s:I}, s:{}, s:O, s:o}", "kind", "mlp", "name",
                     options->name != NULL ? options->name : name, "version", "unknown", "preset",
                     preset == NULL ? "any" : preset, "input", "features", (json_int_t)features,
                     "calling", "source", origin, "layers", layers);
}

int gn_tensorflow_mlp_import(const struct gn_tensorflow_layers *layers,
                             const struct gn_tensorflow_files *files,
                             const struct gn_tensorflow_source *source,
                             const struct gn_import_options *options, const char *output,
                             gn_error_t *err)
{
    struct mlp mlp = {0};
    json_t *origin = NULL, *description = NULL;
    int rc = order_layers(&mlp, layers, err);
    if (rc == GN_OK)
        rc = find_activations(&mlp, files->saved_model, err);
    for (int i = 0; rc == GN_OK && i < 2 * mlp.n; i++)
        rc = read_tensor(&mlp, i, files->bundle, err);
    if (rc == GN_OK && (origin = gn_tensorflow_origin(source, files->bundle, err)) == NULL)
        rc = err->code;
    if (rc == GN_OK && (description = describe(&mlp, source->path, options, origin)) == NULL)
        rc = gn_fail_memory(err, "the description of a model");
    if (rc == GN_OK)
        rc = gn_model_write(output, description, mlp.entries, (size_t)(2 * mlp.n), err);
    for (int i = 0; i < 2 * MAX_LAYERS; i++)
        free(mlp.values[i]);
    json_decref(description);
    json_decref(origin);
    return rc;
}

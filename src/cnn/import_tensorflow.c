/* SPDX-License-Identifier: MIT
 *
 * import_tensorflow.c - source, bundle and layers; then the kind of network decides.
 */
#include "cnn/import_tensorflow.h"

#include <string.h>

#include "cnn/import_description.h"
#include "cnn/tensorflow_inception.h"
#include "cnn/tensorflow_layers.h"
#include "cnn/tensorflow_mlp.h"
#include "cnn/tensorflow_source.h"

/* Everything that an import holds open. */
struct import {
    const struct gn_import_options *options;
    const char *output;
    struct gn_tensorflow_source source;
    struct gn_tensorflow_files files;
    struct gn_tensorflow_layers layers;
};

static int write_inception(const struct import *import, const struct gn_inception *net,
                           const struct gn_import_description *description,
                           const struct gn_inception_weights *weights, gn_error_t *err)
{
    json_t *origin = gn_tensorflow_origin(&import->source, import->files.bundle, err);
    if (origin == NULL)
        return err->code;
    json_t *json = gn_import_json(description, gn_inception_json(net), origin);
    int rc = json == NULL ? gn_fail_memory(err, "the description of a model")
                          : gn_model_write(import->output, json, weights->entries,
                                           GN_INCEPTION_TENSORS, err);
    json_decref(json);
    return rc;
}

static int import_inception(const struct import *import, gn_error_t *err)
{
    struct gn_bound_inception bound;
    struct gn_inception net;
    struct gn_import_description description = {0};
    struct gn_inception_weights weights = {0};
    const struct gn_tensorflow_source *source = &import->source;
    int rc = gn_inception_bind(&bound, &import->layers, err);
    if (rc == GN_OK)
        rc = gn_import_describe(&description, import->options, source->path, source->example_info,
                                gn_inception_bound_channels(&bound), err);
    /* PARITY(dv-1.9): the images of a SavedModel are not reduced to fewer channels. */
    if (rc == GN_OK && description.has_ablation && source->saved_model != NULL)
        rc = gn_fail(err, GN_E_DATA,
                     "'%s': ablation_channels are for checkpoints, not for SavedModels: correct "
                     "the file",
                     source->example_info);
    if (rc == GN_OK)
        rc = gn_inception_check(&bound, description.shape, &net, err);
    if (rc == GN_OK)
        rc = gn_inception_fold(&bound, import->files.bundle, &net, &weights, err);
    if (rc == GN_OK)
        rc = write_inception(import, &net, &description, &weights, err);
    gn_inception_weights_clear(&weights);
    gn_import_description_clear(&description);
    return rc;
}

static int import_layers(const struct import *import, gn_error_t *err)
{
    const int *kinds = import->layers.n_kinds;
    if (kinds[GN_TENSORFLOW_CONV] + kinds[GN_TENSORFLOW_NORM] > 0)
        return import_inception(import, err);
    if (kinds[GN_TENSORFLOW_DENSE] > 0)
        return gn_tensorflow_mlp_import(&import->layers, &import->files, &import->source,
                                        import->options, import->output, err);
    return gn_fail(err, GN_E_DATA,
                   "the checkpoint holds no layers with weights: it is not a model of Keras");
}

static int read_source(struct import *import, const char *path, gn_error_t *err)
{
    int rc = gn_tensorflow_source_find(&import->source, path, err);
    if (rc != GN_OK)
        return rc;
    import->files.bundle = gn_tensor_bundle_open(import->source.prefix, err);
    if (import->files.bundle == NULL)
        return err->code;
    import->files.graph = gn_object_graph_read(import->files.bundle, err);
    if (import->files.graph == NULL)
        return err->code;
    if (import->source.saved_model != NULL) {
        import->files.saved_model = gn_saved_model_read(import->source.saved_model, err);
        if (import->files.saved_model == NULL)
            return err->code;
    }
    return gn_tensorflow_layers_read(&import->layers, &import->files, err);
}

int gn_import_tensorflow(const char *path, const struct gn_import_options *options,
                         const char *output, gn_error_t *err)
{
    struct import import = {.options = options, .output = output};
    gn_error_t problem = {0};
    int rc = read_source(&import, path, &problem);
    if (rc == GN_OK)
        rc = import_layers(&import, &problem);
    if (rc != GN_OK && strstr(problem.message, path) == NULL)
        gn_error_prefix(&problem, "'%s'", path);
    gn_tensorflow_layers_clear(&import.layers);
    gn_saved_model_free(import.files.saved_model);
    gn_object_graph_free(import.files.graph);
    gn_tensor_bundle_close(import.files.bundle);
    gn_tensorflow_source_clear(&import.source);
    return rc == GN_OK ? rc : gn_fail(err, rc, "%s", problem.message);
}

/* SPDX-License-Identifier: MIT
 *
 * import_onnx.c - file, network, description, model folder.
 */
#include "cnn/import_onnx.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cnn/graph.h"
#include "cnn/import_description.h"
#include "cnn/onnx_operators.h"

static int try_name(char **name, gn_error_t *err)
{
    if (*name == NULL)
        return gn_fail_memory(err, "a file name");
    if (access(*name, F_OK) == 0)
        return 1;
    free(*name);
    *name = NULL;
    return 0;
}

/* The JSON beside the file: 1 and *info, 0 when there is none. */
static int find_example_info(const char *path, char **info, gn_error_t *err)
{
    const char *slash = strrchr(path, '/'), *dot = strrchr(path, '.');
    int folder = slash == NULL ? 0 : (int)(slash + 1 - path);
    int stem = dot == NULL || dot < path + folder ? (int)strlen(path) : (int)(dot - path);
    if (asprintf(info, "%.*s.example_info.json", stem, path) < 0)
        *info = NULL;
    int found = try_name(info, err);
    if (found != 0)
        return found;
    if (asprintf(info, "%.*sexample_info.json", folder, path) < 0)
        *info = NULL;
    return try_name(info, err);
}

/* The network's own sizes against those of the images. */
static int check_shape(const struct gn_onnx_network *net,
                       const struct gn_import_description *description, gn_error_t *err)
{
    const struct gn_onnx_value *image = net->image;
    const int *shape = description->shape;
    if (image->height == shape[0] && image->width == shape[1])
        return GN_OK;
    return gn_fail(
        err, GN_E_MISMATCH,
        "'%s': the network reads images of %d x %d x %d, example_info.json or --shape says "
        "%d x %d x %d: take those of this model",
        net->file->path, image->height, image->width, image->channels, shape[0], shape[1],
        shape[2]);
}

static int write_model(const struct gn_onnx_network *net,
                       const struct gn_import_description *description, const char *output,
                       gn_error_t *err)
{
    const char *path = net->file->path;
    size_t n;
    struct gn_weights_entry *entries = gn_onnx_weights(net, &n, err);
    json_t *origin = entries == NULL ? NULL : gn_import_source("onnx", path, &path, 1, err);
    if (origin == NULL)
        return err->code;
    json_t *layers = gn_onnx_layers_json(net);
    struct gn_graph graph = {0};
    int rc = layers == NULL ? gn_fail_memory(err, "the description of a model")
                            : gn_graph_from_json(&graph, description->shape, layers, path, err);
    gn_graph_clear(&graph);
    if (rc != GN_OK) {
        json_decref(layers);
        json_decref(origin);
        return rc;
    }
    json_t *json = gn_import_json(description, layers, origin);
    rc = json == NULL ? gn_fail_memory(err, "the description of a model")
                      : gn_model_write(output, json, entries, n, err);
    json_decref(json);
    return rc;
}

static int import(const struct gn_onnx_file *file, const struct gn_import_options *options,
                  const char *output, gn_error_t *err)
{
    struct gn_onnx_network net = {0};
    struct gn_import_description description = {0};
    char *info = NULL;
    int rc = gn_onnx_network_start(&net, file, err);
    if (rc == GN_OK)
        rc = gn_onnx_build(&net, err);
    if (rc != GN_OK)
        return rc;
    const int *sizes = (const int[]){net.image->height, net.image->width, net.image->channels};
    struct gn_import_options given = *options;
    int found = find_example_info(file->path, &info, err);
    if (found == 0 && given.shape[0] == 0)
        memcpy(given.shape, sizes, sizeof given.shape);
    rc = found < 0
             ? found
             : gn_import_describe(&description, &given, file->path, info, net.image->channels, err);
    if (rc == GN_OK)
        rc = check_shape(&net, &description, err);
    if (rc == GN_OK)
        rc = write_model(&net, &description, output, err);
    gn_import_description_clear(&description);
    free(info);
    return rc;
}

int gn_import_onnx(const char *path, const struct gn_import_options *options, const char *output,
                   gn_error_t *err)
{
    struct gn_onnx_file file = {0};
    gn_error_t problem = {0};
    int rc = gn_onnx_file_open(&file, path, &problem);
    if (rc == GN_OK)
        rc = import(&file, options, output, &problem);
    if (rc != GN_OK && strstr(problem.message, path) == NULL)
        gn_error_prefix(&problem, "'%s'", path);
    gn_onnx_file_close(&file);
    return rc == GN_OK ? rc : gn_fail(err, rc, "%s", problem.message);
}

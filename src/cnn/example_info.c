/* SPDX-License-Identifier: MIT
 *
 * example_info.c - reading example_info.json.
 */
#include "cnn/example_info.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* A list of at most max small non-negative integers; -1 when it is none. */
static int read_ints(const json_t *list, int *out, int max)
{
    size_t n = json_array_size(list);
    if (!json_is_array(list) || n > (size_t)max)
        return -1;
    for (size_t i = 0; i < n; i++) {
        const json_t *value = json_array_get(list, i);
        if (!json_is_integer(value) || json_integer_value(value) < 0 ||
            json_integer_value(value) > 1 << 20)
            return -1;
        out[i] = (int)json_integer_value(value);
    }
    return (int)n;
}

/* The file's JSON; NULL with err, which tells the remedy. */
static json_t *load(const char *path, const char *remedy, gn_error_t *err)
{
    json_error_t problem;
    json_t *root = json_load_file(path, 0, &problem);
    if (root == NULL)
        gn_fail(err, GN_E_DATA, "%s: line %d: %s: %s", path, problem.line, problem.text, remedy);
    return root;
}

static int parse(const json_t *root, const char *path, const char *remedy,
                 struct gn_example_info *info, gn_error_t *err)
{
    const json_t *shape = json_object_get(root, "shape");
    const json_t *ablation = json_object_get(root, "ablation_channels");
    *info = (struct gn_example_info){.has_shape = shape != NULL && !json_is_null(shape)};
    info->n_channels =
        read_ints(json_object_get(root, "channels"), info->channels, GN_EXAMPLE_MAX_CHANNELS);
    if (ablation != NULL && !json_is_null(ablation))
        info->n_ablation = read_ints(ablation, info->ablation, GN_EXAMPLE_MAX_CHANNELS);
    bool good = info->n_channels >= 0 && info->n_ablation >= 0 &&
                (!info->has_shape || read_ints(shape, info->shape, 3) == 3);
    return good ? 1 : gn_fail(err, GN_E_DATA, "%s: no 'shape' or 'channels': %s", path, remedy);
}

int gn_example_info_read(const char *examples_path, struct gn_example_info *info, gn_error_t *err)
{
    static const char remedy[] = "make the examples again";
    char *path = NULL;
    if (asprintf(&path, "%s.example_info.json", examples_path) < 0)
        return gn_fail_memory(err, "a file name");
    int rc = 0;
    if (access(path, F_OK) == 0) {
        json_t *root = load(path, remedy, err);
        rc = root == NULL ? GN_E_DATA : parse(root, path, remedy, info, err);
        json_decref(root);
    }
    free(path);
    return rc;
}

int gn_example_info_read_model(const char *path, struct gn_example_info *info, json_t **calling,
                               char version[32], gn_error_t *err)
{
    static const char remedy[] = "fetch the model again, or give --shape and --channels";
    json_t *root = load(path, remedy, err);
    if (root == NULL)
        return GN_E_DATA;
    int rc = parse(root, path, remedy, info, err);
    const json_t *flags = json_object_get(root, "flags_for_calling");
    const char *text = json_string_value(json_object_get(root, "version"));
    snprintf(version, 32, "%s", text == NULL ? "" : text);
    if (rc > 0) {
        *calling = json_is_object(flags) ? json_deep_copy(flags) : json_object();
        if (*calling == NULL)
            rc = gn_fail_memory(err, "the description of a model");
    }
    json_decref(root);
    return rc;
}

/* SPDX-License-Identifier: MIT
 *
 * example_info.c - reading "<examples>.example_info.json".
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

static int parse(const char *path, struct gn_example_info *info, gn_error_t *err)
{
    json_error_t problem;
    json_t *root = json_load_file(path, 0, &problem);
    if (root == NULL)
        return gn_fail(err, GN_E_DATA, "%s: line %d: %s: make the examples again", path,
                       problem.line, problem.text);
    const json_t *shape = json_object_get(root, "shape");
    *info = (struct gn_example_info){.has_shape = shape != NULL && !json_is_null(shape)};
    info->n_channels =
        read_ints(json_object_get(root, "channels"), info->channels, GN_EXAMPLE_MAX_CHANNELS);
    bool good =
        info->n_channels >= 0 && (!info->has_shape || read_ints(shape, info->shape, 3) == 3);
    json_decref(root);
    if (!good)
        return gn_fail(err, GN_E_DATA, "%s: no 'shape' or 'channels': make the examples again",
                       path);
    return 1;
}

int gn_example_info_read(const char *examples_path, struct gn_example_info *info, gn_error_t *err)
{
    char *path = NULL;
    if (asprintf(&path, "%s.example_info.json", examples_path) < 0)
        return gn_fail_memory(err, "a file name");
    int rc = access(path, F_OK) == 0 ? parse(path, info, err) : 0;
    free(path);
    return rc;
}
